//! `oauth.redirect-uri`

use crate::check::exchange::Payload;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "oauth.redirect-uri",
    summary: "the token request names the redirect URI redirect_uri",
    why: "RFC 6749 section 4.1.3: redirect_uri is REQUIRED in the token request if it was in the authorization request, and their values MUST be identical. Another name for it is not understood by standard clients.",
    accepts: r#"{"steps": [{"request": "POST token", "form": {"grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1/callback"}}]}"#,
    rejects: r#"{"steps": [{"request": "POST token", "form": {"grant_type": "authorization_code", "redirect_url": "http://127.0.0.1/callback"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let names: Vec<String> = match subject.exchange().and_then(|exchange| exchange.request.payload.as_ref()) {
        Some(Payload::Form(fields)) => fields.iter().map(|(name, _)| name.clone()).collect(),
        Some(Payload::Json(text)) => {
            let object = serde_json::from_str::<crate::fhir::json::Map>(text).unwrap_or_default();
            object.into_iter().map(|(name, _)| name.to_string()).collect()
        }
        None => return Evidence::nothing("no token request was made"),
    };
    if names.iter().any(|name| name == "redirect_uri") {
        return Evidence::fine();
    }
    let other = names.iter().find(|name| name.starts_with("redirect")).map_or("none", String::as_str);
    Evidence::wrong("token request", "the parameter redirect_uri", said!("this server is asked with {}", code(other)))
}
