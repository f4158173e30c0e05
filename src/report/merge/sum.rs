//! How the whole run began and ended, from how its parts did.

use std::path::Path;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Part;
use crate::check::said::words;
use crate::report::recorded::{End, PlanFacts, Start, Support};
use crate::run::Scores;
use crate::run::event::StopReason;

/// The start: as the first part says, but of all cases. None without parts.
pub(super) fn start(parts: &[Part], folder: &Path) -> Option<Start> {
    let mut start = parts.first()?.start.clone();
    start.facts.out = Some(folder.display().to_string());
    start.facts.started = parts.iter().map(|part| part.start.facts.started.clone()).min_by_key(|text| instant(text))?;
    start.facts.resumed = parts.iter().flat_map(|part| part.start.facts.resumed.clone()).collect();
    start.facts.resumed.sort_by_key(|one| instant(&one.at));
    start.cases = start.plan.cases;
    start.required = start.plan.required;
    start.plan = PlanFacts { part: None, ..start.plan };
    Some(start)
}

/// The end. Times and requests are those of all parts together: each harvests for itself.
pub(super) fn end(parts: &[Part], scores: &Scores, allow_inconclusive: bool) -> End {
    let stop = parts.iter().map(|part| &part.end.stop).max_by_key(|stop| weight(stop)).cloned().unwrap_or(StopReason::Completed);
    let stale = match stop {
        StopReason::Completed => stale(parts),
        _ => Vec::new(),
    };
    // What a record tells is masked.
    let (verdict, because) = scores.verdict(&stop.told(|why| words(why)), &stale, allow_inconclusive);
    let longest = parts.iter().map(|part| &part.end.harvested).max_by_key(|harvested| harvested.len());
    End {
        verdict,
        because: because.to_string(),
        stop,
        tally: scores.tally,
        finished: parts.iter().map(|part| part.end.finished.clone()).max_by_key(|text| instant(text)).unwrap_or_default(),
        duration_ms: (parts.iter().map(|part| part.end.duration_ms).sum::<f64>() * 1000.0).round() / 1000.0,
        requests: parts.iter().map(|part| part.end.requests).sum(),
        harvested: longest.cloned().unwrap_or_default(),
        stale,
        left: parts.iter().flat_map(|part| part.end.left.clone()).collect(),
        must_support: must_support(parts),
        cpcds: parts.iter().map(|part| &part.end.cpcds).find(|counts| !counts.is_empty()).cloned().unwrap_or_default(),
    }
}

/// Baseline entries that excuse nothing in any part.
fn stale(parts: &[Part]) -> Vec<String> {
    let Some((first, others)) = parts.split_first() else { return Vec::new() };
    first.end.stale.iter().filter(|label| others.iter().all(|part| part.end.stale.contains(label))).cloned().collect()
}

/// Each part tells of the profiles that its cases judge by.
fn must_support(parts: &[Part]) -> Vec<Support> {
    let mut all: Vec<Support> = Vec::new();
    for support in parts.iter().flat_map(|part| &part.end.must_support) {
        if all.iter().all(|known| known.profile != support.profile) {
            all.push(support.clone());
        }
    }
    all.sort_by(|one, other| one.profile.cmp(&other.profile));
    all
}

/// What stopped a part stopped the whole.
fn weight(stop: &StopReason<String>) -> u8 {
    match stop {
        StopReason::Completed => 0,
        StopReason::TimeUp => 1,
        StopReason::Interrupted => 2,
        StopReason::Unmeasurable(_) => 3,
    }
}

/// As a time that can be compared; what is none comes first.
fn instant(text: &str) -> (Option<OffsetDateTime>, String) {
    (OffsetDateTime::parse(text, &Rfc3339).ok(), text.to_owned())
}
