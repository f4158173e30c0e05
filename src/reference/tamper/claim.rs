//! What breaks the guide's rules on claims of more than one kind.

use super::{Break, INPATIENT, ORAL, OUTPATIENT, Of, PHARMACY, PROFESSIONAL, cut, set, twice};
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
];
