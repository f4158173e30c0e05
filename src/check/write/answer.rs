//! `write.answer`

use super::{said, writes};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "write.answer",
    summary: "a batch or transaction is answered entry by entry",
    why: "R4 http.html#transaction: the response is a Bundle of type batch-response or transaction-response with an entry for each entry of the request, in the same order, each with its status.",
    accepts: r#"{"about": {"interaction": "batch"}, "steps": [{"request": "POST ", "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "200 OK"}, "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"interaction": "batch"}, "steps": [{"request": "POST ", "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = writes(subject).last().and_then(|exchange| exchange.response()) else {
        return Evidence::nothing("nothing was sent");
    };
    let kind = format!("{}-response", subject.about.interaction.as_deref().unwrap_or_default());
    let Some(bundle) = response.resource().and_then(|body| Bundle::in_document(body)).filter(|_| response.status == 200) else {
        return Evidence::wrong("HTTP status and body", format!("200 with a Bundle of type {kind}"), said(response));
    };
    let mut evidence = Evidence::fine();
    if bundle.kind() != Some(&kind) {
        evidence.deviation("Bundle.type", kind, bundle.kind().unwrap_or("missing"));
    }
    match bundle.entries().collect::<Vec<_>>().as_slice() {
        [only] => {
            let status = only.tree.get("response").and_then(|response| response.get("status")).and_then(Value::as_str).unwrap_or("missing");
            if !status.starts_with("200") {
                evidence.deviation("Bundle.entry[0].response.status", "200", status);
            } else if only.resource().is_none() {
                evidence.deviation("Bundle.entry[0].resource", "what was read", "missing");
            }
        }
        others => evidence.deviation("Bundle.entry", "one entry", format!("{} entries", others.len())),
    }
    evidence
}
