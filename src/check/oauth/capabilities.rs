//! `oauth.capabilities`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// What CARIN Blue Button asks for.
const WANTED: [&str; 8] = [
    "launch-standalone",
    "client-public",
    "client-confidential-symmetric",
    "sso-openid-connect",
    "context-standalone-patient",
    "permission-offline",
    "permission-patient",
    "permission-user",
];

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.capabilities",
    summary: "the SMART configuration lists the eight capabilities that CARIN Blue Button asks for",
    why: "CARIN Blue Button 2.x, Security and Privacy Considerations: a server SHALL support these SMART capabilities, which its SMART configuration lists.",
    accepts: r#"{"steps": [{"request": "GET .well-known/smart-configuration", "status": 200, "body": {"capabilities": ["launch-standalone", "client-public", "client-confidential-symmetric", "sso-openid-connect", "context-standalone-patient", "permission-offline", "permission-patient", "permission-user"]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET .well-known/smart-configuration", "status": 200, "body": {"capabilities": ["launch-standalone"]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(stated) = super::configuration::listed(subject, "capabilities") else {
        return Evidence::nothing("there was no SMART configuration");
    };
    let mut evidence = Evidence { examined: WANTED.len(), ..Evidence::default() };
    for wanted in WANTED.iter().filter(|wanted| !stated.contains(*wanted)) {
        evidence.deviation("capabilities", code(wanted), "not among them");
    }
    evidence
}
