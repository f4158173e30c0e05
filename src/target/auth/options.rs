//! `[auth]` of `payerspec.toml`, as it is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::secret::Secret;

/// How to sign in. What is left out takes its default from the preset, else from SMART App Launch.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AuthOptions {
    /// A documented flow by name, such as `utah-medicaid`.
    pub preset: Option<String>,
    /// `authorization-code` (the default), `client-credentials` or `refresh-token`.
    pub flow: Option<String>,
    /// The registered `client_id`.
    pub client_id: Option<String>,
    /// `none`, `client_secret_basic`, `client_secret_post` or `private_key_jwt`; without it, as what is given allows.
    pub client_authentication: Option<String>,
    /// File with the client's secret.
    pub client_secret_file: Option<PathBuf>,
    /// Environment variable with the client's secret.
    pub client_secret_env: Option<String>,
    /// PEM file with the client's private key: EC P-384 for ES384, RSA for RS384.
    pub key_file: Option<PathBuf>,
    /// The key's `kid`.
    pub key_id: Option<String>,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// Where the browser comes back to; `http://127.0.0.1:<port>/callback` when not given.
    pub redirect_uri: Option<String>,
    /// The port of that address; any free one when not given.
    pub redirect_port: Option<u16>,
    /// The `aud` of the authorization request; the FHIR base when not given.
    pub audience: Option<String>,
    /// The issuer of id_tokens, where discovery does not say it.
    pub issuer: Option<String>,
    /// The keys of id_tokens, where discovery does not say it.
    pub jwks_url: Option<String>,
    /// The introspection endpoint, where discovery does not say it.
    pub introspection_url: Option<String>,
    /// The revocation endpoint, where discovery does not say it.
    pub revocation_url: Option<String>,
    /// Origins beside the FHIR base's that discovery may lead to and that sign-in pages may be on.
    pub allow_origins: Vec<String>,
    /// File with a refresh token to begin with.
    pub refresh_token_file: Option<PathBuf>,
    /// Environment variable with a refresh token to begin with.
    pub refresh_token_env: Option<String>,
    /// File with an access token that has run out, to see it refused.
    pub expired_token_file: Option<PathBuf>,
    /// Environment variable with such a token.
    pub expired_token_env: Option<String>,
    /// Seconds within which the member signs in.
    pub login_timeout: Option<u64>,
    /// The forms of a scripted sign-in, in order.
    pub form: Vec<FormOptions>,
}

/// One form of a scripted sign-in.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct FormOptions {
    /// Values by the names of the form's fields.
    pub fields: BTreeMap<String, FieldText>,
    /// The button to press, by its name, value or text; the first when not given.
    pub button: Option<String>,
}

/// The value of a field, or where it is kept.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum FieldText {
    /// The value itself.
    Text(Secret),
    /// An environment variable.
    Variable {
        /// Its name.
        env: String,
    },
    /// A file.
    File {
        /// Its path.
        file: PathBuf,
    },
}

impl AuthOptions {
    /// Takes relative paths from a folder.
    pub fn resolve(&mut self, folder: &Path) {
        let files = [&mut self.client_secret_file, &mut self.key_file, &mut self.refresh_token_file, &mut self.expired_token_file];
        for file in files.into_iter().flatten() {
            *file = folder.join(&file);
        }
        for text in self.form.iter_mut().flat_map(|form| form.fields.values_mut()) {
            if let FieldText::File { file } = text {
                *file = folder.join(&file);
            }
        }
    }
}
