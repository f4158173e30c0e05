//! A suite's question in words: what it asks, why, and how; and which question made a case.

use regex::Regex;
use serde::Serialize;

use super::model::{ForEach, StepTemplate, Suite, SuiteCase};

/// The question that an id means: `suite#case` as a plan's `origin` gives it, or the id of a case that it makes.
pub fn find<'a>(suites: &'a [Suite], id: &str) -> Option<(&'a Suite, &'a SuiteCase)> {
    let all = || suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)));
    if let Some((wanted, case_id)) = id.split_once('#') {
        return all().find(|(suite, case)| suite.id == wanted && case.id == case_id);
    }
    let (_, words) = id.split_once('.')?;
    // Several may fit, such as `search.{param}` and `search.{param}.code`: the one that says most of the id itself is meant.
    let fitting = all().filter(|(_, case)| makes(case, words));
    fitting.min_by_key(|(_, case)| std::cmp::Reverse(literal(&case.id)))
}

/// Whether a question makes a case of these words, which follow the guide's name.
fn makes(case: &SuiteCase, words: &str) -> bool {
    let words = if is_of_a_type(case) {
        let Some((resource_type, rest)) = words.split_once('.') else { return false };
        let fits = case.resources.is_empty() || case.resources.iter().any(|known| known == resource_type);
        if !fits || !resource_type.starts_with(|first: char| first.is_ascii_uppercase()) {
            return false;
        }
        rest
    } else {
        words
    };
    pattern(case).is_some_and(|pattern| pattern.is_match(words))
}

/// Whether the ids of its cases name a resource type.
fn is_of_a_type(case: &SuiteCase) -> bool {
    !matches!(
        case.for_each,
        ForEach::Once
            | ForEach::Guide
            | ForEach::System
            | ForEach::SystemOperation
            | ForEach::Cpcds
            | ForEach::SignIn
            | ForEach::Transport
            | ForEach::Run
    )
}

fn pattern(case: &SuiteCase) -> Option<Regex> {
    let mut pattern = "^".to_owned();
    let mut rest = case.id.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        pattern.push_str(&regex::escape(before));
        let word = if name == "prefix" && !case.prefixes.is_empty() { format!("({})", case.prefixes.join("|")) } else { ".+".to_owned() };
        pattern.push_str(&word);
        rest = tail;
    }
    pattern.push_str(&regex::escape(rest));
    Regex::new(&format!("{pattern}$")).ok()
}

/// How many letters of an id stand outside its placeholders.
fn literal(id: &str) -> usize {
    id.split('{')
        .enumerate()
        .map(|(place, part)| if place == 0 { part.len() } else { part.split_once('}').map_or(0, |(_, tail)| tail.len()) })
        .sum()
}

/// The whole documentation of a question.
pub fn describe(suite: &Suite, case: &SuiteCase) -> String {
    let mut text = format!("{}#{}: {}\n\nWhat\n  {}\n", suite.id, case.id, case.title, asked(case));
    text.push_str(&format!("\nWhy\n  {}\n", case.source.as_deref().unwrap_or("the suite does not say where it is written")));
    if !case.requirements.is_empty() {
        text.push_str(&format!("  requirements {}\n", case.requirements.join(", ")));
    }
    text.push_str("\nHow\n");
    if case.steps.is_empty() {
        text.push_str(if case.declaration {
            "  from the CapabilityStatement alone\n"
        } else {
            "  from what was harvested and declared; nothing more is sent\n"
        });
    }
    for step in &case.steps {
        text.push_str(&format!("  {}\n", request(step)));
    }
    if !case.expect_status.is_empty() {
        let statuses: Vec<String> = case.expect_status.iter().map(u16::to_string).collect();
        text.push_str(&format!("  allowed statuses: {}\n", statuses.join(", ")));
    }
    if let Some(assertion) = &case.assert {
        text.push_str(&format!("  for each {}: {}\n", assertion.on, assertion.that));
    }
    text.push_str("\nJudged by\n");
    for check in &case.checks {
        let parts = [("why", check.why), ("accepted", check.accepts), ("rejected", check.rejects)];
        text.push_str(&format!("  {}: {}\n", check.id, check.summary));
        text.extend(parts.iter().map(|(name, said)| format!("    {name:8}  {said}\n")));
    }
    text
}

/// What a question is asked for each of, and how strongly.
pub fn asked(case: &SuiteCase) -> String {
    let mut text = match case.for_each {
        ForEach::Once => "once for the server".to_owned(),
        ForEach::Transport => "once for the origins that speak TLS".to_owned(),
        ForEach::Run => "once, over the answers to all other cases".to_owned(),
        ForEach::Cpcds => "for each element of the Common Payer Consumer Data Set".to_owned(),
        ForEach::SignIn => format!("once for the sign-in ({})", case.sign_in.as_deref().unwrap_or_default()),
        matrix => format!("for each {}", word(&matrix)),
    };
    for (of, list) in [("of", &case.resources), ("named", &case.params), ("of type", &case.kinds), ("with", &case.prefixes)] {
        if !list.is_empty() {
            text.push_str(&format!(" {of} {}", list.join(", ")));
        }
    }
    if !case.identities.is_empty() {
        let words: Vec<&str> = case.identities.iter().map(|identity| identity.word()).collect();
        text.push_str(&format!(", as {}", words.join(", ")));
    }
    if let Some(interaction) = &case.interaction {
        text.push_str(&format!(", where {interaction} is expected or declared"));
    }
    if !case.requires.is_empty() {
        text.push_str(&format!(", where the server states {}", case.requires.join(" and ")));
    }
    if let Some(fact) = &case.needs_fact {
        text.push_str(&format!(", where the payer gives {fact} in [facts]"));
    }
    if let Some(day) = case.from {
        text.push_str(&format!(", from {day} on"));
    }
    match (case.level, case.declared_level) {
        (Some(level), _) => format!("{text}; {}", level.word()),
        (None, Some(level)) => format!("{text}; as the guide says, else {}", level.word()),
        (None, None) => format!("{text}; SHALL where the guide says so, SHOULD where it says that, else as the server declares it"),
    }
}

/// A request as a line.
fn request(step: &StepTemplate) -> String {
    let forms = [
        ("GET", &step.get),
        ("HEAD", &step.head),
        ("OPTIONS", &step.options),
        ("PUT without a body", &step.put_nothing),
        ("POST (form)", &step.post_form),
        ("follow the link", &step.link),
        ("make", &step.make),
        ("POST", &step.post),
        ("PUT", &step.put),
        ("PATCH", &step.patch),
        ("DELETE", &step.delete),
    ];
    let (method, path) = forms.iter().find_map(|(method, path)| Some((*method, path.as_deref()?))).unwrap_or(("", ""));
    let query = if step.query.is_empty() { String::new() } else { format!("?{}", step.query.join("&")) };
    let mut line = format!("{method} {path}{query}");
    if !step.url_query.is_empty() {
        line.push_str(&format!(", with {} in the URL", step.url_query.join("&")));
    }
    if let Some(content) = &step.body {
        line.push_str(&format!(", carrying {}", word(content)));
    }
    if !step.headers.is_empty() {
        line.push_str(&format!(", with {}", step.headers.join("; ")));
    }
    for (name, selected) in &step.save {
        line.push_str(&format!(", keeping {selected} as {{saved.{name}}}"));
    }
    if step.all_pages {
        line.push_str(", every page");
    }
    if let Some(identity) = step.identity {
        line.push_str(&format!(", as {}", identity.word()));
    }
    line
}

/// A word of the grammar as suites write it.
fn word(value: &impl Serialize) -> String {
    crate::fhir::json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::embedded;

    #[test]
    fn a_case_leads_to_the_question_that_made_it() {
        let suites = embedded().unwrap();
        let origin = |id: &str| find(&suites, id).map(|(suite, case)| format!("{}#{}", suite.id, case.id));
        for (id, made_by) in [
            ("c4bb.ExplanationOfBenefit.search.service-date.ge", "search-date#search.{param}.{prefix}"),
            ("c4bb.ExplanationOfBenefit.search.type.code", "search-token#search.{param}.code"),
            ("c4bb.ExplanationOfBenefit.search.type", "search#search.{param}"),
            ("search-token#search.{param}.code", "search-token#search.{param}.code"),
            ("r4.metadata.rest", "metadata#metadata.rest"),
            ("c4bb.Coverage.read", "read#read"),
        ] {
            assert_eq!(origin(id).as_deref(), Some(made_by), "{id}");
        }
        assert_eq!(origin("c4bb.Coverage.no.such"), None);
        assert_eq!(origin("nonsense"), None);
    }

    #[test]
    fn every_question_is_explained_in_full() {
        for suite in embedded().unwrap() {
            for case in &suite.cases {
                let text = describe(&suite, case);
                for part in ["\nWhat\n", "\nWhy\n", "\nHow\n", "\nJudged by\n", "    accepted  {", "    rejected  {"] {
                    assert!(text.contains(part), "{text}\nlacks {part}");
                }
            }
        }
    }
}
