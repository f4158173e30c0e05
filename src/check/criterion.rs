//! One search criterion as the harness understands it: which resources it selects.

use std::sync::Arc;

use serde_json::Value;

use crate::fhir::fhirpath::{Environment, EvaluationError, Expression, Item, Node};
use crate::fhir::search::{self, Answer, Context, Kind};
use crate::guide::Catalogue;
use crate::guide::facts::SearchParameter;

/// A search parameter made ready to be evaluated on resources.
pub struct Criterion {
    /// The definition.
    pub parameter: Arc<SearchParameter>,
    /// Its type.
    pub kind: Kind,
    expression: Expression,
    components: Vec<(Kind, Expression)>,
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
        let text = parameter
            .expression
            .as_deref()
            .ok_or_else(|| format!("{} has no expression: its values cannot be predicted", parameter.url))?;
        let expression = Expression::parse(text).map_err(|error| format!("{}: {error}", parameter.url))?;
        let mut components = Vec::new();
        for component in &parameter.component {
            let part = catalogue
                .search_parameter_by_url(&component.definition)
                .ok_or_else(|| format!("{} names the unknown component {}", parameter.url, component.definition))?;
            let part_kind = Kind::parse(&part.kind).ok_or_else(|| format!("{} has the unknown type {}", part.url, part.kind))?;
            let part_expression = Expression::parse(&component.expression).map_err(|error| format!("{}: {error}", parameter.url))?;
            components.push((part_kind, part_expression));
        }
        Ok(Self { parameter, kind, expression, components })
    }

    /// The nodes of a resource that the parameter looks at; none where its expression cannot be evaluated.
    pub fn nodes<'a>(&'a self, resource: &'a Value) -> Vec<&'a Value> {
        nodes(&self.expression, resource, resource).unwrap_or_default()
    }

    /// Whether a resource meets `value`, which may begin with a prefix.
    pub fn matches(&self, resource: &Value, value: &str, base: &str) -> Answer {
        let nodes = match nodes(&self.expression, resource, resource) {
            Ok(nodes) => nodes,
            Err(error) => return Answer::Unknown(format!("{}: {error}", self.parameter.url)),
        };
        if self.kind == Kind::Composite {
            return self.matches_composite(resource, &nodes, value, base);
        }
        search::matches(self.kind, value, &nodes, &Context { base })
    }

    fn matches_composite(&self, resource: &Value, nodes: &[&Value], value: &str, base: &str) -> Answer {
        let mut unknown = None;
        for node in nodes {
            let parts: Result<Vec<(Kind, Vec<&Value>)>, EvaluationError> =
                self.components.iter().map(|(kind, expression)| Ok((*kind, self::nodes(expression, node, resource)?))).collect();
            let parts = match parts {
                Ok(parts) => parts,
                Err(error) => return Answer::Unknown(format!("{}: {error}", self.parameter.url)),
            };
            match search::matches_composite(&parts, value, &Context { base }) {
                Answer::Yes => return Answer::Yes,
                Answer::No => {}
                Answer::Unknown(reason) => unknown = Some(reason),
            }
        }
        unknown.map_or(Answer::No, Answer::Unknown)
    }

    /// Values of a resource that a search must find it by, each with the prefix in front, of one form or of any; most specific first.
    pub fn sample_values(&self, resource: &Value, prefix: Option<&str>, form: Option<&str>) -> Vec<String> {
        let nodes = self.nodes(resource);
        if self.kind == Kind::Composite {
            return nodes.iter().filter_map(|node| self.sample_composite(resource, node)).collect();
        }
        let mut values = Vec::new();
        for node in nodes {
            match prefix {
                Some(prefix) => values.extend(search::sample_with_prefix(self.kind, prefix, node)),
                None => {
                    let samples = search::sample_values(self.kind, node).into_iter();
                    values.extend(samples.filter(|sample| form.is_none_or(|form| form == sample.form)).map(|sample| sample.value));
                }
            }
        }
        values
    }

    fn sample_composite(&self, resource: &Value, node: &Value) -> Option<String> {
        let mut parts = Vec::new();
        for (kind, expression) in &self.components {
            let part = nodes(expression, node, resource)
                .ok()?
                .into_iter()
                .find_map(|part| search::sample_values(*kind, part).into_iter().next())?;
            parts.push(part.value);
        }
        Some(parts.join("$"))
    }
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
