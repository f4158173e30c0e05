//! `data.placeholders`

use super::{each, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "data.placeholders",
    summary: "no name, number, address or date stands in for what is not known",
    why: "CARIN BB Conformance Requirements, missing data: an element whose value is not known for an unknown reason is left out, and a known reason is stated by a code or by the data-absent-reason extension.",
    accepts: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "name": [{"family": "Null-Doe"}], "birthDate": "1950-01-01", "gender": "unknown"}}"#,
    rejects: r#"{"about": {"type": "Patient"}, "sample": {"resourceType": "Patient", "id": "1", "name": [{"family": "UNKNOWN"}], "birthDate": "1900-01-01"}}"#,
    run,
};

/// Elements whose text is of the payer's own making. Codes are not among them: some mean that nothing is known.
const TEXTS: [&str; 9] = ["family", "given", "line", "city", "postalCode", "value", "subscriberId", "name", "dependent"];
/// Elements whose date can be wrong in this way.
const DATES: [&str; 7] = ["birthDate", "start", "end", "created", "date", "servicedDate", "timingDate"];
/// What is written for want of a value, in small letters.
const STAND_INS: [&str; 12] =
    ["unknown", "n/a", "n.a.", "not available", "none", "null", "undefined", "tbd", "todo", "dummy", "string", "?"];
/// The first and the last days that old systems know.
const DAYS: [&str; 5] = ["0001-01-01", "1753-01-01", "1900-01-01", "9999-12-31", "2999-12-31"];

fn run(subject: &Subject<'_>) -> Evidence {
    each(subject, "there is no name, number, address or date", |resource, evidence| look(resource, resource, "", evidence))
}

fn look(resource: &Value, value: &Value, path: &str, evidence: &mut Evidence) {
    let Some(fields) = value.as_object() else { return };
    for (name, field) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "text" | "extension" | "modifierExtension")) {
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        let listed = field.as_array().map_or(std::slice::from_ref(field), Vec::as_slice);
        for entry in listed {
            match entry.as_str() {
                Some(text) => judge(resource, name, text, &path, evidence),
                None => look(resource, entry, &path, evidence),
            }
        }
    }
}

fn judge(resource: &Value, name: &str, text: &str, path: &str, evidence: &mut Evidence) {
    let is_stand_in = if TEXTS.contains(&name) {
        let text = text.trim().to_ascii_lowercase();
        let is_filler = text.len() > 2 && text.bytes().all(|byte| byte == b'x');
        is_filler || STAND_INS.contains(&text.as_str())
    } else if DATES.contains(&name) {
        DAYS.iter().any(|day| text.starts_with(day))
    } else {
        return;
    };
    evidence.examined += 1;
    if is_stand_in {
        wrong(evidence, resource, path, "a value, or no element", "a placeholder");
    }
}
