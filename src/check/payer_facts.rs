//! What the payer says of its own data, from `[facts]` in `payerspec.toml`: what no server can be asked, and what the record is held against.

use std::collections::BTreeMap;

use globset::{Glob, GlobBuilder, GlobMatcher};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::fhir::day::Day;
use crate::fhir::fhirpath::Expression;

/// The kinds of claims that can be counted, and all together.
pub const KINDS: [&str; 6] = ["total", "inpatient", "outpatient", "pharmacy", "professional", "oral"];

/// Everything that the payer says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct PayerFacts {
    /// The must-support elements and slices that its systems hold data for, as `ELEMENT` or `PROFILE#ELEMENT`, such as `Patient.name` or
    /// `C4BB-Coverage#Coverage.class:plan`.
    pub must_support: Patterns,
    /// Those among them that they do not.
    pub must_support_not: Patterns,
    /// The elements of the Common Payer Consumer Data Set that its systems hold, as `MAP-ID` or `MAP-ID.name-in-small-letters`.
    pub cpcds: Patterns,
    /// Those among them that they do not.
    pub cpcds_not: Patterns,
    /// Resource types of which it maintains clinical data of the members.
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
}

/// One member.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct KnownMember {
    /// The logical id of the Patient; may be left out where the run has one member.
    pub patient: Option<String>,
    /// The numbers that the member has by contract, all of them.
    pub member_ids: Vec<String>,
    /// The number that is the same in all lines of business.
    pub unique_member_id: Option<String>,
    /// The first day of service of which the payer holds a claim.
    pub services_since: Option<Day>,
    /// How many claims the payer holds, by kind.
    pub claims: Counts,
    /// How many prior authorizations the payer holds.
    pub prior_authorizations: Option<usize>,
}

/// One coverage. What is given is that of one Coverage.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct KnownCoverage {
    /// The logical id of the member's Patient; may be left out where the run has one member.
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

/// Numbers of claims by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<String, usize>);

/// An address of a page or an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page(pub Url);

/// Type and logical id of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(pub String);

/// FHIRPath, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(pub String);

/// Names with `*` for any letters and `?` for any one.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Vec<GlobMatcher>);

impl PayerFacts {
    /// The names of all facts, as suites ask for them.
    pub const NAMES: [&'static str; 18] = [
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
        "replaced-by",
        "services-since",
        "teeth",
    ];

    /// The names of those that were given.
    pub fn given(&self) -> Vec<&'static str> {
        Self::NAMES.into_iter().filter(|name| self.gives(name, None)).collect()
    }

    /// Whether a fact was given; of a resource type, where one is named and the fact is about one.
    pub fn gives(&self, name: &str, resource_type: Option<&str>) -> bool {
        let members = |has: fn(&KnownMember) -> bool| self.members.iter().any(has);
        let is_of = |known: &KnownResource| resource_type.is_none_or(|wanted| known.reference.resource_type() == wanted);
        let of_type = |claim: fn(&KnownClaim) -> bool, other: fn(&KnownResource) -> bool| {
            let claims = resource_type.is_none_or(|wanted| wanted == "ExplanationOfBenefit") && self.claims.iter().any(claim);
            claims || self.resources.iter().any(|known| is_of(known) && other(known))
        };
        match name {
            "must-support" => !self.must_support.0.is_empty(),
            "cpcds" => !self.cpcds.0.is_empty(),
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
            "changed" => of_type(|claim| claim.changed.is_some(), |known| known.changed.is_some()),
            "processed" => of_type(|claim| claim.processed.is_some(), |known| known.processed.is_some()),
            "missing" => of_type(|claim| !claim.missing.is_empty(), |known| !known.missing.is_empty()),
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
        let repeated = |names: Vec<&str>| {
            let mut names = names;
            names.sort_unstable();
            names.windows(2).find_map(|pair| match pair {
                [one, other] if one == other => Some((*one).to_owned()),
                _ => None,
            })
        };
        let twice = |what: &str, names: Vec<&str>| repeated(names).map(|_| format!("{what} stands there twice; keep one entry"));
        twice("a claim", self.claims.iter().map(|claim| claim.number.as_str()).collect())
            .or_else(|| twice("a resource", self.resources.iter().map(|known| known.reference.0.as_str()).collect()))
            .or_else(|| twice("an organization", self.organizations.iter().map(|known| known.reference.0.as_str()).collect()))
            .or_else(|| twice("a member", self.members.iter().map(|known| known.patient.as_deref().unwrap_or_default()).collect()))
            .or_else(|| {
                let unnamed = self.members.len() > 1 && self.members.iter().any(|member| member.patient.is_none());
                unnamed.then(|| "there are several members: name the Patient of each with `patient`".to_owned())
            })
            .or_else(|| self.claims.iter().find_map(KnownClaim::contradiction))
            .or_else(|| self.coverages.iter().find_map(KnownCoverage::contradiction))
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
            return Some("a claim has an empty `number`; write the payer's number of the claim".to_owned());
        }
        if self.replaced_by.as_deref() == Some(&self.number) {
            return Some("a claim is `replaced-by` itself; name the claim that adjusted it".to_owned());
        }
        let early = self.processed.zip(self.changed).is_some_and(|(processed, changed)| changed < processed);
        if early {
            return Some("a claim was `changed` before it was `processed`: `changed` is the last change".to_owned());
        }
        let empty = self.teeth.iter().any(|known| known.teeth.len() < 2 || known.surfaces.is_empty());
        empty.then(|| "`teeth` of a claim want a line with two teeth or more, and the surfaces that hold for all of them".to_owned())
    }
}

impl KnownCoverage {
    fn contradiction(&self) -> Option<String> {
        if self.start.zip(self.end).is_some_and(|(start, end)| end < start) {
            return Some("a coverage has an `end` before its `start`".to_owned());
        }
        let texts = [&self.subscriber_id, &self.plan, &self.group];
        let says_nothing = texts.iter().all(|text| text.is_none()) && self.start.is_none() && self.end.is_none();
        says_nothing.then(|| "a coverage says nothing; give subscriber-id, plan, group, start or end".to_owned())
    }
}

impl Key {
    /// The part before the slash.
    pub fn resource_type(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl Patterns {
    /// Whether any of them meets a name.
    pub fn match_any(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(name))
    }
}

/// Reads a text and turns it into something else.
fn read<'de, D: Deserializer<'de>, T>(deserializer: D, turn: impl FnOnce(&str) -> Result<T, String>) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    turn(&text).map_err(D::Error::custom)
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        // Ids of elements have brackets, which mean themselves here.
        let escaped = |text: &str| text.replace(['[', ']', '{', '}'], "?");
        let compile = |text: &String| GlobBuilder::new(&escaped(text)).build().map(|glob: Glob| glob.compile_matcher());
        texts.iter().map(compile).collect::<Result<_, _>>().map(Self).map_err(|error| D::Error::custom(error.kind()))
    }
}

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, |text| {
            let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
            let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
            url.map(Self).ok_or_else(|| {
                "no http or https URL, or one with credentials: give one such as https://payer.example/developers".to_owned()
            })
        })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, |text| {
            // An id that is no valid one stands: a server may have such.
            let is_id =
                |id: &str| !id.is_empty() && !id.contains(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '?' | '#'));
            let is_type = |name: &str| name.starts_with(|first: char| first.is_ascii_uppercase());
            let parts = text.split_once('/').filter(|(resource_type, id)| is_type(resource_type) && is_id(id));
            parts.map(|_| Self(text.to_owned())).ok_or_else(|| "no type and id of a resource, such as Coverage/1".to_owned())
        })
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, |text| match Expression::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(format!("no FHIRPath: {error}")),
        })
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let counts = BTreeMap::<String, usize>::deserialize(deserializer)?;
        match counts.keys().find(|kind| !KINDS.contains(&kind.as_str())) {
            Some(kind) => Err(D::Error::custom(format!("unknown kind of claim `{kind}`, expected one of {}", KINDS.join(", ")))),
            None => Ok(Self(counts)),
        }
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
        assert_eq!(known.given(), ["changed", "processed"]);
        assert!(known.gives("processed", Some("ExplanationOfBenefit")) && !known.gives("processed", Some("Coverage")));
        assert!(known.gives("changed", Some("Coverage")) && !known.gives("changed", Some("ExplanationOfBenefit")));
        assert!(PayerFacts::default().given().is_empty());
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        let said = |text: &str| facts(text).contradiction().unwrap_or_default();
        assert_eq!(said("[[claim]]\nnumber = 'A'\n[[claim]]\nnumber = 'B'\n"), "");
        assert!(said("[[claim]]\nnumber = 'A'\n[[claim]]\nnumber = 'A'\n").contains("a claim stands there twice"));
        assert!(said("[[claim]]\nnumber = 'A'\nreplaced-by = 'A'\n").contains("itself"));
        assert!(said("[[claim]]\nnumber = 'A'\nprocessed = '2026-02-01'\nchanged = '2026-01-01'\n").contains("before it was"));
        assert!(said("[[claim]]\nnumber = 'A'\nteeth = [{ line = 1, teeth = ['14'], surfaces = ['M'] }]\n").contains("two teeth"));
        assert!(said("[[member]]\nmember-ids = ['1']\n[[member]]\npatient = 'b'\n").contains("name the Patient of each"));
        assert!(said("[[coverage]]\n").contains("says nothing"));
        assert!(said("[[coverage]]\nstart = '2026-02-01'\nend = '2026-01-01'\n").contains("before its `start`"));
        assert!(said("[[organization]]\nreference = 'Organization/1'\n[[organization]]\nreference = 'Organization/1'\n").contains("twice"));
    }
}
