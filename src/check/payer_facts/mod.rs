//! What the payer says of its own data, from `[facts]` in `payerspec.toml`: what no server can be asked, and what the record is held against.

mod words;

use std::collections::HashMap;

use serde::Deserialize;
use url::Url;

use self::words::patient;
pub use self::words::{Counts, KINDS, Key, Page, Path, Patterns};
use crate::fhir::day::Day;

/// How many days after something was processed its being there still shows that it came in time.
const LATELY: i64 = 7;

/// Everything that the payer says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PayerFacts {
    /// The must-support elements and slices that its systems hold data for of these members, as `ELEMENT` or `PROFILE#ELEMENT`, such as
    /// `Patient.name` or `C4BB-Coverage#Coverage.class:plan`.
    pub must_support: Patterns,
    /// Those among them that they do not.
    pub must_support_not: Patterns,
    /// The elements of the Common Payer Consumer Data Set that its systems hold of these members, as `MAP-ID` or `MAP-ID.name-in-small-letters`.
    pub cpcds: Patterns,
    /// Those among them that they do not.
    pub cpcds_not: Patterns,
    /// Resource types of which it maintains clinical data of these members.
    pub clinical: Vec<String>,
    /// The public documentation of the API.
    pub documentation: Option<Page>,
    /// What it tells members about privacy and security.
    pub education: Option<Page>,
    /// The FHIR base of its drug formulary.
    pub formulary: Option<Page>,
    /// The members of the run.
    #[serde(rename = "member")]
    pub members: Vec<KnownMember>,
    /// Coverages of the members.
    #[serde(rename = "coverage")]
    pub coverages: Vec<KnownCoverage>,
    /// Claims of the members.
    #[serde(rename = "claim")]
    pub claims: Vec<KnownClaim>,
    /// Other resources.
    #[serde(rename = "resource")]
    pub resources: Vec<KnownResource>,
    /// Organizations that claims refer to.
    #[serde(rename = "organization")]
    pub organizations: Vec<KnownOrganization>,
    /// All of it as text, to tell it from what was said before; empty where nothing is said.
    #[serde(skip)]
    pub text: String,
}

/// One member.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct KnownMember {
    /// The logical id of the Patient; may be left out where the run has one member.
    #[serde(deserialize_with = "patient")]
    pub patient: Option<String>,
    /// The numbers that the member has by contract, all of them.
    pub member_ids: Vec<String>,
    /// The number that is the same in all lines of business.
    pub unique_member_id: Option<String>,
    /// The first day of service of which the payer holds a claim.
    pub services_since: Option<Day>,
    /// How many claims with a service from 2016 on the payer holds, by kind, `total` among them; adjusted, cancelled and denied ones count.
    pub claims: Counts,
    /// How many prior authorizations have to be there, none for drugs: those that last, and for a year those that changed.
    pub prior_authorizations: Option<usize>,
}

/// One coverage. What is given is that of one Coverage.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct KnownCoverage {
    /// The logical id of the member's Patient; may be left out where the run has one member.
    #[serde(deserialize_with = "patient")]
    pub patient: Option<String>,
    /// The subscriber's number.
    pub subscriber_id: Option<String>,
    /// The value of its class `plan`.
    pub plan: Option<String>,
    /// The value of its class `group`.
    pub group: Option<String>,
    /// The first day on which it is in force.
    pub start: Option<Day>,
    /// The last one.
    pub end: Option<Day>,
}

/// One claim.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownClaim {
    /// The payer's number of the claim.
    pub number: String,
    /// The logical id of the member's Patient: in a run without that member, what is said here is not asked.
    #[serde(default, deserialize_with = "patient")]
    pub patient: Option<String>,
    /// The number of the claim that adjusted it.
    pub replaced_by: Option<String>,
    /// The day on which it was last changed, or created, in the payer's systems.
    pub changed: Option<Day>,
    /// The day on which it was adjudicated.
    pub processed: Option<Day>,
    /// Lines of an oral claim whose surfaces hold for several teeth.
    #[serde(default)]
    pub teeth: Vec<KnownTeeth>,
    /// Values that are missing for a reason which the payer knows.
    #[serde(default)]
    pub missing: Vec<KnownReason>,
}

/// One resource that is no claim.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownResource {
    /// Type and logical id, such as `Coverage/1`.
    pub reference: Key,
    /// The logical id of the member's Patient: in a run without that member, what is said here is not asked.
    #[serde(default, deserialize_with = "patient")]
    pub patient: Option<String>,
    /// The day on which it was last changed, or created, in the payer's systems.
    pub changed: Option<Day>,
    /// The day on which the payer received it.
    pub processed: Option<Day>,
    /// Values that are missing for a reason which the payer knows.
    #[serde(default)]
    pub missing: Vec<KnownReason>,
}

/// A line and its teeth.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownTeeth {
    /// The number of the line.
    pub line: u64,
    /// Codes of the teeth, all of them.
    pub teeth: Vec<String>,
    /// Codes of the surfaces that hold for each of them.
    pub surfaces: Vec<String>,
}

/// Why a value is missing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownReason {
    /// Where, as FHIRPath from the resource, such as `item[0].productOrService`.
    pub element: Path,
    /// The code, such as `not-applicable`.
    pub reason: String,
}

/// One organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownOrganization {
    /// Type and logical id, such as `Organization/1`.
    pub reference: Key,
    /// Whether a National Provider Identifier was assigned to it.
    pub npi: Option<bool>,
    /// Whether it is a place of service that belongs to the billing provider.
    #[serde(default)]
    pub part_of_billing_provider: bool,
}

impl PayerFacts {
    /// The names of all facts, as suites ask for them.
    pub const NAMES: [&'static str; 19] = [
        "changed",
        "claims",
        "clinical",
        "coverage",
        "cpcds",
        "documentation",
        "education",
        "formulary",
        "member-ids",
        "missing",
        "must-support",
        "no-npi",
        "part-of-billing-provider",
        "prior-authorizations",
        "processed",
        "processed-lately",
        "replaced-by",
        "services-since",
        "teeth",
    ];

    /// The names of those that were given, as of a day.
    pub fn given(&self, on: Option<Day>) -> Vec<&'static str> {
        Self::NAMES.into_iter().filter(|name| self.gives(name, None, on)).collect()
    }

    /// Whether a fact was given, as of a day; of a resource type, where one is named and the fact is about one.
    pub fn gives(&self, name: &str, resource_type: Option<&str>, on: Option<Day>) -> bool {
        let members = |has: fn(&KnownMember) -> bool| self.members.iter().any(has);
        let is_of = |known: &KnownResource| resource_type.is_none_or(|wanted| known.reference.resource_type() == wanted);
        let lately = |day: Option<Day>| day.zip(on).is_some_and(|(day, on)| (0..=LATELY).contains(&(on.date() - day.date()).whole_days()));
        let of_type = |claim: &dyn Fn(&KnownClaim) -> bool, other: &dyn Fn(&KnownResource) -> bool| {
            let claims = resource_type.is_none_or(|wanted| wanted == "ExplanationOfBenefit") && self.claims.iter().any(claim);
            claims || self.resources.iter().any(|known| is_of(known) && other(known))
        };
        match name {
            "must-support" => !self.must_support.is_empty(),
            "cpcds" => !self.cpcds.is_empty(),
            "clinical" => !self.clinical.is_empty(),
            "documentation" => self.documentation.is_some(),
            "education" => self.education.is_some(),
            "formulary" => self.formulary.is_some(),
            "member-ids" => members(|member| !member.member_ids.is_empty() || member.unique_member_id.is_some()),
            "services-since" => members(|member| member.services_since.is_some()),
            "claims" => members(|member| !member.claims.0.is_empty()),
            "prior-authorizations" => members(|member| member.prior_authorizations.is_some()),
            "coverage" => !self.coverages.is_empty(),
            "replaced-by" => self.claims.iter().any(|claim| claim.replaced_by.is_some()),
            "teeth" => self.claims.iter().any(|claim| !claim.teeth.is_empty()),
            "changed" => of_type(&|claim| claim.changed.is_some(), &|known| known.changed.is_some()),
            "processed" => of_type(&|claim| claim.processed.is_some(), &|known| known.processed.is_some()),
            "processed-lately" => of_type(&|claim| lately(claim.processed), &|known| lately(known.processed)),
            "missing" => of_type(&|claim| !claim.missing.is_empty(), &|known| !known.missing.is_empty()),
            "no-npi" => self.organizations.iter().any(|known| known.npi == Some(false)),
            "part-of-billing-provider" => self.organizations.iter().any(|known| known.part_of_billing_provider),
            _ => false,
        }
    }

    /// The addresses that it gives.
    pub fn pages(&self) -> impl Iterator<Item = &Url> {
        [&self.documentation, &self.education, &self.formulary].into_iter().flatten().map(|page| &page.0)
    }

    /// Whether the payer's systems hold an element or slice of a profile; `None` where it does not say.
    pub fn holds(&self, profile: &str, element: &str) -> Option<bool> {
        let named = [element.to_owned(), format!("{profile}#{element}")];
        says(&self.must_support, &self.must_support_not, &named)
    }

    /// Whether they hold an element of the data set, by its Map ID and its name in small letters; `None` where it does not say.
    pub fn holds_cpcds(&self, map_id: &str, name: &str) -> Option<bool> {
        says(&self.cpcds, &self.cpcds_not, &[map_id.to_owned(), format!("{map_id}.{name}")])
    }

    /// What contradicts itself or is said twice: where, and what is wrong with it.
    pub fn contradiction(&self) -> Option<String> {
        let coverages = self.coverages.iter().enumerate().find_map(|(at, known)| Some((at, known.contradiction()?)));
        let claims = self.claims.iter().enumerate().find_map(|(at, known)| Some((at, known.contradiction()?)));
        let uncounted = |known: &KnownMember| !known.claims.0.is_empty() && !known.claims.0.contains_key("total");
        twice("claim", self.claims.iter().map(|claim| claim.number.as_str()))
            .or_else(|| twice("resource", self.resources.iter().map(|known| known.reference.0.as_str())))
            .or_else(|| twice("organization", self.organizations.iter().map(|known| known.reference.0.as_str())))
            .or_else(|| twice("member", self.members.iter().map(|known| known.patient.as_deref().unwrap_or_default())))
            .or_else(|| (self.members.len() > 1).then(|| self.nameless()).flatten())
            .or_else(|| {
                let at = self.members.iter().position(uncounted)?;
                Some(format!("[[facts.member]] {}: `claims` lacks `total`, the number of all claims", at + 1))
            })
            .or_else(|| claims.map(|(at, what)| format!("[[facts.claim]] {}: {what}", at + 1)))
            .or_else(|| coverages.map(|(at, what)| format!("[[facts.coverage]] {}: {what}", at + 1)))
    }

    /// An entry that does not say which member it is about, and what to do: it must, in a run of several.
    pub fn nameless(&self) -> Option<String> {
        let told = |table: &str, at: usize| {
            format!("[[facts.{table}]] {}: there are several members: name the Patient that it is about with `patient`", at + 1)
        };
        let member = self.members.iter().position(|known| known.patient.is_none()).map(|at| told("member", at));
        member.or_else(|| self.coverages.iter().position(|known| known.patient.is_none()).map(|at| told("coverage", at)))
    }

    /// What is known of a member, by the logical id of the Patient.
    pub fn member(&self, patient: Option<&str>) -> Option<&KnownMember> {
        self.members.iter().find(|known| is_about(known.patient.as_deref(), patient))
    }
}

/// Whether what names a member, or none, is about this one.
pub fn is_about(named: Option<&str>, patient: Option<&str>) -> bool {
    named.is_none() || named == patient
}

/// The first two entries of a table that are about the same.
fn twice<'a>(table: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut seen = HashMap::new();
    names.enumerate().find_map(|(at, name)| {
        let first = seen.insert(name, at)?;
        Some(format!("[[facts.{table}]] {} is about the same as [[facts.{table}]] {}; keep one", at + 1, first + 1))
    })
}

fn says(held: &Patterns, not: &Patterns, names: &[String]) -> Option<bool> {
    let any = |patterns: &Patterns| names.iter().any(|name| patterns.match_any(name));
    if any(not) {
        return Some(false);
    }
    any(held).then_some(true)
}

impl KnownClaim {
    fn contradiction(&self) -> Option<String> {
        if self.number.trim().is_empty() {
            return Some("`number` is empty; write the payer's number of the claim".to_owned());
        }
        if self.replaced_by.as_deref() == Some(&self.number) {
            return Some("it is `replaced-by` itself; name the claim that adjusted it, by a number of its own".to_owned());
        }
        let early = self.processed.zip(self.changed).is_some_and(|(processed, changed)| changed < processed);
        if early {
            return Some("it was `changed` before it was `processed`: `changed` is the last change".to_owned());
        }
        let empty = self.teeth.iter().any(|known| known.teeth.len() < 2 || known.surfaces.is_empty());
        empty.then(|| "`teeth` want a line with two teeth or more, and the surfaces that hold for all of them".to_owned())
    }
}

impl KnownCoverage {
    fn contradiction(&self) -> Option<String> {
        if self.start.zip(self.end).is_some_and(|(start, end)| end < start) {
            return Some("its `end` is before its `start`".to_owned());
        }
        let texts = [&self.subscriber_id, &self.plan, &self.group];
        let says_nothing = texts.iter().all(|text| text.is_none()) && self.start.is_none() && self.end.is_none();
        says_nothing.then(|| "it says nothing; give subscriber-id, plan, group, start or end".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> PayerFacts {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_held_is_said_by_patterns_and_their_exceptions() {
        let known =
            facts("must-support = ['*']\nmust-support-not = ['C4BB-Patient#Patient.deceased[x]', 'Coverage.class*']\ncpcds = ['2?']\n");
        assert_eq!(known.holds("C4BB-Patient", "Patient.name"), Some(true));
        assert_eq!(known.holds("C4BB-Patient", "Patient.deceased[x]"), Some(false));
        assert_eq!(known.holds("Other", "Patient.deceased[x]"), Some(true));
        assert_eq!(known.holds("Other", "Coverage.class:plan"), Some(false));
        assert_eq!(known.holds_cpcds("20", "drug-cost"), Some(true));
        assert_eq!(known.holds_cpcds("1", "member-id"), None);
        assert_eq!(PayerFacts::default().holds("C4BB-Patient", "Patient.name"), None);
    }

    #[test]
    fn facts_are_given_by_name_and_type() {
        let known =
            facts("[[claim]]\nnumber = 'A'\nprocessed = '2026-01-05'\n[[resource]]\nreference = 'Coverage/1'\nchanged = '2026-01-05'\n");
        assert_eq!(known.given(None), ["changed", "processed"]);
        let day = |text: &str| Some(text.parse().unwrap());
        assert_eq!(known.given(day("2026-01-12")), ["changed", "processed", "processed-lately"]);
        assert_eq!(known.given(day("2026-01-13")), ["changed", "processed"]);
        assert_eq!(known.given(day("2026-01-04")), ["changed", "processed"]);
        assert!(known.gives("processed", Some("ExplanationOfBenefit"), None) && !known.gives("processed", Some("Coverage"), None));
        assert!(known.gives("changed", Some("Coverage"), None) && !known.gives("changed", Some("ExplanationOfBenefit"), None));
        assert!(PayerFacts::default().given(None).is_empty());
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        let said = |text: &str| facts(text).contradiction().unwrap_or_default();
        assert_eq!(said("[[claim]]\nnumber = 'A'\n[[claim]]\nnumber = 'B'\n"), "");
        assert_eq!(
            said("[[claim]]\nnumber = 'A'\n[[claim]]\nnumber = 'B'\n[[claim]]\nnumber = 'A'\n"),
            "[[facts.claim]] 3 is about the same as [[facts.claim]] 1; keep one"
        );
        assert!(said("[[claim]]\nnumber = 'A'\nreplaced-by = 'A'\n").contains("itself"));
        assert!(said("[[claim]]\nnumber = 'A'\nprocessed = '2026-02-01'\nchanged = '2026-01-01'\n").contains("before it was"));
        assert!(said("[[claim]]\nnumber = 'A'\nteeth = [{ line = 1, teeth = ['14'], surfaces = ['M'] }]\n").contains("two teeth"));
        assert!(said("[[member]]\nmember-ids = ['1']\n[[member]]\npatient = 'b'\n").contains("name the Patient"));
        assert!(said("[[member]]\nclaims = { oral = 1 }\n").contains("[[facts.member]] 1: `claims` lacks `total`"));
        assert!(said("[[coverage]]\n").contains("[[facts.coverage]] 1: it says nothing"));
        assert!(said("[[coverage]]\nstart = '2026-02-01'\nend = '2026-01-01'\n").contains("before its `start`"));
        assert!(said("[[organization]]\nreference = 'Organization/1'\n[[organization]]\nreference = 'Organization/1'\n").contains("same"));
    }

    #[test]
    fn a_member_is_named_with_or_without_the_type() {
        let known = facts("[[member]]\npatient = 'Patient/1'\n[[coverage]]\nplan = 'Gold'\n");
        assert!(known.member(Some("1")).is_some() && known.member(Some("2")).is_none());
        assert!(known.nameless().is_some_and(|said| said.starts_with("[[facts.coverage]] 1:")));
    }
}
