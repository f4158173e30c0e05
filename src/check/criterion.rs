//! One search criterion as the harness understands it: which resources it selects.

use std::sync::Arc;

use super::vocabulary::Vocabulary;
use crate::fhir::fhirpath::{Environment, EvaluationError, Expression, Item, Node};
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;
use crate::fhir::search::{self, Answer, Context, Kind};
use crate::guide::Catalogue;
use crate::guide::facts::SearchParameter;

/// A search parameter made ready to be evaluated on resources.
pub struct Criterion {
    /// The definition.
    pub parameter: Arc<SearchParameter>,
    /// Its type.
    pub kind: Kind,
    vocabulary: Vocabulary,
    looks_at: LooksAt,
    components: Vec<(Kind, Expression)>,
}

/// Where a parameter's values come from.
enum LooksAt {
    Elements(Expression),
    /// `_text`.
    Narrative,
    /// `_content`.
    Everything,
}

/// What a parameter looks at in one resource: worked out once, to be compared with many values.
pub enum Seen<'a> {
    /// Elements.
    Nodes(Vec<&'a Value>),
    /// The parts of each node of a composite.
    Parts(Vec<Vec<(Kind, Vec<&'a Value>)>>),
    /// Words.
    Words(Vec<String>),
    /// It cannot be told, and why.
    Unclear(String),
}

impl Criterion {
    /// Looks a parameter up and compiles its expression.
    ///
    /// # Errors
    /// Why its values cannot be told: it is unknown to the guides, has no expression, or one that is not valid.
    pub fn new(catalogue: &Catalogue, resource_type: &str, param: &str) -> Result<Self, String> {
        let parameter = catalogue.search_parameter(resource_type, param).ok_or_else(|| {
            format!("no loaded guide defines the search parameter {param} of {resource_type}: its values cannot be predicted")
        })?;
        let kind = Kind::parse(&parameter.kind).ok_or_else(|| format!("{} has the unknown type {}", parameter.url, parameter.kind))?;
        let looks_at = match (parameter.expression.as_deref(), parameter.code.as_str()) {
            (Some(text), _) => LooksAt::Elements(catalogue.expression(text).map_err(|error| format!("{}: {error}", parameter.url))?),
            (None, "_text") => LooksAt::Narrative,
            (None, "_content") => LooksAt::Everything,
            (None, _) => return Err(format!("{} has no expression: its values cannot be predicted", parameter.url)),
        };
        let mut components = Vec::new();
        for component in &parameter.component {
            let part = catalogue
                .search_parameter_by_url(&component.definition)
                .ok_or_else(|| format!("{} names the unknown component {}", parameter.url, component.definition))?;
            let part_kind = Kind::parse(&part.kind).ok_or_else(|| format!("{} has the unknown type {}", part.url, part.kind))?;
            let part_expression = catalogue.expression(&component.expression).map_err(|error| format!("{}: {error}", parameter.url))?;
            components.push((part_kind, part_expression));
        }
        Ok(Self { parameter, kind, vocabulary: Vocabulary::new(catalogue), looks_at, components })
    }

    /// Makes ready for questions about value sets.
    pub fn learn_value_sets(&mut self, catalogue: &Catalogue, resource_type: &str) {
        self.vocabulary.learn_value_sets(catalogue, resource_type, &self.parameter);
    }

    /// The nodes of a resource that the parameter looks at; none where its expression cannot be evaluated.
    pub fn nodes<'a>(&'a self, resource: &'a Value) -> Vec<&'a Value> {
        match &self.looks_at {
            LooksAt::Elements(expression) => nodes(expression, resource, resource).unwrap_or_default(),
            LooksAt::Narrative | LooksAt::Everything => Vec::new(),
        }
    }

    /// What the parameter looks at in a resource.
    pub fn see<'a>(&'a self, resource: &'a Value) -> Seen<'a> {
        let unclear = |error: EvaluationError| Seen::Unclear(format!("{}: {error}", self.parameter.url));
        let mut words = Vec::new();
        let expression = match &self.looks_at {
            LooksAt::Elements(expression) => expression,
            LooksAt::Narrative => {
                let narrative = resource.pointer("/text/div").and_then(Value::as_str).unwrap_or_default();
                return Seen::Words(search::words_of(narrative));
            }
            LooksAt::Everything => {
                search::words_in(resource, &mut words);
                return Seen::Words(words);
            }
        };
        let found = match nodes(expression, resource, resource) {
            Ok(found) => found,
            Err(error) => return unclear(error),
        };
        if self.kind != Kind::Composite {
            return Seen::Nodes(found);
        }
        let parts = found.into_iter().map(|node| self.components.iter().map(|part| part_of(part, node, resource)).collect());
        match parts.collect::<Result<_, EvaluationError>>() {
            Ok(parts) => Seen::Parts(parts),
            Err(error) => unclear(error),
        }
    }

    /// Whether what was seen meets `value`, which may begin with a prefix.
    pub fn meets(&self, seen: &Seen<'_>, modifier: Option<&str>, value: &str, base: &str) -> Answer {
        let context = self.context(base);
        match (seen, modifier) {
            (Seen::Unclear(reason), _) => Answer::Unknown(reason.clone()),
            (Seen::Nodes(nodes), None) => search::matches(self.kind, value, nodes, &context),
            (Seen::Nodes(nodes), Some(modifier)) => search::matches_modified(self.kind, modifier, value, nodes, &context),
            (Seen::Parts(nodes), None) => Answer::any(nodes.iter().map(|parts| search::matches_composite(parts, value, &context))),
            (Seen::Words(words), None) => search::matches_words(value, words),
            (Seen::Parts(_) | Seen::Words(_), Some(modifier)) => {
                Answer::Unknown(format!("what :{modifier} means for {} is not stated", self.parameter.code))
            }
        }
    }

    /// Whether a resource meets `value`, which may begin with a prefix.
    pub fn matches(&self, resource: &Value, value: &str, base: &str) -> Answer {
        self.meets(&self.see(resource), None, value, base)
    }

    /// Values to search by that are made of what was seen in a resource: those of a modifier, a prefix or a form where one is named, else
    /// those that must find the resource; most specific first.
    pub fn values(&self, seen: &Seen<'_>, modifier: Option<&str>, prefix: Option<&str>, form: Option<&str>, base: &str) -> Vec<String> {
        let nodes = match seen {
            Seen::Nodes(nodes) => nodes,
            Seen::Parts(parts) if modifier.is_none() => return composites(parts, form),
            Seen::Words(words) if modifier.is_none() => return search::telling_words(words),
            Seen::Parts(_) | Seen::Words(_) | Seen::Unclear(_) => return Vec::new(),
        };
        let mut values = Vec::new();
        for node in nodes {
            match (modifier, prefix, form) {
                (Some("in" | "not-in"), _, None) => values.extend(self.value_sets_with(node)),
                (Some(modifier), _, None) => values.extend(search::modified_values(self.kind, modifier, node)),
                (None, Some(prefix), None) => values.extend(search::sample_with_prefix(self.kind, prefix, node)),
                (_, _, Some("other-type")) => values.extend(self.other_type(node)),
                (_, _, Some(form)) => values.extend(search::formed_values(self.kind, form, node, base)),
                (None, None, None) => values.extend(search::sample_values(self.kind, node).into_iter().map(|sample| sample.value)),
            }
        }
        values
    }

    fn context<'a>(&'a self, base: &'a str) -> Context<'a> {
        Context { base, terminology: &self.vocabulary, ids: self.parameter.code == "_id" }
    }

    /// The value sets that are known to hold a code of a node.
    fn value_sets_with(&self, node: &Value) -> Vec<String> {
        if self.kind != Kind::Token {
            return Vec::new();
        }
        let codes = search::codes_in_value_sets(node);
        let codes = codes.iter().flatten().map(|(system, code)| (*system, &**code));
        self.vocabulary.value_sets_with(codes).into_iter().map(search::escape).collect()
    }

    /// The id of a reference under another type that the parameter may lead to.
    fn other_type(&self, node: &Value) -> Option<String> {
        let literal = node.get("reference").and_then(Value::as_str)?;
        let (own, id) = Reference::parse(literal).target()?;
        self.parameter.target.iter().find(|target| *target != own).map(|target| format!("{target}/{id}"))
    }
}

/// A value of each part, joined; in the form `mixed` the last part is of another node than the first, where there are several.
fn composites(nodes: &[Vec<(Kind, Vec<&Value>)>], form: Option<&str>) -> Vec<String> {
    let value = |(kind, nodes): &(Kind, Vec<&Value>)| {
        nodes.iter().find_map(|node| search::sample_values(*kind, node).into_iter().next()).map(|sample| sample.value)
    };
    let values: Vec<Vec<String>> = nodes.iter().filter_map(|parts| parts.iter().map(value).collect()).collect();
    if form != Some("mixed") {
        return values.iter().map(|parts| parts.join("$")).collect();
    }
    let mix = |one: &Vec<String>, other: &Vec<String>| {
        let mut parts = one.clone();
        if let (Some(last), Some(foreign)) = (parts.last_mut(), other.last()) {
            last.clone_from(foreign);
        }
        parts.join("$")
    };
    let pairs = values.iter().enumerate().flat_map(|(at, one)| values.iter().skip(at + 1).map(move |other| mix(one, other)));
    pairs.collect()
}

fn part_of<'a>(
    (kind, expression): &'a (Kind, Expression),
    node: &'a Value,
    resource: &'a Value,
) -> Result<(Kind, Vec<&'a Value>), EvaluationError> {
    Ok((*kind, nodes(expression, node, resource)?))
}

static TRUE: Value = Value::Bool(true);
static FALSE: Value = Value::Bool(false);

/// What an expression selects, as JSON. A parameter may also be a condition, such as whether the patient is deceased.
fn nodes<'a>(expression: &'a Expression, focus: &'a Value, resource: &'a Value) -> Result<Vec<&'a Value>, EvaluationError> {
    let environment = Environment::of(Node::resource(resource));
    let items = expression.evaluate(Node::resource(focus), &environment)?;
    let json = items.iter().filter_map(|item| match item {
        Item::Boolean(true) => Some(&TRUE),
        Item::Boolean(false) => Some(&FALSE),
        other => other.json(),
    });
    Ok(json.collect())
}

#[cfg(test)]
mod tests {
    use crate::fhir::json::json;

    use super::*;
    use crate::guide::Sources;

    const BASE: &str = "https://payer.example/fhir";

    #[test]
    fn value_sets_to_ask_about_are_those_that_hold_a_code() {
        let catalogue = Catalogue::load(&["hl7.fhir.us.carin-bb#2.0.0".parse().unwrap()], &Sources::default()).unwrap();
        let (pharmacy, unknown) = (
            json!({"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "pharmacy"}),
            json!({"system": "urn:unknown", "code": "pharmacy"}),
        );
        let claim = |coding: &Value| json!({"resourceType": "ExplanationOfBenefit", "status": "active", "type": {"coding": [coding, {"code": "pharmacy"}, coding]}});
        let cases = [("type", claim(&pharmacy), true), ("status", claim(&pharmacy), true), ("type", claim(&unknown), false)];
        for (param, claim, any) in &cases {
            let mut criterion = Criterion::new(&catalogue, "ExplanationOfBenefit", param).unwrap();
            criterion.learn_value_sets(&catalogue, "ExplanationOfBenefit");
            let seen = criterion.see(claim);
            for _ in 0..2 {
                let values = criterion.values(&seen, Some("in"), None, None, BASE);
                assert_eq!(!values.is_empty(), *any, "{param}");
                for value in &values {
                    assert_eq!(criterion.meets(&seen, Some("in"), value, BASE), Answer::Yes, "{param} in {value}");
                }
                let all = catalogue.terms();
                for value in all.value_sets_of_guides().iter().map(|url| search::escape(url)) {
                    let found = criterion.meets(&seen, Some("in"), &value, BASE) == Answer::Yes;
                    assert_eq!(values.contains(&value), found, "{param} in {value}");
                }
            }
        }
    }
}
