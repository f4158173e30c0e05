//! `search.same-by-post`

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::check::exchange::Exchange;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.same-by-post",
    summary: "a search by POST _search finds the same as by GET",
    why: "R4 http.html#search: servers SHALL support both GET and POST _search, and the two are the same search.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "POST Patient/_search", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "POST Patient/_search", "status": 405}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let [by_get, by_post] = subject.steps else { return Evidence::nothing("the case does not ask twice") };
    let Some(expected) = found(by_get) else { return Evidence::nothing("the search by GET was not answered with a Bundle") };
    let Some(actual) = found(by_post) else {
        let status =
            by_post.first().and_then(|exchange| exchange.status()).map_or("no response".to_owned(), |status| format!("status {status}"));
        return Evidence::wrong("POST _search", "the same Bundle as by GET", status);
    };
    let mut evidence = Evidence::fine();
    if expected.is_empty() && actual.is_empty() {
        return Evidence::nothing("both searches found nothing");
    }
    for missing in expected.difference(&actual) {
        evidence.deviation("POST _search, Bundle.entry", missing, "found by GET only");
    }
    for extra in actual.difference(&expected) {
        evidence.deviation("GET, Bundle.entry", extra, "found by POST only");
    }
    evidence
}

fn found(exchanges: &[Arc<Exchange>]) -> Option<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for exchange in exchanges {
        let bundle = Bundle::in_document(exchange.resource()?)?;
        keys.extend(bundle.matches().filter_map(resource::key_of));
    }
    (!exchanges.is_empty()).then_some(keys)
}
