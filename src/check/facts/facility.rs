//! `facts.facility`

use super::{harvested, lost, place};
use crate::check::outcome::Evidence;
use crate::check::said::{code, key, said};
use crate::check::{Check, Subject};
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "facts.facility",
    summary: "a place of service that belongs to the billing provider has no address of its own",
    why: "CARIN BB C4BB Organization, notes on .address: the address of the location where the services were rendered; not to be filled where the location is a component of the billing provider.",
    accepts: r#"{"about": {"type": "Organization"}, "facts": {"organization": [{"reference": "Organization/1", "part-of-billing-provider": true}]}, "sample": {"resourceType": "Organization", "id": "1", "name": "West wing"}}"#,
    rejects: r#"{"about": {"type": "Organization"}, "facts": {"organization": [{"reference": "Organization/1", "part-of-billing-provider": true}]}, "sample": {"resourceType": "Organization", "id": "1", "name": "West wing", "address": [{"city": "Salt Lake City"}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence {
        note: Some("the payer's facts name no place of service that belongs to a billing provider".into()),
        ..Evidence::default()
    };
    for (at, known) in subject.declared.facts.organizations.iter().enumerate().filter(|(_, known)| known.part_of_billing_provider) {
        let Some(found) = harvested(subject, &known.reference) else {
            lost(subject, &mut evidence, "Organization", place("organization", at), None);
            continue;
        };
        evidence.examined += 1;
        if found.get("address").is_some() {
            let of = resource::key_of(found).unwrap_or_default();
            evidence.deviation(said!("{}: {}", key(of), code("address")), "none", "an address");
        }
    }
    evidence
}
