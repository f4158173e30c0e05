//! What the parts of one run have in common.

use std::fmt::Debug;

use super::{MergeError, Part};
use crate::report::recorded::{Count, End, Start, Support};
use crate::run::event::StopReason;

/// Characters of a value that a message tells.
const MOST_TEXT: usize = 120;

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
    type Of<T> = fn(&Start) -> T;
    let facts: [(&'static str, Of<String>); 17] = [
        ("the program", |start| format!("{} {}", start.tool.name, start.tool.version)),
        ("the target", |start| start.facts.target.clone()),
        ("the guides", |start| words(&start.facts.guides)),
        ("the packages that are judged by", |start| words(&start.catalogues)),
        ("the packages that could not be had", |start| words(&start.missing)),
        ("the suites", |start| start.facts.suites.join(", ")),
        ("the plan", |start| start.plan.sha256.clone()),
        ("the number of cases of the plan", |start| format!("{} with {} required", start.plan.cases, start.plan.required)),
        ("whether member data is shown", |start| start.member_data().to_owned()),
        ("the pseudonyms of members: PAYERSPEC_PSEUDONYM_KEY was another", |start| start.pseudonyms.clone()),
        ("the members", |start| start.members.join(", ")),
        ("--strict", |start| start.facts.strict.to_string()),
        ("--allow-inconclusive", |start| start.facts.allow_inconclusive.to_string()),
        ("the faults of the reference payer", |start| start.facts.faults.join(", ")),
        ("--as-of", |start| start.facts.as_of.map(|day| day.to_string()).unwrap_or_default()),
        ("the facts that the payer gave", |start| start.facts.payer_facts.join(", ")),
        ("the attestations", |start| start.facts.attestations.iter().map(|said| format!("{said:?}")).collect()),
    ];
    for (what, of) in facts {
        same(one, other, what, of(&one.start), of(&other.start))?;
    }
    same_of(one, other, "the rows of the requirement lists", &one.start.requirements, &other.start.requirements)
}

/// In what they harvested, as far as they came to it: it is the same record.
fn harvested(one: &Part, other: &Part) -> Result<(), MergeError> {
    let came = |end: &End| !end.harvested.is_empty() || end.stop == StopReason::Completed;
    if !came(&one.end) || !came(&other.end) {
        return Ok(());
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
    let values =
        [mine, yours].map(|value| if value.is_empty() { "none".to_owned() } else { crate::report::clean::shorten(&value, MOST_TEXT) });
    Err(MergeError::Different { one: one.path.clone(), other: other.path.clone(), what, values })
}

fn same_of<T: Debug + PartialEq + ?Sized>(one: &Part, other: &Part, what: &'static str, mine: &T, yours: &T) -> Result<(), MergeError> {
    if mine == yours {
        return Ok(());
    }
    let (mine, yours) = (format!("{mine:?}"), format!("{yours:?}"));
    // From where they differ, which may be far behind.
    let start = mine.chars().zip(yours.chars()).take_while(|(one, other)| one == other).count().saturating_sub(MOST_TEXT / 2);
    let from = |text: &str| text.chars().skip(start).collect::<String>();
    same(one, other, what, from(&mine), from(&yours))
}

fn words<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
