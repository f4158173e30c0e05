//! Requirement lists: what guides and rules ask of payers in words, row by row, and which cases answer it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use globset::Glob;
use serde::{Deserialize, Serialize};

use super::cpcds;
use super::facts::GuideId;
use super::standards;
use crate::fhir::day::Day;

/// One row of a requirement list, in our words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requirement {
    /// Such as `carin-bb-2.0.0@100`; a list of the program names the row only.
    pub id: String,
    /// SHALL, SHALL NOT, SHOULD, SHOULD NOT, MAY, or DEPRECATED.
    pub verb: String,
    /// Whom it binds: `payer`, `app` or `both`.
    #[serde(default = "payer")]
    pub actor: String,
    /// What is asked, in short.
    pub text: String,
    /// The page of the guide, the profile, or the section of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// What its list is called where its rows are counted; the own list of a guide goes without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Patterns of what answers it, beside the cases that name it themselves: of ids of cases, such as `*.read`, or of questions of suites,
    /// such as `search-date#*`, in which `*` stands for a placeholder too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified_by: Vec<String>,
    /// Patterns of what breaks it, where its cases judge more: place and rule of a finding, such as `*.outcome*`. Without any, every finding does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken_by: Vec<String>,
    /// Which facts the payer would have to give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs_facts: Option<String>,
    /// What somebody would have to state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs_statement: Option<String>,
    /// Why no run answers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excluded_because: Option<String>,
    /// Names of those facts: with them its cases can answer it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// Whether it asks nothing of a server that does not offer what it is about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub where_offered: bool,
    /// The first day on which it is in force; always, without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The package that it wants in a version which is in force on the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    /// Why it is not in force on the day of a run, which says it itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_in_force: Option<String>,
    /// Every id by which lists of other versions know the same row.
    #[serde(skip)]
    pub same_as: Vec<String>,
}

/// A list as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct List {
    /// What comes before `@` in an id.
    prefix: String,
    /// What it is called where its rows are counted; the own list of a guide goes without.
    title: Option<String>,
    /// The packages in whose runs it counts; without any, in every run. The own list of a guide counts in the runs of that guide.
    #[serde(default)]
    guides: Vec<String>,
    /// The version whose rows hold here too, but for those that are left out or written anew.
    carries_over: Option<String>,
    /// The numbers of the rows of that version that do not hold here.
    #[serde(default)]
    leaves_out: Vec<String>,
    #[serde(default)]
    requirement: Vec<Requirement>,
}

/// A list that was read.
#[derive(Debug)]
struct Listing {
    prefix: String,
    guides: Vec<String>,
    /// The guide whose own list it is.
    of: Option<GuideId>,
    rows: Vec<Requirement>,
}

/// The lists inside this program, those of guides by package and version.
const LISTS: [(Option<(&str, &str)>, &str); 8] = [
    (Some((CARIN, "1.1.0")), include_str!("../../profiles/hl7.fhir.us.carin-bb/1.1.0/requirements.toml")),
    (Some((CARIN, "2.0.0")), include_str!("../../profiles/hl7.fhir.us.carin-bb/2.0.0/requirements.toml")),
    (Some((CARIN, "2.1.0")), include_str!("../../profiles/hl7.fhir.us.carin-bb/2.1.0/requirements.toml")),
    (Some((CARIN, "2.2.0")), include_str!("../../profiles/hl7.fhir.us.carin-bb/2.2.0/requirements.toml")),
    (None, include_str!("../../profiles/hl7.fhir.r4.core/4.0.1/requirements.toml")),
    (None, include_str!("../../profiles/hl7.fhir.uv.smart-app-launch/2.2.0/requirements.toml")),
    (None, include_str!("../../profiles/cms/9115-f/requirements.toml")),
    (None, include_str!("../../profiles/cms/0057-f/requirements.toml")),
];
const CARIN: &str = "hl7.fhir.us.carin-bb";
/// The list of the Common Payer Consumer Data Set.
const DATA_SET: &str = "cpcds";
/// The words that a requirement may be asked with, and whom it may bind.
const VERBS: [&str; 6] = ["SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "MAY", "DEPRECATED"];
const ACTORS: [&str; 3] = ["payer", "app", "both"];

impl Requirement {
    /// Whether it must be met: SHALL or SHALL NOT, and not by the app alone.
    pub fn is_mandatory(&self) -> bool {
        self.verb.starts_with("SHALL") && self.actor != "app"
    }

    /// Whether an id means this row: its own, or that of the row of another version which it was carried over from. A row that a version
    /// writes anew has the same number and asks something else.
    pub fn is_same(&self, id: &str) -> bool {
        self.id == id || self.same_as.iter().any(|same| same == id)
    }

    /// Whether all the facts that it takes are among the given ones.
    pub fn has_facts(&self, given: &[String]) -> bool {
        !self.facts.is_empty() && self.facts.iter().all(|fact| given.contains(fact))
    }

    /// Notes whether it is in force on a day, in a run that goes by these packages.
    pub fn settle(&mut self, loaded: &[GuideId], on: Day) {
        let later = self.from.filter(|from| on < *from).map(|from| format!("it is in force from {from} on; the day of this run is {on}"));
        self.not_in_force = later.or_else(|| standards::why_not(self.standard.as_deref()?, loaded, on));
    }

    /// What is wrong with how it is written, each with what to do.
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        if !VERBS.contains(&self.verb.as_str()) {
            mistakes.push(format!("verb {:?} is none of {}", self.verb, VERBS.join(", ")));
        }
        if !ACTORS.contains(&self.actor.as_str()) {
            mistakes.push(format!("actor {:?} is none of {}", self.actor, ACTORS.join(", ")));
        }
        for pattern in self.verified_by.iter().chain(&self.broken_by) {
            if let Err(error) = Glob::new(pattern) {
                mistakes.push(format!("{pattern:?} is no pattern: {}", error.kind()));
            }
        }
        if self.text.trim().is_empty() {
            mistakes.push("text is empty: say in short what is asked".to_owned());
        }
        if [&self.needs_facts, &self.needs_statement, &self.excluded_because].into_iter().flatten().count() > 1 {
            mistakes.push("it has more than one of needs-facts, needs-statement and excluded-because; keep one".to_owned());
        }
        mistakes
    }
}

/// The rows of a guide's own list, in its order; none when the guide has no list here.
pub fn of(guide: &GuideId) -> Vec<Requirement> {
    lists().iter().find(|list| list.of.as_ref() == Some(guide)).map(|list| list.rows.clone()).unwrap_or_default()
}

/// The rows of every list that counts in a run of these guides: their own lists first.
pub fn applying(guides: &[GuideId]) -> Vec<Requirement> {
    let own = guides.iter().flat_map(of);
    let is_of = |list: &Listing, guide: &GuideId| {
        list.guides.contains(&guide.package) && (list.prefix != DATA_SET || cpcds::is_read_against(guide))
    };
    let counts = |list: &&Listing| list.of.is_none() && (list.guides.is_empty() || guides.iter().any(|guide| is_of(list, guide)));
    own.chain(lists().iter().filter(counts).flat_map(|list| list.rows.clone())).collect()
}

/// Every row of every list.
pub fn all() -> impl Iterator<Item = &'static Requirement> + Clone {
    lists().iter().flat_map(|list| &list.rows)
}

/// Whether an id is of one of the lists here, be there such a row or not.
pub fn is_listed(id: &str) -> bool {
    lists().iter().any(|list| list.prefix == prefix(id))
}

/// Whether a pattern is of questions, as `suite#case`, and not of the ids of cases.
pub fn is_of_questions(pattern: &str) -> bool {
    pattern.contains('#')
}

fn prefix(id: &str) -> &str {
    id.split('@').next().unwrap_or_default()
}

/// What comes after `@`, or all of a row that names its number only.
fn number(row: &Requirement) -> &str {
    row.id.rsplit('@').next().unwrap_or_default()
}

fn lists() -> &'static [Listing] {
    static READ: OnceLock<Vec<Listing>> = OnceLock::new();
    // A test reads every list, so that none is dropped here.
    READ.get_or_init(|| LISTS.iter().filter_map(|(of, text)| listing(*of, text)).chain([data_set()]).collect())
}

/// The Common Payer Consumer Data Set as a list: a row for each Map ID, in runs of the guides that its map is about.
fn data_set() -> Listing {
    let mut rows: Vec<Requirement> = Vec::new();
    for (map_id, name) in cpcds::names() {
        let id = format!("{DATA_SET}@{map_id}");
        match rows.iter_mut().find(|row| row.id == id) {
            Some(row) => row.text.push_str(&format!("; {name}")),
            None => rows.push(Requirement {
                verb: "SHALL".to_owned(),
                actor: payer(),
                text: format!("Can be had where the payer holds it: {name}"),
                section: Some("Common_Payer_Consumer_Data_Set".to_owned()),
                list: Some("CPCDS".to_owned()),
                verified_by: vec![format!("c4bb.facts.cpcds.{map_id}.*")],
                facts: vec!["cpcds".to_owned()],
                needs_facts: Some("whether it holds this".to_owned()),
                where_offered: true,
                id,
                ..Requirement::default()
            }),
        }
    }
    rows.sort_by_key(|row| number(row).parse::<u32>().unwrap_or(u32::MAX));
    Listing { prefix: DATA_SET.to_owned(), guides: vec![CARIN.to_owned()], of: None, rows }
}

fn listing(of: Option<(&str, &str)>, text: &str) -> Option<Listing> {
    let list: List = toml::from_str(text).ok()?;
    let before = list.carries_over.as_deref().zip(of).filter(|(other, (_, version))| other != version);
    let before = before.and_then(|(other, (package, _))| {
        let (of, text) = LISTS.iter().find(|(of, _)| *of == Some((package, other)))?;
        listing(*of, text)
    });
    let anew: BTreeSet<&str> = list.leaves_out.iter().map(String::as_str).chain(list.requirement.iter().map(number)).collect();
    let carried = before.into_iter().flat_map(|before| before.rows).filter(|row| !anew.contains(number(row))).map(|mut row| {
        let id = format!("{}@{}", list.prefix, number(&row));
        row.same_as.push(std::mem::replace(&mut row.id, id));
        row
    });
    let own = list.requirement.iter().cloned();
    let own = own.map(|row| Requirement { id: format!("{}@{}", list.prefix, row.id), list: list.title.clone(), ..row });
    let mut rows: Vec<Requirement> = carried.chain(own).collect();
    rows.sort_by_key(|row| number(row).parse::<u32>().unwrap_or(u32::MAX));
    let of = of.map(|(package, version)| GuideId::new(package, version));
    Some(Listing { prefix: list.prefix, guides: list.guides, of, rows })
}

fn payer() -> String {
    "payer".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_read_and_every_row_says_how_it_is_answered() {
        for (of, text) in LISTS {
            let list: List = toml::from_str(text).unwrap_or_else(|error| panic!("{of:?}: {error}"));
            let ids: BTreeSet<_> = list.requirement.iter().map(|row| row.id.as_str()).collect();
            assert_eq!(ids.len(), list.requirement.len(), "{} names a row twice", list.prefix);
            assert_eq!(of.is_none(), list.title.is_some(), "{}: a list that is no guide's has a title", list.prefix);
        }
        assert_eq!(all().map(|row| &row.id).collect::<BTreeSet<_>>().len(), all().count(), "ids are unique");
        for row in all() {
            assert_eq!(row.mistakes(), [""; 0], "{}", row.id);
            let stated = [&row.needs_statement, &row.excluded_because].into_iter().flatten().count();
            let answered = !row.verified_by.is_empty();
            assert!(stated + usize::from(answered || row.needs_facts.is_some()) == 1, "{} is answered by cases, or says why not", row.id);
            assert!(row.broken_by.is_empty() || answered, "{}", row.id);
        }
    }

    #[test]
    fn a_row_is_the_same_in_another_version_unless_it_is_written_anew() {
        let of_version = |version: &str| of(&GuideId::new(CARIN, version));
        let find = |version: &str, number: &str| {
            of_version(version).into_iter().find(|row| row.id == format!("carin-bb-{version}@{number}")).unwrap()
        };
        assert!(find("2.2.0", "100").is_same("carin-bb-2.0.0@100") && find("2.2.0", "100").is_same("carin-bb-2.1.0@100"));
        assert!(!find("2.2.0", "100").is_same("carin-bb-2.0.0@101") && !find("2.0.0", "100").is_same("carin-bb-2.1.0@100"));
        assert!(!find("1.1.0", "102").is_same("carin-bb-2.0.0@102"), "1.1.0 asks for 401 alone");
        assert!(find("2.2.0", "99").is_same("carin-bb-2.1.0@99") && !find("2.2.0", "99").is_same("carin-bb-2.0.0@99"));
        assert!(of_version("1.1.0").iter().all(|row| !row.is_same("carin-bb-2.0.0@144")), "what is left out is nobody's");
    }

    #[test]
    fn a_row_that_makes_no_sense_is_told() {
        let good = Requirement {
            id: "own@1".to_owned(),
            verb: "SHALL".to_owned(),
            actor: payer(),
            text: "It is.".to_owned(),
            ..Requirement::default()
        };
        assert_eq!(good.mistakes(), [""; 0]);
        let said = |row: Requirement| row.mistakes().join("\n");
        assert!(said(Requirement { verb: "MUST".to_owned(), ..good.clone() }).contains("MUST"));
        assert!(said(Requirement { actor: "server".to_owned(), ..good.clone() }).contains("server"));
        assert!(said(Requirement { verified_by: vec!["a[".to_owned()], ..good.clone() }).contains("no pattern"));
        assert!(said(Requirement { text: " ".to_owned(), ..good.clone() }).contains("text is empty"));
        let two = Requirement { needs_facts: Some("a".to_owned()), needs_statement: Some("b".to_owned()), ..good };
        assert!(said(two).contains("keep one"));
    }
}
