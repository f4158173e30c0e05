//! Whose credentials a request carries, or what it carries in their place.

use serde::{Deserialize, Serialize};

/// What a request shows of who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// The token of the member whose record is harvested.
    #[default]
    Member,
    /// Nothing: no Authorization header.
    #[serde(rename = "no-token")]
    Anonymous,
    /// A bearer token that no server can have issued (RFC 6750 section 2.1).
    MalformedToken,
    /// The member's token under another scheme than Bearer.
    OtherScheme,
    /// The member's token with another last character: of a signed token, another signature.
    AlteredToken,
    /// A token that has run out.
    ExpiredToken,
    /// The member's token in the URL, as the parameter `access_token` (RFC 6750 section 2.3).
    TokenInQuery,
    /// A token that is good at another resource server.
    ForeignToken,
    /// The token of another member.
    OtherMember,
}

impl Identity {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Member,
        Self::Anonymous,
        Self::MalformedToken,
        Self::OtherScheme,
        Self::AlteredToken,
        Self::ExpiredToken,
        Self::TokenInQuery,
        Self::ForeignToken,
        Self::OtherMember,
    ];

    /// The word in suites and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Anonymous => "no-token",
            Self::MalformedToken => "malformed-token",
            Self::OtherScheme => "other-scheme",
            Self::AlteredToken => "altered-token",
            Self::ExpiredToken => "expired-token",
            Self::TokenInQuery => "token-in-query",
            Self::ForeignToken => "foreign-token",
            Self::OtherMember => "other-member",
        }
    }

    /// The identity of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|identity| identity.word() == word)
    }

    /// Whether the request is sent wrongly, so that 400 refuses it as well (RFC 6750 section 3.1: `invalid_request`).
    pub fn is_malformed(self) -> bool {
        matches!(self, Self::MalformedToken | Self::OtherScheme | Self::TokenInQuery)
    }
}

#[cfg(test)]
mod tests {
    use super::Identity;

    #[test]
    fn an_identity_reads_as_it_writes() {
        for identity in Identity::ALL {
            assert_eq!(crate::fhir::json::to_value(identity).unwrap(), identity.word());
            assert_eq!(Identity::of_word(identity.word()), Some(identity));
        }
        assert_eq!(Identity::of_word("nobody"), None);
    }
}
