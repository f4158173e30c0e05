//! `write.in-order`

use super::{bundled, status_of};
use crate::check::outcome::Evidence;
use crate::check::said::{self, said};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "write.in-order",
    summary: "the entries of an answer stand in the order of the request",
    why: "R4 http.html#transaction-response: the response contains one entry for each entry of the request, in the same order, with the outcome of processing it.",
    accepts: r#"{"steps": [{"request": "POST ", "sent": {"entry": [{"request": {"method": "GET", "url": "Patient/1"}}]}, "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "200"}, "resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "POST ", "sent": {"entry": [{"request": {"method": "GET", "url": "Patient/1"}}]}, "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "200"}, "resource": {"resourceType": "Coverage", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((sent, response)) = bundled(subject) else { return Evidence::nothing("nothing was sent") };
    let Some(bundle) = response.resource().and_then(|body| Bundle::in_document(body)).filter(|_| response.status == 200) else {
        return Evidence::nothing("it was not answered with a Bundle");
    };
    let mut evidence = Evidence::default();
    for (place, (entry, (_, url))) in bundle.entries().zip(&sent).enumerate() {
        let Some(key) = entry.resource().and_then(resource::key_of).filter(|_| status_of(&entry) == Some(200)) else { continue };
        evidence.examined += 1;
        if key != *url {
            evidence.deviation(said!("Bundle.entry[{}].resource", place), said::url(url), said::key(key));
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("no entry was answered with a resource".into());
    }
    evidence
}
