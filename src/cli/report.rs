//! `payerspec report`: works on reports that were written earlier.

use std::path::{Path, PathBuf};

use super::exit::{BadInput, Exit};
use crate::report::diff::{Results, diff};

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    work: Work,
}

#[derive(Debug, clap::Subcommand)]
enum Work {
    /// Tells what changed between two runs: new and fixed deviations, other changes, cases that took much longer. Ends 1 when a deviation is new.
    Diff {
        /// `results.json` of the earlier run, or its folder.
        before: PathBuf,
        /// `results.json` of the later run, or its folder.
        after: PathBuf,
    },
}

/// Does the work.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let Work::Diff { before, after } = &arguments.work;
    let found = diff(&read(before)?, &read(after)?);
    super::print(&found.text());
    Ok(if found.new.is_empty() { Exit::Done } else { Exit::Deviates })
}

fn read(path: &Path) -> Result<Results, BadInput> {
    let file = if path.is_dir() { path.join("results.json") } else { path.to_owned() };
    let unusable = |what: String| BadInput(format!("{} {what}", file.display()));
    let text = std::fs::read(&file).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    Results::read(&text).map_err(unusable)
}
