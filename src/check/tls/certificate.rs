//! `tls.certificate`

use super::{UNTRIED, origins};
use crate::check::exchange::SendError;
use crate::check::outcome::Evidence;
use crate::check::said::{code, url};
use crate::check::{Check, Subject};

/// What an error says that is about a certificate.
const TELLING: &str = "certificate";

/// The check.
pub const CHECK: Check = Check {
    id: "tls.certificate",
    summary: "the certificate of each origin is of a trusted authority, in time, and for its name",
    why: "RFC 9110 section 4.3.4: a client must verify that the server's identity is acceptable; apps cannot go on without.",
    accepts: r#"{"transport": [{"origin": "https://a.example", "secure": {"request": "GET metadata", "status": 200}}]}"#,
    rejects: r#"{"transport": [{"origin": "https://a.example", "secure": {"request": "GET metadata", "broken": "invalid peer certificate: NotValidForName"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some(UNTRIED.into()), ..Evidence::default() };
    for origin in origins(subject) {
        match &origin.secure.result {
            Ok(_) => evidence.examined += 1,
            Err(SendError::Connect { reason, .. }) if reason.contains(TELLING) => {
                evidence.examined += 1;
                evidence.deviation(url(&origin.origin), "a certificate that can be verified", code(reason));
            }
            Err(_) => evidence.note = Some("there was no answer by https".into()),
        }
    }
    evidence
}
