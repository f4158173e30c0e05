//! What the payer can say of its own data, beside what it serves: `[facts]` of `payerspec.toml`, about its first member.

use std::collections::BTreeMap;

use serde::Serialize;

use super::World;
use super::codes;
use super::party::{ANNEX, SHELTER};
use super::version::CarinVersion;
use crate::fhir::json::Value;

/// The file, as far as the payer can write it.
#[derive(Serialize)]
struct File<'a> {
    facts: Facts<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Facts<'a> {
    must_support: [&'a str; 1],
    must_support_not: Vec<&'a str>,
    cpcds: [&'a str; 1],
    cpcds_not: Vec<&'a str>,
    clinical: [&'a str; 2],
    member: Vec<Member<'a>>,
    coverage: Vec<Coverage<'a>>,
    claim: Vec<Claim<'a>>,
    resource: Vec<Resource<'a>>,
    organization: Vec<Organization<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Member<'a> {
    patient: &'a str,
    member_ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_member_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    services_since: Option<&'a str>,
    claims: BTreeMap<&'static str, usize>,
    prior_authorizations: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Coverage<'a> {
    patient: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscriber_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<&'a str>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Claim<'a> {
    number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processed: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    teeth: Vec<Teeth<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Reason<'a>>,
}

#[derive(Serialize)]
struct Teeth<'a> {
    line: u64,
    teeth: Vec<&'a str>,
    surfaces: Vec<&'a str>,
}

#[derive(Serialize)]
struct Reason<'a> {
    element: String,
    reason: &'a str,
}

#[derive(Serialize)]
struct Resource<'a> {
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processed: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Organization<'a> {
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    npi: Option<bool>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    part_of_billing_provider: bool,
}

/// What the first member's record does not show, and why it need not: nobody has died, nothing failed to be measured, and what rules of the
/// guide's own leave no room for.
const NEVER_SEEN: [(&str, &[CarinVersion]); 9] = [
    ("C4BB-Patient#Patient.deceased[x]", &CarinVersion::ALL),
    ("Observation.dataAbsentReason", &CarinVersion::ALL),
    ("Observation.encounter", &CarinVersion::ALL),
    ("Observation.interpretation", &CarinVersion::ALL),
    ("Observation.specimen", &CarinVersion::ALL),
    ("Observation.referenceRange", &CarinVersion::ALL),
    ("*-Pharmacy-Basis#*.total.amount", &[CarinVersion::V2_1_0, CarinVersion::V2_2_0]),
    ("*adjudication:denialreason*", &[CarinVersion::V1_1_0]),
    ("*adjudication:allowedunits*", &[CarinVersion::V1_1_0]),
];

/// Elements of the data set that the payer does not hold: ICD-9 codes, which ended in 2015, and what none of its members and claims has.
const NOT_HELD: [&str; 23] = [
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "12",
    "20.amount-paid-by-patient",
    "20.claim-other-payer-paid-amount",
    "20.line-amount-paid-by-patient",
    "20.line-other-payer-paid-amount",
    "20.member-reimbursement",
    "26",
    "27",
    "30",
    "75",
    "113",
    "119",
    "124",
    "150",
    "173",
    "174",
    "199",
];

/// The facts of a sound record, in TOML; without any where there is no member.
pub fn facts(world: &World, version: CarinVersion) -> String {
    let Some(member) = world.members.first() else { return String::new() };
    let of_type = |wanted: &'static str| member.resources.iter().filter(move |resource| text(resource, "/resourceType") == Some(wanted));
    let (authorizations, claims): (Vec<&Value>, Vec<&Value>) =
        of_type("ExplanationOfBenefit").partition(|claim| text(claim, "/use") == Some("preauthorization"));
    let patient = of_type("Patient").next();
    let facts = Facts {
        must_support: ["*"],
        must_support_not: NEVER_SEEN.iter().filter(|(_, of)| of.contains(&version)).map(|(pattern, _)| *pattern).collect(),
        cpcds: ["*"],
        cpcds_not: NOT_HELD.to_vec(),
        clinical: ["Observation", "RiskAssessment"],
        member: vec![Member {
            patient: &member.patient_id,
            member_ids: patient.into_iter().flat_map(|patient| numbers(patient, "MB")).collect(),
            unique_member_id: patient.and_then(|patient| numbers(patient, "um").next()),
            services_since: claims.iter().filter_map(|claim| served(claim)).min(),
            claims: counts(&claims),
            prior_authorizations: authorizations.len(),
        }],
        coverage: of_type("Coverage").map(|coverage| known_coverage(&member.patient_id, coverage)).collect(),
        claim: known_claims(&claims),
        resource: of_type("RelatedPerson")
            .chain(of_type("Coverage"))
            .chain(of_type("Observation").take(1))
            .map(|resource| Resource {
                reference: format!("{}/{}", text(resource, "/resourceType").unwrap_or_default(), text(resource, "/id").unwrap_or_default()),
                changed: changed(resource),
                processed: changed(resource).filter(|_| text(resource, "/resourceType") == Some("Observation")),
            })
            .collect(),
        organization: vec![
            Organization { reference: SHELTER, npi: Some(false), part_of_billing_provider: false },
            Organization { reference: ANNEX, npi: None, part_of_billing_provider: true },
        ],
    };
    toml::to_string(&File { facts }).unwrap_or_default()
}

fn counts(claims: &[&Value]) -> BTreeMap<&'static str, usize> {
    let of = |kinds: &[&str]| {
        let codes = |claim: &Value| [code(claim, "/type"), code(claim, "/subType")].map(|code| code.unwrap_or_default().to_owned());
        claims.iter().filter(|claim| codes(claim).iter().any(|code| kinds.contains(&code.as_str()))).count()
    };
    BTreeMap::from([
        ("total", claims.len()),
        ("inpatient", of(&["inpatient"])),
        ("outpatient", of(&["outpatient"])),
        ("pharmacy", of(&["pharmacy"])),
        ("professional", of(&["professional", "vision"])),
        ("oral", of(&["oral"])),
    ])
}

fn known_coverage<'a>(patient: &'a str, coverage: &'a Value) -> Coverage<'a> {
    let classes = coverage.get("class").and_then(Value::as_array).into_iter().flatten();
    let plan = classes.filter(|class| code(class, "/type") == Some("plan")).find_map(|class| text(class, "/value"));
    Coverage { patient, subscriber_id: text(coverage, "/subscriberId"), plan, start: text(coverage, "/period/start") }
}

/// A claim that was adjusted, one of several teeth, one with a line that has no procedure, and the youngest of all.
fn known_claims<'a>(claims: &[&'a Value]) -> Vec<Claim<'a>> {
    let mut known: Vec<Claim<'a>> = Vec::new();
    let adjusted = claims.iter().find_map(|claim| {
        let related = claim.pointer("/related/0").filter(|related| code(related, "/relationship") == Some("replacedby"))?;
        Some(Claim { number: number(claim)?, replaced_by: text(related, "/reference/value"), changed: changed(claim), ..Claim::default() })
    });
    let dental = claims.iter().find_map(|claim| {
        let teeth = teeth(claim)?;
        Some(Claim { number: number(claim)?, teeth: vec![teeth], ..Claim::default() })
    });
    let unnamed = claims.iter().find_map(|claim| {
        let lines = claim.get("item").and_then(Value::as_array).into_iter().flatten().enumerate();
        let mut lines = lines.filter(|(_, line)| text(line, "/productOrService/coding/0/system") == Some(codes::DATA_ABSENT));
        let (at, line) = lines.next()?;
        let reason = Reason { element: format!("item[{at}].productOrService"), reason: code(line, "/productOrService")? };
        Some(Claim { number: number(claim)?, missing: vec![reason], ..Claim::default() })
    });
    let youngest = claims.iter().filter(|claim| claim.get("related").is_none()).max_by_key(|claim| text(claim, "/created"));
    let youngest =
        youngest.and_then(|claim| Some(Claim { number: number(claim)?, processed: text(claim, "/created"), ..Claim::default() }));
    for claim in [adjusted, dental, unnamed, youngest].into_iter().flatten() {
        match known.iter_mut().find(|other| other.number == claim.number) {
            Some(other) => {
                other.replaced_by = other.replaced_by.or(claim.replaced_by);
                other.changed = other.changed.or(claim.changed);
                other.processed = other.processed.or(claim.processed);
                other.teeth.extend(claim.teeth);
                other.missing.extend(claim.missing);
            }
            None => known.push(claim),
        }
    }
    known
}

/// The first line of an oral claim with its teeth and surfaces, where it has several.
fn teeth(claim: &Value) -> Option<Teeth<'_>> {
    let line = claim.pointer("/item/0")?;
    let linked = line.get("informationSequence")?.as_array()?;
    let further = claim.get("supportingInfo")?.as_array()?.iter().filter(|info| code(info, "/category") == Some("additionalbodysite"));
    let further = further.filter(|info| info.get("sequence").is_some_and(|number| linked.contains(number)));
    let teeth: Vec<&str> = code(line, "/bodySite").into_iter().chain(further.filter_map(|info| code(info, "/code"))).collect();
    let surfaces = line.get("subSite")?.as_array()?.iter().filter_map(|site| code(site, "")).collect();
    (teeth.len() > 1).then_some(Teeth { line: line.get("sequence")?.as_u64()?, teeth, surfaces })
}

fn text<'a>(value: &'a Value, at: &str) -> Option<&'a str> {
    value.pointer(at)?.as_str()
}

/// The first code of a concept.
fn code<'a>(value: &'a Value, at: &str) -> Option<&'a str> {
    value.pointer(at)?.pointer("/coding/0/code")?.as_str()
}

fn numbers<'a>(resource: &'a Value, kind: &'static str) -> impl Iterator<Item = &'a str> {
    let identifiers = resource.get("identifier").and_then(Value::as_array).into_iter().flatten();
    identifiers.filter(move |identifier| code(identifier, "/type") == Some(kind)).filter_map(|identifier| text(identifier, "/value"))
}

fn number(claim: &Value) -> Option<&str> {
    numbers(claim, "uc").next()
}

/// The day of the last change.
fn changed(resource: &Value) -> Option<&str> {
    text(resource, "/meta/lastUpdated")?.get(..10)
}

/// The day on which the service of a claim began.
fn served(claim: &Value) -> Option<&str> {
    let line = || text(claim, "/item/0/servicedDate").or_else(|| text(claim, "/item/0/servicedPeriod/start"));
    text(claim, "/billablePeriod/start").or_else(line)
}
