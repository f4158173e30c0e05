//! Which parts of a sign-in apply, and why the others do not.

use std::collections::BTreeMap;

use super::config::{AuthConfig, ClientProof, Flow};
use crate::check::sign_in::SignIn;

/// Parts in which a member signs in.
const BY_MEMBER: [&str; 15] = [
    "pkce",
    "state",
    "redirect-uri",
    "id-token",
    "patient",
    "unknown-code",
    "unregistered-redirect",
    "wrong-audience",
    "refresh",
    "rotated",
    "reused-refresh",
    "narrowed",
    "narrowed-read",
    "narrowed-include",
    "narrowed-everything",
];
/// Parts for which a member signs in once more.
const REPEATED: [&str; 16] = [
    "wrong-verifier",
    "reused-code",
    "wrong-client",
    "wrong-secret",
    "wrong-redirect",
    "unregistered-redirect",
    "wrong-audience",
    "revoked",
    "introspected",
    "refresh",
    "rotated",
    "reused-refresh",
    "narrowed",
    "narrowed-read",
    "narrowed-include",
    "narrowed-everything",
];
/// Parts that look at the token request and its answer.
const OF_TOKEN: [&str; 5] = ["token-request", "token", "no-store", "expires-in", "scope"];

/// The parts that do not apply to these settings.
pub(super) fn why_not(auth: &AuthConfig) -> BTreeMap<&'static str, String> {
    let mut absent = BTreeMap::new();
    let mut leave = |parts: &[&'static str], reason: &str| {
        for part in parts {
            absent.entry(*part).or_insert_with(|| reason.to_owned());
        }
    };
    if auth.flow != Flow::AuthorizationCode {
        leave(&BY_MEMBER, "no member signs in: the client acts by its own credentials or a refresh token");
    }
    if !auth.is_scripted() {
        leave(&REPEATED, "it needs another sign-in, which only a script can do: give [[auth.form]]");
    }
    if !auth.dialect.pkce {
        leave(&["wrong-verifier"], "the flow has no PKCE");
    }
    if !auth.dialect.smart {
        leave(&["scope", "wrong-audience", "narrowed"], "the documented flow has neither scopes nor aud");
        leave(&["narrowed-read", "narrowed-include", "narrowed-everything"], "the documented flow has no scopes");
        leave(&["token-preflight"], "the documented flow is none for apps in browsers");
        leave(&["patient", "id-token", "refresh", "rotated", "reused-refresh"], "the documented flow promises none");
        leave(&["revoked", "unknown-introspected", "introspected"], "the documented flow has no such endpoint");
    }
    if !auth.asks("openid") {
        leave(&["id-token"], "the scope openid is not asked for");
    }
    if !auth.asks("launch/patient") {
        leave(&["patient"], "the scope launch/patient is not asked for");
    }
    if !auth.asks("offline_access") && !auth.asks("online_access") {
        leave(&["refresh", "rotated", "reused-refresh"], "neither offline_access nor online_access is asked for");
    }
    if matches!(auth.proof, ClientProof::None) {
        leave(&["wrong-secret"], "a public client has no secret");
    } else {
        leave(&["rotated"], "the client is confidential: a refresh token that works for nobody else need not change");
    }
    if auth.expired_token.is_none() {
        leave(&["expired"], "no token that has run out is given with expired-token-file or expired-token-env");
    }
    absent
}

/// The token was kept: nothing was asked.
pub(super) fn without_exchange(sign_in: &mut SignIn) {
    for part in BY_MEMBER.iter().chain(&OF_TOKEN) {
        sign_in.why_not.entry(part).or_insert_with(|| "the token was kept from an earlier sign-in".to_owned());
    }
}

/// The token came by a refresh token that was kept.
pub(super) fn by_refresh(sign_in: &mut SignIn) {
    for part in BY_MEMBER {
        sign_in.why_not.entry(part).or_insert_with(|| "the token came by a refresh token from an earlier sign-in".to_owned());
    }
}
