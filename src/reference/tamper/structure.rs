//! What breaks R4's rules on elements: which there are, how often, with what inside.

use super::{Break, COVERAGE, ORGANIZATION, PATIENT, PRACTITIONER, RELATED_PERSON, add, cut, set, twice};
use crate::reference::fault::Breach;

/// The breaks.
pub const BREAKS: &[Break] = &[
    set(Breach::DataUnknownElement, PRACTITIONER, "shoeSize", "43"),
    cut(Breach::DataMissingElement, COVERAGE, "class[plan].value"),
    twice(Breach::DataListForOne, PRACTITIONER, "active"),
    set(Breach::DataOneForList, PRACTITIONER, "telecom", r#"{"system": "phone", "value": "801-555-0199"}"#),
    set(Breach::DataNumberAsText, PRACTITIONER, "telecom[0].rank", r#""1""#),
    set(Breach::DataEmptyList, PRACTITIONER, "photo", "[]"),
    add(Breach::DataEmptyObject, PRACTITIONER, "communication", "{}"),
    add(Breach::DataNullInList, PRACTITIONER, "name[0].prefix", "null"),
    set(
        Breach::DataTwoChoices,
        COVERAGE,
        "costToBeneficiary",
        r#"[{"valueQuantity": {"value": 10}, "valueMoney": {"value": 10, "currency": "USD"}}]"#,
    ),
    set(Breach::DataWrongChoice, COVERAGE, "costToBeneficiary", r#"[{"valueString": "ten dollars"}]"#),
    add(
        Breach::DataContainedUnreferenced,
        ORGANIZATION,
        "contained",
        r#"{"resourceType": "Endpoint", "id": "idle", "status": "active", "connectionType": {"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "hl7-fhir-rest"}, "payloadType": [{"text": "any"}], "address": "https://payer.test/fhir"}"#,
    ),
    set(
        Breach::DataContainedInContained,
        PRACTITIONER,
        "contained",
        r##"[{"resourceType": "Organization", "id": "school", "name": "A school", "contained": [{"resourceType": "Organization", "id": "inner", "name": "A faculty", "partOf": {"reference": "#school"}}], "endpoint": [{"reference": "#practitioner"}]}]"##,
    ),
    set(
        Breach::DataContainedWithVersion,
        COVERAGE,
        "contained",
        r##"[{"resourceType": "Contract", "id": "terms", "meta": {"versionId": "1"}, "topicReference": {"reference": "#"}}]"##,
    ),
    set(
        Breach::DataContainedWithSecurity,
        COVERAGE,
        "contained",
        r##"[{"resourceType": "Contract", "id": "terms", "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}, "topicReference": {"reference": "#"}}]"##,
    ),
    add(
        Breach::DataFragmentLeadsNowhere,
        PRACTITIONER,
        "qualification",
        r##"{"code": {"text": "MD"}, "issuer": {"reference": "#school"}}"##,
    ),
    add(
        Breach::DataReferenceToWrongType,
        PRACTITIONER,
        "qualification",
        r#"{"code": {"text": "MD"}, "issuer": {"reference": "Practitioner/practitioner-dentist"}}"#,
    ),
    add(
        Breach::DataExtensionValueAndParts,
        ORGANIZATION,
        "extension",
        r#"{"url": "https://payer.test/extension/rating", "valueString": "good", "extension": [{"url": "stars", "valueInteger": 4}]}"#,
    ),
    add(Breach::DataExtensionWithoutUrl, ORGANIZATION, "extension", r#"{"valueString": "good"}"#),
    set(
        Breach::DataExtensionOfWrongType,
        PATIENT,
        "extension[2]",
        r#"{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueString": "M"}"#,
    ),
    add(
        Breach::DataExtensionInWrongPlace,
        ORGANIZATION,
        "extension",
        r#"{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "M"}"#,
    ),
    add(
        Breach::DataModifierInExtension,
        PRACTITIONER,
        "extension",
        r#"{"url": "http://hl7.org/fhir/StructureDefinition/practitioner-animalSpecies-not-there", "modifierExtension": [{"url": "https://payer.test/extension/not", "valueBoolean": true}], "valueString": "x"}"#,
    ),
    add(Breach::DataContactWithoutDetails, PATIENT, "contact", r#"{"relationship": [{"text": "neighbour"}]}"#),
    set(Breach::DataPeriodBackwards, PRACTITIONER, "identifier[TAX].period", r#"{"start": "2020-01-01", "end": "2019-01-01"}"#),
    cut(Breach::DataTelecomWithoutSystem, PRACTITIONER, "telecom.system"),
    add(Breach::DataQuantityCodeWithoutSystem, COVERAGE, "costToBeneficiary", r#"{"valueQuantity": {"value": 10, "code": "USD"}}"#),
    add(Breach::DataAttachmentWithoutType, PRACTITIONER, "photo", r#"{"data": "AAAA"}"#),
    set(
        Breach::DataNarrativeWithScript,
        RELATED_PERSON,
        "text",
        r#"{"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></div>"}"#,
    ),
    set(
        Breach::DataNarrativeEmpty,
        RELATED_PERSON,
        "text",
        r#"{"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>"}"#,
    ),
    set(
        Breach::DataNarrativeIllFormed,
        RELATED_PERSON,
        "text",
        r#"{"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>open</div>"}"#,
    ),
];
