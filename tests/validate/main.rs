//! The validator against what others published: official examples, the official validator's cases, and the reference payer's record.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod cases;
mod errata;
mod examples;
mod invariants;
mod material;
mod must_support;
mod mutants;
mod mutators;
mod payer;
mod places;
mod properties;
mod slicing;
