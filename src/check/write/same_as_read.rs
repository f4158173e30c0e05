//! `write.same-as-read`

use super::bundled;
use crate::check::copies::compare;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "write.same-as-read",
    summary: "an entry of a batch brings what the same request brings alone",
    why: "R4 http.html#transaction: the outcome of processing an entry SHALL be the same as if it were processed by itself.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1", "gender": "male"}, "steps": [{"request": "POST ", "sent": {"entry": []}, "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "male"}}]}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1", "gender": "male"}, "steps": [{"request": "POST ", "sent": {"entry": []}, "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "female"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((_, response)) = bundled(subject) else { return Evidence::nothing("nothing was sent") };
    let Some(bundle) = response.resource().and_then(|body| Bundle::in_document(body)) else {
        return Evidence::nothing("it was not answered with a Bundle");
    };
    let mut evidence = Evidence::default();
    for brought in bundle.entries().filter_map(|entry| entry.resource()) {
        let (Some(resource_type), Some(id)) = (resource::type_of(brought), resource::id_of(brought)) else { continue };
        if let Some(sample) = subject.samples.find(resource_type, id) {
            compare(sample, brought, &mut evidence);
        }
    }
    if evidence.examined == 0 {
        evidence.note = Some("no entry brought a resource that was harvested".into());
    }
    evidence
}
