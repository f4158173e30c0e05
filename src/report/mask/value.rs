//! A value cut into what is shown and what is not.

use super::treatment::Treatment;

/// What stands for a hidden value.
pub const MASK: &str = "***";

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// It is shown.
    Shown(String),
    /// It is not.
    Hidden {
        /// What it is.
        text: String,
        /// What a reader sees of it.
        shown: Shown,
        /// What it is called: the parameter, the element, or what kind of text it is.
        name: String,
    },
}

/// What a reader sees of a hidden text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Only that it is there.
    Nothing,
    /// The year of a date, with what compares it.
    Year,
    /// A pseudonym.
    Pseudonym,
}

/// Cuts a value by what is done with it. It may be as it stands in a URL, percent-encoded, or decoded.
pub fn cut(treatment: &Treatment, name: &str, value: &str) -> Vec<Piece> {
    let hidden = |text: &str, shown: Shown| Piece::Hidden { text: text.to_owned(), shown, name: name.to_owned() };
    match treatment {
        Treatment::Shown => vec![Piece::Shown(value.to_owned())],
        Treatment::Hidden => vec![hidden(value, Shown::Nothing)],
        Treatment::Id => each(value, |id| vec![hidden(id, Shown::Pseudonym)]),
        Treatment::Year => each(value, |date| vec![hidden(date, Shown::Year)]),
        Treatment::Token => each(value, |token| match split(token, '|') {
            Some((system, bar, code)) => vec![Piece::Shown(format!("{system}{bar}")), hidden(code, Shown::Nothing)],
            None => vec![hidden(token, Shown::Nothing)],
        }),
        Treatment::Reference => each(value, |reference| of_reference(reference, &hidden)),
        Treatment::Composite(parts) => each(value, |alternative| {
            let mut pieces = Vec::new();
            let mut rest = alternative;
            for (place, part) in parts.iter().enumerate() {
                match split(rest, '$').filter(|_| place + 1 < parts.len()) {
                    Some((one, dollar, more)) => {
                        pieces.extend(cut(part, name, one));
                        pieces.push(Piece::Shown(dollar.to_owned()));
                        rest = more;
                    }
                    None => {
                        pieces.extend(cut(part, name, rest));
                        rest = "";
                    }
                }
            }
            if !rest.is_empty() {
                pieces.push(hidden(rest, Shown::Nothing));
            }
            pieces
        }),
    }
}

/// `Type/id`, an id alone, or an absolute URL that ends in one.
fn of_reference(reference: &str, hidden: &dyn Fn(&str, Shown) -> Piece) -> Vec<Piece> {
    let lower = reference.to_ascii_lowercase();
    let slash = reference.rfind('/').map(|at| at + 1).max(lower.rfind("%2f").map(|at| at + 3));
    // A URN has its id behind the last colon.
    let start = slash.or_else(|| lower.starts_with("urn").then(|| reference.rfind(':').map(|at| at + 1)).flatten());
    let (before, id) = reference.split_at_checked(start.unwrap_or(0)).unwrap_or(("", reference));
    if before.is_empty() { vec![hidden(id, Shown::Pseudonym)] } else { vec![Piece::Shown(before.to_owned()), hidden(id, Shown::Pseudonym)] }
}

/// Each of the alternatives that commas set apart.
fn each(value: &str, cut_one: impl Fn(&str) -> Vec<Piece>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = value;
    while let Some((one, comma, more)) = split(rest, ',') {
        pieces.extend(cut_one(one));
        pieces.push(Piece::Shown(comma.to_owned()));
        rest = more;
    }
    pieces.extend(cut_one(rest));
    pieces
}

/// Splits at the first separator, as itself or percent-encoded, that no backslash escapes.
fn split(value: &str, separator: char) -> Option<(&str, &str, &str)> {
    let encoded = format!("%{:02x}", u32::from(separator));
    let is_escaped =
        |at: usize| value.get(..at).is_some_and(|before| before.ends_with('\\') || before.to_ascii_lowercase().ends_with("%5c"));
    value.char_indices().find_map(|(at, character)| {
        let length = match character {
            character if character == separator => character.len_utf8(),
            '%' if value.get(at..at + 3).is_some_and(|code| code.eq_ignore_ascii_case(&encoded)) => 3,
            _ => return None,
        };
        (!is_escaped(at)).then(|| Some((value.get(..at)?, value.get(at..at + length)?, value.get(at + length..)?)))?
    })
}

/// The year of a date and what stands before it, with the rest masked.
pub fn year(date: &str) -> String {
    let start = date.find(|c: char| c.is_ascii_digit()).unwrap_or(date.len());
    let (before, digits) = date.split_at_checked(start).unwrap_or((date, ""));
    let is_short = before.len() <= 3 && before.chars().all(|c| c.is_ascii_lowercase() || c == '"');
    match digits.get(..4).filter(|year| is_short && year.bytes().all(|digit| digit.is_ascii_digit())) {
        Some(year) if digits.len() == 4 || digits.get(4..5) == Some("\"") => {
            format!("{before}{year}{}", digits.get(4..).unwrap_or_default())
        }
        Some(year) if digits.get(4..5) == Some("-") => {
            let end = if before.ends_with('"') && digits.ends_with('"') { "\"" } else { "" };
            format!("{before}{year}-**-**{end}")
        }
        _ => MASK.to_owned(),
    }
}
