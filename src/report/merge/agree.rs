//! What the parts of one run have in common.

use std::fmt::Debug;

use super::{MergeError, Part};
use crate::report::recorded::{Count, End, Support};
use crate::report::settings::{OF_RUN, OF_VERDICT, Of, difference, told};
use crate::run::event::StopReason;

/// Characters that are told before the place where two values differ.
const MOST_BEFORE: usize = 60;

/// Whether the parts are of one run: of the same server, judged by the same program in the same way, with the same harvest.
pub(super) fn agree(parts: &[Part]) -> Result<(), MergeError> {
    let Some((first, others)) = parts.split_first() else { return Ok(()) };
    for other in others {
        begun(first, other)?;
    }
    for (place, one) in parts.iter().enumerate() {
        for other in parts.iter().skip(place + 1) {
            harvested(one, other)?;
        }
    }
    Ok(())
}

/// In how they began.
fn begun(one: &Part, other: &Part) -> Result<(), MergeError> {
    let differs = |of: &[(&'static str, Of)]| difference(of, &one.start, &other.start);
    if let Some((what, values)) = differs(&OF_RUN).or_else(|| differs(&OF_VERDICT)) {
        return Err(MergeError::Different { one: one.path.clone(), other: other.path.clone(), what, values });
    }
    same_of(one, other, "the rows of the requirement lists", &one.start.requirements, &other.start.requirements)
}

/// In what they harvested, as far as they came to it: it is the same record.
fn harvested(one: &Part, other: &Part) -> Result<(), MergeError> {
    let came = |end: &End| !end.harvested.is_empty() || end.stop == StopReason::Completed;
    if !came(&one.end) || !came(&other.end) {
        return Ok(());
    }
    if let (Some(mine), Some(yours)) = (&one.harvest, &other.harvest) {
        same(one, other, "the members whose record the credentials show", mine.members.join(", "), yours.members.join(", "))?;
    }
    let counts = |end: &End| end.harvested.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ");
    same(one, other, "what was harvested", counts(&one.end), counts(&other.end))?;
    let pairs = one.end.must_support.iter().filter_map(|support| {
        let is_same = |other: &&Support| other.profile == support.profile;
        Some((support, other.end.must_support.iter().find(is_same)?))
    });
    for (mine, yours) in pairs {
        same_of(one, other, "what the record shows of must-support elements", mine, yours)?;
    }
    let (mine, yours): (&[Count], &[Count]) = (&one.end.cpcds, &other.end.cpcds);
    if mine.is_empty() || yours.is_empty() {
        return Ok(());
    }
    same_of(one, other, "what the record shows of the Common Payer Consumer Data Set", mine, yours)
}

fn same(one: &Part, other: &Part, what: &'static str, mine: String, yours: String) -> Result<(), MergeError> {
    if mine == yours {
        return Ok(());
    }
    let values = [mine, yours].map(|value| told(&value));
    Err(MergeError::Different { one: one.path.clone(), other: other.path.clone(), what, values })
}

fn same_of<T: Debug + PartialEq + ?Sized>(one: &Part, other: &Part, what: &'static str, mine: &T, yours: &T) -> Result<(), MergeError> {
    if mine == yours {
        return Ok(());
    }
    let (mine, yours) = (format!("{mine:?}"), format!("{yours:?}"));
    // From where they differ, which may be far behind.
    let start = mine.chars().zip(yours.chars()).take_while(|(one, other)| one == other).count().saturating_sub(MOST_BEFORE);
    let from = |text: &str| text.chars().skip(start).collect::<String>();
    same(one, other, what, from(&mine), from(&yours))
}
