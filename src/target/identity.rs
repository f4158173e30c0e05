//! What a request shows of who asks: the member's token, another one, or something that is none.

use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::auth::{bearer, sensitive};
use super::config::{OtherTokens, TargetConfig};
use super::secret::Secret;
use crate::check::exchange::Identity;

/// The letters of tokens in the order of their six bits (RFC 4648 section 5).
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// No token has blanks (RFC 6750 section 2.1).
const MALFORMED: HeaderValue = HeaderValue::from_static("Bearer this is no token");
/// The parameter that carries a token in a URL (RFC 6750 section 2.3).
pub(super) const PARAMETER: &str = "access_token";

/// The `Authorization` header of an identity; `None` where it shows none.
pub(super) fn authorization(identity: Identity, member: Option<HeaderValue>, config: &TargetConfig) -> Option<HeaderValue> {
    match identity {
        Identity::Member => member,
        Identity::Anonymous | Identity::TokenInQuery => None,
        Identity::MalformedToken => Some(MALFORMED),
        Identity::OtherScheme => member.as_ref().and_then(token).and_then(|token| sensitive(format!("Basic {token}"))),
        Identity::AlteredToken => member.as_ref().and_then(token).and_then(|token| bearer(&altered(token))),
        Identity::ExpiredToken | Identity::ForeignToken | Identity::OtherMember => given(identity, config).and_then(bearer),
    }
}

/// The pair that an identity puts into the URL.
pub(super) fn in_query(identity: Identity, member: Option<&HeaderValue>) -> Option<(String, String)> {
    let token = member.filter(|_| identity == Identity::TokenInQuery).and_then(token)?;
    Some((PARAMETER.to_owned(), token.to_owned()))
}

/// Why a request cannot be sent with an identity, when it cannot.
pub(super) fn why_not(identity: Identity, has_token: bool, config: &TargetConfig) -> Option<String> {
    let setting = match identity {
        Identity::Member => return None,
        _ if !has_token => return Some("the run has no token, so nothing sets a request with other credentials apart".to_owned()),
        Identity::ExpiredToken => "a token that has run out is not given: name a file that holds one with --expired-token-file",
        Identity::ForeignToken => "a token of another resource server is not given: name a file that holds one with --foreign-token-file",
        Identity::OtherMember => "a token of another member is not given: name a file that holds one with --other-token-file",
        _ => return None,
    };
    given(identity, config).is_none().then(|| setting.to_owned())
}

fn given(identity: Identity, config: &TargetConfig) -> Option<&Secret> {
    let OtherTokens { expired, foreign, other_member } = &config.other_tokens;
    match identity {
        Identity::ExpiredToken => expired.as_ref().or_else(|| config.auth.as_ref().and_then(|auth| auth.expired_token.as_ref())),
        Identity::ForeignToken => foreign.as_ref(),
        Identity::OtherMember => other_member.as_ref(),
        _ => None,
    }
}

fn token(header: &HeaderValue) -> Option<&str> {
    header.to_str().ok()?.strip_prefix("Bearer ")
}

/// The token with another last letter. The highest of a letter's six bits counts whatever the length, so that what is signed is not the
/// same once decoded.
fn altered(token: &str) -> Secret {
    let mut bytes = Zeroizing::new(token.as_bytes().to_vec());
    if let Some(last) = bytes.iter_mut().rev().find(|byte| **byte != b'=') {
        let place = LETTERS.iter().position(|letter| letter == last);
        *last = place.and_then(|place| LETTERS.get(place ^ 32)).copied().unwrap_or(b'A');
    }
    Secret::new(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_altered_token_is_another_one_of_the_same_length() {
        for token in ["abc.def.ghi", "member-1-0000000000000000", "A", "QQ==", "tail~", "x_", "x-"] {
            let other = altered(token);
            assert_ne!(other.expose(), token);
            assert_eq!(other.expose().len(), token.len());
            assert_eq!(altered(other.expose()).expose() == token, !token.ends_with('~'), "the same bit is turned back");
        }
    }

    #[test]
    fn each_identity_shows_what_it_should() {
        let mut config = TargetConfig::of_base("https://payer.example/fhir").unwrap();
        config.other_tokens.other_member = Some(Secret::new("theirs"));
        let member = bearer(&Secret::new("mine"));
        let shown = |identity| {
            let header = authorization(identity, member.clone(), &config);
            header.map(|header| header.to_str().unwrap().to_owned())
        };
        let seen: Vec<Option<String>> = Identity::ALL.into_iter().map(shown).collect();
        let seen: Vec<Option<&str>> = seen.iter().map(Option::as_deref).collect();
        let malformed = Some("Bearer this is no token");
        assert_eq!(
            seen,
            [Some("Bearer mine"), None, malformed, Some("Basic mine"), Some("Bearer min-"), None, None, None, Some("Bearer theirs")]
        );
        assert_eq!(in_query(Identity::TokenInQuery, member.as_ref()), Some(("access_token".to_owned(), "mine".to_owned())));
        assert_eq!(in_query(Identity::Member, member.as_ref()), None);
        assert!(why_not(Identity::ExpiredToken, true, &config).unwrap().contains("--expired-token-file"));
        assert_eq!(why_not(Identity::OtherMember, true, &config), None);
        assert!(why_not(Identity::AlteredToken, false, &config).unwrap().contains("no token"));
    }
}
