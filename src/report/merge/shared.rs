//! A case that stands in every part: one that is judged from the answers to all others, of which each part has its own.

use crate::report::recorded::{Case, Exchange};

/// The case as one run would have judged it, from how each part did. `examined` is how much all answers together show to examine.
pub(super) fn one_of(cases: Vec<Case>, examined: usize) -> Option<Case> {
    let mut cases = cases.into_iter();
    let first = cases.next()?;
    let mut one = cases.fold(first, |one, other| {
        let (mut worse, other) = if other.outcome.precedence() > one.outcome.precedence() { (other, one) } else { (one, other) };
        worse.examined += other.examined;
        worse.more_findings += other.more_findings;
        worse.more_exchanges += other.more_exchanges;
        worse.duration_ms += other.duration_ms;
        worse.ran &= other.ran;
        for finding in other.findings {
            if !worse.findings.contains(&finding) {
                worse.findings.push(finding);
            }
        }
        for exchange in other.exchanges {
            let is_same = |known: &Exchange| (&known.method, &known.url) == (&exchange.method, &exchange.url);
            if !worse.exchanges.iter().any(is_same) {
                worse.exchanges.push(exchange);
            }
        }
        worse
    });
    // Each part counts what several of them saw.
    if one.examined > 0 {
        one.examined = examined;
    }
    one.in_order();
    one.duration_ms = (one.duration_ms * 1000.0).round() / 1000.0;
    Some(one)
}
