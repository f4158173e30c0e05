//! `payerspec lint`: suite files, checked without a server.

use std::path::PathBuf;

use super::exit::{BadInput, Exit};
use crate::suite;

/// Arguments of `lint`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Suite files, or folders of them.
    #[arg(required = true)]
    suites: Vec<PathBuf>,
}

/// Reads every suite and says how many questions it holds, or what is wrong with those that are no suites.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let mut wrong = Vec::new();
    for path in &arguments.suites {
        match suite::lint(path) {
            Ok(suites) => {
                for suite in suites {
                    super::print(&format!("{}: {} ({} cases)\n", suite.id, suite.title, suite.cases.len()));
                }
            }
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if wrong.is_empty() { Ok(Exit::Done) } else { Err(BadInput(wrong.join("\n"))) }
}
