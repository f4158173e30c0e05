//! One suite case and the bar make the cases: one for each element of the matrix.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bar::{Bar, Point, TypeBar};
use super::case::{Case, Step};
use crate::check::exchange::Method;
use crate::check::outcome::Level;
use crate::check::{About, Check};
use crate::fhir::capability::Expectation;
use crate::guide::Catalogue;
use crate::suite::{Content, ForEach, StepTemplate, Suite, SuiteCase};

/// Interactions that change data.
const WRITES: [&str; 4] = ["create", "update", "patch", "delete"];
/// Read-only interactions of a type, with a path that exercises each without needing a resource.
const READ_ONLY: [(&str, &str); 4] = [
    ("history-type", "{type}/_history"),
    ("search-type", "{type}"),
    ("history-instance", "{type}/{sample.id}/_history"),
    ("read", "{type}/{sample.id}"),
];
/// The guide name of what no guide expects: plain FHIR R4.
const PLAIN: &str = "r4";

/// One element of a matrix.
#[derive(Default)]
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

/// What the cases of one suite case have in common.
struct Shared {
    origin: Arc<str>,
    requirements: Arc<[String]>,
    checks: Arc<[&'static Check]>,
}

/// The cases that a suite case makes.
pub fn expand(suite: &Suite, template: &SuiteCase, catalogue: &Catalogue, bar: &Bar, allow_writes: bool) -> Vec<Case> {
    let mut elements = Vec::new();
    match template.for_each {
        ForEach::Once => elements.push(once(template, catalogue, bar)),
        ForEach::Guide => elements.extend(guides(catalogue)),
        ForEach::System => elements.extend(system(template, bar)),
        ForEach::SignIn => elements.push(sign_in(template, bar)),
        _ => {
            for (resource_type, type_bar) in &bar.types {
                let stated = template.requires.as_deref().is_none_or(|feature| type_bar.features.contains(&feature));
                if stated && (template.resources.is_empty() || template.resources.contains(resource_type)) {
                    per_type(template, catalogue, resource_type, type_bar, &mut elements);
                }
            }
        }
    }
    let shared = Shared {
        origin: format!("{}#{}", suite.id, template.id).into(),
        requirements: requirements(template, catalogue).into(),
        checks: template.checks.as_slice().into(),
    };
    elements.into_iter().filter_map(|element| make(template, &shared, bar, element, allow_writes)).collect()
}

fn once<'a>(template: &SuiteCase, catalogue: &Catalogue, bar: &'a Bar) -> Element<'a> {
    let mut words = BTreeMap::new();
    let unsupported = catalogue.resource_types().iter().find(|name| bar.types.get(*name).is_none_or(|type_bar| !type_bar.point.declared));
    words.insert("unsupported-type", unsupported.cloned().unwrap_or_else(|| "NoSuchResourceType".to_owned()));
    let undeclared = bar.types.iter().filter(|(_, type_bar)| type_bar.point.declared).find_map(|(resource_type, type_bar)| {
        let (_, path) = READ_ONLY.iter().find(|(code, _)| !type_bar.offers(code))?;
        Some((resource_type, path.replace("{type}", resource_type)))
    });
    let mut about = About::default();
    if let Some((resource_type, path)) = undeclared.filter(|_| asks_undeclared(template)) {
        about.resource_type = Some(resource_type.clone());
        words.insert("undeclared-interaction", path);
    }
    Element { words, about, ..Element::default() }
}

fn asks_undeclared(template: &SuiteCase) -> bool {
    template.steps.iter().any(|step| step.get.as_deref() == Some("{undeclared-interaction}"))
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

fn per_type<'a>(
    template: &SuiteCase,
    catalogue: &Catalogue,
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
        ForEach::Once | ForEach::Guide | ForEach::System | ForEach::SignIn => {}
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
        ForEach::SearchParam | ForEach::Prefix => {
            for (param, (point, kind)) in &type_bar.params {
                let known = catalogue.search_parameter(resource_type, param);
                let kind = known.as_ref().map_or(kind.as_str(), |known| known.kind.as_str());
                if !template.params.is_empty() && !template.params.contains(param) {
                    continue;
                }
                if !template.kinds.is_empty() && !template.kinds.iter().any(|wanted| wanted == kind) {
                    continue;
                }
                let prefixes: Vec<Option<&String>> = match template.for_each {
                    ForEach::Prefix => template.prefixes.iter().filter(|prefix| supports(known.as_deref(), prefix)).map(Some).collect(),
                    _ => vec![None],
                };
                for prefix in prefixes {
                    let mut made = element(point);
                    made.words.insert("param", param.clone());
                    made.words.insert("prefix", prefix.cloned().unwrap_or_default());
                    made.about.param = Some(param.clone());
                    made.about.prefix = prefix.cloned();
                    made.about.interaction = Some("search-type".to_owned());
                    made.unmet = search_gate();
                    elements.push(made);
                }
            }
        }
        ForEach::Include => {
            for (value, point) in &type_bar.includes {
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
            for (name, point) in &type_bar.operations {
                let mut made = element(point);
                made.words.insert("operation", name.trim_start_matches('$').to_owned());
                made.about.value = Some(name.clone());
                elements.push(made);
            }
        }
    }
}

/// Why no resource can be judged by a profile.
fn unusable(catalogue: &Catalogue, canonical: &str) -> Option<String> {
    match catalogue.profile_entry(canonical) {
        None => Some("the profile is not in the loaded guides".to_owned()),
        Some(entry) if entry.is_abstract => Some("the profile is abstract: its resources are judged by the profiles made of it".to_owned()),
        Some(_) => None,
    }
}

/// Whether a parameter is defined with a prefix; one that names none is held to the four that R4 search.html gives first.
fn supports(known: Option<&crate::guide::facts::SearchParameter>, prefix: &str) -> bool {
    match known {
        Some(parameter) if !parameter.comparator.is_empty() => parameter.comparator.iter().any(|comparator| comparator == prefix),
        _ => matches!(prefix, "ge" | "gt" | "le" | "lt"),
    }
}

fn make(template: &SuiteCase, shared: &Shared, bar: &Bar, element: Element<'_>, allow_writes: bool) -> Option<Case> {
    let guide = match (&element.about.expected, element.point.and_then(|point| point.expected.as_ref())) {
        (Some((guide, _)), _) | (None, Some((guide, _))) => guide.clone(),
        (None, None) => PLAIN.to_owned(),
    };
    let level = level(template, element.point)?;
    let fill = |text: &str| fill(text, &element.words);
    let mut about = element.about.clone();
    about.statuses.clone_from(&template.expect_status);
    about.form.clone_from(&template.value_form);
    about.assertion.clone_from(&template.assert);
    if about.expected.is_none() {
        about.expected = element.point.and_then(|point| point.expected.clone());
    }
    let mut id = match element.resource_type {
        Some(resource_type) => format!("{guide}.{resource_type}.{}", fill(&template.id)),
        None => format!("{guide}.{}", fill(&template.id)),
    };
    id.shrink_to_fit();
    Some(Case {
        id,
        title: fill(&template.title),
        level,
        requirements: shared.requirements.clone(),
        origin: shared.origin.clone(),
        about,
        steps: template.steps.iter().map(|step| make_step(step, &element)).collect(),
        checks: shared.checks.clone(),
        not_applicable: not_applicable(template, bar, &element, allow_writes),
    })
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
        _ => Some(Level::Declared),
    })
}

fn not_applicable(template: &SuiteCase, bar: &Bar, element: &Element<'_>, allow_writes: bool) -> Option<String> {
    let writes =
        template.for_each == ForEach::Operation || template.steps.iter().any(|step| step.get.is_none() && step.post_form.is_none());
    if writes && !allow_writes {
        return Some("read-only run".to_owned());
    }
    if template.for_each == ForEach::Operation {
        return Some("no definition to build a call from".to_owned());
    }
    if template.steps.iter().any(|step| step.make.is_some())
        && let (Some(type_bar), Some(resource_type)) = (element.type_bar, element.resource_type)
        && !type_bar.offers("create")
        && !type_bar.features.contains(&"update-create")
    {
        return Some(format!("the server offers no way to make a {resource_type} of the run's own"));
    }
    if template.for_each == ForEach::Once && asks_undeclared(template) && !element.words.contains_key("undeclared-interaction") {
        return Some("every read-only interaction is declared for every type".to_owned());
    }
    if template.for_each == ForEach::Guide && bar.assumed {
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
    if matches!(template.for_each, ForEach::SearchParam | ForEach::Prefix | ForEach::Include | ForEach::RevInclude)
        && !type_bar.offers("search-type")
    {
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

fn make_step(template: &StepTemplate, element: &Element<'_>) -> Step {
    let words = &element.words;
    let pair = |text: &String, separator: char| {
        let filled = fill(text, words);
        filled
            .split_once(separator)
            .map_or((filled.clone(), String::new()), |(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
    };
    let path = template.paths().first().map(|path| fill(path, words)).unwrap_or_default();
    let by_update = template.make.is_some() && element.type_bar.is_some_and(|type_bar| !type_bar.offers("create"));
    let method = match template {
        StepTemplate { get: Some(_), .. } => Method::Get,
        StepTemplate { put: Some(_), .. } => Method::Put,
        StepTemplate { patch: Some(_), .. } => Method::Patch,
        StepTemplate { delete: Some(_), .. } => Method::Delete,
        _ if by_update => Method::Put,
        _ => Method::Post,
    };
    Step {
        method,
        path: if by_update { format!("{path}/{{new-id}}") } else { path },
        body: if template.make.is_some() { Some(Content::Copy) } else { template.body },
        query: template.query.iter().map(|text| pair(text, '=')).collect(),
        headers: template.headers.iter().map(|text| pair(text, ':')).collect(),
        as_form: template.post_form.is_some(),
        all_pages: template.all_pages,
        anonymous: template.anonymous,
    }
}

/// Puts the words that the plan knows in place of their placeholders; the others stay for the harvest.
fn fill(text: &str, words: &BTreeMap<&'static str, String>) -> String {
    let mut filled = text.to_owned();
    for (name, word) in words {
        filled = filled.replace(&format!("{{{name}}}"), word);
    }
    // A plan holds hundreds of thousands of these.
    filled.shrink_to_fit();
    filled
}
