use serde_json::{Value, json};

use super::*;

const CONTEXT: Context<'static> = Context { base: "https://payer.example/fhir" };

fn answer(kind: Kind, value: &str, node: &Value) -> Answer {
    matches(kind, value, &[node], &CONTEXT)
}

#[test]
fn tokens_compare_system_and_code() {
    let concept = json!({"coding": [{"system": "http://a.example", "code": "x"}, {"system": "http://b.example", "code": "y"}]});
    assert_eq!(answer(Kind::Token, "http://b.example|y", &concept), Answer::Yes);
    assert_eq!(answer(Kind::Token, "x", &concept), Answer::Yes);
    assert_eq!(answer(Kind::Token, "http://a.example|", &concept), Answer::Yes);
    assert_eq!(answer(Kind::Token, "http://a.example|y", &concept), Answer::No);
    assert_eq!(answer(Kind::Token, "|x", &concept), Answer::No);
    assert!(matches!(answer(Kind::Token, "X", &concept), Answer::Unknown(_)));
    assert_eq!(answer(Kind::Token, "z,y", &concept), Answer::Yes);
    assert_eq!(answer(Kind::Token, "active", &json!("active")), Answer::Yes);
    assert_eq!(answer(Kind::Token, "true", &json!(false)), Answer::No);
}

#[test]
fn references_compare_targets() {
    let node = json!({"reference": "Patient/1"});
    for value in ["Patient/1", "1", "https://payer.example/fhir/Patient/1"] {
        assert_eq!(answer(Kind::Reference, value, &node), Answer::Yes, "{value}");
    }
    for value in ["Patient/2", "2", "Practitioner/1", "https://other.example/fhir/Patient/1"] {
        assert_eq!(answer(Kind::Reference, value, &node), Answer::No, "{value}");
    }
}

#[test]
fn strings_start_with_the_value_whatever_case_and_accents() {
    let name = json!({"family": "Müller", "given": ["Anna", "Bea"]});
    assert_eq!(answer(Kind::String, "mull", &name), Answer::Yes);
    assert_eq!(answer(Kind::String, "bea", &name), Answer::Yes);
    assert_eq!(answer(Kind::String, "zed", &name), Answer::No);
    assert!(matches!(answer(Kind::String, "ller", &name), Answer::Unknown(_)));
}

#[test]
fn numbers_have_the_precision_that_is_written() {
    assert_eq!(answer(Kind::Number, "100", &json!(100.4)), Answer::Yes);
    assert_eq!(answer(Kind::Number, "100.0", &json!(100.4)), Answer::No);
    assert_eq!(answer(Kind::Number, "gt100", &json!(100.4)), Answer::Yes);
    assert_eq!(answer(Kind::Number, "lt100", &json!(100.4)), Answer::No);
    let money = json!({"value": 12.5, "currency": "USD"});
    assert_eq!(answer(Kind::Quantity, "12.5", &money), Answer::Yes);
    assert_eq!(answer(Kind::Quantity, "12.5||USD", &money), Answer::Yes);
    assert_eq!(answer(Kind::Quantity, "ge13", &money), Answer::No);
}

#[test]
fn odd_data_never_matches_and_never_panics() {
    let odd = [json!(null), json!({}), json!([]), json!({"coding": "x"}), json!({"reference": 5}), json!({"start": 7}), json!("é|,$\\")];
    let values = ["", "|", "$", "\\", "ge", "é", "a|b|c", "geé", "1e999", "Patient/"];
    for kind in [Kind::Number, Kind::Date, Kind::Token, Kind::Reference, Kind::Quantity, Kind::Uri] {
        for node in &odd[..6] {
            for value in values {
                assert_ne!(answer(kind, value, node), Answer::Yes, "{kind:?} {value} {node}");
            }
        }
    }
}

#[test]
fn every_sample_value_finds_its_own_node_and_no_match_never_does() {
    let nodes = [
        (Kind::Token, json!({"coding": [{"system": "http://a.example/x|y", "code": "a,b"}]})),
        (Kind::Token, json!({"system": "urn:oid:1.2", "value": "42"})),
        (Kind::Token, json!({"system": "phone", "value": "555"})),
        (Kind::Token, json!("active")),
        (Kind::Reference, json!({"reference": "Patient/1"})),
        (Kind::Reference, json!({"reference": "https://other.example/fhir/Patient/1"})),
        (Kind::Date, json!("2020-05-17")),
        (Kind::Date, json!("2020-05-17T23:30:00-05:00")),
        (Kind::Date, json!("2020-05")),
        (Kind::Date, json!({"start": "2020-01-01", "end": "2020-01-31"})),
        (Kind::Date, json!({"start": "2020-01-01"})),
        (Kind::String, json!("Zürich, CH")),
        (Kind::String, json!({"family": "Roe", "given": ["Jane"]})),
        (Kind::Number, json!(1.5)),
        (Kind::Quantity, json!({"value": 3, "system": "http://unitsofmeasure.org", "code": "mg"})),
        (Kind::Uri, json!("http://a.example/x,y")),
    ];
    for (kind, node) in &nodes {
        for sample in sample_values(*kind, node) {
            assert_eq!(answer(*kind, &sample.value, node), Answer::Yes, "{kind:?} {} {node}", sample.value);
        }
        for prefix in ["ge", "gt", "le", "lt", "ne", "sa", "eb"] {
            if let Some(value) = sample_with_prefix(*kind, prefix, node) {
                assert_eq!(answer(*kind, &value, node), Answer::Yes, "{kind:?} {value} {node}");
            }
        }
        assert_eq!(answer(*kind, &no_match_value(*kind, None), node), Answer::No, "{kind:?} {node}");
    }
}

#[test]
fn composite_parts_must_all_be_met() {
    let (code, quantity) = (json!({"coding": [{"code": "bp"}]}), json!({"value": 120}));
    let parts = [(Kind::Token, vec![&code]), (Kind::Quantity, vec![&quantity])];
    assert_eq!(matches_composite(&parts, "bp$120", &CONTEXT), Answer::Yes);
    assert_eq!(matches_composite(&parts, "bp$lt100", &CONTEXT), Answer::No);
    assert_eq!(matches_composite(&parts, "bp", &CONTEXT), Answer::No);
}

#[test]
fn escaping_is_undone() {
    let text = "a,b|c$d\\e";
    assert_eq!(unescape(&escape(text)), text);
    assert_eq!(split_unescaped(&format!("{},x", escape(text)), ',').len(), 2);
}
