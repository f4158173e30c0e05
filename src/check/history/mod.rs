//! Rules about history.

pub mod bundle;
