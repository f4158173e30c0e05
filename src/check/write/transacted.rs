//! `write.transacted`

use super::{bundled, read_back, said, status_of};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;

/// The check.
pub const CHECK: Check = Check {
    id: "write.transacted",
    summary: "what a transaction creates is there when it has been answered",
    why: "R4 http.html#transaction-response: a successful response says of each entry what was done, 201 with the location for a create; what it names can be read.",
    accepts: r#"{"steps": [{"request": "POST ", "sent": {"entry": [{"request": {"method": "POST", "url": "Patient"}}]}, "status": 200, "body": {"resourceType": "Bundle", "type": "transaction-response", "entry": [{"response": {"status": "201", "location": "Patient/1"}}]}}, {"request": "GET Patient/1", "status": 200, "body": {"resourceType": "Patient", "id": "1"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST ", "sent": {"entry": [{"request": {"method": "POST", "url": "Patient"}}]}, "status": 200, "body": {"resourceType": "Bundle", "type": "transaction-response", "entry": [{"response": {"status": "201", "location": "Patient/1"}}]}}, {"request": "GET Patient/1", "status": 404}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((_, response)) = bundled(subject) else { return Evidence::nothing("nothing was sent") };
    let Some(first) = response.resource().and_then(|body| Bundle::in_document(body)).and_then(|bundle| bundle.entries().next()) else {
        return Evidence::nothing("the transaction was not answered entry by entry");
    };
    let mut evidence = Evidence::fine();
    match status_of(&first) {
        Some(201) => {}
        Some(status) => evidence.deviation("Bundle.entry[0].response.status", "201", status),
        None => evidence.deviation("Bundle.entry[0].response.status", "201", "missing"),
    }
    if first.tree.get("response").and_then(|response| response.get("location")).is_none() {
        evidence.deviation("Bundle.entry[0].response.location", "where the new resource is", "missing");
    }
    if let Some(read) = read_back(subject).and_then(|exchange| exchange.response())
        && read.status != 200
    {
        evidence.deviation("GET after the transaction, HTTP status", "200", said(read));
    }
    evidence
}
