//! What breaks the guide's rules on claims of more than one kind.

use super::{Break, INPATIENT, ORAL, OUTPATIENT, Of, PHARMACY, PROFESSIONAL, add, cut, set, twice};
use crate::reference::fault::Breach;

const CLAIM: Of = Of::the("ExplanationOfBenefit");

/// The breaks.
pub const BREAKS: &[Break] = &[
    cut(Breach::DataUntypedClaimNumber, PHARMACY, "identifier.type"),
    twice(Breach::DataTwoFocalInsurances, PROFESSIONAL, "insurance"),
    twice(Breach::ClaimTwoClaimNumbers, ORAL, "identifier[uc]"),
    set(Breach::ClaimPreauthorization, ORAL, "use", r#""preauthorization""#),
    cut(Breach::ClaimNoBillingStart, PROFESSIONAL, "billablePeriod.start"),
    cut(Breach::ClaimRelatedWithoutReference, CLAIM, "related.reference"),
    set(
        Breach::ClaimUnknownRelation,
        OUTPATIENT,
        "related.relationship.coding",
        r#"[{"system": "https://payer.test/relation", "code": "cousin"}]"#,
    ),
    set(
        Breach::ClaimOtherPayeeWithoutParty,
        INPATIENT,
        "payee",
        r#"{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/payeetype", "code": "other"}]}}"#,
    ),
    set(Breach::ClaimInsurerNoOrganization, OUTPATIENT, "insurer.reference", r#""Practitioner/practitioner-family""#),
    set(
        Breach::ClaimPaymentStatusUnknown,
        PHARMACY,
        "payment.type.coding",
        r#"[{"system": "https://payer.test/payment", "code": "perhaps"}]"#,
    ),
    cut(Breach::ClaimNoTotal, PHARMACY, "total"),
    cut(Breach::ClaimTotalWithoutAmount, ORAL, "total.amount"),
    set(Breach::ClaimItemSequenceZero, CLAIM, "item[0].sequence", "0"),
    set(
        Breach::ClaimProfileOfAnotherVersion,
        ORAL,
        "meta.profile",
        r#"["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit-Oral|1.1.0"]"#,
    ),
    cut(Breach::ClaimNoProfile, ORAL, "meta.profile"),
    set(
        Breach::ClaimAbstractProfile,
        ORAL,
        "meta.profile",
        r#"["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit|2.0.0"]"#,
    ),
    set(Breach::ClaimOutcomePartial, PROFESSIONAL, "outcome", r#""partial""#),
    add(
        Breach::ClaimTypeAbsent,
        PROFESSIONAL,
        "type.coding",
        r#"{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}"#,
    ),
    set(Breach::ClaimDraft, OUTPATIENT, "status", r#""draft""#),
    add(
        Breach::ClaimOtherCarrierUnnamed,
        PROFESSIONAL,
        "insurance",
        r#"{"focal": false, "coverage": {"identifier": {"system": "https://payer.test/carrier", "value": "other"}}}"#,
    ),
    set(Breach::ClaimDiagnosesUnnumbered, PROFESSIONAL, "diagnosis.sequence", "1"),
    set(Breach::ClaimNoteNowhere, OUTPATIENT, "item[0].noteNumber", "[7]"),
    cut(Breach::ClaimReplacementUnnamed, INPATIENT, "related[replacedby]"),
    set(Breach::ClaimInsurerNotPayor, ORAL, "insurer.reference", r#""Organization/payer-medical""#),
    set(Breach::ClaimCreatedBeforeService, OUTPATIENT, "created", r#""2001-01-01""#),
    set(Breach::ClaimServedOutsidePeriod, PHARMACY, "item.servicedDate", r#""2001-01-01""#),
];
