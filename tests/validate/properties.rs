//! Damaged examples, from a seeded generator: whatever the bytes or the tree, no panic and one verdict.
//!
//! `PAYERSPEC_PROPERTY_SECONDS=60 cargo test --test validate properties` goes on for that long.

use std::time::{Duration, Instant};

use payerspec::fhir::json::{Locator, Map, Value, parse};
use payerspec::fhir::xml;
use payerspec::validate::{Neighbours, Options, Validator};

use super::material::{catalogue, examples};

const GUIDE: &str = "hl7.fhir.us.carin-bb#2.0.0";
const PACKAGE: &str = "hl7.fhir.us.carin-bb-2.0.0.tgz";
const ROUNDS: usize = 2000;

/// Bytes that mean something to a reader of JSON or XML.
const TOKENS: [&[u8]; 22] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b":",
    b",",
    b"\\",
    b"null",
    b"1e400",
    b"-",
    b"\xEF\xBB\xBF",
    b"\xff",
    b"\0",
    b"\\ud800",
    b"\n",
    b"<",
    b"&#0;",
    b"\"id\":\"1\",",
    b"/>",
    b"<!--",
    b"9999999999999999999999",
];

/// Numbers in a fixed order (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % bound.max(1)
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// How many rounds are still to go: a number of them, or as many as a given time holds.
fn rounds() -> impl Iterator<Item = usize> {
    let seconds = std::env::var("PAYERSPEC_PROPERTY_SECONDS").ok().map(|text| text.parse::<u64>().unwrap());
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    (0..).take_while(move |round| end.map_or(*round < ROUNDS, |end| Instant::now() < end))
}

/// Two validators, whose hash tables differ in their order.
struct Pair(Validator, Validator);

impl Pair {
    fn new() -> Self {
        let one = || Validator::new(catalogue(GUIDE), Options::default());
        Self(one(), one())
    }

    /// Judges a resource and the entries of a Bundle; whether there was an error.
    fn judge(&self, value: &Value, text: &[u8]) -> bool {
        let neighbours = Neighbours::in_bundle(value);
        let entries = value.get("entry").and_then(Value::as_array).into_iter().flatten().filter_map(|entry| entry.get("resource"));
        let lines = text.iter().filter(|byte| **byte == b'\n').count() + 1;
        let mut is_invalid = false;
        for resource in std::iter::once(value).chain(entries) {
            let verdict = self.0.validate(resource, &neighbours);
            assert_eq!(verdict, self.1.validate(resource, &neighbours), "two validators differ about {resource}");
            is_invalid |= !verdict.is_valid();
            for finding in verdict.findings.iter().take(3) {
                let (line, column) = Locator::new(text).locate(&finding.path);
                assert!((1..=lines).contains(&line) && column > 0, "{} is at {line}:{column} of {lines} lines", finding.path);
            }
        }
        is_invalid
    }
}

fn damage_bytes(text: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    let at = numbers.below(text.len());
    let end = (at + 1 + numbers.below(40)).min(text.len());
    match numbers.below(7) {
        0 => text[at] ^= 1 << numbers.below(8),
        1 => drop(text.drain(at..end)),
        2 => {
            let copy = text[at..end].to_vec();
            text.splice(at..at, copy);
        }
        3 => text.truncate(at + 1),
        4 => {
            let from = numbers.below(other.len());
            text.splice(at..end, other[from..].iter().take(80).copied());
        }
        _ => drop(text.splice(at..at, numbers.one_of(&TOKENS).iter().copied())),
    }
    if text.is_empty() {
        text.push(b' ');
    }
}

/// A value that does not belong where it is put, or that is of another kind.
fn stranger(numbers: &mut Numbers) -> Value {
    let texts = [
        "null",
        "true",
        "1e400",
        "-0.0",
        "\"\"",
        "\" \"",
        "[]",
        "{}",
        "[null]",
        "[[]]",
        "\"2024-02-30\"",
        "\"#\"",
        "\"Patient/\"",
        "{\"url\":1}",
        "{\"resourceType\":\"Patient\"}",
        "{\"resourceType\":\"Nothing\"}",
        "{\"reference\":\"#a\"}",
        "{\"extension\":[{}]}",
        "\"\\u0000\"",
        "{\"start\":\"2024\",\"end\":\"2023\"}",
        "\"http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient|9\"",
    ];
    match numbers.below(12) {
        0 => (0..90).fold(Value::Null, |inner, _| Value::Array(vec![inner])),
        1 => (0..90).fold(Value::Null, |inner, _| Value::Object(Map::from_iter([("extension".to_owned(), inner)]))),
        2 => Value::from("é".repeat(numbers.below(5000))),
        _ => parse(numbers.one_of(&texts).as_bytes()).unwrap().value,
    }
}

/// Goes down a random way and changes what is there.
fn damage_tree(value: &mut Value, other: &Value, numbers: &mut Numbers) {
    let goes_on = numbers.below(8) > 0;
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let at = numbers.below(fields.len());
            let key = fields.keys().nth(at).cloned().unwrap();
            match (goes_on, numbers.below(6)) {
                (true, _) => damage_tree(fields.get_mut(&key).unwrap(), other, numbers),
                (_, 0) => drop(fields.swap_remove(&key)),
                (_, 1) => drop(fields.swap_remove(&key).and_then(|value| fields.insert(format!("_{key}"), value))),
                (_, 2) => drop(fields.insert(format!("{key}X"), stranger(numbers))),
                (_, 3) => drop(other.get(&key).cloned().and_then(|value| fields.insert(key, value))),
                _ => drop(fields.insert(key, stranger(numbers))),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = numbers.below(items.len());
            match (goes_on, numbers.below(5)) {
                (true, _) => damage_tree(&mut items[at], other, numbers),
                (_, 0) => drop(items.remove(at)),
                (_, 1) => items.push(items[at].clone()),
                (_, 2) => items.rotate_left(1),
                (_, 3) => *value = items.swap_remove(at),
                _ => items[at] = stranger(numbers),
            }
        }
        _ => *value = stranger(numbers),
    }
}

#[test]
fn damaged_bytes_do_no_harm() {
    let pair = Pair::new();
    let texts: Vec<Vec<u8>> = examples(PACKAGE).iter().map(|(_, value)| serde_json::to_vec_pretty(value).unwrap()).collect();
    let mut numbers = Numbers(0x5EED_0001);
    let (mut tried, mut read, mut wrong) = (0, 0, 0);
    for _ in rounds() {
        let mut text = texts[numbers.below(texts.len())].clone();
        let other = &texts[numbers.below(texts.len())];
        for _ in 0..=numbers.below(3) {
            damage_bytes(&mut text, other, &mut numbers);
        }
        tried += 1;
        if let Ok(parsed) = parse(&text) {
            read += 1;
            wrong += usize::from(pair.judge(&parsed.value, &text));
        } else {
            Locator::new(&text).locate("ExplanationOfBenefit.item[1].adjudication[0].amount.value");
        }
    }
    println!("{tried} damaged texts: {read} are still JSON, {wrong} of them not valid");
    assert!(read > tried / 20 && wrong > read / 4 && wrong < tried, "{tried} {read} {wrong}");
}

#[test]
fn damaged_trees_do_no_harm() {
    let pair = Pair::new();
    let values: Vec<Value> = examples(PACKAGE).into_iter().map(|(_, value)| value).collect();
    let mut numbers = Numbers(0x5EED_0002);
    let (mut tried, mut wrong) = (0, 0);
    for _ in rounds() {
        let mut value = values[numbers.below(values.len())].clone();
        let other = &values[numbers.below(values.len())];
        for _ in 0..=numbers.below(4) {
            damage_tree(&mut value, other, &mut numbers);
        }
        tried += 1;
        wrong += usize::from(pair.judge(&value, &serde_json::to_vec(&value).unwrap()));
    }
    println!("{tried} damaged trees: {wrong} not valid");
    assert!(wrong > tried / 2, "{wrong} of {tried}");
}

#[test]
fn damaged_xml_does_no_harm() {
    let pair = Pair::new();
    let texts: Vec<Vec<u8>> = examples(PACKAGE).iter().filter_map(|(_, value)| Some(xml::from_json(value).ok()?.into_bytes())).collect();
    assert!(texts.len() > 20, "{} examples have a form in XML", texts.len());
    let mut numbers = Numbers(0x5EED_0003);
    let (mut tried, mut read) = (0, 0);
    for _ in rounds().step_by(4) {
        let mut text = texts[numbers.below(texts.len())].clone();
        let other = &texts[numbers.below(texts.len())];
        damage_bytes(&mut text, other, &mut numbers);
        tried += 1;
        if let Ok(value) = xml::to_json(&text) {
            read += 1;
            pair.judge(&value, b"{}");
        }
    }
    println!("{tried} damaged XML texts: {read} are still resources");
    assert!(read > tried / 20, "{read} of {tried}");
}
