//! `access.refused`

use super::TOO_MANY;
use crate::check::exchange::Exchange;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// Statuses of a refusal for want of the right to the answer.
const REFUSED: [u16; 3] = [401, 403, 404];

/// The check.
pub const CHECK: Check = Check {
    id: "access.refused",
    summary: "a request without the right to its answer is refused, where it was asked",
    why: "R4 security.html#http and RFC 6750 section 3: 401 with a challenge, 403 or 404; a program cannot follow a redirect to a page for people. A malformed request may be answered 400.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "as": "altered-token", "status": 401, "headers": {"www-authenticate": "Bearer error=\"invalid_token\""}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "as": "altered-token", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for exchange in subject.steps.last().into_iter().flatten() {
        if exchange.status() == Some(TOO_MANY) {
            evidence.note = Some("the server answered 429: too many requests".into());
            continue;
        }
        evidence.examined += usize::from(exchange.response().is_some());
        look(exchange, &mut evidence);
    }
    evidence
}

fn look(exchange: &Exchange, evidence: &mut Evidence) {
    let Some(response) = exchange.response() else { return };
    let asked_as = exchange.request.identity;
    let is_refused = REFUSED.contains(&response.status) || (response.status == 400 && asked_as.is_malformed());
    if exchange.was_redirected() || (300..400).contains(&response.status) {
        return evidence.deviation("HTTP status", "a refusal where it was asked", "a redirect to another address");
    }
    if !is_refused {
        let expected = if asked_as.is_malformed() { "400, 401, 403 or 404" } else { "401, 403 or 404" };
        return evidence.deviation("HTTP status", expected, response.status);
    }
    let challenge = response.header("www-authenticate").map(str::trim).filter(|challenge| !challenge.is_empty());
    if response.status == 401 && challenge.is_none() {
        evidence.deviation("header www-authenticate", "a challenge, such as Bearer", "missing");
    }
}
