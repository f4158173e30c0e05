//! Parameters of clinical resources.

use super::{Kind, Parameter, Part, core, own, row};

const CODE: Part = Part { kind: Kind::Token, path: "code" };
const QUANTITY: Part = Part { kind: Kind::Quantity, path: "valueQuantity" };
const CONCEPT: Part = Part { kind: Kind::Token, path: "valueCodeableConcept" };

/// Observation.
pub const OBSERVATION: &[Parameter] = &[
    row!("patient" Kind::Reference(&["Patient", "Group"]), core!("clinical-patient"), "subject"),
    row!("subject" Kind::Reference(&["Group", "Device", "Patient", "Location"]), core!("Observation-subject"), "subject"),
    row!("category" Kind::Token, core!("Observation-category"), "category"),
    row!("code" Kind::Token, own!("observation-code"), "code"),
    row!(
        "date" Kind::Date,
        core!("clinical-date"),
        "effectiveDateTime" "effectivePeriod" "effectiveInstant" "effectiveTiming"
    ),
    row!("status" Kind::Token, core!("Observation-status"), "status"),
    row!("identifier" Kind::Token, core!("clinical-identifier"), "identifier"),
    row!(
        "performer" Kind::Reference(&["Practitioner", "Organization", "CareTeam", "Patient", "PractitionerRole", "RelatedPerson"]),
        own!("observation-performer"),
        "performer"
    ),
    row!(
        "derived-from"
        Kind::Reference(&["Media", "Observation", "ImagingStudy", "MolecularSequence", "QuestionnaireResponse", "DocumentReference"]),
        core!("Observation-derived-from"),
        "derivedFrom"
    ),
    row!("value-quantity" Kind::Quantity, own!("observation-value-quantity"), "valueQuantity"),
    row!("value-concept" Kind::Token, core!("Observation-value-concept"), "valueCodeableConcept"),
    row!("value-string" Kind::String, core!("Observation-value-string"), "valueString" "valueCodeableConcept.text"),
    row!("value-date" Kind::Date, core!("Observation-value-date"), "valueDateTime" "valuePeriod"),
    row!("data-absent-reason" Kind::Token, core!("Observation-data-absent-reason"), "dataAbsentReason"),
    row!("code-value-quantity" Kind::Composite(&[CODE, QUANTITY]), core!("Observation-code-value-quantity"), ""),
    row!("code-value-concept" Kind::Composite(&[CODE, CONCEPT]), core!("Observation-code-value-concept"), ""),
];

/// Observation with its components.
pub const OBSERVATION_COMPONENTS: &[Parameter] = &[
    row!("component-code" Kind::Token, core!("Observation-component-code"), "component.code"),
    row!("component-value-quantity" Kind::Quantity, core!("Observation-component-value-quantity"), "component.valueQuantity"),
    row!(
        "component-code-value-quantity" Kind::Composite(&[CODE, QUANTITY]),
        core!("Observation-component-code-value-quantity"),
        "component"
    ),
    row!("combo-code" Kind::Token, core!("Observation-combo-code"), "code" "component.code"),
    row!("combo-value-quantity" Kind::Quantity, core!("Observation-combo-value-quantity"), "valueQuantity" "component.valueQuantity"),
    row!("combo-code-value-quantity" Kind::Composite(&[CODE, QUANTITY]), core!("Observation-combo-code-value-quantity"), "" "component"),
];

/// RiskAssessment.
pub const RISK: &[Parameter] = &[
    row!("patient" Kind::Reference(&["Patient", "Group"]), core!("clinical-patient"), "subject"),
    row!("subject" Kind::Reference(&["Group", "Patient"]), core!("RiskAssessment-subject"), "subject"),
    row!("date" Kind::Date, core!("clinical-date"), "occurrenceDateTime"),
    row!("identifier" Kind::Token, core!("clinical-identifier"), "identifier"),
    row!("method" Kind::Token, core!("RiskAssessment-method"), "method"),
    row!("performer" Kind::Reference(&["Practitioner", "Device", "PractitionerRole"]), core!("RiskAssessment-performer"), "performer"),
    row!("probability" Kind::Number, own!("risk-probability"), "prediction.probabilityDecimal" "prediction.probabilityRange"),
    row!("risk" Kind::Token, core!("RiskAssessment-risk"), "prediction.qualitativeRisk"),
];
