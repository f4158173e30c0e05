//! Writes every report anew from the record of a run.

use std::io;
use std::path::Path;

use super::recorded::{Broken, FILE, Line, Recorded, Recording};
use super::{ReportError, Reporters, files};

/// A record whose reports cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// It cannot be used.
    #[error(transparent)]
    Record(#[from] Broken),
    /// There is no place for the reports.
    #[error(transparent)]
    Folder(#[from] ReportError),
}

/// Writes into a folder what the run wrote, byte by byte, the record included. The record may be in that folder already. Gives what could
/// not be written.
///
/// # Errors
/// The record is not whole, or the folder cannot take reports.
pub fn render(record: &Path, folder: &Path) -> Result<Vec<String>, RenderError> {
    // Read first to its end: a record that is of no use must not cost the reports that are there.
    let mut recording = Recording::open(record)?;
    while recording.next_line()?.is_some() {}
    let evidence = recording.sha256();
    let mut recording = Recording::open(record)?;
    let unfit = |source| ReportError::Folder { folder: folder.to_owned(), source };
    let mut reporters = Reporters::of(files(folder).map_err(unfit)?);
    copy(recording.path(), folder).map_err(unfit)?;
    while let Some(line) = recording.next_line()? {
        reporters.retell(line, &evidence);
    }
    Ok(reporters.finish())
}

impl Reporters {
    /// Passes on a line of a record; `evidence` is the record's digest.
    fn retell(&mut self, line: Line, evidence: &str) {
        match line {
            Line::Recording { .. } => {}
            Line::Started(start) => self.begin(*start),
            Line::Stage(stage) => self.tell(&Recorded::Stage(stage)),
            Line::Harvested(harvest) => self.tell(&Recorded::Harvested(&harvest)),
            Line::Retried { url, reason } => self.tell(&Recorded::Retried { url: &url, reason: &reason }),
            Line::CaseStarted { index, id } => self.tell(&Recorded::CaseStarted { index, id: &id }),
            Line::Case { index, case, tally } => self.tell(&Recorded::Case { index, case: &case, tally }),
            Line::Finished(end) => self.end(&end, Some(evidence)),
        }
    }
}

/// Puts the record beside its reports, unless it is there.
fn copy(record: &Path, folder: &Path) -> io::Result<()> {
    let path = folder.join(FILE);
    if path.exists() && path.canonicalize()? == record.canonicalize()? {
        return Ok(());
    }
    std::fs::copy(record, path).map(drop)
}
