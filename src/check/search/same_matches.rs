//! `search.same-matches`

use crate::check::outcome::Evidence;
use crate::check::said::{key, said, words};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.same-matches",
    summary: "a search finds the same with a result parameter as without",
    why: "R4 search.html#return: _sort, _count, _total, _summary, _elements, _include and _revinclude say how results are returned, not which resources match.",
    accepts: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "GET Patient?_sort=_id", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "GET Patient?_sort=_id", "status": 200, "body": {"resourceType": "Bundle"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (plain, told) = match (subject.found(0), subject.found(1)) {
        (Ok(plain), Ok(told)) => (plain, told),
        (Err(answer), _) => return Evidence::nothing(said!("the plain search was answered with {}", words(answer))),
        // A server need not support a result parameter; whether it may refuse it is for http.status to say.
        (_, Err(answer)) => return Evidence::nothing(said!("the search with the result parameter was answered with {}", words(answer))),
    };
    if !plain.1 || !told.1 {
        return Evidence::nothing("not every page was read, so the matches could not be compared");
    }
    if plain.0.is_empty() && told.0.is_empty() {
        return Evidence::nothing("both searches found nothing");
    }
    let mut evidence = Evidence { examined: plain.0.len().max(told.0.len()), ..Evidence::default() };
    for missing in plain.0.difference(&told.0) {
        evidence.deviation("Bundle.entry", said!("{}, as without the result parameter", key(missing)), "not found");
    }
    for extra in told.0.difference(&plain.0) {
        evidence.deviation("Bundle.entry", "nothing more than without the result parameter", said!("{} too", key(extra)));
    }
    evidence
}
