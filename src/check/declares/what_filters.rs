//! `declares.what-filters`

use std::sync::Arc;

use crate::check::exchange::Exchange;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::fhir::bundle::Bundle;

/// The check.
pub const CHECK: Check = Check {
    id: "declares.what-filters",
    summary: "a search parameter that works is declared",
    why: "R4 search.html#conformance and capabilitystatement.html: rest.resource.searchParam lists the parameters that the server supports; one that narrows a search is supported.",
    accepts: r#"{"about": {"type": "Patient", "param": "gender"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "GET Patient?gender=no-such", "status": 400}]}"#,
    rejects: r#"{"about": {"type": "Patient", "param": "gender"}, "steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}]}}, {"request": "GET Patient?gender=no-such", "status": 200, "body": {"resourceType": "Bundle", "type": "searchset"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let [all, .., narrowed] = subject.steps else { return Evidence::nothing("there was nothing to compare with") };
    // How many matches a step brought, where it was answered with a searchset.
    let matches = |step: &[Arc<Exchange>]| {
        let exchange = step.first().filter(|exchange| exchange.status() == Some(200))?;
        let page = Bundle::in_document(exchange.resource()?).filter(|bundle| bundle.kind() == Some("searchset"))?;
        Some(page.matches().count())
    };
    if matches(all).is_none_or(|found| found == 0) {
        return Evidence::nothing("the search without the parameter found nothing: nothing could be narrowed");
    }
    if matches(narrowed) != Some(0) {
        return Evidence::fine();
    }
    let at = said!("CapabilityStatement.rest.resource.where(type = '{}').searchParam", code(subject.resource_type()));
    Evidence::wrong(at, said!("{}, by which a search is narrowed", code(subject.about.param.as_deref().unwrap_or_default())), "not listed")
}
