//! The walk over what a profile demands beyond its type (R4 profiling.html).

use super::occurrence::{self, Occurrence};
use super::pattern::{self, Versions};
use super::rules::{Rule, Rules};
use super::schema::Type;
use super::slicing::{Openness, Slice, Slicing, Test};
use super::walk::{Frame, Walk, Wrong, show};
use super::{Path, Severity};
use crate::fhir::fhirpath::Model;
use crate::fhir::json::Value;
use crate::guide::errata::{self, Erratum};
use crate::guide::profile::TypedValue;

/// Profiles in a row of which each is made of the next: definitions may come from strangers and lead in a circle.
const MOST_BASES: usize = 16;

impl<'a> Walk<'a> {
    /// A resource or value against a profile's own rules. Its type's rules are judged by the walk over the type.
    pub fn profile(&mut self, rules: &'a Rules, occurrence: Occurrence<'a>, path: &Path<'_>, frame: &Frame<'a>) {
        let outer = self.guide.replace(&rules.guide);
        let base = rules.base.as_deref().filter(|base| self.library.is_constraint(base) && self.bases < MOST_BASES);
        if let Some(base) = base.and_then(|base| self.library.rules(base)) {
            self.bases += 1;
            self.profile(base, occurrence, path, frame);
            self.bases -= 1;
        }
        self.one(&rules.root, occurrence, path, frame);
        self.guide = outer;
    }

    /// All occurrences of an element, or those that belong to a slice.
    fn all(&mut self, rule: &'a Rule, found: &[Occurrence<'a>], path: &Path<'_>, frame: &Frame<'a>, slice: Option<&str>) {
        self.count(rule, found.len(), path, slice);
        for occurrence in found {
            let place = occurrence.index.map_or(*path, |index| path.at(index));
            self.one(rule, *occurrence, &place, frame);
        }
        if let Some(slicing) = &rule.slicing {
            self.slices(slicing, found, path, frame);
        }
    }

    /// Whether a resource or value meets the rule for one element below it.
    pub fn fits(&self, rule: &'a Rule, whole: Occurrence<'a>, frame: &Frame<'a>) -> bool {
        let mut silent = Walk::new(self.outside);
        silent.guide = self.guide;
        silent.below(rule, whole, &Path::root(whole.type_name), frame);
        silent.findings.iter().all(|finding| finding.severity < Severity::Error)
    }

    fn count(&mut self, rule: &'a Rule, found: usize, path: &Path<'_>, slice: Option<&str>) {
        let (least, most) = if slice.is_some() { ("slicing.min", "slicing.max") } else { ("cardinality.min", "cardinality.max") };
        let what = slice.map_or_else(|| rule.id.clone(), |name| format!("{} (slice {name})", rule.id));
        if found < rule.min as usize {
            self.error(path, least, format!("at least {} {what}", rule.min), found.to_string(), format!("add {what}"));
        }
        if let Some(max) = rule.max.filter(|max| found > *max as usize) {
            let message = if max == 0 { format!("leave out {what}") } else { format!("send at most {max} {what}") };
            self.error(path, most, format!("at most {max} {what}"), found.to_string(), message);
        }
    }

    /// One occurrence of an element.
    fn one(&mut self, rule: &'a Rule, occurrence: Occurrence<'a>, path: &Path<'_>, frame: &Frame<'a>) {
        if let Some(types) = &rule.types
            && !self.types(types, occurrence, path, frame)
        {
            return;
        }
        if let Some(fixed) = &rule.fixed {
            self.content(fixed, occurrence, path, "fixed", pattern::is_fixed);
        }
        if let Some(given) = &rule.pattern {
            self.content(given, occurrence, path, "pattern", pattern::has_pattern);
        }
        if let Some(value) = occurrence.value {
            self.range(&rule.range, value, path);
        }
        if let (Some(binding), Some(value)) = (&rule.binding, occurrence.value) {
            self.bound(value, binding, path);
        }
        if let (Some(limit), Some(value)) = (rule.max_length, occurrence.value) {
            self.length(limit, value, path);
        }
        self.invariants(&rule.invariants, occurrence.node(), frame, path);
        if rule.children.is_empty() {
            return;
        }
        for child in &rule.children {
            self.below(child, occurrence, path, frame);
        }
    }

    /// The occurrences of one element below another.
    fn below(&mut self, rule: &'a Rule, whole: Occurrence<'a>, path: &Path<'_>, frame: &Frame<'a>) {
        let Some(fields) = whole.fields() else { return };
        let Some(place) = rule.place else { return };
        let Some(schema) = self.library.schema(place.schema) else { return };
        let mut found = occurrence::of(fields, schema, place.node);
        if let Some(only) = &rule.only {
            found.retain(|occurrence| occurrence.type_name == only);
        }
        self.all(rule, &found, &path.child(&rule.name), frame, None);
    }

    /// Whether the type is one of those allowed; what follows makes no sense when it is not.
    fn types(&mut self, types: &'a [Type], occurrence: Occurrence<'a>, path: &Path<'_>, frame: &Frame<'a>) -> bool {
        let name = occurrence.type_name;
        let fitting: Vec<&Type> = types.iter().filter(|kind| self.library.is_subtype(name, &kind.code)).collect();
        if fitting.is_empty() && !name.is_empty() {
            let wanted: Vec<&str> = types.iter().map(|kind| &*kind.code).collect();
            self.error(path, "type.not-allowed", wanted.join(" or "), name, "use a type that the profile allows");
            return false;
        }
        if let [only] = fitting.as_slice() {
            if !only.targets.is_empty() {
                self.targets(occurrence, &only.targets, path, frame);
            }
            if !only.profiles.is_empty() && name != "Extension" {
                self.value_profiles(occurrence, &only.profiles, path, frame);
            }
        }
        true
    }

    /// A value against the profiles of its type, of which it meets at least one.
    pub fn value_profiles(&mut self, occurrence: Occurrence<'a>, profiles: &'a [String], path: &Path<'_>, frame: &Frame<'a>) {
        let known: Vec<&'a Rules> = profiles.iter().filter_map(|profile| self.library.rules(profile)).collect();
        match known.as_slice() {
            [] => {}
            [only] => self.profile(only, occurrence, path, frame),
            _ => {
                if !profiles.iter().any(|profile| self.conforms(occurrence, profile, frame) != Some(false)) {
                    let message = "make the value conform to one of these profiles";
                    self.error(path, "type.profile", profiles.join(" or "), "conforms to none of them", message);
                }
            }
        }
    }

    fn content(
        &mut self,
        given: &TypedValue,
        occurrence: Occurrence<'a>,
        path: &Path<'_>,
        rule: &'static str,
        fits: fn(&Value, &Value, Versions) -> bool,
    ) {
        let Some(value) = occurrence.value else {
            return self.error(path, rule, given.value.to_string(), "no value", "send the value that the profile fixes");
        };
        if fits(value, &given.value, Versions::AsWritten) {
            return;
        }
        let pinned = self.pinned_versions().filter(|_| fits(value, &given.value, Versions::MayBeMissing));
        let wrong = Wrong {
            severity: if pinned.is_some() { Severity::Warning } else { Severity::Error },
            rule: rule.into(),
            expected: given.value.to_string(),
            actual: show(value),
            message: match pinned {
                Some(erratum) => {
                    format!("the pattern is not met as written, but the guide is wrong here ({}): {}", erratum.id, erratum.wrong)
                }
                None => "send the value that the profile fixes".to_owned(),
            },
        };
        self.report(path, wrong);
    }

    fn slices(&mut self, slicing: &'a Slicing, found: &[Occurrence<'a>], path: &Path<'_>, frame: &Frame<'a>) {
        let belongs: Vec<Option<usize>> = found.iter().map(|occurrence| self.slice_of(slicing, *occurrence, frame)).collect();
        for (number, slice) in slicing.slices.iter().enumerate() {
            let own: Vec<Occurrence<'a>> =
                found.iter().zip(&belongs).filter(|(_, slice)| **slice == Some(number)).map(|(own, _)| *own).collect();
            self.all(&slice.rule, &own, path, frame, Some(&slice.name));
        }
        let last = belongs.iter().rposition(Option::is_some);
        let mut highest = 0;
        for (position, (occurrence, slice)) in found.iter().zip(&belongs).enumerate() {
            let place = occurrence.index.map_or(*path, |index| path.at(index));
            match slice {
                None if slicing.rules == Openness::Closed => {
                    let names: Vec<&str> = slicing.slices.iter().map(|slice| slice.name.as_str()).collect();
                    let message = "take it out, or make it fit one of the slices: the profile allows nothing else here";
                    self.error(&place, "slicing.closed", format!("one of {}", names.join(", ")), "fits none of them", message);
                }
                None if slicing.rules == Openness::OpenAtEnd && last.is_some_and(|last| position < last) => {
                    self.error(&place, "slicing.open-at-end", "at the end", "before a slice", "move it after the slices");
                }
                Some(number) if slicing.ordered && *number < highest => {
                    self.error(
                        &place,
                        "slicing.order",
                        "the order of the profile",
                        "out of order",
                        "put the slices in the order of the profile",
                    );
                }
                _ => {}
            }
            highest = highest.max(slice.unwrap_or(highest));
        }
    }

    /// The number of the slice that an occurrence belongs to.
    pub fn slice_of(&mut self, slicing: &'a Slicing, occurrence: Occurrence<'a>, frame: &Frame<'a>) -> Option<usize> {
        let named = slicing.slices.iter().position(|slice| slice.name != "@default" && self.belongs(slice, occurrence, frame));
        named.or_else(|| slicing.slices.iter().position(|slice| slice.name == "@default"))
    }

    fn belongs(&mut self, slice: &'a Slice, occurrence: Occurrence<'a>, frame: &Frame<'a>) -> bool {
        // A discriminator about which a slice says nothing tells nothing, unless it is the only one.
        let mut telling = slice.matchers.iter().filter(|matcher| !matches!(matcher.test, Test::Nothing)).peekable();
        telling.peek().is_some() && telling.all(|matcher| self.matches(matcher, occurrence, frame))
    }

    /// Whether the walk follows a guide that pins versions of code systems which it does not mean.
    pub fn pinned_versions(&self) -> Option<&'static Erratum> {
        self.guide.filter(|_| !self.options.literal).and_then(errata::of_versions)
    }
}
