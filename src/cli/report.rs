//! `payerspec report`: works on what runs left earlier.

use std::path::{Path, PathBuf};

use super::exit::{BadInput, Exit};
use super::run::concluded;
use crate::report::diff::{Results, diff};
use crate::report::merge::merge;
use crate::report::render::render;
use crate::report::{Options, Show, Terminal};

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    work: Work,
}

#[derive(Debug, clap::Subcommand)]
enum Work {
    /// Writes every report of a run anew from its events.ndjson, byte by byte as the run wrote them.
    Render {
        /// Folder for the reports.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// `events.ndjson` of the run, or its folder.
        events: PathBuf,
    },
    /// Makes one run of the parts that `--partition K/N` split it into, and ends as that run would have ended.
    Merge {
        /// Folder for the reports of the whole run.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Which cases to print.
        #[arg(long, value_enum, default_value = "fail")]
        show: Show,
        /// `events.ndjson` of each part, or its folder.
        #[arg(required = true)]
        parts: Vec<PathBuf>,
    },
    /// Tells what changed between two runs: new and fixed deviations, other changes, cases whose time changed much. Ends 1 when a deviation is new.
    Diff {
        /// `results.json` of the earlier run, or its folder.
        before: PathBuf,
        /// `results.json` of the later run, or its folder.
        after: PathBuf,
    },
}

/// Does the work.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    match &arguments.work {
        Work::Render { out, events } => Ok(match unwritten(render(events, out)?) {
            false => Exit::Done,
            true => Exit::Unreported,
        }),
        Work::Merge { out, show, parts } => {
            let terminal = Terminal::for_process(&Options { show: *show, ..Options::default() });
            let merged = merge(parts, out, terminal)?;
            Ok(concluded(merged.problems, merged.verdict))
        }
        Work::Diff { before, after } => {
            let found = diff(&read(before)?, &read(after)?);
            super::print(&found.text());
            Ok(if found.new.is_empty() { Exit::Done } else { Exit::Deviates })
        }
    }
}

/// Tells what could not be written, and whether there is anything.
pub fn unwritten(problems: Vec<String>) -> bool {
    let any = !problems.is_empty();
    for problem in problems {
        anstream::eprintln!("payerspec: {problem}");
    }
    any
}

fn read(path: &Path) -> Result<Results, BadInput> {
    let file = if path.is_dir() { path.join("results.json") } else { path.to_owned() };
    let unusable = |what: String| BadInput(format!("{} {what}", file.display()));
    let text = std::fs::read(&file).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    Results::read(&text).map_err(unusable)
}
