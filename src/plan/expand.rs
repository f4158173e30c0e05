//! One suite case and the bar make the cases: one for each element of the matrix.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use super::bar::{Bar, Point, TypeBar};
use super::case::{Case, Template};
use super::words::Words;
use super::{operation, search, undeclared};
use crate::check::About;
use crate::check::identity::Identity;
use crate::check::outcome::Level;
use crate::fhir::capability::Expectation;
use crate::guide::Catalogue;
use crate::suite::{ForEach, StepTemplate, Suite, SuiteCase};

/// Interactions that change data.
const WRITES: [&str; 4] = ["create", "update", "patch", "delete"];
/// The guide name of what no guide expects: plain FHIR R4.
const PLAIN: &str = "r4";

/// One element of a matrix.
#[derive(Clone, Default)]
struct Element<'a> {
    resource_type: Option<&'a str>,
    type_bar: Option<&'a TypeBar>,
    point: Option<&'a Point>,
    /// What the placeholders that the plan fills in stand for.
    words: BTreeMap<&'static str, String>,
    about: About,
    /// Why the element rests on something that is not offered.
    unmet: Option<String>,
}

/// What cases are about and their words, each kept once: suite cases with the same matrix share them.
#[derive(Default)]
pub struct Shared {
    abouts: HashSet<Arc<About>>,
    words: HashSet<Arc<Words>>,
}

/// The cases that a suite case makes.
pub fn expand(suite: &Suite, template: &SuiteCase, catalogue: &Catalogue, bar: &Bar, allow_writes: bool, shared: &mut Shared) -> Vec<Case> {
    let mut elements = Vec::new();
    match template.for_each {
        ForEach::Once => {
            let stated = |feature: &str| bar.types.values().any(|type_bar| type_bar.features.contains(&feature));
            elements.extend(template.requires.as_deref().is_none_or(stated).then(|| once(catalogue, bar)));
        }
        ForEach::Guide => elements.extend(guides(catalogue)),
        ForEach::System => elements.extend(system(template, bar)),
        ForEach::SignIn => elements.push(sign_in(template, bar)),
        ForEach::Run => elements.push(Element { about: About { whole_run: true, ..About::default() }, ..Element::default() }),
        ForEach::SystemOperation => elements.extend(system_operations(catalogue, bar)),
        _ => {
            for (resource_type, type_bar) in &bar.types {
                let states = |what: &str| type_bar.states(what) || bar.system.contains_key(what);
                let stated = template.requires.as_deref().is_none_or(states);
                if stated && (template.resources.is_empty() || template.resources.contains(resource_type)) {
                    per_type(template, catalogue, bar, resource_type, type_bar, &mut elements);
                }
            }
        }
    }
    let common = Arc::new(Template {
        title: template.title.clone(),
        origin: format!("{}#{}", suite.id, template.id),
        requirements: requirements(template, catalogue),
        checks: template.checks.clone(),
        steps: template.steps.clone(),
    });
    let elements = elements.into_iter().flat_map(|element| with_identities(template, element));
    elements.filter_map(|element| make(template, &common, bar, element, allow_writes, shared)).collect()
}

/// The element once with each of the credentials that the case names; as it is where it names none.
fn with_identities<'a>(template: &SuiteCase, element: Element<'a>) -> Vec<Element<'a>> {
    if template.identities.is_empty() {
        return vec![element];
    }
    let with = |identity: &Identity| {
        let mut element = element.clone();
        element.words.insert("as", identity.word().to_owned());
        element
    };
    template.identities.iter().map(with).collect()
}

fn once<'a>(catalogue: &Catalogue, bar: &'a Bar) -> Element<'a> {
    let mut words = BTreeMap::new();
    let unsupported = catalogue.resource_types().iter().find(|name| bar.types.get(*name).is_none_or(|type_bar| !type_bar.point.declared));
    words.insert("unsupported-type", unsupported.cloned().unwrap_or_else(|| "NoSuchResourceType".to_owned()));
    Element { words, ..Element::default() }
}

fn guides(catalogue: &Catalogue) -> Vec<Element<'static>> {
    let with_url = catalogue.expectations().into_iter().filter_map(|(guide, expectations)| {
        let about =
            About { value: expectations.url.clone(), expected: Some((guide.short_name.clone(), Expectation::Shall)), ..About::default() };
        expectations.url.is_some().then(|| Element { about, ..Element::default() })
    });
    with_url.collect()
}

fn sign_in<'a>(template: &SuiteCase, bar: &Bar) -> Element<'a> {
    let part = template.sign_in.clone().unwrap_or_default();
    let unmet = match &bar.sign_in {
        None => Some("the run is given its token: nothing signs in without [auth] in the configuration".to_owned()),
        Some(expected) => expected.why_not(&part).map(str::to_owned),
    };
    Element { about: About { sign_in: Some(part), ..About::default() }, unmet, ..Element::default() }
}

fn system<'a>(template: &SuiteCase, bar: &'a Bar) -> Option<Element<'a>> {
    let code = template.interaction.as_ref()?;
    let about = About { interaction: Some(code.clone()), ..About::default() };
    bar.system.get(code).map(|point| Element { point: Some(point), about, ..Element::default() })
}

fn system_operations<'a>(catalogue: &Catalogue, bar: &'a Bar) -> Vec<Element<'a>> {
    let element = |(name, (point, definition)): (&String, &'a (Point, String))| {
        with_call(Element { point: Some(point), ..Element::default() }, catalogue, name, definition)
    };
    bar.system_operations.iter().map(element).collect()
}

/// An element with how an operation is called, or why it is not.
fn with_call<'a>(mut element: Element<'a>, catalogue: &Catalogue, name: &str, definition: &str) -> Element<'a> {
    element.words.insert("operation", name.to_owned());
    match operation::call(catalogue, element.resource_type, name, definition) {
        Ok((operation, path)) => {
            element.words.insert("operation-path", path);
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
    resource_type: &'a str,
    type_bar: &'a TypeBar,
    elements: &mut Vec<Element<'a>>,
) {
    let element = |point: &'a Point| {
        let about = About { resource_type: Some(resource_type.to_owned()), ..About::default() };
        let words = BTreeMap::from([("type", resource_type.to_owned())]);
        Element { resource_type: Some(resource_type), type_bar: Some(type_bar), point: Some(point), words, about, unmet: None }
    };
    let search_gate = || (!type_bar.asks_for_search()).then(|| format!("search of {resource_type} is not offered"));
    match template.for_each {
        ForEach::Once | ForEach::Guide | ForEach::System | ForEach::SystemOperation | ForEach::SignIn | ForEach::Run => {}
        ForEach::Resource if type_bar.includes.is_empty() && uses(template, "{include-versioned}") => {}
        ForEach::Resource => match &template.interaction {
            Some(code) => elements.extend(type_bar.interactions.get(code).map(|point| {
                let mut made = element(point);
                made.about.interaction = Some(code.clone());
                made
            })),
            None => elements.push(element(&type_bar.point)),
        },
        ForEach::Interaction => {
            for (code, point) in type_bar.interactions.iter().filter(|(code, _)| !WRITES.contains(&code.as_str())) {
                let mut made = element(point);
                made.words.insert("interaction", code.clone());
                made.about.interaction = Some(code.clone());
                elements.push(made);
            }
        }
        ForEach::SearchParam | ForEach::Prefix | ForEach::Modifier | ForEach::Chain | ForEach::Has | ForEach::Combination => {
            for asked in search::asked(template, catalogue, bar, resource_type, type_bar) {
                let mut made = element(asked.point);
                made.words.extend(asked.words);
                made.about = About { resource_type: made.about.resource_type.take(), ..asked.about };
                made.about.interaction = Some("search-type".to_owned());
                made.unmet = search_gate();
                elements.push(made);
            }
        }
        ForEach::UndeclaredInteraction => elements.extend(undeclared::interaction(resource_type, type_bar).map(|(code, path)| {
            let mut made = element(&type_bar.point);
            made.words.insert("interaction", code.to_owned());
            made.words.insert("undeclared-interaction", path);
            made.about.interaction = Some(code.to_owned());
            made
        })),
        ForEach::UndeclaredSearchParam => elements.extend(undeclared::search_param(catalogue, resource_type, type_bar).map(|code| {
            let mut made = element(&type_bar.point);
            made.words.insert("param", code.clone());
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
                made.words.insert("include", if short == "*" { "all".to_owned() } else { short.replace(':', ".") });
                made.words.insert("include-value", if value.ends_with(":*") { "*".to_owned() } else { value.clone() });
                made.words.insert("value", value.clone());
                made.about.value = Some(value.clone());
                made.unmet = search_gate();
                elements.push(made);
            }
        }
        ForEach::RevInclude => {
            for (value, point) in &type_bar.rev_includes {
                let mut made = element(point);
                made.words.insert("include", value.replace(':', ".").replace('*', "all"));
                made.words.insert("include-value", value.clone());
                made.words.insert("value", value.clone());
                made.about.value = Some(value.clone());
                made.unmet = search_gate();
                elements.push(made);
            }
        }
        ForEach::Profile => {
            for (canonical, point) in &type_bar.profiles {
                let mut made = element(point);
                made.words.insert("profile", canonical.rsplit('/').next().unwrap_or(canonical).to_owned());
                made.about.value = Some(canonical.clone());
                if !template.declaration {
                    made.unmet = unusable(catalogue, canonical);
                }
                elements.push(made);
            }
        }
        ForEach::Operation => {
            for (name, (point, definition)) in &type_bar.operations {
                elements.push(with_call(element(point), catalogue, name, definition));
            }
        }
    }
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

/// Why no resource can be judged by a profile.
fn unusable(catalogue: &Catalogue, canonical: &str) -> Option<String> {
    match catalogue.profile_entry(canonical) {
        None => Some("the profile is not in the loaded guides".to_owned()),
        Some(entry) if entry.is_abstract => Some("the profile is abstract: its resources are judged by the profiles made of it".to_owned()),
        Some(_) => None,
    }
}

fn make(
    template: &SuiteCase,
    common: &Arc<Template>,
    bar: &Bar,
    element: Element<'_>,
    allow_writes: bool,
    shared: &mut Shared,
) -> Option<Case> {
    let level = level(template, element.point)?;
    let level = if element.about.observed { Level::May } else { level };
    let not_applicable = not_applicable(template, bar, &element, allow_writes);
    let guide = match (&element.about.expected, element.point.and_then(|point| point.expected.as_ref())) {
        (Some((guide, _)), _) | (None, Some((guide, _))) => guide,
        (None, None) => PLAIN,
    };
    let made_by_update = element.type_bar.is_some_and(|type_bar| !type_bar.offers("create"));
    let words = Words { by_name: element.words, made_by_update };
    let own = words.fill(&template.id);
    let id = match element.resource_type {
        Some(resource_type) => format!("{guide}.{resource_type}.{own}"),
        None => format!("{guide}.{own}"),
    };
    let expected = element.about.expected.or_else(|| element.point.and_then(|point| point.expected.clone()));
    let about = About {
        statuses: template.expect_status.clone(),
        forms: template.value_forms(),
        assertion: template.assert.clone(),
        expected,
        value: template.steps.iter().find_map(|step| step.link.clone()).or(element.about.value),
        ..element.about
    };
    let (about, words) = (share(&mut shared.abouts, about), share(&mut shared.words, words));
    Some(Case { id, level, about, not_applicable, template: common.clone(), words })
}

/// The one that equals `new`, if there was one before.
fn share<T: Eq + Hash>(known: &mut HashSet<Arc<T>>, new: T) -> Arc<T> {
    if let Some(same) = known.get(&new) {
        return same.clone();
    }
    let new = Arc::new(new);
    known.insert(new.clone());
    new
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
    if template.for_each == ForEach::SystemOperation {
        return element.unmet.clone();
    }
    if template.steps.iter().any(|step| step.make.is_some())
        && let (Some(type_bar), Some(resource_type)) = (element.type_bar, element.resource_type)
        && !type_bar.offers("create")
        && !type_bar.features.contains(&"update-create")
    {
        return Some(format!("the server offers no way to make a {resource_type} of the run's own"));
    }
    if matches!(template.for_each, ForEach::Guide | ForEach::UndeclaredInteraction | ForEach::UndeclaredSearchParam) && bar.assumed {
        return Some("there is no CapabilityStatement".to_owned());
    }
    if template.for_each == ForEach::SignIn {
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

/// Rows of the requirement lists of the guides that are judged.
fn requirements(template: &SuiteCase, catalogue: &Catalogue) -> Vec<String> {
    let of_guides = |requirement: &&String| {
        let list = requirement.split('@').next().unwrap_or_default();
        catalogue.guides().iter().any(|guide| {
            let package = guide.id.package.rsplit("us.").next().unwrap_or_default();
            list == format!("{package}-{}", guide.id.version)
        })
    };
    template.requirements.iter().filter(of_guides).cloned().collect()
}
