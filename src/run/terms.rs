//! Chooses what operations of terminology are asked about: a coding that the record has, and a value set that a type of it is bound to.

use std::collections::BTreeMap;

use crate::check::Samples;
use crate::fhir::json::Value;
use crate::guide::Catalogue;
use crate::guide::terminology::ValueSet;

/// A code that no code system has.
const UNKNOWN_CODE: &str = "payerspec-no-such-code";
/// Members of a value set at most: its whole expansion is asked for.
const MOST_MEMBERS: usize = 100;
/// The type whose bindings come first: every record has one.
const FIRST_TYPE: &str = "Patient";

/// What placeholders of terminology stand for, as far as one of them is used.
///
/// # Errors
/// Why there is nothing to ask about.
pub fn choose(uses: impl Fn(&str) -> bool, samples: &Samples, catalogue: &Catalogue) -> Result<BTreeMap<&'static str, String>, String> {
    let mut terms = BTreeMap::from([("unknown-code", UNKNOWN_CODE.to_owned())]);
    if uses("{coding.") {
        let (system, code) = coding(samples, catalogue)?;
        terms.extend([("coding.system", system), ("coding.code", code)]);
    }
    if uses("{value-set") {
        let value_set = value_set(samples, catalogue)?;
        let (system, code) = value_set.members().next().ok_or("the value set has no members")?;
        terms.extend([("value-set.system", system.to_owned()), ("value-set.code", code.to_owned())]);
        terms.insert("value-set", value_set.url);
    }
    Ok(terms)
}

/// A coding of the record whose code system the guides hold in full, so that it is known what is a code; if there is one, of a code system
/// that the server itself holds.
fn coding(samples: &Samples, catalogue: &Catalogue) -> Result<(String, String), String> {
    let held: Vec<&str> = samples.of("CodeSystem").iter().filter_map(|held| held.get("url")?.as_str()).collect();
    let mut first = None;
    for resource_type in types(samples) {
        for sample in samples.of(&resource_type) {
            let mut codings = Vec::new();
            collect(sample, &mut codings);
            let is_known = |(system, code): &(&str, &str)| {
                catalogue.code_system(system).is_some_and(|known| known.is_complete() && known.concept(code).is_some())
            };
            for (system, code) in codings.into_iter().filter(is_known) {
                let found = (system.to_owned(), code.to_owned());
                if held.is_empty() || held.contains(&system) {
                    return Ok(found);
                }
                first.get_or_insert(found);
            }
        }
    }
    first.ok_or_else(|| "no harvested resource has a coding of a code system that the guides hold in full".to_owned())
}

/// Codings at any depth; what has a value as well is a Quantity.
fn collect<'a>(value: &'a Value, codings: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            if let (Some(system), Some(code), false) = (text("system"), text("code"), fields.contains_key("value")) {
                codings.push((system, code));
            }
            fields.values().for_each(|field| collect(field, codings));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, codings)),
        _ => {}
    }
}

/// A value set whose members the guides decide: one that the server itself holds, else the first that a harvested type is bound to.
fn value_set(samples: &Samples, catalogue: &Catalogue) -> Result<ValueSet, String> {
    let held = samples.of("ValueSet").iter().filter_map(|held| held.get("url")?.as_str()).map(str::to_owned);
    let bound = types(samples).filter_map(|resource_type| catalogue.type_definition(&resource_type)).flat_map(|definition| {
        let required =
            definition.elements.iter().filter_map(|element| element.binding.as_ref()).filter(|bound| bound.strength == "required");
        required.filter_map(|bound| bound.value_set.clone()).collect::<Vec<_>>()
    });
    let usable = |url: String| {
        let known = catalogue.value_set(&url)?;
        (known.is_decidable() && (1..=MOST_MEMBERS).contains(&known.members().count())).then(|| (*known).clone())
    };
    let found = held.chain(bound).find_map(usable);
    found.ok_or_else(|| "no harvested type is bound to a value set whose members the guides decide".to_owned())
}

/// The harvested types, the member's first.
fn types(samples: &Samples) -> impl Iterator<Item = String> {
    let others = samples.counts().into_iter().map(|(name, _)| name).filter(|name| name != FIRST_TYPE);
    std::iter::once(FIRST_TYPE.to_owned()).chain(others)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fhir::json::json;
    use crate::guide::{GuideId, Sources};

    #[test]
    fn codings_and_value_sets_are_those_that_can_be_judged() {
        let catalogue = Catalogue::load(&[GuideId::core()], &Sources::default()).unwrap();
        let mut samples = Samples::default();
        let chosen = |samples: &Samples, word: &str| choose(|asked| word.starts_with(asked), samples, &catalogue);
        let weight = json!({ "value": 1, "system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "oral" });
        let local = json!({ "coding": [{ "system": "http://local.test", "code": "oral" }] });
        samples.add(Arc::new(json!({ "resourceType": "Observation", "id": "1", "valueQuantity": weight, "code": local })));
        assert!(chosen(&samples, "{coding.code}").unwrap_err().contains("no harvested resource has a coding"));
        let kind = json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "oral" }] });
        samples.add(Arc::new(json!({ "resourceType": "Claim", "id": "1", "type": kind })));
        let terms = chosen(&samples, "{coding.code}").unwrap();
        assert_eq!((terms["coding.code"].as_str(), terms.get("value-set")), ("oral", None));
        let terms = chosen(&samples, "{value-set.code}").unwrap();
        assert_eq!(terms["value-set"], "http://hl7.org/fhir/ValueSet/administrative-gender");
        assert_eq!(terms["value-set.system"], "http://hl7.org/fhir/administrative-gender");
        let held = json!({ "resourceType": "ValueSet", "id": "1", "url": "http://hl7.org/fhir/ValueSet/link-type" });
        samples.add(Arc::new(held));
        assert_eq!(chosen(&samples, "{value-set}").unwrap()["value-set"], "http://hl7.org/fhir/ValueSet/link-type");
    }
}
