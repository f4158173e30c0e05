//! Any JSON text judged by the CARIN Blue Button profiles: no panic, and the same verdict each time.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use payerspec::fhir::json::{Value, parse};
use payerspec::guide::{Catalogue, Sources};
use payerspec::validate::{Neighbours, Options, Validator};

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let guide = "hl7.fhir.us.carin-bb#2.0.0".parse().expect("a guide's name and version");
    let catalogue = Catalogue::load(&[guide], &Sources::default()).expect("an embedded guide");
    Validator::new(Arc::new(catalogue), Options::default())
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(parsed) = parse(bytes) else { return };
    let neighbours = Neighbours::in_bundle(&parsed.value);
    let entries = parsed.value.get("entry").and_then(Value::as_array).into_iter().flatten();
    for resource in std::iter::once(&parsed.value).chain(entries.filter_map(|entry| entry.get("resource"))) {
        let verdict = VALIDATOR.validate(resource, &neighbours);
        assert_eq!(verdict, VALIDATOR.validate(resource, &neighbours));
    }
});
