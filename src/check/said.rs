//! Words for reports in which everything quoted from a server or a request is marked with what it is, so that it can be masked by that.

use std::fmt;
use std::ops::{Deref, Range};

/// What a quoted text is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Quoted {
    /// A logical id.
    Id,
    /// A URL or a reference: absolute, or relative to the FHIR base, such as `Patient/1/_history/2`.
    Url,
    /// The value of a search parameter.
    Parameter {
        /// The resource type that is searched.
        resource_type: String,
        /// The name with its modifiers and chain.
        name: String,
    },
    /// The value of an element, by its FHIRPath location, such as `Patient.name[0].family`.
    Element(String),
    /// Text of the server's own, which can hold anything.
    Foreign,
}

/// Text with its quotations. It reads as the whole text; only a report's mask takes quotations out.
///
/// Literals are words of the harness. Everything else has to say what it is: [`code`], [`words`], [`key`], [`url`], [`parameter`],
/// [`element`] or [`foreign`]. A `String` says nothing of itself, so it is not taken.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Said {
    text: String,
    quotes: Vec<(Range<usize>, Quoted)>,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Words of the harness, numbers, and codes.
    Words(&'a str),
    /// Quoted, and what it is.
    Quote(&'a str, &'a Quoted),
}

/// A [`Said`] of a literal with `{}` for each part that follows.
macro_rules! said {
    ($template:literal $(, $part:expr)* $(,)?) => {
        $crate::check::said::Said::filled($template, [$($crate::check::said::Said::from($part)),*])
    };
}
pub(crate) use said;

impl Said {
    /// A template with each `{}` filled in.
    pub fn filled(template: &'static str, parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter();
        let mut said = Self::default();
        let mut pieces = template.split("{}");
        said.text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            said.append(parts.next().unwrap_or_default());
            said.text.push_str(piece);
        }
        said
    }

    /// Several, one after the other with a literal between.
    pub fn joined(parts: impl IntoIterator<Item = Self>, between: &'static str) -> Self {
        let mut said = Self::default();
        for (place, part) in parts.into_iter().enumerate() {
            if place > 0 {
                said.text.push_str(between);
            }
            said.append(part);
        }
        said
    }

    /// Words and quotations in order.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut end = 0;
        let piece = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        for (range, quoted) in &self.quotes {
            parts.push(Part::Words(piece(end..range.start)));
            parts.push(Part::Quote(piece(range.clone()), quoted));
            end = range.end;
        }
        parts.push(Part::Words(piece(end..self.text.len())));
        parts.retain(|part| !matches!(part, Part::Words("")));
        parts
    }

    fn append(&mut self, part: Self) {
        let start = self.text.len();
        self.text.push_str(&part.text);
        self.quotes.extend(part.quotes.into_iter().map(|(range, quoted)| (range.start + start..range.end + start, quoted)));
    }

    fn quote(text: &str, quoted: Quoted) -> Self {
        Self { text: text.to_owned(), quotes: vec![(0..text.len(), quoted)] }
    }
}

/// A word of a specification: a code, a type, an element's or a parameter's name, a media type, a status.
pub fn code(text: impl AsRef<str>) -> Said {
    words(text.as_ref())
}

/// A sentence of the harness that was put together elsewhere and quotes no value of a resource, a request or a member.
pub fn words(text: impl Into<String>) -> Said {
    Said { text: text.into(), quotes: Vec::new() }
}

/// Type and id of a resource, with or without a version.
pub fn key(text: impl AsRef<str>) -> Said {
    Said::quote(text.as_ref(), Quoted::Url)
}

/// A URL.
pub fn url(text: impl AsRef<str>) -> Said {
    Said::quote(text.as_ref(), Quoted::Url)
}

/// A logical id.
pub fn id(text: impl AsRef<str>) -> Said {
    Said::quote(text.as_ref(), Quoted::Id)
}

/// A search parameter with its value, as `name=value`.
pub fn parameter(resource_type: &str, name: &str, value: &str) -> Said {
    let quoted = Quoted::Parameter { resource_type: resource_type.to_owned(), name: name.to_owned() };
    Said::joined([words(name), Said::quote(value, quoted)], "=")
}

/// The value of an element.
pub fn element(location: impl Into<String>, value: impl AsRef<str>) -> Said {
    Said::quote(value.as_ref(), Quoted::Element(location.into()))
}

/// Text of the server's own, which can hold anything.
pub fn foreign(text: impl AsRef<str>) -> Said {
    Said::quote(text.as_ref(), Quoted::Foreign)
}

impl Deref for Said {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

impl From<&'static str> for Said {
    fn from(literal: &'static str) -> Self {
        words(literal)
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {
        $(impl From<$number> for Said {
            fn from(number: $number) -> Self {
                words(number.to_string())
            }
        })*
    };
}
from_number!(u16, u64, usize);

impl From<&Said> for Said {
    fn from(said: &Said) -> Self {
        said.clone()
    }
}

impl PartialEq<str> for Said {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Said {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_keep_their_places() {
        let said = said!("{} is not {}, but {} of {}", key("Patient/1"), code("active"), 3_usize, parameter("Patient", "name", "Roe"));
        assert_eq!(said, "Patient/1 is not active, but 3 of name=Roe");
        let name = Quoted::Parameter { resource_type: "Patient".to_owned(), name: "name".to_owned() };
        let parts = [Part::Quote("Patient/1", &Quoted::Url), Part::Words(" is not active, but 3 of name="), Part::Quote("Roe", &name)];
        assert_eq!(said.parts(), parts);
        let joined = Said::joined([words("a"), foreign("ä"), foreign("")], ", ");
        assert_eq!(joined, "a, ä, ");
        assert_eq!(joined.parts().len(), 4);
    }
}
