//! Runs a plan against a target: discover, harvest, judge.

pub mod event;
