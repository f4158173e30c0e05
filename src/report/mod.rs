//! Reports from the event stream, one file each.

mod clean;
mod cpcds;
mod csv;
pub mod diff;
mod curl;
mod events;
mod files;
mod groups;
mod html;
mod json;
mod junit;
mod markdown;
mod mask;
mod record;
mod requirements;
mod spool;
mod support;
mod terminal;

use std::io;
use std::path::{Path, PathBuf};

use crate::run::event::Event;

pub use clean::clean;
pub use curl::{Line, curl};
pub use files::write_whole;
pub use json::SCHEMA;
pub use mask::Mask;
pub use terminal::{Show, Terminal};

/// Consumes the event stream. An error of one reporter does not stop the others.
pub trait Reporter {
    /// Takes one event.
    ///
    /// # Errors
    /// The report cannot be written.
    fn on(&mut self, event: &Event<'_>) -> io::Result<()>;
}

/// What is to be reported, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folder for the files; none are written without it.
    pub out: Option<PathBuf>,
    /// Which cases the terminal shows.
    pub show: Show,
}

/// A folder that cannot take reports.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It cannot be made or written to.
    #[error("cannot write reports to {folder}: {source}; name another folder with --out")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// All reporters of a run.
pub struct Reporters {
    reporters: Vec<(String, Box<dyn Reporter>)>,
    problems: Vec<String>,
}

impl Reporters {
    /// Opens the reporters, the terminal on the process's own output. The folder is made, and tried, before anything is sent.
    ///
    /// # Errors
    /// The folder cannot take reports.
    pub fn open(options: &Options) -> Result<Self, ReportError> {
        Self::with_terminal(options, Terminal::for_process(options))
    }

    /// As [`Self::open`], with a terminal of the caller's.
    ///
    /// # Errors
    /// The folder cannot take reports.
    pub fn with_terminal(options: &Options, terminal: Terminal) -> Result<Self, ReportError> {
        let mut reporters: Vec<(String, Box<dyn Reporter>)> = Vec::new();
        if let Some(folder) = &options.out {
            reporters = files(folder).map_err(|source| ReportError::Folder { folder: folder.clone(), source })?;
        }
        // Last, so that the files stand when the verdict is printed.
        reporters.push(("the terminal".to_owned(), Box::new(terminal)));
        Ok(Self { reporters, problems: Vec::new() })
    }

    /// Passes an event to every reporter; one that fails is asked no more, and the first thing it said is kept.
    pub fn on(&mut self, event: &Event<'_>) {
        let problems = &mut self.problems;
        self.reporters.retain_mut(|(name, reporter)| match reporter.on(event) {
            Ok(()) => true,
            Err(error) => {
                // A reader of standard output that has gone away is no problem of the run.
                if error.kind() != io::ErrorKind::BrokenPipe {
                    problems.push(format!("{name} could not be written: {error}"));
                }
                false
            }
        });
    }

    /// What could not be written.
    pub fn finish(self) -> Vec<String> {
        self.problems
    }
}

/// A file of the report at `path` that only lives while it is being made.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{suffix}"));
    path.with_file_name(name)
}

/// The reporters that write files.
fn files(folder: &Path) -> io::Result<Vec<(String, Box<dyn Reporter>)>> {
    std::fs::create_dir_all(folder)?;
    let path = |name: &str| folder.join(name);
    // What an earlier run left must not pass for this run's, should this one be killed.
    for name in ["results.json", "junit.xml", "report.html", "summary.md", "requirements.csv", "cpcds.csv"] {
        drop(std::fs::remove_file(path(name)));
    }
    let texts = json::Texts::default();
    let reporters: [(&str, Box<dyn Reporter>); 7] = [
        ("events.ndjson", Box::new(events::Events::create(&path("events.ndjson"), texts.clone())?)),
        ("results.json", Box::new(json::Results::new(path("results.json"), texts))),
        ("junit.xml", Box::new(junit::Junit::new(path("junit.xml")))),
        ("report.html", Box::new(html::Html::new(path("report.html")))),
        ("cpcds.csv", Box::new(cpcds::CpcdsCsv::new(path("cpcds.csv")))),
        ("requirements.csv", Box::new(csv::RequirementsCsv::new(path("requirements.csv")))),
        ("summary.md", Box::new(markdown::Markdown::new(path("summary.md")))),
    ];
    Ok(reporters.into_iter().map(|(name, reporter)| (name.to_owned(), reporter)).collect())
}
