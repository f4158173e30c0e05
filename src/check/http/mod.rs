//! Rules about HTTP itself.

pub mod allow;
pub mod cache_control;
pub mod challenge;
pub mod charset;
pub mod coding;
pub mod content_type;
pub mod cors;
pub mod date;
pub mod element_order;
pub mod etag;
pub mod format;
pub mod head;
pub mod last_modified;
pub mod not_shared;
pub mod operation_outcome;
pub mod preflight;
pub mod same_answer;
pub mod server;
pub mod status;
pub mod vary;

mod compare;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// A media type without its parameters, in lower case.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The values of a header that is a list, in lower case (RFC 9110 section 5.6.1).
fn listed(value: &str) -> impl Iterator<Item = String> {
    value.split(',').map(|part| part.trim().to_ascii_lowercase()).filter(|part| !part.is_empty())
}

/// The instant of an HTTP date (RFC 9110 section 5.6.7).
pub(in crate::check) fn http_date(value: &str) -> Option<OffsetDateTime> {
    value.trim().ends_with("GMT").then(|| OffsetDateTime::parse(value.trim(), &Rfc2822).ok())?
}
