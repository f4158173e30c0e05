//! Search values read by the kind of their parameter (R4 search.html#ptypes).

use super::criteria::{Filter, Reader};
use super::date::{self, Prefix, Span};
use super::number::Comparison;
use super::query::Unread;
use super::reference::Literal;
use super::table::{Kind, Parameter};
use crate::reference::data::HOME;
use crate::reference::fault::Breach;
use crate::reference::operation;

/// One value to look for.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Whether there is no value.
    Missing(bool),
    /// A code; `system` is `None` when any will do, and empty when there must be none; no `code` takes any.
    Token {
        /// The system.
        system: Option<String>,
        /// The code or identifier value.
        code: Option<String>,
    },
    /// The start of a text that goes with a code.
    TokenText(String),
    /// An identifier by type and value.
    OfType {
        /// The system of the type.
        system: String,
        /// The code of the type.
        code: String,
        /// The identifier's value.
        value: String,
    },
    /// A code of a list, as system and code.
    Listed(&'static [(&'static str, &'static str)]),
    /// A reference.
    Reference(Literal),
    /// A reference by the identifier that it states.
    Identifier {
        /// The system, as in a token.
        system: Option<String>,
        /// The identifier's value.
        code: Option<String>,
    },
    /// A date.
    Date(Prefix, Span),
    /// Text.
    Text(Manner, String),
    /// A number.
    Number(Comparison),
    /// A quantity.
    Quantity {
        /// Its number.
        comparison: Comparison,
        /// The system of the unit.
        system: Option<String>,
        /// The unit, by code or by name.
        unit: Option<String>,
    },
    /// A URI.
    Uri(Reach, String),
    /// One value for each part.
    Composite(Vec<Wanted>),
    /// Words, all of which must occur.
    Words(Vec<String>),
    /// A resource of this type that the parameter refers to passes the filter.
    Chained {
        /// The type.
        resource_type: String,
        /// What it must pass.
        filter: Box<Filter>,
    },
    /// A resource of another type that refers to this one passes the filter.
    Reversed {
        /// The other type.
        source: String,
        /// The parameter by which it refers.
        by: &'static Parameter,
        /// The type that is searched.
        target: String,
        /// What the other resource must pass.
        filter: Box<Filter>,
    },
}

/// How much of a text must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Its start, whatever case and accents.
    Start,
    /// Any part, whatever case and accents.
    Contains,
    /// All of it, to the letter.
    Exact,
}

/// Which URIs agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The same.
    Same,
    /// The same and those below it.
    Below,
    /// The same and those above it.
    Above,
}

/// Reads one alternative.
///
/// # Errors
/// When it makes no sense for the parameter.
pub fn read(reader: &Reader<'_>, parameter: &'static Parameter, modifier: Option<&str>, text: &str) -> Result<Wanted, Unread> {
    let code = parameter.code;
    if modifier == Some("missing") {
        let missing = text.parse().map_err(|_| Unread::Malformed(format!("{code}:missing={text}: give true or false")))?;
        return Ok(Wanted::Missing(missing));
    }
    let malformed = |expected: &str| Unread::Malformed(format!("{code}={text} is no {expected}"));
    match (parameter.kind, modifier) {
        (Kind::Token, Some("text")) => Ok(Wanted::TokenText(plain(text))),
        // No code system that the record uses has a hierarchy, so that above and below a code is that code alone.
        (Kind::Token, Some("above")) if reader.state.has(Breach::TokenAboveExcludesCode) => Ok(Wanted::Listed(&[])),
        (Kind::Token, Some("below")) if reader.state.has(Breach::TokenBelowExcludesCode) => Ok(Wanted::Listed(&[])),
        (Kind::Token, Some("in" | "not-in")) => match operation::value_set(&plain(text)) {
            Some(codes) => Ok(Wanted::Listed(codes)),
            None => Err(Unread::Malformed(format!("the value set {text} is not known here"))),
        },
        (Kind::Token, Some("of-type")) => match split(text, '|').as_slice() {
            [system, code, value] if !value.is_empty() => {
                Ok(Wanted::OfType { system: plain(system), code: plain(code), value: plain(value) })
            }
            _ => Err(malformed("identifier with its type: give system|code|value")),
        },
        (Kind::Reference(_), Some("identifier")) => {
            let (system, code) = token(text);
            Ok(Wanted::Identifier { system, code })
        }
        (Kind::Reference(types), modifier) => Literal::read(reader, types, modifier, &plain(text))
            .map(Wanted::Reference)
            .ok_or_else(|| malformed("reference: give an id, Type/id or a URL")),
        (Kind::String, Some("exact")) => Ok(Wanted::Text(Manner::Exact, plain(text))),
        (Kind::String, Some("contains")) => Ok(Wanted::Text(Manner::Contains, plain(text))),
        (Kind::Uri, Some("below")) => Ok(Wanted::Uri(Reach::Below, at_home(reader, text))),
        (Kind::Uri, Some("above")) => Ok(Wanted::Uri(Reach::Above, at_home(reader, text))),
        (kind, _) => bare(reader, kind, text).ok_or_else(|| malformed(&format!("{}: see R4 search.html#{}", kind.word(), kind.word()))),
    }
}

/// A value without a modifier, also a part of a composite.
fn bare(reader: &Reader<'_>, kind: Kind, text: &str) -> Option<Wanted> {
    Some(match kind {
        Kind::Token => {
            let (system, code) = token(text);
            Wanted::Token { system, code }
        }
        Kind::Reference(types) => Wanted::Reference(Literal::read(reader, types, None, &plain(text))?),
        Kind::Date => {
            let (prefix, span) = date::read(reader.state, text)?;
            Wanted::Date(prefix, span)
        }
        Kind::String => Wanted::Text(Manner::Start, plain(text)),
        Kind::Number => Wanted::Number(Comparison::read(text)?),
        Kind::Quantity => {
            let parts: Vec<String> = split(text, '|').iter().map(|part| plain(part)).collect();
            let part = |at: usize| parts.get(at).filter(|part| !part.is_empty()).cloned();
            if parts.len() == 2 || parts.len() > 3 {
                return None;
            }
            Wanted::Quantity { comparison: Comparison::read(parts.first()?)?, system: part(1), unit: part(2) }
        }
        Kind::Uri => Wanted::Uri(Reach::Same, at_home(reader, text)),
        Kind::Composite(parts) => {
            let values = split(text, '$');
            let wanted: Option<Vec<Wanted>> = parts.iter().zip(&values).map(|(part, value)| bare(reader, part.kind, value)).collect();
            Wanted::Composite(wanted.filter(|wanted| wanted.len() == parts.len() && wanted.len() == values.len())?)
        }
        Kind::Words { .. } => Wanted::Words(plain(text).split_whitespace().map(str::to_lowercase).collect()),
    })
}

/// A URI as the record writes it: under the payer's base it is one of its own.
fn at_home(reader: &Reader<'_>, text: &str) -> String {
    let uri = plain(text);
    match uri.strip_prefix(reader.base) {
        Some(rest) if !reader.base.is_empty() => format!("{HOME}{rest}"),
        _ => uri,
    }
}

/// System and code of a token.
fn token(text: &str) -> (Option<String>, Option<String>) {
    let parts = split(text, '|');
    match parts.split_first() {
        Some((system, rest)) if !rest.is_empty() => {
            let code = plain(&rest.join("|"));
            (Some(plain(system)), (!code.is_empty()).then_some(code))
        }
        _ => (None, Some(plain(text))),
    }
}

/// Splits at a mark that has no `\` before it; the parts keep their backslashes (R4 search.html#escaping).
pub fn split(value: &str, mark: char) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character == mark {
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            last.push(character);
            if character == '\\' {
                last.extend(characters.next());
            }
        }
    }
    found
}

/// Takes the backslashes away.
pub fn plain(text: &str) -> String {
    let mut found = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        found.push(match character {
            '\\' => characters.next().unwrap_or('\\'),
            other => other,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{plain, split, token};

    #[test]
    fn marks_separate_unless_escaped() {
        assert_eq!(split("a,b", ','), ["a", "b"]);
        assert_eq!(split(r"a\,b,c\\", ','), [r"a\,b", r"c\\"]);
        assert_eq!(plain(r"a\,b\\\|"), r"a,b\|");
        assert_eq!(plain(r"c\"), r"c\");
    }

    #[test]
    fn a_token_has_a_system_when_there_is_a_bar() {
        let wanted = |system: Option<&str>, code: Option<&str>| (system.map(str::to_owned), code.map(str::to_owned));
        assert_eq!(token("oral"), wanted(None, Some("oral")));
        assert_eq!(token("s|oral"), wanted(Some("s"), Some("oral")));
        assert_eq!(token("|oral"), wanted(Some(""), Some("oral")));
        assert_eq!(token("s|"), wanted(Some("s"), None));
        assert_eq!(token(r"a\|b"), wanted(None, Some("a|b")));
    }
}
