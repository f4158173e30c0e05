//! Catalogue, declaration and suites make the plan: a pure function.

mod bar;
mod case;
mod digest;
mod expand;
mod operation;
mod search;
mod select;
mod shared;
mod step;
mod undeclared;
mod words;

pub use bar::Bar;
pub use case::{Case, Part, Plan, Template};
pub use operation::inputs;
pub use select::{Selection, SelectionError, is_in};
pub use step::Step;
pub use words::Words;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::check::Declared;
use crate::guide::requirements::{self, Requirement};
use crate::guide::{Catalogue, GuideId};
use crate::suite::Suite;

/// Generates every case, in the order of suites, types and declarations. The same input gives the same plan. Cases that write apply only
/// where writes are allowed.
pub fn plan(suites: &[Suite], catalogue: &Catalogue, declared: &Declared, allow_writes: bool) -> Plan {
    let bar = Bar::new(catalogue, declared);
    let mut requirements = requirements(suites, catalogue);
    if let Some(day) = declared.as_of {
        let loaded = catalogue.packages();
        requirements.iter_mut().for_each(|row| row.settle(&loaded, day));
    }
    let mut cases: Vec<Case> = Vec::new();
    let shared = shared::Shared::default();
    for suite in suites {
        if !is_meant(suite, catalogue) {
            continue;
        }
        for template in &suite.cases {
            cases.extend(expand::expand((suite, template), catalogue, &requirements, &bar, allow_writes, &shared));
        }
    }
    keep_first(&mut cases);
    cases.shrink_to_fit();
    Plan { cases, requirements, ..Plan::default() }
}

/// Every row that counts in a run: those of the lists, and those that the suites define themselves.
pub fn requirements(suites: &[Suite], catalogue: &Catalogue) -> Vec<Requirement> {
    let guides: Vec<GuideId> = catalogue.guides().iter().map(|guide| guide.id.clone()).collect();
    let own = suites.iter().filter(|suite| is_meant(suite, catalogue)).flat_map(|suite| suite.requirements.clone());
    requirements::applying(&guides).into_iter().chain(own).collect()
}

/// Drops every case whose id an earlier one has.
fn keep_first(cases: &mut Vec<Case>) {
    // 128 bits under secret keys stand for the ids, which together are large.
    let hashers = [RandomState::new(), RandomState::new()];
    let mut seen = HashSet::with_capacity(cases.len());
    let mut id = String::new();
    cases.retain(|case| {
        id.clear();
        case.write_id(&mut id);
        seen.insert(hashers.each_ref().map(|hasher| hasher.hash_one(&id)))
    });
}

/// Whether a suite is for a guide that is judged, at its version.
fn is_meant(suite: &Suite, catalogue: &Catalogue) -> bool {
    let Some(wanted) = &suite.guide else { return true };
    let fits = |version: &str| suite.versions.as_ref().is_none_or(|versions| versions.include(version));
    catalogue.guides().iter().any(|guide| (guide.short_name == *wanted || guide.id.package == *wanted) && fits(&guide.id.version))
}
