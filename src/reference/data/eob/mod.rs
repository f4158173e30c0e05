//! A member's ExplanationOfBenefits: what all kinds have in common.

mod adjudication;
mod inpatient;
mod oral;
mod outpatient;
mod pharmacy;
mod professional;
mod schedule;
mod supporting;

use time::Date;

use super::codes;
use super::party::{DENTAL_PAYER, PAYER, named};
use super::patient::MemberKey;
use super::random::SplitMix64;
use super::stamp::{after, merge, meta, reference};
use super::version::CarinVersion;
use crate::fhir::json::{Value, json};
use adjudication::{Amounts, Line};

/// The five families of claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Inpatient,
    Outpatient,
    Pharmacy,
    Professional,
    Oral,
}

/// What makes a claim special within its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variety {
    Usual,
    /// A drug mixed from several.
    Compound,
    /// A ride in an ambulance.
    Transport,
    /// An eye examination.
    Vision,
}

/// What the payer decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Paid,
    /// Some lines paid, the last one denied.
    PartlyPaid,
    Denied,
}

/// A claim before it is written down.
#[derive(Clone, Debug)]
struct Claim<'a> {
    version: CarinVersion,
    member: &'a MemberKey,
    kind: Kind,
    variety: Variety,
    decision: Decision,
    /// Whether it claims the Basis profile, which leaves money out.
    basis: bool,
    /// Whether an institutional claim is adjudicated as a whole and not line by line.
    by_header: bool,
    /// Whether everything optional is filled.
    full: bool,
    in_network: bool,
    status: &'static str,
    /// Code and claim number of the claim it replaces or is replaced by.
    related: Option<(&'static str, String)>,
    id: String,
    number: String,
    start: Date,
    created: Date,
    /// The place among the member's resources.
    index: usize,
}

/// What a family contributes to a claim.
struct Parts {
    provider: &'static str,
    care_team: Vec<Value>,
    supporting_info: Vec<Value>,
    diagnoses: Vec<Value>,
    procedures: Vec<Value>,
    lines: Vec<Line>,
    end: Date,
}

/// All claims of a member.
pub fn all(version: CarinVersion, member: &MemberKey, random: &mut SplitMix64) -> Vec<Value> {
    schedule::claims(version, member, random).iter().map(|claim| write(claim, random)).collect()
}

fn write(claim: &Claim, random: &mut SplitMix64) -> Value {
    let parts = match claim.kind {
        Kind::Inpatient => inpatient::parts(claim, random),
        Kind::Outpatient => outpatient::parts(claim, random),
        Kind::Pharmacy => pharmacy::parts(claim, random),
        Kind::Professional => professional::parts(claim, random),
        Kind::Oral => oral::parts(claim, random),
    };
    let mut resource = head(claim, &parts);
    merge(&mut resource, payee_and_relation(claim, &parts));
    for (name, entries) in [
        ("careTeam", &parts.care_team),
        ("supportingInfo", &parts.supporting_info),
        ("diagnosis", &parts.diagnoses),
        ("procedure", &parts.procedures),
    ] {
        if !entries.is_empty() {
            merge(&mut resource, json!({ name: entries }));
        }
    }
    merge(&mut resource, adjudication::body(claim, &parts.lines));
    merge(&mut resource, tail(claim, &parts.lines));
    resource
}

fn head(claim: &Claim, parts: &Parts) -> Value {
    let version = claim.version;
    let (insurer, insurer_name, coverage) = match claim.kind {
        Kind::Oral => (DENTAL_PAYER, "Wasatch Reference Dental Plan", claim.member.dental_coverage()),
        _ => (PAYER, "Wasatch Reference Health Plan", claim.member.medical_coverage()),
    };
    let changed = after(claim.created, if claim.status == "cancelled" { 62 } else { 2 });
    let version_id = if claim.status == "cancelled" { 2 } else { 1 };
    let mut resource = json!({
        "resourceType": "ExplanationOfBenefit",
        "id": claim.id,
        "meta": meta(version_id, changed, claim.index, claim.member.number, &[version.profile(&claim.profile())]),
        "identifier": [{
            "type": version.concept(codes::C4BB_IDENTIFIER_TYPE, "uc"),
            "system": codes::CLAIM_IDENTIFIER,
            "value": claim.number,
        }],
        "status": claim.status,
        "type": version.concept(codes::CLAIM_TYPE, claim.type_code()),
        "use": "claim",
        "patient": reference(&claim.member.patient()),
        "created": claim.created.to_string(),
        "insurer": named(insurer, insurer_name),
        "provider": reference(parts.provider),
        "outcome": "complete",
        "insurance": [{ "focal": true, "coverage": reference(&coverage) }],
    });
    if claim.full && claim.kind == Kind::Outpatient {
        let other = json!({ "focal": false, "coverage": { "display": "Bear River Mutual" } });
        merge(&mut resource, json!({ "insurance": [{ "focal": true, "coverage": reference(&coverage) }, other] }));
    }
    if let Some(sub_type) = claim.sub_type() {
        merge(&mut resource, json!({ "subType": version.concept(codes::C4BB_SUB_TYPE, sub_type) }));
    }
    if claim.has_billable_period() {
        merge(&mut resource, json!({ "billablePeriod": { "start": claim.start.to_string(), "end": parts.end.to_string() } }));
    }
    resource
}

fn payee_and_relation(claim: &Claim, parts: &Parts) -> Value {
    let version = claim.version;
    let mut more = json!({});
    if claim.full {
        let payee = if claim.pays_member() {
            json!({
                "type": version.concept(codes::C4BB_PAYEE_TYPE, "beneficiary"),
                "party": reference(&claim.member.patient()),
            })
        } else {
            json!({ "type": version.concept(codes::PAYEE_TYPE, "provider"), "party": reference(parts.provider) })
        };
        merge(&mut more, json!({ "payee": payee }));
    }
    if let Some((relation, number)) = &claim.related {
        let system = if *relation == "prior" { codes::RELATED_CLAIM } else { codes::C4BB_RELATED_CLAIM };
        let related = json!([{
            "relationship": version.concept(system, relation),
            "reference": {
                "type": version.concept(codes::C4BB_IDENTIFIER_TYPE, "uc"),
                "system": codes::CLAIM_IDENTIFIER,
                "value": number,
            },
        }]);
        merge(&mut more, json!({ "related": related }));
    }
    more
}

fn tail(claim: &Claim, lines: &[Line]) -> Value {
    let paid: Amounts = lines.iter().map(|line| line.amounts).sum();
    let outcome = match claim.decision {
        Decision::Paid => "paid",
        Decision::PartlyPaid => "partiallypaid",
        Decision::Denied => "denied",
    };
    let mut payment = json!({
        "type": claim.version.concept(codes::C4BB_STATUS, outcome),
        "date": after(claim.created, 3).to_string(),
    });
    if !claim.basis {
        merge(&mut payment, json!({ "amount": paid.paid.money() }));
    }
    let mut more = json!({ "payment": payment });
    if claim.has_note() {
        let text = match claim.decision {
            Decision::Paid => "Paid at the contracted rate.",
            _ => "This line is not covered by the plan.",
        };
        merge(&mut more, json!({ "processNote": [{ "number": 1, "type": "display", "text": text }] }));
    }
    more
}

impl Claim<'_> {
    fn profile(&self) -> String {
        let family = match self.kind {
            Kind::Inpatient => "Inpatient-Institutional",
            Kind::Outpatient => "Outpatient-Institutional",
            Kind::Pharmacy => "Pharmacy",
            Kind::Professional => "Professional-NonClinician",
            Kind::Oral => "Oral",
        };
        format!("ExplanationOfBenefit-{family}{}", if self.basis { "-Basis" } else { "" })
    }

    fn type_code(&self) -> &'static str {
        match (self.kind, self.variety) {
            (Kind::Inpatient | Kind::Outpatient, _) => "institutional",
            (Kind::Pharmacy, _) => "pharmacy",
            (Kind::Professional, Variety::Vision) => "vision",
            (Kind::Professional, _) => "professional",
            (Kind::Oral, _) => "oral",
        }
    }

    fn sub_type(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Inpatient => Some("inpatient"),
            Kind::Outpatient => Some("outpatient"),
            _ => None,
        }
    }

    fn is_institutional(&self) -> bool {
        matches!(self.kind, Kind::Inpatient | Kind::Outpatient)
    }

    /// Only 1.1.0 lets a claim do without, where its lines carry the dates.
    fn has_billable_period(&self) -> bool {
        self.version.is_second_generation() || self.kind == Kind::Inpatient || self.full
    }

    fn has_note(&self) -> bool {
        self.full || self.decision != Decision::Paid
    }

    /// Whether the denied lines are those of a provider outside of the network.
    fn is_mixed(&self) -> bool {
        self.kind == Kind::Oral && self.in_network && self.decision == Decision::PartlyPaid
    }

    /// Claims from outside the network are paid to the member.
    fn pays_member(&self) -> bool {
        !self.in_network
    }

    /// Whether the line with this place among `count` is denied.
    fn denies(&self, place: usize, count: usize) -> bool {
        match self.decision {
            Decision::Paid => false,
            Decision::PartlyPaid => place + 1 == count,
            Decision::Denied => true,
        }
    }
}
