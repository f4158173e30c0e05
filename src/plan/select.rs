//! Which cases of a plan are run: `--only`, `--skip` and `--partition`.

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::case::{Part, Plan};
use super::digest;

/// A selection of cases.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    only: Option<GlobSet>,
    skip: GlobSet,
    partition: Option<(usize, usize)>,
    exactly: Option<String>,
}

/// A selection that makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// Not a glob.
    #[error("{glob:?} is not a pattern of case ids: {problem}; write for example 'c4bb.Coverage.*'")]
    Glob {
        /// As given.
        glob: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Not a partition.
    #[error("{0:?} is not a partition; write K/N with 1 <= K <= N, for example 1/4")]
    Partition(String),
}

impl Selection {
    /// Makes a selection of globs over case ids and a partition `K/N`.
    ///
    /// # Errors
    /// A malformed glob or partition.
    pub fn new(only: &[String], skip: &[String], partition: Option<&str>) -> Result<Self, SelectionError> {
        let partition =
            partition.map(|text| parse_partition(text).ok_or_else(|| SelectionError::Partition(text.to_owned()))).transpose()?;
        Ok(Self { only: if only.is_empty() { None } else { Some(globs(only)?) }, skip: globs(skip)?, partition, exactly: None })
    }

    /// Of what is selected, one case by its id.
    #[must_use]
    pub fn exactly(self, id: &str) -> Self {
        Self { exactly: Some(id.to_owned()), ..self }
    }

    /// Drops what is not selected; order and ids stay. A case that is judged from the answers to all others is in every part, so that no
    /// answer goes unseen.
    pub fn apply(&self, plan: Plan) -> Plan {
        let Plan { mut cases, requirements, .. } = plan;
        if self.only.is_some() || !self.skip.is_empty() {
            cases.retain(|case| {
                let id = case.id();
                self.only.as_ref().is_none_or(|only| only.is_match(&id)) && !self.skip.is_match(&id)
            });
        }
        let required = cases.iter().filter(|case| case.is_required()).count();
        let mut part = Part { of: self.partition, whole: cases.len(), required, digest: digest::of(&cases), places: Vec::new() };
        if let Some((k, n)) = self.partition {
            let mut place = 0_u32;
            cases.retain(|case| {
                let here = case.about.whole_run || is_in(place as usize, k, n);
                if here {
                    part.places.push(place);
                }
                place += 1;
                here
            });
        }
        if let Some(id) = &self.exactly {
            cases.retain(|case| case.id() == *id);
        }
        cases.shrink_to_fit();
        Plan { cases, requirements, part }
    }
}

/// Whether the case at a place of the whole is in the K-th of N parts.
pub fn is_in(place: usize, k: usize, n: usize) -> bool {
    place.checked_rem(n) == k.checked_sub(1)
}

fn parse_partition(text: &str) -> Option<(usize, usize)> {
    let (k, n) = text.split_once('/')?;
    let (k, n) = (k.parse().ok()?, n.parse().ok()?);
    (1 <= k && k <= n).then_some((k, n))
}

fn globs(patterns: &[String]) -> Result<GlobSet, SelectionError> {
    let problem = |glob: &str, error: globset::Error| SelectionError::Glob { glob: glob.to_owned(), problem: error.kind().to_string() };
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).map_err(|error| problem(pattern, error))?);
    }
    builder.build().map_err(|error| problem(&patterns.join(" "), error))
}
