//! Reports from the event stream, one file each.

mod clean;
mod curl;
mod events;
mod files;
mod html;
mod json;
mod junit;
mod markdown;
mod mask;
mod record;
mod requirements;
mod terminal;

use std::io;
use std::path::PathBuf;

use crate::run::event::Event;

pub use clean::clean;
pub use json::SCHEMA;
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
    /// Whether member data stays unmasked.
    pub show_member_data: bool,
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
    /// Opens the reporters. The folder is made, and tried, before anything is sent.
    ///
    /// # Errors
    /// The folder cannot take reports.
    pub fn open(options: &Options) -> Result<Self, ReportError> {
        let mut reporters: Vec<(String, Box<dyn Reporter>)> = Vec::new();
        if let Some(folder) = &options.out {
            let refused = |source| ReportError::Folder { folder: folder.clone(), source };
            std::fs::create_dir_all(folder).map_err(refused)?;
            let events = events::Events::create(&folder.join("events.ndjson"), options.show_member_data).map_err(refused)?;
            let show = options.show_member_data;
            let mut add = |name: &str, reporter: Box<dyn Reporter>| reporters.push((name.to_owned(), reporter));
            add("events.ndjson", Box::new(events));
            add("results.json", Box::new(json::Results::new(folder.join("results.json"), show)));
            add("junit.xml", Box::new(junit::Junit::new(folder.join("junit.xml"), show)));
            add("report.html", Box::new(html::Html::new(folder.join("report.html"), show)));
            add("summary.md", Box::new(markdown::Markdown::new(folder.join("summary.md"), show)));
        }
        // Last, so that the files stand when the verdict is printed.
        reporters.push(("the terminal".to_owned(), Box::new(Terminal::for_process(options))));
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
