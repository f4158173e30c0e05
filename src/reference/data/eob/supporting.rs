//! Builders for what stands around the lines: supporting information, care team, diagnoses.

use super::super::codes;
use super::super::stamp::{after, merge, reference};
use super::super::version::CarinVersion;
use super::Claim;
use crate::fhir::json::{Value, json};

/// Supporting information, numbered as it comes.
pub(super) struct SupportingInfo {
    version: CarinVersion,
    entries: Vec<Value>,
}

impl SupportingInfo {
    /// Starts with what every family may say: when the claim came in and, in 1.1.0, whether the biller has a contract.
    pub(super) fn new(claim: &Claim) -> Self {
        let mut info = Self { version: claim.version, entries: Vec::new() };
        info.add("clmrecvddate", json!({ "timingDate": after(claim.created, -3).to_string() }));
        if claim.version == CarinVersion::V1_1_0 {
            let contract = claim.version.concept(codes::C4BB_STATUS, claim.contract_code());
            info.add("billingnetworkcontractingstatus", json!({ "code": contract }));
        }
        info
    }

    /// Adds an entry and gives its sequence, for lines to point at.
    pub(super) fn add(&mut self, category: &str, more: Value) -> usize {
        let sequence = self.entries.len() + 1;
        let mut entry = json!({ "sequence": sequence, "category": self.version.concept(codes::C4BB_SUPPORTING_INFO, category) });
        merge(&mut entry, more);
        self.entries.push(entry);
        sequence
    }

    /// Adds an entry that is a code.
    pub(super) fn code(&mut self, category: &str, system: &str, code: &str) -> usize {
        let concept = self.version.concept(system, code);
        self.add(category, json!({ "code": concept }))
    }

    /// Adds the group that the stay is paid by, with the version of the grouper.
    pub(super) fn group(&mut self, code: &str) {
        let coding = json!({ "system": codes::MS_DRG, "version": "37", "code": code });
        self.add("drg", json!({ "code": { "coding": [coding] } }));
    }

    /// Adds the numbers under which the provider knows patient and account.
    pub(super) fn provider_numbers(&mut self, claim: &Claim) {
        self.add("medicalrecordnumber", json!({ "valueString": format!("MRN-{}", claim.member.number) }));
        self.add("patientaccountnumber", json!({ "valueString": format!("ACC-{}", claim.number) }));
    }

    /// The entries, in order.
    pub(super) fn finish(self) -> Vec<Value> {
        self.entries
    }
}

/// A care team of who (relative URL), in which role and, where given, with which qualification.
pub(super) fn care_team(version: CarinVersion, people: &[(&str, &str, Option<&str>)]) -> Vec<Value> {
    people
        .iter()
        .enumerate()
        .map(|(place, (who, role, qualification))| {
            // 1.1.0 calls whoever rendered the service performing.
            let role = if *role == "rendering" && version == CarinVersion::V1_1_0 { "performing" } else { role };
            let system = if matches!(role, "primary" | "supervisor") { codes::CARE_TEAM_ROLE } else { codes::C4BB_CARE_TEAM_ROLE };
            let mut entry = json!({ "sequence": place + 1, "provider": reference(who), "role": version.concept(system, role) });
            if let Some(qualification) = qualification {
                merge(&mut entry, json!({ "qualification": version.concept(codes::PROVIDER_TAXONOMY, qualification) }));
            }
            entry
        })
        .collect()
}

/// Diagnoses as code and type, numbered as they come.
pub(super) fn diagnoses(version: CarinVersion, all: &[(&str, &str)]) -> Vec<Value> {
    all.iter()
        .enumerate()
        .map(|(place, (code, kind))| {
            let system = if matches!(*kind, "principal" | "admitting") { codes::DIAGNOSIS_TYPE } else { codes::C4BB_DIAGNOSIS_TYPE };
            json!({
                "sequence": place + 1,
                "diagnosisCodeableConcept": version.concept(codes::ICD10_CM, code),
                "type": [version.concept(system, kind)],
            })
        })
        .collect()
}

impl Claim<'_> {
    /// The code of the provider's contract, which 1.1.0 states.
    pub(super) fn contract_code(&self) -> &'static str {
        if self.in_network { "contracted" } else { "noncontracted" }
    }
}
