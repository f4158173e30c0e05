//! `payerspec explain`: a check's own documentation.

use super::exit::{BadInput, Exit};
use crate::check::{self, Check};

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Id of a check, such as search.precision; all are listed when it is left out.
    check: Option<String>,
}

/// Prints one check, or the list of all.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    match &arguments.check {
        None => {
            let width = check::CHECKS.iter().map(|check| check.id.len()).max().unwrap_or_default();
            let lines: String = check::CHECKS.iter().map(|check| format!("{:width$}  {}\n", check.id, check.summary)).collect();
            super::print(&lines);
        }
        Some(id) => {
            let check = check::find(id).ok_or_else(|| BadInput(format!("there is no check {id:?}; `payerspec explain` lists all")))?;
            super::print(&describe(check));
        }
    }
    Ok(Exit::Done)
}

fn describe(check: &Check) -> String {
    format!("{}: {}\n\nWhy\n  {}\n\nAccepted\n  {}\n\nRejected\n  {}\n", check.id, check.summary, check.why, check.accepts, check.rejects)
}
