//! `http.status`

use crate::check::outcome::Evidence;
use crate::check::said::{Said, foreign, said};
use crate::check::subject::REFUSALS;
use crate::check::{Check, Subject};
use crate::fhir::outcome::OperationOutcome;

/// The check.
pub const CHECK: Check = Check {
    id: "http.status",
    summary: "every response has a status that the interaction allows",
    why: "R4 http.html: each interaction states its status codes; a case without a list of its own asks for 200. What neither a guide nor the server claims may be refused.",
    accepts: r#"{"steps": [{"request": "GET Patient/1", "status": 200}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient/1", "status": 500}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let allowed = if subject.about.statuses.is_empty() { &[200][..] } else { &subject.about.statuses };
    let mut evidence = Evidence::default();
    for exchange in subject.steps.iter().flatten() {
        let Some(response) = exchange.response() else { continue };
        evidence.examined += 1;
        let refused = subject.about.observed && REFUSALS.contains(&response.status);
        if !refused && !allowed.contains(&response.status) {
            let expected = Said::joined(allowed.iter().map(|status| Said::from(*status)), " or ");
            let text = response.resource().and_then(|body| OperationOutcome::of(body)).and_then(|outcome| outcome.first_text());
            let actual = text.map_or_else(|| response.status.into(), |text| said!("{} ({})", response.status, foreign(text)));
            evidence.deviation("HTTP status", expected, actual);
        }
    }
    evidence
}
