//! Flows as payers document them, where they depart from the standards.

use super::super::error::TargetError;

/// How a flow departs from RFC 6749 and SMART App Launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The token request is a JSON object instead of a form.
    pub json_token_request: bool,
    /// What the token request calls the redirect URI.
    pub redirect_field: &'static str,
    /// PKCE is used.
    pub pkce: bool,
    /// `state` is used.
    pub state: bool,
    /// Scopes and `aud` are sent.
    pub smart: bool,
    /// Both JSON types on every resource request, where nothing else is configured.
    pub json_headers: bool,
}

/// SMART App Launch as it stands.
pub const SMART: Dialect =
    Dialect { json_token_request: false, redirect_field: "redirect_uri", pkce: true, state: true, smart: true, json_headers: false };

/// By name, what a page of the payer documents.
const PRESETS: [(&str, Dialect); 1] = [(
    "utah-medicaid",
    Dialect { json_token_request: true, redirect_field: "redirect_url", pkce: false, state: false, smart: false, json_headers: true },
)];

/// The flow of a preset; SMART without one.
pub fn dialect(preset: Option<&str>) -> Result<Dialect, TargetError> {
    let Some(name) = preset else { return Ok(SMART) };
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, dialect)| *dialect).ok_or_else(|| TargetError::Setting {
        setting: "preset",
        what: format!("`{}` is not known", name.escape_debug()),
        hint: "give \"utah-medicaid\", or leave it out for SMART App Launch",
    })
}
