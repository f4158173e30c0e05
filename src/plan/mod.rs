//! Catalogue, declaration and suites make the plan: a pure function.

mod bar;
mod case;
mod expand;
mod select;

pub use bar::Bar;
pub use case::{Case, Plan, Step};
pub use select::{Selection, SelectionError};

use crate::check::Declared;
use crate::guide::Catalogue;
use crate::suite::Suite;

/// Generates every case, in the order of suites, types and declarations. The same input gives the same plan. Cases that write apply only
/// where writes are allowed.
pub fn plan(suites: &[Suite], catalogue: &Catalogue, declared: &Declared, allow_writes: bool) -> Plan {
    let bar = Bar::new(catalogue, declared);
    let mut cases = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for suite in suites {
        if !is_meant(suite, catalogue) {
            continue;
        }
        for template in &suite.cases {
            for case in expand::expand(suite, template, catalogue, &bar, allow_writes) {
                if seen.insert(case.id.clone()) {
                    cases.push(case);
                }
            }
        }
    }
    Plan { cases, requirements: suites.iter().flat_map(|suite| suite.requirements.clone()).collect() }
}

/// Whether a suite is for a guide that is judged, at its version.
fn is_meant(suite: &Suite, catalogue: &Catalogue) -> bool {
    let Some(wanted) = &suite.guide else { return true };
    let fits = |version: &str| suite.versions.as_ref().is_none_or(|versions| versions.include(version));
    catalogue.guides().iter().any(|guide| guide.short_name == *wanted && fits(&guide.id.version))
}
