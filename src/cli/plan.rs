//! `payerspec plan`: what `run` would ask.

use std::sync::Arc;

use super::exit::{BadInput, Exit};
use super::options::{GuideOptions, SelectionOptions, TargetOptions};
use crate::check::Declared;
use crate::check::sign_in::SignIn;
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

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Prints the plan. Sends at most the request for `/metadata` and those for search parameters that the server defines itself.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let suites = arguments.selection.suites()?;
    let selection = arguments.selection.selection()?;
    let catalogue = Arc::new(arguments.guides.load()?);
    let declared = match arguments.target.declared_from_file()? {
        Some(declared) => Declared { sign_in: expected(arguments), ..declared },
        None => {
            let target = arguments.target.target()?;
            match super::runtime()?.block_on(crate::run::discover(&target, &catalogue)) {
                Ok(declared) => Declared { sign_in: target.expected_sign_in().map(Arc::new), ..declared },
                Err(error) => {
                    anstream::eprintln!("payerspec: {error}; nothing could be planned from the declaration of {}", target.base());
                    return Ok(Exit::NotMeasured);
                }
            }
        }
    };
    let catalogue = declared.extend(&catalogue);
    let plan = selection.apply(crate::plan::plan(&suites, &catalogue, &declared, arguments.allow_writes));
    super::print(&match arguments.format {
        Format::Table => table(&plan),
        Format::Json => json(&plan),
    });
    Ok(Exit::Done)
}

/// How the run would sign in, when the settings say it; a declaration from a file needs no target.
fn expected(arguments: &Arguments) -> Option<Arc<SignIn>> {
    arguments.target.target().ok()?.expected_sign_in().map(Arc::new)
}

fn table(plan: &Plan) -> String {
    let width = plan.cases.iter().map(|case| case.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    for case in &plan.cases {
        let what = match &case.not_applicable {
            Some(reason) => format!("not applicable: {reason}"),
            None if case.template.steps.is_empty() => "from the declaration".to_owned(),
            None => case.steps().iter().map(line).collect::<Vec<_>>().join("; "),
        };
        text.push_str(&format!("{:width$}  {:8}  {what}\n", case.id, case.level.word()));
    }
    let applicable = plan.cases.iter().filter(|case| case.not_applicable.is_none()).count();
    let required = plan.cases.iter().filter(|case| case.not_applicable.is_none() && case.level.is_required()).count();
    text.push_str(&format!("\n{} cases, {applicable} applicable, {required} required\n", plan.cases.len()));
    text
}

fn line(step: &Step) -> String {
    let query: Vec<String> =
        step.query.iter().map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") }).collect();
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{} {}{separator}{}", step.method.word(), step.path, query.join("&"))
}

fn json(plan: &Plan) -> String {
    let cases: Vec<serde_json::Value> = plan.cases.iter().map(case_json).collect();
    let document = serde_json::json!({"schema": "payerspec-plan-1", "cases": cases});
    format!("{document:#}\n")
}

fn case_json(case: &Case) -> serde_json::Value {
    serde_json::json!({
        "id": case.id,
        "title": case.title(),
        "level": case.level.word(),
        "requirements": case.requirements(),
        "origin": case.origin(),
        "requests": case.steps().iter().map(line).collect::<Vec<_>>(),
        "checks": case.checks().iter().map(|check| check.id).collect::<Vec<_>>(),
        "not_applicable": case.not_applicable,
    })
}
