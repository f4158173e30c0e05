//! The named ways in which the reference payer can be told to break, so that every check can be proven to bite.

#[macro_use]
mod access;
#[macro_use]
mod data;
#[macro_use]
mod search;
#[macro_use]
mod served;
#[macro_use]
mod sign_in;

use thiserror::Error;

/// One way to be broken: the same break is always at one place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What the code asks for.
    pub breach: Breach,
    /// The name on the command line: family, full stop, what is wrong.
    pub name: &'static str,
    /// What goes wrong, as a sentence.
    pub summary: &'static str,
}

impl Fault {
    /// The part of the name before the full stop.
    pub fn family(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(family, _)| family)
    }
}

/// A name that is no fault.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown fault `{name}`: {}; reports/fault-matrix.md lists all", instead(name))]
pub struct UnknownFault {
    /// The name as given.
    pub name: String,
}

/// The faults of the family that is named, else the families.
fn instead(name: &str) -> String {
    let (family, _) = name.split_once('.').unwrap_or((name, ""));
    let of: Vec<&str> = FAULTS.iter().filter(|fault| fault.family() == family).map(|fault| fault.name).collect();
    if !of.is_empty() {
        return format!("choose from {}", of.join(", "));
    }
    let mut families: Vec<&str> = FAULTS.iter().map(Fault::family).collect();
    families.sort_unstable();
    families.dedup();
    format!("name the family, a full stop and what is wrong; the families are {}", families.join(", "))
}

/// The breaks that are switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Breach>);

impl Faults {
    /// The set of these names.
    ///
    /// # Errors
    /// When a name is not in [`FAULTS`].
    pub fn named(names: &[impl AsRef<str>]) -> Result<Self, UnknownFault> {
        names
            .iter()
            .map(|name| {
                let name = name.as_ref();
                let fault = FAULTS.iter().find(|fault| fault.name == name);
                fault.map(|fault| fault.breach).ok_or_else(|| UnknownFault { name: name.to_owned() })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a break of this family is switched on.
    pub fn has_family(&self, family: &str) -> bool {
        FAULTS.iter().any(|fault| fault.family() == family && self.has(fault.breach))
    }

    /// Whether this break is switched on.
    pub fn has(&self, breach: Breach) -> bool {
        self.0.contains(&breach)
    }
}

macro_rules! faults {
    ([] $($breach:ident $name:literal $summary:literal)*) => {
        /// The key of a fault in the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Breach {
            $(#[doc = $summary] $breach,)*
        }

        /// Every fault, by family.
        pub const FAULTS: &[Fault] = &[$(Fault { breach: Breach::$breach, name: $name, summary: $summary },)*];
    };
}

served_faults! { [access_faults search_faults data_faults sign_in_faults faults] }

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{Breach, FAULTS, Faults};

    #[test]
    fn names_are_unique_and_belong_to_a_family() {
        let names: BTreeSet<_> = FAULTS.iter().map(|fault| fault.name).collect();
        assert_eq!(names.len(), FAULTS.len());
        assert!(FAULTS.len() >= 30);
        for fault in FAULTS {
            assert!(fault.name.contains('.') && !fault.family().is_empty(), "{}", fault.name);
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_those_of_its_family_or_the_families() {
        let error = Faults::named(&["search.nonsense"]).unwrap_err().to_string();
        assert!(error.contains("search.nonsense") && error.contains("search.ignores-service-date"), "{error}");
        assert!(!error.contains("read.wrong-id"), "{error}");
        let error = Faults::named(&["serach"]).unwrap_err().to_string();
        assert!(error.contains("the families are") && error.contains(" search,"), "{error}");
        assert!(Faults::named(&["read.wrong-id"]).unwrap().has(Breach::ReadWrongId));
    }

    #[test]
    fn every_fault_breaks_something_at_one_place() {
        let mut code = String::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reference")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.components().any(|part| part.as_os_str() == "fault") {
                    code.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        for fault in FAULTS {
            let key = format!("Breach::{:?}", fault.breach);
            let uses = code.split(&key).skip(1).filter(|rest| !rest.starts_with(char::is_alphanumeric)).count();
            assert_eq!(uses, 1, "{} is used {uses} times", fault.name);
        }
    }
}
