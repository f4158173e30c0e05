//! One generated question.

use std::sync::Arc;

use crate::check::exchange::Method;
use crate::check::outcome::Level;
use crate::check::{About, Check};
use crate::suite::{Content, Requirement};

/// One generated question, complete before anything is sent. A large server makes tens of thousands, which share what their suite case
/// says.
#[derive(Clone, Debug)]
pub struct Case {
    /// Stable words joined by dots, such as `c4bb.ExplanationOfBenefit.search.service-date.ge`.
    pub id: String,
    /// One sentence for people.
    pub title: String,
    /// How strongly it is asked.
    pub level: Level,
    /// Requirement ids, such as `carin-bb-2.0.0@100`.
    pub requirements: Arc<[String]>,
    /// The suite and its case that made this one, such as `rest#read`.
    pub origin: Arc<str>,
    /// What the question is about.
    pub about: About,
    /// Requests in order; each may use what the harvest fills in. Empty for a case that is judged from declarations or samples alone.
    pub steps: Vec<Step>,
    /// What is judged.
    pub checks: Arc<[&'static Check]>,
    /// Why the case does not apply, when the declaration alone decides it.
    pub not_applicable: Option<String>,
}

/// A request with placeholders, such as `{sample.id}` in the path or `{value}` in the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The method.
    pub method: Method,
    /// Path template relative to the FHIR base.
    pub path: String,
    /// Query templates in order.
    pub query: Vec<(String, String)>,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// Whether the query goes into a form body.
    pub as_form: bool,
    /// What it carries, when it writes.
    pub body: Option<Content>,
    /// Whether every `next` link is followed.
    pub all_pages: bool,
    /// Whether credentials are left out.
    pub anonymous: bool,
}

impl Case {
    /// Whether it sends anything but reads and searches.
    pub fn writes(&self) -> bool {
        self.steps.iter().any(Step::writes)
    }
}

impl Step {
    /// Whether it may change what the server holds.
    pub fn writes(&self) -> bool {
        let carries_nothing = self.method == Method::Put && self.body.is_none();
        !self.as_form && !carries_nothing && !matches!(self.method, Method::Get | Method::Head | Method::Options)
    }

    /// Whether it makes a resource of the run's own.
    pub fn makes(&self) -> bool {
        self.body == Some(Content::Copy)
    }
}

/// Every case, in a fixed order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The cases.
    pub cases: Vec<Case>,
    /// What the requirements that they name ask for, as far as the suites say it.
    pub requirements: Vec<Requirement>,
}
