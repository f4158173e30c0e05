//! `data.npi`

use serde_json::Value;

use super::{each, entries, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

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
const PREFIX: &str = "80840";

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "nobody has a National Provider Identifier", |party, evidence| {
        for (at, identifier) in entries(party, "identifier").iter().enumerate() {
            let value = identifier.get("value").and_then(Value::as_str);
            let Some(value) = value.filter(|_| identifier.get("system").is_some_and(|system| system == SYSTEM)) else { continue };
            evidence.examined += 1;
            let path = format!("identifier[{at}].value");
            if value.len() != 10 || !value.bytes().all(|byte| byte.is_ascii_digit()) {
                wrong(evidence, party, &path, "ten digits", "another form");
            } else if !checks(value) {
                wrong(evidence, party, &path, "the check digit of the nine digits before it", "another digit");
            }
        }
    })
}

/// The Luhn formula: every second digit from the right counts twice, and the digits of all that add up to a multiple of ten.
fn checks(digits: &str) -> bool {
    let all = PREFIX.bytes().chain(digits.bytes()).rev().map(|digit| u32::from(digit.saturating_sub(b'0')));
    let weighed = all.enumerate().map(|(place, digit)| if place % 2 == 1 { digit * 2 } else { digit });
    weighed.map(|weighed| weighed / 10 + weighed % 10).sum::<u32>() % 10 == 0
}
