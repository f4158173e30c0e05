//! A URL or a reference cut into what is shown and what is not, by the grammar of the RESTful API (R4 http.html).

use percent_encoding::percent_decode_str;

use super::treatment::{Treatment, of_parameter};
use super::value::{Piece, Shown, cut};
use crate::guide::Catalogue;

/// Cuts a URL that is absolute, or relative to the FHIR base.
pub fn cut_url(catalogue: &Catalogue, base: &str, url: &str) -> Vec<Piece> {
    let id = |text: &str| Piece::Hidden { text: text.to_owned(), shown: Shown::Pseudonym, name: "id".to_owned() };
    for urn in ["urn:uuid:", "urn:oid:", "#"] {
        if let Some(own) = url.strip_prefix(urn) {
            return vec![Piece::Shown(urn.to_owned()), id(own)];
        }
    }
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (address, query) = url.split_at_checked(end).unwrap_or((url, ""));
    let (origin, path) = origin_of(address);
    let below = address.strip_prefix(base).filter(|rest| !base.is_empty() && (rest.is_empty() || rest.starts_with('/')));
    let mut pieces = Vec::new();
    let resource_type = match below {
        Some(rest) => {
            pieces.push(Piece::Shown(base.to_owned()));
            cut_path(catalogue, rest, true, &mut pieces)
        }
        None => {
            pieces.push(Piece::Shown(origin.to_owned()));
            cut_path(catalogue, path, origin.is_empty(), &mut pieces)
        }
    };
    cut_query(catalogue, resource_type.as_deref().unwrap_or("Resource"), query, &mut pieces);
    pieces
}

/// Scheme and authority, and the rest; the first is empty where there is none.
fn origin_of(address: &str) -> (&str, &str) {
    let start = address.find("://").map_or(0, |at| at + 3);
    if start == 0 {
        return ("", address);
    }
    let end = address.get(start..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| start + at);
    address.split_at_checked(end).unwrap_or((address, ""))
}

/// What the path has come to.
enum State {
    /// Before any resource type.
    Before,
    /// After a resource type: its id comes next.
    Type,
    /// After an id.
    Instance,
    /// After `_history`.
    History,
}

/// Cuts a path and gives the resource type that a query behind it asks for. Before the first resource type a path below the base has only
/// operations; elsewhere that is the way to another base, of which plain words are shown.
fn cut_path(catalogue: &Catalogue, path: &str, below_base: bool, pieces: &mut Vec<Piece>) -> Option<String> {
    let mut state = State::Before;
    let mut resource_type = None;
    let has_type = path.split('/').any(|segment| catalogue.is_resource_type(segment));
    for (place, segment) in path.split('/').enumerate() {
        if place > 0 {
            pieces.push(Piece::Shown("/".to_owned()));
        }
        let is_word = segment.is_empty() || segment.starts_with(['_', '$']) || segment == "metadata" || segment == ".well-known";
        let shown = |text: &str| Piece::Shown(text.to_owned());
        let hidden = |kind: Shown, name: &str| Piece::Hidden { text: segment.to_owned(), shown: kind, name: name.to_owned() };
        pieces.push(match state {
            _ if is_word => {
                if segment == "_history" {
                    state = State::History;
                }
                shown(segment)
            }
            State::Type => {
                state = State::Instance;
                hidden(Shown::Pseudonym, "id")
            }
            State::History => shown(segment),
            _ if catalogue.is_resource_type(segment) => {
                state = State::Type;
                resource_type = Some(segment.to_owned());
                shown(segment)
            }
            State::Before if !below_base && (has_type || is_plain_word(segment)) => shown(segment),
            State::Before | State::Instance => hidden(Shown::Nothing, "path"),
        });
    }
    resource_type
}

/// A word such as `oauth2` or `authorize`: an id or a cursor is made otherwise.
fn is_plain_word(segment: &str) -> bool {
    segment.len() <= 24
        && segment.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && segment.bytes().filter(u8::is_ascii_digit).count() <= 1
}

/// Cuts everything from the question mark or the number sign on.
fn cut_query(catalogue: &Catalogue, resource_type: &str, query: &str, pieces: &mut Vec<Piece>) {
    let mut rest = query;
    while let Some(mark) = rest.chars().next() {
        let after = rest.get(mark.len_utf8()..).unwrap_or_default();
        let end = after.find(['&', '#', ';']).unwrap_or(after.len());
        let (pair, more) = after.split_at_checked(end).unwrap_or((after, ""));
        pieces.push(Piece::Shown(mark.to_string()));
        match pair.split_once('=') {
            Some((name, value)) => {
                pieces.push(Piece::Shown(format!("{name}=")));
                pieces.extend(cut_parameter(catalogue, resource_type, &percent_decode_str(name).decode_utf8_lossy(), value));
            }
            None if pair.is_empty() => {}
            None => pieces.push(Piece::Hidden { text: pair.to_owned(), shown: Shown::Nothing, name: "query".to_owned() }),
        }
        rest = more;
    }
}

/// Cuts the value of a search parameter.
pub fn cut_parameter(catalogue: &Catalogue, resource_type: &str, name: &str, value: &str) -> Vec<Piece> {
    // What stands for a credential is masked already.
    if value == super::value::MASK {
        return vec![Piece::Shown(value.to_owned())];
    }
    let treatment = if value.is_empty() { Treatment::Shown } else { of_parameter(catalogue, resource_type, name) };
    cut(&treatment, name, value)
}
