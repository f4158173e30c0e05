//! Catalogue, declaration and suites make the plan: a pure function.

mod bar;
mod case;
mod expand;
mod search;
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
        if suite.guide.as_ref().is_some_and(|wanted| catalogue.guides().iter().all(|guide| guide.short_name != *wanted)) {
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
