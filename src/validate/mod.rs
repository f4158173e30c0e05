//! Resources against profiles: what R4 and the guides' StructureDefinitions demand of the data.
//!
//! Pure: a resource, the profiles and a catalogue go in, findings come out. One file a rule kind.

mod finding;
mod path;
mod verdict;
pub mod surroundings;
mod primitive;
mod code_grammar;
mod pattern;
mod range;
mod codes;
mod binding;
mod invariant;
mod schema;
mod rules;
mod slicing;
mod library;
mod occurrence;
mod walk;
mod base;
mod element;
mod extension;
mod reference;
mod discriminator;
mod profile;
mod bundle;
mod must_support;
mod select;
mod terminology;
mod validator;

pub use code_grammar::check_identifier;
pub use finding::{Finding, Severity};
pub use must_support::{MustSupport, Observer, Presence};
pub use path::Path;
pub use surroundings::{Alone, Neighbours, Surroundings};
pub use terminology::Terminology;
pub use validator::{Options, Validator};
pub use verdict::{Judged, Verdict};
