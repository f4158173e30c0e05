//! Rules about exchanges and samples, one file each. A check never sends.

pub mod about;
pub mod condition;
pub mod criteria;
pub mod criterion;
pub mod declared;
pub mod exchange;
pub mod example;
pub mod outcome;
pub mod relation;
pub mod samples;
pub mod sign_in;
pub mod subject;
pub mod verdicts;

mod assert;
mod declares;
mod history;
mod http;
mod metadata;
mod oauth;
mod profile;
mod read;
mod search;
pub mod write;

pub use about::{About, Assertion};
pub use declared::Declared;
pub use samples::Samples;
pub use subject::{Binding, Made, Subject};
pub use verdicts::Verdicts;

use outcome::Evidence;

/// One rule.
#[derive(Debug)]
pub struct Check {
    /// Stable dotted id, named after what holds.
    pub id: &'static str,
    /// One line: what holds.
    pub summary: &'static str,
    /// Why, with the specification's section.
    pub why: &'static str,
    /// An example that it accepts, in the form that [`example`] reads.
    pub accepts: &'static str,
    /// An example that it rejects.
    pub rejects: &'static str,
    /// The rule: a pure function.
    pub run: fn(&Subject<'_>) -> Evidence,
}

/// Every check, sorted by id.
pub static CHECKS: &[&Check] = &[
    &assert::holds::CHECK,
    &declares::include::CHECK,
    &declares::interaction::CHECK,
    &declares::profile::CHECK,
    &declares::resource::CHECK,
    &declares::search_param::CHECK,
    &history::bundle::CHECK,
    &http::challenge::CHECK,
    &http::content_type::CHECK,
    &http::etag::CHECK,
    &http::operation_outcome::CHECK,
    &http::status::CHECK,
    &metadata::capability_statement::CHECK,
    &metadata::fhir_version::CHECK,
    &metadata::formats::CHECK,
    &metadata::instantiates::CHECK,
    &metadata::rest::CHECK,
    &oauth::audience::CHECK,
    &oauth::configuration::CHECK,
    &oauth::endpoints::CHECK,
    &oauth::error::CHECK,
    &oauth::expires_in::CHECK,
    &oauth::form_encoded::CHECK,
    &oauth::id_token::CHECK,
    &oauth::inactive::CHECK,
    &oauth::no_store::CHECK,
    &oauth::patient::CHECK,
    &oauth::pkce::CHECK,
    &oauth::redirect_uri::CHECK,
    &oauth::refreshed::CHECK,
    &oauth::refused::CHECK,
    &oauth::rotated::CHECK,
    &oauth::scope::CHECK,
    &oauth::state::CHECK,
    &oauth::stays_here::CHECK,
    &oauth::token_response::CHECK,
    &profile::claimed::CHECK,
    &profile::resource_type::CHECK,
    &read::not_modified::CHECK,
    &read::same_content::CHECK,
    &read::same_resource::CHECK,
    &read::same_version::CHECK,
    &search::count_only::CHECK,
    &search::empty::CHECK,
    &search::full_url::CHECK,
    &search::include::CHECK,
    &search::included_only::CHECK,
    &search::mode::CHECK,
    &search::no_duplicates::CHECK,
    &search::no_foreign_types::CHECK,
    &search::page_size::CHECK,
    &search::paging::CHECK,
    &search::precision::CHECK,
    &search::recall::CHECK,
    &search::rev_include::CHECK,
    &search::same_by_post::CHECK,
    &search::searchset::CHECK,
    &search::self_link::CHECK,
    &search::sorted::CHECK,
    &search::system::CHECK,
    &search::total::CHECK,
    &write::answer::CHECK,
    &write::gone::CHECK,
    &write::location::CHECK,
    &write::once::CHECK,
    &write::same_content::CHECK,
    &write::stale_refused::CHECK,
    &write::status::CHECK,
    &write::version_moved::CHECK,
];

/// The id of the check that judges what a suite states itself.
pub const ASSERTION: &str = assert::holds::CHECK.id;

/// The check of this id.
pub fn find(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id).copied()
}

impl Check {
    /// Runs the rule and puts its id on every finding.
    pub fn judge(&self, subject: &Subject<'_>) -> Evidence {
        let mut evidence = (self.run)(subject);
        for finding in &mut evidence.findings {
            self.id.clone_into(&mut finding.check);
        }
        evidence
    }
}
