//! The rules of the grammar that the parser cannot know: names that must exist, and parts that must fit together.

use std::collections::HashSet;

use super::load::PLACEHOLDERS;
use super::locate::Turn;
use super::model::{ForEach, StepTemplate, Suite, SuiteCase};
use super::nearest::hint;
use crate::check;
use crate::check::PayerFacts;
use crate::check::sign_in::PARTS;
use crate::fhir::fhirpath::Expression;
use crate::guide::requirements::{self, Requirement};

/// The types of search parameters (R4 valueset-search-param-type.html).
const KINDS: [&str; 9] = ["number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"];
/// The interactions that a CapabilityStatement can name (R4 valueset-type-restful-interaction.html, valueset-system-restful-interaction.html).
const INTERACTIONS: [&str; 12] = [
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "history-system",
    "create",
    "search-type",
    "search-system",
    "transaction",
];
/// The interaction of the system that is read-only or not by what it carries.
const BATCH: &str = "batch";
/// Placeholders that stand for a whole query entry.
const WHOLE: [&str; 4] = ["{scope}", "{narrow}", "{criteria}", "{operation-inputs}"];
/// The beginning of placeholders for what an earlier step saved.
const SAVED: &str = "saved.";

/// One mistake: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The way to the value in the document.
    pub turns: Vec<Turn>,
    /// The words in that value that are wrong; empty when all of it is.
    pub word: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// Collects the mistakes of one suite.
#[derive(Default)]
struct Review {
    here: Vec<Turn>,
    /// What the steps so far have saved.
    saved: Vec<String>,
    mistakes: Vec<Mistake>,
}

/// Every mistake of a suite, in the order of the document's cases.
pub fn mistakes(suite: &Suite) -> Vec<Mistake> {
    let mut review = Review::default();
    if suite.versions.is_some() && suite.guide.is_none() {
        review.note(&[Turn::Field("versions")], "", "versions are those of a guide; name it with guide".to_owned());
    }
    let mut seen = HashSet::new();
    for (place, case) in suite.cases.iter().enumerate() {
        review.here = vec![Turn::Field("case"), Turn::Item(place)];
        if !seen.insert(case.id.as_str()) {
            review.field("id", &case.id, format!("the id {} is used twice in this suite; give each case its own", case.id));
        }
        review.case(case);
    }
    for (place, row) in suite.requirements.iter().enumerate() {
        review.here = vec![Turn::Field("requirement"), Turn::Item(place)];
        let earlier = suite.requirements.iter().take(place).any(|other| other.id == row.id);
        let is_named = suite.cases.iter().any(|case| case.requirements.contains(&row.id));
        review.requirement(row, earlier, is_named);
    }
    review.mistakes
}

impl Review {
    fn note(&mut self, turns: &[Turn], word: &str, problem: String) {
        let turns = self.here.iter().chain(turns).copied().collect();
        self.mistakes.push(Mistake { turns, word: word.to_owned(), problem });
    }

    fn field(&mut self, name: &'static str, word: &str, problem: String) {
        self.note(&[Turn::Field(name)], word, problem);
    }

    /// Holds a word to those that are known.
    fn known<'a>(&mut self, turns: &[Turn], what: &str, word: &str, known: impl IntoIterator<Item = &'a str> + Clone) {
        if !known.clone().into_iter().any(|candidate| candidate == word) {
            self.note(turns, word, format!("there is no {what} {word}{}", hint(word, known)));
        }
    }

    fn case(&mut self, case: &SuiteCase) {
        for (place, id) in case.expect.iter().enumerate() {
            if check::find(id).is_none() {
                let hint = hint(id, check::CHECKS.iter().map(|check| check.id));
                let problem = format!("unknown check {id}{hint}; `payerspec explain` lists the known ones");
                self.note(&[Turn::Field("expect"), Turn::Item(place)], id, problem);
            }
        }
        if case.expect.is_empty() && case.assert.is_none() {
            self.field("expect", "", "expect is empty; name at least one check, or state an assert".to_owned());
        }
        if case.assert.is_none() && case.expect.iter().any(|id| id == check::ASSERTION) {
            self.field("expect", check::ASSERTION, "there is no assert that could hold; state one with on and that".to_owned());
        }
        if let Some(assertion) = &case.assert {
            for (name, text) in [("on", &assertion.on), ("that", &assertion.that)] {
                self.fhirpath(&[Turn::Field("assert"), Turn::Field(name)], text);
            }
        }
        for (place, kind) in case.kinds.iter().enumerate() {
            self.known(&[Turn::Field("kinds"), Turn::Item(place)], "type of search parameters", kind, KINDS);
        }
        if let Some(code) = &case.interaction {
            self.known(&[Turn::Field("interaction")], "interaction", code, INTERACTIONS.into_iter().chain([BATCH]));
        }
        match (&case.sign_in, case.for_each == ForEach::SignIn) {
            (Some(part), true) => self.known(&[Turn::Field("sign-in")], "part of a sign-in", part, PARTS),
            (None, true) => self.field("for-each", "", "it asks for a part of the sign-in; name one with sign-in".to_owned()),
            (Some(_), false) => self.field("sign-in", "", "only for-each = \"sign-in\" asks for a part of the sign-in".to_owned()),
            (None, false) => {}
        }
        if let Some(fact) = &case.needs_fact {
            self.known(&[Turn::Field("needs-fact")], "fact of a payer", fact, PayerFacts::NAMES);
        }
        if !case.profiles.is_empty() && case.for_each != ForEach::Profile {
            self.field("profiles", "", "only for-each = \"profile\" is asked for profiles".to_owned());
        }
        for (place, id) in case.requirements.iter().enumerate() {
            if requirements::is_listed(id) && requirements::all().all(|row| row.id != *id) {
                let hint = hint(id, requirements::all().map(|row| row.id.as_str()));
                self.note(&[Turn::Field("requirements"), Turn::Item(place)], id, format!("there is no requirement {id}{hint}"));
            }
        }
        for (place, status) in case.expect_status.iter().enumerate() {
            if !(100..600).contains(status) {
                self.note(&[Turn::Field("expect-status"), Turn::Item(place)], "", format!("{status} is no HTTP status"));
            }
        }
        for (name, text) in [("id", &case.id), ("title", &case.title)] {
            self.placeholders(&[Turn::Field(name)], text);
        }
        self.requests(case);
        self.identities(case);
        let here = self.here.clone();
        self.saved.clear();
        for (place, step) in case.steps.iter().enumerate() {
            self.here.extend([Turn::Field("steps"), Turn::Item(place)]);
            self.step(step);
            for (name, text) in &step.save {
                self.fhirpath(&[Turn::Field("save")], text);
                self.saved.push(name.clone());
            }
            self.here.clone_from(&here);
        }
    }

    /// A row of a requirement list of the suite's own.
    fn requirement(&mut self, row: &Requirement, earlier: bool, is_named: bool) {
        if !row.id.contains('@') {
            self.field("id", &row.id, format!("the id {:?} names no list: write it as LIST@ROW, such as own@1", row.id));
        } else if requirements::is_listed(&row.id) {
            self.field("id", &row.id, format!("{} is of a list that the program has; give the suite's rows a list of their own", row.id));
        }
        if earlier {
            self.field("id", &row.id, format!("the requirement {} is defined twice; keep one", row.id));
        }
        let unanswered = [&row.needs_facts, &row.needs_statement, &row.excluded_because].iter().all(|why| why.is_none());
        if unanswered && row.verified_by.is_empty() && !is_named {
            let problem =
                format!("nothing answers {}: name it in requirements of a case, or say verified-by, needs-statement or the like", row.id);
            self.field("id", &row.id, problem);
        }
        for problem in row.mistakes() {
            self.note(&[], "", problem);
        }
    }

    /// The one request of a case without steps, and what is asked for each harvested resource.
    fn requests(&mut self, case: &SuiteCase) {
        if let Some(step) = case.only_step() {
            if !case.steps.is_empty() {
                self.field("get", "", "a case has get or steps, not both".to_owned());
            }
            self.step(&step);
        } else if !case.query.is_empty() {
            self.field("query", "", "query belongs to a get beside it; in steps, to its step".to_owned());
        }
        if case.for_each == ForEach::Sample && case.steps.iter().any(StepTemplate::writes) {
            self.field("for-each", "", "what is asked for each harvested resource must not write".to_owned());
        }
    }

    /// Other credentials than the member's: each makes a case of its own id, and none of them writes.
    fn identities(&mut self, case: &SuiteCase) {
        let in_id = case.id.contains("{as}");
        if case.identities.len() > 1 && !in_id {
            self.field("id", "", "it is asked with several credentials; tell them apart with {as} in the id".to_owned());
        }
        if case.identities.is_empty() && in_id {
            self.field("id", "{as}", "it names no credentials with as, which {as} could stand for".to_owned());
        }
        for (place, step) in case.steps.iter().enumerate() {
            if step.writes() && (step.identity.is_some() || !case.identities.is_empty()) {
                let turns = [Turn::Field("steps"), Turn::Item(place)];
                self.note(&turns, "", "only what reads is sent with other credentials".to_owned());
            }
        }
        if case.for_each == ForEach::Run && !case.steps.is_empty() {
            self.field("steps", "", "a case over the whole run sends nothing itself".to_owned());
        }
    }

    fn step(&mut self, step: &StepTemplate) {
        let paths = step.paths();
        if paths.len() != 1 {
            let known = "a step has one of get, head, options, post-form, link, put-nothing, make, post, put, patch and delete";
            self.note(&[], "", known.to_owned());
        }
        if step.body.is_some() != (step.post.is_some() || step.put.is_some() || step.patch.is_some()) {
            self.note(&[], "", "post, put and patch have a body, and no other step has".to_owned());
        }
        for path in paths {
            self.placeholders(&[], path);
        }
        for (name, texts) in [("query", &step.query), ("url-query", &step.url_query), ("headers", &step.headers)] {
            for (place, text) in texts.iter().enumerate() {
                self.placeholders(&[Turn::Field(name), Turn::Item(place)], text);
            }
        }
        for (name, texts) in [("query", &step.query), ("url-query", &step.url_query)] {
            for (place, text) in texts.iter().enumerate() {
                if !text.contains('=') && !WHOLE.contains(&text.as_str()) {
                    let problem = format!("{name} entry {text:?} is neither name=value nor one of {}", WHOLE.join(", "));
                    self.note(&[Turn::Field(name), Turn::Item(place)], text, problem);
                }
            }
        }
        for (place, text) in step.headers.iter().enumerate() {
            if !text.contains(':') {
                self.note(&[Turn::Field("headers"), Turn::Item(place)], text, format!("header {text:?} is not `Name: value`"));
            }
        }
    }

    fn fhirpath(&mut self, turns: &[Turn], text: &str) {
        if let Err(error) = Expression::parse(text) {
            self.note(turns, "", format!("{text:?} is not FHIRPath: {error}"));
        }
    }

    fn placeholders(&mut self, turns: &[Turn], text: &str) {
        if WHOLE.contains(&text) {
            return;
        }
        let mut rest = text;
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else {
                return self.note(turns, text, format!("{text:?} has an opening brace without a closing one"));
            };
            if let Some(saved) = name.strip_prefix(SAVED) {
                if !self.saved.iter().any(|known| known == saved) {
                    let hint = hint(saved, self.saved.iter().map(String::as_str));
                    self.note(turns, &format!("{{{name}}}"), format!("no step before this one saves {saved}{hint}"));
                }
            } else if !PLACEHOLDERS.contains(&name) {
                let problem = format!(
                    "unknown placeholder {{{name}}}{}; known: {}, and as whole query entries {}",
                    hint(name, PLACEHOLDERS.iter().copied()),
                    PLACEHOLDERS.join(", "),
                    WHOLE.join(", ")
                );
                self.note(turns, &format!("{{{name}}}"), problem);
            }
            rest = tail;
        }
    }
}
