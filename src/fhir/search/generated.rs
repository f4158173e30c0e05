//! Values made from a seed: what is taken from a node finds that node, and odd data never ends the process.

use super::*;
use crate::fhir::json::{Map, Value, json};

const CONTEXT: Context<'static> = Context::of("https://payer.example/fhir");
const KINDS: [Kind; 7] = [Kind::Number, Kind::Date, Kind::String, Kind::Token, Kind::Reference, Kind::Quantity, Kind::Uri];
const PREFIXES: [&str; 9] = ["eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap"];

/// A linear congruential generator (Knuth's constants).
struct Seed(u64);

impl Seed {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn text(&mut self) -> String {
        let letters = ["a", "B", "é", "Ł", "ß", "李", "9", "0", "-", ".", " ", ",", "|", "$", "\\", "'", "İ", "e\u{301}", "long word "];
        (0..=self.below(14)).map(|_| self.one_of(&letters)).collect()
    }

    fn date(&mut self) -> String {
        let (year, month, day) = (self.below(9999) + 1, self.below(12) + 1, self.below(28) + 1);
        let (hour, minute, second) = (self.below(24), self.below(60), self.below(60));
        let zone = self.one_of(&["", "Z", "+05:30", "-12:00", "+14:00"]);
        match self.below(7) {
            0 => format!("{year:04}"),
            1 => format!("{year:04}-{month:02}"),
            2 => format!("{year:04}-{month:02}-{day:02}"),
            3 => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}{zone}"),
            4 => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}{zone}", self.below(1000)),
            5 => self.one_of(&["9999-12-31", "9999", "0001-01-01", "2020-02-29", "9999-12-31T23:59:59Z"]).to_owned(),
            _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}"),
        }
    }

    fn number(&mut self) -> Value {
        let whole = self.below(2_000_000);
        let text = match self.below(6) {
            0 => format!("{whole}.{:02}", self.below(100)),
            1 => format!("-{whole}"),
            2 => format!("{}e{}", self.below(9) + 1, self.below(20)),
            3 => format!("0.{:07}", self.below(10_000_000)),
            4 => "1.50".to_owned(),
            _ => whole.to_string(),
        };
        serde_json::from_str(&text).unwrap()
    }

    /// A well-formed node that a parameter of this type may look at.
    fn node(&mut self, kind: Kind) -> Value {
        match (kind, self.below(4)) {
            (Kind::Number, _) => self.number(),
            (Kind::Date, 0) => json!({"start": self.date()}),
            (Kind::Date, 1) => {
                let mut ends = [self.date(), self.date()];
                ends.sort();
                json!({"start": ends[0], "end": format!("{}-12-31", &ends[1][..4])})
            }
            (Kind::Date, _) => json!(self.date()),
            (Kind::String, 0) => json!({"family": self.text(), "given": [self.text(), self.text()]}),
            (Kind::String, 1) => json!({"city": self.text(), "line": [self.text()], "postalCode": "01234"}),
            (Kind::String, _) => json!(self.text()),
            (Kind::Token, 0) => {
                json!({"coding": [{"code": self.text()}, {"system": format!("http://{}", self.text()), "code": self.text()}], "text": "x"})
            }
            (Kind::Token, 1) => json!({"system": "urn:oid:1.2", "value": self.text()}),
            (Kind::Token, 2) => json!({"system": "phone", "value": self.text()}),
            (Kind::Token, _) => json!(self.text()),
            (Kind::Reference, 0) => json!({"reference": format!("https://other.example/r4/Patient/{}", self.below(100))}),
            (Kind::Reference, 1) => json!(format!("http://guide.example/{}|{}", self.below(9), self.below(9))),
            (Kind::Reference, _) => json!({"reference": format!("Coverage/{}", self.below(100))}),
            (Kind::Quantity, 0) => json!({"value": self.number(), "currency": "USD"}),
            (Kind::Quantity, _) => json!({"value": self.number(), "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}),
            _ => json!(format!("http://a.example/{}", self.text())),
        }
    }

    /// Anything at all, with the names that matter.
    fn odd(&mut self, depth: usize) -> Value {
        let names = [
            "coding",
            "code",
            "system",
            "value",
            "reference",
            "identifier",
            "start",
            "end",
            "event",
            "repeat",
            "boundsPeriod",
            "low",
            "high",
            "text",
            "type",
            "display",
            "given",
            "unit",
            "currency",
            "comparator",
        ];
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => self.number(),
            3 => json!(self.date()),
            4 => json!(self.text()),
            5 => (0..self.below(4)).map(|_| self.odd(depth - 1)).collect(),
            _ => {
                let mut fields = Map::new();
                for _ in 0..self.below(5) {
                    fields.insert(self.one_of(&names).to_owned(), self.odd(depth - 1));
                }
                Value::Object(fields)
            }
        }
    }
}

#[test]
fn what_is_taken_from_a_node_finds_it_and_what_no_record_holds_does_not() {
    let mut seed = Seed(20_260_101);
    let (mut plain, mut prefixed) = ([0; KINDS.len()], [0; PREFIXES.len()]);
    for round in 0..6000 {
        let at = round % KINDS.len();
        let kind = KINDS[at];
        let node = seed.node(kind);
        for sample in sample_values(kind, &node) {
            assert_eq!(matches(kind, &sample.value, &[&node], &CONTEXT), Answer::Yes, "{kind:?} {} on {node}", sample.value);
            plain[at] += 1;
        }
        // Of dates only a Period that is open or spans years has no value that equals it.
        assert!(kind != Kind::Date || node.is_object() || !sample_values(kind, &node).is_empty(), "{node}");
        for (at, prefix) in PREFIXES.iter().enumerate() {
            if let Some(value) = sample_with_prefix(kind, prefix, &node) {
                assert!(value.starts_with(prefix));
                assert_eq!(matches(kind, &value, &[&node], &CONTEXT), Answer::Yes, "{kind:?} {value} on {node}");
                prefixed[at] += 1;
            }
        }
        assert_eq!(matches(kind, &no_match_value(kind, None), &[&node], &CONTEXT), Answer::No, "{kind:?} on {node}");
    }
    assert!(plain.iter().all(|count| *count > 400), "{plain:?}");
    assert!(prefixed.iter().all(|count| *count > 1500), "{prefixed:?}");
}

#[test]
fn a_shared_value_is_met_by_any_node_and_each_alternative_counts() {
    let mut seed = Seed(7);
    for round in 0..700 {
        let kind = KINDS[round % KINDS.len()];
        let (one, other) = (seed.node(kind), seed.node(kind));
        for sample in sample_values(kind, &one) {
            let listed = format!("{},{}", no_match_value(kind, None), sample.value);
            assert_eq!(matches(kind, &listed, &[&other, &one], &CONTEXT), Answer::Yes, "{kind:?} {listed}");
        }
    }
}

#[test]
fn odd_data_never_panics() {
    let mut seed = Seed(99);
    let modifiers = ["missing", "not", "exact", "contains", "text", "of-type", "identifier", "Patient", "below", "above", "in", "é", ""];
    for _ in 0..8000 {
        let (node, other) = (seed.odd(3), seed.odd(1));
        let value = match seed.below(3) {
            0 => seed.date(),
            1 => format!("{}{}", seed.one_of(&PREFIXES), seed.text()),
            _ => seed.text(),
        };
        for kind in [Kind::Composite, Kind::Special].iter().chain(&KINDS).copied() {
            matches(kind, &value, &[&node, &other], &CONTEXT);
            matches_composite(&[(kind, vec![&node]), (Kind::Token, vec![&other])], &value, &CONTEXT);
            matches_modified(kind, modifiers[seed.below(modifiers.len())], &value, &[&node], &CONTEXT);
            for sample in sample_values(kind, &node) {
                assert_eq!(matches(kind, &sample.value, &[&node], &CONTEXT), Answer::Yes, "{kind:?} {} on {node}", sample.value);
            }
            for prefix in PREFIXES {
                sample_with_prefix(kind, prefix, &node);
            }
        }
    }
}
