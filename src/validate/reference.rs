//! References: their form, and the type and profile of what they lead to (R4 references.html).

use super::Path;
use super::occurrence::Occurrence;
use super::schema::Type;
use super::walk::{Frame, Walk, resolve};
use crate::fhir::fhirpath::Model;
use crate::fhir::json::{Map, Value};
use crate::fhir::reference::{Reference, split_canonical};
use crate::fhir::resource;

impl<'a> Walk<'a> {
    /// The form of a Reference.
    pub fn reference(&mut self, fields: &'a Map, _kind: &'a Type, path: &Path<'_>, frame: &Frame<'a>) {
        let Some(text) = fields.get("reference").and_then(Value::as_str) else { return };
        let child = path.child("reference");
        match Reference::parse(text) {
            Reference::Relative { resource_type, .. } | Reference::Absolute { resource_type, .. } => {
                let is_ours = matches!(Reference::parse(text), Reference::Relative { .. });
                if is_ours && !self.library.catalogue().is_resource_type(resource_type) {
                    let message = "write a relative reference as Type/id with a resource type of R4";
                    self.error(&child, "reference.form", "a resource type of R4", format!("\"{resource_type}\""), message);
                }
            }
            Reference::Other(text) if !text.contains(':') && !text.contains('?') => {
                let message = "write the reference as Type/id, as an absolute URL, as urn:uuid: or urn:oid:, or as # and the id of a contained resource";
                self.error(&child, "reference.form", "Type/id", "another form", message);
            }
            _ => {}
        }
        if let (Some(said), Some(is)) = (fields.get("type").and_then(Value::as_str), self.type_by_reference(text, frame)) {
            let said = said.rsplit('/').next().unwrap_or(said);
            if said != is {
                let message = "make Reference.type and Reference.reference agree";
                self.error(&path.child("type"), "reference.type", is, said, message);
            }
        }
    }

    /// The target of a reference against the profiles that a definition allows.
    pub fn targets(&mut self, occurrence: Occurrence<'a>, targets: &'a [String], path: &Path<'_>, frame: &Frame<'a>) {
        if occurrence.type_name != "Reference" {
            return;
        }
        let Some(fields) = occurrence.fields() else { return };
        let text = fields.get("reference").and_then(Value::as_str);
        let said = fields.get("type").and_then(Value::as_str).map(|name| name.rsplit('/').next().unwrap_or(name));
        let Some(name) = text.and_then(|text| self.type_by_reference(text, frame)).or(said) else { return };
        let library = self.library;
        let fitting: Vec<&String> =
            targets.iter().filter(|target| library.type_of(target).is_none_or(|wanted| library.is_subtype(name, wanted))).collect();
        if fitting.is_empty() {
            let mut wanted: Vec<&str> = targets.iter().filter_map(|target| library.type_of(target)).collect();
            wanted.dedup();
            let message = "refer to a resource of an allowed type";
            return self.error(path, "reference.target", wanted.join(" or "), name, message);
        }
        let is_open = fitting.iter().any(|target| !library.is_constraint(target));
        let resolved = text.and_then(|text| resolve(self, text, frame));
        if let (false, Some(target)) = (is_open, resolved) {
            self.target_profiles(target, &fitting, path, frame);
        }
    }

    fn target_profiles(&mut self, target: &'a Value, profiles: &[&'a String], path: &Path<'_>, frame: &Frame<'a>) {
        // What claims the profile is judged by it in its own right.
        let claims = |profile: &&&String| resource_claims(target).any(|claim| split_canonical(claim).0 == split_canonical(profile).0);
        if profiles.iter().any(|profile| claims(&profile)) {
            return;
        }
        let mut inside = frame.clone();
        inside.environment.resource = Some(crate::fhir::fhirpath::Node::resource(target));
        let occurrence = Occurrence::of_resource(target);
        let undecided = profiles.iter().any(|profile| self.conforms(occurrence, profile, &inside) != Some(false));
        if !undecided {
            let names: Vec<&str> = profiles.iter().map(|profile| profile.as_str()).collect();
            let message = "make the target conform to one of these profiles, or refer to another resource";
            self.error(path, "reference.profile", names.join(" or "), "conforms to none of them", message);
        }
    }

    fn type_by_reference(&self, text: &'a str, frame: &Frame<'a>) -> Option<&'a str> {
        match Reference::parse(text) {
            Reference::Relative { resource_type, .. } => Some(resource_type).filter(|name| self.library.catalogue().is_resource_type(name)),
            Reference::Absolute { resource_type, .. } => {
                let known = Some(resource_type).filter(|name| self.library.catalogue().is_resource_type(name));
                resolve(self, text, frame).and_then(resource::type_of).or(known)
            }
            _ => resolve(self, text, frame).and_then(resource::type_of),
        }
    }
}

/// The canonical URLs in `meta.profile`.
pub fn resource_claims(resource: &Value) -> impl Iterator<Item = &str> {
    let claims = resource.get("meta").and_then(|meta| meta.get("profile")).and_then(Value::as_array);
    claims.into_iter().flatten().filter_map(Value::as_str)
}
