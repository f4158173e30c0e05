//! Tokens that are kept between runs, as one JSON document. It is written by whoever keeps it, readable by its owner alone.

use zeroize::Zeroizing;

use super::super::secret::Secret;
use crate::fhir::json::{Value, json};

/// What the document calls itself.
const SCHEMA: &str = "payerspec-tokens-1";

/// The tokens of one client at one base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The FHIR base.
    pub base: String,
    /// The client.
    pub client_id: String,
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, when there is one.
    pub refresh_token: Option<Secret>,
    /// When the access token runs out, in seconds since 1970, when the server said it.
    pub expires_at: Option<i64>,
    /// The member whom the token is for.
    pub patient: Option<String>,
}

/// The document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no token store ({SCHEMA}); remove it and sign in again")]
pub struct StoreError;

/// All that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenStore(Vec<Kept>);

impl TokenStore {
    /// Reads the document.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(bytes: &[u8]) -> Result<Self, StoreError> {
        let document: Value = serde_json::from_slice(bytes).map_err(|_| StoreError)?;
        if document.get("schema").and_then(Value::as_str) != Some(SCHEMA) {
            return Err(StoreError);
        }
        let tokens = document.get("tokens").and_then(Value::as_array).ok_or(StoreError)?;
        tokens.iter().map(|token| kept(token).ok_or(StoreError)).collect::<Result<_, _>>().map(Self)
    }

    /// The document, to be written where only its owner reads it.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let tokens: Vec<Value> = self
            .0
            .iter()
            .map(|kept| {
                json!({
                    "base": kept.base, "client_id": kept.client_id, "access_token": kept.access_token.expose(),
                    "refresh_token": kept.refresh_token.as_ref().map(Secret::expose), "expires_at": kept.expires_at, "patient": kept.patient,
                })
            })
            .collect();
        Zeroizing::new(format!("{:#}\n", json!({ "schema": SCHEMA, "tokens": tokens })).into_bytes())
    }

    /// What is kept for a base and a client.
    pub fn find(&self, base: &str, client_id: &str) -> Option<&Kept> {
        self.0.iter().find(|kept| kept.base == base && kept.client_id == client_id)
    }

    /// Keeps this in place of what was kept for the same base and client.
    pub fn put(&mut self, kept: Kept) {
        self.0.retain(|known| known.base != kept.base || known.client_id != kept.client_id);
        self.0.push(kept);
    }
}

fn kept(token: &Value) -> Option<Kept> {
    let text = |name: &str| token.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Kept {
        base: text("base")?,
        client_id: text("client_id")?,
        access_token: Secret::new(text("access_token")?),
        refresh_token: text("refresh_token").map(Secret::new),
        expires_at: token.get("expires_at").and_then(Value::as_i64),
        patient: text("patient"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_again_and_replaced() {
        let kept = |token: &str| Kept {
            base: "https://a.example".to_owned(),
            client_id: "app".to_owned(),
            access_token: Secret::new(token),
            refresh_token: Some(Secret::new("r")),
            expires_at: Some(7),
            patient: Some("1".to_owned()),
        };
        let mut store = TokenStore::default();
        store.put(kept("one"));
        store.put(kept("two"));
        let read = TokenStore::parse(&store.to_bytes()).unwrap();
        assert_eq!(read.find("https://a.example", "app"), Some(&kept("two")));
        assert_eq!(read.find("https://a.example", "other"), None);
        assert!(!format!("{read:?}").contains("two"));
    }

    #[test]
    fn another_document_is_refused() {
        for text in ["", "{}", "[]", "{\"schema\":\"payerspec-tokens-1\"}", "{\"schema\":\"payerspec-tokens-1\",\"tokens\":[{}]}"] {
            assert_eq!(TokenStore::parse(text.as_bytes()), Err(StoreError), "{text}");
        }
    }
}
