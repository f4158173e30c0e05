//! `oauth.id-token`

use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.id-token",
    summary: "the id_token is signed, meant for this app and of this sign-in",
    why: "OpenID Connect Core section 3.1.3.7: signature, iss, aud, exp and nonce are verified; SMART App Launch, Scopes for requesting identity data.",
    accepts: r#"{"sign-in": {"id-token": []}}"#,
    rejects: r#"{"sign-in": {"id-token": ["nonce is not the one that was sent"]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let problems = subject.declared.sign_in.as_ref().and_then(|sign_in| sign_in.id_token.as_ref());
    if let Some(problems) = problems {
        let mut evidence = Evidence::fine();
        problems.iter().for_each(|problem| evidence.deviation("id_token", "a valid id_token", problem));
        return evidence;
    }
    let Some((_, document)) = super::token_document(subject) else { return Evidence::nothing("there was no token response") };
    let granted = document.get("scope").and_then(Value::as_str);
    if granted.is_some_and(|scope| !scope.split_whitespace().any(|word| word == "openid")) {
        return Evidence::nothing("openid was not granted");
    }
    Evidence::wrong("id_token", "an id_token, since openid was asked for", "missing")
}
