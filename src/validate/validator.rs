//! Resources judged: by the definition of their type, and by the profiles that they claim or that are asked for.

use std::sync::Arc;

use super::finding::{Finding, clip};
use super::library::Library;
use super::occurrence::Occurrence;
use super::reference::resource_claims;
use super::rules::Rules;
use super::select::{Choice, Selection};
use super::surroundings::Surroundings;
use super::terminology::Terminology;
use super::verdict::{Judged, Verdict};
use super::walk::{Frame, Outside, Walk, Wrong};
use super::{Path, Severity, bundle};
use crate::fhir::json::Value;
use crate::fhir::reference::split_canonical;
use crate::fhir::resource;
use crate::guide::Catalogue;

/// What is asked of every resource.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Hold the guides' own mistakes against the resource as they are written.
    pub literal: bool,
    /// Canonical URLs of profiles that every resource of their type is judged against, whatever it claims.
    pub profiles: Vec<String>,
    /// Asked about codes that the packages do not decide.
    pub terminology: Option<Arc<dyn Terminology>>,
}

/// Judges resources; made once and shared between threads.
#[derive(Debug)]
pub struct Validator {
    library: Library,
    selection: Selection,
    options: Options,
}

impl Validator {
    /// A validator for all that a catalogue holds.
    pub fn new(catalogue: Arc<Catalogue>, options: Options) -> Self {
        Self { selection: Selection::of(&catalogue), library: Library::new(catalogue), options }
    }

    /// Judges one resource. The resources in the entries of a Bundle are judged by calls of their own.
    pub fn validate(&self, resource: &Value, surroundings: &dyn Surroundings) -> Verdict {
        let outside = Outside { library: &self.library, surroundings, options: &self.options };
        let mut walk = Walk::new(&outside);
        let frame = walk.frame(resource);
        let name = resource::type_of(resource).unwrap_or("Resource");
        let path = Path::root(name);
        walk.resource(resource, &path, &frame);
        let mut profiles = walk.claims(resource, &path, &frame);
        for canonical in &self.options.profiles {
            profiles.extend(walk.asked(canonical, resource, &path, &frame));
        }
        profiles.extend(walk.chosen(&self.selection, &profiles, resource, &path, &frame));
        let mut findings = walk.findings;
        if name == "Bundle" {
            findings.extend(bundle::check(resource));
        }
        drop_repeats(&mut findings);
        findings.iter_mut().for_each(Finding::clip);
        let mut resource = resource::key_of(resource).unwrap_or_else(|| name.to_owned());
        clip(&mut resource);
        Verdict { resource, profiles, findings, undecided_codes: walk.undecided }
    }
}

fn drop_repeats(findings: &mut Vec<Finding>) {
    let mut seen = std::collections::HashSet::new();
    findings.retain(|finding| seen.insert((finding.rule.clone(), finding.path.clone(), finding.expected.clone())));
}

impl<'a> Walk<'a> {
    /// Judges a resource by the profiles in its `meta.profile`.
    pub fn claims(&mut self, value: &'a Value, path: &Path<'_>, frame: &Frame<'a>) -> Vec<Judged> {
        let mut judged = Vec::new();
        for (index, claim) in resource_claims(value).enumerate() {
            let meta = path.child("meta");
            let place = meta.child("profile").at(index);
            match self.library.rules(claim) {
                Some(_) if !self.library.is_constraint(claim) => {}
                Some(rules) if resource::type_of(value) == Some(&rules.type_name) => {
                    judged.push(self.judge(rules, value, "named by meta.profile", path, frame));
                }
                Some(rules) => {
                    let message = format!("{claim} is a profile of {}: do not claim it here", rules.type_name);
                    self.error(&place, "profile.type", rules.type_name.clone(), resource::type_of(value).unwrap_or_default(), message);
                }
                None => self.unknown_profile(claim, &place),
            }
        }
        judged
    }

    fn asked(&mut self, canonical: &str, value: &'a Value, path: &Path<'_>, frame: &Frame<'a>) -> Option<Judged> {
        let rules = self.library.rules(canonical)?;
        (resource::type_of(value) == Some(&rules.type_name)).then(|| self.judge(rules, value, "asked for", path, frame))
    }

    /// Judges a resource that claims none of the guide's profiles by the one that is meant for it.
    fn chosen(
        &mut self,
        selection: &'a Selection,
        judged: &[Judged],
        value: &'a Value,
        path: &Path<'_>,
        frame: &Frame<'a>,
    ) -> Option<Judged> {
        let family = selection.family(resource::type_of(value)?)?;
        if judged.iter().any(|judged| family.has(&judged.profile)) {
            return None;
        }
        let library = self.library;
        match family.choose(library, |rule| self.fits(rule, Occurrence::of_resource(value), frame)) {
            Choice::By(rules, because) => Some(self.judge(rules, value, &because, path, frame)),
            Choice::None => None,
            Choice::NoFit(profiles) => {
                let expected = format!("one of {}", profiles.join(", "));
                let message =
                    "give the resource the type and subType of one of the guide's profiles, and claim that profile in meta.profile";
                self.error(path, "profile.no-fit", expected, "its type and subType fit none of them", message);
                None
            }
        }
    }

    fn judge(&mut self, rules: &'a Rules, value: &'a Value, because: &str, path: &Path<'_>, frame: &Frame<'a>) -> Judged {
        let outer = self.judged.replace(&rules.canonical);
        self.profile(rules, Occurrence::of_resource(value), path, frame);
        self.judged = outer;
        Judged { profile: rules.canonical.clone(), because: because.to_owned() }
    }

    fn unknown_profile(&mut self, claim: &str, place: &Path<'_>) {
        let guides: Vec<String> = self.library.catalogue().guides().iter().map(|guide| guide.id.to_string()).collect();
        let (url, version) = split_canonical(claim);
        let loaded = self.library.entry(url).map(|entry| entry.version.clone());
        let actual = match (version, loaded) {
            (Some(version), Some(loaded)) => format!("version {version}, but version {loaded} is loaded"),
            _ => "no such profile".to_owned(),
        };
        let wrong = Wrong {
            severity: Severity::Warning,
            rule: "profile.unknown".into(),
            expected: format!("a profile of {} or of what they depend on", guides.join(", ")),
            actual,
            message: format!("{claim} was not judged: load its guide with --guide or --package"),
        };
        self.report(place, wrong);
    }
}
