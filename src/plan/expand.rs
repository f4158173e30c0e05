//! One suite case and the bar make the cases: one for each element of the matrix.

use std::sync::Arc;

use super::bar::{Bar, Point, TypeBar};
use super::case::{Case, Template};
use super::shared::Shared;
use super::words::Words;
use super::{operation, search, undeclared};
use crate::check::identity::Identity;
use crate::check::outcome::Level;
use crate::check::{About, Assertion, Word};
use crate::fhir::capability::Expectation;
use crate::guide::cpcds;
use crate::guide::requirements::{self, Requirement};
use crate::guide::{Catalogue, Guide};
use crate::suite::{ForEach, StepTemplate, Suite, SuiteCase};

/// Interactions that change data.
const WRITES: [&str; 4] = ["create", "update", "patch", "delete"];
/// Targets of a reference parameter that stand for all types.
const ANY: [&str; 2] = ["Resource", "DomainResource"];

/// One element of a matrix.
#[derive(Clone, Default)]
struct Element<'a> {
    type_bar: Option<&'a TypeBar>,
    point: Option<&'a Point>,
    /// What the placeholders that the plan fills in stand for.
    words: Vec<(&'static str, Word)>,
    about: About,
    /// Why the element rests on something that is not offered.
    unmet: Option<String>,
}

/// What all cases of a suite case have in common.
struct Common {
    template: Arc<Template>,
    statuses: Arc<Vec<u16>>,
    forms: Arc<Vec<String>>,
    assertion: Option<Arc<Assertion>>,
    /// The relation of the link that it follows.
    link: Option<Word>,
}

/// The cases that a suite case makes; `rows` are those that count in the run.
pub fn expand(
    (suite, template): (&Suite, &SuiteCase),
    catalogue: &Catalogue,
    rows: &[Requirement],
    bar: &Bar,
    allow_writes: bool,
    shared: &Shared,
) -> Vec<Case> {
    let mut elements = Vec::new();
    match template.for_each {
        ForEach::Once => {
            let stated = |feature: &String| bar.types.values().any(|type_bar| type_bar.features.contains(&feature.as_str()));
            elements.extend(template.requires.iter().all(stated).then(|| once(catalogue, bar, shared)));
        }
        ForEach::Guide => elements.extend(guides(catalogue, shared)),
        ForEach::System => elements.extend(system(template, bar, shared)),
        ForEach::SignIn => elements.push(sign_in(template, bar, shared)),
        ForEach::SystemOperation => elements.extend(system_operations(catalogue, bar, shared)),
        ForEach::Transport => elements.push(transport(bar)),
        ForEach::Cpcds => elements.extend(cpcds(catalogue, bar, shared)),
        ForEach::Run => elements.push(Element { about: About { whole_run: true, ..About::default() }, ..Element::default() }),
        _ => {
            for (resource_type, type_bar) in &bar.types {
                let states = |what: &String| type_bar.states(what) || bar.system.contains_key(what);
                let stated = template.requires.iter().all(states);
                if stated && (template.resources.is_empty() || template.resources.contains(resource_type)) {
                    per_type(template, catalogue, bar, (resource_type, type_bar), shared, &mut elements);
                }
            }
        }
    }
    let common = Arc::new(Template {
        id: template.id.clone(),
        title: template.title.clone(),
        origin: format!("{}#{}", suite.id, template.id),
        requirements: rows_of((suite, template), catalogue, rows),
        checks: template.checks.clone(),
        steps: template.steps.clone(),
        for_each_sample: template.for_each == ForEach::Sample,
    });
    let common = Common {
        template: common,
        statuses: Arc::new(template.expect_status.clone()),
        forms: Arc::new(template.value_forms()),
        assertion: template.assert.clone().map(Arc::new),
        link: template.steps.iter().find_map(|step| step.link.as_deref()).map(Word::from),
    };
    elements.retain(|element| is_told_of(template, bar, element));
    let elements = elements.into_iter().flat_map(|element| with_identities(template, element, shared));
    elements.filter_map(|element| make(template, &common, bar, element, allow_writes, shared)).collect()
}

/// Whether the fact that a case needs is given of the element's type; or of none at all, and a guide expects the type.
fn is_told_of(template: &SuiteCase, bar: &Bar, element: &Element<'_>) -> bool {
    let is_expected = element.point.is_none_or(|point| point.expected.is_some());
    template
        .needs_fact
        .as_ref()
        .is_none_or(|fact| bar.tells(fact, element.about.resource_type.as_deref()) || (is_expected && !bar.tells(fact, None)))
}

/// The element once with each of the credentials that the case names; as it is where it names none.
fn with_identities<'a>(template: &SuiteCase, element: Element<'a>, shared: &Shared) -> Vec<Element<'a>> {
    if template.identities.is_empty() {
        return vec![element];
    }
    let with = |identity: &Identity| {
        let mut element = element.clone();
        element.words.push(("as", shared.text(identity.word())));
        element
    };
    template.identities.iter().map(with).collect()
}

fn once<'a>(catalogue: &Catalogue, bar: &'a Bar, shared: &Shared) -> Element<'a> {
    let unsupported = catalogue.resource_types().iter().find(|name| bar.types.get(*name).is_none_or(|type_bar| !type_bar.point.declared));
    let unsupported = shared.text(unsupported.map_or("NoSuchResourceType", String::as_str));
    Element { words: vec![("unsupported-type", unsupported)], ..Element::default() }
}

fn guides(catalogue: &Catalogue, shared: &Shared) -> Vec<Element<'static>> {
    let with_url = catalogue.expectations().into_iter().filter_map(|(guide, expectations)| {
        let url = shared.text(expectations.url.as_deref()?);
        let expected = Some((shared.text(&guide.short_name), Expectation::Shall));
        Some(Element { about: About { value: Some(url), expected, ..About::default() }, ..Element::default() })
    });
    with_url.collect()
}

fn sign_in<'a>(template: &SuiteCase, bar: &Bar, shared: &Shared) -> Element<'a> {
    let part = template.sign_in.as_deref().unwrap_or_default();
    let unmet = match &bar.sign_in {
        None => Some("the run is given its token: nothing signs in without [auth] in the configuration".to_owned()),
        Some(expected) => expected.why_not(part).map(str::to_owned),
    };
    Element { about: About { sign_in: Some(shared.text(part)), ..About::default() }, unmet, ..Element::default() }
}

/// The elements of the data set, where its map is about a guide that is judged.
fn cpcds(catalogue: &Catalogue, bar: &Bar, shared: &Shared) -> Vec<Element<'static>> {
    let Some(guide) = catalogue.guides().iter().find(|guide| cpcds::is_read_against(&guide.id)) else { return Vec::new() };
    let expected = Some((shared.text(&guide.short_name), Expectation::Shall));
    let element = |(map_id, name): (&str, &str)| {
        let value = shared.text(&format!("{map_id}.{}", cpcds::slug(name)));
        let about = About { value: Some(value.clone()), expected: expected.clone(), ..About::default() };
        let lacks = bar.facts.holds_cpcds(map_id, &cpcds::slug(name)) == Some(false);
        let unmet = lacks.then(|| "the payer says that it does not hold it".to_owned());
        Element { words: vec![("cpcds", value)], about, unmet, ..Element::default() }
    };
    cpcds::names().into_iter().map(element).collect()
}

/// Whether there is TLS to look at.
fn transport<'a>(bar: &Bar) -> Element<'a> {
    let unmet = (!bar.secure).then(|| "the FHIR base is on plain http: there is no TLS to look at".to_owned());
    Element { unmet, about: About { transport: true, ..About::default() }, ..Element::default() }
}

fn system<'a>(template: &SuiteCase, bar: &'a Bar, shared: &Shared) -> Option<Element<'a>> {
    let code = template.interaction.as_ref()?;
    let about = About { interaction: Some(shared.text(code)), ..About::default() };
    bar.system.get(code).map(|point| Element { point: Some(point), about, ..Element::default() })
}

fn system_operations<'a>(catalogue: &Catalogue, bar: &'a Bar, shared: &Shared) -> Vec<Element<'a>> {
    let element = |(name, (point, definition)): (&String, &'a (Point, String))| {
        with_call(Element { point: Some(point), ..Element::default() }, catalogue, name, definition, shared)
    };
    bar.system_operations.iter().map(element).collect()
}

/// An element with how an operation is called, or why it is not.
fn with_call<'a>(mut element: Element<'a>, catalogue: &Catalogue, name: &str, definition: &str, shared: &Shared) -> Element<'a> {
    element.words.push(("operation", shared.text(name)));
    match operation::call(catalogue, element.about.resource_type.as_deref(), name, definition) {
        Ok((operation, path)) => {
            element.words.push(("operation-path", path.into()));
            element.about.operation = Some(operation);
        }
        Err(reason) => element.unmet = Some(reason),
    }
    element
}

fn per_type<'a>(
    template: &SuiteCase,
    catalogue: &Catalogue,
    bar: &'a Bar,
    (resource_type, type_bar): (&'a str, &'a TypeBar),
    shared: &Shared,
    elements: &mut Vec<Element<'a>>,
) {
    let name = shared.text(resource_type);
    let element = |point: &'a Point| {
        let about = About { resource_type: Some(name.clone()), ..About::default() };
        let mut words = Vec::with_capacity(4);
        words.push(("type", name.clone()));
        Element { type_bar: Some(type_bar), point: Some(point), words, about, unmet: None }
    };
    let search_gate = || (!type_bar.asks_for_search()).then(|| format!("search of {resource_type} is not offered"));
    match template.for_each {
        ForEach::Once
        | ForEach::Guide
        | ForEach::System
        | ForEach::SystemOperation
        | ForEach::Cpcds
        | ForEach::SignIn
        | ForEach::Transport
        | ForEach::Run => {}
        ForEach::Sample => elements.push(element(&type_bar.point)),
        ForEach::Resource if type_bar.includes.is_empty() && uses(template, "{include-versioned}") => {}
        ForEach::Resource if template.of_guides && type_bar.point.expected.is_none() => {}
        ForEach::Resource => match &template.interaction {
            Some(code) => elements.extend(type_bar.interactions.get(code).map(|point| {
                let mut made = element(point);
                made.about.interaction = Some(shared.text(code));
                made
            })),
            None => elements.push(element(&type_bar.point)),
        },
        ForEach::Interaction => {
            for (code, point) in type_bar.interactions.iter().filter(|(code, _)| !WRITES.contains(&code.as_str())) {
                let mut made = element(point);
                let code = shared.text(code);
                made.words.push(("interaction", code.clone()));
                made.about.interaction = Some(code);
                elements.push(made);
            }
        }
        ForEach::SearchParam | ForEach::Prefix | ForEach::Modifier | ForEach::Chain | ForEach::Has | ForEach::Combination => {
            for asked in search::asked(template, catalogue, bar, (resource_type, type_bar), shared) {
                let mut made = element(asked.point);
                made.words.extend(asked.words);
                made.about = About { resource_type: made.about.resource_type.take(), ..asked.about };
                made.about.interaction = Some(shared.text("search-type"));
                made.unmet = search_gate();
                elements.push(made);
            }
        }
        ForEach::UndeclaredInteraction => elements.extend(undeclared::interaction(resource_type, type_bar).map(|(code, path)| {
            let mut made = element(&type_bar.point);
            let code = shared.text(code);
            made.words.extend([("interaction", code.clone()), ("undeclared-interaction", path.into())]);
            made.about.interaction = Some(code);
            made
        })),
        ForEach::UndeclaredSearchParam => elements.extend(undeclared::search_param(catalogue, resource_type, type_bar).map(|code| {
            let mut made = element(&type_bar.point);
            let code = shared.text(&code);
            made.words.push(("param", code.clone()));
            made.about.param = Some(code);
            made
        })),
        ForEach::Include => {
            for (value, point) in &type_bar.includes {
                if !can_narrow(template, catalogue, bar, resource_type, value) {
                    continue;
                }
                let mut made = element(point);
                let short = value.strip_prefix(&format!("{resource_type}:")).unwrap_or(value);
                let whole = shared.text(value);
                let short = if short == "*" { "all".into() } else { dotted(short, shared) };
                let asked = if value.ends_with(":*") { "*".into() } else { whole.clone() };
                made.words.extend([("include", short), ("include-value", asked), ("value", whole.clone())]);
                made.about.value = Some(whole);
                made.unmet = search_gate();
                elements.push(made);
            }
        }
        ForEach::RevInclude => {
            for (value, point) in &type_bar.rev_includes {
                let never = never_leads(catalogue, resource_type, value);
                if template.of_guides && (never || !is_of_guides(bar, type_bar, value)) {
                    continue;
                }
                let mut made = element(point);
                let whole = shared.text(value);
                let short = dotted(value, shared);
                made.words.extend([("include", short), ("include-value", whole.clone()), ("value", whole.clone())]);
                made.about.value = Some(whole);
                made.unmet = search_gate().or_else(|| never.then(|| format!("{value} leads to no {resource_type}")));
                elements.push(made);
            }
        }
        ForEach::Profile => {
            for (canonical, point) in &type_bar.profiles {
                let name = canonical.rsplit('/').next().unwrap_or(canonical);
                if !template.profiles.is_empty() && !template.profiles.iter().any(|wanted| wanted == name) {
                    continue;
                }
                let mut made = element(point);
                made.words.push(("profile", shared.text(name)));
                made.about.value = Some(shared.text(canonical));
                if !template.declaration {
                    made.unmet = unusable(catalogue, canonical);
                }
                elements.push(made);
            }
        }
        ForEach::Operation => {
            for (name, (point, definition)) in &type_bar.operations {
                elements.push(with_call(element(point), catalogue, name, definition, shared));
            }
        }
    }
}

/// An include value as ids have it: `Coverage.payor` or `all`.
fn dotted(value: &str, shared: &Shared) -> Word {
    shared.text(&value.replace(':', ".").replace('*', "all"))
}

fn uses(template: &SuiteCase, word: &str) -> bool {
    template.steps.iter().any(|step| step.query.iter().any(|text| text.contains(word)))
}

/// Whether an `_include` value can be asked with a target type, or followed by another, where the case does that.
fn can_narrow(template: &SuiteCase, catalogue: &Catalogue, bar: &Bar, resource_type: &str, value: &str) -> bool {
    let (by_target, iterates) = (uses(template, "{include-target}"), uses(template, "{include-iterate}"));
    if !by_target && !iterates {
        return true;
    }
    let mut parts = value.split(':').skip(1);
    let (Some(param), None) = (parts.next().filter(|param| *param != "*"), parts.next()) else { return false };
    let leads_on = |target: &String| {
        let includes = bar.types.get(target).map(|type_bar| &type_bar.includes);
        includes.is_some_and(|includes| includes.iter().any(|(next, point)| point.declared && !next.ends_with('*')))
    };
    by_target || catalogue.search_parameter(resource_type, param).is_some_and(|known| known.target.iter().any(leads_on))
}

/// Whether the parameter of a `_revinclude` value is known to refer to other types than the one that is searched.
fn never_leads(catalogue: &Catalogue, resource_type: &str, value: &str) -> bool {
    let mut parts = value.split(':');
    let (Some(source), Some(param)) = (parts.next(), parts.next()) else { return false };
    if let Some(target) = parts.next() {
        return target != resource_type;
    }
    let Some(known) = catalogue.search_parameter(source, param) else { return false };
    let is_here = |target: &String| target == resource_type || ANY.contains(&target.as_str());
    !known.target.is_empty() && !known.target.iter().any(is_here)
}

/// Whether a guide expects the type that is searched, or the one that a `_revinclude` value brings.
fn is_of_guides(bar: &Bar, type_bar: &TypeBar, value: &str) -> bool {
    let source = bar.types.get(value.split(':').next().unwrap_or_default());
    std::iter::once(type_bar).chain(source).any(|type_bar| type_bar.point.expected.is_some())
}

/// Why no resource can be judged by a profile.
fn unusable(catalogue: &Catalogue, canonical: &str) -> Option<String> {
    match catalogue.profile_entry(canonical) {
        None => Some("the profile is not in the loaded guides".to_owned()),
        Some(entry) if entry.is_abstract => Some("the profile is abstract: its resources are judged by the profiles made of it".to_owned()),
        Some(_) => None,
    }
}

fn make(template: &SuiteCase, common: &Common, bar: &Bar, element: Element<'_>, allow_writes: bool, shared: &Shared) -> Option<Case> {
    let level = level(template, element.point)?;
    let level = if element.about.observed { Level::May } else { level };
    let not_applicable = not_applicable(template, bar, &element, allow_writes).map(|reason| shared.text(&reason));
    let made_by_update = element.type_bar.is_some_and(|type_bar| !type_bar.offers("create"));
    let of_point = || element.point.and_then(|point| point.expected.as_ref());
    let about = About {
        statuses: common.statuses.clone(),
        forms: common.forms.clone(),
        assertion: common.assertion.clone(),
        expected: element.about.expected.or_else(|| of_point().map(|(guide, expectation)| (shared.text(guide), *expectation))),
        value: common.link.clone().or(element.about.value),
        ..element.about
    };
    let about = shared.about(about);
    let words = shared.words(Words { by_name: element.words, made_by_update });
    Some(Case { level, about, not_applicable, template: common.template.clone(), words })
}

/// How strongly the case is asked; `None` where there is nothing to ask.
fn level(template: &SuiteCase, point: Option<&Point>) -> Option<Level> {
    let Some(point) = point else { return template.level.or(Some(Level::Shall)) };
    let expected = point.expected.as_ref().map(|(_, expectation)| *expectation);
    if template.declaration {
        return match expected {
            Some(Expectation::Shall) => Some(Level::Shall),
            Some(Expectation::Should) => Some(Level::Should),
            _ => None,
        };
    }
    if !point.declared && !matches!(expected, Some(Expectation::Shall | Expectation::Should)) {
        return None;
    }
    template.level.or(match expected {
        Some(Expectation::Shall) => Some(Level::Shall),
        Some(Expectation::Should) if !point.declared => Some(Level::Should),
        _ => Some(template.declared_level.unwrap_or(Level::Declared)),
    })
}

fn not_applicable(template: &SuiteCase, bar: &Bar, element: &Element<'_>, allow_writes: bool) -> Option<String> {
    if template.steps.iter().any(StepTemplate::writes) && !allow_writes {
        return Some("read-only run".to_owned());
    }
    if let Some(fact) = template.needs_fact.as_ref().filter(|fact| !bar.tells(fact, element.about.resource_type.as_deref())) {
        return Some(format!("the payer's facts do not give {fact}, in [facts] of payerspec.toml"));
    }
    if let Some(day) = template.from.filter(|day| bar.as_of.is_some_and(|as_of| as_of < *day)) {
        return Some(format!("it is in force from {day} on"));
    }
    if template.for_each == ForEach::SystemOperation {
        return element.unmet.clone();
    }
    if template.steps.iter().any(|step| step.make.is_some())
        && let (Some(type_bar), Some(resource_type)) = (element.type_bar, &element.about.resource_type)
        && !type_bar.offers("create")
        && !type_bar.features.contains(&"update-create")
    {
        return Some(format!("the server offers no way to make a {resource_type} of the run's own"));
    }
    if matches!(template.for_each, ForEach::Guide | ForEach::UndeclaredInteraction | ForEach::UndeclaredSearchParam) && bar.assumed {
        return Some("there is no CapabilityStatement".to_owned());
    }
    if matches!(template.for_each, ForEach::SignIn | ForEach::Transport | ForEach::Cpcds) {
        return element.unmet.clone();
    }
    let (point, type_bar) = (element.point?, element.type_bar?);
    if template.declaration {
        if bar.assumed {
            return Some("there is no CapabilityStatement".to_owned());
        }
        if template.for_each != ForEach::Resource && !type_bar.point.declared {
            return Some("the type is not declared".to_owned());
        }
        return element.unmet.clone();
    }
    if !type_bar.point.declared {
        return Some("the type is not declared".to_owned());
    }
    if let Some(reason) = &element.unmet {
        return Some(reason.clone());
    }
    let searches = template.for_each.searches() || matches!(template.for_each, ForEach::Include | ForEach::RevInclude);
    if searches && !type_bar.offers("search-type") {
        return Some("search-type is not declared".to_owned());
    }
    // What is returned is judged whether or not its profile is declared.
    let must_be_declared = template.for_each != ForEach::Profile;
    (must_be_declared && !point.declared).then(|| "expected but not declared".to_owned())
}

/// The rows that count in the run of those that a suite case names; an id of no list at all is the suite's own affair.
fn rows_of((suite, template): (&Suite, &SuiteCase), catalogue: &Catalogue, rows: &[Requirement]) -> Vec<String> {
    let list_of = |guide: &Guide| format!("{}-{}", guide.id.package.rsplit("us.").next().unwrap_or_default(), guide.id.version);
    // A row without its list is of the list of the suite's guide, at the version that is judged.
    let own = catalogue
        .guides()
        .iter()
        .find(|guide| suite.guide.as_ref().is_some_and(|wanted| *wanted == guide.short_name || *wanted == guide.id.package));
    let full = |row: &String| match own {
        Some(guide) if !row.contains('@') => format!("{}@{row}", list_of(guide)),
        _ => row.clone(),
    };
    let in_run = |id: String| match rows.iter().find(|row| row.is_same(&id)) {
        Some(row) => Some(row.id.clone()),
        None => (!requirements::is_listed(&id)).then_some(id),
    };
    template.requirements.iter().map(full).filter_map(in_run).collect()
}
