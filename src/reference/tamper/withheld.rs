//! What the payer holds and does not serve.

use crate::fhir::json::Value;
use crate::reference::fault::{Breach, Faults};

/// Takes resources of a member's record out, as the faults say.
pub fn leave_out(resources: &mut Vec<Value>, faults: &Faults) {
    if faults.has(Breach::DataObservationsWithheld) {
        resources.retain(|resource| text(resource, "/resourceType") != Some("Observation"));
    }
    if faults.has(Breach::AuthorizationWithheld) {
        resources.retain(|resource| text(resource, "/use") != Some("preauthorization"));
    }
    if faults.has(Breach::ClaimYoungestWithheld) {
        let unrelated = |claim: &(usize, &Value)| claim.1.get("related").is_none();
        let youngest = claims(resources).filter(unrelated).max_by_key(|(_, claim)| text(claim, "/created")).map(|(place, _)| place);
        youngest.map(|place| resources.remove(place));
    }
    if faults.has(Breach::ClaimOldestWithheld) {
        let oldest = claims(resources).min_by_key(|(_, claim)| text(claim, "/billablePeriod/start")).map(|(place, _)| place);
        oldest.map(|place| resources.remove(place));
    }
}

fn claims(resources: &[Value]) -> impl Iterator<Item = (usize, &Value)> {
    resources.iter().enumerate().filter(|(_, resource)| text(resource, "/use") == Some("claim"))
}

fn text<'a>(value: &'a Value, at: &str) -> Option<&'a str> {
    value.pointer(at)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::data::{CarinVersion, generate};

    #[test]
    fn each_takes_something_away() {
        let version: CarinVersion = "2.0.0".parse().unwrap();
        let sound = generate(version, 1, 1).members.remove(0).resources;
        for (name, count) in
            [("claim.youngest-withheld", 1), ("claim.oldest-withheld", 1), ("data.observations-withheld", 5), ("authorization.withheld", 2)]
        {
            let mut resources = sound.clone();
            leave_out(&mut resources, &Faults::named(&[name]).unwrap());
            assert!(sound.len() - resources.len() >= count, "{name}");
        }
    }
}
