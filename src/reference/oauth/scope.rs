//! What a token opens: SMART scopes of version 1 (`patient/Coverage.read`) and 2 (`patient/Coverage.rs`).

use std::collections::BTreeMap;

use super::super::state::is_type_name;

/// What is done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read, vread and history of one resource.
    Read,
    /// Search.
    Search,
    /// Create, update, patch and delete.
    Write,
}

/// What is allowed for each type; `*` stands for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The words as granted, in the order in which they were asked for.
    pub granted: Vec<String>,
    allowed: BTreeMap<String, [bool; 3]>,
}

/// Scopes that open no resource.
const OTHER: [&str; 5] = ["launch/patient", "openid", "fhirUser", "offline_access", "online_access"];

impl Scope {
    /// What of the words asked for is granted: resource scopes with this context (`patient` or `system`), and, for members, the other ones.
    pub fn of(asked: &str, context: &str) -> Self {
        let mut scope = Self::default();
        for word in asked.split_whitespace() {
            let is_known = if OTHER.contains(&word) { context == "patient" } else { scope.allow(word, context) };
            if is_known && !scope.has(word) {
                scope.granted.push(word.to_owned());
            }
        }
        scope
    }

    /// Whether a word was granted.
    pub fn has(&self, word: &str) -> bool {
        self.granted.iter().any(|granted| granted == word)
    }

    /// Whether something may be done with a type.
    pub fn allows(&self, resource_type: &str, action: Action) -> bool {
        let place = action as usize;
        ["*", resource_type].iter().filter_map(|name| self.allowed.get(*name)).any(|allowed| allowed.get(place) == Some(&true))
    }

    /// Whether a type may be seen at all, as an included resource is.
    pub fn shows(&self, resource_type: &str) -> bool {
        self.allows(resource_type, Action::Read) || self.allows(resource_type, Action::Search)
    }

    fn allow(&mut self, word: &str, context: &str) -> bool {
        // What the user may see is the member's record, too.
        let rest = word.strip_prefix(context).or_else(|| word.strip_prefix("user").filter(|_| context == "patient"));
        let Some((resource_type, actions)) = rest.and_then(|rest| rest.strip_prefix('/')).and_then(|rest| rest.split_once('.')) else {
            return false;
        };
        let Some(allowed) = actions_of(actions).filter(|_| resource_type == "*" || is_type_name(resource_type)) else { return false };
        let known = self.allowed.entry(resource_type.to_owned()).or_default();
        for (known, more) in known.iter_mut().zip(allowed) {
            *known |= more;
        }
        true
    }
}

/// Read, search and write of `read`, `write`, `*` (version 1) or a part of `cruds` in that order (version 2).
fn actions_of(text: &str) -> Option<[bool; 3]> {
    match text {
        "read" => Some([true, true, false]),
        "write" => Some([false, false, true]),
        "*" => Some([true; 3]),
        _ => {
            let mut rest = "cruds".chars();
            let in_order = !text.is_empty() && text.chars().all(|letter| rest.any(|known| known == letter));
            in_order.then(|| [text.contains('r'), text.contains('s'), text.contains(['c', 'u', 'd'])])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Scope};

    #[test]
    fn both_versions_of_scopes_are_read() {
        let scope = Scope::of("launch/patient patient/Coverage.read patient/Patient.r system/*.rs patient/x.sr nonsense", "patient");
        assert_eq!(scope.granted, ["launch/patient", "patient/Coverage.read", "patient/Patient.r"]);
        assert!(scope.allows("Coverage", Action::Search) && scope.allows("Patient", Action::Read));
        assert!(!scope.allows("Patient", Action::Search) && !scope.shows("ExplanationOfBenefit"));
        assert!(Scope::of("patient/*.cruds", "patient").allows("Coverage", Action::Write));
        assert!(!Scope::of("patient/*.rs", "patient").allows("Coverage", Action::Write));
        assert!(Scope::of("system/*.rs openid", "system").allows("Patient", Action::Read));
        assert!(Scope::of("user/Coverage.rs", "patient").allows("Coverage", Action::Read));
        assert!(Scope::of("user/Coverage.rs", "system").granted.is_empty());
        assert!(Scope::of("patient/Coverage.dr", "patient").granted.is_empty(), "the letters stand in the order cruds");
    }
}
