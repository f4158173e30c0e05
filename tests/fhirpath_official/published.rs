//! Every published expression compiles.

use payerspec::fhir::fhirpath::Expression;
use payerspec::fhir::json::Value;

use crate::model::documents;

fn refused<'a>(expressions: impl Iterator<Item = &'a str>, count: &mut usize) -> Vec<String> {
    expressions.inspect(|_| *count += 1).filter_map(|text| Expression::parse(text).err().map(|error| format!("{text}: {error}"))).collect()
}

#[test]
fn search_parameters_compile() {
    let parameters = documents("hl7.fhir.r4.core-4.0.1", "SearchParameter-");
    let mut count = 0;
    let bad = refused(parameters.iter().filter_map(|parameter| parameter["expression"].as_str()), &mut count);
    assert!(count > 1300, "only {count} expressions");
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn invariants_compile() {
    let mut count = 0;
    for package in [
        "hl7.fhir.r4.core-4.0.1",
        "hl7.fhir.us.core-3.1.1",
        "hl7.fhir.us.core-6.1.0",
        "hl7.fhir.us.carin-bb-1.1.0",
        "hl7.fhir.us.carin-bb-2.0.0",
    ] {
        for definition in documents(package, "StructureDefinition-") {
            let elements = definition["snapshot"]["element"].as_array().into_iter().flatten();
            let constraints = elements.filter_map(|element| element["constraint"].as_array()).flatten();
            let bad = refused(constraints.filter_map(|constraint| constraint.get("expression").and_then(Value::as_str)), &mut count);
            assert!(bad.is_empty(), "{package}: {bad:#?}");
        }
    }
    assert!(count > 10_000, "only {count} expressions");
}
