//! The payers and providers that every member shares.

use time::Date;
use time::macros::date;

use super::codes;
use super::stamp::{after, meta, reference};
use super::version::CarinVersion;
use crate::fhir::json::{Value, json};

/// The medical payer.
pub const PAYER: &str = "Organization/payer-medical";
/// The dental payer.
pub const DENTAL_PAYER: &str = "Organization/payer-dental";
/// A hospital.
pub const HOSPITAL: &str = "Organization/provider-hospital";
/// A physicians' practice.
pub const CLINIC: &str = "Organization/provider-clinic";
/// A pharmacy.
pub const PHARMACY: &str = "Organization/provider-pharmacy";
/// An ambulance service.
pub const AMBULANCE: &str = "Organization/provider-ambulance";
/// A dental practice.
pub const DENTAL_CLINIC: &str = "Organization/provider-dental-clinic";
/// A house of the physicians' practice, without an address of its own.
pub const ANNEX: &str = "Organization/provider-clinic-annex";
/// A place where people are seen, and no provider of care itself.
pub const SHELTER: &str = "Organization/facility-shelter";
/// Looks after inpatients.
pub const HOSPITALIST: &str = "Practitioner/practitioner-hospitalist";
/// Operates.
pub const SURGEON: &str = "Practitioner/practitioner-surgeon";
/// Family doctor; prescribes and refers.
pub const FAMILY_DOCTOR: &str = "Practitioner/practitioner-family";
/// Sees eyes.
pub const OPTOMETRIST: &str = "Practitioner/practitioner-optometrist";
/// Treats teeth.
pub const DENTIST: &str = "Practitioner/practitioner-dentist";

/// Code and display of an organization that pays.
const ORGANIZATION_PAYS: (&str, &str) = ("pay", "Payer");
/// Code and display of an organization that provides care.
const ORGANIZATION_PROVIDES: (&str, &str) = ("prov", "Healthcare Provider");
const CHANGED: Date = date!(2019 - 01 - 15);

/// All Organizations and Practitioners.
pub fn all(version: CarinVersion) -> Vec<Value> {
    let mut resources = organizations(version);
    resources.extend(practitioners(version));
    resources.extend(facilities(version));
    for (index, resource) in resources.iter_mut().enumerate() {
        let profile = resource.get("resourceType").and_then(Value::as_str).map(|name| version.profile(name));
        let days = i64::try_from(index).unwrap_or(0).saturating_mul(40);
        let meta = meta(1, after(CHANGED, days), index, 0, profile.as_slice());
        super::stamp::merge(resource, json!({ "meta": meta }));
    }
    resources
}

fn organizations(version: CarinVersion) -> Vec<Value> {
    let payer = |reference, name, number: &str, naic: &str| {
        organization(reference, name, "84111", ORGANIZATION_PAYS, json!([payer_number(version, number), naic_code(version, naic)]))
    };
    let provider = |reference, name, postal_code, npi, tax| {
        organization(
            reference,
            name,
            postal_code,
            ORGANIZATION_PROVIDES,
            json!([npi_identifier(version, npi), tax_identifier(version, tax)]),
        )
    };
    let mut hospital = provider(HOSPITAL, "Granary Road Hospital", "84103", 110_000_001, "870000001");
    if let Some(Value::Array(identifiers)) = hospital.get_mut("identifier") {
        identifiers.push(json!({ "system": codes::CLIA, "value": "46D0000001" }));
    }
    vec![
        payer(PAYER, "Wasatch Reference Health Plan", "90001", "95001"),
        payer(DENTAL_PAYER, "Wasatch Reference Dental Plan", "90002", "95002"),
        hospital,
        provider(CLINIC, "Granary Road Family Practice", "84103", 110_000_002, "870000002"),
        provider(PHARMACY, "Copper Street Pharmacy", "84101", 110_000_003, "870000003"),
        provider(AMBULANCE, "Valley Ambulance Service", "84104", 110_000_004, "870000004"),
        provider(DENTAL_CLINIC, "Copper Street Dental Practice", "84101", 110_000_005, "870000005"),
    ]
}

/// Places of service that are not the billing provider.
fn facilities(version: CarinVersion) -> [Value; 2] {
    let mut annex = organization(
        ANNEX,
        "Granary Road Family Practice, west wing",
        "",
        ORGANIZATION_PROVIDES,
        json!([npi_identifier(version, 110_000_006)]),
    );
    // What belongs to the billing provider has no address of its own.
    if let Some(fields) = annex.as_object_mut() {
        fields.swap_remove("address");
    }
    super::stamp::merge(&mut annex, json!({ "partOf": reference(CLINIC) }));
    let mut unassigned = npi_identifier(version, 0);
    super::stamp::merge(&mut unassigned, json!({ "value": "NPI has not been assigned" }));
    let shelter = organization(SHELTER, "Juniper Lane Shelter", "84105", ORGANIZATION_PROVIDES, json!([unassigned]));
    [annex, shelter]
}

fn organization(to: &str, name: &str, postal_code: &str, (kind, display): (&str, &str), identifiers: Value) -> Value {
    let kind = json!({ "coding": [{ "system": codes::ORGANIZATION_TYPE, "code": kind, "display": display }] });
    let mut organization = json!({
        "resourceType": "Organization",
        "id": id(to),
        "identifier": identifiers,
        "active": true,
        "type": [kind],
        "name": name,
        "telecom": [{ "system": "phone", "value": "801-555-0100", "use": "work" }],
        "address": [address("100 Granary Road", postal_code)],
    });
    if to == CLINIC {
        super::stamp::merge(&mut organization, json!({ "alias": ["Clínica Granary"], "partOf": reference(HOSPITAL) }));
    }
    organization
}

fn practitioners(version: CarinVersion) -> Vec<Value> {
    let people = [
        (HOSPITALIST, "Okafor", "Ngozi", "female", 120_000_001, "870000011"),
        (SURGEON, "Lindqvist", "Zoë", "female", 120_000_002, "870000012"),
        (FAMILY_DOCTOR, "Tran", "Minh", "male", 120_000_003, "870000013"),
        (OPTOMETRIST, "Haddad", "Samir", "male", 120_000_004, "870000014"),
        (DENTIST, "Muñoz", "Lucía", "female", 120_000_005, "870000015"),
    ];
    people
        .into_iter()
        .map(|(reference, family, given, gender, npi, tax)| {
            json!({
                "resourceType": "Practitioner",
                "id": id(reference),
                "identifier": [npi_identifier(version, npi), tax_identifier(version, tax)],
                "active": true,
                "name": [{ "use": "official", "family": family, "given": [given] }],
                "telecom": [
                    { "system": "phone", "value": "801-555-0101", "use": "work" },
                    { "system": "email", "value": format!("{}@care.test", id(reference)), "use": "work" },
                ],
                "gender": gender,
                "address": [address("102 Granary Road", "84103")],
            })
        })
        .collect()
}

/// A postal address in Utah.
pub fn address(line: &str, postal_code: &str) -> Value {
    json!({ "line": [line], "city": "Salt Lake City", "state": "UT", "postalCode": postal_code, "country": "US" })
}

/// A Reference with the display that a reader would like.
pub fn named(to: &str, display: &str) -> Value {
    let mut value = reference(to);
    super::stamp::merge(&mut value, json!({ "display": display }));
    value
}

fn id(reference: &str) -> &str {
    reference.split_once('/').map_or(reference, |(_, id)| id)
}

fn npi_identifier(version: CarinVersion, base: u32) -> Value {
    let kind = if version == CarinVersion::V1_1_0 {
        version.concept(codes::C4BB_IDENTIFIER_TYPE, "npi")
    } else {
        version.concept(codes::IDENTIFIER_TYPE, "NPI")
    };
    json!({ "type": kind, "system": codes::NPI, "value": npi(base) })
}

fn tax_identifier(version: CarinVersion, value: &str) -> Value {
    json!({ "type": version.concept(codes::IDENTIFIER_TYPE, "TAX"), "system": codes::TAX, "value": value })
}

fn payer_number(version: CarinVersion, value: &str) -> Value {
    json!({ "type": version.concept(codes::C4BB_IDENTIFIER_TYPE, "payerid"), "system": codes::PAYER_IDENTIFIER, "value": value })
}

fn naic_code(version: CarinVersion, value: &str) -> Value {
    json!({ "type": version.concept(codes::C4BB_IDENTIFIER_TYPE, "naiccode"), "system": codes::NAIC, "value": value })
}

/// A national provider identifier: nine digits and the Luhn digit over them behind the prefix 80840, as CMS prescribes.
fn npi(base: u32) -> String {
    // 24 is what the five digits of the prefix add to the sum.
    let mut sum = 24;
    let mut rest = base;
    let mut doubled = true;
    while rest > 0 {
        let digit = rest % 10;
        rest /= 10;
        let weighed = if doubled { digit * 2 } else { digit };
        sum += weighed / 10 + weighed % 10;
        doubled = !doubled;
    }
    format!("{base}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::npi;

    #[test]
    fn check_digit_is_that_of_the_published_example() {
        assert_eq!(npi(123_456_789), "1234567893");
    }
}
