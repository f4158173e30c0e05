//! `search.empty`

use crate::check::outcome::Evidence;
use crate::check::said::{Said, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "search.empty",
    summary: "a search that nothing can match finds nothing",
    why: "R4 search.html: the result holds the resources that meet all criteria; a server that ignores a parameter gives an unfiltered list, which reads as an answer.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1"}, "steps": [{"request": "GET Patient?_id=none", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "total": 0}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "GET Patient?_id=none", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    if subject.declined() {
        return Evidence::fine();
    }
    // A refusal answers nothing falsely; whether it is allowed is for http.status to say.
    if subject.response().is_some_and(|response| (400..500).contains(&response.status)) {
        return Evidence::fine();
    }
    let pages = subject.pages();
    let Some(first) = pages.first() else { return Evidence::nothing("there was no Bundle") };
    let found = subject.matches().len();
    if found == 0 {
        let held = !subject.samples.of(subject.resource_type()).is_empty();
        let vacuous = || Evidence::nothing("nothing was found, where there may be nothing to find: no resource of the type is known");
        return if held { Evidence::fine() } else { vacuous() };
    }
    let total = first.total().map_or_else(|| "not given".into(), Said::from);
    Evidence::wrong("Bundle.entry", "no match", said!("{} matches on the first page, total {}", found, total))
}
