//! The synthetic record that the reference payer serves: members, coverage, claims and the parties to them.

mod authorization;
mod clinical;
mod codes;
mod coverage;
mod definition;
mod eob;
pub mod former;
pub mod known;
mod money;
mod party;
mod patient;
mod random;
mod stamp;
mod version;

use crate::fhir::json::{Value, json};

pub use version::{CarinVersion, UnknownVersion};

use random::SplitMix64;

/// The base that the record names where it means the payer itself; answers name the base under which the payer is called.
pub const HOME: &str = "https://payer.test/fhir";

/// What one member may see, besides what is shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The Patient's id.
    pub patient_id: String,
    /// Patient, RelatedPerson, Coverages, ExplanationOfBenefits and clinical resources of this member.
    pub resources: Vec<Value>,
}

/// The whole record.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// The members, in the order of their numbers.
    pub members: Vec<Member>,
    /// Organizations, Practitioners and SearchParameters, which every member may see.
    pub shared: Vec<Value>,
}

/// Makes a record that conforms to the version's profiles.
///
/// The same arguments always give the same record, and a member's part does not depend on how many members there are.
pub fn generate(version: CarinVersion, members: usize, seed: u64) -> World {
    let members = (1..=members)
        .map(|number| {
            let mut random = SplitMix64::new(seed ^ (number as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
            member(version, number, &mut random)
        })
        .collect();
    let mut world = World { members, shared: party::all(version).into_iter().chain(definition::all()).collect() };
    let World { members, shared } = &mut world;
    shared.iter_mut().chain(members.iter_mut().flat_map(|member| &mut member.resources)).for_each(narrate);
    world
}

/// Gives a resource a narrative, as R4 asks of every one that stands alone (narrative.html).
fn narrate(resource: &mut Value) {
    let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
    let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{} {}</p></div>", text("resourceType"), text("id"));
    if let Some(fields) = resource.as_object_mut() {
        fields.get_or_insert_with("text", || json!({ "status": "generated", "div": div }));
    }
}

fn member(version: CarinVersion, number: usize, random: &mut SplitMix64) -> Member {
    let member = patient::MemberKey::new(number);
    let mut resources = vec![patient::patient(version, &member), patient::related_person(version, &member)];
    resources.extend(coverage::all(version, &member));
    resources.extend(eob::all(version, &member, random));
    resources.extend(clinical::all(&member, random));
    resources.extend(authorization::all(version, &member));
    Member { patient_id: member.patient_id(), resources }
}

#[cfg(test)]
mod tests;
