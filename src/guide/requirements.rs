//! Requirement lists: what a guide asks of payers in words, row by row, and which cases answer it.

use serde::{Deserialize, Serialize};

use super::facts::GuideId;

/// One row of a requirement list, in our words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requirement {
    /// Such as `carin-bb-2.0.0@100`; a list of a guide names the row only.
    pub id: String,
    /// SHALL, SHALL NOT, SHOULD, SHOULD NOT, MAY, or DEPRECATED.
    pub verb: String,
    /// Whom it binds: `payer`, `app` or `both`.
    #[serde(default = "payer")]
    pub actor: String,
    /// What is asked, in short.
    pub text: String,
    /// The page of the guide, or the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Patterns of the ids of the cases that answer it, beside the cases that name it themselves.
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
    /// The row of another version that it is the same as; cases that name that row answer this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_from: Option<String>,
}

/// A list as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct List {
    /// What comes before `@` in an id.
    prefix: String,
    /// The version whose rows hold here too, but for those that are left out or written anew.
    carries_over: Option<String>,
    /// The numbers of the rows of that version that do not hold here.
    #[serde(default)]
    leaves_out: Vec<String>,
    #[serde(default)]
    requirement: Vec<Requirement>,
}

/// The lists inside this program, by package and version.
const LISTS: [(&str, &str, &str); 4] = [
    (CARIN, "1.1.0", include_str!("../../profiles/hl7.fhir.us.carin-bb/1.1.0/requirements.toml")),
    (CARIN, "2.0.0", include_str!("../../profiles/hl7.fhir.us.carin-bb/2.0.0/requirements.toml")),
    (CARIN, "2.1.0", include_str!("../../profiles/hl7.fhir.us.carin-bb/2.1.0/requirements.toml")),
    (CARIN, "2.2.0", include_str!("../../profiles/hl7.fhir.us.carin-bb/2.2.0/requirements.toml")),
];
const CARIN: &str = "hl7.fhir.us.carin-bb";

impl Requirement {
    /// Whether it must be met: SHALL or SHALL NOT, and not by the app alone.
    pub fn is_mandatory(&self) -> bool {
        self.verb.starts_with("SHALL") && self.actor != "app"
    }
}

/// The rows of a guide's list, in its order; none when the guide has no list here.
pub fn of(guide: &GuideId) -> Vec<Requirement> {
    read(&guide.package, &guide.version)
}

/// Every row of every list.
pub fn all() -> Vec<Requirement> {
    LISTS.iter().flat_map(|(package, version, _)| read(package, version)).collect()
}

fn read(package: &str, version: &str) -> Vec<Requirement> {
    // A test reads every list, so that none is dropped here.
    let text = LISTS.iter().find(|(known, of, _)| *known == package && *of == version).map(|(.., text)| *text);
    let Some(list) = text.and_then(|text| toml::from_str::<List>(text).ok()) else { return Vec::new() };
    let List { prefix, carries_over, leaves_out, requirement: own } = list;
    let number = |row: &Requirement| row.id.rsplit('@').next().unwrap_or_default().to_owned();
    let anew: Vec<String> = leaves_out.into_iter().chain(own.iter().map(number)).collect();
    let carried = carries_over.filter(|other| other != version).map(|other| read(package, &other)).unwrap_or_default();
    let mut rows: Vec<Requirement> = carried.into_iter().filter(|row| !anew.contains(&number(row))).chain(own).collect();
    for row in &mut rows {
        let carried = row.id.contains('@').then(|| std::mem::take(&mut row.id));
        let number = carried.as_ref().map_or_else(|| row.id.clone(), |id| id.rsplit('@').next().unwrap_or_default().to_owned());
        row.id = format!("{prefix}@{number}");
        row.carried_from = row.carried_from.take().or(carried);
    }
    rows.sort_by_key(|row| number(row).parse::<u32>().unwrap_or(u32::MAX));
    rows
}

fn payer() -> String {
    "payer".to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{LISTS, List, all};

    #[test]
    fn every_row_of_every_list_says_how_it_is_answered_and_by_what() {
        for (package, version, text) in LISTS {
            let list: List = toml::from_str(text).unwrap_or_else(|error| panic!("{package} {version}: {error}"));
            let ids: BTreeSet<_> = list.requirement.iter().map(|row| row.id.as_str()).collect();
            assert_eq!(ids.len(), list.requirement.len(), "{package} {version} names a row twice");
        }
        for row in all() {
            let other = [&row.needs_facts, &row.needs_statement, &row.excluded_because].into_iter().flatten().count();
            assert!(other <= 1 && (other == 1) == row.verified_by.is_empty(), "{} is answered by cases, or says why not", row.id);
            assert!(row.broken_by.is_empty() || !row.verified_by.is_empty(), "{}", row.id);
            assert!(["SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "MAY", "DEPRECATED"].contains(&row.verb.as_str()), "{}", row.id);
            assert!(["payer", "app", "both"].contains(&row.actor.as_str()), "{}", row.id);
        }
    }
}
