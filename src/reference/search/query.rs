//! A search as asked: its parameters read and refused where they are not understood (R4 search.html).

use super::criteria::{Filter, Reader};
use super::table::{self, Kind};
use crate::reference::error::Refusal;
use crate::reference::fault::Breach;
use crate::reference::state::State;

/// Name and value, decoded.
pub type Pair = (String, String);

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
    pub fn read(state: &State, base: &str, resource_type: &str, pairs: &[Pair], lenient: bool) -> Result<Self, Refusal> {
        let reader = Reader { state, base };
        let mut query = Self::default();
        for (name, value) in pairs {
            let tolerated = lenient || state.has(Breach::SearchUnknownParamIgnored);
            match query.take(&reader, resource_type, name, value) {
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

    fn take(&mut self, reader: &Reader<'_>, resource_type: &str, name: &str, value: &str) -> Result<(), Unread> {
        let (code, modifier) = name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier)));
        match (code, modifier) {
            ("_include", None | Some("iterate")) => self.wishes.push(wish(reader.state, resource_type, value, modifier.is_some())?),
            ("_revinclude", None) => self.wishes.push(reverse_wish(resource_type, value)?),
            (_, None) if self.take_result_parameter(reader.state, resource_type, code, value)? => {}
            _ => match reader.read(resource_type, name, value) {
                Err(Unread::Malformed(_)) if reader.state.has(Breach::SearchBadValueIgnored) => {}
                filter => self.filters.push(filter?),
            },
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
        query
            .take(&Reader { state, base: "" }, "", name, value)
            .map_err(|(Unread::Unknown(reason) | Unread::Malformed(reason))| Refusal::invalid(reason))?;
    }
    Ok(query.summary)
}

/// Why a parameter is not taken.
#[derive(Clone, Debug)]
pub enum Unread {
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
            .is_some_and(|parameter| matches!(parameter.kind, Kind::Date | Kind::Token | Kind::String | Kind::Number | Kind::Quantity));
        known
            .then(|| (code.to_owned(), descending))
            .ok_or_else(|| Unread::Unknown(format!("_sort={value}: {resource_type} cannot be sorted by `{code}`")))
    });
    keys.collect()
}
