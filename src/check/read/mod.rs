//! Rules about read and vread.

pub mod not_modified;
pub mod not_modified_since;
pub mod same_content;
pub mod same_resource;
pub mod same_version;
