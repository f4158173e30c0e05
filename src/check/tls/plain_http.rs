//! `tls.plain-http`

use super::{UNTRIED, origins};
use crate::check::exchange::SendError;
use crate::check::outcome::Evidence;
use crate::check::said::{said, url};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "tls.plain-http",
    summary: "nothing is answered by plain http but where https is",
    why: "R4 security.html#http: all exchange of production data is over TLS; RFC 6797 section 7.2: a request by plain http is redirected or not answered.",
    accepts: r#"{"transport": [{"origin": "https://a.example", "plain": {"request": "GET metadata", "status": 403}}]}"#,
    rejects: r#"{"transport": [{"origin": "https://a.example", "plain": {"request": "GET metadata", "status": 200, "body": {"resourceType": "CapabilityStatement"}}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some(UNTRIED.into()), ..Evidence::default() };
    for origin in origins(subject) {
        let Some(plain) = &origin.plain else { continue };
        match &plain.result {
            Ok(response) => {
                evidence.examined += 1;
                if response.status < 300 && !plain.answered_at().starts_with("https:") {
                    let actual = said!("status {} by {}", response.status, url(plain.answered_at()));
                    evidence.deviation(url(&origin.origin), "a redirect to https, or a refusal", actual);
                }
            }
            // Whoever hangs up, or answers in TLS, does not answer plain http.
            Err(SendError::Connect { .. } | SendError::Broken(_)) => evidence.examined += 1,
            Err(_) => evidence.note = Some("plain http gave no answer that tells".into()),
        }
    }
    evidence
}
