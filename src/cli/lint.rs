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

/// Reads every suite and says how many questions it holds.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    for path in &arguments.suites {
        for suite in suite::lint(path)? {
            super::print(&format!("{}: {} ({} cases)\n", suite.id, suite.title, suite.cases.len()));
        }
    }
    Ok(Exit::Done)
}
