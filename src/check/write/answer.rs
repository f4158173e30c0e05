//! `write.answer`

use super::{bundled, said};
use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "write.answer",
    summary: "a batch or transaction is answered entry by entry",
    why: "R4 http.html#transaction: the response is a Bundle of type batch-response or transaction-response with an entry for each entry of the request, each with its status.",
    accepts: r#"{"about": {"interaction": "batch"}, "steps": [{"request": "POST ", "sent": {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "Patient/1"}}]}, "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "200 OK"}, "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"interaction": "batch"}, "steps": [{"request": "POST ", "sent": {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "Patient/1"}}]}, "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((sent, response)) = bundled(subject) else { return Evidence::nothing("nothing was sent") };
    let kind = match subject.about.interaction.as_deref() {
        Some("batch") => "batch-response",
        _ => "transaction-response",
    };
    let Some(bundle) = response.resource().and_then(|body| Bundle::in_document(body)).filter(|_| response.status == 200) else {
        return Evidence::wrong("HTTP status and body", said!("200 with a Bundle of type {}", kind), said(response));
    };
    let mut evidence = Evidence::fine();
    if bundle.kind() != Some(kind) {
        evidence.deviation("Bundle.type", kind, code(bundle.kind().unwrap_or("missing")));
    }
    let entries: Vec<_> = bundle.entries().collect();
    if entries.len() != sent.len() {
        evidence.deviation("Bundle.entry", said!("{} entries, as in the request", sent.len()), said!("{} entries", entries.len()));
    }
    for (place, entry) in entries.iter().enumerate() {
        let status = entry.tree.get("response").and_then(|response| response.get("status")).and_then(Value::as_str);
        if !status.is_some_and(|status| status.len() >= 3 && status.bytes().take(3).all(|digit| digit.is_ascii_digit())) {
            evidence.deviation(
                said!("Bundle.entry[{}].response.status", place),
                "begins with an HTTP status",
                code(status.unwrap_or("missing")),
            );
        }
    }
    evidence
}
