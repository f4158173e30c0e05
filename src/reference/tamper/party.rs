//! What breaks the guide's profiles of members, coverage and the parties to claims.

use super::{Break, COVERAGE, ORGANIZATION, Of, PATIENT, PRACTITIONER, RELATED_PERSON, add, cut, set, twice};
use crate::reference::fault::Breach;

const SHELTER: Of = Of::one("Organization", "facility-shelter");
const ANNEX: Of = Of::one("Organization", "provider-clinic-annex");

/// The breaks.
pub const BREAKS: &[Break] = &[
    cut(Breach::PatientNoMemberId, PATIENT, "identifier[MB]"),
    cut(Breach::PatientNoName, PATIENT, "name"),
    set(Breach::PatientNamelessName, PATIENT, "name", r#"[{"use": "official"}]"#),
    cut(Breach::PatientNoGender, PATIENT, "gender"),
    cut(Breach::PatientTelecomWithoutValue, PATIENT, "telecom.value"),
    cut(Breach::PatientIdentifierWithoutSystem, PATIENT, "identifier[um].system"),
    cut(Breach::PatientRaceWithoutText, PATIENT, "extension[0].extension[1]"),
    set(Breach::PatientEthnicityUnknown, PATIENT, "extension[1].extension[0].valueCoding.code", r#""0000-0""#),
    set(
        Breach::PatientProfileWithoutVersion,
        PATIENT,
        "meta.profile",
        r#"["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient"]"#,
    ),
    set(Breach::PatientOtherMemberId, PATIENT, "identifier[MB].value", r#""M999999""#),
    set(Breach::CoverageOtherPlan, COVERAGE, "class[plan].value", r#""P-OTHER""#),
    cut(Breach::OrganizationNpiUnsaid, SHELTER, "identifier"),
    add(
        Breach::OrganizationAnnexAddressed,
        ANNEX,
        "address",
        r#"{"line": ["104 Granary Road"], "city": "Salt Lake City", "state": "UT", "postalCode": "84103"}"#,
    ),
    set(Breach::RelatedPersonChangedWhenLoaded, RELATED_PERSON, "meta.lastUpdated", r#""2026-10-05T03:00:00.000Z""#),
    cut(Breach::CoverageNoSubscriberId, COVERAGE, "subscriberId"),
    cut(Breach::CoverageNoRelationship, COVERAGE, "relationship"),
    set(
        Breach::CoverageUnknownRelationship,
        COVERAGE,
        "relationship.coding",
        r#"[{"system": "https://payer.test/relationship", "code": "friend"}]"#,
    ),
    twice(Breach::CoverageTwoGroups, COVERAGE, "class[group]"),
    twice(Breach::CoverageTwoPayors, COVERAGE, "payor"),
    set(
        Breach::CoverageProfileWithoutVersion,
        COVERAGE,
        "meta.profile",
        r#"["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Coverage"]"#,
    ),
    cut(Breach::OrganizationNoActive, ORGANIZATION, "active"),
    cut(Breach::OrganizationNoName, ORGANIZATION, "name"),
    set(Breach::OrganizationHomeAddress, ORGANIZATION, "address.use", r#""home""#),
    set(Breach::OrganizationHomeTelecom, ORGANIZATION, "telecom.use", r#""home""#),
    twice(Breach::OrganizationTwoNpis, ORGANIZATION, "identifier[NPI]"),
    set(
        Breach::OrganizationProfileWithoutVersion,
        ORGANIZATION,
        "meta.profile",
        r#"["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Organization"]"#,
    ),
    set(
        Breach::PractitionerUntypedIdentifiers,
        PRACTITIONER,
        "identifier.type.coding",
        r#"[{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PRN"}]"#,
    ),
    cut(Breach::PractitionerNoFamilyName, PRACTITIONER, "name.family"),
    twice(Breach::PractitionerTwoNpis, PRACTITIONER, "identifier[NPI]"),
    cut(Breach::RelatedPersonNoActive, RELATED_PERSON, "active"),
    cut(Breach::RelatedPersonAnonymous, RELATED_PERSON, "name relationship"),
    set(
        Breach::RelatedPersonProfileWithoutVersion,
        RELATED_PERSON,
        "meta.profile",
        r#"["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-RelatedPerson"]"#,
    ),
    set(Breach::OrganizationShortTaxNumber, ORGANIZATION, "identifier[TAX].value", r#""87000000""#),
    set(Breach::PractitionerShortTaxNumber, PRACTITIONER, "identifier[TAX].value", r#""87000001""#),
    set(Breach::CoverageEnded, COVERAGE, "period", r#"{"start": "2019-01-01", "end": "2019-03-31"}"#),
    set(Breach::PatientNamelessInWords, PATIENT, "name[0].family", r#""UNKNOWN""#),
    set(Breach::OrganizationWrongCheckDigit, ORGANIZATION, "identifier[NPI].value", r#""1234567890""#),
    cut(Breach::OrganizationPayerUnnumbered, ORGANIZATION, "identifier[payerid] identifier[naiccode]"),
    set(Breach::RelatedPersonChangedInFuture, RELATED_PERSON, "meta.lastUpdated", r#""2999-01-01T00:00:00.000Z""#),
    set(
        Breach::PractitionerBirthUnexplained,
        PRACTITIONER,
        "_birthDate",
        r#"{"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}"#,
    ),
];
