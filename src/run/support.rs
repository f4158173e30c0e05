//! Which must-support elements the member's record shows: counted over the resources of each profile, and not judged, since a payer may have
//! nothing to send.

pub use crate::check::support::{Shown, Support};
use crate::check::{Counts, Samples, Verdicts};
use crate::fhir::reference::split_canonical;
use crate::plan::Plan;

/// Looks at the harvested resources of every profile that a case of the plan judges by.
pub fn observed(plan: &Plan, counts: &Counts, records: &[(Samples, Verdicts)], base: &str) -> Vec<Support> {
    let mut all: Vec<Support> = Vec::new();
    let judged = plan.cases.iter().filter(|case| case.checks().iter().any(|check| check.id == "profile.claimed"));
    for (resource_type, canonical) in judged.filter_map(|case| Some((case.about.resource_type.as_deref()?, case.about.value.as_deref()?))) {
        if all.iter().any(|known| known.profile == split_canonical(canonical).0) {
            continue;
        }
        let support = counts.support(records, base, resource_type, canonical);
        all.extend(support.filter(|support| support.resources > 0 && !support.elements.is_empty()).map(|support| Support::clone(&support)));
    }
    // Whatever the order of the cases: the parts of a run tell together what the whole tells.
    all.sort_by(|one, other| one.profile.cmp(&other.profile));
    all
}
