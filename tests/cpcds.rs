//! `profiles/cpcds/map.toml` against the table that it is compiled from. `UPDATE_CPCDS=1 cargo test --test cpcds` compiles it anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends by panicking")]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use payerspec::fhir::fhirpath::Expression;
use payerspec::guide::cpcds;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cpcds/cpcds-mapping.csv");
const MAP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/cpcds/map.toml");
const HEAD: &str = "# Where the elements of the Common Payer Consumer Data Set are in the profiles of CARIN Blue Button 2.x, by their Map IDs.\n\
                    # Compiled by tests/cpcds.rs.\nelement = [\n";

type Row = HashMap<String, String>;

/// The rows in scope that have a place in 2.x. The table has no line ends and no doubled quotes within fields.
fn rows() -> Vec<Row> {
    let text = fs::read_to_string(TABLE).unwrap_or_else(|error| panic!("{TABLE} is needed by this test: {error}"));
    let mut lines = text.lines().map(fields);
    let header = lines.next().unwrap();
    let rows = lines.map(|line| header.iter().cloned().zip(line).collect::<Row>());
    rows.filter(|row| row["scope"] == "in" && !row["fhir_path_c4bb_2x"].is_empty()).collect()
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            letter => fields.last_mut().unwrap().push(letter),
        }
    }
    fields
}

/// The FHIRPath of a path with slices and of what tells it from its neighbours.
fn expression(path: &str, qualifier: &str, name_of_element: &str) -> String {
    let (conditions, follow): (Vec<&str>, Vec<&str>) =
        qualifier.split("; ").filter(|part| !part.is_empty()).partition(|part| part.contains('='));
    let mut steps: Vec<String> = Vec::new();
    let (_, below) = path.split_once('.').unwrap();
    let (below, alternative) = below.split_once('|').map_or((below, None), |(one, other)| (one, Some(other)));
    for step in below.split('.') {
        let (name, slice) = step.split_once('[').map_or((step, None), |(name, slice)| (name, Some(slice.trim_end_matches(']'))));
        let mut text = match slice {
            Some(slice) if name == "extension" => format!("extension('http://hl7.org/fhir/us/core/StructureDefinition/{slice}')"),
            _ => typed(name),
        };
        if let Some(slice) = slice.filter(|_| name != "extension") {
            text.push_str(&sliced(name, slice));
        }
        for condition in &conditions {
            let (left, right) = condition.split_once('=').unwrap();
            let (field, element) = match left.split_once('.') {
                Some(("category", _)) => (None, "category"),
                Some((field, element)) => (Some(field), element),
                None => panic!("{condition}"),
            };
            if field.map_or(["adjudication", "total"].contains(&name), |field| field == name) {
                text.push_str(&coded(element, right));
            }
        }
        // The dictionary has a row for each edition of the codes, the table one path for both.
        let edition = ["9", "10"].into_iter().find(|edition| name_of_element.contains(&format!("ICD-{edition} ")));
        if let Some(edition) = edition.filter(|_| steps.is_empty() && ["diagnosis", "procedure"].contains(&name)) {
            let system = |text: &str| format!("system.lower().contains('{text}{edition}')");
            let systems = format!("{} or {}", system("icd-"), system("icd"));
            text.push_str(&format!(".where({name}.ofType(CodeableConcept).coding.where({systems}).exists())"));
        }
        steps.push(text);
    }
    if let Some(other) = alternative {
        let last = steps.pop().unwrap();
        let other = other.split('.').map(typed).collect::<Vec<_>>().join(".");
        steps.push(format!("select({last} | {other})"));
    }
    for part in follow {
        match part.strip_prefix("->") {
            Some(chain) => chain.split("->").for_each(|reference| {
                let (_, field) = reference.split_once('.').unwrap();
                steps.push("resolve()".to_owned());
                let (name, slice) = field.split_once('[').map_or((field, None), |(name, slice)| (name, Some(slice.trim_end_matches(']'))));
                steps.push(format!("{name}{}", slice.map(|slice| sliced(name, slice)).unwrap_or_default()));
            }),
            None if part == "coding.display|text" => steps.push("select(coding.display | text)".to_owned()),
            None => steps.push(part.to_owned()),
        }
    }
    steps.join(".")
}

/// A field, a choice by its type.
fn typed(name: &str) -> String {
    for (choice, types) in [
        ("timing", &["Date", "Period"][..]),
        ("value", &["Quantity", "String", "Reference", "Boolean"]),
        ("serviced", &["Date", "Period"]),
        ("diagnosis", &["CodeableConcept"]),
        ("procedure", &["CodeableConcept"]),
        ("location", &["CodeableConcept"]),
        ("deceased", &["Boolean", "DateTime"]),
    ] {
        if let Some(kind) = name.strip_prefix(choice).filter(|kind| types.contains(kind)) {
            let primitive = ["Date", "String", "Boolean", "DateTime"].contains(&kind);
            let kind = if primitive { format!("{}{}", kind[..1].to_lowercase(), &kind[1..]) } else { kind.to_owned() };
            return format!("{choice}.ofType({kind})");
        }
    }
    name.to_owned()
}

/// What tells a slice: the code of its category or type.
fn sliced(name: &str, slice: &str) -> String {
    match (name, slice) {
        (_, "adjudicationamounttype") => String::new(),
        ("identifier", "uniqueclaimid") => coded("type", "uc"),
        ("identifier", "uniquememberid") => coded("type", "um"),
        ("identifier", "NPI") => ".where(type.coding.where(code = 'NPI').exists() or system = 'http://hl7.org/fhir/sid/us-npi')".to_owned(),
        ("identifier" | "class", code) => coded("type", code),
        (_, slice) => coded("category", &slice.to_lowercase()),
    }
}

fn coded(element: &str, codes: &str) -> String {
    if element == "focal" {
        return format!(".where(focal = {codes})");
    }
    let codes: Vec<String> = codes.split('|').map(|code| format!("code = '{code}'")).collect();
    format!(".where({element}.coding.where({}).exists())", codes.join(" or "))
}

#[test]
fn the_map_is_what_the_table_gives() {
    let mut map = HEAD.to_owned();
    for row in rows() {
        let expression = expression(&row["fhir_path_c4bb_2x"], &row["qualifier"], &row["element"]);
        assert!(Expression::parse(&expression).is_ok(), "{expression}");
        let cardinality = &row["card_2_1_0"];
        let cardinality = if cardinality.is_empty() { String::new() } else { format!(", cardinality = {cardinality:?}") };
        writeln!(
            map,
            "    {{ map-id = {:?}, name = {:?}, profile = {:?}, expression = {expression:?}{cardinality} }},",
            row["cpcds_map_id"], row["element"], row["profile"]
        )
        .unwrap();
    }
    map.push_str("]\n");
    if std::env::var_os("UPDATE_CPCDS").is_some() {
        fs::create_dir_all(Path::new(MAP).parent().unwrap()).unwrap();
        fs::write(MAP, &map).unwrap();
    }
    assert!(fs::read_to_string(MAP).unwrap() == map, "{MAP} is not what is compiled now; run UPDATE_CPCDS=1 cargo test --test cpcds");
}

#[test]
fn every_element_is_read() {
    let elements = cpcds::elements();
    assert_eq!(elements.len(), rows().len());
    assert_eq!(elements.iter().map(|element| &element.map_id).collect::<std::collections::HashSet<_>>().len(), 140);
}
