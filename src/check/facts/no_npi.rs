//! `facts.no-npi`

use super::{entries, harvested, lost, place};
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.no-npi",
    summary: "an Organization to which no National Provider Identifier was assigned says so in the agreed words",
    why: "CARIN BB C4BB Organization, notes on .identifier:NPI: the NPI of a service facility is 'NPI has not been assigned' where none was.",
    accepts: r#"{"about": {"type": "Organization"}, "facts": {"organization": [{"reference": "Organization/1", "npi": false}]}, "sample": {"resourceType": "Organization", "id": "1", "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "NPI has not been assigned"}]}}"#,
    rejects: r#"{"about": {"type": "Organization"}, "facts": {"organization": [{"reference": "Organization/1", "npi": false}]}, "sample": {"resourceType": "Organization", "id": "1", "identifier": [{"system": "urn:oid:2.16.840.1.113883.4.4", "value": "870000001"}]}}"#,
    run,
};

const SYSTEM: &str = "http://hl7.org/fhir/sid/us-npi";
/// The words of the guide.
pub const NOT_ASSIGNED: &str = "NPI has not been assigned";

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some("the payer's facts name no organization without an NPI".into()), ..Evidence::default() };
    for (at, known) in subject.declared.facts.organizations.iter().enumerate().filter(|(_, known)| known.npi == Some(false)) {
        let Some(found) = harvested(subject, &known.reference) else {
            lost(subject, &mut evidence, "Organization", place("organization", at), None);
            continue;
        };
        evidence.examined += 1;
        let numbers =
            entries(found, "identifier").iter().filter(|identifier| identifier.get("system").is_some_and(|system| system == SYSTEM));
        let mut numbers = numbers.filter_map(|identifier| identifier.get("value").and_then(Value::as_str)).peekable();
        if numbers.peek().is_none() || !numbers.all(|number| number == NOT_ASSIGNED) {
            let of = resource::key_of(found).unwrap_or_default();
            evidence.deviation(said!("{}: {}", key(of), code("identifier:NPI")), code(NOT_ASSIGNED), "other words, or none");
        }
    }
    evidence
}
