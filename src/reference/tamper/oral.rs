//! What breaks the guide's profile of oral claims.

use super::{Break, ORAL, cut, set};
use crate::reference::fault::Breach;

/// The breaks.
pub const BREAKS: &[Break] = &[
    cut(Breach::OralBodySiteUnlinked, ORAL, "item.informationSequence"),
    cut(Breach::OralLinkedLineWithoutBodySite, ORAL, "item.bodySite"),
    set(
        Breach::OralOrthodonticsAsText,
        ORAL,
        "supportingInfo[orthodontics]",
        r#"{"sequence": 5, "category": {"coding": [{"system": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType", "code": "orthodontics"}]}, "valueString": "24 months"}"#,
    ),
    cut(Breach::OralMissingToothWithoutCode, ORAL, "supportingInfo[missingtoothnumber].code"),
    cut(Breach::OralFacilityWithoutReference, ORAL, "supportingInfo[servicefacility].valueReference"),
    cut(Breach::OralNoRenderingNetwork, ORAL, "adjudication[renderingnetworkstatus]"),
    cut(Breach::OralLineWithoutPaymentStatus, ORAL, "item.adjudication[benefitpaymentstatus]"),
    set(Breach::OralRenderingOrganization, ORAL, "careTeam[rendering].provider.reference", r#""Organization/payer-dental""#),
    set(Breach::OralUnknownSurface, ORAL, "item.subSite", r#"[{"coding": [{"system": "https://payer.test/surface", "code": "outside"}]}]"#),
    set(
        Breach::OralWithRevenue,
        ORAL,
        "item[0].revenue",
        r#"{"coding": [{"system": "https://www.nubc.org/CodeSystem/RevenueCodes", "code": "0512"}]}"#,
    ),
    set(
        Breach::OralMixedNetwork,
        ORAL,
        "item[0].adjudication[benefitpaymentstatus].reason.coding",
        r#"[{"system": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBPayerAdjudicationStatus", "code": "outofnetwork"}]"#,
    ),
    cut(Breach::OralSurfaceLeftOut, ORAL, "item[0].subSite[1]"),
    cut(Breach::OralProsthesisNeverSaid, ORAL, "supportingInfo[prosthesis]"),
    set(Breach::OralLiabilityTooLow, ORAL, "item.adjudication[memberliability].amount.value total[memberliability].amount.value", "0.00"),
];
