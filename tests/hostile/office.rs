//! A small authorization server that does nothing wrong, and what attacks are made of that it plays otherwise.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::material;
use super::server::{Act, Places, Seen, response};

/// The registered client.
pub const CLIENT: &str = "app";
/// What only the token endpoint may see.
pub const CLIENT_SECRET: &str = "s3cret-of-the-client-0123456789";
/// What only the sign-in page may see.
pub const PASSWORD: &str = "passw0rd-of-the-member-0123456789";
/// What the token endpoint gives.
pub const ACCESS_TOKEN: &str = "access-t0ken-of-the-member-0123456789";
/// What the token endpoint gives beside it.
pub const REFRESH_TOKEN: &str = "refresh-t0ken-of-the-member-0123456789";

/// Where the attack of a name is.
pub fn own(places: &Places, name: &str) -> String {
    format!("{}/{name}", places.own)
}

/// What a sound payer with a sign-in answers.
pub fn sound(places: &Places, name: &str, seen: &Seen) -> Vec<Act> {
    match endpoint(seen) {
        "fhir/.well-known/smart-configuration" => document(&configuration(places, name)),
        "auth/authorize" => page("auth/login", seen),
        "auth/login" => back(seen, ""),
        "auth/token" => document(&token(places, name, seen)),
        "auth/jwks" => document(&jwks()),
        _ => material::sound(seen),
    }
}

/// An attack at one path, and a sound answer elsewhere.
pub fn at(places: &Places, name: &str, seen: &Seen, path: &str, answer: impl Fn() -> Vec<Act>) -> Vec<Act> {
    if endpoint(seen) == path { answer() } else { sound(places, name, seen) }
}

/// A SMART configuration with something changed.
pub fn configured(places: &Places, name: &str, seen: &Seen, change: impl Fn(&mut Value)) -> Vec<Act> {
    at(places, name, seen, "fhir/.well-known/smart-configuration", || {
        let mut configuration = configuration(places, name);
        change(&mut configuration);
        document(&configuration)
    })
}

/// A token response with something changed.
pub fn granted(places: &Places, name: &str, seen: &Seen, change: impl Fn(&mut Value)) -> Vec<Act> {
    at(places, name, seen, "auth/token", || {
        let mut token = token(places, name, seen);
        change(&mut token);
        document(&token)
    })
}

/// A refusal of the token endpoint.
pub fn refused(error: &str, description: &str) -> Vec<Act> {
    let body = json!({ "error": error, "error_description": description }).to_string();
    vec![Act::Send(response("400 Bad Request", &[("content-type", "application/json")], body.as_bytes()))]
}

/// A document that is not FHIR.
pub fn document(value: &Value) -> Vec<Act> {
    vec![Act::Send(response(
        "200 OK",
        &[("content-type", "application/json"), ("cache-control", "no-store")],
        value.to_string().as_bytes(),
    ))]
}

/// A page whose form goes to an address; what was asked goes with it.
pub fn page(action: &str, seen: &Seen) -> Vec<Act> {
    let query = seen.path.split_once('?').map_or("", |(_, query)| query).replace('&', "&amp;");
    let action = if action.contains("://") { action.to_owned() } else { format!("../{action}") };
    let html = format!(
        "<!doctype html><form method=post action=\"{action}\"><input type=hidden name=asked value=\"{query}\"><input name=username>\
         <input type=password name=password><button>Sign in</button></form>"
    );
    vec![Act::Send(response("200 OK", &[("content-type", "text/html")], html.as_bytes()))]
}

/// Sends the browser back, with something more. The code is the nonce, which the id_token must repeat.
pub fn back(seen: &Seen, more: &str) -> Vec<Act> {
    let asked = value(&seen.body, "asked");
    let location = format!("{}?code=c-{}&state={}{more}", value(&asked, "redirect_uri"), value(&asked, "nonce"), value(&asked, "state"));
    material::redirect(&location)
}

/// A value of a form or a query.
pub fn value(form: &str, name: &str) -> String {
    url::form_urlencoded::parse(form.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn endpoint(seen: &Seen) -> &str {
    seen.path.split('?').next().unwrap_or_default()
}

fn configuration(places: &Places, name: &str) -> Value {
    let own = own(places, name);
    json!({
        "issuer": format!("{own}/auth"), "jwks_uri": format!("{own}/auth/jwks"), "authorization_endpoint": format!("{own}/auth/authorize"),
        "token_endpoint": format!("{own}/auth/token"), "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code"], "capabilities": ["launch-standalone"],
    })
}

fn token(places: &Places, name: &str, seen: &Seen) -> Value {
    json!({
        "access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN, "token_type": "Bearer", "expires_in": 3600,
        "scope": "launch/patient openid offline_access patient/*.rs", "patient": "p1",
        "id_token": id_token(&json!({ "alg": "ES384", "kid": "k" }), &claims(places, name, seen), true),
    })
}

/// What a sound id_token says.
pub fn claims(places: &Places, name: &str, seen: &Seen) -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let nonce = value(&seen.body, "code").trim_start_matches("c-").to_owned();
    json!({ "iss": format!("{}/auth", own(places, name)), "sub": "p1", "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": nonce })
}

fn key() -> &'static EcdsaKeyPair {
    static ONCE: OnceLock<EcdsaKeyPair> = OnceLock::new();
    ONCE.get_or_init(|| {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, document.as_ref(), &random).unwrap()
    })
}

/// The keys of the server.
pub fn jwks() -> Value {
    let (x, y) = key().public_key().as_ref()[1..].split_at(48);
    json!({ "keys": [{ "kty": "EC", "crv": "P-384", "kid": "k", "use": "sig", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) }] })
}

/// A JWT, signed by the server's key or not at all.
pub fn id_token(header: &Value, claims: &Value, signed: bool) -> String {
    let message = message(header, claims);
    let signature = if signed { key().sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec() } else { Vec::new() };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A JWT whose signature is an HMAC by what everybody knows: the server's public key.
pub fn id_token_by_public_key(claims: &Value) -> String {
    let message = message(&json!({ "alg": "HS384", "kid": "k" }), claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA384, key().public_key().as_ref()), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}
