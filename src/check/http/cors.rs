//! `http.cors`

use crate::check::exchange::{Exchange, Response};
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.cors",
    summary: "an app in a browser may read the answer",
    why: "R4 http.html#security: servers SHOULD support cross-origin resource sharing, so that apps in browsers can use them; Fetch standard, CORS protocol.",
    accepts: r#"{"steps": [{"request": "GET metadata", "asked": {"Origin": "https://app.example"}, "status": 200, "headers": {"access-control-allow-origin": "*"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET metadata", "asked": {"Origin": "https://app.example"}, "status": 200}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for exchange in subject.steps.iter().flatten() {
        let Some(response) = exchange.response().filter(|_| exchange.request.header_value("origin").is_some()) else { continue };
        evidence.examined += 1;
        judge_origin(exchange, response, &mut evidence);
    }
    evidence
}

/// Whether a browser would hand the answer to the app that asked.
pub(super) fn judge_origin(exchange: &Exchange, response: &Response, evidence: &mut Evidence) {
    let origin = exchange.request.header_value("origin").unwrap_or_default();
    let expected = said!("* or {}", code(origin));
    match response.header("access-control-allow-origin").map(str::trim) {
        Some("*") if response.header("access-control-allow-credentials").is_some_and(|value| value.trim() == "true") => {
            evidence.deviation(
                "header access-control-allow-credentials",
                "absent beside *, which browsers refuse together with it",
                "true",
            );
        }
        Some(allowed) if allowed == "*" || allowed == origin => {}
        Some(allowed) => evidence.deviation("header access-control-allow-origin", expected, code(allowed)),
        None => evidence.deviation("header access-control-allow-origin", expected, "no such header"),
    }
}
