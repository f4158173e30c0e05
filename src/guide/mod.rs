//! What implementation guides demand: packages, embedded catalogues and the catalogue made of them.

pub mod error;
pub mod facts;
pub mod profile;
pub mod terminology;
pub mod index;
pub mod compile;
pub mod package;
mod shelf;
mod embedded;
pub mod named;
pub mod sources;
mod membership;
mod terms;
pub mod catalogue;
pub mod errata;
pub mod cpcds;
pub mod requirements;
pub mod standards;

pub use catalogue::{Catalogue, Guide, ProfileEntry};
pub use error::GuideError;
pub use facts::GuideId;
pub use sources::{Fetch, Missing, Sources};
pub use terms::Terms;

// What the index reads records as: here our own tree, in the build script, which has the index too, that of serde_json.
use crate::fhir::json::Value;
