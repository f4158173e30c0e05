//! `write.all-or-nothing`

use super::{bundled, read_back, said};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "write.all-or-nothing",
    summary: "a transaction that must fail is refused, and leaves nothing",
    why: "R4 http.html#transaction: a server accepts all entries of a transaction or rejects them all with 400 or 500; where one resource is changed by two of them, the transaction SHALL fail.",
    accepts: r#"{"steps": [{"request": "POST ", "sent": {"entry": []}, "status": 400}, {"request": "GET Patient/1", "status": 404}]}"#,
    rejects: r#"{"steps": [{"request": "POST ", "sent": {"entry": []}, "status": 400}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((_, response)) = bundled(subject) else { return Evidence::nothing("nothing was sent") };
    let mut evidence = Evidence::fine();
    if !(400..600).contains(&response.status) {
        evidence.deviation("HTTP status of the transaction", "400 or 500", said(response));
        return evidence;
    }
    match read_back(subject).and_then(|exchange| exchange.response()) {
        Some(left) if left.status == 200 => evidence.deviation("GET after the refused transaction", "404 or 410", said(left)),
        Some(_) => evidence.examined += 1,
        None => return Evidence::nothing("nothing was read after the transaction"),
    }
    evidence
}
