//! `payerspec plan`: what `run` would ask.

use std::io::{self, Write};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::exit::{BadInput, Exit};
use super::options::{GuideOptions, SelectionOptions, TargetOptions};
use crate::check::Declared;
use crate::check::sign_in::SignIn;
use crate::fhir::json::{Value, json};
use crate::plan::{Case, Plan, Step};

/// Arguments of `plan`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    target: TargetOptions,
    #[command(flatten)]
    guides: GuideOptions,
    #[command(flatten)]
    selection: SelectionOptions,
    /// Shows what `run --allow-writes` would write.
    #[arg(long)]
    allow_writes: bool,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// How wide the column of levels is.
const LEVEL_WIDTH: usize = 8;

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Prints the plan. Sends at most the request for `/metadata` and those for search parameters that the server defines itself.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let suites = arguments.selection.suites()?;
    let selection = arguments.selection.selection()?;
    let catalogue = Arc::new(arguments.guides.load(&arguments.target.guides()?)?);
    let declared = match arguments.target.declared_from_file()? {
        Some(declared) => Declared { sign_in: expected(arguments), secure: is_secure(arguments), ..declared },
        None => {
            let target = arguments.target.target()?;
            match super::runtime()?.block_on(crate::run::discover(&target, &catalogue)) {
                Ok(declared) => Declared { sign_in: target.expected_sign_in().map(Arc::new), secure: target.is_secure(), ..declared },
                Err(error) => {
                    anstream::eprintln!("payerspec: {error}; nothing could be planned from the declaration of {}", target.base());
                    return Ok(Exit::NotMeasured);
                }
            }
        }
    };
    let facts = arguments.target.payer_facts()?;
    let declared = Declared { as_of: Some(arguments.selection.as_of()), facts, ..declared };
    let catalogue = declared.extend(&catalogue);
    let plan = selection.apply(crate::plan::plan(&suites, &catalogue, &declared, arguments.allow_writes));
    super::print_with(|out| match arguments.format {
        Format::Table => table(&plan, out),
        Format::Json => json(&plan, out),
    });
    Ok(Exit::Done)
}

/// How the run would sign in, when the settings say it; a declaration from a file needs no target.
fn expected(arguments: &Arguments) -> Option<Arc<SignIn>> {
    arguments.target.target().ok()?.expected_sign_in().map(Arc::new)
}

/// Whether the base is on https, as far as one is named.
fn is_secure(arguments: &Arguments) -> bool {
    arguments.target.target().is_ok_and(|target| target.is_secure())
}

fn table(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let width = plan.cases.iter().map(|case| case.id().len()).max().unwrap_or_default();
    let mut row = String::new();
    for case in &plan.cases {
        row.clear();
        case.write_id(&mut row);
        pad(&mut row, width + 2);
        row.push_str(case.level.word());
        pad(&mut row, width + LEVEL_WIDTH + 4);
        match &case.not_applicable {
            Some(reason) => row.extend(["not applicable: ", reason]),
            None if case.template.steps.is_empty() => row.push_str("from the declaration"),
            None => {
                for (place, step) in case.steps().iter().enumerate() {
                    row.push_str(if place == 0 { "" } else { "; " });
                    row.push_str(&line(step));
                }
            }
        }
        row.push('\n');
        out.write_all(row.as_bytes())?;
    }
    let applicable = plan.cases.iter().filter(|case| case.not_applicable.is_none()).count();
    let required = plan.cases.iter().filter(|case| case.not_applicable.is_none() && case.level.is_required()).count();
    writeln!(out, "\n{} cases, {applicable} applicable, {required} required", plan.cases.len())
}

/// Fills up a row with spaces. Ids and levels are ASCII, or a little out of line.
fn pad(row: &mut String, width: usize) {
    row.extend(std::iter::repeat_n(' ', width.saturating_sub(row.len())));
}

fn line(step: &Step) -> String {
    let query: Vec<String> =
        step.query.iter().map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") }).collect();
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{} {}{separator}{}", step.method.word(), step.path, query.join("&"))
}

fn json(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let document = Document { schema: "payerspec-plan-1", cases: Cases(&plan.cases) };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// The form of the JSON.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'a str,
    cases: Cases<'a>,
}

/// The cases, made one by one.
struct Cases<'a>(&'a [Case]);

impl Serialize for Cases<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(case_json))
    }
}

fn case_json(case: &Case) -> Value {
    json!({
        "id": case.id(),
        "title": case.title(),
        "level": case.level.word(),
        "requirements": case.requirements(),
        "origin": case.origin(),
        "requests": case.steps().iter().map(line).collect::<Vec<_>>(),
        "checks": case.checks().iter().map(|check| check.id).collect::<Vec<_>>(),
        "not_applicable": case.not_applicable.as_deref(),
    })
}
