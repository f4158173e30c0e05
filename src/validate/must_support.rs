//! Which of a profile's must-support elements resources have: observed, not judged, since a server may have nothing to send.

use std::sync::Arc;

use super::library::Library;
use super::occurrence::{self, Occurrence};
use super::rules::{self, Place, Tree};
use super::schema::choice_name;
use super::slicing::Slicing;
use super::surroundings::Surroundings;
use super::validator::Options;
use super::walk::{Frame, Outside, Walk};
use crate::fhir::json::{Map, Value};
use crate::fhir::resource;
use crate::guide::profile::Element;
use crate::guide::{Catalogue, GuideId};

/// Why a value is missing, as an extension in place of the value and as a code in place of another one.
const REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
const REASON_CODES: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// Profiles in a row of which each is made of the next: definitions may come from strangers and lead in a circle.
const MOST_BASES: usize = 16;

/// Levels of elements below which nothing is looked for.
const DEEPEST: usize = 64;

/// What one resource has of a must-support element or slice: the most that any of its occurrences shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Nothing.
    Lacking,
    /// Only a reason why the value is absent, given there or further up.
    ReasonOnly,
    /// A value.
    Present,
}

/// The profiles whose must-support elements can be looked for.
#[derive(Debug)]
pub struct Observer {
    library: Library,
}

/// The must-support elements of one profile.
#[derive(Debug)]
pub struct MustSupport<'o> {
    library: &'o Library,
    type_name: String,
    guide: GuideId,
    elements: Vec<String>,
    roots: Vec<Part>,
}

/// One element or slice that is must-support or leads to one that is.
#[derive(Debug)]
struct Part {
    /// Its number among the profile's must-support elements.
    number: Option<usize>,
    place: Place,
    /// The only type of a choice that it is about.
    only: Option<String>,
    /// Whether reasons are what it is for, as in `Observation.dataAbsentReason`.
    is_reason: bool,
    children: Vec<Part>,
    /// How the slices are told apart, and for each what is looked for in it.
    slices: Option<(Slicing, Vec<Option<Part>>)>,
}

impl Observer {
    /// An observer for the profiles of a catalogue.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { library: Library::new(catalogue) }
    }

    /// The must-support elements of the profile of a canonical URL; `None` when the catalogue has no such profile.
    pub fn profile(&self, canonical: &str) -> Option<MustSupport<'_>> {
        let library = &self.library;
        let entry = library.entry(canonical).filter(|entry| entry.derivation == "constraint")?;
        let mut found = MustSupport {
            library,
            type_name: entry.type_name.clone(),
            guide: entry.guide.clone(),
            elements: Vec::new(),
            roots: Vec::new(),
        };
        let (schema, _) = library.schema_named(&entry.type_name)?;
        let mut next = Some(canonical.to_owned());
        for _ in 0..MOST_BASES {
            let Some(canonical) = next.filter(|canonical| library.is_constraint(canonical)) else { break };
            let Some(profile) = library.catalogue().profile(&canonical) else { break };
            let mut compiler = Compiler { tree: Tree::of(&profile), library, elements: &mut found.elements };
            found.roots.extend(compiler.part(0, Place { schema, node: 0 }, false, 0));
            next = profile.base.clone().filter(|_| profile.is_differential);
        }
        Some(found)
    }
}

impl MustSupport<'_> {
    /// Element ids, in the order of the profile.
    pub fn elements(&self) -> &[String] {
        &self.elements
    }

    /// What a resource has of each element; `None` when the profile is of another resource type.
    pub fn of(&self, value: &Value, surroundings: &dyn Surroundings) -> Option<Vec<Presence>> {
        if resource::type_of(value) != Some(&self.type_name) {
            return None;
        }
        let options = Options::default();
        let outside = Outside { library: self.library, surroundings, options: &options };
        let mut walk = Walk::new(&outside);
        walk.guide = Some(&self.guide);
        let frame = walk.frame(value);
        let mut seen = vec![Presence::Lacking; self.elements.len()];
        for root in &self.roots {
            root.look(&[Occurrence::of_resource(value)], &mut walk, &frame, &mut seen);
        }
        Some(seen)
    }
}

struct Compiler<'p, 'c> {
    tree: Tree<'p>,
    library: &'c Library,
    elements: &'c mut Vec<String>,
}

impl Compiler<'_, '_> {
    fn part(&mut self, number: usize, place: Place, is_reason: bool, depth: usize) -> Option<Part> {
        let element = self.tree.element(number).filter(|_| depth < DEEPEST)?;
        let is_reason = is_reason || element.path.ends_with(".dataAbsentReason");
        let mut part = Part { number: None, place, only: self.only(element, place), is_reason, children: Vec::new(), slices: None };
        if element.must_support {
            part.number = Some(self.number(&element.id));
        }
        let (children, slices) = self.tree.below.get(number).cloned()?;
        for child in children {
            let below = self.tree.element(child).and_then(|given| rules::below(self.library, place, element, given));
            part.children.extend(below.and_then(|place| self.part(child, place, is_reason, depth + 1)));
        }
        let is_named = |slice: &usize| self.tree.element(*slice).is_some_and(|element| element.slice_name.is_some());
        let slices: Vec<usize> = slices.into_iter().filter(is_named).collect();
        let below: Vec<Option<Part>> = slices.iter().map(|slice| self.part(*slice, place, is_reason, depth + 1)).collect();
        if below.iter().any(Option::is_some) {
            let slicing = Slicing::compile(&self.tree, number, &slices, Some(place), self.library)?;
            part.slices = Some((slicing, below));
        }
        (part.number.is_some() || !part.children.is_empty() || part.slices.is_some()).then_some(part)
    }

    fn number(&mut self, id: &str) -> usize {
        let known = self.elements.iter().position(|known| known == id);
        known.unwrap_or_else(|| {
            self.elements.push(id.to_owned());
            self.elements.len() - 1
        })
    }

    /// The type of a choice that an element's path names, as `Observation.valueQuantity` does.
    fn only(&self, element: &Element, place: Place) -> Option<String> {
        let base = rules::node(self.library, place).filter(|base| base.is_choice)?;
        let name = element.path.rsplit('.').next()?;
        base.types.iter().find(|kind| choice_name(&base.name, &kind.code) == name).map(|kind| kind.code.to_string())
    }
}

impl Part {
    /// Notes what the occurrences of an element show of it and of what is below.
    fn look<'a>(&'a self, found: &[Occurrence<'a>], walk: &mut Walk<'a>, frame: &Frame<'a>, seen: &mut [Presence]) {
        let mut there = Vec::with_capacity(found.len());
        for occurrence in found {
            let presence = if !self.is_reason && is_reason(*occurrence) { Presence::ReasonOnly } else { of_value(*occurrence) };
            match presence {
                Presence::ReasonOnly => self.explained(seen),
                presence => {
                    self.note(presence, seen);
                    there.push(*occurrence);
                }
            }
        }
        for child in &self.children {
            for occurrence in &there {
                child.look_below(*occurrence, walk, frame, seen);
            }
        }
        let Some((slicing, parts)) = &self.slices else { return };
        let belongs: Vec<Option<usize>> = there.iter().map(|occurrence| walk.slice_of(slicing, *occurrence, frame)).collect();
        for (number, part) in parts.iter().enumerate() {
            let Some(part) = part else { continue };
            let own = there.iter().zip(&belongs).filter(|(_, slice)| **slice == Some(number)).map(|(occurrence, _)| *occurrence);
            part.look(&own.collect::<Vec<_>>(), walk, frame, seen);
        }
    }

    fn look_below<'a>(&'a self, whole: Occurrence<'a>, walk: &mut Walk<'a>, frame: &Frame<'a>, seen: &mut [Presence]) {
        let (Some(fields), Some(schema)) = (whole.fields(), walk.library.schema(self.place.schema)) else { return };
        let mut found = occurrence::of(fields, schema, self.place.node);
        if let Some(only) = &self.only {
            found.retain(|occurrence| occurrence.type_name == only);
        }
        // `Observation.dataAbsentReason` and that of its components stand beside the value that they excuse.
        let is_value = schema.node(self.place.node).is_some_and(|node| &*node.name == "value");
        if found.is_empty() && is_value && fields.contains_key("dataAbsentReason") {
            return self.explained(seen);
        }
        self.look(&found, walk, frame, seen);
    }

    fn note(&self, presence: Presence, seen: &mut [Presence]) {
        if let Some(known) = self.number.and_then(|number| seen.get_mut(number)) {
            *known = presence.max(*known);
        }
    }

    /// A reason for an element is one for all that is below.
    fn explained(&self, seen: &mut [Presence]) {
        self.note(Presence::ReasonOnly, seen);
        let slices = self.slices.iter().flat_map(|(_, parts)| parts.iter().flatten());
        for part in self.children.iter().chain(slices) {
            part.explained(seen);
        }
    }
}

fn of_value(occurrence: Occurrence<'_>) -> Presence {
    let has_value = match occurrence.value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(_) => true,
    };
    if has_value { Presence::Present } else { Presence::Lacking }
}

/// Whether nothing but a reason stands here.
fn is_reason(occurrence: Occurrence<'_>) -> bool {
    match occurrence.value {
        Some(Value::Object(fields)) => {
            let is_about = |name: &str| matches!(name, "id" | "extension") || name == "url" && occurrence.type_name == "Extension";
            has_reason(fields) && fields.keys().all(|name| is_about(name)) || is_reason_code(fields)
        }
        None | Some(Value::Null) => occurrence.companion.and_then(Value::as_object).is_some_and(has_reason),
        Some(_) => false,
    }
}

fn has_reason(fields: &Map) -> bool {
    let extensions = fields.get("extension").and_then(Value::as_array);
    extensions.into_iter().flatten().any(|extension| extension.get("url").and_then(Value::as_str) == Some(REASON))
}

/// A Coding of a reason, or a CodeableConcept with no other codings.
fn is_reason_code(fields: &Map) -> bool {
    let is_one = |coding: &Value| coding.get("system").and_then(Value::as_str) == Some(REASON_CODES);
    match fields.get("coding") {
        Some(Value::Array(codings)) => !codings.is_empty() && codings.iter().all(is_one),
        _ => fields.contains_key("code") && fields.get("system").and_then(Value::as_str) == Some(REASON_CODES),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;
    use crate::guide::{GuideId, Sources};
    use crate::validate::Alone;

    fn observer(guide: &str) -> Observer {
        let guide: GuideId = guide.parse().unwrap();
        Observer::new(Arc::new(Catalogue::load(&[guide], &Sources::default()).unwrap()))
    }

    fn presence(profile: &MustSupport<'_>, resource: &Value, element: &str) -> Presence {
        let number = profile.elements().iter().position(|known| known == element).unwrap_or_else(|| panic!("no {element}"));
        profile.of(resource, &Alone).unwrap()[number]
    }

    #[test]
    fn slices_are_told_apart() {
        let observer = observer("hl7.fhir.us.carin-bb#2.0.0");
        let patient = observer.profile("http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient").unwrap();
        let resource = |code: &str| {
            let system = "http://terminology.hl7.org/CodeSystem/v2-0203";
            json!({"resourceType": "Patient", "identifier": [{"type": {"coding": [{"system": system, "code": code}]}, "value": "1"}]})
        };
        assert_eq!(presence(&patient, &resource("MB"), "Patient.identifier:memberid"), Presence::Present);
        assert_eq!(presence(&patient, &resource("UM"), "Patient.identifier:memberid"), Presence::Lacking);
        assert_eq!(presence(&patient, &resource("UM"), "Patient.identifier"), Presence::Present);
        assert_eq!(patient.of(&json!({"resourceType": "Coverage"}), &Alone), None);
    }

    #[test]
    fn a_reason_is_no_value() {
        let observer = observer("hl7.fhir.us.core#6.1.0");
        let patient = observer.profile("http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|6.1.0").unwrap();
        let reason = json!([{"url": REASON, "valueCode": "unknown"}]);
        let masked = json!({"resourceType": "Patient", "_birthDate": {"extension": reason}, "name": [{"extension": reason}]});
        assert_eq!(presence(&patient, &masked, "Patient.birthDate"), Presence::ReasonOnly);
        assert_eq!(presence(&patient, &masked, "Patient.name"), Presence::ReasonOnly);
        assert_eq!(presence(&patient, &masked, "Patient.name.family"), Presence::ReasonOnly);
        assert_eq!(presence(&patient, &masked, "Patient.gender"), Presence::Lacking);
        let both = json!({"resourceType": "Patient", "name": [{"extension": reason}, {"family": "Doe"}], "birthDate": ""});
        assert_eq!(presence(&patient, &both, "Patient.name.family"), Presence::Present);
        assert_eq!(presence(&patient, &both, "Patient.name.given"), Presence::ReasonOnly);
        assert_eq!(presence(&patient, &both, "Patient.birthDate"), Presence::Lacking);
        assert_eq!(patient.of(&json!({"resourceType": "Group"}), &Alone), None);
    }

    #[test]
    fn a_reason_stands_as_a_code_or_beside_the_value() {
        let observer = observer("hl7.fhir.us.core#6.1.0");
        let profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab";
        let laboratory = observer.profile(profile).unwrap();
        let reason = json!({"coding": [{"system": REASON_CODES, "code": "unknown"}], "text": "not known"});
        let observation = json!({"resourceType": "Observation", "code": reason, "dataAbsentReason": reason});
        assert_eq!(presence(&laboratory, &observation, "Observation.code"), Presence::ReasonOnly);
        assert_eq!(presence(&laboratory, &observation, "Observation.value[x]"), Presence::ReasonOnly);
        assert_eq!(presence(&laboratory, &observation, "Observation.dataAbsentReason"), Presence::Present);
        let measured = json!({"resourceType": "Observation", "valueQuantity": {"value": 1}, "code": {"text": "Sodium"}});
        assert_eq!(presence(&laboratory, &measured, "Observation.value[x]"), Presence::Present);
        assert_eq!(presence(&laboratory, &measured, "Observation.code"), Presence::Present);
        assert_eq!(presence(&laboratory, &measured, "Observation.dataAbsentReason"), Presence::Lacking);
    }

    #[test]
    fn a_type_or_an_unknown_profile_has_none() {
        let observer = observer("hl7.fhir.us.core#6.1.0");
        assert!(observer.profile("http://hl7.org/fhir/StructureDefinition/Patient").is_none());
        assert!(observer.profile("http://example.org/none").is_none());
    }
}
