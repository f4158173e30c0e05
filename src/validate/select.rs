//! Which of a guide's profiles a resource is judged by when it claims none of them.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::library::Library;
use super::rules::{Rule, Rules};
use crate::fhir::reference::split_canonical;
use crate::guide::Catalogue;

/// The elements that tell a guide's profiles of one type apart.
const TELLING: [&str; 2] = ["type", "subType"];
/// The element that says what for a resource of the type is: where no profile of the guide is for that, none is meant.
const PURPOSE: &str = "use";

/// What the wanted guides say about which profile a resource has, by resource type.
#[derive(Debug, Default)]
pub struct Selection {
    by_type: HashMap<String, Family>,
}

/// The profiles of one type.
#[derive(Debug, Default)]
pub struct Family {
    /// Canonical URLs without version of the profiles that resources can have.
    members: Vec<String>,
    /// Whether they exclude each other, so that the content decides; else there is only one.
    pub is_exclusive: bool,
    /// Members of which another one is made: they count only where claimed.
    bases: OnceLock<HashSet<String>>,
}

/// Why a profile was chosen.
pub enum Choice<'a> {
    /// By this profile, for that reason.
    By(&'a Rules, String),
    /// By none, though one should fit; the canonical URLs that do not.
    NoFit(Vec<String>),
    /// By none, and none is needed.
    None,
}

impl Selection {
    /// Works out the families of the wanted guides. An abstract profile of a type makes its concrete ones exclude each other; without
    /// one, the type's only supported profile in the guide's CapabilityStatement is meant for every resource of the type.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut by_type: HashMap<String, Family> = HashMap::new();
        let profiles: Vec<_> =
            catalogue.profiles().into_iter().filter(|entry| entry.kind == "resource" && entry.derivation == "constraint").collect();
        for family in profiles.iter().filter(|entry| entry.is_abstract) {
            let members =
                profiles.iter().filter(|entry| !entry.is_abstract && entry.type_name == family.type_name && entry.guide == family.guide);
            let members = members.map(|entry| entry.url.clone()).collect();
            by_type.entry(family.type_name.clone()).or_insert(Family { members, is_exclusive: true, bases: OnceLock::new() });
        }
        for (_, expected) in catalogue.expectations() {
            for (resource_type, resource) in &expected.resources {
                let supported: HashSet<&str> = resource.supported_profiles.iter().map(|stated| split_canonical(&stated.value).0).collect();
                if let [only] = supported.into_iter().collect::<Vec<_>>().as_slice() {
                    let family = Family { members: vec![(*only).to_owned()], is_exclusive: false, bases: OnceLock::new() };
                    by_type.entry(resource_type.clone()).or_insert(family);
                }
            }
        }
        Self { by_type }
    }

    /// The family of a resource type.
    pub fn family(&self, resource_type: &str) -> Option<&Family> {
        self.by_type.get(resource_type)
    }
}

impl Family {
    /// Whether a canonical URL names one of the profiles.
    pub fn has(&self, canonical: &str) -> bool {
        self.members.iter().any(|member| member == split_canonical(canonical).0)
    }

    /// The profile by which a resource is judged. `fits` says whether it meets an element's rule.
    pub fn choose<'a>(&'a self, library: &'a Library, mut fits: impl FnMut(&'a Rule) -> bool) -> Choice<'a> {
        if !self.is_exclusive {
            let only = self.members.first().and_then(|member| library.rules(member));
            return only.map_or(Choice::None, |rules| Choice::By(rules, "the guide's only profile of the type".to_owned()));
        }
        let bases = self.bases.get_or_init(|| self.work_out_bases(library));
        let leaves: Vec<&'a String> = self.members.iter().filter(|member| !bases.contains(*member)).collect();
        let purposes = leaves.iter().filter_map(|member| library.rules(member)).map(|rules| rules.root.children.iter());
        let mut purposes =
            purposes.map(|mut rules| rules.find(|rule| rule.name == PURPOSE && (rule.pattern.is_some() || rule.fixed.is_some())));
        if !leaves.is_empty() && purposes.all(|rule| rule.is_some_and(|rule| !fits(rule))) {
            return Choice::None;
        }
        for member in &leaves {
            let Some(rules) = library.rules(member) else { continue };
            let telling: Vec<&'a Rule> = rules.root.children.iter().filter(|rule| TELLING.contains(&rule.name.as_str())).collect();
            let says = |rule: &&Rule| rule.pattern.is_some() || rule.fixed.is_some() || rule.binding.is_some();
            let names: Vec<&str> = telling.iter().filter(|rule| says(rule)).map(|rule| rule.name.as_str()).collect();
            if !names.is_empty() && telling.iter().all(|rule| fits(rule)) {
                return Choice::By(rules, format!("its {} fit", names.join(" and ")));
            }
        }
        Choice::NoFit(leaves.into_iter().cloned().collect())
    }

    fn work_out_bases(&self, library: &Library) -> HashSet<String> {
        let profiles = self.members.iter().filter_map(|member| library.catalogue().profile(member));
        profiles.filter_map(|profile| profile.base.as_deref().map(|base| split_canonical(base).0.to_owned())).collect()
    }
}
