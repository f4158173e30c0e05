//! One request of a case, as far as the plan knows it.

use std::collections::BTreeMap;

use super::words::Words;
use crate::check::exchange::{Identity, Method};
use crate::suite::{Content, StepTemplate};

/// A request with placeholders, such as `{sample.id}` in the path or `{value}` in the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The method.
    pub method: Method,
    /// Path template relative to the FHIR base, or the relation of the link that is followed.
    pub path: String,
    /// Whether it follows a link of the step before.
    pub follows: bool,
    /// Query templates in order.
    pub query: Vec<(String, String)>,
    /// Those that stay in the URL where the query goes into a form.
    pub url_query: Vec<(String, String)>,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// Whether the query goes into a form body.
    pub as_form: bool,
    /// What it carries, when it writes.
    pub body: Option<Content>,
    /// What later steps may use of the answer: FHIRPath by name.
    pub save: BTreeMap<String, String>,
    /// Whether every `next` link is followed.
    pub all_pages: bool,
    /// Whose credentials it carries, or what in their place.
    pub identity: Identity,
}

impl Step {
    /// A suite's step with the words that the plan knows.
    pub fn new(template: &StepTemplate, words: &Words) -> Self {
        let pair = |text: &String, separator: char| {
            let filled = words.fill(text);
            filled
                .split_once(separator)
                .map_or((filled.clone(), String::new()), |(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        };
        let path = template.paths().first().map(|path| words.fill(path)).unwrap_or_default();
        let by_update = template.make.is_some() && words.made_by_update;
        let method = match template {
            StepTemplate { get: Some(_), .. } | StepTemplate { link: Some(_), .. } => Method::Get,
            StepTemplate { head: Some(_), .. } => Method::Head,
            StepTemplate { options: Some(_), .. } => Method::Options,
            StepTemplate { put: Some(_), .. } | StepTemplate { put_nothing: Some(_), .. } => Method::Put,
            StepTemplate { patch: Some(_), .. } => Method::Patch,
            StepTemplate { delete: Some(_), .. } => Method::Delete,
            _ if by_update => Method::Put,
            _ => Method::Post,
        };
        let of_case = || words.get("as").and_then(Identity::of_word);
        Self {
            method,
            path: if by_update { format!("{path}/{{new-id}}") } else { path },
            body: if template.make.is_some() { Some(Content::Copy) } else { template.body },
            follows: template.link.is_some(),
            query: template.query.iter().flat_map(|text| entries(text, words)).map(|text| pair(&text, '=')).collect(),
            url_query: template.url_query.iter().map(|text| pair(text, '=')).collect(),
            headers: template.headers.iter().map(|text| pair(text, ':')).collect(),
            as_form: template.post_form.is_some(),
            save: template.save.clone(),
            all_pages: template.all_pages,
            // A browser sends no credentials with the OPTIONS by which it asks whether it may send them.
            identity: if method == Method::Options { Identity::Anonymous } else { template.identity.or_else(of_case).unwrap_or_default() },
        }
    }

    /// Whether it may change what the server holds.
    pub fn writes(&self) -> bool {
        let carries_nothing = self.method == Method::Put && self.body.is_none();
        let only_reads = self.body.is_some_and(Content::only_reads);
        !self.as_form && !carries_nothing && !only_reads && !matches!(self.method, Method::Get | Method::Head | Method::Options)
    }

    /// Whether it makes a resource of the run's own.
    pub fn makes(&self) -> bool {
        matches!(self.body, Some(Content::Copy | Content::CopyWithId | Content::TransactionCreate))
    }
}

/// The entries that a query template stands for: `{criteria}` stands for several.
fn entries(text: &str, words: &Words) -> Vec<String> {
    match words.get("criteria") {
        Some(criteria) if text == "{criteria}" => criteria.split('&').map(str::to_owned).collect(),
        _ => vec![text.to_owned()],
    }
}
