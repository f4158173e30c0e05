//! Breaks in the data that the payer serves, made before anything is served. A line of a table a break.

mod authorization;
mod change;
mod claim;
mod institutional;
mod oral;
mod party;
mod pharmacy;
mod professional;
mod structure;
mod value;
mod withheld;

use super::data::World;
use super::fault::{Breach, Faults};
use crate::fhir::json::Value;
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
    /// The only one that is meant, by its logical id.
    id: Option<&'static str>,
    /// Whether it is about what was asked for before, and not about claims.
    authorized: bool,
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
const AUTHORIZATION: Of = Of { authorized: true, ..Of::the("ExplanationOfBenefit") };

const TABLES: [&[Break]; 9] = [
    structure::BREAKS,
    value::BREAKS,
    party::BREAKS,
    claim::BREAKS,
    authorization::BREAKS,
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
    for member in members {
        withheld::leave_out(&mut member.resources, faults);
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
        Self { resource_type, kind: None, id: None, authorized: false }
    }

    const fn one(resource_type: &'static str, id: &'static str) -> Self {
        Self { resource_type, kind: None, id: Some(id), authorized: false }
    }

    const fn claim(kind: &'static str) -> Self {
        Self { resource_type: "ExplanationOfBenefit", kind: Some(kind), id: None, authorized: false }
    }

    fn covers(self, resource: &Value) -> bool {
        let is_kind =
            |kind: &str| ["type", "subType"].iter().any(|name| resource.get(name).is_some_and(|concept| change::has_code(concept, kind)));
        let is = |name: &str, wanted: &str| resource.get(name).and_then(Value::as_str) == Some(wanted);
        is("resourceType", self.resource_type)
            && self.kind.is_none_or(is_kind)
            && self.id.is_none_or(|id| is("id", id))
            && is("use", "preauthorization") == self.authorized
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
