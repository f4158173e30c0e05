//! A member's clinical resources, which the Patient Access rule asks for beside claims: results, vital signs, findings and risks.

use time::macros::date;

use super::codes;
use super::money::decimal;
use super::party::{CLINIC, FAMILY_DOCTOR, HOSPITALIST};
use super::patient::MemberKey;
use super::random::SplitMix64;
use super::stamp::{after, merge, meta, reference};
use crate::fhir::json::{Value, json};

const LAB_PROFILE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const RISK: &str = "http://terminology.hl7.org/CodeSystem/risk-probability";
const DAY_OF_CHANGE: time::Date = date!(2023 - 09 - 01);
/// Behind the places of all other resources of a member, so that no two times of change are equal.
const FIRST_PLACE: usize = 1000;

/// A resource before it is stamped: what it is called, and what it holds.
struct Draft {
    name: &'static str,
    content: Value,
}

/// All clinical resources of a member.
pub fn all(member: &MemberKey, random: &mut SplitMix64) -> Vec<Value> {
    let mut drafts = laboratory(member, random);
    drafts.extend(vital_signs(random));
    drafts.extend(findings());
    drafts.extend(risks(member));
    drafts.into_iter().enumerate().map(|(at, draft)| stamped(member, at, draft)).collect()
}

fn stamped(member: &MemberKey, at: usize, draft: Draft) -> Value {
    let is_risk = draft.name.starts_with("risk");
    // US Core asks for the day at least, and its rule about it takes no Period (us-core-1).
    let is_day_known = draft.content.get("effectiveDateTime").and_then(Value::as_str).is_some_and(|when| when.len() >= 10);
    let is_lab = draft.content.get("category").is_some_and(|category| category == &json!([concept(CATEGORY, "laboratory", "Laboratory")]));
    let profiles: Vec<String> = (is_lab && is_day_known).then(|| LAB_PROFILE.to_owned()).into_iter().collect();
    let days = i64::try_from(at).unwrap_or(0).saturating_mul(11);
    let mut stamp = meta(1, after(DAY_OF_CHANGE, days), FIRST_PLACE + at, member.number, &profiles);
    merge(&mut stamp, labels(at));
    let mut resource = json!({
        "resourceType": if is_risk { "RiskAssessment" } else { "Observation" },
        "id": format!("{}-{}", member.patient_id(), draft.name),
        "meta": stamp,
        "text": narrative(&draft),
        "status": "final",
        "subject": reference(&member.patient()),
    });
    merge(&mut resource, draft.content);
    resource
}

/// Tag, confidentiality and source of some resources.
fn labels(at: usize) -> Value {
    let mut labels = json!({});
    if at.is_multiple_of(3) {
        merge(&mut labels, json!({ "tag": [{ "system": "https://payer.test/tags", "code": "imported", "display": "Imported" }] }));
    }
    if at.is_multiple_of(4) {
        merge(&mut labels, json!({ "security": [{ "system": CONFIDENTIALITY, "code": "R", "display": "restricted" }] }));
    }
    let source = if at.is_multiple_of(2) { "https://lab.payer.test/feeds/chemistry/7" } else { "https://clinic.payer.test/records" };
    merge(&mut labels, json!({ "source": source }));
    labels
}

fn narrative(draft: &Draft) -> Value {
    let code = draft.content.pointer("/code/text").and_then(Value::as_str).unwrap_or("Assessment");
    json!({ "status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{code}</p></div>") })
}

fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }] })
}

/// A concept in LOINC, and where there is one in the payer's own words too.
fn test(code: &str, text: &str, own: Option<&str>) -> Value {
    let own = own.map(|own| json!({ "system": "https://payer.test/tests", "code": own }));
    let codings: Vec<Value> = std::iter::once(json!({ "system": codes::LOINC, "code": code, "display": text })).chain(own).collect();
    json!({ "coding": codings, "text": text })
}

fn quantity(value: &str, unit: &str, code: &str) -> Value {
    json!({ "value": decimal(value), "unit": unit, "system": codes::UNITS, "code": code })
}

fn laboratory(member: &MemberKey, random: &mut SplitMix64) -> Vec<Draft> {
    let glucose = random.between(82, 118).to_string();
    let potassium = format!("4.{}", random.between(0, 9));
    let lab = |name, code: Value, more: Value| {
        let mut content = json!({
            "category": [concept(CATEGORY, "laboratory", "Laboratory")],
            "code": code,
            "performer": [reference(CLINIC)],
        });
        merge(&mut content, more);
        Draft { name, content }
    };
    vec![
        lab(
            "glucose",
            test("2345-7", "Glucose in serum", Some("GLU")),
            json!({
                "identifier": [{ "system": "https://lab.payer.test/accession", "value": format!("A-{:06}-1", member.number) }],
                "effectiveDateTime": "2023-03-14T22:26:53-07:00",
                "performer": [
                    { "reference": format!("{FAMILY_DOCTOR}/_history/1"), "identifier": { "system": "https://lab.payer.test/staff", "value": "S-17" } },
                    reference(CLINIC),
                ],
                "valueQuantity": quantity(&glucose, "mg/dL", "mg/dL"),
            }),
        ),
        lab(
            "potassium",
            test("2823-3", "Potassium in serum", Some("K")),
            json!({
                "identifier": [{ "system": "https://lab.payer.test/accession", "value": format!("A-{:06}-2", member.number) }],
                "effectiveDateTime": "2023-03-14T08:05:00-07:00",
                "valueQuantity": quantity(&potassium, "mmol/L", "mmol/L"),
            }),
        ),
        lab(
            "hba1c",
            test("4548-4", "Hemoglobin A1c in blood", None),
            json!({ "effectiveDateTime": "2023-06-02", "valueQuantity": quantity("5.40", "%", "%") }),
        ),
        lab(
            "average-glucose",
            test("27353-2", "Glucose mean value estimated from hemoglobin A1c", None),
            json!({
                "effectivePeriod": { "start": "2023-03-01", "end": "2023-06-02" },
                "valueQuantity": quantity("108", "mg/dL", "mg/dL"),
                "derivedFrom": [reference(&format!("Observation/{}-hba1c", member.patient_id()))],
            }),
        ),
        lab(
            "creatinine",
            test("2160-0", "Creatinine in serum", None),
            json!({ "effectivePeriod": { "start": "2024-02-10" }, "valueQuantity": quantity("0.95", "mg/dL", "mg/dL") }),
        ),
        lab(
            "urine-color",
            test("5778-6", "Color of urine", None),
            json!({ "effectiveDateTime": "2023-06-02T10:00:00Z", "valueString": "Straw, clear" }),
        ),
        lab(
            "cholesterol",
            test("2093-3", "Cholesterol in serum", None),
            json!({
                "effectiveDateTime": "2022-11",
                "dataAbsentReason": concept(codes::DATA_ABSENT, "error", "Error"),
            }),
        ),
    ]
}

/// Two readings of which one's diastolic pressure is the other's systolic.
fn vital_signs(random: &mut SplitMix64) -> Vec<Draft> {
    let diastolic = random.between(74, 86).to_string();
    let pressure = |name, when: &str, systolic: &str, diastolic: &str| {
        let part = |code, text, value| json!({ "code": test(code, text, None), "valueQuantity": quantity(value, "mmHg", "mm[Hg]") });
        Draft {
            name,
            content: json!({
                "category": [concept(CATEGORY, "vital-signs", "Vital Signs")],
                "code": test("85354-9", "Blood pressure panel", None),
                "effectiveDateTime": when,
                "performer": [reference(HOSPITALIST)],
                "component": [
                    part("8480-6", "Systolic blood pressure", systolic),
                    part("8462-4", "Diastolic blood pressure", diastolic),
                ],
            }),
        }
    };
    vec![
        pressure("pressure-usual", "2023-07-05T09:15:00Z", "120", &diastolic),
        pressure("pressure-crisis", "2024-01-20T23:40:12.500Z", "184", "120"),
    ]
}

fn findings() -> Vec<Draft> {
    let social = |name, code: Value, more: Value| {
        let mut content = json!({ "category": [concept(CATEGORY, "social-history", "Social History")], "code": code });
        merge(&mut content, more);
        Draft { name, content }
    };
    vec![
        social(
            "smoking",
            test("72166-2", "Tobacco smoking status", None),
            json!({
                "effectiveDateTime": "2021",
                "performer": [reference(FAMILY_DOCTOR)],
                "valueCodeableConcept": {
                    "coding": [{ "system": "http://snomed.info/sct", "code": "266919005", "display": "Never smoked tobacco" }],
                    "text": "Never smoked",
                },
            }),
        ),
        social(
            "alcohol",
            test("11331-6", "History of alcohol use", None),
            json!({
                "status": "amended",
                "effectiveDateTime": "2024-04",
                "valueCodeableConcept": { "coding": [{ "system": "http://snomed.info/sct", "code": "105542008", "display": "Non-drinker" }] },
            }),
        ),
        social(
            "onset",
            test("11368-8", "Illness or injury onset date", None),
            json!({ "effectivePeriod": { "end": "2020-08-31" }, "valueDateTime": "2020-08-15" }),
        ),
    ]
}

fn risks(member: &MemberKey) -> Vec<Draft> {
    let method = |code: &str, text: &str| json!({ "coding": [{ "system": "https://payer.test/methods", "code": code }], "text": text });
    let risk = |name, when: &str, score: Value, outcome: &str, prediction: Value, level: &str| {
        let likelihood = match level {
            "low" => "Low likelihood",
            "moderate" => "Moderate likelihood",
            _ => "High likelihood",
        };
        let mut held = json!({ "outcome": { "text": outcome }, "qualitativeRisk": concept(RISK, level, likelihood) });
        merge(&mut held, prediction);
        Draft { name, content: json!({ "method": score, "code": { "text": outcome }, "occurrenceDateTime": when, "prediction": [held] }) }
    };
    let mut heart = risk(
        "risk-heart",
        "2023-07-05",
        method("ascvd-10", "Ten-year risk score"),
        "Heart attack",
        json!({ "probabilityDecimal": decimal("12.50") }),
        "moderate",
    );
    merge(
        &mut heart.content,
        json!({
            "identifier": [{ "system": "https://payer.test/identifier/risk", "value": format!("R-{:06}", member.number) }],
            "performer": reference(FAMILY_DOCTOR),
            "basis": [reference(&format!("Observation/{}-pressure-usual", member.patient_id()))],
        }),
    );
    vec![
        heart,
        risk(
            "risk-stroke",
            "2023-07-05T11:00:00Z",
            method("ascvd-10", "Ten-year risk score"),
            "Stroke",
            json!({ "probabilityDecimal": decimal("3.1") }),
            "low",
        ),
        risk("risk-fall", "2024-05", method("gait", "Gait screening"), "Fall", json!({ "probabilityDecimal": decimal("80") }), "high"),
        risk(
            "risk-admission",
            "2022",
            method("gait", "Gait screening"),
            "Admission",
            json!({
                "probabilityRange": {
                    "low": quantity("20", "%", "%"),
                    "high": quantity("40", "%", "%"),
                },
            }),
            "moderate",
        ),
    ]
}
