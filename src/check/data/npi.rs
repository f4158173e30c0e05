//! `data.npi`

use super::{each, entries, wrong};
use crate::check::facts::no_npi::NOT_ASSIGNED;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::validate::check_identifier;

/// The check.
pub const CHECK: Check = Check {
    id: "data.npi",
    summary: "National Provider Identifiers have ten digits, the last of which checks the others",
    why: "45 CFR 162.406: a National Provider Identifier has ten digits, the tenth being a check digit by the Luhn formula over the nine before it behind the prefix 80840.",
    accepts: r#"{"about": {"type": "Practitioner"}, "sample": {"resourceType": "Practitioner", "id": "1", "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}]}}"#,
    rejects: r#"{"about": {"type": "Practitioner"}, "sample": {"resourceType": "Practitioner", "id": "1", "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567890"}]}}"#,
    run,
};

const SYSTEM: &str = "http://hl7.org/fhir/sid/us-npi";

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "nobody has a National Provider Identifier", |party, evidence| {
        for (at, identifier) in entries(party, "identifier").iter().enumerate() {
            let value = identifier.get("value").and_then(Value::as_str);
            let Some(value) = value.filter(|_| identifier.get("system").is_some_and(|system| system == SYSTEM)) else { continue };
            evidence.examined += 1;
            let path = format!("identifier[{at}].value");
            // The guide's own words for a place of service without one.
            let is_none = value == NOT_ASSIGNED && resource::type_of(party) == Some("Organization");
            if !is_none && check_identifier(SYSTEM, value).is_some() {
                wrong(evidence, party, &path, "ten digits, the last of which checks the others", "another number");
            }
        }
    })
}
