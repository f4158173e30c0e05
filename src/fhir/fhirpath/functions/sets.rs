//! Functions on whole collections: `distinct`, `union`, `combine`, `intersect`, `exclude`.

use super::{Function, function};
use crate::fhir::fhirpath::equality;

pub const FUNCTIONS: &[Function] = &[
    function("distinct", 0, 0, |evaluator, items, _, _| equality::distinct(evaluator, items.iter().cloned())),
    function("union", 1, 1, |evaluator, items, call, scope| {
        equality::distinct(evaluator, items.iter().cloned().chain(evaluator.argument(call, 0, scope)?))
    }),
    function("combine", 1, 2, |evaluator, items, call, scope| {
        let mut all = items.to_vec();
        all.extend(evaluator.argument(call, 0, scope)?);
        evaluator.charge(all.len())?;
        Ok(all)
    }),
    function("intersect", 1, 1, |evaluator, items, call, scope| {
        let other = evaluator.argument(call, 0, scope)?;
        let mut common = Vec::new();
        for item in items {
            if equality::holds(evaluator, &other, item)? {
                common.push(item.clone());
            }
        }
        equality::distinct(evaluator, common)
    }),
    function("exclude", 1, 1, |evaluator, items, call, scope| {
        let other = evaluator.argument(call, 0, scope)?;
        let mut kept = Vec::new();
        for item in items {
            if !equality::holds(evaluator, &other, item)? {
                kept.push(item.clone());
            }
        }
        Ok(kept)
    }),
];
