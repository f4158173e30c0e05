//! Templates of cases that no fault makes end badly, from `tests/demo/unfailed.toml`, each with the reason.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unfailed {
    template: String,
    because: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Excused {
    unfailed: Vec<Unfailed>,
}

/// The reason of each excused template.
pub fn excused() -> BTreeMap<String, String> {
    let Excused { unfailed } = toml::from_str(include_str!("unfailed.toml")).unwrap();
    unfailed.into_iter().map(|excuse| (excuse.template, excuse.because)).collect()
}
