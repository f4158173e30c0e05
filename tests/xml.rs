//! The official CARIN examples survive the way to XML and back.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use payerspec::fhir::json::Value;
use payerspec::fhir::xml::{from_json, to_json};

#[test]
fn every_official_example_survives_the_way_to_xml_and_back() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/packages/hl7.fhir.us.carin-bb-2.0.0.tgz"));
    assert!(path.is_file(), "{} is missing: put the reference material beside the checkout", path.display());
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(path).unwrap()));
    let (mut compared, mut narratives) = (0, 0);
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        if !name.starts_with("package/example/") || !name.ends_with(".json") || name.ends_with(".index.json") {
            continue;
        }
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let mut resource: Value = serde_json::from_str(&text).unwrap();
        // XML rewrites the narrative's markup.
        let whole = from_json(&resource).unwrap();
        assert_eq!(without_text(to_json(whole.as_bytes()).unwrap()), without_text(resource.clone()), "{name} with its narrative");
        narratives += usize::from(whole.contains("<div"));
        resource = without_text(resource);
        let back = to_json(from_json(&resource).unwrap().as_bytes());
        assert_eq!(back, Ok(resource), "{name}");
        compared += 1;
    }
    assert_eq!((compared, narratives), (32, 32));
}

fn without_text(mut resource: Value) -> Value {
    let entries = resource.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten();
    let nested = entries.filter_map(|entry| entry.get_mut("resource")).filter_map(Value::as_object_mut);
    nested.for_each(|fields| drop(fields.shift_remove("text")));
    resource.as_object_mut().and_then(|fields| fields.shift_remove("text"));
    resource
}
