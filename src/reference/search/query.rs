//! A search as asked: its parameters read and refused where they are not understood (R4 search.html).

use super::date::{Prefix, Span};
use super::table::{self, Kind, Parameter};
use crate::reference::error::Refusal;
use crate::reference::fault::Breach;
use crate::reference::state::{State, Target, is_type_name};

/// Name and value, decoded.
pub type Pair = (String, String);

/// One parameter with the values of which one has to match.
#[derive(Debug)]
pub struct Filter {
    /// What is compared.
    pub parameter: &'static Parameter,
    /// Whether `:not` was given.
    pub negated: bool,
    /// Alternatives.
    pub wanted: Vec<Wanted>,
}

/// One value to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A logical id.
    Id(String),
    /// A code; `system` is `None` when any will do, and empty when there must be none; no `code` takes any.
    Token {
        /// The system.
        system: Option<String>,
        /// The code or identifier value.
        code: Option<String>,
    },
    /// A reference; without a type any will do.
    Reference {
        /// The type.
        resource_type: Option<String>,
        /// The logical id.
        id: String,
    },
    /// A date.
    Date(Prefix, Span),
    /// `:missing`.
    Missing(bool),
}

/// How many of each resource's elements are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Summary {
    /// All: nothing was said.
    #[default]
    Whole,
    /// All, as was said.
    False,
    /// Summary elements.
    Short,
    /// Narrative and mandatory elements.
    Text,
    /// All but the narrative.
    Data,
    /// No resources, only the total.
    Count,
    /// The named and the mandatory elements.
    Elements(Vec<String>),
}

/// What the caller wants of the total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Total {
    /// Nothing was said: it is sent.
    #[default]
    Given,
    /// It will not be used.
    None,
    /// A rough number will do.
    Estimate,
    /// The exact number.
    Accurate,
}

/// One `_include` or `_revinclude`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whether what refers to the matches is wanted, not what they refer to.
    pub reverse: bool,
    /// The type that references start from.
    pub source: String,
    /// The code; `*` for any.
    pub code: String,
    /// The type that they may lead to.
    pub target: Option<String>,
    /// Whether what was included is looked at too.
    pub iterate: bool,
}

/// A search that is understood.
#[derive(Debug, Default)]
pub struct Query {
    /// All must match.
    pub filters: Vec<Filter>,
    /// What else to bring.
    pub wishes: Vec<Wish>,
    /// Sort keys; `true` for descending.
    pub sort: Vec<(String, bool)>,
    /// Matches a page.
    pub count: Option<usize>,
    /// Where the page starts.
    pub offset: usize,
    /// Which elements.
    pub summary: Summary,
    /// What is wanted of the total.
    pub total: Total,
    /// The parameters that were used, for the links, without the page.
    pub used: Vec<Pair>,
    /// What was left out under lenient handling.
    pub ignored: Vec<String>,
}

/// The parameter that carries the page.
pub const PAGE: &str = "_page";

impl Query {
    /// Reads the parameters of a search. Under `lenient` handling what is not known is left out.
    ///
    /// # Errors
    /// 400 when something is not understood.
    pub fn read(state: &State, resource_type: &str, pairs: &[Pair], lenient: bool) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for (name, value) in pairs {
            let tolerated = lenient || state.has(Breach::SearchUnknownParamIgnored);
            match query.take(state, resource_type, name, value) {
                Ok(()) if name == PAGE => {}
                Ok(()) if name == "_id" && state.has(Breach::SelfLinkOmitsFilter) => {}
                Ok(()) => query.used.push((name.clone(), value.clone())),
                Err(Unread::Unknown(reason)) if tolerated => {
                    query.ignored.push(reason);
                    if state.has(Breach::SelfLinkEchoesIgnored) {
                        query.used.push((name.clone(), value.clone()));
                    }
                }
                Err(Unread::Unknown(reason) | Unread::Malformed(reason)) => return Err(Refusal::invalid(reason)),
            }
        }
        Ok(query)
    }

    fn take(&mut self, state: &State, resource_type: &str, name: &str, value: &str) -> Result<(), Unread> {
        let (code, modifier) = name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier)));
        match (code, modifier) {
            ("_include", None | Some("iterate")) => self.wishes.push(wish(state, resource_type, value, modifier.is_some())?),
            ("_revinclude", None) => self.wishes.push(reverse_wish(resource_type, value)?),
            (_, None) if self.take_result_parameter(state, resource_type, code, value)? => {}
            _ => {
                let parameter = table::parameter(resource_type, code, state.version)
                    .ok_or_else(|| Unread::Unknown(format!("{resource_type} has no search parameter `{name}` here: see /metadata")))?;
                match filter(state, parameter, modifier, value) {
                    Err(Unread::Malformed(_)) if state.has(Breach::SearchBadValueIgnored) => {}
                    filter => self.filters.push(filter?),
                }
            }
        }
        Ok(())
    }

    fn take_result_parameter(&mut self, state: &State, resource_type: &str, code: &str, value: &str) -> Result<bool, Unread> {
        match code {
            "_count" => {
                let count = value.parse().map_err(|_| Unread::Malformed(format!("_count={value} is no number: give 0 or more")))?;
                self.count = Some(count);
            }
            "_sort" => self.sort = sort(state, resource_type, value)?,
            "_summary" => {
                self.summary = match value {
                    "true" => Summary::Short,
                    "text" => Summary::Text,
                    "data" => Summary::Data,
                    "count" => Summary::Count,
                    "false" => Summary::False,
                    _ => return Err(Unread::Malformed(format!("_summary={value}: give true, text, data, count or false"))),
                }
            }
            "_elements" => {
                let names = value.split(',').map(|name| name.rsplit('.').next().unwrap_or(name).trim().to_owned());
                self.summary = Summary::Elements(names.filter(|name| !name.is_empty()).collect());
            }
            "_total" => {
                self.total = match value {
                    "none" => Total::None,
                    "estimate" => Total::Estimate,
                    "accurate" => Total::Accurate,
                    _ => return Err(Unread::Malformed(format!("_total={value}: give none, estimate or accurate"))),
                }
            }
            "_format" | "_pretty" => {}
            PAGE => {
                self.offset =
                    super::page::offset(value).ok_or_else(|| Unread::Malformed("this page does not exist: follow the links".to_owned()))?
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// How much of a resource a read sends.
///
/// # Errors
/// 400 when `_summary` has no such value.
pub fn summary(state: &State, pairs: &[Pair]) -> Result<Summary, Refusal> {
    let mut query = Query::default();
    for (name, value) in pairs.iter().filter(|(name, _)| name == "_summary" || name == "_elements") {
        query.take(state, "", name, value).map_err(|(Unread::Unknown(reason) | Unread::Malformed(reason))| Refusal::invalid(reason))?;
    }
    Ok(query.summary)
}

/// Why a parameter is not taken.
#[derive(Debug)]
enum Unread {
    /// It is not known, so lenient handling may leave it out.
    Unknown(String),
    /// Its value makes no sense.
    Malformed(String),
}

fn wish(state: &State, resource_type: &str, value: &str, iterate: bool) -> Result<Wish, Unread> {
    let mut parts = value.split(':');
    let (source, code, target) = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("*"), None, ..) => (resource_type, "*", None),
        (Some(source), Some(code), target, None) => (source, code, target),
        _ => return Err(Unread::Malformed(format!("_include={value}: give Type:parameter, such as ExplanationOfBenefit:patient"))),
    };
    let known = table::includes(source).iter().any(|include| code == "*" || include.code == code);
    if !known || (!iterate && source != resource_type) {
        return Err(Unread::Unknown(format!("_include={value} is not offered in a search of {resource_type}: see /metadata")));
    }
    if target.is_some() && state.has(Breach::IncludeRefusesTarget) {
        return Err(Unread::Malformed(format!("_include={value}: a target type is not offered")));
    }
    let target = target.map(str::to_owned);
    Ok(Wish { reverse: false, source: source.to_owned(), code: code.to_owned(), target, iterate })
}

fn reverse_wish(resource_type: &str, value: &str) -> Result<Wish, Unread> {
    let offered = table::reverse_includes(resource_type).iter().find_map(|(source, code)| {
        let own = value.strip_prefix(source)?.strip_prefix(':')?;
        (own == *code || own.strip_prefix(code).is_some_and(|rest| rest.strip_prefix(':') == Some(resource_type))).then_some((source, code))
    });
    let (source, code) = offered
        .ok_or_else(|| Unread::Unknown(format!("_revinclude={value} is not offered in a search of {resource_type}: see /metadata")))?;
    Ok(Wish { reverse: true, source: (*source).to_owned(), code: (*code).to_owned(), target: None, iterate: false })
}

fn sort(state: &State, resource_type: &str, value: &str) -> Result<Vec<(String, bool)>, Unread> {
    let keys = value.split(',').map(|key| {
        let (code, descending) = key.strip_prefix('-').map_or((key, false), |code| (code, true));
        let known = table::parameter(resource_type, code, state.version)
            .is_some_and(|parameter| matches!(parameter.kind, Kind::Id | Kind::Date(_) | Kind::Token(_)));
        known
            .then(|| (code.to_owned(), descending))
            .ok_or_else(|| Unread::Unknown(format!("_sort={value}: {resource_type} cannot be sorted by `{code}`")))
    });
    keys.collect()
}

fn filter(state: &State, parameter: &'static Parameter, modifier: Option<&str>, value: &str) -> Result<Filter, Unread> {
    let unknown = |modifier: &str| Unread::Unknown(format!("the modifier `:{modifier}` of `{}` is not offered", parameter.code));
    if modifier == Some("missing") {
        let missing = value.parse().map_err(|_| Unread::Malformed(format!("{}:missing={value}: give true or false", parameter.code)))?;
        return Ok(Filter { parameter, negated: false, wanted: vec![Wanted::Missing(missing)] });
    }
    let negated = match (modifier, parameter.kind) {
        (None, _) | (Some(_), Kind::Reference(..)) => false,
        (Some("not"), Kind::Token(_)) => true,
        (Some(other), _) => return Err(unknown(other)),
    };
    let mut values = alternatives(value);
    if state.has(Breach::SearchIgnoresTail) {
        values.truncate(1);
    }
    let wanted = values.iter().map(|value| match parameter.kind {
        Kind::Id => Ok(Wanted::Id(value.clone())),
        Kind::Token(_) => Ok(token(value)),
        Kind::Reference(_, types) => reference(value, modifier, types).ok_or_else(|| match modifier {
            Some(modifier) if !types.contains(&modifier) => unknown(modifier),
            _ => Unread::Malformed(format!("{}={value} is no reference: give an id, Type/id or a URL", parameter.code)),
        }),
        Kind::Date(_) => date(state, value)
            .ok_or_else(|| Unread::Malformed(format!("{}={value} is no date: give one such as ge2024-01-31", parameter.code))),
    });
    let wanted: Vec<_> = wanted.collect::<Result<_, _>>()?;
    if value.is_empty() {
        return Err(Unread::Malformed(format!("`{}` has no value", parameter.code)));
    }
    Ok(Filter { parameter, negated, wanted })
}

/// Splits at commas, but not at `\,`, and takes the backslashes away, except before `|`, which the token needs.
fn alternatives(value: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        let last = found.last_mut();
        match (character, last) {
            ('\\', Some(last)) => match characters.next() {
                Some('|') => last.push_str("\\|"),
                Some(escaped) => last.push(escaped),
                None => last.push('\\'),
            },
            (',', _) => found.push(String::new()),
            (other, Some(last)) => last.push(other),
            (_, None) => {}
        }
    }
    found
}

fn token(value: &str) -> Wanted {
    let bar = value.match_indices('|').map(|(at, _)| at).find(|at| !value.get(..*at).unwrap_or_default().ends_with('\\'));
    let plain = |text: &str| text.replace("\\|", "|");
    match bar.and_then(|at| value.split_at_checked(at)) {
        None => Wanted::Token { system: None, code: Some(plain(value)) },
        Some((system, rest)) => {
            let code = rest.get(1..).unwrap_or_default();
            Wanted::Token { system: Some(plain(system)), code: (!code.is_empty()).then(|| plain(code)) }
        }
    }
}

fn reference(value: &str, modifier: Option<&str>, types: &[&str]) -> Option<Wanted> {
    if modifier.is_some_and(|modifier| !types.contains(&modifier)) {
        return None;
    }
    if value.contains('/') {
        let target = Target::of(value)?;
        return Some(Wanted::Reference { resource_type: Some(target.resource_type.to_owned()), id: target.id.to_owned() });
    }
    let only = match types {
        [only] => Some((*only).to_owned()),
        _ => None,
    };
    let resource_type = modifier.filter(|name| is_type_name(name)).map(str::to_owned).or(only);
    (!value.is_empty()).then(|| Wanted::Reference { resource_type, id: value.to_owned() })
}

fn date(state: &State, value: &str) -> Option<Wanted> {
    let (mut prefix, text) = Prefix::split(value);
    // A plus sign of a time zone that was sent undecoded has become a space.
    let text = text.replace(' ', "+");
    if prefix == Prefix::Ge && state.has(Breach::SearchPrefixGeAsGt) {
        prefix = Prefix::Gt;
    }
    if state.has(Breach::SearchPrefixIgnored) {
        prefix = Prefix::Eq;
    }
    Some(Wanted::Date(prefix, Span::read(&text)?))
}

#[cfg(test)]
mod tests {
    use super::{Wanted, alternatives, token};

    #[test]
    fn commas_separate_unless_escaped() {
        assert_eq!(alternatives("a,b"), ["a", "b"]);
        assert_eq!(alternatives(r"a\,b,c\\"), ["a,b", r"c\"]);
    }

    #[test]
    fn a_token_has_a_system_when_there_is_a_bar() {
        let wanted =
            |system: Option<&str>, code: Option<&str>| Wanted::Token { system: system.map(str::to_owned), code: code.map(str::to_owned) };
        assert_eq!(token("oral"), wanted(None, Some("oral")));
        assert_eq!(token("s|oral"), wanted(Some("s"), Some("oral")));
        assert_eq!(token("|oral"), wanted(Some(""), Some("oral")));
        assert_eq!(token("s|"), wanted(Some("s"), None));
        assert_eq!(token(r"a\|b"), wanted(None, Some("a|b")));
    }
}
