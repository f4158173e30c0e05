//! `search.sorted`

use crate::check::criterion::Criterion;
use crate::check::order::{Order, compare};
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said, words};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "search.sorted",
    summary: "matches come in the order that _sort asks for",
    why: "R4 search.html#sort: the client indicates the order of the results with _sort, with - for descending. A self link without _sort says that it was not applied.",
    accepts: r#"{"about": {"type": "Patient", "param": "birthdate"}, "steps": [{"request": "GET Patient?_sort=-birthdate", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "birthDate": "1990-01-01"}}, {"resource": {"resourceType": "Patient", "id": "2", "birthDate": "1980-01-01"}}]}}]}"#,
    rejects: r#"{"about": {"type": "Patient", "param": "birthdate"}, "steps": [{"request": "GET Patient?_sort=-birthdate", "status": 200, "body": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "2", "birthDate": "1980-01-01"}}, {"resource": {"resourceType": "Patient", "id": "1", "birthDate": "1990-01-01"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(asked) = subject.asked("_sort") else { return Evidence::nothing("the search asks for no order") };
    let mut keys = Vec::new();
    for key in asked.split(',') {
        let (param, descending) = key.strip_prefix('-').map_or((key, false), |param| (param, true));
        match Criterion::new(subject.catalogue, subject.resource_type(), param) {
            Ok(criterion) => keys.push((param, criterion, descending)),
            Err(reason) => return Evidence::nothing(words(reason)),
        }
    }
    if subject.stated().is_some() && !subject.states("_sort") {
        return Evidence::nothing("the self link says that _sort was not applied");
    }
    let mut evidence =
        Evidence { note: Some(said!("no two matches in a row have a known order by {}", code(asked))), ..Evidence::default() };
    let found = subject.matches();
    for (one, other) in found.iter().zip(found.iter().skip(1)) {
        // A later key decides only where the earlier ones are the same.
        let deciding = keys.iter().map(|key| (key, compare(&key.1, one, other))).find(|(_, order)| *order != Order::Same);
        let Some(((param, _, descending), order)) = deciding.filter(|(_, order)| *order != Order::Open) else { continue };
        evidence.examined += 1;
        if (order == Order::Rises) == *descending {
            let expected = if *descending { "the greater or later first" } else { "the lesser or earlier first" };
            let held = |resource| key(resource::key_of(resource).unwrap_or_default());
            evidence.deviation("Bundle.entry", said!("{}, by {}", expected, code(param)), said!("{} before {}", held(one), held(other)));
        }
    }
    evidence
}
