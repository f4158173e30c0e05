//! What breaks the guide's profiles of institutional claims.

use super::{Break, INPATIENT, OUTPATIENT, add, cut, set};
use crate::reference::fault::Breach;

/// An amount of money that may stand on a line or on the whole claim, not on both.
const SUBMITTED: &str = r#"{"category": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adjudication", "code": "submitted"}]}, "amount": {"value": 10, "currency": "USD"}}"#;

/// The breaks.
pub const BREAKS: &[Break] = &[
    cut(Breach::InpatientNoAdmissionPeriod, INPATIENT, "supportingInfo[admissionperiod]"),
    set(
        Breach::InpatientAdmissionAsDate,
        INPATIENT,
        "supportingInfo[admissionperiod]",
        r#"{"sequence": 2, "category": {"coding": [{"system": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType", "code": "admissionperiod"}]}, "timingDate": "2021-12-02"}"#,
    ),
    cut(Breach::InpatientTypeOfBillWithoutCode, INPATIENT, "supportingInfo[typeofbill].code"),
    cut(Breach::InpatientReceivedWithoutDate, INPATIENT, "supportingInfo[clmrecvddate].timingDate"),
    set(
        Breach::InpatientRecordNumberAsQuantity,
        INPATIENT,
        "supportingInfo[medicalrecordnumber]",
        r#"{"sequence": 8, "category": {"coding": [{"system": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType", "code": "medicalrecordnumber"}]}, "valueQuantity": {"value": 1}}"#,
    ),
    set(Breach::InpatientAttendingOrganization, INPATIENT, "careTeam[attending].provider.reference", r#""Organization/provider-hospital""#),
    cut(Breach::InpatientCareTeamWithoutRole, INPATIENT, "careTeam[0].role"),
    set(
        Breach::InpatientUnknownDiagnosisType,
        INPATIENT,
        "diagnosis[0].type",
        r#"[{"coding": [{"system": "https://payer.test/diagnosis", "code": "guess"}]}]"#,
    ),
    cut(Breach::InpatientProcedureWithoutType, INPATIENT, "procedure.type"),
    cut(Breach::InpatientLineWithoutRevenue, INPATIENT, "item.revenue"),
    add(Breach::InpatientAdjudicatedTwice, INPATIENT, "item[0].adjudication", SUBMITTED),
    cut(Breach::InpatientNoPaymentStatus, INPATIENT, "adjudication[benefitpaymentstatus]"),
    set(Breach::OutpatientUnknownSubType, OUTPATIENT, "subType.coding", r#"[{"system": "https://payer.test/kind", "code": "outpatient"}]"#),
    set(
        Breach::OutpatientRenderingPractitioner,
        OUTPATIENT,
        "careTeam[rendering].provider.reference",
        r#""Practitioner/practitioner-family""#,
    ),
    set(
        Breach::OutpatientUnknownRole,
        OUTPATIENT,
        "careTeam[0].role.coding",
        r#"[{"system": "https://payer.test/role", "code": "porter"}]"#,
    ),
    set(
        Breach::OutpatientLineOverPeriod,
        OUTPATIENT,
        "item[0]",
        r#"{"sequence": 1, "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "99283"}]}, "servicedPeriod": {"start": "2024-09-16", "end": "2024-09-17"}}"#,
    ),
    cut(Breach::OutpatientNoDiagnosis, OUTPATIENT, "diagnosis"),
    cut(Breach::OutpatientReasonWithoutCode, OUTPATIENT, "adjudication[adjustmentreason].reason"),
    cut(Breach::OutpatientUnitsWithoutValue, OUTPATIENT, "item.adjudication[allowedunits].value"),
    cut(Breach::InpatientGroupWithoutVersion, INPATIENT, "supportingInfo[drg].code.coding.version"),
    set(Breach::InpatientTotalTooLow, INPATIENT, "total[submitted].amount.value", "0.50"),
    set(Breach::OutpatientTotalTooLow, OUTPATIENT, "total[submitted].amount.value", "0.50"),
    set(
        Breach::InpatientProcedureMadeUp,
        INPATIENT,
        "item[0].productOrService.coding",
        r#"[{"system": "http://www.ama-assn.org/go/cpt", "code": "99223"}]"#,
    ),
];
