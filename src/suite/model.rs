//! The grammar of a suite: a matrix, requests with placeholders, and checks by id. No conditions, no loops, no scripts.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::versions::Versions;
use crate::check::identity::Identity;
use crate::check::outcome::Level;
use crate::check::{Assertion, Check};
use crate::fhir::day::Day;
use crate::guide::requirements::Requirement;

/// One suite.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Suite {
    /// Short name.
    pub id: String,
    /// For people.
    pub title: String,
    /// Only for this guide: its short name, such as `c4bb`, or its package. `ig` says the same.
    #[serde(alias = "ig")]
    pub guide: Option<String>,
    /// Only for these versions of that guide, such as `>=2.0.0` or `>=1.1.0, <2.0.0`.
    pub versions: Option<Versions>,
    /// The questions.
    #[serde(rename = "case", default)]
    pub cases: Vec<SuiteCase>,
    /// What the requirements that its questions name ask for.
    #[serde(rename = "requirement", default)]
    pub requirements: Vec<Requirement>,
}

/// One question, asked for each element of a matrix.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SuiteCase {
    /// The last part of the ids of the cases that it makes; may hold `{param}` and the like.
    pub id: String,
    /// One sentence; may hold placeholders.
    pub title: String,
    /// Where it is written: a page of FHIR R4 with its anchor, such as `R4 http.html#read`, or another specification's section.
    pub source: Option<String>,
    /// The matrix.
    pub for_each: ForEach,
    /// The interaction that it exercises: asked where a guide expects or the server declares it.
    pub interaction: Option<String>,
    /// The part of the sign-in that a `sign-in` matrix judges.
    pub sign_in: Option<String>,
    /// Only where the server states all of this of the type too: another interaction, an operation such as `$everything`, or what it says
    /// beside them, such as `conditional-create`.
    #[serde(default, deserialize_with = "one_or_several")]
    pub requires: Vec<String>,
    /// Only these resource types; `resource` names a single one.
    #[serde(default, alias = "resource", deserialize_with = "one_or_several")]
    pub resources: Vec<String>,
    /// Only these search parameters.
    #[serde(default)]
    pub params: Vec<String>,
    /// Of a `resource` matrix only the types that a guide expects; of a `rev-include` matrix only the values of which a guide expects one end: the type that is searched, or the one that is brought.
    #[serde(default)]
    pub of_guides: bool,
    /// Of a `profile` matrix only these profiles, by the last part of their canonicals.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// Only search parameters of these types.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Asked once with each of these credentials, which its steps carry where they do not say themselves.
    #[serde(default, rename = "as", deserialize_with = "one_or_several")]
    pub identities: Vec<Identity>,
    /// The search prefixes of a `prefix` matrix.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// The form that the search value takes: `system|code`, `code`, `Type/id`, `id`; without it, the most telling one.
    pub value_form: Option<String>,
    /// The form that `{value.2}` takes.
    pub second_value_form: Option<String>,
    /// The modifiers of a `modifier` matrix, without their colon; `type` stands for a resource type.
    #[serde(default)]
    pub modifiers: Vec<String>,
    /// Only where the payer gives this fact of its own data, such as `claims`.
    pub needs_fact: Option<String>,
    /// Only from this day on, by whose rules is judged.
    pub from: Option<Day>,
    /// How strongly it is asked; without it, as the guide expects and the server declares.
    pub level: Option<Level>,
    /// How strongly it is asked where the server declares what no guide demands; without it, `DECLARED`.
    pub declared_level: Option<Level>,
    /// Rows of requirement lists, such as `carin-bb-2.0.0@100`, or of the suite's guide, such as `100`; they count only in runs of that guide.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Whether it judges the declaration itself: asked only where a guide expects something.
    #[serde(default)]
    pub declaration: bool,
    /// Path of the GET of a case with that request only, in place of `steps`.
    pub get: Option<String>,
    /// The query of that request.
    #[serde(default, deserialize_with = "query_entries")]
    pub query: Vec<String>,
    /// The requests.
    #[serde(default)]
    pub steps: Vec<StepTemplate>,
    /// Ids of checks.
    #[serde(default)]
    pub expect: Vec<String>,
    /// A condition in FHIRPath on the answer of the last step, or without steps on every harvested resource of the type.
    pub assert: Option<Assertion>,
    /// The HTTP statuses that `http.status` accepts.
    #[serde(default)]
    pub expect_status: Vec<u16>,
    /// The checks, found when the suite is loaded.
    #[serde(skip)]
    pub checks: Vec<&'static Check>,
}

/// One request with placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepTemplate {
    /// Path of a GET, relative to the FHIR base.
    pub get: Option<String>,
    /// Path of a HEAD.
    pub head: Option<String>,
    /// Path of an OPTIONS, sent without credentials, as browsers do.
    pub options: Option<String>,
    /// Path of a PUT without a body, to try a method that the path does not take.
    pub put_nothing: Option<String>,
    /// Path of a POST whose query goes into a form body.
    pub post_form: Option<String>,
    /// The relation of a link to follow, such as `last`: of the last page of the step before, but `last` of its first.
    pub link: Option<String>,
    /// The type of a resource to make for the case, by create or, where only that is offered, by an update with a new id.
    pub make: Option<String>,
    /// Path of a POST.
    pub post: Option<String>,
    /// Path of a PUT.
    pub put: Option<String>,
    /// Path of a PATCH.
    pub patch: Option<String>,
    /// Path of a DELETE.
    pub delete: Option<String>,
    /// What a POST, PUT or PATCH carries.
    pub body: Option<Content>,
    /// `name=value` pairs, or `{scope}`, `{narrow}` or, in a `combination` matrix, `{criteria}`; or a table of names and values.
    #[serde(default, deserialize_with = "query_entries")]
    pub query: Vec<String>,
    /// As `query`, but always in the URL, also of a `post-form`.
    #[serde(default)]
    pub url_query: Vec<String>,
    /// `Name: value` pairs.
    #[serde(default)]
    pub headers: Vec<String>,
    /// What later steps may use of the answer, as `{saved.NAME}`: the first item that a FHIRPath expression selects, by name.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
    /// Whether every `next` link is followed.
    #[serde(default)]
    pub all_pages: bool,
    /// Whose credentials it carries, or what in their place; the member's where neither it nor its case says.
    #[serde(rename = "as")]
    pub identity: Option<Identity>,
}

/// What a writing request carries. All of it comes from what was harvested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A copy of a harvested resource of the type, marked as the run's own.
    Copy,
    /// That copy with another `language`.
    Changed,
    /// A JSON Patch (RFC 6902) that makes the same change.
    JsonPatch,
    /// The copy with an id of its own.
    CopyWithId,
    /// The changed copy with another id than the path's.
    OtherId,
    /// The changed copy without an id.
    NoId,
    /// A JSON Patch that makes the change after a test that fails.
    FailingPatch,
    /// A batch of reads, one of them of an unknown id.
    Batch,
    /// A transaction of reads.
    Transaction,
    /// A transaction that creates the copy.
    TransactionCreate,
    /// A transaction that makes the copy twice under one new id, and so must fail.
    TransactionOverlap,
}

impl Content {
    /// Whether it asks for nothing but reads: a batch is processed as if each of its entries had been sent alone (R4 http.html#brules), so
    /// that one of GETs changes no more than they do. A transaction of reads changes nothing either, but who offers one offers writes.
    pub fn only_reads(self) -> bool {
        self == Self::Batch
    }
}

impl StepTemplate {
    /// Whether it may change what the server holds.
    pub fn writes(&self) -> bool {
        if self.body.is_some_and(Content::only_reads) {
            return false;
        }
        [&self.make, &self.post, &self.put, &self.patch, &self.delete].into_iter().any(Option::is_some)
    }

    /// The paths that it names: one, or it makes no sense.
    pub fn paths(&self) -> Vec<&String> {
        let read = [&self.get, &self.head, &self.options, &self.put_nothing, &self.post_form, &self.link];
        read.into_iter().chain([&self.make, &self.post, &self.put, &self.patch, &self.delete]).flatten().collect()
    }
}

/// A text, or a list of texts.
fn one_or_several<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Texts<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Texts<T> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a text or a list of texts")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            T::deserialize(text.into_deserializer()).map(|text| vec![text])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            let mut texts = Vec::new();
            while let Some(text) = items.next_element()? {
                texts.push(text);
            }
            Ok(texts)
        }
    }
    deserializer.deserialize_any(Texts(PhantomData))
}

/// A list of `name=value`, or a table of names and values. `{sample}` is another name of `{value}`.
fn query_entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<String>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list of name=value or a table of names and values")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
            let mut entries = Vec::new();
            while let Some(text) = items.next_element::<String>()? {
                entries.push(text.replace("{sample}", "{value}"));
            }
            Ok(entries)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Vec<String>, A::Error> {
            let mut entries = Vec::new();
            while let Some((name, value)) = fields.next_entry::<String, String>()? {
                entries.push(format!("{name}={}", value.replace("{sample}", "{value}")));
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_any(Entries)
}

/// What a question is asked for each of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForEach {
    /// Once for the server.
    Once,
    /// Each guide with a CapabilityStatement of its own.
    Guide,
    /// Each resource type.
    Resource,
    /// Each harvested resource: one case for each type, whose requests are sent for every one that was harvested, and whose assert holds of
    /// each.
    Sample,
    /// Each interaction with the whole system that the case names, when it is declared.
    System,
    /// Each read-only interaction of each type.
    Interaction,
    /// Each search parameter of each type.
    SearchParam,
    /// Each prefix of each ordered search parameter.
    Prefix,
    /// Each modifier of each search parameter.
    Modifier,
    /// Each chain that starts from a reference parameter.
    Chain,
    /// Each reverse chain that leads to the type.
    Has,
    /// Search parameters that a guide or the server names together, and every two that a guide demands.
    Combination,
    /// Each `_include` value.
    Include,
    /// Each `_revinclude` value.
    RevInclude,
    /// Each supported profile.
    Profile,
    /// Each operation of each type.
    Operation,
    /// Each operation of the whole system.
    SystemOperation,
    /// One read-only interaction of each type that is neither declared nor expected.
    UndeclaredInteraction,
    /// One search parameter of each type that is neither declared nor expected.
    UndeclaredSearchParam,
    /// Each element of the Common Payer Consumer Data Set, in runs of a guide that its map is about.
    Cpcds,
    /// The part of the sign-in that the case names.
    SignIn,
    /// Once for the origins that speak TLS.
    Transport,
    /// Once, when all other cases have ended, over the answers that brought what should not be seen.
    Run,
}

impl SuiteCase {
    /// The only request of a case that states it without `steps`.
    pub fn only_step(&self) -> Option<StepTemplate> {
        Some(StepTemplate { get: Some(self.get.clone()?), query: self.query.clone(), ..StepTemplate::default() })
    }

    /// The forms of `{value}`, `{value.2}` and so on, as far as they are stated; an empty one leaves the form open.
    pub fn value_forms(&self) -> Vec<String> {
        let stated = [&self.value_form, &self.second_value_form];
        let length = stated.iter().rposition(|form| form.is_some()).map_or(0, |last| last + 1);
        stated.into_iter().take(length).map(|form| form.clone().unwrap_or_default()).collect()
    }
}

impl ForEach {
    /// Whether it makes searches by parameters.
    pub fn searches(self) -> bool {
        matches!(self, Self::SearchParam | Self::Prefix | Self::Modifier | Self::Chain | Self::Has | Self::Combination)
    }
}
