//! Rules about exchanges and samples, one file each. A check never sends.

pub mod about;
pub mod asked;
pub mod claims;
pub mod compartment;
pub mod condition;
pub mod copies;
pub mod counts;
pub mod cpcds;
pub mod criteria;
pub mod criterion;
pub mod declared;
pub mod exchange;
pub mod identity;
pub mod example;
pub mod once;
pub mod outcome;
pub mod payer_facts;
pub mod order;
pub mod relation;
pub mod rights;
pub mod said;
pub mod samples;
pub mod sign_in;
pub mod subject;
pub mod subset;
pub mod support;
pub mod transport;
pub mod verdicts;
mod vocabulary;
pub mod word;

pub mod access;
mod assert;
mod data;
mod declares;
mod error;
mod facts;
mod history;
mod http;
mod metadata;
mod oauth;
mod operation;
pub mod profile;
mod read;
mod search;
mod tls;
pub mod write;

pub use about::{About, Assertion};
pub use counts::Counts;
pub use declared::Declared;
pub use payer_facts::PayerFacts;
pub use rights::Rights;
pub use samples::Samples;
pub use subject::{Binding, Made, Subject};
pub use verdicts::Verdicts;
pub use word::Word;

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
    &access::no_member_data::CHECK,
    &access::none_of_member::CHECK,
    &access::own_compartment::CHECK,
    &access::refused::CHECK,
    &access::within_scope::CHECK,
    &assert::holds::CHECK,
    &data::amounts::CHECK,
    &data::dates::CHECK,
    &data::in_force::CHECK,
    &data::insurer::CHECK,
    &data::last_updated::CHECK,
    &data::links::CHECK,
    &data::no_unknown_reason::CHECK,
    &data::npi::CHECK,
    &data::payor::CHECK,
    &data::placeholders::CHECK,
    &data::related::CHECK,
    &data::sequences::CHECK,
    &data::totals::CHECK,
    &declares::include::CHECK,
    &declares::interaction::CHECK,
    &declares::profile::CHECK,
    &declares::resource::CHECK,
    &declares::search_param::CHECK,
    &declares::what_filters::CHECK,
    &declares::what_works::CHECK,
    &error::no_internals::CHECK,
    &error::severity::CHECK,
    &error::valid_outcome::CHECK,
    &facts::changed::CHECK,
    &facts::claims::CHECK,
    &facts::clinical::CHECK,
    &facts::coverage::CHECK,
    &facts::cpcds::CHECK,
    &facts::facility::CHECK,
    &facts::formulary::CHECK,
    &facts::member_ids::CHECK,
    &facts::missing::CHECK,
    &facts::must_support::CHECK,
    &facts::no_npi::CHECK,
    &facts::page::CHECK,
    &facts::prior_authorizations::CHECK,
    &facts::processed::CHECK,
    &facts::replaced::CHECK,
    &facts::services_since::CHECK,
    &facts::teeth::CHECK,
    &history::bundle::CHECK,
    &history::deletion::CHECK,
    &history::each_once::CHECK,
    &history::every_version::CHECK,
    &history::newest_first::CHECK,
    &history::page_size::CHECK,
    &history::paging::CHECK,
    &history::same_as_vread::CHECK,
    &history::since::CHECK,
    &http::allow::CHECK,
    &http::cache_control::CHECK,
    &http::challenge::CHECK,
    &http::charset::CHECK,
    &http::coding::CHECK,
    &http::content_type::CHECK,
    &http::cors::CHECK,
    &http::date::CHECK,
    &http::element_order::CHECK,
    &http::etag::CHECK,
    &http::format::CHECK,
    &http::head::CHECK,
    &http::last_modified::CHECK,
    &http::not_shared::CHECK,
    &http::operation_outcome::CHECK,
    &http::preflight::CHECK,
    &http::same_answer::CHECK,
    &http::server::CHECK,
    &http::status::CHECK,
    &http::vary::CHECK,
    &metadata::capability_statement::CHECK,
    &metadata::fhir_version::CHECK,
    &metadata::formats::CHECK,
    &metadata::instantiates::CHECK,
    &metadata::rest::CHECK,
    &oauth::active::CHECK,
    &oauth::audience::CHECK,
    &oauth::capabilities::CHECK,
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
    &oauth::schema::CHECK,
    &oauth::scope::CHECK,
    &oauth::scopes::CHECK,
    &oauth::state::CHECK,
    &oauth::stays_here::CHECK,
    &oauth::token_response::CHECK,
    &operation::answer::CHECK,
    &operation::documents::CHECK,
    &operation::expansion::CHECK,
    &operation::holds_patient::CHECK,
    &operation::names::CHECK,
    &operation::not_valid::CHECK,
    &operation::only_types::CHECK,
    &operation::own_record::CHECK,
    &operation::result::CHECK,
    &operation::since::CHECK,
    &operation::valid::CHECK,
    &operation::whole_record::CHECK,
    &profile::claimed::CHECK,
    &profile::resource_type::CHECK,
    &read::not_modified::CHECK,
    &read::not_modified_since::CHECK,
    &read::same_content::CHECK,
    &read::same_resource::CHECK,
    &read::same_version::CHECK,
    &search::count_only::CHECK,
    &search::empty::CHECK,
    &search::full_url::CHECK,
    &search::include::CHECK,
    &search::include_iterate::CHECK,
    &search::include_per_page::CHECK,
    &search::include_version::CHECK,
    &search::included_only::CHECK,
    &search::kept_elements::CHECK,
    &search::mode::CHECK,
    &search::no_duplicates::CHECK,
    &search::no_foreign_types::CHECK,
    &search::omits_ignored::CHECK,
    &search::only_elements::CHECK,
    &search::own_origin::CHECK,
    &search::page_links::CHECK,
    &search::page_size::CHECK,
    &search::paging::CHECK,
    &search::precision::CHECK,
    &search::recall::CHECK,
    &search::rev_include::CHECK,
    &search::same_by_post::CHECK,
    &search::same_matches::CHECK,
    &search::same_total::CHECK,
    &search::searchset::CHECK,
    &search::self_link::CHECK,
    &search::sorted::CHECK,
    &search::states_used::CHECK,
    &search::subsetted::CHECK,
    &search::system::CHECK,
    &search::total::CHECK,
    &search::total_given::CHECK,
    &search::whole::CHECK,
    &tls::certificate::CHECK,
    &tls::hsts::CHECK,
    &tls::old_refused::CHECK,
    &tls::plain_http::CHECK,
    &write::all_or_nothing::CHECK,
    &write::answer::CHECK,
    &write::each_alone::CHECK,
    &write::gone::CHECK,
    &write::in_order::CHECK,
    &write::location::CHECK,
    &write::once::CHECK,
    &write::own_id::CHECK,
    &write::preference::CHECK,
    &write::refused::CHECK,
    &write::same_as_read::CHECK,
    &write::same_content::CHECK,
    &write::several_refused::CHECK,
    &write::stale_refused::CHECK,
    &write::status::CHECK,
    &write::transacted::CHECK,
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
