//! The criteria of a search: plain parameters with their modifiers, chains and `_has` (R4 search.html#modifiers, #chaining, #has).

use super::query::Unread;
use super::table::{self, Kind, Parameter, Place};
use super::value::{self, Wanted};
use crate::reference::fault::Breach;
use crate::reference::state::State;

/// One parameter with the values of which one has to match.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What is compared.
    pub parameter: &'static Parameter,
    /// Whether `:not` was given.
    pub negated: bool,
    /// Alternatives.
    pub wanted: Vec<Wanted>,
}

/// What is needed to read a criterion.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The payer.
    pub state: &'a State,
    /// The FHIR base as the caller sees it.
    pub base: &'a str,
}

/// How deep chains may go.
const DEEPEST: usize = 4;

static HAS: Parameter =
    Parameter { code: "_has", definition: "http://hl7.org/fhir/search.html#has", kind: Kind::Reference(&[]), place: Place::Paths(&["id"]) };

impl Reader<'_> {
    /// Reads one criterion of a type.
    ///
    /// # Errors
    /// When the parameter is not known, or its modifier, chain or value is not understood.
    pub fn read(&self, resource_type: &str, name: &str, value: &str) -> Result<Filter, Unread> {
        self.read_at(resource_type, name, value, 0)
    }

    fn read_at(&self, resource_type: &str, name: &str, value: &str, depth: usize) -> Result<Filter, Unread> {
        if depth > DEEPEST {
            return Err(Unread::Malformed(format!("`{name}` is a chain of more than {DEEPEST} steps")));
        }
        if let Some(rest) = name.strip_prefix("_has:") {
            return self.reversed(resource_type, rest, value, depth);
        }
        let (head, rest) = name.split_once('.').map_or((name, None), |(head, rest)| (head, Some(rest)));
        let (code, modifier) = head.split_once(':').map_or((head, None), |(code, modifier)| (code, Some(modifier)));
        let parameter = table::parameter(resource_type, code, self.state.version)
            .ok_or_else(|| Unread::Unknown(format!("{resource_type} has no search parameter `{name}` here: see /metadata")))?;
        match rest {
            Some(rest) => self.chained(parameter, modifier, rest, value, depth),
            None => self.plain(parameter, modifier, value),
        }
    }

    /// `parameter:modifier=value`.
    fn plain(&self, parameter: &'static Parameter, modifier: Option<&str>, value: &str) -> Result<Filter, Unread> {
        let modifier = match modifier {
            Some(modifier) if !is_offered(parameter, modifier) => {
                if !self.state.has(Breach::ModifierUnknownIgnored) {
                    return Err(Unread::Malformed(format!("the modifier `:{modifier}` of `{}` is not offered", parameter.code)));
                }
                None
            }
            modifier => modifier,
        };
        let modifier = modifier.filter(|modifier| !is_overlooked(self.state, parameter, modifier));
        if value.is_empty() {
            return Err(Unread::Malformed(format!("`{}` has no value", parameter.code)));
        }
        let mut alternatives = value::split(value, ',');
        if self.state.has(Breach::SearchIgnoresTail) {
            alternatives.truncate(1);
        }
        if self.state.has(Breach::OrAsOneValue) {
            alternatives = vec![value.to_owned()];
        }
        let wanted = alternatives.iter().map(|text| value::read(self, parameter, modifier, text)).collect::<Result<_, _>>()?;
        let negated = match modifier {
            Some("not") => !self.state.has(Breach::TokenNotAsEquals),
            Some("not-in") => !self.state.has(Breach::TokenNotInAsIn),
            _ => false,
        };
        Ok(Filter { parameter, negated, wanted })
    }

    /// `parameter:Type.rest=value`: a resource is found by what it refers to.
    fn chained(
        &self,
        parameter: &'static Parameter,
        modifier: Option<&str>,
        rest: &str,
        value: &str,
        depth: usize,
    ) -> Result<Filter, Unread> {
        let Kind::Reference(types) = parameter.kind else {
            return Err(Unread::Malformed(format!("`{}` is no reference: nothing can be chained to it", parameter.code)));
        };
        let types: Vec<&str> = types.iter().copied().filter(|name| modifier.is_none_or(|modifier| modifier == *name)).collect();
        let mut wanted = Vec::new();
        let mut unread = Unread::Malformed(format!("`{}` leads to none of the type that is asked for", parameter.code));
        for resource_type in types {
            match self.read_at(resource_type, rest, value, depth + 1) {
                Ok(filter) => wanted.push(Wanted::Chained { resource_type: resource_type.to_owned(), filter: Box::new(filter) }),
                Err(Unread::Unknown(reason) | Unread::Malformed(reason)) => unread = Unread::Malformed(reason),
            }
        }
        if wanted.is_empty() { Err(unread) } else { Ok(Filter { parameter, negated: false, wanted }) }
    }

    /// `_has:Type:parameter:rest=value`: a resource is found by what refers to it.
    fn reversed(&self, resource_type: &str, rest: &str, value: &str, depth: usize) -> Result<Filter, Unread> {
        let mut parts = rest.splitn(3, ':');
        let (Some(source), Some(code), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Unread::Malformed(format!(
                "_has:{rest}: give _has:Type:parameter:parameter, such as _has:Observation:patient:code"
            )));
        };
        let parameter = table::parameter(source, code, self.state.version);
        let parameter = parameter.filter(|parameter| matches!(parameter.kind, Kind::Reference(types) if types.contains(&resource_type)));
        let by = parameter.ok_or_else(|| {
            Unread::Malformed(format!("_has:{rest}: {source} has no parameter `{code}` that leads to {resource_type} here"))
        })?;
        let filter = self.read_at(source, name, value, depth + 1).map_err(|unread| match unread {
            Unread::Unknown(reason) | Unread::Malformed(reason) => Unread::Malformed(reason),
        })?;
        let wanted = Wanted::Reversed { source: source.to_owned(), by, target: resource_type.to_owned(), filter: Box::new(filter) };
        Ok(Filter { parameter: &HAS, negated: false, wanted: vec![wanted] })
    }
}

/// Whether a parameter takes a modifier (R4 search.html#modifiers).
fn is_offered(parameter: &Parameter, modifier: &str) -> bool {
    match parameter.kind {
        Kind::Words { .. } => false,
        _ if modifier == "missing" => true,
        Kind::Token => matches!(modifier, "not" | "text" | "of-type" | "above" | "below" | "in" | "not-in"),
        Kind::Reference(types) => modifier == "identifier" || types.contains(&modifier),
        Kind::String => matches!(modifier, "exact" | "contains"),
        Kind::Uri => matches!(modifier, "above" | "below"),
        Kind::Date | Kind::Number | Kind::Quantity | Kind::Composite(_) => false,
    }
}

/// Whether a modifier goes unheeded, when told to break.
fn is_overlooked(state: &State, parameter: &Parameter, modifier: &str) -> bool {
    match (parameter.kind, modifier) {
        (_, "missing") => false,
        (Kind::Token, "text") => state.has(Breach::TokenTextAsCode),
        (Kind::String, "exact") => state.has(Breach::StringExactAsStart),
        (Kind::String, "contains") => state.has(Breach::StringContainsAsStart),
        (Kind::Uri, "below") => state.has(Breach::UriBelowIgnored),
        (Kind::Uri, "above") => state.has(Breach::UriAboveIgnored),
        _ => false,
    }
}
