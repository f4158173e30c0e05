//! Which versions of a guide a suite is for.

use std::cmp::Ordering;

use serde::{Deserialize, Deserializer};

/// Bounds that a version must meet, all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions(Vec<(Bound, Vec<u32>)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    From,
    Above,
    UpTo,
    Below,
    Exactly,
}

/// The signs of the bounds, the longer before the shorter.
const SIGNS: [(&str, Bound); 5] =
    [(">=", Bound::From), ("<=", Bound::UpTo), (">", Bound::Above), ("<", Bound::Below), ("=", Bound::Exactly)];

impl Versions {
    fn parse(text: &str) -> Option<Self> {
        let bound = |part: &str| {
            let part = part.trim();
            let signed = SIGNS.iter().find_map(|(sign, bound)| Some((*bound, part.strip_prefix(sign)?)));
            let (bound, version) = signed.unwrap_or((Bound::Exactly, part));
            Some((bound, numbers(version.trim())?))
        };
        text.split(',').map(bound).collect::<Option<_>>().map(Self)
    }

    /// Whether a version meets every bound. What follows a hyphen, such as `-ballot`, does not count; one without numbers meets none.
    pub fn include(&self, version: &str) -> bool {
        let Some(version) = numbers(version.split('-').next().unwrap_or_default()) else { return false };
        self.0.iter().all(|(bound, of)| {
            let order = compare(&version, of);
            match bound {
                Bound::From => order != Ordering::Less,
                Bound::Above => order == Ordering::Greater,
                Bound::UpTo => order != Ordering::Greater,
                Bound::Below => order == Ordering::Less,
                Bound::Exactly => order == Ordering::Equal,
            }
        })
    }
}

impl<'de> Deserialize<'de> for Versions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refuse =
            || serde::de::Error::custom(format!("{text:?} is no range of versions; write for example \">=2.0.0\" or \">=1.1.0, <2.0.0\""));
        Self::parse(&text).ok_or_else(refuse)
    }
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|number| number.parse().ok()).collect()
}

/// Number by number; one that is not there counts as zero.
fn compare(one: &[u32], other: &[u32]) -> Ordering {
    let at = |numbers: &[u32], place: usize| numbers.get(place).copied().unwrap_or_default();
    (0..one.len().max(other.len()))
        .map(|place| at(one, place).cmp(&at(other, place)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::Versions;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let include = |range: &str, version: &str| Versions::parse(range).unwrap().include(version);
        assert!(include(">=2.0.0", "2.0.0") && include(">=2.0.0", "10.0.0") && include(">=2", "2.1.0-snapshot"));
        assert!(!include(">=2.0.0", "1.9.9") && !include(">=1.1.0, <2.0.0", "2.0.0") && include(">=1.1.0, <2.0.0", "1.2"));
        assert!(include("2.0.0", "2.0.0") && !include("2.0.0", "2.0.1") && !include(">2.0.0", "2.0.0") && include("<=2.0.0", "2.0.0"));
        assert!(!include(">=1.0.0", "current"));
        assert!(Versions::parse("two").is_none() && Versions::parse("").is_none());
    }
}
