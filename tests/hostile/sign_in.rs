//! Attacks on the sign-in: discovery, the pages, the token endpoint and the keys.

use serde_json::{Value, json};

use super::attacks::{Attack, LIVE, READ, attack};
use super::material::{json_bytes, redirect};
use super::office::{
    ACCESS_TOKEN, CLIENT_SECRET, PASSWORD, at, back, claims, configured, document, granted, id_token, id_token_by_public_key, jwks, own,
    page, refused, sound,
};
use super::server::{Act, response};

const ID_TOKEN: &str = "r4.oauth.id-token";

/// Those attacks.
pub const SIGN_IN: &[Attack] = &[
    attack!("sound-sign-in", |places, seen| sound(places, "sound-sign-in", seen), 0, Some((ID_TOKEN, "pass")), "CONFORMANT"),
    // Discovery that leads elsewhere, or does not end.
    attack!(
        "token-endpoint-elsewhere",
        |places, seen| configured(places, "token-endpoint-elsewhere", seen, |smart| {
            smart["token_endpoint"] = json!(format!("{}/token", places.foreign));
        }),
        3,
        None,
        "`allow-origins`"
    ),
    attack!(
        "authorize-endpoint-elsewhere",
        |places, seen| configured(places, "authorize-endpoint-elsewhere", seen, |smart| {
            smart["authorization_endpoint"] = json!(format!("{}/authorize", places.foreign));
        }),
        3,
        None,
        "`allow-origins`"
    ),
    attack!(
        "authorize-javascript",
        |places, seen| configured(places, "authorize-javascript", seen, |smart| smart["authorization_endpoint"] =
            json!("javascript:alert(1)")),
        3,
        None,
        "no authorization endpoint"
    ),
    attack!(
        "authorize-file",
        |places, seen| configured(places, "authorize-file", seen, |smart| smart["authorization_endpoint"] = json!("file:///etc/passwd")),
        3,
        None,
        "no authorization endpoint"
    ),
    attack!(
        "endpoints-in-live-text",
        |places, seen| configured(places, "endpoints-in-live-text", seen, |smart| {
            for name in ["authorization_endpoint", "token_endpoint", "issuer", "jwks_uri"] {
                smart[name] = json!(format!("https://evil.example/{LIVE}"));
            }
        }),
        3,
        None,
        "`allow-origins`"
    ),
    attack!(
        "discovery-without-end",
        |places, seen| at(places, "discovery-without-end", seen, "fhir/.well-known/smart-configuration", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"a\":\"".to_vec()),
            Act::Flood(vec![b'a'; 65536])
        ]),
        3,
        None,
        "no authorization endpoint"
    ),
    // Pages.
    attack!(
        "authorize-redirects-for-ever",
        |places, seen| at(places, "authorize-redirects-for-ever", seen, "auth/authorize", || redirect(&format!(
            "{}/auth/authorize?{}",
            own(places, "authorize-redirects-for-ever"),
            seen.before
        ))),
        3,
        None,
        "more than 30 requests"
    ),
    attack!(
        "authorize-redirects-elsewhere",
        |places, seen| at(places, "authorize-redirects-elsewhere", seen, "auth/authorize", || redirect(&format!(
            "{}/login",
            places.foreign
        ))),
        3,
        None,
        "another origin than the FHIR base"
    ),
    attack!(
        "form-goes-elsewhere",
        |places, seen| at(places, "form-goes-elsewhere", seen, "auth/authorize", || page(&format!("{}/login", places.foreign), seen)),
        3,
        None,
        "another origin than the FHIR base"
    ),
    attack!(
        "page-without-end",
        |places, seen| at(places, "page-without-end", seen, "auth/authorize", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n".to_vec()),
            Act::Flood(b"<form><input name=a>".repeat(1000))
        ]),
        3,
        None,
        "larger than 1048576 bytes"
    ),
    attack!(
        "page-of-live-names",
        |places, seen| at(places, "page-of-live-names", seen, "auth/authorize", || {
            let name = LIVE.replace('&', "&amp;").replace('"', "&quot;");
            vec![Act::Send(response(
                "200 OK",
                &[("content-type", "text/html")],
                format!("<form><input name=\"{name}\"></form>").as_bytes(),
            ))]
        }),
        3,
        None,
        "no form has the fields"
    ),
    attack!(
        "code-for-somebody-else",
        |places, seen| at(places, "code-for-somebody-else", seen, "auth/login", || redirect(
            "http://127.0.0.1:8765/callback?code=stolen&state=of-another-sign-in"
        )),
        1,
        Some(("r4.oauth.state", "warn")),
        "DEVIATES"
    ),
    attack!(
        "code-of-another-issuer",
        |places, seen| at(places, "code-of-another-issuer", seen, "auth/login", || back(seen, "&iss=https%3A%2F%2Fother.example")),
        3,
        None,
        "another issuer"
    ),
    // The token endpoint.
    attack!(
        "token-redirects-elsewhere",
        |places, seen| at(places, "token-redirects-elsewhere", seen, "auth/token", || vec![Act::Send(response(
            "307 Temporary Redirect",
            &[("location", &format!("{}/token", places.foreign))],
            b""
        ))]),
        3,
        None,
        "status 307"
    ),
    attack!(
        "token-of-100-mb",
        |places, seen| at(places, "token-of-100-mb", seen, "auth/token", || vec![
            Act::Send(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n{\"access_token\":\"".to_vec()
            ),
            Act::Flood(vec![b'a'; 65536])
        ]),
        3,
        None,
        "larger than 262144 bytes"
    ),
    attack!(
        "token-in-chunks-for-ever",
        |places, seen| at(places, "token-in-chunks-for-ever", seen, "auth/token", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()),
            Act::Flood([b"10000\r\n".as_slice(), &[b'1'; 0x10000], b"\r\n"].concat())
        ]),
        3,
        None,
        "larger than 262144 bytes"
    ),
    attack!(
        "token-deep-json",
        |places, seen| at(places, "token-deep-json", seen, "auth/token", || json_bytes(
            format!("{{\"access_token\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes()
        )),
        3,
        None,
        "no access_token"
    ),
    attack!(
        "token-slow-loris",
        |places, seen| at(places, "token-slow-loris", seen, "auth/token", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{".to_vec()),
            Act::Drip(b" ")
        ]),
        3,
        None,
        "no complete response"
    ),
    attack!(
        "token-error-acts",
        |places, seen| at(places, "token-error-acts", seen, "auth/token", || refused(LIVE, LIVE)),
        3,
        None,
        "the token endpoint refused"
    ),
    attack!(
        "token-error-tells-secrets",
        |places, seen| at(places, "token-error-tells-secrets", seen, "auth/token", || refused(
            "invalid_client",
            &format!("the secret is not {CLIENT_SECRET}, as we told {}", seen.body.replace(PASSWORD, ""))
        )),
        3,
        None,
        "invalid_client"
    ),
    attack!(
        "token-asks-to-wait-for-ever",
        |places, seen| at(places, "token-asks-to-wait-for-ever", seen, "auth/token", || vec![Act::Send(response(
            "429 Too Many Requests",
            &[("retry-after", "0")],
            b""
        ))]),
        3,
        None,
        "status 429"
    ),
    attack!(
        "token-asks-to-wait-once",
        |places, seen| at(places, "token-asks-to-wait-once", seen, "auth/token", || {
            match seen.before_here {
                0 => vec![Act::Send(response("429 Too Many Requests", &[("retry-after", "0")], b""))],
                _ => sound(places, "token-asks-to-wait-once", seen),
            }
        }),
        0,
        Some((READ, "pass")),
        "CONFORMANT"
    ),
    attack!(
        "token-that-no-header-carries",
        |places, seen| granted(places, "token-that-no-header-carries", seen, |token| token["access_token"] = json!("a\r\nx-evil: 1")),
        3,
        None,
        "a header cannot carry"
    ),
    attack!(
        "token-that-lasts-for-ever",
        |places, seen| granted(places, "token-that-lasts-for-ever", seen, |token| token["expires_in"] = json!(u64::MAX)),
        0,
        Some((READ, "pass")),
        ""
    ),
    attack!(
        "refresh-of-another-member",
        |places, seen| match seen.body.contains("grant_type=refresh_token") {
            true => granted(places, "refresh-of-another-member", seen, |token| {
                token["access_token"] = json!("token-of-another-member-0123456789");
                token["patient"] = json!("p2");
            }),
            // Due at once, so that a refresh comes before the first read.
            false => granted(places, "refresh-of-another-member", seen, |token| token["expires_in"] = json!(0)),
        },
        0,
        Some((READ, "pass")),
        ""
    ),
    // The keys, and what is signed by them.
    attack!(
        "keys-elsewhere",
        |places, seen| configured(places, "keys-elsewhere", seen, |smart| smart["jwks_uri"] = json!(format!("{}/jwks", places.foreign))),
        1,
        Some((ID_TOKEN, "fail")),
        "its signature cannot be verified"
    ),
    attack!(
        "keys-in-a-private-network",
        |places, seen| configured(places, "keys-in-a-private-network", seen, |smart| smart["jwks_uri"] =
            json!("http://169.254.169.254/jwks")),
        1,
        Some((ID_TOKEN, "fail")),
        "its signature cannot be verified"
    ),
    attack!(
        "keys-redirect-elsewhere",
        |places, seen| at(places, "keys-redirect-elsewhere", seen, "auth/jwks", || redirect(&format!("{}/jwks", places.foreign))),
        1,
        Some((ID_TOKEN, "fail")),
        "its signature cannot be verified"
    ),
    attack!(
        "keys-without-end",
        |places, seen| at(places, "keys-without-end", seen, "auth/jwks", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"keys\":[".to_vec()),
            Act::Flood(b"{\"kty\":\"EC\"},".repeat(5000))
        ]),
        1,
        Some((ID_TOKEN, "fail")),
        "its signature cannot be verified"
    ),
    attack!(
        "keys-by-the-thousand",
        |places, seen| at(places, "keys-by-the-thousand", seen, "auth/jwks", || {
            let mut keys = jwks();
            let one = keys["keys"][0].clone();
            let wrong = json!({ "kty": "EC", "crv": "P-384", "kid": "k", "x": one["y"], "y": one["x"] });
            keys["keys"] = Value::Array(vec![wrong; 20_000]);
            document(&keys)
        }),
        1,
        Some((ID_TOKEN, "fail")),
        "its signature is wrong"
    ),
    attack!(
        "id-token-unsigned",
        |places, seen| granted(places, "id-token-unsigned", seen, |token| {
            token["id_token"] = json!(id_token(&json!({ "alg": "none" }), &claims(places, "id-token-unsigned", seen), false));
        }),
        1,
        Some((ID_TOKEN, "fail")),
        "it is not signed (alg none)"
    ),
    attack!(
        "id-token-by-public-key",
        |places, seen| granted(places, "id-token-by-public-key", seen, |token| {
            token["id_token"] = json!(id_token_by_public_key(&claims(places, "id-token-by-public-key", seen)));
        }),
        1,
        Some((ID_TOKEN, "fail")),
        "the server publishes no key for its alg"
    ),
    attack!(
        "id-token-of-live-text",
        |places, seen| granted(places, "id-token-of-live-text", seen, |token| {
            let claims = json!({ "iss": LIVE, "sub": LIVE, "aud": LIVE, "exp": LIVE, "iat": LIVE, "nonce": LIVE });
            token["id_token"] = json!(id_token(&json!({ "alg": LIVE, "kid": LIVE }), &claims, true));
        }),
        1,
        Some((ID_TOKEN, "fail")),
        "iss is"
    ),
    // A payer that sends credentials back wherever it can.
    attack!(
        "echo-of-the-token",
        |places, seen| {
            match seen.path.starts_with("fhir/Patient/p1") {
            true => vec![Act::Send(response(
                "200 OK",
                &[("content-type", "application/fhir+json"), ("x-echo", ACCESS_TOKEN), ("etag", &format!("W/\"{ACCESS_TOKEN}\""))],
                json!({ "resourceType": "Patient", "id": "p2", "language": ACCESS_TOKEN, "nonsense": CLIENT_SECRET, "gender": super::office::REFRESH_TOKEN }).to_string().as_bytes()
            ))],
            false => sound(places, "echo-of-the-token", seen),
        }
        },
        -1,
        None,
        ""
    ),
];
