//! Resources against profiles: what R4 and the guides' StructureDefinitions demand of the data.
//!
//! Pure: a resource, the profiles and a catalogue go in, findings come out. One file a rule kind.

mod finding;
mod path;
mod verdict;

pub use finding::{Finding, Severity};
pub use path::Path;
pub use verdict::{Judged, Verdict};
