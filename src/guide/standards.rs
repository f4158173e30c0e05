//! Versions of standards that rules adopt, and on which days.

use serde::Deserialize;

use super::facts::GuideId;
use crate::fhir::day::Day;

/// One version of a standard.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Standard {
    package: String,
    /// For people.
    name: String,
    version: String,
    /// Where it is adopted or recommended.
    section: String,
    /// The first day on which it is not any more.
    until: Option<Day>,
}

#[derive(Deserialize)]
struct Table {
    standard: Vec<Standard>,
}

fn read() -> Vec<Standard> {
    // A test reads the table, so that nothing is dropped here.
    toml::from_str(include_str!("../../profiles/cms/standards.toml")).map(|table: Table| table.standard).unwrap_or_default()
}

/// Why the version of a package that a run goes by, itself or by what it depends on, is not one that is in force on a day. `None` when it is,
/// or when the run does not go by that package at all.
pub fn why_not(package: &str, loaded: &[GuideId], on: Day) -> Option<String> {
    let loaded = loaded.iter().find(|guide| guide.package == package)?;
    let versions: Vec<Standard> = read().into_iter().filter(|standard| standard.package == package).collect();
    let is_in_force = |standard: &&Standard| standard.until.is_none_or(|until| on < until);
    if versions.iter().filter(is_in_force).any(|standard| standard.version == loaded.version) {
        return None;
    }
    let name = versions.first().map_or(package, |standard| &standard.name);
    let in_force: Vec<String> =
        versions.iter().filter(is_in_force).map(|standard| format!("{} ({})", standard.version, standard.section)).collect();
    let gone = versions.iter().find(|standard| standard.version == loaded.version).and_then(|standard| standard.until);
    let gone = gone.map_or_else(|| "it is not adopted".to_owned(), |until| format!("adopted before {until} only"));
    Some(format!("the run goes by {name} {}, {gone}; on {on} it is {}", loaded.version, in_force.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_in_force_until_its_last_day_and_another_never() {
        assert!(read().len() >= 4, "the table is read");
        let said = |version: &str, on: &str| {
            let loaded = [GuideId::new("hl7.fhir.us.carin-bb", "2.0.0"), GuideId::new("hl7.fhir.us.core", version)];
            why_not("hl7.fhir.us.core", &loaded, on.parse().unwrap())
        };
        assert_eq!(said("3.1.1", "2025-12-31"), None);
        assert_eq!(said("6.1.0", "2026-01-01"), None);
        let gone = said("3.1.1", "2026-01-01").unwrap();
        assert!(gone.contains("US Core 3.1.1, adopted before 2026-01-01 only; on 2026-01-01 it is 6.1.0 (45 CFR"), "{gone}");
        assert!(said("7.0.0", "2026-01-01").unwrap().contains("7.0.0, it is not adopted"));
        assert_eq!(why_not("hl7.fhir.us.core", &[], "2026-01-01".parse().unwrap()), None);
    }
}
