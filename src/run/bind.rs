//! Fills a case's placeholders from the frozen samples.

use std::sync::{Arc, LazyLock};

use super::choose::Chooser;
use super::own::{Ids, Own};
use super::terms;
use crate::check::condition::World;
use crate::check::criteria::selects;
use crate::check::criterion::Criterion;
use crate::check::exchange::{Method, Payload, Request};
use crate::check::identity::Identity;
use crate::check::payer_facts::Page;
use crate::check::relation::Relation;
use crate::check::said::{Said, code, said, words};
use crate::check::{Binding, PayerFacts, Rights, Samples};
use crate::fhir::date::Interval;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::fhir::search::{self, Answer, Kind};
use crate::guide::Catalogue;
use crate::guide::facts::{OperationParameter, SearchParameter};
use crate::plan::{self, Bar, Case, Step};

/// An id that is valid in form and that no server holds.
const UNKNOWN_ID: &str = "payerspec-no-such-id";
/// An id with characters that R4 datatypes.html#id does not allow.
const MALFORMED_ID: &str = "not~an~id";
/// A version that no resource has reached.
const UNKNOWN_VERSION: &str = "999999999";
/// Why nothing can be asked about the member.
const NO_MEMBER: &str = "no member is known: name one with --patient";
/// Makes a URL longer than the 8000 octets that RFC 9110 section 4.1 recommends to support.
static LONG_VALUE: LazyLock<String> = LazyLock::new(|| "x".repeat(12_000));

/// What binding looks at.
pub struct Binder<'a> {
    /// The steps of the case.
    pub steps: &'a [Step],
    /// Their texts with placeholders; see [`placeholders`].
    pub placeholders: &'a str,
    /// The harvest.
    pub samples: &'a Samples,
    /// How to read search parameters.
    pub catalogue: &'a Catalogue,
    /// Another member, whom the credentials must not reach, or an id that nobody is known to have.
    pub other_patient: Option<&'a str>,
    /// The FHIR base.
    pub base: &'a str,
    /// Whether the server offers search by `_id` for a type.
    pub by_id: &'a (dyn Fn(&str) -> bool + Sync),
    /// What is asked of the server.
    pub bar: &'a Bar,
    /// Whom the credentials cover, and whom they must not reach.
    pub rights: &'a Rights,
    /// What the run makes itself.
    pub own: &'a Own,
    /// What the payer says of its own data.
    pub facts: &'a PayerFacts,
}

/// The texts of steps that hold placeholders, a line each: joined once, since each of a dozen words is looked for in them.
pub fn placeholders(steps: &[Step]) -> String {
    let of_step = |step: &Step| {
        let pairs = step.query.iter().chain(&step.url_query).flat_map(|(name, value)| [name, value]);
        [&step.path].into_iter().chain(pairs).filter(|text| text.contains('{')).fold(String::new(), |all, text| all + text + "\n")
    };
    steps.iter().map(of_step).collect()
}

impl Binder<'_> {
    /// Chooses the sample and the search value of a case.
    ///
    /// # Errors
    /// Why the case cannot be exercised: the reason of an inconclusive outcome.
    pub fn bind(&self, case: &Case) -> Result<Binding, Said> {
        let resource_type = case.about.resource_type.as_deref().unwrap_or_default();
        let scope = self.samples.patient.as_ref().and_then(|patient| {
            let scope = self.samples.scope(resource_type)?;
            Some((scope.param.clone(), patient.clone()))
        });
        let new_id = if case.writes() { self.own.new_id() } else { String::new() };
        let scope_asked = scope.as_ref().is_some_and(|(param, _)| self.asks_for_member(param));
        let mut binding = Binding { scope, scope_asked, new_id, ..Binding::default() };
        let uses = |word: &str| self.uses(word);
        let inputs = if uses("{operation-inputs}") { operation_terms(case) } else { &[] };
        let asks = |word: &str| uses(word) || inputs.iter().any(|(_, placeholder)| placeholder.contains(word));
        binding.terms = terms::choose(asks, self.samples, self.catalogue).map_err(words)?;
        if uses("{since}") {
            binding.since = self.since()?;
        }
        if uses("{member}") {
            self.samples.patient.as_ref().ok_or(NO_MEMBER)?;
        }
        if case.checks().iter().any(|check| check.id == "search.sorted") && self.samples.of(resource_type).len() < 2 {
            return Err(said!("fewer than two {} were harvested: no order could be seen", code(resource_type)));
        }
        if uses("{elements}") {
            binding.elements = self.elements(resource_type)?;
        }
        if uses("{include-target}") || uses("{include-iterate}") || uses("{include-versioned}") {
            let (sample, include) = self.include(case, resource_type)?;
            (binding.sample, binding.include) = (Some(sample), include);
        } else if uses("{any.") {
            binding.sample = Some(self.any().ok_or("nothing was harvested")?);
        } else if uses("{value}") || (!uses("{malformed-value}") && !uses("{no-match}") && self.predicts(case)) {
            self.choose(case, resource_type, &mut binding)?;
        } else if uses("{malformed-value}") {
            binding.value = Some(self.malformed(case, resource_type)?);
        } else if uses("{no-match}") {
            binding.value = Some(self.no_match(case, resource_type)?);
        } else if uses("{sample.") || uses("{narrow}") || self.steps.iter().any(|step| step.body.is_some() && !resource_type.is_empty()) {
            binding.sample = Some(self.sample(case, resource_type, uses("{sample.version}"))?);
        }
        Ok(binding)
    }

    /// The instant of the change in the middle of those of the member's record: some of it was changed before, some since.
    fn since(&self) -> Result<String, Said> {
        let of_member = self.samples.counts().into_iter().filter(|(name, _)| name != "Patient" && self.samples.scope(name).is_some());
        let mut changes: Vec<(Interval, String)> = Vec::new();
        for (name, _) in of_member {
            let texts = self.samples.of(&name).iter().filter_map(|sample| sample.pointer("/meta/lastUpdated")?.as_str());
            changes.extend(texts.filter_map(|text| Some((Interval::parse(text)?, text.to_owned()))));
        }
        changes.sort_by_key(|(one, _)| one.low);
        let middle = changes.get(changes.len() / 2).map(|(_, text)| text.clone());
        middle.ok_or_else(|| "nothing of the member's record says when it was changed".into())
    }

    /// Whether a step of the case holds a placeholder.
    pub fn uses(&self, word: &str) -> bool {
        self.placeholders.contains(word)
    }

    /// The member, or whatever else was harvested first.
    fn any(&self) -> Option<Arc<Value>> {
        let first = |name: &str| self.samples.of(name).first().cloned();
        first("Patient").or_else(|| self.samples.counts().iter().find_map(|(name, _)| first(name)))
    }

    fn sample(&self, case: &Case, resource_type: &str, versioned: bool) -> Result<Arc<Value>, Said> {
        let samples = self.samples.of(resource_type);
        if samples.is_empty() {
            return Err(self.samples.why_none(resource_type));
        }
        let closed: Vec<Arc<Value>>;
        let samples = if self.steps.last().is_some_and(|step| step.identity == Identity::OtherMember) {
            let is_closed = |sample: &&Arc<Value>| self.rights.is_closed_to_others(self.catalogue, sample);
            closed = samples.iter().filter(is_closed).cloned().collect();
            &closed[..]
        } else {
            samples
        };
        if samples.is_empty() {
            return Err(said!("every harvested {} may be the other member's as well", code(resource_type)));
        }
        if versioned {
            let found = samples.iter().find(|sample| resource::version_of(sample).is_some());
            return found.cloned().ok_or_else(|| said!("no harvested {} has a meta.versionId", code(resource_type)));
        }
        match &case.about.value {
            Some(value) if case.origin().contains("rev-include") => self.referenced_sample(samples, value),
            Some(value) => self.referencing_sample(samples, resource_type, value),
            // A resource that was changed has more of a history.
            None if case.about.interaction.as_deref() == Some("history-instance") => {
                let changed = samples.iter().find(|sample| resource::version_of(sample).is_some_and(|version| version != "1"));
                changed.or(samples.first()).cloned().ok_or_else(|| self.samples.why_none(resource_type))
            }
            None => samples.first().cloned().ok_or_else(|| self.samples.why_none(resource_type)),
        }
    }

    /// The first sample that references a harvested resource by an include value.
    fn referencing_sample(&self, samples: &[Arc<Value>], resource_type: &str, value: &str) -> Result<Arc<Value>, Said> {
        let relation = Relation::new(self.catalogue, resource_type, value).map_err(words)?;
        let leads =
            |sample: &&Arc<Value>| relation.targets(sample, self.base).iter().any(|(target, id)| self.samples.find(target, id).is_some());
        samples
            .iter()
            .find(leads)
            .cloned()
            .ok_or_else(|| said!("no harvested {} references a harvested resource by {}", code(resource_type), code(value)))
    }

    /// The first sample that a harvested resource references by a `_revinclude` value.
    fn referenced_sample(&self, samples: &[Arc<Value>], value: &str) -> Result<Arc<Value>, Said> {
        let source_type = value.split(':').next().unwrap_or_default();
        let relation = Relation::new(self.catalogue, source_type, value).map_err(words)?;
        let targets: Vec<String> = self
            .samples
            .of(source_type)
            .iter()
            .flat_map(|source| relation.targets(source, self.base))
            .map(|(target, id)| format!("{target}/{id}"))
            .collect();
        let referenced = |sample: &&Arc<Value>| resource::key_of(sample).is_some_and(|key| targets.contains(&key));
        samples
            .iter()
            .find(referenced)
            .cloned()
            .ok_or_else(|| said!("no harvested {} references one by {}", code(source_type), code(value)))
    }

    /// The values of the case's last search.
    fn choose(&self, case: &Case, resource_type: &str, binding: &mut Binding) -> Result<(), Said> {
        let world = World { base: self.base, samples: self.samples };
        let chooser = Chooser { catalogue: self.catalogue, resource_type, about: &case.about, world };
        let mut conditions = self.conditions();
        if !self.predicts(case) {
            // What a server has to refuse is asked with a value that would find something.
            for (name, value) in &mut conditions {
                name.truncate(name.find(':').unwrap_or(name.len()));
                if value.contains("{value}") {
                    "{value}".clone_into(value);
                }
            }
        }
        let choice = chooser.choose(&conditions)?;
        let mut values = choice.values.into_iter();
        binding.value = values.next();
        binding.further_values = values.collect();
        binding.target = choice.target;
        binding.expects_nothing = choice.expects_nothing;
        Ok(())
    }

    /// The names and values of the case's last search that select resources, the narrowing to the member apart.
    fn conditions(&self) -> Vec<(String, String)> {
        let last = self.steps.last().map(|step| step.query.as_slice()).unwrap_or_default();
        last.iter().filter(|(name, _)| selects(name) && name != "{scope}" && name != "{narrow}").cloned().collect()
    }

    /// Whether the case is judged by whom its search must find.
    fn predicts(&self, case: &Case) -> bool {
        let conditions = self.conditions();
        case.checks().iter().any(|check| matches!(check.id, "search.precision" | "search.recall"))
            && !conditions.is_empty()
            && conditions.iter().all(|(_, value)| !value.contains("{sample."))
    }

    /// Whether a search by the parameter that names the member, or by its type modifier, is the question itself.
    fn asks_for_member(&self, param: &str) -> bool {
        let is_type = |modifier: &str| modifier == "{target}" || modifier.starts_with(|first: char| first.is_ascii_uppercase());
        self.conditions().iter().any(|(name, _)| match name.split_once(':') {
            Some((code, modifier)) => code == param && is_type(modifier),
            None => name == param,
        })
    }

    /// A value that the parameter's type cannot have.
    fn malformed(&self, case: &Case, resource_type: &str) -> Result<String, Said> {
        let (known, kind) = self.parameter(case, resource_type)?;
        search::malformed_value(kind).map(str::to_owned).ok_or_else(|| said!("no value of {} is malformed for sure", code(&known.url)))
    }

    /// A well-formed value that no harvested resource has.
    fn no_match(&self, case: &Case, resource_type: &str) -> Result<String, Said> {
        let (known, kind) = self.parameter(case, resource_type)?;
        let resource_type = asked_by(case, resource_type).0;
        let target = known.target.first().map(String::as_str);
        match kind {
            Kind::Composite => {
                let part = |definition: &str| {
                    let part = self.catalogue.search_parameter_by_url(definition)?;
                    Some(search::no_match_value(Kind::parse(&part.kind)?, part.target.first().map(String::as_str)))
                };
                let parts: Option<Vec<String>> = known.component.iter().map(|component| part(&component.definition)).collect();
                Ok(parts.ok_or_else(|| said!("{} has an unknown component", code(&known.url)))?.join("$"))
            }
            Kind::Token if self.is_boolean(resource_type, known.expression.as_deref().unwrap_or_default()) => {
                let criterion = Criterion::new(self.catalogue, resource_type, &known.code).map_err(words)?;
                let samples = self.samples.of(resource_type);
                if samples.is_empty() {
                    return Err(self.samples.why_none(resource_type));
                }
                let has = |value: &str| samples.iter().any(|sample| criterion.matches(sample, value, self.base) != Answer::No);
                let free = ["true", "false"].into_iter().find(|value| !has(value));
                free.map(str::to_owned).ok_or_else(|| said!("{} is a boolean, and both of its values occur", code(&known.code)))
            }
            _ => Ok(search::no_match_value(kind, target)),
        }
    }

    /// Whether a token parameter looks at a boolean: a condition, or an element of that type.
    fn is_boolean(&self, resource_type: &str, expression: &str) -> bool {
        let own = expression.split('|').map(str::trim).filter(|part| part.trim_start_matches('(').starts_with(resource_type));
        let is_condition = |part: &str| part.contains(" != ") || part.contains(".exists()");
        let booleans = self.catalogue.paths(resource_type, &["boolean"]);
        own.into_iter().any(|part| is_condition(part) || booleans.iter().any(|path| path == part))
    }

    fn parameter(&self, case: &Case, resource_type: &str) -> Result<(Arc<SearchParameter>, Kind), Said> {
        let (resource_type, param) = asked_by(case, resource_type);
        let known = self
            .catalogue
            .search_parameter(resource_type, param)
            .ok_or_else(|| said!("no loaded guide defines the search parameter {} of {}", code(param), code(resource_type)))?;
        let kind = Kind::parse(&known.kind).ok_or_else(|| said!("{} has the unknown type {}", code(&known.url), code(&known.kind)))?;
        Ok((known, kind))
    }

    /// The request of one step.
    ///
    /// # Errors
    /// Why there is no body to write.
    pub fn request(&self, case: &Case, step: &Step, binding: &Binding) -> Result<Request, Said> {
        let resource_type = case.about.resource_type.as_deref().unwrap_or_default();
        let fill = |text: &str| self.fill(text, resource_type, binding);
        let pairs = |templates: &[(String, String)]| -> Result<Vec<(String, String)>, Said> {
            let mut pairs = Vec::new();
            for (name, value) in templates {
                match name.as_str() {
                    "{scope}" => pairs.extend(binding.scope.clone().filter(|_| !binding.scope_asked)),
                    "{narrow}" => match binding.sample.as_deref().and_then(resource::id_of) {
                        Some(id) if (self.by_id)(resource_type) => pairs.push(("_id".to_owned(), id.to_owned())),
                        _ => pairs.extend(binding.scope.clone()),
                    },
                    "{operation-inputs}" => {
                        pairs.extend(self.operation_inputs(case)?);
                        pairs.extend(operation_terms(case).iter().map(|(name, placeholder)| ((*name).to_owned(), fill(placeholder))));
                    }
                    _ => pairs.push((fill(name), fill(value))),
                }
            }
            Ok(pairs)
        };
        let query = pairs(&step.query)?;
        let headers = step.headers.iter().map(|(name, value)| (name.clone(), fill(value)));
        // A header whose value the server did not give is left out.
        let headers = headers.filter(|(_, value)| !value.is_empty()).collect();
        let path = fill(&step.path);
        let (query, payload) = match step.body {
            _ if step.as_form => (pairs(&step.url_query)?, Some(Payload::Form(query))),
            Some(content) => {
                // An id stands in the body where it stands in the path of an update.
                let id = path.rsplit_once('/').map(|(_, id)| id).filter(|_| step.method == Method::Put);
                let body = self
                    .own
                    .body(content, binding.sample.as_deref(), Ids { in_path: id, new: &binding.new_id }, self.samples, self.bar)
                    .map_err(words)?;
                (query, Some(Payload::Json(body)))
            }
            None => (query, None),
        };
        let method = if step.as_form { Method::Post } else { step.method };
        Ok(Request { method, path, query, headers, payload, identity: step.identity })
    }

    /// What an operation's definition requires: the member.
    fn operation_inputs(&self, case: &Case) -> Result<Vec<(String, String)>, Said> {
        let inputs = case.about.operation.iter().flat_map(|operation| &operation.input).filter(|input| input.required);
        let value = |input: &OperationParameter| {
            let patient = self.samples.patient.as_ref().ok_or(NO_MEMBER)?;
            let value = if input.kind.as_deref() == Some("id") { patient.clone() } else { format!("Patient/{patient}") };
            Ok((input.name.clone(), value))
        };
        inputs.map(value).collect()
    }

    fn fill(&self, text: &str, resource_type: &str, binding: &Binding) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let sample = binding.sample.as_deref();
        let value = binding.value.as_deref().unwrap_or_default();
        let mut text = text.replace("{target}", binding.target.as_deref().unwrap_or_default());
        for (at, further) in binding.further_values.iter().enumerate() {
            text = text.replace(&format!("{{value.{}}}", at + 2), further);
        }
        let saved = binding.saved.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{saved.{name}}}"), value));
        let known = binding.terms.iter().fold(saved, |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        let of_sample = |read: fn(&Value) -> Option<&str>| sample.and_then(read).unwrap_or_default();
        let made = binding.made.as_ref().map_or("", |made| made.id.as_str());
        let page_size = (self.samples.of(resource_type).len() / 2).max(1).to_string();
        let words = [
            ("{since}", binding.since.as_str()),
            ("{member}", self.samples.patient.as_deref().unwrap_or_default()),
            ("{sample.id}", of_sample(resource::id_of)),
            ("{sample.version}", of_sample(resource::version_of)),
            ("{value}", value),
            ("{no-match}", value),
            ("{unknown-id}", UNKNOWN_ID),
            ("{malformed-id}", MALFORMED_ID),
            ("{malformed-value}", value),
            ("{unknown-version}", UNKNOWN_VERSION),
            ("{any.type}", of_sample(resource::type_of)),
            ("{any.id}", of_sample(resource::id_of)),
            ("{etag}", &binding.etag),
            ("{last-modified}", &binding.last_modified),
            ("{long-value}", &LONG_VALUE),
            ("{made.id}", made),
            ("{new-id}", &binding.new_id),
            ("{other-patient}", self.other_patient.unwrap_or_default()),
            ("{page-size}", &page_size),
            ("{include-target}", &binding.include),
            ("{include-iterate}", &binding.include),
            ("{include-versioned}", &binding.include),
            ("{elements}", &binding.elements),
            ("{documentation}", address(self.facts.documentation.as_ref())),
            ("{education}", address(self.facts.education.as_ref())),
            ("{formulary}", address(self.facts.formulary.as_ref()).trim_end_matches('/')),
        ];
        let mut filled = known;
        for (name, word) in words {
            if !filled.contains('{') {
                break;
            }
            filled = filled.replace(name, word);
        }
        filled
    }
}

/// An address that the payer gives; a case that asks for one that is not given does not apply.
fn address(page: Option<&Page>) -> &str {
    page.map_or("", |page| page.0.as_str())
}

/// What the operation of a case is asked about in terms of terminology, as names and placeholders.
fn operation_terms(case: &Case) -> &'static [(&'static str, &'static str)] {
    let about = case.about.resource_type.as_deref().zip(case.about.operation.as_ref());
    about.and_then(|(resource_type, operation)| plan::inputs(resource_type, &operation.code)).unwrap_or_default()
}

/// The type and the code of the parameter whose values a case asks by: at the end of a reverse chain, of the type that refers.
fn asked_by<'c>(case: &'c Case, resource_type: &'c str) -> (&'c str, &'c str) {
    let param = case.about.param.as_deref().unwrap_or_default();
    let reverse = case.words.get("chained").and_then(|chained| chained.strip_prefix("_has:"));
    let ends = reverse.and_then(|rest| Some((rest.split(':').next()?, rest.rsplit(':').next()?)));
    ends.unwrap_or((resource_type, param))
}
