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
use crate::guide::{Catalogue, requirements};
use crate::suite::Suite;

/// Generates every case, in the order of suites, types and declarations. The same input gives the same plan. Cases that write apply only
/// where writes are allowed.
pub fn plan(suites: &[Suite], catalogue: &Catalogue, declared: &Declared, allow_writes: bool) -> Plan {
    let bar = Bar::new(catalogue, declared);
    let mut cases: Vec<Case> = Vec::new();
    let shared = shared::Shared::default();
    for suite in suites {
        if !is_meant(suite, catalogue) {
            continue;
        }
        for template in &suite.cases {
            cases.extend(expand::expand(suite, template, catalogue, &bar, allow_writes, &shared));
        }
    }
    keep_first(&mut cases);
    cases.shrink_to_fit();
    let listed = catalogue.guides().iter().flat_map(|guide| requirements::of(&guide.id));
    let requirements = listed.chain(suites.iter().flat_map(|suite| suite.requirements.clone())).collect();
    Plan { cases, requirements, ..Plan::default() }
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
