//! `oauth.endpoints`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.endpoints",
    summary: "the CapabilityStatement and the SMART configuration name the same endpoints",
    why: "SMART App Launch 2.2, Conformance: both describe one server; an app that reads the extension oauth-uris must end up where one that reads the SMART configuration does.",
    accepts: r#"{"sign-in": {"endpoints": [{"configuration": "https://a.example/token", "statement": "https://a.example/token"}]}}"#,
    rejects: r#"{"sign-in": {"endpoints": [{"configuration": "https://a.example/token", "statement": "https://a.example/former"}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(sign_in) = &subject.declared.sign_in else { return Evidence::nothing("the run did not sign in") };
    let mut evidence = Evidence::default();
    for endpoint in &sign_in.endpoints {
        let (Some(configuration), Some(statement)) = (&endpoint.configuration, &endpoint.statement) else { continue };
        evidence.examined += 1;
        if configuration != statement {
            evidence.deviation(said!("oauth-uris {}", code(endpoint.name)), code(configuration), code(statement));
        }
    }
    evidence.note = Some("no endpoint is stated in both places".into());
    evidence
}
