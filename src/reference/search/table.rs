//! What can be searched and included, by resource type: paths into the resource for each parameter, nothing evaluated.

mod clinical;
mod common;
mod conformance;
mod finance;
mod party;

use super::date::Span;
use super::path;
use crate::fhir::json::Value;
use crate::reference::data::CarinVersion;

/// Finds the elements that an include follows.
pub type Pick = for<'a> fn(&'a Value) -> Vec<&'a Value>;

/// How a parameter's values are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Codes, identifiers, contact points, booleans and ids.
    Token,
    /// References, with the types that they may lead to.
    Reference(&'static [&'static str]),
    /// Dates, periods and instants.
    Date,
    /// Text, names of people and addresses.
    String,
    /// Numbers and ranges of numbers.
    Number,
    /// Quantities.
    Quantity,
    /// URIs and canonicals.
    Uri,
    /// Parts of one element, joined by `$`.
    Composite(&'static [Part]),
    /// Words of the whole resource, or of its narrative only.
    Words {
        /// Whether only the narrative counts.
        narrative: bool,
    },
}

/// One part of a composite parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// How it matches.
    pub kind: Kind,
    /// Where it is, seen from the element that the composite looks at.
    pub path: &'static str,
}

/// Where the values of a parameter are.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// At any of these paths.
    Paths(&'static [&'static str]),
    /// Whether the resource has this quality.
    Quality(fn(&Value) -> bool),
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
    /// What it looks at.
    pub place: Place,
}

static TRUE: Value = Value::Bool(true);
static FALSE: Value = Value::Bool(false);

impl Kind {
    /// The FHIR name of the kind.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Reference(_) => "reference",
            Self::Date => "date",
            Self::String | Self::Words { .. } => "string",
            Self::Number => "number",
            Self::Quantity => "quantity",
            Self::Uri => "uri",
            Self::Composite(_) => "composite",
        }
    }
}

impl Parameter {
    /// The elements of a resource that it looks at.
    pub fn elements<'a>(&self, resource: &'a Value) -> Vec<&'a Value> {
        match self.place {
            Place::Paths(paths) => paths.iter().flat_map(|path| path::elements(resource, path)).collect(),
            Place::Quality(holds) => vec![if holds(resource) { &TRUE } else { &FALSE }],
        }
    }

    /// The spans of time of a date parameter.
    pub fn spans(&self, resource: &Value) -> Vec<Span> {
        self.elements(resource).into_iter().filter_map(Span::of).collect()
    }
}

/// `definition` of HL7 by the end of its canonical URL.
macro_rules! core {
    ($name:literal) => {
        concat!("http://hl7.org/fhir/SearchParameter/", $name)
    };
}
use core;

/// `definition` of this payer by the id of its SearchParameter.
macro_rules! own {
    ($id:literal) => {
        concat!("https://payer.test/fhir/SearchParameter/", $id)
    };
}
use own;

/// A row: code, kind, definition and one or more paths.
macro_rules! row {
    ($code:literal $kind:expr, $definition:expr, $($path:literal)+) => {
        $crate::reference::search::table::Parameter {
            code: $code,
            definition: $definition,
            kind: $kind,
            place: $crate::reference::search::table::Place::Paths(&[$($path),+]),
        }
    };
}
use row;

/// The parameters by which a type can be searched.
pub fn parameters(resource_type: &str, version: CarinVersion) -> Vec<&'static Parameter> {
    let own: &[&[Parameter]] = match resource_type {
        "ExplanationOfBenefit" if version.is_second_generation() => &[finance::CLAIM, finance::CLAIM_STARTS],
        "ExplanationOfBenefit" => &[finance::CLAIM],
        "Coverage" => &[finance::COVERAGE],
        "Patient" => &[party::PERSON, party::PATIENT],
        "RelatedPerson" => &[party::PERSON, party::RELATED],
        "Practitioner" => &[party::PRACTITIONER],
        "Organization" => &[party::ORGANIZATION],
        "Observation" => &[clinical::OBSERVATION, clinical::OBSERVATION_COMPONENTS],
        "RiskAssessment" => &[clinical::RISK],
        "SearchParameter" => &[conformance::SEARCH_PARAMETER],
        _ => &[],
    };
    common::of(resource_type).chain(own.iter().copied().flatten()).collect()
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
    Include { code: "policy-holder", pick: |coverage| one(coverage, "policyHolder") },
    Include { code: "subscriber", pick: |coverage| one(coverage, "subscriber") },
];
const PATIENT_INCLUDES: &[Include] = &[Include { code: "general-practitioner", pick: |patient| many(patient, "generalPractitioner") }];
const ORGANIZATION_INCLUDES: &[Include] = &[Include { code: "partof", pick: |organization| one(organization, "partOf") }];
const OBSERVATION_INCLUDES: &[Include] = &[
    Include { code: "patient", pick: |observation| one(observation, "subject") },
    Include { code: "subject", pick: |observation| one(observation, "subject") },
    Include { code: "performer", pick: |observation| many(observation, "performer") },
    Include { code: "derived-from", pick: |observation| many(observation, "derivedFrom") },
];
const RISK_INCLUDES: &[Include] = &[
    Include { code: "patient", pick: |risk| one(risk, "subject") },
    Include { code: "subject", pick: |risk| one(risk, "subject") },
    Include { code: "performer", pick: |risk| one(risk, "performer") },
];
const RELATED_INCLUDES: &[Include] = &[Include { code: "patient", pick: |person| one(person, "patient") }];

/// The references that can be followed from a type.
pub fn includes(resource_type: &str) -> &'static [Include] {
    match resource_type {
        "ExplanationOfBenefit" => CLAIM_INCLUDES,
        "Coverage" => COVERAGE_INCLUDES,
        "Observation" => OBSERVATION_INCLUDES,
        "Organization" => ORGANIZATION_INCLUDES,
        "Patient" => PATIENT_INCLUDES,
        "RelatedPerson" => RELATED_INCLUDES,
        "RiskAssessment" => RISK_INCLUDES,
        _ => &[],
    }
}

/// The parameters of a type that are said to go together.
pub fn combination(resource_type: &str) -> Option<[&'static str; 2]> {
    (resource_type == "Observation").then_some(["code", "date"])
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
