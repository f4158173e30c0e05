//! JSON Web Keys and Signatures (RFC 7515, RFC 7517, RFC 7518) as an authorization server needs them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::ledger::word;
use crate::fhir::json::{Value, json};

/// The private key that signs id_tokens, made for this payer and its synthetic members alone.
const SIGNING_KEY: &str = include_str!("signing-key.pem");
const KEY_ID: &str = "reference-payer-rs256";

/// What signs id_tokens, with RS256 (OpenID Connect Core section 15.1).
#[derive(Debug)]
pub struct SigningKey(Option<RsaKeyPair>);

/// A key pair made for a client that has none.
#[derive(Clone, Debug)]
pub struct ClientKey {
    pub id: String,
    /// PKCS #8.
    pub pem: String,
    /// The public key as a JWK.
    pub public: Value,
}

impl SigningKey {
    /// Reads the key.
    pub fn embedded() -> Self {
        let body: String = SIGNING_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
        Self(STANDARD.decode(body).ok().and_then(|der| RsaKeyPair::from_pkcs8(&der).ok()))
    }

    /// The public keys, for those who verify.
    pub fn jwks(&self) -> Value {
        let keys = self.0.iter().map(|pair| {
            let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
            let (n, e) = (URL_SAFE_NO_PAD.encode(&public.n), URL_SAFE_NO_PAD.encode(&public.e));
            json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": n, "e": e })
        });
        json!({ "keys": keys.collect::<Vec<_>>() })
    }

    /// Claims as a signed JWT; empty if they cannot be signed.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": KEY_ID });
        let message = format!("{}.{}", encoded(&header), encoded(claims));
        let Some(pair) = &self.0 else { return String::new() };
        let mut signature = vec![0; pair.public().modulus_len()];
        match pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature) {
            Ok(()) => format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)),
            Err(_) => String::new(),
        }
    }
}

/// Makes a key pair for ES384.
pub fn fresh_key() -> Option<ClientKey> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).ok()?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, document.as_ref(), &random).ok()?;
    // An uncompressed point: 4, then both coordinates.
    let (x, y) = pair.public_key().as_ref().get(1..)?.split_at_checked(48)?;
    let id = word();
    let public = json!({
        "kty": "EC", "crv": "P-384", "alg": "ES384", "use": "sig", "kid": id,
        "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
    });
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document.as_ref()));
    Some(ClientKey { id, pem, public })
}

/// A JWT's claims, not verified.
pub fn claims(token: &str) -> Option<Value> {
    part(token.split('.').nth(1)?)
}

/// A JWT's claims, when one of the keys signed it with ES384 or RS384.
pub fn verified(token: &str, keys: &[Value]) -> Option<Value> {
    let (message, signature) = token.rsplit_once('.')?;
    let header = part(message.split('.').next()?)?;
    let (algorithm, kid) = (header.get("alg")?.as_str()?, header.get("kid").and_then(Value::as_str));
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let fits = |key: &&Value| kid.is_none() || key.get("kid").and_then(Value::as_str) == kid;
    let is_signed = keys.iter().filter(fits).any(|key| is_signed_by(key, algorithm, message.as_bytes(), &signature));
    is_signed.then(|| claims(token))?
}

fn is_signed_by(key: &Value, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let bytes = |name: &str| key.get(name).and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    match (algorithm, key.get("kty").and_then(Value::as_str)) {
        ("ES384", Some("EC")) => {
            let (Some(x), Some(y)) = (bytes("x"), bytes("y")) else { return false };
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(message, signature).is_ok()
        }
        ("RS384", Some("RSA")) => {
            let (Some(n), Some(e)) = (bytes("n"), bytes("e")) else { return false };
            RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA384, message, signature).is_ok()
        }
        _ => false,
    }
}

/// A value as a part of a JWT.
pub fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_key_signs_and_is_published() {
        let key = SigningKey::embedded();
        let token = key.sign(&json!({ "sub": "1" }));
        let (message, signature) = token.rsplit_once('.').unwrap();
        let jwks = key.jwks();
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwks["keys"][0][name].as_str().unwrap()).unwrap();
        let public = RsaPublicKeyComponents { n: bytes("n"), e: bytes("e") };
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(public.verify(&ring::signature::RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature).is_ok());
        assert_eq!(claims(&token).unwrap()["sub"], "1");
    }

    #[test]
    fn a_token_without_a_signature_is_not_verified() {
        let key = fresh_key().unwrap();
        let bare = format!("{}.{}.", encoded(&json!({ "alg": "none" })), encoded(&json!({ "sub": "1" })));
        assert_eq!(verified(&bare, &[key.public]), None);
    }
}
