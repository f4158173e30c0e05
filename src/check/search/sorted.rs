//! `search.sorted`

use crate::check::criterion::Criterion;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::date::Interval;
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
    let param = subject.about.param.as_deref().unwrap_or_default();
    let criterion = match Criterion::new(subject.catalogue, subject.resource_type(), param) {
        Ok(criterion) => criterion,
        Err(reason) => return Evidence::nothing(reason),
    };
    if subject.pages().first().and_then(|page| page.link("self")).is_some_and(|link| !link.contains("_sort")) {
        return Evidence::nothing("the self link says that _sort was not applied");
    }
    let asked = subject.exchange().and_then(|exchange| exchange.request.query.iter().find(|(name, _)| name == "_sort"));
    let descending = asked.is_some_and(|(_, value)| value.starts_with('-'));
    let mut evidence = Evidence { note: Some(format!("fewer than two matches differ in {param}")), ..Evidence::default() };
    let mut before: Option<(Interval, String)> = None;
    for found in subject.matches() {
        // Which of several values is sorted by is left to the server, so that only resources with one are judged.
        let nodes = criterion.nodes(found);
        let [node] = nodes.as_slice() else { continue };
        let Some(interval) = Interval::of(node) else { continue };
        let key = resource::key_of(found).unwrap_or_default();
        // Dates with and without a time zone cannot be told apart where they are close; values that overlap may stand in either order.
        if let Some((last, last_key)) = before.as_ref().filter(|(last, _)| last.zoned == interval.zoned) {
            let (rises, falls) = (last.high < interval.low, last.low > interval.high);
            evidence.examined += usize::from(rises || falls);
            if (rises && descending) || (falls && !descending) {
                let order = if descending { "the later first" } else { "the earlier first" };
                evidence.deviation("Bundle.entry", format!("{order}, by {param}"), format!("{last_key} before {key}"));
            }
        }
        before = Some((interval, key));
    }
    evidence
}
