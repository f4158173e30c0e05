//! Parts of a resource: `_summary` and `_elements` (R4 search.html#summary).

use bytes::Bytes;

use super::query::Summary;
use crate::fhir::json::{Map, Value, json};
use crate::reference::fault::Breach;
use crate::reference::state::{State, Version};

/// Elements that are always sent.
const ALWAYS: &[&str] = &["resourceType", "id", "meta", "implicitRules"];

/// A version's JSON text, cut down as asked and then tagged as SUBSETTED.
pub fn of(state: &State, version: &Version, summary: &Summary) -> Bytes {
    let keeps: Box<dyn Fn(&str) -> bool> = match summary {
        Summary::False if state.has(Breach::SummaryFalseCuts) => Box::new(|name| name != "contained" && name != "identifier"),
        Summary::Whole | Summary::False | Summary::Count => return version.json.clone(),
        Summary::Short if state.has(Breach::SummaryTrueWhole) => return version.json.clone(),
        Summary::Short => match summary_elements(&version.resource_type) {
            Some(elements) => {
                Box::new(move |name| elements.contains(&name) && !(name == "identifier" && state.has(Breach::SummaryTrueLoses)))
            }
            // Nothing is known about the type, so nothing can be left out but the narrative.
            None => Box::new(|name| name != "text"),
        },
        Summary::Text if state.has(Breach::SummaryTextWhole) => return version.json.clone(),
        Summary::Text => Box::new(|name| name == "text" && !state.has(Breach::SummaryTextLosesNarrative)),
        Summary::Data if state.has(Breach::SummaryDataKeepsNarrative) => return version.json.clone(),
        Summary::Data => Box::new(|name| name != "text" && !(name == "identifier" && state.has(Breach::SummaryDataLoses))),
        Summary::Elements(_) if state.has(Breach::ElementsIgnored) => return version.json.clone(),
        Summary::Elements(_) if state.has(Breach::ElementsLoseListed) => Box::new(|_| false),
        Summary::Elements(names) => Box::new(|name| names.iter().any(|wanted| wanted == name)),
    };
    let listed = matches!(summary, Summary::Elements(_));
    let drops =
        (listed && state.has(Breach::ElementsLoseMandatory)) || (*summary == Summary::Text && state.has(Breach::SummaryTextLosesMandatory));
    let mandatory = if drops { &[] } else { mandatory_elements(&version.resource_type) };
    let Some(fields) = version.value.as_object() else { return version.json.clone() };
    let mut kept = Map::new();
    for (key, value) in fields {
        let name = key.strip_prefix('_').unwrap_or(key);
        if ALWAYS.contains(&name) || mandatory.contains(&name) || keeps(name) {
            kept.insert(key.clone(), value.clone());
        }
    }
    let untagged = if listed { Breach::ElementsNotTagged } else { Breach::SummaryNotTagged };
    if !state.has(untagged) {
        tag(&mut kept);
    }
    Bytes::from(Value::Object(kept).to_string())
}

fn tag(resource: &mut Map) {
    let subsetted = json!({ "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED" });
    if let Some(meta) = resource.get_or_insert_with("meta", || json!({})).as_object_mut()
        && let Some(tags) = meta.get_or_insert_with("tag", || json!([])).as_array_mut()
    {
        tags.push(subsetted);
    }
}

fn mandatory_elements(resource_type: &str) -> &'static [&'static str] {
    match resource_type {
        "ExplanationOfBenefit" => &["status", "type", "use", "patient", "created", "insurer", "provider", "outcome", "insurance"],
        "Coverage" => &["status", "beneficiary", "payor"],
        "RelatedPerson" => &["patient"],
        "Observation" => &["status", "code"],
        "RiskAssessment" => &["status", "subject"],
        "SearchParameter" => &["url", "name", "status", "description", "code", "base", "type"],
        _ => &[],
    }
}

/// Elements with `isSummary` in R4.
fn summary_elements(resource_type: &str) -> Option<&'static [&'static str]> {
    Some(match resource_type {
        "ExplanationOfBenefit" => {
            &["status", "type", "use", "patient", "billablePeriod", "created", "insurer", "provider", "outcome", "insurance", "total"]
        }
        "Coverage" => &[
            "identifier",
            "status",
            "type",
            "policyHolder",
            "subscriber",
            "subscriberId",
            "beneficiary",
            "dependent",
            "period",
            "payor",
            "order",
            "network",
        ],
        "Patient" => &[
            "identifier",
            "active",
            "name",
            "telecom",
            "gender",
            "birthDate",
            "deceasedBoolean",
            "deceasedDateTime",
            "address",
            "managingOrganization",
            "link",
        ],
        "Organization" => &["identifier", "active", "type", "name", "partOf"],
        "Practitioner" => &["identifier", "active", "name", "telecom", "address", "gender", "birthDate"],
        "Observation" => &[
            "identifier",
            "basedOn",
            "partOf",
            "status",
            "code",
            "subject",
            "focus",
            "encounter",
            "effectiveDateTime",
            "effectivePeriod",
            "effectiveTiming",
            "effectiveInstant",
            "issued",
            "performer",
            "valueQuantity",
            "valueCodeableConcept",
            "valueString",
            "valueDateTime",
            "hasMember",
            "derivedFrom",
            "component",
        ],
        "RiskAssessment" => &[
            "identifier",
            "status",
            "method",
            "code",
            "subject",
            "encounter",
            "occurrenceDateTime",
            "occurrencePeriod",
            "condition",
            "performer",
        ],
        "SearchParameter" => &[
            "url",
            "version",
            "name",
            "status",
            "experimental",
            "date",
            "publisher",
            "contact",
            "description",
            "useContext",
            "jurisdiction",
            "code",
            "base",
            "type",
        ],
        "RelatedPerson" => &["identifier", "active", "patient", "relationship", "name", "telecom", "gender", "birthDate", "address"],
        _ => return None,
    })
}
