//! Names of the code and identifier systems that the synthetic record uses.

/// Kinds of identifier that HL7 defines.
pub const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
/// Claim types.
pub const CLAIM_TYPE: &str = "http://terminology.hl7.org/CodeSystem/claim-type";
/// Amounts of an adjudication that HL7 defines.
pub const ADJUDICATION: &str = "http://terminology.hl7.org/CodeSystem/adjudication";
/// Roles in a care team that HL7 defines.
pub const CARE_TEAM_ROLE: &str = "http://terminology.hl7.org/CodeSystem/claimcareteamrole";
/// Kinds of diagnosis that HL7 defines.
pub const DIAGNOSIS_TYPE: &str = "http://terminology.hl7.org/CodeSystem/ex-diagnosistype";
/// Who gets paid.
pub const PAYEE_TYPE: &str = "http://terminology.hl7.org/CodeSystem/payeetype";
/// How one claim relates to another.
pub const RELATED_CLAIM: &str = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship";
/// Why a value is absent.
pub const DATA_ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// Kinds of identifier that CARIN adds.
pub const C4BB_IDENTIFIER_TYPE: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType";
/// Amounts of an adjudication that CARIN adds.
pub const C4BB_ADJUDICATION: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication";
/// What tells the adjudication slices apart.
pub const C4BB_DISCRIMINATOR: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator";
/// Network, contract and payment statuses.
pub const C4BB_STATUS: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBPayerAdjudicationStatus";
/// Kinds of supporting information.
pub const C4BB_SUPPORTING_INFO: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType";
/// Roles in a care team that CARIN adds.
pub const C4BB_CARE_TEAM_ROLE: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole";
/// Kinds of diagnosis that CARIN adds.
pub const C4BB_DIAGNOSIS_TYPE: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimDiagnosisType";
/// Kinds of procedure.
pub const C4BB_PROCEDURE_TYPE: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimProcedureType";
/// Inpatient or outpatient.
pub const C4BB_SUB_TYPE: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBInstitutionalClaimSubType";
/// The payee that CARIN adds.
pub const C4BB_PAYEE_TYPE: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBPayeeType";
/// The relation of claims that CARIN adds.
pub const C4BB_RELATED_CLAIM: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBRelatedClaimRelationshipCodes";
/// The one code that stands for a compound drug.
pub const C4BB_COMPOUND: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBCompoundLiteral";
/// Tooth surfaces, as 2.0.0 defines them itself.
pub const C4BB_SURFACE: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSurfaceCodes";

/// Diagnoses.
pub const ICD10_CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
/// Inpatient procedures.
pub const ICD10_PCS: &str = "http://www.cms.gov/Medicare/Coding/ICD10";
/// Drugs and services that CMS codes.
pub const HCPCS: &str = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
/// Procedures that the AMA codes.
pub const CPT: &str = "http://www.ama-assn.org/go/cpt";
/// Dental procedures.
pub const CDT: &str = "http://www.ada.org/cdt";
/// Drugs.
pub const NDC: &str = "http://hl7.org/fhir/sid/ndc";
/// Diagnosis-related groups.
pub const MS_DRG: &str =
    "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software";
/// Places of service.
pub const PLACE_OF_SERVICE: &str = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set";
/// Present on admission, as the guide names it up to 2.0.0.
pub const PRESENT_ON_ADMISSION_NUBC: &str = "https://www.nubc.org/CodeSystem/PresentOnAdmissionIndicator";
/// Present on admission, as the guide names it from 2.1.0.
pub const PRESENT_ON_ADMISSION_CMS: &str = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/HospitalAcqCond/Coding";
/// Revenue codes.
pub const REVENUE: &str = "https://www.nubc.org/CodeSystem/RevenueCodes";
/// Types of bill.
pub const TYPE_OF_BILL: &str = "https://www.nubc.org/CodeSystem/TypeOfBill";
/// Where a patient came from.
pub const POINT_OF_ORIGIN: &str = "https://www.nubc.org/CodeSystem/PointOfOrigin";
/// How urgent an admission was.
pub const ADMISSION_PRIORITY: &str = "https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit";
/// How a patient left.
pub const DISCHARGE_STATUS: &str = "https://www.nubc.org/CodeSystem/PatDischargeStatus";
/// Why an amount was adjusted.
pub const ADJUSTMENT_REASON: &str = "https://x12.org/codes/claim-adjustment-reason-codes";
/// Why an ambulance was needed.
pub const AMBULANCE_REASON: &str = "https://x12.org/codesystem.x12.org/ambulance-transport-reason-codes";
/// Dispense as written.
pub const NCPDP_DISPENSE_AS_WRITTEN: &str = "http://terminology.hl7.org/CodeSystem/NCPDPDispensedAsWrittenOrProductSelectionCode";
/// Brand or generic.
pub const NCPDP_BRAND_GENERIC: &str = "http://terminology.hl7.org/CodeSystem/NCPDPBrandGenericIndicator";
/// How a prescription arrived.
pub const NCPDP_ORIGIN: &str = "http://terminology.hl7.org/CodeSystem/NCPDPPrescriptionOriginCode";
/// Compound or not.
pub const NCPDP_COMPOUND: &str = "http://terminology.hl7.org/CodeSystem/NCPDPCompoundCode";
/// Why a drug was refused.
pub const NCPDP_REJECT: &str = "http://terminology.hl7.org/CodeSystem/NCPDPRejectCode";
/// Teeth.
pub const TOOTH: &str = "http://terminology.hl7.org/CodeSystem/ADAUniversalToothDesignationSystem";
/// Tooth surfaces, as the guide names them from 2.1.0.
pub const TOOTH_SURFACE: &str = "http://terminology.hl7.org/CodeSystem/ADAToothSurfaceCodes";
/// Kinds of provider.
pub const PROVIDER_TAXONOMY: &str = "http://nucc.org/provider-taxonomy";
/// What an organization does.
pub const ORGANIZATION_TYPE: &str = "http://terminology.hl7.org/CodeSystem/organization-type";
/// Observations.
pub const LOINC: &str = "http://loinc.org";
/// Units of measure.
pub const UNITS: &str = "http://unitsofmeasure.org";

/// National provider identifiers.
pub const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
/// Tax numbers.
pub const TAX: &str = "urn:oid:2.16.840.1.113883.4.4";
/// Laboratory certificates.
pub const CLIA: &str = "urn:oid:2.16.840.1.113883.4.7";
/// Insurers' company codes.
pub const NAIC: &str = "urn:oid:2.16.840.1.113883.6.300";
/// This payer's member numbers; `.test` is a reserved name that no one owns.
pub const MEMBER_IDENTIFIER: &str = "https://payer.test/identifier/member";
/// This payer's numbers of people across plans.
pub const UNIQUE_MEMBER_IDENTIFIER: &str = "https://payer.test/identifier/unique-member";
/// This payer's claim numbers.
pub const CLAIM_IDENTIFIER: &str = "https://payer.test/identifier/claim";
/// This payer's own number among payers.
pub const PAYER_IDENTIFIER: &str = "https://payer.test/identifier/payer";
