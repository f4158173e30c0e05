//! What is asked about the search of one type: its parameters, prefixes, modifiers, chains and combinations. What neither a guide nor the
//! server claims is asked as an observation.

use std::sync::Arc;

use super::bar::{Bar, Point, TypeBar};
use super::shared::Shared;
use crate::check::{About, Word};
use crate::guide::Catalogue;
use crate::guide::facts::SearchParameter;
use crate::suite::{ForEach, SuiteCase};

/// Parameters that a chain is tried with where no chain is claimed, the most telling first.
const CHAINED: [&str; 5] = ["identifier", "name", "payor", "code", "type"];
/// Parameters that a reverse chain is tried with, the most telling first.
const REVERSED: [&str; 5] = ["identifier", "type", "code", "status", "_lastUpdated"];
/// How many chains are tried from one parameter where none is claimed.
const MOST_OBSERVED_CHAINS: usize = 2;
/// The prefixes that R4 search.html gives first: those of a parameter whose definition names none.
const USUAL_PREFIXES: [&str; 4] = ["ge", "gt", "le", "lt"];

/// Modifiers of tokens that rest on terminology, which only what is coded has.
const OF_CODES: [&str; 4] = ["above", "below", "in", "not-in"];
/// The types of elements that are coded.
const CODED: &[&str] = &["CodeableConcept", "Coding", "code"];

/// One question about search.
pub struct Asked<'a> {
    /// What guides and server say of it.
    pub point: &'a Point,
    /// What the placeholders of the suite case stand for.
    pub words: Vec<(&'static str, Word)>,
    /// What it is about.
    pub about: About,
}

/// A parameter of the type with its definition.
struct Param<'a, 's> {
    code: &'a str,
    point: &'a Point,
    known: Option<&'s Arc<SearchParameter>>,
    shared: &'s Shared,
}

/// The questions that a suite case asks about a type.
pub fn asked<'a>(
    template: &SuiteCase,
    catalogue: &Catalogue,
    bar: &'a Bar,
    (resource_type, type_bar): (&str, &'a TypeBar),
    shared: &Shared,
) -> Vec<Asked<'a>> {
    match template.for_each {
        ForEach::Combination => return combinations(type_bar, shared),
        ForEach::Has => return reverse_chain(catalogue, bar, resource_type, type_bar, shared).into_iter().collect(),
        _ => {}
    }
    let mut questions = Vec::new();
    let look_up = || type_bar.params.keys().map(|code| catalogue.search_parameter(resource_type, code)).collect();
    let definitions = shared.parameters(resource_type, look_up);
    for ((code, (point, kind)), known) in type_bar.params.iter().zip(&*definitions) {
        let kind = known.as_ref().map_or(kind.as_str(), |known| known.kind.as_str());
        let is_meant = template.params.is_empty() || template.params.contains(code);
        if !is_meant || (!template.kinds.is_empty() && !template.kinds.iter().any(|wanted| wanted == kind)) {
            continue;
        }
        let param = Param { code, point, known: known.as_ref(), shared };
        match template.for_each {
            ForEach::Prefix => questions.extend(template.prefixes.iter().map(|prefix| param.with_prefix(prefix))),
            ForEach::Modifier => {
                let fits = |modifier: &&String| {
                    !OF_CODES.contains(&modifier.as_str()) || kind != "token" || param.is_coded(catalogue, resource_type)
                };
                questions.extend(template.modifiers.iter().filter(fits).filter_map(|modifier| param.with_modifier(modifier)));
            }
            ForEach::Chain => questions.extend(param.chains(bar)),
            _ => questions.extend(param.alone(template)),
        }
    }
    questions
}

impl<'a> Param<'a, '_> {
    fn question(&self, words: impl IntoIterator<Item = (&'static str, Word)>) -> Asked<'a> {
        let code = self.shared.text(self.code);
        let words = std::iter::once(("param", code.clone())).chain(words).collect();
        Asked { point: self.point, words, about: About { param: Some(code), ..About::default() } }
    }

    fn alone(&self, template: &SuiteCase) -> Option<Asked<'a>> {
        let has_form = match (template.value_form.as_deref(), self.code) {
            (Some("other-type"), _) => self.known.as_ref().is_some_and(|known| known.target.len() > 1),
            // An id has no system, and an instant no end of its own and no day without a zone.
            (Some("|code" | "system|" | "other-system"), "_id") | (Some("open" | "day"), "_lastUpdated") => false,
            _ => true,
        };
        let mut question = has_form.then(|| self.question([]))?;
        let several_values = several_values(template);
        question.about.observed = several_values.is_some_and(|field| self.known.as_ref().is_some_and(|known| known.is_optional(field)));
        Some(question)
    }

    fn with_prefix(&self, prefix: &str) -> Asked<'a> {
        let claimed = match &self.known {
            Some(known) if !known.comparator.is_empty() => known.claims(&known.comparator, prefix),
            _ => USUAL_PREFIXES.contains(&prefix),
        };
        let prefix = self.shared.text(prefix);
        let mut question = self.question([("prefix", prefix.clone())]);
        question.about.prefix = Some(prefix);
        question.about.observed = !claimed;
        question
    }

    /// Of what R4 defines for every type nothing is tried that is not claimed: it has no values of a member.
    fn with_modifier(&self, modifier: &str) -> Option<Asked<'a>> {
        let claimed = self.known.as_ref().is_some_and(|known| known.claims(&known.modifier, modifier));
        if !claimed && (self.code.starts_with('_') || self.code.contains(['.', ':'])) {
            return None;
        }
        let written = if modifier == "type" { "{target}" } else { modifier };
        let modified = self.shared.text(&format!("{}:{written}", self.code));
        let mut question = self.question([("modifier", self.shared.text(modifier)), ("modified", modified)]);
        question.about.observed = !claimed;
        Some(question)
    }

    /// Whether it looks at an element with a code of a code system.
    fn is_coded(&self, catalogue: &Catalogue, resource_type: &str) -> bool {
        let expression = self.known.and_then(|known| known.expression.as_deref()).unwrap_or_default();
        let coded = catalogue.paths(resource_type, CODED);
        expression.split('|').any(|part| coded.iter().any(|path| path == part.trim()))
    }

    fn chains(&self, bar: &Bar) -> Vec<Asked<'a>> {
        let Some(known) = self.known.as_ref().filter(|known| known.kind == "reference") else { return Vec::new() };
        let offers = |code: &str| {
            let declared = |target: &String| {
                let type_bar = bar.types.get(target)?;
                Some(type_bar.params.get(code)?.0.declared)
            };
            known.target.iter().any(|target| declared(target) == Some(true))
        };
        let stated = known.chain.iter().map(|code| (code.as_str(), known.is_optional(code)));
        let others = CHAINED.iter().filter(|code| !known.chain.iter().any(|stated| stated == *code) && offers(code));
        let left = MOST_OBSERVED_CHAINS.saturating_sub(known.chain.len());
        let all = stated.chain(others.take(left).map(|code| (*code, true)));
        let question = |(chain, observed): (&str, bool)| {
            let typed = if known.target.len() == 1 { "" } else { ":{target}" };
            let chained = self.shared.text(&format!("{}{typed}.{chain}", self.code));
            let mut question = self.question([("chain", self.shared.text(chain)), ("chained", chained)]);
            question.about.observed = observed;
            question
        };
        all.map(question).collect()
    }
}

/// The element of SearchParameter that says whether a question may be asked that gives a parameter several values.
fn several_values(template: &SuiteCase) -> Option<&'static str> {
    let mut entries = template.steps.iter().flat_map(|step| &step.query).filter(|entry| entry.contains("{value.2}"));
    let entry = entries.next()?;
    Some(if entry.contains("{value},") { "multipleOr" } else { "multipleAnd" })
}

/// One reverse chain to a type: by the first reference to it that a declared type has.
fn reverse_chain<'a>(
    catalogue: &Catalogue,
    bar: &'a Bar,
    resource_type: &str,
    type_bar: &'a TypeBar,
    shared: &Shared,
) -> Option<Asked<'a>> {
    let leads_here = |source: &String, code: &String| {
        let known = catalogue.search_parameter(source, code)?;
        Some(known.kind == "reference" && known.target.iter().any(|target| target == resource_type))
    };
    let found = bar.types.iter().find_map(|(source, source_bar)| {
        let declared = |code: &str| source_bar.params.get(code).is_some_and(|(point, _)| point.declared);
        let by = REVERSED.iter().find(|code| declared(code))?;
        let (code, _) = source_bar.params.iter().find(|(code, (point, _))| point.declared && leads_here(source, code) == Some(true))?;
        Some((source, code, *by))
    });
    let (source, code, by) = found?;
    let chained = format!("_has:{source}:{code}:{by}");
    let about = About { param: Some(shared.text("_has")), observed: true, ..About::default() };
    let point = type_bar.interactions.get("search-type")?;
    Some(Asked { point, words: vec![("chained", chained.as_str().into()), ("chain", chained.replace(':', ".").into())], about })
}

fn combinations<'a>(type_bar: &'a TypeBar, shared: &Shared) -> Vec<Asked<'a>> {
    let asked = type_bar.combinations.iter().filter_map(|(codes, point)| {
        let about = About { param: Some(shared.text(codes.first()?)), ..About::default() };
        let place = |at: usize| if at == 0 { "{value}".to_owned() } else { format!("{{value.{}}}", at + 1) };
        let criteria: Vec<String> = codes.iter().enumerate().map(|(at, code)| format!("{code}={}", place(at))).collect();
        Some(Asked { point, words: vec![("combination", codes.join("+").into()), ("criteria", criteria.join("&").into())], about })
    });
    asked.collect()
}
