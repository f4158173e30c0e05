//! Parameters of people and organizations.

use super::{Kind, Parameter, Place, core, own, row};
use crate::fhir::json::Value;

/// What Patient and RelatedPerson share.
pub const PERSON: &[Parameter] = &[
    row!("birthdate" Kind::Date, core!("individual-birthdate"), "birthDate"),
    row!("gender" Kind::Token, core!("individual-gender"), "gender"),
    row!("telecom" Kind::Token, core!("individual-telecom"), "telecom"),
    row!("phone" Kind::Token, core!("individual-phone"), "telecom[system=phone]"),
    row!("address" Kind::String, core!("individual-address"), "address"),
    row!("address-city" Kind::String, core!("individual-address-city"), "address.city"),
    row!("address-state" Kind::String, core!("individual-address-state"), "address.state"),
    row!("address-postalcode" Kind::String, core!("individual-address-postalcode"), "address.postalCode"),
    row!("address-country" Kind::String, core!("individual-address-country"), "address.country"),
];

/// Patient.
pub const PATIENT: &[Parameter] = &[
    row!("identifier" Kind::Token, own!("patient-identifier"), "identifier"),
    row!("active" Kind::Token, core!("Patient-active"), "active"),
    row!("name" Kind::String, own!("patient-name"), "name"),
    row!("family" Kind::String, core!("individual-family"), "name.family"),
    row!("given" Kind::String, core!("individual-given"), "name.given"),
    row!("email" Kind::Token, core!("individual-email"), "telecom[system=email]"),
    row!("address-use" Kind::Token, core!("individual-address-use"), "address.use"),
    row!("language" Kind::Token, core!("Patient-language"), "communication.language"),
    row!(
        "general-practitioner" Kind::Reference(&["Practitioner", "Organization", "PractitionerRole"]),
        core!("Patient-general-practitioner"),
        "generalPractitioner"
    ),
    Parameter { code: "deceased", definition: core!("Patient-deceased"), kind: Kind::Token, place: Place::Quality(is_deceased) },
];

/// RelatedPerson.
pub const RELATED: &[Parameter] = &[
    row!("patient" Kind::Reference(&["Patient"]), core!("RelatedPerson-patient"), "patient"),
    row!("identifier" Kind::Token, core!("RelatedPerson-identifier"), "identifier"),
    row!("active" Kind::Token, core!("RelatedPerson-active"), "active"),
    row!("name" Kind::String, core!("RelatedPerson-name"), "name"),
    row!("relationship" Kind::Token, core!("RelatedPerson-relationship"), "relationship"),
];

/// Practitioner.
pub const PRACTITIONER: &[Parameter] = &[
    row!("identifier" Kind::Token, core!("Practitioner-identifier"), "identifier"),
    row!("active" Kind::Token, core!("Practitioner-active"), "active"),
    row!("name" Kind::String, own!("practitioner-name"), "name"),
    row!("family" Kind::String, core!("individual-family"), "name.family"),
    row!("given" Kind::String, core!("individual-given"), "name.given"),
    row!("gender" Kind::Token, core!("individual-gender"), "gender"),
    row!("telecom" Kind::Token, core!("individual-telecom"), "telecom"),
    row!("phone" Kind::Token, core!("individual-phone"), "telecom[system=phone]"),
    row!("email" Kind::Token, core!("individual-email"), "telecom[system=email]"),
    row!("address" Kind::String, core!("individual-address"), "address"),
    row!("address-city" Kind::String, core!("individual-address-city"), "address.city"),
    row!("address-state" Kind::String, core!("individual-address-state"), "address.state"),
    row!("address-postalcode" Kind::String, core!("individual-address-postalcode"), "address.postalCode"),
];

/// Organization.
pub const ORGANIZATION: &[Parameter] = &[
    row!("identifier" Kind::Token, core!("Organization-identifier"), "identifier"),
    row!("active" Kind::Token, core!("Organization-active"), "active"),
    row!("name" Kind::String, core!("Organization-name"), "name" "alias"),
    row!("type" Kind::Token, core!("Organization-type"), "type"),
    row!("partof" Kind::Reference(&["Organization"]), core!("Organization-partof"), "partOf"),
    row!("address" Kind::String, core!("Organization-address"), "address"),
    row!("address-city" Kind::String, core!("Organization-address-city"), "address.city"),
    row!("address-state" Kind::String, core!("Organization-address-state"), "address.state"),
    row!("address-postalcode" Kind::String, core!("Organization-address-postalcode"), "address.postalCode"),
];

fn is_deceased(patient: &Value) -> bool {
    patient.get("deceasedDateTime").is_some() || patient.get("deceasedBoolean") == Some(&Value::Bool(true))
}
