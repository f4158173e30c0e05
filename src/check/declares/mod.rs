//! Whether the server declares what a guide expects of it.

pub mod include;
pub mod interaction;
pub mod profile;
pub mod resource;
pub mod search_param;
pub mod what_filters;
pub mod what_works;
