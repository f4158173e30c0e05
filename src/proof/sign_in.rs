//! How the suite signs in at a reference payer that has an authorization server: by script, as its first member.

use std::collections::BTreeMap;

use crate::reference::{Auth, PASSWORD, Running};
use crate::target::{AuthConfig, AuthOptions, ClientProof, FieldText, FormOptions, Secret, TargetConfig, TargetError};

/// Sets up the sign-in of a confidential or a public client; nothing at a payer that takes tokens only.
///
/// # Errors
/// Never for the clients that a reference payer registers.
pub fn prepare(config: &mut TargetConfig, payer: &Running, writes: bool, is_public: bool) -> Result<(), TargetError> {
    let client = payer.clients().iter().find(|client| client.client_secret.is_some() != is_public && client.private_key.is_none());
    let (Some(client), Some(member)) = (client, payer.members().first()) else { return Ok(()) };
    let form = |fields: &[(&str, &str)], button: &str| FormOptions {
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), FieldText::Text(Secret::new(*value)))).collect::<BTreeMap<_, _>>(),
        button: Some(button.to_owned()),
    };
    let resources = if writes { "patient/*.cruds" } else { "patient/*.rs" };
    let options = AuthOptions {
        preset: (payer.auth() == Auth::Utah).then(|| "utah-medicaid".to_owned()),
        client_id: Some(client.client_id.clone()),
        scopes: ["launch/patient", "openid", "fhirUser", "offline_access", resources].map(str::to_owned).to_vec(),
        form: vec![form(&[("username", &member.patient), ("password", PASSWORD)], "Sign in"), form(&[], "Allow")],
        ..AuthOptions::default()
    };
    let mut auth = AuthConfig::new(options)?;
    auth.proof = client.client_secret.as_ref().map_or(ClientProof::None, |secret| ClientProof::Basic(Secret::new(secret)));
    auth.expired_token = payer.expired_token().map(Secret::new);
    config.sign_in_by(auth);
    Ok(())
}

/// Whether a fault shows to a public client alone: of no other is it asked that refresh tokens rotate.
pub fn needs_public_client(fault: &str) -> bool {
    fault == "access-token.refresh-not-rotated"
}
