//! `search.same-total`

use crate::check::outcome::Evidence;
use crate::check::said::{self, said};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;

/// The check.
pub const CHECK: Check = Check {
    id: "search.same-total",
    summary: "every page gives the same total, whatever the size of the pages",
    why: "R4 search.html#count: _count has no impact on Bundle.total, which is the number of all matches, not of those in one Bundle; a _count of 0 reports it too.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "total": 2}}, {"request": "GET Patient?_count=1", "status": 200, "body": {"resourceType": "Bundle", "total": 2}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "total": 2}}, {"request": "GET Patient?_count=1", "status": 200, "body": {"resourceType": "Bundle", "total": 1}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let bundles = subject.steps.iter().flatten().filter_map(|exchange| {
        let bundle = Bundle::in_document(exchange.resource()?)?;
        Some((bundle.total()?, exchange.url.as_str()))
    });
    let totals: Vec<(u64, &str)> = bundles.collect();
    let [(expected, _), others @ ..] = totals.as_slice() else {
        return Evidence::nothing("the server gives no total, which is its right");
    };
    if others.is_empty() {
        return Evidence::nothing("only one page gives a total, so that there is nothing to compare");
    }
    let mut evidence = Evidence { examined: others.len(), ..Evidence::default() };
    for (total, url) in others.iter().filter(|(total, _)| total != expected) {
        evidence.deviation(
            "Bundle.total",
            said!("{}, as on the first page", *expected),
            said!("{} in the answer to {}", *total, said::url(url)),
        );
    }
    evidence
}
