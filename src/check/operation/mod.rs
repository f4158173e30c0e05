//! Rules about operations that change nothing.

pub mod answer;
pub mod holds_patient;
pub mod only_types;
pub mod own_record;
pub mod whole_record;
