//! Runs a plan against a target: discover, harvest, judge.

pub mod attestation;
pub mod baseline;
pub mod cpcds;
pub mod event;

mod bind;
mod choose;
mod discover;
mod earlier;
mod harvest;
mod judge;
mod own;
mod pages;
mod parts;
mod runner;
mod save;
pub mod support;
mod terms;
mod verdict;
mod watch;
mod workers;

pub use baseline::{Baseline, BaselineError};
pub use discover::discover;
pub use earlier::{Done, Earlier, NotResumed, OtherHarvest};
pub use runner::{Job, Limits, Stop, now, resume, run};
pub use verdict::Scores;
