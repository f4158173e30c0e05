//! What checks make of examples that lie between the good and the bad one that each of them carries.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::sync::Arc;

use payerspec::check::example::judge;
use payerspec::check::find;
use payerspec::guide::{Catalogue, GuideId, Sources};
use serde_json::{Value, json};

/// How many things a check examines in an example, and what it finds: where, and what is there.
fn judged(guide: &str, check: &str, example: &Value) -> (usize, Vec<String>) {
    let guide: GuideId = guide.parse().unwrap();
    let catalogue = Arc::new(Catalogue::load(&[guide], &Sources::default()).unwrap());
    let evidence = judge(find(check).unwrap(), &example.to_string(), &catalogue).unwrap();
    assert!(evidence.examined > 0 || evidence.note.is_some(), "{check} does not say why it examined nothing");
    let told = evidence.findings.iter().map(|finding| format!("{}: {}", finding.at, finding.actual));
    (evidence.examined, told.collect())
}

const CARIN: &str = "hl7.fhir.us.carin-bb#2.0.0";

#[test]
fn an_unknown_reason_is_judged_by_every_profile_that_the_resource_may_be_of() {
    let judged = |element: &str, profiles: &[&str]| {
        let reason =
            json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown" }] });
        let mut patient = json!({ "resourceType": "Patient", "id": "1", "meta": { "profile": profiles } });
        patient[element] = reason;
        judged(CARIN, "data.no-unknown-reason", &json!({ "about": { "type": "Patient" }, "sample": patient }))
    };
    let carin = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient";
    let (known, newer) = (format!("{carin}|2.0.0"), format!("{carin}|99.0.0"));
    let of_base = "http://hl7.org/fhir/StructureDefinition/Patient";
    for profiles in [&[][..], &[known.as_str()], &[newer.as_str()], &[of_base], &[carin]] {
        assert_eq!(judged("_gender", profiles), (1, vec![]), "the guide makes gender mandatory: {profiles:?}");
        let found = judged("_birthDate", profiles);
        let expected = "Patient/1: Patient.birthDate: an element whose value is absent for an unknown reason".to_owned();
        assert_eq!(found, (1, vec![expected]), "{profiles:?}");
    }
    assert_eq!(judged("_birthDate", &["https://payer.example/StructureDefinition/member"]), (0, vec![]), "nobody knows what it demands");
}

#[test]
fn an_insurer_differs_from_the_payor_where_both_are_at_hand() {
    let judged = |insurer: Value, others: Value| {
        let coverage = json!({ "resourceType": "Coverage", "id": "c", "payor": [{ "reference": "Organization/a" }] });
        let claim = json!({ "resourceType": "ExplanationOfBenefit", "id": "1", "contained": [coverage], "insurer": insurer,
            "insurance": [{ "focal": true, "coverage": { "reference": "#c" } }] });
        judged(CARIN, "data.insurer", &json!({ "about": { "type": "ExplanationOfBenefit" }, "sample": claim, "others": others }))
    };
    let organization =
        |id: &str, value: &str| json!({ "resourceType": "Organization", "id": id, "identifier": [{ "system": "urn:x", "value": value }] });
    let to_b = || json!({ "reference": "Organization/b" });
    assert_eq!(judged(to_b(), json!([])), (0, vec![]));
    assert_eq!(judged(to_b(), json!([organization("a", "1")])), (0, vec![]));
    assert_eq!(judged(json!({ "identifier": { "system": "urn:x", "value": "2" } }), json!([organization("a", "1")])), (0, vec![]));
    assert_eq!(judged(json!({ "identifier": { "system": "urn:x", "value": "1" } }), json!([organization("a", "1")])), (1, vec![]));
    assert_eq!(judged(to_b(), json!([organization("a", "1"), organization("b", "1")])), (1, vec![]), "one payer, twice on the server");
    let found = judged(to_b(), json!([organization("a", "1"), organization("b", "2")]));
    assert_eq!(found, (1, vec!["ExplanationOfBenefit/1: insurer: another party".to_owned()]));
}

#[test]
fn a_claim_that_keeps_its_number_names_itself_without_harm() {
    let claim = |id: &str, number: &str, relation: &str, of: &str| {
        let coded = |code: &str| json!({ "coding": [{ "code": code }] });
        json!({ "resourceType": "ExplanationOfBenefit", "id": id, "identifier": [{ "type": coded("uc"), "value": number }],
            "related": [{ "relationship": coded(relation), "reference": { "value": of } }] })
    };
    let judged = |others: Value| {
        let sample = claim("2", "A", "prior", "A");
        judged(CARIN, "data.related", &json!({ "about": { "type": "ExplanationOfBenefit" }, "sample": sample, "others": others }))
    };
    assert_eq!(judged(json!([])), (0, vec![]));
    assert_eq!(judged(json!([claim("1", "A", "replacedby", "A")])), (2, vec![]));
    let found = judged(json!([claim("1", "A", "replacedby", "C")]));
    assert_eq!(found, (1, vec!["ExplanationOfBenefit/2: related: it names another claim".to_owned()]));
}

#[test]
fn an_answer_that_says_nothing_of_what_may_be_seen_is_not_examined() {
    let judged = |check: &str, status: u16, body: Option<Value>| {
        let mut step = json!({ "request": "GET Coverage", "as": if check == "access.none-of-member" { "other-member" } else { "member" }, "status": status });
        if let Some(body) = body {
            step["body"] = body;
        }
        let patient = json!({ "resourceType": "Patient", "id": "1" });
        judged(CARIN, check, &json!({ "sample": patient, "members": ["1"], "steps": [step] })).0
    };
    let outcome = || Some(json!({ "resourceType": "OperationOutcome", "issue": [] }));
    for check in ["access.own-compartment", "access.none-of-member", "access.within-scope"] {
        for status in [429, 500, 502, 503, 302] {
            assert_eq!(judged(check, status, outcome()), 0, "{check} of {status}");
        }
        for status in [200, 401, 403] {
            assert_eq!(judged(check, status, outcome()), 1, "{check} of {status}");
        }
    }
    for (status, examined) in [(400, 1), (404, 1), (501, 1)] {
        assert_eq!(judged("access.own-compartment", status, outcome()), examined);
        assert_eq!(judged("access.within-scope", status, outcome()), 0, "{status} says nothing of a scope");
    }
    assert_eq!(judged("access.own-compartment", 200, None), 0, "nothing that could be read");
}

#[test]
fn every_old_version_of_tls_is_told_by_its_name() {
    let transport = json!([{ "origin": "https://a.example", "old": { "TLS 1.0": "refused", "TLS 1.1": "accepted" } }]);
    let catalogue = Arc::new(Catalogue::load(&[GuideId::core()], &Sources::default()).unwrap());
    let evidence = judge(find("tls.old-refused").unwrap(), &json!({ "transport": transport }).to_string(), &catalogue).unwrap();
    assert_eq!((evidence.examined, evidence.findings.len()), (2, 1));
    assert_eq!(evidence.findings[0].expected.to_string(), "TLS 1.1 refused");
}

#[test]
fn what_the_payer_knows_is_looked_for_where_the_record_is_whole() {
    let claim = |id: &str, number: &str| json!({ "resourceType": "ExplanationOfBenefit", "id": id, "identifier": [{ "value": number }] });
    let about = json!({ "type": "ExplanationOfBenefit" });
    let facts = json!({ "claim": [{ "number": "A", "processed": "2026-07-02" }] });
    // The day after is a holiday, and then comes a weekend.
    for (today, examined, findings) in [("2026-07-06", 0, 0), ("2026-07-07", 1, 1)] {
        let example = json!({ "about": about, "as-of": today, "scope": ["patient", "1"], "facts": facts, "sample": claim("1", "B") });
        let (seen, found) = judged(CARIN, "facts.processed", &example);
        assert_eq!((seen, found.len()), (examined, findings), "{today}");
    }
    let unsearched = json!({ "about": about, "as-of": "2026-07-07", "facts": facts, "sample": claim("1", "B") });
    assert_eq!(judged(CARIN, "facts.processed", &unsearched), (0, vec![]), "nothing says that the record is whole");
    let counted = json!({ "member": [{ "claims": { "total": 5 } }] });
    let part = json!({ "about": about, "patient": "1", "facts": counted, "sample": claim("1", "B") });
    assert_eq!(judged(CARIN, "facts.claims", &part), (0, vec![]), "what was not all harvested is not counted");
}

#[test]
fn a_day_of_change_is_that_of_any_zone() {
    let judged = |stamp: &str| {
        let coverage = json!({ "resourceType": "Coverage", "id": "1", "meta": { "lastUpdated": stamp } });
        let facts = json!({ "resource": [{ "reference": "Coverage/1", "changed": "2026-03-02" }] });
        judged(CARIN, "facts.changed", &json!({ "about": { "type": "Coverage" }, "facts": facts, "sample": coverage })).1.len()
    };
    for (stamp, findings) in [
        ("2026-03-01T10:00:00Z", 0),
        ("2026-03-01T09:00:00Z", 1),
        ("2026-03-02T23:59:59Z", 0),
        ("2026-03-03T11:59:59Z", 0),
        ("2026-03-03T12:30:00Z", 1),
        ("2026-03-02T00:00:00+14:00", 0),
    ] {
        assert_eq!(judged(stamp), findings, "{stamp}");
    }
}

#[test]
fn what_is_never_seen_settles_nothing_without_facts() {
    let patient = json!({
        "resourceType": "Patient",
        "id": "1",
        "meta": { "profile": ["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient|2.0.0"] },
        "identifier": [{ "type": { "coding": [{ "code": "MB" }] }, "value": "M1" }],
    });
    let judged = |facts: &Value| {
        let about = json!({ "type": "Patient", "value": "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient" });
        judged(CARIN, "facts.must-support", &json!({ "about": about, "facts": facts, "sample": patient, "scope": ["_id", "1"] }))
    };
    assert_eq!(judged(&json!({})), (0, vec![]));
    let (_, found) = judged(&json!({ "must-support": ["Patient.name"] }));
    assert_eq!(found, ["Patient.name: it is in none of 1 resources"]);
    let (examined, found) = judged(&json!({ "must-support": ["Patient.identifier"], "must-support-not": ["*"] }));
    assert!(examined > 0 && found.is_empty(), "the payer says that it holds nothing else: {found:?}");
}
