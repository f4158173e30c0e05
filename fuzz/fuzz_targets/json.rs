//! Any bytes read as JSON and as XML: no panic, and every place named lies in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use payerspec::fhir::json::{Locator, parse};
use payerspec::fhir::xml;

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    match parse(bytes) {
        Ok(parsed) => assert!(parsed.duplicate_keys.iter().all(|key| (1..=lines).contains(&key.line) && key.column > 0)),
        Err(error) => assert!(error.line <= lines, "line {} of {lines}", error.line),
    }
    // The locator must bear texts that are no JSON, too.
    for path in ["$", "Patient.name[0].given[1]", "Bundle.entry[3].resource.item[0].adjudication"] {
        let (line, column) = Locator::new(bytes).locate(path);
        assert!((1..=lines).contains(&line) && column > 0, "{line}:{column} of {lines} lines");
    }
    drop(xml::to_json(bytes));
});
