//! Rules about HTTP itself.

pub mod challenge;
pub mod content_type;
pub mod etag;
pub mod operation_outcome;
pub mod status;
