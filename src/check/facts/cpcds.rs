//! `facts.cpcds`

use super::is_whole_enough;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};
use crate::guide::cpcds::{CpcdsElement, elements, slug};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.cpcds",
    summary: "an element of the Common Payer Consumer Data Set is seen in the record, or the payer says that it does not hold it",
    why: "CARIN BB Common Payer Consumer Data Set: its data can be had by the API. Whether the payer holds an element, only its facts say: without them what is never seen settles nothing.",
    accepts: r#"{"about": {"value": "191.unique-member-id"}, "facts": {"cpcds": ["191"]}, "sample": {"resourceType": "Patient", "id": "1", "meta": {"profile": ["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient|2.0.0"]}, "identifier": [{"type": {"coding": [{"code": "um"}]}, "value": "U1"}]}}"#,
    rejects: r#"{"scope": ["patient", "1"], "about": {"value": "191.unique-member-id"}, "facts": {"cpcds": ["*"]}, "sample": {"resourceType": "Patient", "id": "1", "meta": {"profile": ["http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient|2.0.0"]}, "identifier": [{"type": {"coding": [{"code": "MB"}]}, "value": "M1"}]}}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((map_id, name)) = subject.about.value.as_deref().and_then(|value| value.split_once('.')) else {
        return Evidence::nothing("the case names no element of the data set");
    };
    let of_element: Vec<&CpcdsElement> = elements().iter().filter(|known| known.map_id == map_id && slug(&known.name) == name).collect();
    let mut profiles: Vec<&str> = of_element.iter().map(|known| known.profile.as_str()).collect();
    profiles.dedup();
    let (mut resources, mut present) = (0, 0);
    for profile in profiles {
        let places: Vec<&CpcdsElement> = of_element.iter().copied().filter(|known| known.profile == profile).collect();
        let count = subject.counts.cpcds(&places, subject.records, subject.base);
        resources += count.as_ref().map_or(0, |count| count.resources);
        present += count.map_or(0, |count| count.present);
    }
    if resources == 0 {
        return Evidence::nothing("nothing of a profile that has this element was harvested");
    }
    if present > 0 {
        return Evidence { examined: present, ..Evidence::default() };
    }
    match subject.declared.facts.holds_cpcds(map_id, name) {
        Some(true) if !of_element.iter().filter_map(|known| known.profile.split('-').nth(1)).all(|name| is_whole_enough(subject, name)) => {
            Evidence::nothing("it is never seen, and not everything was harvested")
        }
        Some(true) => {
            let actual = said!("it is in none of {} resources", resources);
            Evidence::wrong(said!("Map ID {} ({})", code(map_id), code(name)), "a value, which the payer says that it holds", actual)
        }
        Some(false) => Evidence::nothing("the payer says that it does not hold it"),
        None => Evidence::nothing("it is never seen: whether the payer holds it, cpcds in [facts] would say"),
    }
}
