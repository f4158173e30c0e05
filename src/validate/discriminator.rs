//! Whether an occurrence of an element belongs to a slice (R4 profiling.html#discriminator).

use super::binding::Answer;
use super::occurrence::{self, Occurrence};
use super::pattern::{self, Versions};
use super::slicing::{Content, Matcher, Step, Test};
use super::walk::{Frame, Walk};
use crate::fhir::fhirpath::Model;

impl<'a> Walk<'a> {
    /// One discriminator.
    pub fn matches(&mut self, matcher: &'a Matcher, occurrence: Occurrence<'a>, frame: &Frame<'a>) -> bool {
        let found = self.at(&matcher.path, occurrence, frame);
        match &matcher.test {
            Test::Exists(wanted) => found.is_empty() != *wanted,
            Test::Nothing => false,
            Test::Values(values) => found.iter().any(|found| self.has_all(values, *found, frame)),
            Test::Type(types) => found.iter().any(|found| types.iter().any(|wanted| self.is_type(found, wanted))),
            Test::MemberOf(binding) => {
                // A code of a system that the packages do not hold counts for the slice, since it may be a member.
                let answers = found.iter().filter_map(|found| found.value).map(|value| binding.ask(value, &self.library.codes));
                answers.into_iter().any(|answer| matches!(answer, Answer::Member | Answer::Undecided))
            }
            Test::Profile(profiles) => found.iter().any(|found| profiles.iter().any(|profile| self.fits_profile(*found, profile, frame))),
        }
    }

    fn at(&self, path: &[Step], occurrence: Occurrence<'a>, frame: &Frame<'a>) -> Vec<Occurrence<'a>> {
        occurrence::follow(occurrence, path, frame.root, self.outside.surroundings)
    }

    fn has_all(&self, values: &'a [(Vec<Step>, Content)], found: Occurrence<'a>, frame: &Frame<'a>) -> bool {
        let versions = if self.pinned_versions().is_some() { Versions::MayBeMissing } else { Versions::AsWritten };
        values.iter().all(|(path, content)| {
            let values = self.at(path, found, frame).into_iter().filter_map(|found| found.value);
            let mut values = values;
            values.any(|value| match content {
                Content::Fixed(given) => pattern::is_fixed(value, &given.value, versions),
                Content::Pattern(given) => pattern::has_pattern(value, &given.value, versions),
            })
        })
    }

    fn is_type(&self, found: &Occurrence<'a>, wanted: &str) -> bool {
        let name = found.type_name;
        self.library.is_subtype(name, wanted) || name.eq_ignore_ascii_case(wanted)
    }

    fn fits_profile(&mut self, found: Occurrence<'a>, profile: &str, frame: &Frame<'a>) -> bool {
        if !self.library.is_constraint(profile) {
            return self.library.type_of(profile).is_some_and(|wanted| self.is_type(&found, wanted));
        }
        self.conforms(found, profile, frame) == Some(true)
    }
}
