//! `data.related`

use std::sync::Arc;

use super::claim::pair;
use super::{each, entries, has_code, wrong};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "data.related",
    summary: "a claim and the one that it replaces name each other, and nothing between them",
    why: "CARIN BB C4BB ExplanationOfBenefit, notes on .related: an adjusting claim names the most recent claim before it as prior, and an adjusted one its replacement as replacedby. Claims that were not harvested are not judged, and a claim that names its own number may mean one of them.",
    accepts: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "2", "identifier": [{"type": {"coding": [{"code": "uc"}]}, "value": "B"}], "related": [{"relationship": {"coding": [{"code": "prior"}]}, "reference": {"value": "A"}}]}, "others": [{"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"type": {"coding": [{"code": "uc"}]}, "value": "A"}], "related": [{"relationship": {"coding": [{"code": "replacedby"}]}, "reference": {"value": "B"}}]}]}"#,
    rejects: r#"{"about": {"type": "ExplanationOfBenefit"}, "sample": {"resourceType": "ExplanationOfBenefit", "id": "2", "identifier": [{"type": {"coding": [{"code": "uc"}]}, "value": "B"}], "related": [{"relationship": {"coding": [{"code": "prior"}]}, "reference": {"value": "A"}}]}, "others": [{"resourceType": "ExplanationOfBenefit", "id": "1", "identifier": [{"type": {"coding": [{"code": "uc"}]}, "value": "A"}], "related": [{"relationship": {"coding": [{"code": "replacedby"}]}, "reference": {"value": "C"}}]}]}"#,
    run,
};

/// Each relation with its converse.
const RELATIONS: [(&str, &str); 2] = [("prior", "replacedby"), ("replacedby", "prior")];

fn run(subject: &Subject<'_>) -> Evidence {
    let claims = subject.samples.of(subject.resource_type());
    each(subject, "no claim names another that was harvested", |claim, evidence| {
        for (relation, converse) in RELATIONS {
            for number in related(claim, relation) {
                // A claim may keep its number when it is adjusted, so that its own number may mean one before it that is not shown.
                let is_other = |other: &&Arc<Value>| other.get("id") != claim.get("id") && has_number(other, &number);
                let named: Vec<&Arc<Value>> = claims.iter().filter(is_other).collect();
                if named.is_empty() {
                    continue;
                }
                evidence.examined += 1;
                if !named.iter().any(|other| related(other, converse).iter().any(|back| has_number(claim, back))) {
                    let names_other = named.iter().any(|other| !related(other, converse).is_empty());
                    let actual = if names_other { "it names another claim" } else { "it names none" };
                    wrong(evidence, claim, "related", "a claim that names this one by the converse relation", actual);
                }
            }
        }
        if leads_back(claim, claims) {
            wrong(evidence, claim, "related", "an end of the claims before it", "they lead back to the claim itself");
        }
    })
}

/// Whether the claims before a claim, each by its prior, come to the claim again by way of another.
fn leads_back(claim: &Value, claims: &[Arc<Value>]) -> bool {
    let before = |claim: &Value| {
        let numbers = related(claim, "prior");
        claims.iter().find(|other| other.get("id") != claim.get("id") && numbers.iter().any(|number| has_number(other, number)))
    };
    let mut here = before(claim);
    for _ in 0..claims.len() {
        match here {
            Some(found) if found.get("id") == claim.get("id") => return true,
            Some(found) => here = before(found),
            None => return false,
        }
    }
    false
}

/// System and value of the claim numbers that a claim is related to.
fn related(claim: &Value, relation: &str) -> Vec<(String, String)> {
    let of = entries(claim, "related").iter().filter(|related| has_code(related.get("relationship"), relation));
    of.filter_map(|related| pair(related.get("reference")?)).collect()
}

/// Whether a number is the claim's own. A system that one of the two leaves out is no difference.
fn has_number(claim: &Value, (system, value): &(String, String)) -> bool {
    let own = entries(claim, "identifier");
    let is_typed = |identifier: &&Value| has_code(identifier.get("type"), "uc");
    let any_typed = own.iter().any(|identifier| is_typed(&identifier));
    let numbers = own.iter().filter(|identifier| !any_typed || is_typed(identifier)).filter_map(pair);
    let mut alike = numbers.filter(|(own, _)| own.is_empty() || system.is_empty() || own == system);
    alike.any(|(_, own)| own == *value)
}
