//! Mistakes of the guides themselves, as rows of `profiles/errata.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::facts::GuideId;
use crate::fhir::fhirpath::Expression;
use crate::fhir::reference::split_canonical;

/// A mistake of a guide, and what is judged instead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erratum {
    /// Stable name, for findings.
    pub id: String,
    /// Package.
    pub guide: String,
    /// Its versions.
    pub versions: Vec<String>,
    /// What kind of mistake it is.
    pub kind: ErratumKind,
    /// Key of the invariant, or URL of the extension or value set.
    pub key: Option<String>,
    /// What is wrong.
    pub wrong: String,
    /// What is judged instead, in words.
    pub does: String,
    /// FHIRPath that judges in place of the invariant, at the same element.
    pub instead: Option<String>,
    /// The only profile that a binding's mistake is about, by its canonical URL without version.
    pub profile: Option<String>,
    /// Where else an extension may stand.
    pub place: Option<String>,
    #[serde(skip)]
    compiled: OnceLock<Option<Expression>>,
}

/// What kind of mistake a guide has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErratumKind {
    /// Patterns ask for versions of code systems that are not meant.
    PinnedVersions,
    /// An invariant says something else than it means.
    Invariant,
    /// A required binding contradicts what the profile fixes.
    Binding,
    /// An extension may stand where its definition does not say.
    ExtensionContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    erratum: Vec<Erratum>,
}

/// Every row.
pub fn all() -> &'static [Erratum] {
    static ROWS: OnceLock<Vec<Erratum>> = OnceLock::new();
    // The file is part of the program, and a test reads it.
    ROWS.get_or_init(|| toml::from_str::<File>(include_str!("../../profiles/errata.toml")).unwrap_or_default().erratum)
}

/// The row about an invariant of a guide.
pub fn of_invariant(guide: &GuideId, key: &str) -> Option<&'static Erratum> {
    all().iter().find(|row| row.kind == ErratumKind::Invariant && row.is_about(guide) && row.key.as_deref() == Some(key))
}

/// The row about versions of code systems in a guide's patterns.
pub fn of_versions(guide: &GuideId) -> Option<&'static Erratum> {
    all().iter().find(|row| row.kind == ErratumKind::PinnedVersions && row.is_about(guide))
}

/// The row about a profile's binding to a value set. Both canonical URLs may carry a version.
pub fn of_binding(guide: &GuideId, profile: &str, value_set: &str) -> Option<&'static Erratum> {
    let unversioned = |canonical| Some(split_canonical(canonical).0);
    let is_this = |row: &&Erratum| row.profile.as_deref() == unversioned(profile) && row.key.as_deref() == unversioned(value_set);
    all().iter().filter(|row| row.kind == ErratumKind::Binding && row.is_about(guide)).find(is_this)
}

/// Whether an extension may stand at an element though its definition does not say so.
pub fn allows_extension(url: &str, place: &str) -> bool {
    all()
        .iter()
        .any(|row| row.kind == ErratumKind::ExtensionContext && row.key.as_deref() == Some(url) && row.place.as_deref() == Some(place))
}

impl Erratum {
    fn is_about(&self, guide: &GuideId) -> bool {
        self.guide == guide.package && self.versions.contains(&guide.version)
    }

    /// What judges in place of the invariant.
    pub fn condition(&self) -> Option<&Expression> {
        self.compiled.get_or_init(|| Expression::parse(self.instead.as_deref()?).ok()).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::{Catalogue, Sources};

    #[test]
    fn every_row_is_about_something_that_its_guides_have() {
        assert!(
            all().len() > 10,
            "the file cannot be read: {:?}",
            toml::from_str::<File>(include_str!("../../profiles/errata.toml")).err()
        );
        for row in all() {
            for version in &row.versions {
                let guide = GuideId::new(&*row.guide, &**version);
                let catalogue = Catalogue::load(&[guide], &Sources::default()).unwrap();
                let profiles = catalogue.profiles();
                if row.kind == ErratumKind::ExtensionContext {
                    assert!(row.place.is_some() && catalogue.profile(row.key.as_ref().unwrap()).is_some(), "{}", row.id);
                    continue;
                }
                if row.kind == ErratumKind::Binding {
                    let profile = catalogue.profile(row.profile.as_ref().unwrap()).unwrap();
                    let bindings = profile.elements.iter().filter_map(|element| element.binding.as_ref()?.value_set.as_deref());
                    assert!(bindings.into_iter().any(|set| split_canonical(set).0 == row.key.as_ref().unwrap()), "{}", row.id);
                    continue;
                }
                let has = profiles.iter().filter_map(|entry| catalogue.profile(&entry.url)).any(|profile| match row.kind {
                    ErratumKind::Invariant => profile.constraints.iter().any(|constraint| row.key.as_ref() == Some(&constraint.key)),
                    _ => profile
                        .elements
                        .iter()
                        .filter_map(|element| element.pattern.as_ref())
                        .any(|pattern| pattern.value.to_string().contains("\"version\"")),
                });
                assert!(has, "{} has nothing to be about in {version}", row.id);
            }
            assert_eq!(row.kind == ErratumKind::Invariant, row.condition().is_some(), "{}", row.id);
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<&str> = all().iter().map(|row| row.id.as_str()).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
