//! What breaks the guide's profile of professional and non-clinician claims.

use super::{Break, PROFESSIONAL, cut, set};
use crate::reference::fault::Breach;

/// The breaks.
pub const BREAKS: &[Break] = &[
    cut(Breach::ProfessionalTransportUnlinked, PROFESSIONAL, "item.informationSequence"),
    set(Breach::ProfessionalWeightInKilograms, PROFESSIONAL, "supportingInfo[patientweight].valueQuantity.unit", r#""kg""#),
    cut(Breach::ProfessionalDistanceWithoutValue, PROFESSIONAL, "supportingInfo[transportationdistance].valueQuantity.value"),
    cut(Breach::ProfessionalLineWithoutPlace, PROFESSIONAL, "item.locationCodeableConcept"),
    cut(Breach::ProfessionalLineWithoutDate, PROFESSIONAL, "item.servicedDate"),
    set(
        Breach::ProfessionalLineWithoutProcedure,
        PROFESSIONAL,
        "item[0].productOrService.coding",
        r#"[{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "not-applicable"}]"#,
    ),
    set(
        Breach::ProfessionalReferringOrganization,
        PROFESSIONAL,
        "careTeam[referring].provider.reference",
        r#""Organization/provider-hospital""#,
    ),
    cut(Breach::ProfessionalDiagnosisWithoutType, PROFESSIONAL, "diagnosis.type"),
    set(
        Breach::ProfessionalUnknownNetworkStatus,
        PROFESSIONAL,
        "adjudication[billingnetworkstatus].reason.coding",
        r#"[{"system": "https://payer.test/network", "code": "maybe"}]"#,
    ),
    cut(Breach::ProfessionalNoAmounts, PROFESSIONAL, "item.adjudication.amount"),
    set(Breach::ProfessionalEligibleTooHigh, PROFESSIONAL, "item[0].adjudication[eligible].amount.value", "99999.00"),
    set(
        Breach::ProfessionalWithRevenue,
        PROFESSIONAL,
        "item[0].revenue",
        r#"{"coding": [{"system": "https://www.nubc.org/CodeSystem/RevenueCodes", "code": "0510"}]}"#,
    ),
];
