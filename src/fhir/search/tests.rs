use super::*;
use crate::fhir::json::{Value, json};

const CONTEXT: Context<'static> = Context::of("https://payer.example/fhir");

fn is_unknown(answer: &Answer) -> bool {
    matches!(answer, Answer::Unknown(_))
}

fn modified(kind: Kind, modifier: &str, value: &str, node: &Value) -> Answer {
    matches_modified(kind, modifier, value, &[node], &CONTEXT)
}

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

#[test]
fn every_coding_counts_whatever_stands_before_it() {
    let concept = json!({"coding": [{"code": "y"}, {"system": "http://b.example", "code": "y"}]});
    assert_eq!(answer(Kind::Token, "http://b.example|y", &concept), Answer::Yes);
    assert_eq!(answer(Kind::Token, "|y", &concept), Answer::Yes);
    assert_eq!(answer(Kind::Token, "http://c.example|y", &concept), Answer::No);
}

#[test]
fn the_system_of_a_bare_code_and_of_a_contact_is_left_open() {
    for value in ["|active", "http://hl7.org/fhir/fm-status|active", "http://hl7.org/fhir/fm-status|"] {
        assert!(is_unknown(&answer(Kind::Token, value, &json!("active"))), "{value}");
    }
    assert_eq!(answer(Kind::Token, "http://hl7.org/fhir/fm-status|draft", &json!("active")), Answer::No);
    let phone = json!({"system": "phone", "value": "(555) 123-4567"});
    assert_eq!(answer(Kind::Token, "(555) 123-4567", &phone), Answer::Yes);
    assert!(is_unknown(&answer(Kind::Token, "5551234567", &phone)) && is_unknown(&answer(Kind::Token, "phone|5551234567", &phone)));
    assert_eq!(answer(Kind::Token, "999", &phone), Answer::No);
    let identifier = json!({"system": "urn:oid:1.2", "value": "123-4"});
    assert_eq!(answer(Kind::Token, "1234", &identifier), Answer::No);
}

#[test]
fn a_time_zone_that_only_one_side_states_leaves_the_answer_open() {
    let zoned = json!("2020-05-17T10:00:00+05:00");
    assert!(is_unknown(&answer(Kind::Date, "2020-05-17T10:00", &zoned)));
    assert!(is_unknown(&answer(Kind::Date, "2020-05-17", &zoned)));
    assert_eq!(answer(Kind::Date, "2020", &zoned), Answer::Yes);
    assert_eq!(answer(Kind::Date, "2020-05-19", &zoned), Answer::No);
    assert_eq!(answer(Kind::Date, "2020-05-17T05:00Z", &zoned), Answer::Yes);
    let night = json!({"start": "2020-05-17T23:00:00-05:00", "end": "2020-05-17T23:30:00-05:00"});
    assert!(is_unknown(&answer(Kind::Date, "2020-05-17", &night)));
    assert!(is_unknown(&answer(Kind::Date, "lt2020-05-17T00:00:00Z", &json!("2020-05-17"))));
    assert_eq!(answer(Kind::Date, "2020-05-17", &json!("2020-05-17")), Answer::Yes);
    assert_eq!(answer(Kind::Date, "2020-01", &json!({"start": "2020-01-05", "end": "2020-01-31"})), Answer::Yes);
}

#[test]
fn canonicals_and_versions_are_compared_as_far_as_r4_says() {
    let canonical = json!("http://guide.example/StructureDefinition/x|2.0.0");
    assert_eq!(answer(Kind::Reference, "http://guide.example/StructureDefinition/x", &canonical), Answer::Yes);
    assert_eq!(answer(Kind::Reference, "http://guide.example/StructureDefinition/x|2.0.0", &canonical), Answer::Yes);
    assert_eq!(answer(Kind::Reference, "http://guide.example/StructureDefinition/x|1.0.0", &canonical), Answer::No);
    assert!(is_unknown(&answer(Kind::Reference, "StructureDefinition/x", &canonical)));
    assert!(is_unknown(&answer(Kind::Uri, "http://guide.example/StructureDefinition/x", &canonical)));
    assert_eq!(sample_values(Kind::Reference, &canonical)[0].value, "http://guide.example/StructureDefinition/x|2.0.0");
    let versioned = json!({"reference": "Patient/1/_history/2"});
    assert_eq!(answer(Kind::Reference, "Patient/1/_history/2", &versioned), Answer::Yes);
    assert!(is_unknown(&answer(Kind::Reference, "Patient/1/_history/3", &versioned)));
    assert_eq!(answer(Kind::Reference, "urn:uuid:1", &json!({"reference": "urn:uuid:1"})), Answer::Yes);
    assert_eq!(answer(Kind::Reference, "1", &json!({"reference": "#1"})), Answer::No);
}

#[test]
fn units_and_edges_that_servers_may_read_differently_are_left_open() {
    let mass = json!({"value": 5000, "unit": "milligram", "system": "http://unitsofmeasure.org", "code": "mg"});
    assert!(is_unknown(&answer(Kind::Quantity, "5|http://unitsofmeasure.org|g", &mass)));
    assert_eq!(answer(Kind::Quantity, "5000||milligram", &mass), Answer::Yes);
    assert_eq!(answer(Kind::Quantity, "5000|http://other.example|mg", &mass), Answer::No);
    assert!(is_unknown(&answer(Kind::Quantity, "lt3", &json!({"value": 5, "comparator": "<"}))));
    let money = json!({"value": 12.5, "currency": "USD"});
    assert_eq!(answer(Kind::Quantity, "12.5|urn:iso:std:iso:4217|USD", &money), Answer::Yes);
    assert_eq!(answer(Kind::Quantity, "12.5||EUR", &money), Answer::No);
    assert!(is_unknown(&answer(Kind::Number, "12.5", &json!(12.55))) && is_unknown(&answer(Kind::Number, "12.5", &json!(12.45))));
    assert_eq!(answer(Kind::Number, "12.5", &json!(12.54)), Answer::Yes);
    // R4 takes 95 to 105 for 1e2, its rule of significant figures 50 to 150.
    assert_eq!(answer(Kind::Number, "1e2", &json!(104)), Answer::Yes);
    assert!(is_unknown(&answer(Kind::Number, "1e2", &json!(120))));
    assert_eq!(answer(Kind::Number, "1e2", &json!(160)), Answer::No);
    for value in ["inf", "nan", "1e999", "", "0x1"] {
        assert!(is_unknown(&answer(Kind::Number, value, &json!(1))), "{value}");
    }
    let range = json!({"low": {"value": 10}, "high": {"value": 20}});
    assert_eq!(answer(Kind::Quantity, "gt5", &range), Answer::Yes);
    assert_eq!(answer(Kind::Quantity, "30", &range), Answer::No);
    assert!(is_unknown(&answer(Kind::Quantity, "15", &range)));
}

#[test]
fn punctuation_and_joined_names_are_left_open() {
    assert!(is_unknown(&answer(Kind::String, "obrien", &json!("O'Brien"))));
    assert!(is_unknown(&answer(Kind::String, "jane roe", &json!({"family": "Roe", "given": ["Jane"]}))));
    assert!(is_unknown(&answer(Kind::String, "", &json!("a"))));
    assert_eq!(answer(Kind::String, "e\u{301}col", &json!("École")), Answer::Yes);
    assert_eq!(answer(Kind::String, "李", &json!("李明")), Answer::Yes);
    assert_eq!(answer(Kind::String, "李", &json!("Smith")), Answer::No);
    assert_eq!(answer(Kind::String, "smith", &json!("李明")), Answer::No);
}

#[test]
fn a_long_text_is_searched_by_its_beginning() {
    let text = "word ".repeat(100);
    let samples = sample_values(Kind::String, &json!(text));
    assert_eq!((samples[0].value.len(), samples[1].value.as_str()), (99, "word"));
}

#[test]
fn modifiers_change_what_is_met() {
    let name = json!({"family": "Müller", "given": ["Anna"]});
    assert_eq!(modified(Kind::String, "exact", "Müller", &name), Answer::Yes);
    assert_eq!(modified(Kind::String, "exact", "müller", &name), Answer::No);
    assert!(is_unknown(&modified(Kind::String, "exact", "Anna Müller", &name)));
    assert_eq!(modified(Kind::String, "contains", "LLE", &name), Answer::Yes);
    assert_eq!(modified(Kind::String, "contains", "zed", &name), Answer::No);
    let concept = json!({"coding": [{"system": "http://a.example", "code": "x", "display": "Plain words"}], "text": "Other"});
    assert_eq!(modified(Kind::Token, "not", "x", &concept), Answer::No);
    assert_eq!(modified(Kind::Token, "not", "z", &concept), Answer::Yes);
    assert_eq!(matches_modified(Kind::Token, "not", "x", &[], &CONTEXT), Answer::Yes);
    assert!(is_unknown(&modified(Kind::Token, "not", "x,y", &concept)));
    assert_eq!(modified(Kind::Token, "text", "plain", &concept), Answer::Yes);
    assert_eq!(modified(Kind::Token, "text", "zed", &concept), Answer::No);
    assert!(is_unknown(&modified(Kind::Token, "text", "zed", &json!({"coding": [{"code": "x"}]}))));
    assert!(is_unknown(&modified(Kind::Token, "in", "http://valueset.example", &concept)));
    assert_eq!(modified(Kind::Token, "missing", "false", &concept), Answer::Yes);
    assert_eq!(matches_modified(Kind::Date, "missing", "true", &[], &CONTEXT), Answer::Yes);
    assert!(is_unknown(&modified(Kind::Date, "missing", "perhaps", &concept)));
}

#[test]
fn modifiers_of_identifiers_references_and_uris() {
    let identifier = json!({"type": {"coding": [{"system": "http://t.example", "code": "MB"}]}, "system": "urn:oid:1", "value": "42"});
    assert_eq!(modified(Kind::Token, "of-type", "http://t.example|MB|42", &identifier), Answer::Yes);
    assert_eq!(modified(Kind::Token, "of-type", "http://t.example|MR|42", &identifier), Answer::No);
    assert_eq!(modified(Kind::Token, "of-type", "http://t.example|MB|43", &identifier), Answer::No);
    assert!(is_unknown(&modified(Kind::Token, "of-type", "MB|42", &identifier)));
    let reference = json!({"reference": "Patient/1", "identifier": {"system": "urn:oid:1", "value": "42"}});
    assert_eq!(modified(Kind::Reference, "identifier", "urn:oid:1|42", &reference), Answer::Yes);
    assert_eq!(modified(Kind::Reference, "identifier", "urn:oid:1|43", &reference), Answer::No);
    assert_eq!(modified(Kind::Reference, "Patient", "1", &reference), Answer::Yes);
    assert_eq!(modified(Kind::Reference, "Group", "1", &reference), Answer::No);
    let uri = json!("http://a.example/fhir/x/y");
    assert_eq!(modified(Kind::Uri, "below", "http://a.example/fhir/x", &uri), Answer::Yes);
    assert_eq!(modified(Kind::Uri, "below", "http://b.example/fhir/x", &uri), Answer::No);
    assert!(is_unknown(&modified(Kind::Uri, "below", "http://a.example/fhir/x/", &json!("urn:oid:1"))));
    assert!(is_unknown(&modified(Kind::Uri, "below", "http://a.example/fh", &uri)));
    assert_eq!(modified(Kind::Uri, "above", "http://a.example/fhir/x/y/z", &uri), Answer::Yes);
}

#[test]
fn a_malformed_value_selects_nothing_for_sure() {
    for (kind, node) in [(Kind::Date, json!("2020")), (Kind::Number, json!(1)), (Kind::Quantity, json!({"value": 1}))] {
        assert!(is_unknown(&answer(kind, malformed_value(kind).unwrap(), &node)));
    }
    assert_eq!(malformed_value(Kind::Token), None);
}

#[derive(Debug)]
struct Systems;

impl Terminology for Systems {
    fn case_sensitive(&self, system: &str) -> Option<bool> {
        (system != "urn:unknown").then_some(system == "urn:strict")
    }

    fn holds(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool> {
        let is_known = value_set == "urn:set" && system != Some("urn:unknown");
        is_known.then(|| (system.unwrap_or("urn:flat"), code) == ("urn:flat", "in"))
    }

    fn are_apart(&self, system: &str, one: &str, other: &str) -> bool {
        system == "urn:flat" && one != other
    }
}

#[test]
fn case_counts_among_codes_as_their_system_says_and_among_ids() {
    let context = Context { terminology: &Systems, ..CONTEXT };
    let answer = |value: &str, node: &Value, context: &Context<'_>| matches(Kind::Token, value, &[node], context);
    let coding = |system: &str| json!({ "system": system, "code": "Ab" });
    for value in ["aB", "urn:strict|aB"] {
        assert_eq!(answer(value, &coding("urn:strict"), &context), Answer::No);
    }
    assert_eq!(answer("Ab", &coding("urn:strict"), &context), Answer::Yes);
    assert_eq!(answer("aB", &coding("urn:lax"), &context), Answer::Yes);
    assert_eq!(answer("urn:lax|ab", &coding("urn:lax"), &context), Answer::Yes);
    assert!(matches!(answer("aB", &coding("urn:unknown"), &context), Answer::Unknown(_)));
    assert!(matches!(answer("aB", &json!({ "code": "Ab" }), &context), Answer::Unknown(_)));
    // The system of an identifier is no code system.
    assert!(matches!(answer("aB", &json!({ "system": "urn:strict", "value": "Ab" }), &context), Answer::Unknown(_)));
    assert!(matches!(answer("aB", &json!("Ab"), &context), Answer::Unknown(_)));
    assert_eq!(answer("aB", &json!("Ab"), &Context { ids: true, ..context }), Answer::No);
}

#[test]
fn a_code_is_above_and_below_itself_and_apart_from_others_of_a_flat_system() {
    let context = Context { terminology: &Systems, ..CONTEXT };
    for modifier in ["above", "below"] {
        let answer = |value: &str, node: &Value| matches_modified(Kind::Token, modifier, value, &[node], &context);
        let concept = |system: &str, code: &str| json!({ "coding": [{ "system": system, "code": code }] });
        assert_eq!(answer("urn:flat|a", &concept("urn:flat", "a")), Answer::Yes);
        assert_eq!(answer("urn:flat|a", &concept("urn:flat", "b")), Answer::No);
        assert_eq!(answer("urn:flat|a,urn:flat|b", &concept("urn:flat", "b")), Answer::Yes);
        assert_eq!(answer("urn:flat|a", &concept("urn:other", "a")), Answer::No);
        assert_eq!(answer("urn:flat|a", &json!({ "text": "a" })), Answer::No);
        assert!(is_unknown(&answer("urn:deep|a", &concept("urn:deep", "b"))), "it may lie there");
        assert!(is_unknown(&answer("a", &concept("urn:flat", "b"))), "whose hierarchy is meant is not said");
        assert!(is_unknown(&answer("urn:flat|a", &json!("b"))), "the system is implied");
    }
}

#[test]
fn a_value_set_decides_about_the_codes_that_it_is_known_to_hold_or_not() {
    let context = Context { terminology: &Systems, ..CONTEXT };
    let coding = |system: &str, code: &str| json!({ "system": system, "code": code });
    let concept = |codings: &[Value]| json!({ "coding": codings });
    let both = |value_set: &str, nodes: &[&Value]| {
        ["in", "not-in"].map(|modifier| match matches_modified(Kind::Token, modifier, value_set, nodes, &context) {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::Unknown(_) => "unknown",
        })
    };
    assert_eq!(both("urn:set", &[&concept(&[coding("urn:flat", "in")])]), ["yes", "no"]);
    assert_eq!(both("urn:set", &[&concept(&[coding("urn:flat", "out")])]), ["no", "yes"]);
    assert_eq!(both("urn:set", &[&concept(&[coding("urn:flat", "in"), coding("urn:flat", "out")])]), ["yes", "unknown"]);
    assert_eq!(both("urn:set", &[&json!("in")]), ["yes", "no"]);
    assert_eq!(both("urn:set", &[&concept(&[coding("urn:unknown", "in")])]), ["unknown", "unknown"]);
    assert_eq!(both("urn:other-set", &[&json!("in")]), ["unknown", "unknown"]);
    assert_eq!(both("urn:set", &[&json!({ "code": "in" })]), ["unknown", "unknown"], "nobody says whose code it is");
    assert_eq!(both("urn:set", &[]), ["no", "unknown"]);
}
