//! `payerspec explain`: what a check, a case, a suite's question or a requirement asks, why and how.

mod page;

use super::exit::{BadInput, Exit};
use crate::check::{self, Check};
use crate::guide::requirements;
use crate::suite::{self, Suite};

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Id of a check (search.precision), a case (c4bb.Coverage.read), a suite's question (read#read) or a requirement
    /// (carin-bb-2.0.0@100); all checks and questions are listed when it is left out.
    id: Option<String>,
    /// Prints a page of everything that is checked, in Markdown.
    #[arg(long, conflicts_with = "id")]
    markdown: bool,
    /// Suites to look in: embedded ones by name, others by file or folder; repeatable [default: all embedded]
    #[arg(long = "suite", value_name = "NAME|PATH")]
    suites: Vec<String>,
}

/// Prints one explanation, or the list of everything that can be explained.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let suites = suite::load(&arguments.suites)?;
    if arguments.markdown {
        super::print(&page::page(&suites));
        return Ok(Exit::Done);
    }
    let Some(id) = &arguments.id else {
        super::print(&list(&suites));
        return Ok(Exit::Done);
    };
    let text = match check::find(id) {
        Some(check) => of_check(check, &suites),
        None => match suite::find(&suites, id) {
            Some((suite, case)) => suite::describe(suite, case),
            None => of_requirement(id, &suites).ok_or_else(|| unknown(id, &suites))?,
        },
    };
    super::print(&text);
    Ok(Exit::Done)
}

fn unknown(id: &str, suites: &[Suite]) -> BadInput {
    let questions: Vec<String> = questions(suites).map(|(origin, _)| origin).collect();
    let known = check::CHECKS.iter().map(|check| check.id).chain(questions.iter().map(String::as_str));
    BadInput(format!("there is no check, case, question or requirement {id:?}{}; `payerspec explain` lists all", suite::hint(id, known)))
}

fn questions(suites: &[Suite]) -> impl Iterator<Item = (String, &str)> {
    suites.iter().flat_map(|suite| suite.cases.iter().map(|case| (format!("{}#{}", suite.id, case.id), case.title.as_str())))
}

fn list(suites: &[Suite]) -> String {
    let checks = check::CHECKS.iter().map(|check| (check.id.to_owned(), check.summary));
    let lines: Vec<(String, &str)> = checks.chain(questions(suites)).collect();
    let width = lines.iter().map(|(id, _)| id.len()).max().unwrap_or_default();
    lines.iter().map(|(id, said)| format!("{id:width$}  {said}\n")).collect()
}

fn of_check(check: &Check, suites: &[Suite]) -> String {
    let mut text = format!(
        "{}: {}\n\nWhy\n  {}\n\nAccepted\n  {}\n\nRejected\n  {}\n\nAsked for by\n",
        check.id, check.summary, check.why, check.accepts, check.rejects
    );
    for suite in suites {
        let asking = suite.cases.iter().filter(|case| case.checks.iter().any(|asked| asked.id == check.id));
        text.extend(asking.map(|case| format!("  {}#{}\n", suite.id, case.id)));
    }
    text
}

fn of_requirement(id: &str, suites: &[Suite]) -> Option<String> {
    let mut own = suites.iter().flat_map(|suite| &suite.requirements);
    let requirement = requirements::all().find(|row| row.id == id).or_else(|| own.find(|row| row.id == id))?;
    let mut text = format!("{}: {} ({}) {}\n", requirement.id, requirement.verb, requirement.actor, requirement.text);
    text.extend(requirement.section.iter().map(|section| format!("\nSection\n  {section}\n")));
    let why = [&requirement.needs_facts, &requirement.needs_statement, &requirement.excluded_because];
    for (title, why) in ["Needs of the payer", "Needs a statement", "Not answered by a run"].into_iter().zip(why) {
        text.extend(why.iter().map(|why| format!("\n{title}\n  {why}\n")));
    }
    if !requirement.facts.is_empty() {
        text.push_str(&format!("\nAnswered with\n  [facts] {} in payerspec.toml\n", requirement.facts.join(", ")));
    }
    text.extend(requirement.from.map(|day| format!("\nIn force\n  from {day} on\n")));
    text.extend(
        requirement.standard.as_ref().map(|package| format!("\nIn force\n  while {package} is, in the version that the run goes by\n")),
    );
    let naming = suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)));
    let naming = naming.filter(|(_, case)| case.requirements.iter().any(|name| requirement.is_same(name)));
    let answers: Vec<String> = naming.map(|(suite, case)| format!("  {}#{}\n", suite.id, case.id)).collect();
    let patterns = requirement.verified_by.iter().map(|pattern| {
        let kind = if requirements::is_of_questions(pattern) { "cases of" } else { "cases" };
        format!("  {kind} {pattern}\n")
    });
    let answers: String = answers.into_iter().chain(patterns).collect();
    if !answers.is_empty() {
        text.push_str(&format!("\nVerified by\n{answers}"));
    }
    if !requirement.broken_by.is_empty() {
        text.push_str(&format!("\nBroken by findings\n  {}\n", requirement.broken_by.join("\n  ")));
    }
    Some(text)
}
