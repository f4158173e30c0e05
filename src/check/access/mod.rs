//! Who may see what: requests without the right to their answer, and answers that show another member's record.

pub mod no_member_data;
pub mod own_compartment;
pub mod refused;
pub mod within_scope;
