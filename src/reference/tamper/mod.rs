//! Breaks in the data that the payer serves, made before anything is served. A line of a table a break.

mod change;
mod claim;
mod institutional;
mod oral;
mod party;
mod pharmacy;
mod professional;
mod structure;
mod value;

use serde_json::Value;

use super::data::World;
use super::fault::{Breach, Faults};
use change::Change;

/// One break: which resources have it, where, and how.
#[derive(Clone, Copy, Debug)]
struct Break {
    breach: Breach,
    of: Of,
    /// Paths with spaces between them: names joined by full stops. `[n]` takes the entry with this number, `[code]` those with a concept that
    /// has this code, and nothing every entry.
    at: &'static str,
    change: Change,
}

/// The resources that a break is about.
#[derive(Clone, Copy, Debug)]
struct Of {
    resource_type: &'static str,
    /// A code of the claim's `type` or `subType`.
    kind: Option<&'static str>,
}

const PATIENT: Of = Of::the("Patient");
const COVERAGE: Of = Of::the("Coverage");
const ORGANIZATION: Of = Of::the("Organization");
const PRACTITIONER: Of = Of::the("Practitioner");
const RELATED_PERSON: Of = Of::the("RelatedPerson");
const INPATIENT: Of = Of::claim("inpatient");
const OUTPATIENT: Of = Of::claim("outpatient");
const PHARMACY: Of = Of::claim("pharmacy");
const PROFESSIONAL: Of = Of::claim("professional");
const ORAL: Of = Of::claim("oral");

const TABLES: [&[Break]; 8] = [
    structure::BREAKS,
    value::BREAKS,
    party::BREAKS,
    claim::BREAKS,
    institutional::BREAKS,
    oral::BREAKS,
    pharmacy::BREAKS,
    professional::BREAKS,
];

/// Breaks the record as the faults say.
pub fn tamper(world: &mut World, faults: &Faults) {
    let World { members, shared } = world;
    for broken in TABLES.into_iter().flatten().filter(|broken| faults.has(broken.breach)) {
        let owned = members.iter_mut().flat_map(|member| &mut member.resources);
        for resource in shared.iter_mut().chain(owned).filter(|resource| broken.of.covers(resource)) {
            broken.at.split(' ').for_each(|path| broken.change.make(resource, path));
        }
    }
}

const fn cut(breach: Breach, of: Of, at: &'static str) -> Break {
    Break { breach, of, at, change: Change::Remove }
}

/// `value` is JSON.
const fn set(breach: Breach, of: Of, at: &'static str, value: &'static str) -> Break {
    Break { breach, of, at, change: Change::Set(value) }
}

/// `value` is JSON.
const fn add(breach: Breach, of: Of, at: &'static str, value: &'static str) -> Break {
    Break { breach, of, at, change: Change::Append(value) }
}

const fn twice(breach: Breach, of: Of, at: &'static str) -> Break {
    Break { breach, of, at, change: Change::Repeat }
}

impl Of {
    const fn the(resource_type: &'static str) -> Self {
        Self { resource_type, kind: None }
    }

    const fn claim(kind: &'static str) -> Self {
        Self { resource_type: "ExplanationOfBenefit", kind: Some(kind) }
    }

    fn covers(self, resource: &Value) -> bool {
        let is_kind =
            |kind: &str| ["type", "subType"].iter().any(|name| resource.get(name).is_some_and(|concept| change::has_code(concept, kind)));
        resource.get("resourceType").and_then(Value::as_str) == Some(self.resource_type) && self.kind.is_none_or(is_kind)
    }
}

#[cfg(test)]
mod tests {
    use super::super::data::{CarinVersion, generate};
    use super::{Faults, TABLES, tamper};
    use crate::reference::fault::FAULTS;

    #[test]
    fn every_break_changes_the_record() {
        let version: CarinVersion = "2.0.0".parse().unwrap();
        let sound = generate(version, 1, 1);
        for broken in TABLES.into_iter().flatten() {
            let fault = FAULTS.iter().find(|fault| fault.breach == broken.breach).unwrap();
            let mut world = sound.clone();
            tamper(&mut world, &Faults::named(&[fault.name]).unwrap());
            assert!(world != sound, "{} changes nothing at {}", fault.name, broken.at);
        }
    }
}
