//! What a search value means on a resource's values (R4 search.html): the harness's own prediction of who is found.

mod date;
mod form;
mod full_text;
mod modified;
mod modifier;
mod number;
mod reference;
mod sample;
mod text;
mod token;

use std::borrow::Cow;
use std::fmt;

use crate::fhir::json::Value;

pub use form::formed_values;
pub use full_text::{matches_words, telling_words, words_in, words_of};
pub use modified::modified_values;
pub use modifier::matches_modified;
pub use sample::{SampleValue, malformed_value, no_match_value, sample_values, sample_with_prefix};
pub use token::codes_in_value_sets;

/// The types of search parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A date, dateTime, instant, Period or Timing.
    Date,
    /// Text, HumanName or Address.
    String,
    /// A code, Coding, CodeableConcept, Identifier, ContactPoint, boolean or id.
    Token,
    /// A reference or canonical.
    Reference,
    /// Parts joined by `$`.
    Composite,
    /// A Quantity or Money.
    Quantity,
    /// A uri.
    Uri,
    /// With rules of its own.
    Special,
}

/// Whether a value is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It must be found.
    Yes,
    /// It must not be found.
    No,
    /// The specification leaves it open, or it cannot be told here: counts neither for nor against the server.
    Unknown(String),
}

/// What matching needs to know beside the values.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The FHIR base, so that absolute and relative references are equated.
    pub base: &'a str,
    /// What is known of code systems.
    pub terminology: &'a dyn Terminology,
    /// Whether the values are ids of resources, of which case always counts (R4 search.html#token).
    pub ids: bool,
}

/// What code systems say of their codes.
pub trait Terminology: fmt::Debug {
    /// Whether upper and lower case make a difference among the codes of a system; `None` where that is not known.
    fn case_sensitive(&self, system: &str) -> Option<bool>;

    /// Whether a value set holds a code, or one without a system where the definition of its element implies the system; `None` where that
    /// is not known.
    fn holds(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool>;

    /// Whether it is known of two codes of a system that neither lies above the other.
    fn are_apart(&self, system: &str, one: &str, other: &str) -> bool;
}

/// No code system is known.
#[derive(Clone, Copy, Debug)]
pub struct NoTerminology;

impl Terminology for NoTerminology {
    fn case_sensitive(&self, _: &str) -> Option<bool> {
        None
    }

    fn holds(&self, _: &str, _: Option<&str>, _: &str) -> Option<bool> {
        None
    }

    fn are_apart(&self, _: &str, _: &str, _: &str) -> bool {
        false
    }
}

impl<'a> Context<'a> {
    /// A server at a base, and no code systems.
    pub const fn of(base: &'a str) -> Self {
        Self { base, terminology: &NoTerminology, ids: false }
    }
}

impl Kind {
    /// Reads the code of SearchParameter.type.
    pub fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "number" => Self::Number,
            "date" => Self::Date,
            "string" => Self::String,
            "token" => Self::Token,
            "reference" => Self::Reference,
            "composite" => Self::Composite,
            "quantity" => Self::Quantity,
            "uri" => Self::Uri,
            "special" => Self::Special,
            _ => return None,
        })
    }

    /// The code of SearchParameter.type.
    pub fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Date => "date",
            Self::String => "string",
            Self::Token => "token",
            Self::Reference => "reference",
            Self::Composite => "composite",
            Self::Quantity => "quantity",
            Self::Uri => "uri",
            Self::Special => "special",
        }
    }
}

impl Answer {
    /// Whether one of several is met.
    pub fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut sum = Self::No;
        for answer in answers {
            match answer {
                Self::Yes => return Self::Yes,
                Self::Unknown(_) => sum = answer,
                Self::No => {}
            }
        }
        sum
    }

    /// Whether all of several are met.
    pub fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        Self::any(answers.into_iter().map(Self::negated)).negated()
    }

    fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }
}

/// Whether the nodes that a parameter selects from one resource meet a search value without a modifier; `,` means or.
pub fn matches(kind: Kind, value: &str, nodes: &[&Value], context: &Context<'_>) -> Answer {
    if !value.contains([',', '\\']) && !nodes.is_empty() {
        return Answer::any(nodes.iter().map(|node| matches_one(kind, value, node, context)));
    }
    let alternatives = split_unescaped(value, ',');
    let has_prefix = matches!(kind, Kind::Date | Kind::Number | Kind::Quantity);
    if nodes.is_empty() && has_prefix && alternatives.iter().any(|alternative| alternative.starts_with("ne")) {
        return Answer::Unknown("whether a resource without a value meets ne is not stated".to_owned());
    }
    Answer::any(alternatives.iter().flat_map(|alternative| nodes.iter().map(|node| matches_one(kind, alternative, node, context))))
}

/// Whether the parts of one composite node meet a value whose parts are joined by `$`; `,` means or.
pub fn matches_composite(parts: &[(Kind, Vec<&Value>)], value: &str, context: &Context<'_>) -> Answer {
    Answer::any(split_unescaped(value, ',').iter().map(|alternative| {
        let wanted = split_unescaped(alternative, '$');
        if wanted.len() != parts.len() {
            return Answer::No;
        }
        Answer::all(parts.iter().zip(wanted).map(|((kind, nodes), part)| matches(*kind, &part, nodes, context)))
    }))
}

fn matches_one(kind: Kind, value: &str, node: &Value, context: &Context<'_>) -> Answer {
    match kind {
        Kind::Date => date::matches(value, node),
        Kind::Number => number::matches_number(value, node),
        Kind::Quantity => number::matches_quantity(value, node),
        Kind::String => text::matches_string(value, node),
        Kind::Uri => text::matches_uri(value, node),
        Kind::Token => token::matches(value, node, context),
        Kind::Reference => reference::matches(value, node, context),
        Kind::Composite | Kind::Special => Answer::Unknown(format!("values of type {} have rules of their own", kind.word())),
    }
}

/// Puts `\` before what would otherwise separate values (R4 search.html#escaping).
pub fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if matches!(character, ',' | '$' | '|' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Takes the `\` away again.
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    Cow::Owned(plain)
}

/// Splits at a separator that has no `\` before it; the parts stay escaped.
pub fn split_unescaped(value: &str, separator: char) -> Vec<Cow<'_, str>> {
    if !value.contains('\\') {
        return value.split(separator).map(Cow::Borrowed).collect();
    }
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in value.chars() {
        if character == separator && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = character == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts.into_iter().map(Cow::Owned).collect()
}

fn decided(is_met: bool) -> Answer {
    if is_met { Answer::Yes } else { Answer::No }
}

#[cfg(test)]
mod generated;
#[cfg(test)]
mod tests;
