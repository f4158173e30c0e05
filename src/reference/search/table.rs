//! What can be searched and included, by resource type: a function a parameter, nothing evaluated.

use serde_json::Value;

use super::date::Span;
use crate::reference::data::CarinVersion;

/// Finds the elements that a parameter looks at.
pub type Pick = for<'a> fn(&'a Value) -> Vec<&'a Value>;

/// How a parameter's values are compared.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The logical id.
    Id,
    /// Codes and identifiers.
    Token(Pick),
    /// References, with the types that they may lead to.
    Reference(Pick, &'static [&'static str]),
    /// Dates and periods.
    Date(fn(&Value) -> Vec<Span>),
}

/// One search parameter of one type.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The code used in URLs.
    pub code: &'static str,
    /// Canonical URL of the SearchParameter.
    pub definition: &'static str,
    /// How it matches.
    pub kind: Kind,
}

impl Kind {
    /// The FHIR name of the kind.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Id | Self::Token(_) => "token",
            Self::Reference(..) => "reference",
            Self::Date(_) => "date",
        }
    }
}

macro_rules! carin {
    ($name:literal) => {
        concat!("http://hl7.org/fhir/us/carin-bb/SearchParameter/explanationofbenefit-", $name)
    };
}

macro_rules! core {
    ($name:literal) => {
        concat!("http://hl7.org/fhir/SearchParameter/", $name)
    };
}

const ID: Parameter = Parameter { code: "_id", definition: core!("Resource-id"), kind: Kind::Id };
const LAST_UPDATED: Parameter = Parameter {
    code: "_lastUpdated",
    definition: core!("Resource-lastUpdated"),
    kind: Kind::Date(|resource| dates(resource.pointer("/meta/lastUpdated"))),
};

const CLAIM: &[Parameter] = &[
    Parameter { code: "patient", definition: carin!("patient"), kind: Kind::Reference(|claim| one(claim, "patient"), PATIENT) },
    Parameter { code: "type", definition: carin!("type"), kind: Kind::Token(|claim| one(claim, "type")) },
    Parameter { code: "identifier", definition: carin!("identifier"), kind: Kind::Token(|claim| many(claim, "identifier")) },
    Parameter { code: "service-date", definition: carin!("service-date"), kind: Kind::Date(service_dates) },
];
/// What came with the second generation of the guide.
const CLAIM_STARTS: &[Parameter] = &[
    Parameter { code: "service-start-date", definition: carin!("service-start-date"), kind: Kind::Date(service_starts) },
    Parameter {
        code: "billable-period-start",
        definition: carin!("billable-period-start"),
        kind: Kind::Date(|claim| dates(claim.pointer("/billablePeriod/start"))),
    },
];
const COVERAGE: &[Parameter] = &[
    Parameter {
        code: "patient",
        definition: core!("Coverage-patient"),
        kind: Kind::Reference(|coverage| one(coverage, "beneficiary"), PATIENT),
    },
    Parameter {
        code: "beneficiary",
        definition: core!("Coverage-beneficiary"),
        kind: Kind::Reference(|coverage| one(coverage, "beneficiary"), PATIENT),
    },
    Parameter {
        code: "payor",
        definition: "http://hl7.org/fhir/us/carin-bb/SearchParameter/coverage-payor",
        kind: Kind::Reference(|coverage| many(coverage, "payor"), &["Organization", "Patient", "RelatedPerson"]),
    },
];
const MEMBER: &[Parameter] =
    &[Parameter { code: "identifier", definition: core!("Patient-identifier"), kind: Kind::Token(|patient| many(patient, "identifier")) }];
const RELATED: &[Parameter] = &[Parameter {
    code: "patient",
    definition: core!("RelatedPerson-patient"),
    kind: Kind::Reference(|person| one(person, "patient"), PATIENT),
}];
const PATIENT: &[&str] = &["Patient"];

/// The parameters by which a type can be searched.
pub fn parameters(resource_type: &str, version: CarinVersion) -> Vec<&'static Parameter> {
    let own: &[&[Parameter]] = match resource_type {
        "ExplanationOfBenefit" if version.is_second_generation() => &[CLAIM, CLAIM_STARTS],
        "ExplanationOfBenefit" => &[CLAIM],
        "Coverage" => &[COVERAGE],
        "Patient" => &[MEMBER],
        "RelatedPerson" => &[RELATED],
        _ => &[],
    };
    [&ID, &LAST_UPDATED].into_iter().chain(own.iter().copied().flatten()).collect()
}

/// The parameter of this type and code.
pub fn parameter(resource_type: &str, code: &str, version: CarinVersion) -> Option<&'static Parameter> {
    parameters(resource_type, version).into_iter().find(|parameter| parameter.code == code)
}

/// One `_include` of one type.
#[derive(Clone, Copy, Debug)]
pub struct Include {
    /// The code after the colon.
    pub code: &'static str,
    /// The references that it follows.
    pub pick: Pick,
}

const CLAIM_INCLUDES: &[Include] = &[
    Include { code: "patient", pick: |claim| one(claim, "patient") },
    Include { code: "provider", pick: |claim| one(claim, "provider") },
    Include { code: "care-team", pick: |claim| inner(many(claim, "careTeam"), "provider") },
    Include { code: "coverage", pick: |claim| inner(many(claim, "insurance"), "coverage") },
    Include { code: "insurer", pick: |claim| one(claim, "insurer") },
    Include { code: "payee", pick: |claim| inner(one(claim, "payee"), "party") },
];
const COVERAGE_INCLUDES: &[Include] = &[
    Include { code: "payor", pick: |coverage| many(coverage, "payor") },
    Include { code: "beneficiary", pick: |coverage| one(coverage, "beneficiary") },
    Include { code: "patient", pick: |coverage| one(coverage, "beneficiary") },
];
const RELATED_INCLUDES: &[Include] = &[Include { code: "patient", pick: |person| one(person, "patient") }];

/// The references that can be followed from a type.
pub fn includes(resource_type: &str) -> &'static [Include] {
    match resource_type {
        "ExplanationOfBenefit" => CLAIM_INCLUDES,
        "Coverage" => COVERAGE_INCLUDES,
        "RelatedPerson" => RELATED_INCLUDES,
        _ => &[],
    }
}

/// The types and codes by which others refer to a type.
pub fn reverse_includes(resource_type: &str) -> &'static [(&'static str, &'static str)] {
    match resource_type {
        "Patient" => &[("Coverage", "beneficiary"), ("ExplanationOfBenefit", "patient"), ("RelatedPerson", "patient")],
        "Coverage" => &[("ExplanationOfBenefit", "coverage")],
        "Organization" => &[("Coverage", "payor"), ("ExplanationOfBenefit", "insurer"), ("ExplanationOfBenefit", "provider")],
        "Practitioner" => &[("ExplanationOfBenefit", "care-team")],
        _ => &[],
    }
}

fn one<'a>(owner: &'a Value, name: &str) -> Vec<&'a Value> {
    owner.get(name).into_iter().collect()
}

fn many<'a>(owner: &'a Value, name: &str) -> Vec<&'a Value> {
    owner.get(name).and_then(Value::as_array).into_iter().flatten().collect()
}

fn inner<'a>(owners: Vec<&'a Value>, name: &str) -> Vec<&'a Value> {
    owners.into_iter().filter_map(|owner| owner.get(name)).collect()
}

fn dates(value: Option<&Value>) -> Vec<Span> {
    value.and_then(Value::as_str).and_then(Span::read).into_iter().collect()
}

fn service_dates(claim: &Value) -> Vec<Span> {
    let items = many(claim, "item").into_iter().flat_map(|item| {
        let period = item.get("servicedPeriod").and_then(Span::of_period);
        dates(item.get("servicedDate")).into_iter().chain(period)
    });
    claim.get("billablePeriod").and_then(Span::of_period).into_iter().chain(items).collect()
}

fn service_starts(claim: &Value) -> Vec<Span> {
    let items = many(claim, "item").into_iter();
    let items = items.flat_map(|item| [item.get("servicedDate"), item.pointer("/servicedPeriod/start")]).flat_map(dates);
    dates(claim.pointer("/billablePeriod/start")).into_iter().chain(items).collect()
}
