//! FHIRPath over borrowed JSON: the part of the language that search parameters are written in (R4 search.html#params: paths, unions,
//! `where`, `exists`, `is`, `as`, `ofType`, `resolve`, `extension`, equality, `and`, `or`). Anything else is refused when it is parsed.

use serde_json::Value;

use super::reference::Reference;

/// Deeper nesting than any published expression has.
const DEEPEST: usize = 64;

static TRUE: Value = Value::Bool(true);
static FALSE: Value = Value::Bool(false);

/// A parsed expression.
#[derive(Clone, Debug)]
pub struct Expression(Term);

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FhirPathError {
    /// Not the part of FHIRPath that is understood here.
    #[error("expression {expression:?} cannot be read at character {at}: {problem}")]
    Syntax {
        /// The whole expression.
        expression: String,
        /// Where, counted in bytes.
        at: usize,
        /// What is wrong.
        problem: String,
    },
}

#[derive(Clone, Debug)]
enum Term {
    /// The input of the expression.
    Input,
    /// `%resource`: the resource that the input is part of.
    Resource,
    /// A type name or an element of the input.
    Name(Box<Term>, String),
    /// A function of the input.
    Call(Box<Term>, Function, Vec<Term>),
    Literal(Value),
    Binary(Operator, Box<Term>, Box<Term>),
    /// `x is T` and `x as T`.
    Typed(Box<Term>, String, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Where,
    Exists,
    Resolve,
    Extension,
    HasExtension,
    First,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Union,
    Equal,
    NotEqual,
    And,
    Or,
}

/// A value on the way, with its type where that is known.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    value: &'a Value,
    kind: Option<String>,
}

impl<'a> Item<'a> {
    /// The value as JSON.
    pub fn json(&self) -> &'a Value {
        self.value
    }
}

impl Expression {
    /// Parses an expression once, to be evaluated on many resources.
    ///
    /// # Errors
    /// It is not FHIRPath, or beyond the part that search parameters use.
    pub fn parse(text: &str) -> Result<Self, FhirPathError> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let term = parser.union()?;
        parser.skip();
        if parser.at < text.len() {
            return Err(parser.problem("nothing more is expected here"));
        }
        Ok(Self(term))
    }

    /// The values that the expression selects from `focus`, which is `resource` or an element in it.
    pub fn evaluate<'a>(&'a self, focus: &'a Value, resource: &'a Value) -> Vec<Item<'a>> {
        let item = |value| Item { value, kind: kind_of(value) };
        evaluate(&self.0, &[item(focus)], &item(resource))
    }
}

fn kind_of(value: &Value) -> Option<String> {
    value.get("resourceType").and_then(Value::as_str).map(str::to_owned)
}

fn evaluate<'a>(term: &'a Term, input: &[Item<'a>], resource: &Item<'a>) -> Vec<Item<'a>> {
    match term {
        Term::Input => input.to_vec(),
        Term::Resource => vec![resource.clone()],
        Term::Literal(value) => vec![Item { value, kind: None }],
        Term::Name(of, name) => {
            let of = evaluate(of, input, resource);
            of.iter().flat_map(|item| step(item, name)).collect()
        }
        Term::Call(of, function, arguments) => call(*function, arguments, &evaluate(of, input, resource), resource),
        Term::Typed(of, name, is_test) => {
            let of = evaluate(of, input, resource);
            if *is_test {
                return of.first().map(|item| boolean(has_type(item, name))).into_iter().collect();
            }
            of.into_iter().filter(|item| has_type(item, name)).collect()
        }
        Term::Binary(operator, left, right) => binary(*operator, evaluate(left, input, resource), evaluate(right, input, resource)),
    }
}

/// The children of one name: `value` also finds `valueQuantity`, and a leading type name finds the resource itself.
fn step<'a>(item: &Item<'a>, name: &str) -> Vec<Item<'a>> {
    let Some(fields) = item.value.as_object() else { return Vec::new() };
    if name.starts_with(|c: char| c.is_ascii_uppercase()) {
        let is_self = item.kind.as_deref() == Some(name) || (item.kind.is_some() && matches!(name, "Resource" | "DomainResource"));
        return if is_self { vec![item.clone()] } else { Vec::new() };
    }
    if let Some(value) = fields.get(name) {
        return spread(value, None);
    }
    let choice = fields.iter().find_map(|(key, value)| {
        let suffix = key.strip_prefix(name)?;
        suffix.starts_with(|c: char| c.is_ascii_uppercase()).then(|| spread(value, Some(suffix.to_owned())))
    });
    choice.unwrap_or_default()
}

fn spread(value: &Value, kind: Option<String>) -> Vec<Item<'_>> {
    match value {
        Value::Array(items) => items
            .iter()
            .filter(|value| !value.is_null())
            .map(|value| Item { value, kind: kind_of(value).or_else(|| kind.clone()) })
            .collect(),
        Value::Null => Vec::new(),
        value => vec![Item { value, kind: kind_of(value).or(kind) }],
    }
}

fn call<'a>(function: Function, arguments: &'a [Term], of: &[Item<'a>], resource: &Item<'a>) -> Vec<Item<'a>> {
    let holds = |item: &&Item<'a>| arguments.iter().all(|criterion| is_true(&evaluate(criterion, &[(*item).clone()], resource)));
    match function {
        Function::Where => of.iter().filter(holds).cloned().collect(),
        Function::Exists => vec![boolean(of.iter().any(|item| holds(&item)))],
        Function::First => of.first().cloned().into_iter().collect(),
        Function::Not => of.first().map(|item| boolean(item.value == &FALSE)).into_iter().collect(),
        // What a reference leads to is not fetched: the type that it names is all that search parameters ask of it.
        Function::Resolve => of.iter().filter_map(target_of).collect(),
        Function::Extension | Function::HasExtension => {
            let url = arguments.first().and_then(|argument| match argument {
                Term::Literal(url) => Some(url),
                _ => None,
            });
            let found = of.iter().flat_map(|item| step(item, "extension")).filter(|extension| extension.value.get("url") == url);
            if function == Function::HasExtension { vec![boolean(found.count() > 0)] } else { found.collect() }
        }
    }
}

fn target_of<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    let (text, declared) = match item.value {
        Value::String(text) => (Some(text.as_str()), None),
        other => (other.get("reference").and_then(Value::as_str), other.get("type").and_then(Value::as_str)),
    };
    let named = text.and_then(|text| Reference::parse(text).target()).map(|(resource_type, _)| resource_type);
    Some(Item { value: item.value, kind: Some(named.or(declared)?.to_owned()) })
}

fn binary<'a>(operator: Operator, left: Vec<Item<'a>>, right: Vec<Item<'a>>) -> Vec<Item<'a>> {
    let equal = || left.len() == right.len() && left.iter().zip(&right).all(|(one, other)| one.value == other.value);
    match operator {
        Operator::Union => {
            let mut all: Vec<Item<'a>> = Vec::new();
            for item in left.into_iter().chain(right) {
                if !all.iter().any(|known| std::ptr::eq(known.value, item.value) || known.value == item.value) {
                    all.push(item);
                }
            }
            all
        }
        Operator::Equal | Operator::NotEqual if left.is_empty() || right.is_empty() => Vec::new(),
        Operator::Equal => vec![boolean(equal())],
        Operator::NotEqual => vec![boolean(!equal())],
        Operator::And => logic(&left, &right, false),
        Operator::Or => logic(&left, &right, true),
    }
}

/// Three-valued `and` (decided by false) and `or` (decided by true).
fn logic<'a>(left: &[Item<'a>], right: &[Item<'a>], decides: bool) -> Vec<Item<'a>> {
    let truth = |items: &[Item<'a>]| items.first().map(|item| item.value != &FALSE);
    match (truth(left), truth(right)) {
        (Some(one), _) | (_, Some(one)) if one == decides => vec![boolean(decides)],
        (Some(_), Some(other)) => vec![boolean(other)],
        _ => Vec::new(),
    }
}

fn is_true(items: &[Item<'_>]) -> bool {
    items.first().is_some_and(|item| item.value == &TRUE)
}

fn boolean<'a>(value: bool) -> Item<'a> {
    Item { value: if value { &TRUE } else { &FALSE }, kind: Some("boolean".to_owned()) }
}

/// Whether an item has a type, by what is known of it, else by the shape of its JSON.
fn has_type(item: &Item<'_>, name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name);
    if let Some(kind) = &item.kind {
        return kind.eq_ignore_ascii_case(name);
    }
    let has = |field: &str| item.value.get(field).is_some();
    match (name, item.value) {
        ("Reference", _) => has("reference") || has("identifier") || has("display"),
        ("CodeableConcept", _) => has("coding") || has("text"),
        ("Period", _) => has("start") || has("end"),
        ("Quantity" | "Age" | "Duration" | "Money", _) => has("value"),
        ("Range", _) => has("low") || has("high"),
        ("boolean", value) => value.is_boolean(),
        ("integer" | "decimal" | "positiveInt" | "unsignedInt", value) => value.is_number(),
        ("string" | "code" | "id" | "uri" | "url" | "canonical" | "date" | "dateTime" | "instant" | "time" | "markdown", value) => {
            value.is_string()
        }
        _ => false,
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn union(&mut self) -> Result<Term, FhirPathError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.problem("it is nested too deeply"));
        }
        let term = self.chain(0);
        self.depth -= 1;
        term
    }

    /// Operators by falling looseness: or, and, =, is/as, |.
    fn chain(&mut self, level: usize) -> Result<Term, FhirPathError> {
        const LEVELS: [&[(&str, Operator)]; 5] = [
            &[("or", Operator::Or)],
            &[("and", Operator::And)],
            &[("!=", Operator::NotEqual), ("=", Operator::Equal)],
            &[],
            &[("|", Operator::Union)],
        ];
        let Some(operators) = LEVELS.get(level) else { return self.path() };
        let mut left = self.chain(level + 1)?;
        loop {
            if level == 3 {
                let Some(word) = ["is", "as"].into_iter().find(|word| self.take(word)) else { return Ok(left) };
                let name = self.type_name()?;
                left = Term::Typed(Box::new(left), name, word == "is");
                continue;
            }
            let Some((_, operator)) = operators.iter().find(|(word, _)| self.take(word)) else { return Ok(left) };
            let right = self.chain(level + 1)?;
            left = Term::Binary(*operator, Box::new(left), Box::new(right));
        }
    }

    fn path(&mut self) -> Result<Term, FhirPathError> {
        self.skip();
        let mut term = if self.take("(") {
            let inner = self.union()?;
            self.need(")")?;
            inner
        } else if self.take("%resource") {
            Term::Resource
        } else if let Some(literal) = self.literal()? {
            literal
        } else {
            self.invocation(Term::Input)?
        };
        loop {
            if self.take(".") {
                term = self.invocation(term)?;
            } else if self.take("[") {
                // Only the first element is ever asked for.
                self.need("0")?;
                self.need("]")?;
                term = Term::Call(Box::new(term), Function::First, Vec::new());
            } else {
                return Ok(term);
            }
        }
    }

    fn invocation(&mut self, of: Term) -> Result<Term, FhirPathError> {
        let name = self.name()?;
        if !self.take("(") {
            return Ok(if name == "$this" { of } else { Term::Name(Box::new(of), name) });
        }
        if matches!(name.as_str(), "as" | "ofType" | "is") {
            let type_name = self.type_name()?;
            self.need(")")?;
            return Ok(Term::Typed(Box::new(of), type_name, name == "is"));
        }
        let function = match name.as_str() {
            "where" => Function::Where,
            "exists" => Function::Exists,
            "resolve" => Function::Resolve,
            "extension" => Function::Extension,
            "hasExtension" => Function::HasExtension,
            "first" => Function::First,
            "not" => Function::Not,
            _ => return Err(self.problem(&format!("the function {name}() is not one that search parameters use"))),
        };
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.union()?);
                if !self.take(",") {
                    break;
                }
            }
            self.need(")")?;
        }
        Ok(Term::Call(Box::new(of), function, arguments))
    }

    fn literal(&mut self) -> Result<Option<Term>, FhirPathError> {
        if self.take("true") {
            return Ok(Some(Term::Literal(Value::Bool(true))));
        }
        if self.take("false") {
            return Ok(Some(Term::Literal(Value::Bool(false))));
        }
        if !self.rest().starts_with('\'') {
            return Ok(None);
        }
        let inner = self.rest().get(1..).unwrap_or_default();
        let Some(end) = inner.find('\'') else { return Err(self.problem("the string does not end")) };
        let text = inner.get(..end).unwrap_or_default().to_owned();
        self.at += end + 2;
        Ok(Some(Term::Literal(Value::String(text))))
    }

    fn type_name(&mut self) -> Result<String, FhirPathError> {
        let mut name = self.name()?;
        while self.take(".") {
            name = format!("{name}.{}", self.name()?);
        }
        Ok(name)
    }

    fn name(&mut self) -> Result<String, FhirPathError> {
        self.skip();
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.problem("a name is expected here"));
        }
        let name = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        Ok(name)
    }

    /// Takes a symbol, or a word that ends here.
    fn take(&mut self, wanted: &str) -> bool {
        self.skip();
        let Some(after) = self.rest().strip_prefix(wanted) else { return false };
        let is_word = wanted.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_word && after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '(') {
            return false;
        }
        self.at += wanted.len();
        true
    }

    fn need(&mut self, wanted: &str) -> Result<(), FhirPathError> {
        if self.take(wanted) { Ok(()) } else { Err(self.problem(&format!("{wanted:?} is expected here"))) }
    }

    fn skip(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn problem(&self, problem: &str) -> FhirPathError {
        FhirPathError::Syntax { expression: self.text.to_owned(), at: self.at, problem: problem.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn select(text: &str, resource: &Value) -> Vec<Value> {
        Expression::parse(text).unwrap().evaluate(resource, resource).iter().map(|item| item.json().clone()).collect()
    }

    #[test]
    fn paths_unions_and_choices() {
        let claim = json!({"resourceType": "ExplanationOfBenefit", "billablePeriod": {"start": "2020"}, "item": [
            {"servicedDate": "2020-01-01"}, {"servicedPeriod": {"start": "2020-02-01"}}]});
        assert_eq!(select("ExplanationOfBenefit.billablePeriod | ExplanationOfBenefit.item.serviced", &claim).len(), 3);
        assert_eq!(select("ExplanationOfBenefit.item.serviced.ofType(date)", &claim), [json!("2020-01-01")]);
        assert_eq!(select("ExplanationOfBenefit.item.serviced.ofType(Period).start", &claim), [json!("2020-02-01")]);
        assert_eq!(select("(ExplanationOfBenefit.item.serviced as date)", &claim), [json!("2020-01-01")]);
        assert_eq!(select("ExplanationOfBenefit.item.servicedDate", &claim), [json!("2020-01-01")]);
        assert!(select("Patient.item", &claim).is_empty());
    }

    #[test]
    fn references_are_told_by_the_type_they_name() {
        let claim = json!({"resourceType": "Claim", "patient": {"reference": "Patient/1"}});
        assert_eq!(select("Claim.patient.where(resolve() is Patient)", &claim).len(), 1);
        assert!(select("Claim.patient.where(resolve() is Group)", &claim).is_empty());
    }

    #[test]
    fn conditions_and_logic() {
        let patient = json!({"resourceType": "Patient", "deceasedBoolean": false, "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}]});
        assert_eq!(select("Patient.deceased.exists() and Patient.deceased != false", &patient), [json!(false)]);
        assert_eq!(select("Patient.telecom.where(system='email')", &patient).len(), 1);
        assert_eq!(select("Resource.id | DomainResource.deceased", &patient).len(), 1);
    }

    #[test]
    fn what_is_not_understood_is_refused_and_nothing_overflows() {
        for text in ["", "Patient.", "Patient.name.count()", "Patient.where(", "a b", "'x", "Patient.name[5]"] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
        assert!(Expression::parse(&"(".repeat(50_000)).is_err());
    }

    #[test]
    fn every_search_parameter_of_the_embedded_guides_can_be_read() {
        use crate::guide::{Catalogue, Sources};
        let catalogue = Catalogue::load(&Catalogue::embedded(), &Sources::default()).unwrap();
        let mut read = 0;
        for resource_type in catalogue.resource_types() {
            for parameter in catalogue.search_parameters(resource_type) {
                for text in parameter.expression.iter().chain(parameter.component.iter().map(|part| &part.expression)) {
                    Expression::parse(text).unwrap();
                    read += 1;
                }
            }
        }
        assert!(read > 1_400, "only {read} expressions");
    }
}
