//! JSON Web Signatures (RFC 7515, 7518): client assertions are signed (RFC 7523), id_tokens verified (OpenID Connect Core section 3.1.3.7).

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    self, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA384, RsaKeyPair, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use zeroize::Zeroizing;

use super::super::secret::Secret;
use super::error::{SignInError, plain};
use crate::check::said::{self, Said, said};
use crate::fhir::json::{Value, json};

/// Seconds that a client assertion is good for (SMART App Launch: no more than five minutes).
const ASSERTION_SECONDS: i64 = 240;
/// Seconds by which the server's clock and ours may differ.
const CLOCK_SECONDS: i64 = 60;

/// A client's private key.
#[derive(Clone)]
pub struct SigningKey {
    pair: Pair,
    id: Option<String>,
}

#[derive(Clone)]
enum Pair {
    Es384(Arc<EcdsaKeyPair>),
    Rs384(Arc<RsaKeyPair>),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.algorithm())
    }
}

impl SigningKey {
    /// Reads a private key, EC P-384 or RSA, from PEM.
    ///
    /// # Errors
    /// What is wrong with it, without quoting it.
    pub fn from_pem(pem: &str, id: Option<&str>) -> Result<Self, &'static str> {
        let (label, rest) = pem.split_once("-----BEGIN ").and_then(|(_, rest)| rest.split_once("-----")).ok_or("there is no PEM block")?;
        let body = rest.split("-----END").next().unwrap_or_default();
        let text = Zeroizing::new(body.split_whitespace().collect::<String>());
        let der = Zeroizing::new(STANDARD.decode(text.as_bytes()).map_err(|_| "the PEM block is not base64")?);
        let random = SystemRandom::new();
        let ec = || EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der, &random).map(Arc::new).map(Pair::Es384);
        let pair = match label {
            "PRIVATE KEY" => ec().or_else(|_| RsaKeyPair::from_pkcs8(&der).map(Arc::new).map(Pair::Rs384)),
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).map(Arc::new).map(Pair::Rs384),
            "EC PRIVATE KEY" => return Err("it is in SEC 1 form: convert it with `openssl pkcs8 -topk8 -nocrypt`"),
            "ENCRYPTED PRIVATE KEY" => return Err("it is encrypted: give it decrypted, readable by you alone"),
            _ => return Err("the PEM block holds no private key"),
        };
        pair.map(|pair| Self { pair, id: id.map(str::to_owned) })
            .map_err(|_| "it is neither an EC P-384 nor an RSA key of 2048 to 4096 bits")
    }

    /// The JWS algorithm.
    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Es384(_) => "ES384",
            Pair::Rs384(_) => "RS384",
        }
    }

    /// A client assertion for a token endpoint (SMART App Launch: asymmetric client authentication).
    pub(super) fn assertion(&self, client_id: &str, audience: &str, jti: &Secret, now: i64) -> Result<Secret, SignInError> {
        let mut header = json!({ "alg": self.algorithm(), "typ": "JWT" });
        if let Some(id) = &self.id {
            header["kid"] = json!(id);
        }
        let claims =
            json!({ "iss": client_id, "sub": client_id, "aud": audience, "exp": now + ASSERTION_SECONDS, "iat": now, "jti": jti.expose() });
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Es384(pair) => pair.sign(&random, message.as_bytes()).map(|signature| signature.as_ref().to_vec()),
            Pair::Rs384(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA384, &random, message.as_bytes(), &mut signature).map(|()| signature)
            }
        };
        let signature = signature.map_err(|_| SignInError::Signing)?;
        Ok(Secret::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// What an id_token must say.
pub(super) struct Expected<'a> {
    /// `iss`, when it is known.
    pub issuer: Option<&'a str>,
    /// `aud`.
    pub client_id: &'a str,
    /// `nonce`, when one was sent.
    pub nonce: Option<&'a Secret>,
    /// Seconds since 1970.
    pub now: i64,
}

/// What is wrong with an id_token; nothing when it is good. `keys` is the server's JWKS, or why there is none.
pub(super) fn problems(token: &Secret, keys: &Result<Value, Said>, expected: &Expected<'_>) -> Vec<Said> {
    let mut problems = Vec::new();
    let parts: Vec<&str> = token.expose().split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return vec!["it is no JWT of three parts".into()] };
    let (Some(head), Some(claims)) = (part(header), part(claims)) else { return vec!["its parts are no JSON in base64url".into()] };
    let message = token.expose().rsplit_once('.').map_or("", |(message, _)| message);
    match keys {
        Ok(keys) => problems.extend(signature_problem(&head, keys, message, signature)),
        Err(reason) => problems.push(said!("its signature cannot be verified: {}", reason)),
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    match (text("iss"), expected.issuer) {
        (Some(issuer), Some(known)) if issuer != known => {
            problems.push(said!("iss is {}, not {}", said::url(plain(issuer)), said::url(plain(known))))
        }
        (None, _) => problems.push("iss is missing".into()),
        _ => {}
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&expected.client_id) {
        problems.push("aud does not name the client".into());
    }
    if text("sub").is_none_or(str::is_empty) {
        problems.push("sub is missing".into());
    }
    match claims.get("exp").and_then(Value::as_f64) {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit a float for ages")]
        Some(expires) if expires + (CLOCK_SECONDS as f64) < expected.now as f64 => problems.push("exp has passed".into()),
        Some(_) => {}
        None => problems.push("exp is missing or no number".into()),
    }
    if claims.get("iat").and_then(Value::as_f64).is_none() {
        problems.push("iat is missing or no number".into());
    }
    if let Some(nonce) = expected.nonce
        && text("nonce") != Some(nonce.expose())
    {
        problems.push("nonce is not the one that was sent".into());
    }
    problems
}

/// What is wrong with the signature, if anything.
fn signature_problem(header: &Value, keys: &Value, message: &str, signature: &str) -> Option<Said> {
    let Some(algorithm) = header.get("alg").and_then(Value::as_str) else { return Some("its header has no alg".into()) };
    if algorithm == "none" {
        return Some("it is not signed (alg none)".into());
    }
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return Some("its signature is not base64url".into()) };
    let kid = header.get("kid").and_then(Value::as_str);
    let keys = keys.get("keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let fits = |key: &&Value| kid.is_none() || key.get("kid").and_then(Value::as_str).is_none_or(|known| Some(known) == kid);
    let mut verdicts = keys.iter().filter(fits).filter_map(|key| is_signed_by(key, algorithm, message.as_bytes(), &signature)).peekable();
    if verdicts.peek().is_none() {
        return Some(said!("the server publishes no key for its alg {} and kid", said::foreign(plain(algorithm))));
    }
    (!verdicts.any(|good| good)).then(|| "its signature is wrong".into())
}

/// Whether a key made the signature; `None` when it is not for this algorithm.
fn is_signed_by(key: &Value, algorithm: &str, message: &[u8], signature: &[u8]) -> Option<bool> {
    let bytes = |name: &str| key.get(name).and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok());
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    if text("kty") == Some("EC") {
        let (curve, algorithm): (&str, &'static dyn signature::VerificationAlgorithm) = match algorithm {
            "ES256" => ("P-256", &signature::ECDSA_P256_SHA256_FIXED),
            "ES384" => ("P-384", &signature::ECDSA_P384_SHA384_FIXED),
            _ => return None,
        };
        let point = [&[4], bytes("x")?.as_slice(), bytes("y")?.as_slice()].concat();
        return (text("crv") == Some(curve)).then(|| UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok());
    }
    let parameters: &'static RsaParameters = match algorithm {
        "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
        "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    };
    (text("kty") == Some("RSA")).then_some(())?;
    Some(RsaPublicKeyComponents { n: bytes("n")?, e: bytes("e")? }.verify(parameters, message, signature).is_ok())
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use ring::signature::KeyPair;

    use super::*;

    fn key() -> (SigningKey, Value) {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document.as_ref()));
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        (SigningKey::from_pem(&pem, Some("k")).unwrap(), json!({ "keys": [{ "kty": "EC", "crv": "P-384", "kid": "k", "x": x, "y": y }] }))
    }

    /// An assertion is a JWT like any other, and stands in for an id_token of the issuer `app`.
    fn token(key: &SigningKey) -> Secret {
        key.assertion("app", "app", &Secret::new("1"), 1000).unwrap()
    }

    fn expected(now: i64) -> Expected<'static> {
        Expected { issuer: Some("app"), client_id: "app", nonce: None, now }
    }

    #[test]
    fn a_signed_token_has_no_problems() {
        let (key, keys) = key();
        assert_eq!(problems(&token(&key), &Ok(keys), &expected(1000)), Vec::<Said>::new());
    }

    #[test]
    fn every_deviation_is_named() {
        let (key, keys) = key();
        let (other, _) = self::key();
        let said = |token: &Secret, expected: &Expected<'_>| Said::joined(problems(token, &Ok(keys.clone()), expected), "; ").to_string();
        assert_eq!(said(&token(&other), &expected(1000)), "its signature is wrong");
        assert_eq!(said(&token(&key), &expected(9000)), "exp has passed");
        assert_eq!(said(&token(&key), &Expected { client_id: "else", ..expected(1000) }), "aud does not name the client");
        assert!(said(&token(&key), &Expected { issuer: Some("else"), ..expected(1000) }).starts_with("iss is app"));
        let nonce = Secret::new("n");
        assert!(said(&token(&key), &Expected { nonce: Some(&nonce), ..expected(1000) }).contains("nonce"));
        let parts: Vec<String> = token(&key).expose().split('.').map(str::to_owned).collect();
        let bare = Secret::new(format!("{}.{}.", URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}"), parts[1]));
        assert!(said(&bare, &expected(1000)).contains("not signed"));
        assert!(said(&Secret::new("x.y"), &expected(1000)).contains("three parts"));
    }

    #[test]
    fn a_key_that_cannot_be_used_is_refused_and_not_shown() {
        for pem in [
            "",
            "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----",
            "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----",
        ] {
            assert!(SigningKey::from_pem(pem, None).is_err());
        }
        assert_eq!(format!("{:?}", key().0), "SigningKey(ES384)");
    }
}
