//! One generated question, lean: a large server makes tens of thousands, which share what their suite case says and what they are about.

use std::sync::Arc;

use super::step::Step;
use super::words::Words;
use crate::check::outcome::Level;
use crate::check::{About, Check, Word};
use crate::guide::requirements::Requirement;
use crate::suite::StepTemplate;

/// The guide name of what no guide expects: plain FHIR R4.
const PLAIN: &str = "r4";

/// One generated question, complete before anything is sent.
#[derive(Clone, Debug)]
pub struct Case {
    /// How strongly it is asked.
    pub level: Level,
    /// What the question is about.
    pub about: Arc<About>,
    /// Why the case does not apply, when the declaration alone decides it.
    pub not_applicable: Option<Word>,
    /// What its suite case says.
    pub template: Arc<Template>,
    /// What the template's placeholders stand for, as far as the plan knows.
    pub words: Arc<Words>,
}

/// What all cases of one suite case have in common.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The last part of the ids, with placeholders.
    pub id: String,
    /// One sentence for people, with placeholders.
    pub title: String,
    /// The suite and its case, such as `rest#read`.
    pub origin: String,
    /// Requirement ids, such as `carin-bb-2.0.0@100`.
    pub requirements: Vec<String>,
    /// What is judged.
    pub checks: Vec<&'static Check>,
    /// Requests in order. Empty for cases that are judged from declarations or samples alone.
    pub steps: Vec<StepTemplate>,
    /// Whether the requests are sent for every harvested resource of the type.
    pub for_each_sample: bool,
}

impl Case {
    /// Stable words joined by dots, such as `c4bb.ExplanationOfBenefit.search.service-date.ge`: guide, resource type if there is one, and
    /// what is asked.
    pub fn id(&self) -> String {
        let mut id = String::with_capacity(96);
        self.write_id(&mut id);
        id
    }

    /// Puts the id at the end of a text.
    pub fn write_id(&self, text: &mut String) {
        text.push_str(self.about.expected.as_ref().map_or(PLAIN, |(guide, _)| guide));
        text.push('.');
        if let Some(resource_type) = &self.about.resource_type {
            text.push_str(resource_type);
            text.push('.');
        }
        self.words.fill_into(&self.template.id, text);
    }

    /// One sentence for people.
    pub fn title(&self) -> String {
        self.words.fill(&self.template.title)
    }

    /// The suite and its case that made this one, such as `rest#read`.
    pub fn origin(&self) -> &str {
        &self.template.origin
    }

    /// Requirement ids, such as `carin-bb-2.0.0@100`.
    pub fn requirements(&self) -> &[String] {
        &self.template.requirements
    }

    /// What is judged.
    pub fn checks(&self) -> &[&'static Check] {
        &self.template.checks
    }

    /// Requests in order, made anew; each may use what the harvest fills in. Empty for a case that is judged from declarations or samples
    /// alone.
    pub fn steps(&self) -> Vec<Step> {
        self.template.steps.iter().map(|step| Step::new(step, &self.words)).collect()
    }

    /// Whether a specification requires it, and it applies.
    pub fn is_required(&self) -> bool {
        self.level.is_required() && self.not_applicable.is_none()
    }

    /// Whether it sends anything but reads and searches.
    pub fn writes(&self) -> bool {
        self.template.steps.iter().any(StepTemplate::writes)
    }
}

/// Every case, in a fixed order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The cases.
    pub cases: Vec<Case>,
    /// Every row of requirement lists that counts in the run, the suites' own among them.
    pub requirements: Vec<Requirement>,
    /// What these are of the whole that was selected.
    pub part: Part,
}

/// A part of a plan, or the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// K and N of `--partition K/N`; none for the whole.
    pub of: Option<(usize, usize)>,
    /// How many cases the whole has.
    pub whole: usize,
    /// How many of them a specification requires, and apply.
    pub required: usize,
    /// What tells the whole from other plans: SHA-256, in hexadecimal.
    pub digest: String,
    /// Where each case stands in the whole; empty where that is its place here.
    pub places: Vec<u32>,
}

impl Part {
    /// Where a case stands in the whole, by its place here.
    pub fn place(&self, index: usize) -> usize {
        self.places.get(index).map_or(index, |place| *place as usize)
    }
}
