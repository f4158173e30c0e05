//! `search.page-links`

use crate::check::outcome::Evidence;
use crate::check::said::{self, Said, code, said};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.page-links",
    summary: "the first, last and previous links lead to these pages",
    why: "R4 http.html#paging: the links of a page lead to the first, the previous and the last page of the result; they are optional, and opaque to the client.",
    accepts: r#"{"about": {"type": "Patient", "value": "first"}, "steps": [{"request": "GET Patient?_count=1", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "GET Patient?page=1", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient", "value": "first"}, "steps": [{"request": "GET Patient?_count=1", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "GET Patient?page=1", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "2"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let relation = subject.about.value.as_deref().unwrap_or_default();
    let [walk, linked] = subject.steps else { return Evidence::nothing("no link was followed") };
    let pages: Vec<Bundle<'_>> =
        walk.iter().filter_map(|exchange| exchange.resource()).filter_map(|resource| Bundle::in_document(resource)).collect();
    if relation == "last" && pages.last().is_some_and(|page| page.link("next").is_some()) {
        return Evidence::nothing("the last page was not reached");
    }
    let meant = match relation {
        "first" => pages.first(),
        "last" => pages.last(),
        _ => pages.len().checked_sub(2).and_then(|index| pages.get(index)),
    };
    let Some(meant) = meant else { return Evidence::nothing("the result has only one page") };
    let Some(exchange) = linked.first() else { return Evidence::nothing("no link was followed") };
    let at = said!("Bundle.link.where(relation = '{}')", code(relation));
    let Some(page) = exchange.resource().and_then(|resource| Bundle::in_document(resource)) else {
        let actual = exchange.status().map_or_else(|| "no response".into(), |status| said!("status {}", status));
        return Evidence::wrong(at, "a page of the result", actual);
    };
    let (expected, actual) = (matches(meant), matches(&page));
    if expected == actual {
        return Evidence::fine();
    }
    Evidence::wrong(at, said!("the {} page, which holds {}", code(relation), listed(&expected)), said!("a page with {}", listed(&actual)))
}

fn listed(keys: &[String]) -> Said {
    Said::joined(keys.iter().map(said::key), ", ")
}

fn matches(page: &Bundle<'_>) -> Vec<String> {
    page.matches().filter_map(resource::key_of).collect()
}
