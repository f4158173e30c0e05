//! Reports from the event stream, one file each.

mod clean;
mod cpcds;
mod csv;
pub mod diff;
mod curl;
mod events;
mod files;
mod groups;
mod har;
mod html;
mod json;
mod junit;
mod markdown;
mod mask;
pub mod merge;
mod record;
pub mod recorded;
mod recorder;
pub mod render;
mod requirements;
pub mod resume;
mod settings;
mod spool;
mod support;
mod terminal;
mod test_report;

use std::io;
use std::path::{Path, PathBuf};

use crate::run::event::{Event, Stage};
use events::Events;
use recorded::{Finished, Recorded, Start};
use recorder::Recorder;
use requirements::Requirements;
use resume::Unfinished;

pub use clean::{clean, shorten};
pub use curl::{Line, curl};
pub use files::write_whole;
pub use json::{SCHEMA, VERSION as RESULTS_VERSION};
pub use mask::Mask;
pub use recorded::SCHEMA as EVENTS_SCHEMA;
pub use terminal::{Show, Terminal};

/// Everything measured, for programs.
const RESULTS: &str = "results.json";
/// What is written when a run ends, beside `events.ndjson`.
const FILES: [&str; 8] =
    [RESULTS, "junit.xml", "report.html", "summary.md", "requirements.csv", "cpcds.csv", "evidence.har", "testreport.json"];

/// Consumes the record of a run. An error of one reporter does not stop the others.
pub trait Reporter {
    /// Takes one event.
    ///
    /// # Errors
    /// The report cannot be written.
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()>;
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

/// All reporters of a run. What happens is recorded once, and all of them work from the record.
pub struct Reporters {
    recorder: Recorder,
    start: Option<Start>,
    requirements: Requirements,
    /// The record itself, when there is a folder for it.
    events: Option<Events>,
    /// Folder of a run that is taken up again, and what it left, until this run's record has it.
    unfinished: Option<(PathBuf, Unfinished)>,
    /// What that run could not delete.
    left: Vec<String>,
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
        let mut all = Self::of(Vec::new());
        if let Some(folder) = &options.out {
            let unfit = |source| ReportError::Folder { folder: folder.clone(), source };
            all.reporters = files(folder).map_err(unfit)?;
            all.recorder = Recorder::new(true);
            all.events = Some(Events::create(&folder.join(recorded::FILE)).map_err(unfit)?);
        }
        // Last, so that the files stand when the verdict is printed.
        all.reporters.push(("the terminal".to_owned(), Box::new(terminal)));
        Ok(all)
    }

    fn of(reporters: Vec<(String, Box<dyn Reporter>)>) -> Self {
        let (recorder, requirements) = (Recorder::default(), Requirements::default());
        Self { recorder, start: None, requirements, events: None, unfinished: None, left: Vec::new(), reporters, problems: Vec::new() }
    }

    /// Records an event and passes it to every reporter; one that fails is asked no more, and the first thing it said is kept.
    pub fn on(&mut self, event: &Event<'_>) {
        if matches!(event, Event::StageStarted { stage: Stage::Judge } | Event::CaseFinished { .. }) {
            self.take_over();
        }
        match event {
            Event::RunStarted { facts, plan, catalogue } => {
                let start = self.recorder.start(facts, plan, catalogue);
                self.open_beside();
                self.begin(start);
            }
            Event::CaseKept { index, known, tally, .. } => self.keep(self.recorder.place(*index), known.clone(), *tally),
            Event::StageStarted { stage } => self.tell(&Recorded::Stage(*stage)),
            Event::Harvested { harvest } => self.tell(&Recorded::Harvested(&self.recorder.harvest(harvest))),
            Event::RequestRetried { url, reason } => {
                let (url, reason) = self.recorder.retried(url, reason);
                self.tell(&Recorded::Retried { url: &url, reason: &reason });
            }
            Event::CaseStarted { index, case } => {
                self.tell(&Recorded::CaseStarted { index: self.recorder.place(*index), id: &case.id() });
            }
            Event::CaseFinished { index, case, result, tally } => {
                let index = self.recorder.place(*index);
                let case = self.recorder.case(case, result);
                self.tell(&Recorded::Case { index, case: &case, tally: *tally });
            }
            Event::RunFinished { summary } => {
                let mut end = self.recorder.end(summary);
                end.left.splice(0..0, std::mem::take(&mut self.left));
                self.end(&end, None);
            }
        }
    }

    /// Passes on the start of a run.
    fn begin(&mut self, start: Start) {
        self.requirements.describe(&start);
        self.tell(&Recorded::Started(&start));
        self.start = Some(start);
    }

    /// Passes on the end of a run; `evidence` is the digest of a record that was read.
    fn end(&mut self, end: &recorded::End, evidence: Option<&str>) {
        let start = self.start.take().unwrap_or_default();
        let requirements = std::mem::take(&mut self.requirements);
        let mut finished = Finished { start: &start, end, requirements: &requirements, evidence };
        self.record(&Recorded::Finished(&finished));
        self.keep_events(Events::sync);
        let written = self.events.as_ref().map(Events::sha256);
        finished.evidence = written.as_deref().or(evidence);
        self.pass(&Recorded::Finished(&finished));
    }

    /// Passes on what was recorded.
    fn tell(&mut self, event: &Recorded<'_>) {
        if let Recorded::Case { case, .. } = event {
            self.requirements.count(case);
        }
        self.record(event);
        self.pass(event);
    }

    fn record(&mut self, event: &Recorded<'_>) {
        self.keep_events(|events| events.put(event));
    }

    /// Does something with the record; one that cannot be written is written no more.
    fn keep_events(&mut self, what: impl FnOnce(&mut Events) -> io::Result<()>) {
        if let Some(Err(error)) = self.events.as_mut().map(what) {
            self.problems.push(format!("{} could not be written: {error}", recorded::FILE));
            self.events = None;
        }
    }

    fn pass(&mut self, event: &Recorded<'_>) {
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

/// The reporters that write files, into a folder that is made.
fn files(folder: &Path) -> io::Result<Vec<(String, Box<dyn Reporter>)>> {
    std::fs::create_dir_all(folder)?;
    clear(folder);
    Ok(reporters(folder))
}

/// What an earlier run left must not pass for this run's, should this one be killed.
fn clear(folder: &Path) {
    for name in FILES {
        drop(std::fs::remove_file(folder.join(name)));
    }
}

/// The reporters that write files.
fn reporters(folder: &Path) -> Vec<(String, Box<dyn Reporter>)> {
    let reporter = |name: &str| -> Box<dyn Reporter> {
        let path = folder.join(name);
        match name {
            RESULTS => Box::new(json::Results::new(path)),
            "junit.xml" => Box::new(junit::Junit::new(path)),
            "report.html" => Box::new(html::Html::new(path)),
            "summary.md" => Box::new(markdown::Markdown::new(path)),
            "requirements.csv" => Box::new(csv::RequirementsCsv::new(path)),
            "evidence.har" => Box::new(har::Har::new(path)),
            "testreport.json" => Box::new(test_report::TestReport::new(path)),
            _ => Box::new(cpcds::CpcdsCsv::new(path)),
        }
    };
    FILES.iter().map(|name| ((*name).to_owned(), reporter(name))).collect()
}
