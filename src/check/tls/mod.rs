//! The channel: versions of TLS, certificates, and what plain http is answered.

pub mod certificate;
pub mod hsts;
pub mod old_refused;
pub mod plain_http;

use super::Subject;
use super::transport::Origin;

/// Why there is nothing to judge.
const UNTRIED: &str = "TLS was not tried";

/// The origins that were tried.
fn origins<'a>(subject: &Subject<'a>) -> &'a [Origin] {
    subject.declared.transport.as_deref().map_or(&[], |transport| &transport.origins)
}
