//! `write.each-alone`

use super::{bundled, status_of};
use crate::check::outcome::Evidence;
use crate::check::said::said;
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;

/// The check.
pub const CHECK: Check = Check {
    id: "write.each-alone",
    summary: "an entry of a batch that fails says so, and the others do not fail with it",
    why: "R4 http.html#transaction: in a batch there SHALL be no interdependencies between the entries, and the success or failure of one does not change that of another.",
    accepts: r#"{"steps": [{"request": "POST ", "sent": {"entry": [{"request": {"method": "GET", "url": "Patient/1"}}, {"request": {"method": "GET", "url": "Patient/payerspec-no-such-id"}}]}, "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "200"}}, {"response": {"status": "404"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "POST ", "sent": {"entry": [{"request": {"method": "GET", "url": "Patient/1"}}, {"request": {"method": "GET", "url": "Patient/payerspec-no-such-id"}}]}, "status": 200, "body": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "400"}}, {"response": {"status": "404"}}]}}]}"#,
    run,
};

/// The id that the failing entry reads; no server holds it.
pub const UNKNOWN_ID: &str = "payerspec-no-such-id";

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((sent, response)) = bundled(subject) else { return Evidence::nothing("nothing was sent") };
    let Some(bundle) = response.resource().and_then(|body| Bundle::in_document(body)).filter(|_| response.status == 200) else {
        return Evidence::nothing("it was not answered with a Bundle");
    };
    let statuses: Vec<_> = bundle.entries().map(|entry| status_of(&entry)).collect();
    if statuses.len() != sent.len() {
        return Evidence::nothing("it was not answered entry by entry");
    }
    let mut evidence = Evidence::default();
    let failing = sent.iter().map(|(_, url)| url.ends_with(UNKNOWN_ID));
    // Whatever the order of the answer: as many as must fail do, and no more.
    let (wanted, refused) =
        (failing.filter(|fails| *fails).count(), statuses.iter().filter(|status| matches!(status, Some(400..=599))).count());
    evidence.examined += sent.len();
    if refused != wanted {
        let expected = said!("{} refused of {}: the one of an unknown id", wanted, sent.len());
        evidence.deviation("Bundle.entry.response.status", expected, said!("{} refused", refused));
    }
    evidence
}
