//! Which must-support elements the member's record shows: counted over the resources of each profile, and not judged, since a payer may have
//! nothing to send.

use std::sync::Arc;

use serde::Serialize;

use super::once::Once;
use crate::check::said::{Said, code, id, said};
use crate::check::samples::Samples;
use crate::check::verdicts::{Harvest, Verdicts};
use crate::fhir::reference::split_canonical;
use crate::fhir::resource;
use crate::guide::Catalogue;
use crate::plan::Plan;
use crate::validate::{Observer, Presence};

/// What the resources of one profile show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Support {
    /// Canonical URL without version.
    pub profile: String,
    /// How many resources are of the profile.
    pub resources: usize,
    /// Its must-support elements and slices, in its order.
    pub elements: Vec<Shown>,
}

/// How often one element or slice is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Element id, such as `Patient.identifier:memberid`.
    pub element: String,
    /// Resources that have it.
    pub present: usize,
    /// Resources that have only a reason why it is absent.
    pub reason_only: usize,
    /// Resources that lack it.
    pub lacking: usize,
    /// The first resource that has it.
    #[serde(skip)]
    pub example: Option<Said>,
}

/// Looks at the harvested resources of every profile that a case of the plan judges by.
pub fn observed(plan: &Plan, catalogue: &Arc<Catalogue>, records: &[(Samples, Verdicts)], base: &str) -> Vec<Support> {
    let observer = Observer::new(Arc::clone(catalogue));
    let mut all: Vec<Support> = Vec::new();
    let judged = plan.cases.iter().filter(|case| case.checks().iter().any(|check| check.id == "profile.claimed"));
    for (resource_type, canonical) in judged.filter_map(|case| Some((case.about.resource_type.as_deref()?, case.about.value.as_deref()?))) {
        let profile = split_canonical(canonical).0;
        let Some(wanted) = observer.profile(profile).filter(|_| all.iter().all(|known| known.profile != profile)) else { continue };
        let elements = wanted.elements().iter().map(|element| Shown { element: element.clone(), ..Shown::default() }).collect();
        let mut support = Support { profile: profile.to_owned(), resources: 0, elements };
        let mut once = Once::default();
        for (samples, verdicts) in records {
            let (harvest, said) = (Harvest { samples, base }, verdicts.of(resource_type, samples, base));
            let of_profile = samples
                .of(resource_type)
                .iter()
                .zip(said.iter())
                .filter(|(_, verdict)| verdict.profiles.iter().any(|judged| split_canonical(&judged.profile).0 == profile));
            for (sample, _) in of_profile.filter(|(sample, _)| once.is_new(sample)) {
                let Some(seen) = wanted.of(sample, &harvest) else { continue };
                support.resources += 1;
                support.elements.iter_mut().zip(seen).for_each(|(shown, presence)| shown.count(presence, resource_type, sample));
            }
        }
        if support.resources > 0 && !support.elements.is_empty() {
            all.push(support);
        }
    }
    // Whatever the order of the cases: the parts of a run tell together what the whole tells.
    all.sort_by(|one, other| one.profile.cmp(&other.profile));
    all
}

impl Shown {
    fn count(&mut self, presence: Presence, resource_type: &str, sample: &serde_json::Value) {
        match presence {
            Presence::Present => {
                self.present += 1;
                if self.example.is_none() {
                    self.example = resource::id_of(sample).map(|own| said!("{}/{}", code(resource_type), id(own)));
                }
            }
            Presence::ReasonOnly => self.reason_only += 1,
            Presence::Lacking => self.lacking += 1,
        }
    }
}
