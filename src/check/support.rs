//! Which must-support elements the resources of a profile show: counted over all that was harvested.

use std::sync::Arc;

use serde::Serialize;

use super::once::Once;
use super::said::{Said, code, id, said};
use super::samples::Samples;
use super::verdicts::{Harvest, Verdicts};
use crate::fhir::json::Value;
use crate::fhir::reference::split_canonical;
use crate::fhir::resource;
use crate::validate::Presence;

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

impl Support {
    /// Looks at the harvested resources of a profile; `None` where the profile is not known.
    pub fn of(records: &[(Samples, Verdicts)], base: &str, resource_type: &str, canonical: &str) -> Option<Self> {
        let profile = split_canonical(canonical).0;
        let wanted = records.first()?.1.observer().profile(profile)?;
        let elements = wanted.elements().iter().map(|element| Shown { element: element.clone(), ..Shown::default() }).collect();
        let mut support = Self { profile: profile.to_owned(), resources: 0, elements };
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
        Some(support)
    }
}

impl Shown {
    fn count(&mut self, presence: Presence, resource_type: &str, sample: &Arc<Value>) {
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
