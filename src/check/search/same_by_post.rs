//! `search.same-by-post`

use std::sync::Arc;

use crate::check::exchange::Exchange;
use crate::check::outcome::Evidence;
use crate::check::said::{key, said, words};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;

/// The check.
pub const CHECK: Check = Check {
    id: "search.same-by-post",
    summary: "a search by POST _search finds the same as by GET, and as many",
    why: "R4 http.html#search: servers SHALL support both GET and POST _search, and the two are the same search.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "POST Patient/_search", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "POST Patient/_search", "status": 405}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let [by_get, by_post] = subject.steps else { return Evidence::nothing("the case does not ask twice") };
    let Ok((expected, _)) = subject.found(0) else { return Evidence::nothing("the search by GET was not answered with a Bundle") };
    let actual = match subject.found(1) {
        Ok((actual, _)) => actual,
        Err(answer) => return Evidence::wrong("POST _search", "the same Bundle as by GET", words(answer)),
    };
    let mut evidence = Evidence::fine();
    if expected.is_empty() && actual.is_empty() {
        return Evidence::nothing("both searches found nothing");
    }
    for missing in expected.difference(&actual) {
        evidence.deviation("POST _search, Bundle.entry", key(missing), "found by GET only");
    }
    for extra in actual.difference(&expected) {
        evidence.deviation("GET, Bundle.entry", key(extra), "found by POST only");
    }
    if let (Some(by_get), Some(by_post)) = (total(by_get), total(by_post))
        && by_get != by_post
    {
        evidence.deviation("POST _search, Bundle.total", said!("{}, as by GET", by_get), by_post);
    }
    evidence
}

fn total(exchanges: &[Arc<Exchange>]) -> Option<u64> {
    Bundle::in_document(exchanges.first()?.resource()?)?.total()
}
