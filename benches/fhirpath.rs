//! Microseconds per evaluation of typical invariants on a CARIN example claim. Run with `cargo bench --bench fhirpath`.

use std::{hint::black_box, io::Read, time::Instant};

use payerspec::fhir::fhirpath::{Environment, Expression, Node};
use payerspec::fhir::json::Value;

const EXPRESSIONS: [&str; 6] = [
    "1 + 1 = 2",
    "adjudication.exists() != item.adjudication.exists()",
    "item.adjudication.amount.value",
    "contained.contained.empty()",
    "item.adjudication.where(category.coding.where(code='submitted').exists()).amount.all(value >= 0)",
    "(ExplanationOfBenefit.item.serviced as date) | ExplanationOfBenefit.billablePeriod",
];

fn claim() -> Result<Value, Box<dyn std::error::Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/packages/hl7.fhir.us.carin-bb-2.0.0.tgz");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(path)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path()?.ends_with("ExplanationOfBenefit-EOBProfessional2.json") {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            return Ok(serde_json::from_str(&text)?);
        }
    }
    Err("the package holds no EOBProfessional2".into())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let claim = claim()?;
    println!("claim of {} bytes", claim.to_string().len());
    let node = Node::resource(&claim);
    for text in EXPRESSIONS {
        let expression = Expression::parse(text)?;
        let environment = Environment::of(node);
        let rounds = 20_000;
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(expression.evaluate(black_box(node), &environment)?);
        }
        println!("{:9.2} µs  {text}", start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
    }
    Ok(())
}
