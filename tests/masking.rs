//! No value that identifies a member of the official examples stands in any report of a run against a payer that serves them and breaks.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::Selection;
use payerspec::proof::Questions;
use payerspec::reference::{self, Options};
use payerspec::report::{self, Reporters, Show, Terminal};
use payerspec::run::Limits;
use payerspec::run::event::RunSummary;
use payerspec::suite;
use serde_json::{Value, json};

/// What makes the payer's answers wrong in ways of which findings tell with what was asked and found.
const FAULTS: [&str; 8] = [
    "search.ignores-identifier",
    "search.ignores-id",
    "search.no-match-returns-all",
    "search.ignores-patient",
    "string.exact-as-start",
    "date.eq-as-ge",
    "chain.ignored",
    "paging.repeats-entry",
];

/// The cases about who is insured.
const PEOPLE: [&str; 2] = ["*.Patient.*", "*.Coverage.*"];

/// Shorter values would be found in other words.
const SHORTEST: usize = 4;

/// The examples of a package, by their file names.
fn examples(package: &str) -> Vec<(String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/packages").join(format!("{package}.tgz"));
    let mut archive =
        tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))));
    let mut found = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if path.starts_with("package/example") && path.extension().is_some_and(|extension| extension == "json") {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.extend(serde_json::from_str(&text).ok().filter(|value: &Value| value.get("id").is_some()).map(|value| (name, value)));
        }
    }
    assert!(found.len() >= 20, "{} examples in {package}", found.len());
    found
}

/// Values under elements that name, number, locate or describe a person.
fn telling(value: &Value, within: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let tells = match name.as_str() {
                    "family" | "given" | "line" | "city" | "district" | "postalCode" | "birthDate" | "deceasedDateTime" | "id" => true,
                    "value" => matches!(within, "identifier" | "telecom"),
                    "text" => matches!(within, "name" | "address" | "note" | "processNote"),
                    "display" => matches!(within, "patient" | "subject" | "beneficiary" | "subscriber"),
                    "subscriberId" | "dependent" | "disposition" => true,
                    _ => false,
                };
                match inner {
                    Value::String(text) if tells => drop(found.insert(text.clone())),
                    Value::Array(items) if tells => found.extend(items.iter().filter_map(Value::as_str).map(str::to_owned)),
                    _ => telling(inner, name, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| telling(item, within, found)),
        _ => {}
    }
}

/// Whether a text has a word.
fn has(text: &str, word: &str) -> bool {
    let touches = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| !touches(text[..at].chars().next_back()) && !touches(text[at + word.len()..].chars().next()))
}

#[derive(Clone, Default)]
struct Page(Rc<RefCell<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs the whole suite against a payer with these records and gives every report of it.
async fn reports(guide: &str, only: &[&str], records: &[(String, Value)], show_member_data: bool) -> (Vec<(String, String)>, RunSummary) {
    let guide: GuideId = guide.parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in records {
        std::fs::write(folder.path().join(name), value.to_string()).unwrap();
    }
    let questions = Questions {
        catalogue: Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap()),
        guide,
        suites: suite::embedded().unwrap(),
        as_of: "2026-11-01".parse().unwrap(),
        with_facts: true,
        as_public_client: false,
        selection: Selection::new(&only.iter().map(|&glob| glob.to_owned()).collect::<Vec<_>>(), &[], None).unwrap(),
        limits: Limits { concurrency: 4, max_pages: 20, total: None, allow_inconclusive: false, allow_writes: false },
    };
    let payer = reference::start(Options::new(&questions.guide, &FAULTS, 0, 1).unwrap().with_data(folder.path()).unwrap()).await.unwrap();
    let mut job = questions.job(&payer).unwrap();
    job.facts.show_member_data = show_member_data;
    let out = folder.path().join("out");
    let options = report::Options { out: Some(out.clone()), show: Show::All };
    let page = Page::default();
    let mut reporters = Reporters::with_terminal(&options, Terminal::new(Box::new(page.clone()), &options)).unwrap();
    let summary = payerspec::run::run(job, Box::pin(std::future::pending()), &mut |event| reporters.on(event)).await;
    assert_eq!(reporters.finish(), Vec::<String>::new());
    payer.shutdown().await;
    let mut texts = vec![("terminal".to_owned(), String::from_utf8(page.0.borrow().clone()).unwrap())];
    for file in std::fs::read_dir(&out).unwrap() {
        let path = file.unwrap().path();
        texts.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()));
    }
    assert_eq!(texts.len(), 10);
    (texts, summary)
}

/// What of the examples stands in the reports, with the line that has it.
fn leaks(texts: &[(String, String)], records: &[(String, Value)]) -> Vec<String> {
    let mut words = BTreeSet::new();
    records.iter().for_each(|(_, value)| telling(value, "", &mut words));
    words.retain(|word| word.len() >= SHORTEST);
    assert!(words.len() >= 60, "{} values to look for", words.len());
    let mut leaks = Vec::new();
    for (name, text) in texts {
        for word in words.iter().filter(|word| text.contains(word.as_str())) {
            let line = text.lines().find(|line| has(line, word));
            leaks.extend(line.map(|line| format!("{name} shows {word}: {}", line.chars().take(600).collect::<String>())));
        }
    }
    leaks
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_of_the_official_examples_is_in_any_report() {
    for (guide, package, only) in [
        ("hl7.fhir.us.carin-bb#1.1.0", "hl7.fhir.us.carin-bb-1.1.0", &PEOPLE[..]),
        ("hl7.fhir.us.carin-bb#2.0.0", "hl7.fhir.us.carin-bb-2.0.0", &[]),
    ] {
        let records = examples(package);
        let (texts, summary) = reports(guide, only, &records, false).await;
        assert!(summary.tally.fail >= 20, "{package}: the findings quote what was asked: {:?}", summary.tally);
        assert_eq!(leaks(&texts, &records), Vec::<String>::new(), "{package}");
    }
}

/// The same values where a validator quotes them: in elements of the wrong shape and form.
#[tokio::test(flavor = "multi_thread")]
async fn no_value_is_quoted_where_it_is_malformed() {
    let mut records = examples("hl7.fhir.us.carin-bb-2.0.0");
    for (_, record) in &mut records {
        let family = record.pointer("/name/0/family").cloned();
        if record["resourceType"] == "Patient" {
            record["birthDate"] = json!(format!("{} at night", record["birthDate"].as_str().unwrap()));
            record["address"] = record.pointer("/address/0/line/0").cloned().unwrap_or(json!("12 Nowhere Lane"));
            record["telecom"][0]["value"] = json!(["555-0100-9"]);
            record["telecom"][0]["rank"] = json!("555-0100-9");
            record["contact"] = family.clone().unwrap_or_default();
            record["link"] = family.unwrap_or_default();
        }
    }
    let (texts, _) = reports("hl7.fhir.us.carin-bb#2.0.0", &PEOPLE, &records, false).await;
    let found = leaks(&texts, &records);
    let told = |word: &str| texts.iter().any(|(_, text)| text.contains(word));
    assert!(told("primitive.date") && told("shape.object"), "the validator has nothing to quote");
    for word in ["at night", "555-0100-9"] {
        assert!(!told(word), "{word} is shown");
    }
    assert_eq!(found, Vec::<String>::new());
}

/// A test that finds nothing because nothing is there would prove nothing.
#[tokio::test(flavor = "multi_thread")]
async fn with_member_data_shown_the_same_values_are_there() {
    let records = examples("hl7.fhir.us.carin-bb-2.0.0");
    let (texts, _) = reports("hl7.fhir.us.carin-bb#2.0.0", &PEOPLE, &records, true).await;
    assert!(leaks(&texts, &records).len() >= 20);
}
