//! One condition of a search as it stands in a URL: a parameter, perhaps with a modifier, a chain or a reverse chain, and whom it selects.

use std::collections::BTreeMap;

use super::criterion::{Criterion, Seen};
use super::relation::local_target;
use super::samples::Samples;
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;
use crate::fhir::resource;
use crate::fhir::search::Answer;
use crate::guide::Catalogue;

/// How far chains are followed: a longer one is not predicted.
const LONGEST_CHAIN: usize = 4;

/// What a condition may have to look up beyond the resource itself.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The FHIR base.
    pub base: &'a str,
    /// The harvest, in which references are followed.
    pub samples: &'a Samples,
}

/// A condition made ready to be evaluated on resources of one type.
pub enum Condition {
    /// `param` or `param:modifier`.
    Plain {
        /// The parameter.
        criterion: Box<Criterion>,
        /// The modifier without its colon.
        modifier: Option<String>,
    },
    /// `param.rest` or `param:Type.rest`.
    Chain {
        /// The reference parameter.
        criterion: Box<Criterion>,
        /// What the target must meet, by its type.
        targets: BTreeMap<String, Condition>,
    },
    /// `_has:Source:param:rest`.
    Reverse {
        /// The type that holds the reference.
        source: String,
        /// Its reference parameter.
        criterion: Box<Criterion>,
        /// What the holder must meet.
        condition: Box<Condition>,
    },
}

/// What a condition looks at in one resource.
pub enum Sight<'a> {
    /// In the resource itself.
    Own(Seen<'a>),
    /// In others: any of them may meet the value; and why others still may.
    Others(Vec<(&'a Condition, Sight<'a>)>, Option<String>),
}

impl Condition {
    /// Reads the name of a parameter in a URL.
    ///
    /// # Errors
    /// Why whom it selects cannot be told.
    pub fn new(catalogue: &Catalogue, resource_type: &str, name: &str) -> Result<Self, String> {
        Self::within(catalogue, resource_type, name, LONGEST_CHAIN)
    }

    fn within(catalogue: &Catalogue, resource_type: &str, name: &str, left: usize) -> Result<Self, String> {
        let left = left.checked_sub(1).ok_or_else(|| format!("{name} goes on for too long to be predicted"))?;
        if let Some(rest) = name.strip_prefix("_has:") {
            let mut parts = rest.splitn(3, ':');
            let (Some(source), Some(param), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(format!("{name} is not _has:Type:reference:parameter"));
            };
            let criterion = Box::new(Criterion::new(catalogue, source, param)?);
            let condition = Box::new(Self::within(catalogue, source, rest, left)?);
            return Ok(Self::Reverse { source: source.to_owned(), criterion, condition });
        }
        let Some((reference, rest)) = name.split_once('.') else {
            let (code, modifier) = name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier.to_owned())));
            let mut criterion = Box::new(Criterion::new(catalogue, resource_type, code)?);
            if matches!(modifier.as_deref(), Some("in" | "not-in")) {
                criterion.learn_value_sets(catalogue, resource_type);
            }
            return Ok(Self::Plain { criterion, modifier });
        };
        let (code, target) = reference.split_once(':').map_or((reference, None), |(code, target)| (code, Some(target)));
        let criterion = Box::new(Criterion::new(catalogue, resource_type, code)?);
        let mut types: Vec<&str> = criterion.parameter.target.iter().map(String::as_str).collect();
        if let Some(target) = target {
            types = vec![target];
        }
        let mut problem = format!("{code} leads to no known type");
        let mut targets = BTreeMap::new();
        for target in types {
            match Self::within(catalogue, target, rest, left) {
                Ok(condition) => drop(targets.insert(target.to_owned(), condition)),
                Err(reason) => problem = reason,
            }
        }
        if targets.is_empty() { Err(problem) } else { Ok(Self::Chain { criterion, targets }) }
    }

    /// What it looks at in a resource.
    pub fn see<'a>(&'a self, resource: &'a Value, world: &World<'a>) -> Sight<'a> {
        match self {
            Self::Plain { criterion, .. } => Sight::Own(criterion.see(resource)),
            Self::Chain { criterion, targets } => {
                let (mut others, mut open) = (Vec::new(), None);
                for node in criterion.nodes(resource) {
                    match follow(node, targets, world) {
                        Ok(Some((condition, target))) => others.push((condition, condition.see(target, world))),
                        Ok(None) => {}
                        Err(reason) => open = Some(reason),
                    }
                }
                Sight::Others(others, open)
            }
            Self::Reverse { source, criterion, condition } => {
                let held = world.samples.of(source);
                let leads_here = |holder: &&'a Value| leads_to(criterion, holder, resource, world.base);
                let others = held.iter().map(|holder| -> &'a Value { holder }).filter(leads_here);
                let others = others.map(|holder| (&**condition, condition.see(holder, world))).collect();
                Sight::Others(others, unseen_holders(source, resource, world))
            }
        }
    }

    /// Whether what was seen meets a value.
    pub fn meets(&self, sight: &Sight<'_>, value: &str, base: &str) -> Answer {
        match (self, sight) {
            (Self::Plain { criterion, modifier }, Sight::Own(seen)) => criterion.meets(seen, modifier.as_deref(), value, base),
            (_, Sight::Others(others, open)) => {
                let answers = others.iter().map(|(condition, sight)| condition.meets(sight, value, base));
                Answer::any(answers.chain(open.clone().map(Answer::Unknown)))
            }
            (Self::Chain { .. } | Self::Reverse { .. }, Sight::Own(_)) => Answer::Unknown("a chain is judged by its targets".to_owned()),
        }
    }

    /// Whether a resource meets a value.
    pub fn matches(&self, resource: &Value, value: &str, world: &World<'_>) -> Answer {
        self.meets(&self.see(resource, world), value, world.base)
    }

    /// Values to search by that are made of what was seen in a resource, or in those that the chain leads to; see [`Criterion::values`].
    pub fn values(&self, sight: &Sight<'_>, prefix: Option<&str>, form: Option<&str>, base: &str) -> Vec<String> {
        match (self, sight) {
            (Self::Plain { criterion, modifier }, Sight::Own(seen)) => criterion.values(seen, modifier.as_deref(), prefix, form, base),
            (_, Sight::Others(others, _)) => others.iter().flat_map(|(other, sight)| other.values(sight, prefix, form, base)).collect(),
            (Self::Chain { .. } | Self::Reverse { .. }, Sight::Own(_)) => Vec::new(),
        }
    }
}

/// The harvested resource that a reference leads to, with what it must meet; `None` for one of another type.
///
/// # Errors
/// Why it cannot be told where the reference leads.
fn follow<'c, 'a>(
    node: &Value,
    targets: &'c BTreeMap<String, Condition>,
    world: &World<'a>,
) -> Result<Option<(&'c Condition, &'a Value)>, String> {
    let Some(literal) = node.get("reference").and_then(Value::as_str) else {
        return Err("the record's reference is not a literal one".to_owned());
    };
    let Some((resource_type, id)) = local_target(literal, world.base) else {
        return match Reference::parse(literal) {
            Reference::Absolute { .. } => Err("the record's reference leads to another server".to_owned()),
            _ => Err("the record's reference leads to no resource of its own".to_owned()),
        };
    };
    let Some(condition) = targets.get(&resource_type) else { return Ok(None) };
    match world.samples.find(&resource_type, &id) {
        Some(target) => Ok(Some((condition, target))),
        None => Err(format!("a {resource_type}, to which the chain leads, was not harvested")),
    }
}

fn leads_to(criterion: &Criterion, holder: &Value, resource: &Value, base: &str) -> bool {
    let own = resource::type_of(resource).zip(resource::id_of(resource));
    criterion.nodes(holder).into_iter().any(|node| {
        let literal = node.get("reference").and_then(Value::as_str);
        let target = literal.and_then(|literal| local_target(literal, base));
        target.as_ref().map(|(resource_type, id)| (resource_type.as_str(), id.as_str())) == own
    })
}

/// Why resources beyond the harvest may reference this one: only of the member's own Patient, all of a type may be known.
fn unseen_holders(source: &str, resource: &Value, world: &World<'_>) -> Option<String> {
    let is_member = resource::type_of(resource) == Some("Patient") && resource::id_of(resource) == world.samples.patient.as_deref();
    let complete = is_member && world.samples.scope(source).is_some_and(|scope| scope.complete);
    (!complete).then(|| format!("a {source} that was not harvested may reference it"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::samples::Scope;
    use crate::fhir::json::json;
    use crate::guide::{GuideId, Sources};

    const BASE: &str = "https://payer.example/fhir";

    fn catalogue() -> Catalogue {
        Catalogue::load(&[GuideId::core()], &Sources::default()).unwrap()
    }

    fn record() -> Samples {
        let mut samples = Samples::default();
        samples.patient = Some("1".to_owned());
        for resource in [
            json!({"resourceType": "Patient", "id": "1", "identifier": [{"system": "urn:oid:1", "value": "42"}], "name": [{"family": "Roe"}]}),
            json!({"resourceType": "Organization", "id": "o", "name": "Plan"}),
            json!({"resourceType": "Coverage", "id": "c", "status": "active", "beneficiary": {"reference": "Patient/1"},
                "payor": [{"reference": "https://payer.example/fhir/Organization/o"}]}),
            json!({"resourceType": "Coverage", "id": "d", "status": "draft", "beneficiary": {"reference": "Patient/2"},
                "payor": [{"reference": "Organization/unknown"}, {"identifier": {"value": "x"}}]}),
        ] {
            samples.add(Arc::new(resource));
        }
        samples.set_scope("Coverage", Scope { param: "patient".to_owned(), complete: true });
        samples
    }

    #[test]
    fn chains_are_followed_in_the_record_and_left_open_beyond_it() {
        let (catalogue, samples) = (catalogue(), record());
        let world = World { base: BASE, samples: &samples };
        let answer = |name: &str, value: &str, id: &str| {
            let condition = Condition::new(&catalogue, "Coverage", name).unwrap();
            condition.matches(samples.find("Coverage", id).unwrap(), value, &world)
        };
        assert_eq!(answer("beneficiary.identifier", "urn:oid:1|42", "c"), Answer::Yes);
        assert_eq!(answer("beneficiary:Patient.name", "roe", "c"), Answer::Yes);
        assert_eq!(answer("beneficiary:Patient.name", "doe", "c"), Answer::No);
        assert_eq!(answer("payor:Organization.name", "Plan", "c"), Answer::Yes);
        assert_eq!(answer("payor:Patient.name", "Plan", "c"), Answer::No);
        assert!(matches!(answer("beneficiary.identifier", "42", "d"), Answer::Unknown(_)));
        assert!(matches!(answer("payor:Organization.name", "Plan", "d"), Answer::Unknown(_)));
        assert_eq!(answer("status:not", "active", "d"), Answer::Yes);
    }

    #[test]
    fn reverse_chains_are_certain_for_the_member_only() {
        let (catalogue, mut samples) = (catalogue(), record());
        let condition = Condition::new(&catalogue, "Patient", "_has:Coverage:beneficiary:status").unwrap();
        let patient = samples.find("Patient", "1").unwrap().clone();
        let answer = |samples: &Samples, value: &str| condition.matches(&patient, value, &World { base: BASE, samples });
        assert_eq!(answer(&samples, "active"), Answer::Yes);
        assert_eq!(answer(&samples, "draft"), Answer::No);
        samples.patient = None;
        assert_eq!(answer(&samples, "active"), Answer::Yes);
        assert!(matches!(answer(&samples, "draft"), Answer::Unknown(_)));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let catalogue = catalogue();
        let long = "beneficiary.link.link.link.link.name";
        for name in ["no-such", "beneficiary.no-such", "_has:Coverage", "_has:Coverage:status:x", long, "near", "."] {
            assert!(Condition::new(&catalogue, "Coverage", name).is_err(), "{name}");
        }
    }
}
