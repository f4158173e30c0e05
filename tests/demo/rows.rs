//! Whether the cases of a plan ask for every row of the guide's requirement list that cases can answer.

use globset::Glob;
use payerspec::plan::Plan;

/// Rows that no case asks for, though they say neither what they need nor why they are excluded.
pub fn unasked(plan: &Plan) -> Vec<String> {
    let answerable =
        plan.requirements.iter().filter(|row| row.needs_facts.is_none() && row.needs_statement.is_none() && row.excluded_because.is_none());
    let unasked = answerable.filter(|row| {
        let patterns: Vec<_> = row.verified_by.iter().map(|pattern| Glob::new(pattern).unwrap().compile_matcher()).collect();
        let names = |id: &String| *id == row.id || Some(id) == row.carried_from.as_ref();
        !plan.cases.iter().any(|case| case.requirements().iter().any(names) || patterns.iter().any(|pattern| pattern.is_match(case.id())))
    });
    unasked.map(|row| format!("{}: {} is answered by {:?}", row.id, row.text, row.verified_by)).collect()
}
