//! Catalogue, declaration and suites make the plan: a pure function.

mod bar;
mod case;
mod expand;
mod select;
mod step;
mod words;

pub use bar::Bar;
pub use case::{Case, Plan, Template};
pub use select::{Selection, SelectionError};
pub use step::Step;
pub use words::Words;

use std::collections::HashSet;

use crate::check::Declared;
use crate::guide::Catalogue;
use crate::suite::Suite;

/// Generates every case, in the order of suites, types and declarations. The same input gives the same plan. Cases that write apply only
/// where writes are allowed.
pub fn plan(suites: &[Suite], catalogue: &Catalogue, declared: &Declared, allow_writes: bool) -> Plan {
    let bar = Bar::new(catalogue, declared);
    let mut cases: Vec<Case> = Vec::new();
    let mut shared = expand::Shared::default();
    for suite in suites {
        if suite.guide.as_ref().is_some_and(|wanted| catalogue.guides().iter().all(|guide| guide.short_name != *wanted)) {
            continue;
        }
        for template in &suite.cases {
            cases.extend(expand::expand(suite, template, catalogue, &bar, allow_writes, &mut shared));
        }
    }
    keep_first(&mut cases);
    Plan { cases, requirements: suites.iter().flat_map(|suite| suite.requirements.clone()).collect() }
}

/// Drops every case whose id an earlier one has.
fn keep_first(cases: &mut Vec<Case>) {
    let mut seen = HashSet::with_capacity(cases.len());
    let mut first = cases.iter().map(|case| seen.insert(case.id.as_str())).collect::<Vec<bool>>().into_iter();
    cases.retain(|_| first.next().unwrap_or_default());
}
