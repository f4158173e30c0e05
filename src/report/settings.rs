//! What two records have to have in common to belong to one run.

use super::clean::{clean, shorten};
use super::recorded::Start;

/// Characters of a value that a message tells.
const MOST_TEXT: usize = 120;

/// What a record says of something.
pub type Of<T = Start> = fn(&T) -> String;

/// What decides what is asked, of whom, and how it is told. The plan itself is known only when the server has said what it offers.
pub const OF_RUN: [(&str, Of); 14] = [
    ("the program", |start| format!("{} {}", start.tool.name, start.tool.version)),
    ("the target", |start| start.facts.target.clone()),
    ("the guides", |start| words(&start.facts.guides)),
    ("the packages that are judged by", |start| words(&start.catalogues)),
    ("the packages that could not be had", |start| words(&start.missing)),
    ("the suites", |start| start.facts.suites.join(", ")),
    ("whether member data is shown", |start| start.member_data().to_owned()),
    ("the pseudonyms of members: PAYERSPEC_PSEUDONYM_KEY was another", |start| start.pseudonyms.clone()),
    ("the members", |start| start.members.join(", ")),
    ("the reference payer", |start| start.facts.payer.clone()),
    ("the faults of the reference payer", |start| start.facts.faults.join(", ")),
    ("--as-of", |start| start.facts.as_of.map(|day| day.to_string()).unwrap_or_default()),
    ("the facts that the payer gave", |start| start.facts.payer_facts.join(", ")),
    ("what [facts] says", |start| start.payer_facts_said.clone()),
];

/// What decides what the cases come to.
pub const OF_VERDICT: [(&str, Of); 5] = [
    ("the plan", |start| start.plan.sha256.clone()),
    ("the number of cases of the plan", |start| format!("{} with {} required", start.plan.cases, start.plan.required)),
    ("--strict", |start| start.facts.strict.to_string()),
    ("--allow-inconclusive", |start| start.facts.allow_inconclusive.to_string()),
    ("the attestations", |start| start.facts.attestations.iter().map(|said| format!("{said:?}")).collect()),
];

/// The first of these in which two differ, with what each says.
pub fn difference<T>(of: &[(&'static str, Of<T>)], one: &T, other: &T) -> Option<(&'static str, [String; 2])> {
    of.iter().find_map(|(what, of)| {
        let (mine, yours) = (of(one), of(other));
        (mine != yours).then(|| (*what, [told(&mine), told(&yours)]))
    })
}

/// A value for a message.
pub fn told(value: &str) -> String {
    if value.is_empty() { "none".to_owned() } else { shorten(&clean(value), MOST_TEXT) }
}

fn words<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
