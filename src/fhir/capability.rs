//! A CapabilityStatement as statements of support (R4 capabilitystatement.html): what a server declares, or what a guide expects of one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fhir::json::Value;

/// How strongly a guide expects something, from the extension `capabilitystatement-expectation`. A server's own statement has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Expectation {
    /// MAY.
    May,
    /// SHOULD.
    Should,
    /// SHALL.
    Shall,
    /// SHALL NOT.
    ShallNot,
}

/// One thing that a statement lists, with the expectation it carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated<T> {
    /// What is stated.
    pub value: T,
    /// How strongly; `None` when the statement does not say.
    pub expectation: Option<Expectation>,
}

/// A search parameter as a statement lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedSearchParam {
    /// The code used in URLs.
    pub name: String,
    /// `number`, `date`, `string`, `token`, `reference`, `composite`, `quantity`, `uri` or `special`; empty when not stated.
    pub kind: String,
    /// Canonical URL of the SearchParameter.
    pub definition: Option<String>,
}

/// One `rest.resource`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceStatement {
    /// The resource type.
    pub resource_type: String,
    /// How strongly the guide expects the type itself.
    pub expectation: Option<Expectation>,
    /// `profile`.
    pub profile: Option<String>,
    /// `supportedProfile`.
    pub supported_profiles: Vec<Stated<String>>,
    /// `interaction.code`.
    pub interactions: Vec<Stated<String>>,
    /// `searchParam`.
    pub search_params: Vec<Stated<StatedSearchParam>>,
    /// Codes of search parameters that go together in one search, from the extension `capabilitystatement-search-parameter-combination`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub combinations: Vec<Stated<Vec<String>>>,
    /// `searchInclude`.
    pub includes: Vec<Stated<String>>,
    /// `searchRevInclude`.
    pub rev_includes: Vec<Stated<String>>,
    /// `operation`: name and definition.
    pub operations: Vec<Stated<(String, String)>>,
    /// `versioning`.
    pub versioning: Option<String>,
    /// `referencePolicy`.
    pub reference_policies: Vec<String>,
    /// What a server says of its writes and versions beyond interactions; see [`features`].
    #[serde(skip)]
    pub features: Vec<&'static str>,
}

/// A whole statement, reduced to its server part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capability {
    /// Canonical URL.
    pub url: Option<String>,
    /// `fhirVersion`.
    pub fhir_version: Option<String>,
    /// `instantiates`.
    pub instantiates: Vec<String>,
    /// `format`.
    pub formats: Vec<Stated<String>>,
    /// Whether there was a `rest` with mode `server`.
    pub has_server_rest: bool,
    /// By resource type.
    pub resources: BTreeMap<String, ResourceStatement>,
    /// `rest.interaction.code`.
    pub system_interactions: Vec<Stated<String>>,
    /// `rest.operation`: name and definition.
    pub system_operations: Vec<Stated<(String, String)>>,
    /// `rest.searchParam`: parameters that hold for every type.
    pub system_search_params: Vec<Stated<StatedSearchParam>>,
    /// `rest.security.service` codes.
    pub security_services: Vec<String>,
}

const EXPECTATION: &str = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-expectation";
const COMBINATION: &str = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-parameter-combination";

/// Resource types that are read of one statement: R4 has about 150, and each brings cases.
const MOST_TYPES: usize = 300;
/// Entries that are read of any list.
const MOST_ITEMS: usize = 2000;
/// Bytes of a name or a URL; a longer one is malformed.
const LONGEST_TEXT: usize = 2000;

impl ResourceStatement {
    /// The stated interaction, if listed.
    pub fn interaction(&self, code: &str) -> Option<&Stated<String>> {
        self.interactions.iter().find(|stated| stated.value == code)
    }

    /// The stated search parameter, if listed.
    pub fn search_param(&self, name: &str) -> Option<&Stated<StatedSearchParam>> {
        self.search_params.iter().find(|stated| stated.value.name == name)
    }

    /// The stated `_include`, if listed as such, by its short form `Type:code`, or covered by `*`.
    pub fn include(&self, value: &str) -> Option<&Stated<String>> {
        let code = value.split_once(':').map_or(value, |(_, code)| code);
        self.includes.iter().find(|stated| {
            stated.value == value || stated.value == code || stated.value == "*" || stated.value == format!("{}:*", self.resource_type)
        })
    }
}

/// The code of SMART App Launch among the security services (R4 valueset-restful-security-service.html).
const SMART: &str = "SMART-on-FHIR";

impl Capability {
    /// Reads a CapabilityStatement of any FHIR version. What is malformed is left out, never refused: a missing part is for a check to report.
    pub fn read(statement: &Value) -> Self {
        let mut capability = Self {
            url: text(statement, "url"),
            fhir_version: text(statement, "fhirVersion"),
            instantiates: texts(statement, "instantiates"),
            formats: stated_texts(statement, "format"),
            ..Self::default()
        };
        // A statement that names no format of patches leaves them all open.
        let patch_formats = items(statement, "patchFormat");
        let json_patch = patch_formats.is_empty() || patch_formats.iter().filter_map(Value::as_str).any(|format| format.contains("json"));
        let offers = |word: &str| capability.formats.iter().any(|format| format.value.to_ascii_lowercase().contains(word));
        let (json, xml) = (offers("json"), offers("xml"));
        for rest in items(statement, "rest") {
            if rest.get("mode").and_then(Value::as_str).is_some_and(|mode| mode != "server") {
                continue;
            }
            capability.has_server_rest = true;
            capability.system_interactions.extend(coded(rest, "interaction"));
            capability.system_operations.extend(operations(rest));
            capability.system_search_params.extend(search_params(rest));
            let services = || rest.get("security").map(|security| items(security, "service")).unwrap_or_default().iter();
            let codes: Vec<String> =
                services().flat_map(|service| items(service, "coding")).filter_map(|coding| text(coding, "code")).collect();
            let smart = codes.iter().any(|code| code == SMART);
            for resource in items(rest, "resource").iter().take(MOST_TYPES) {
                if let Some(resource_type) = text(resource, "type") {
                    let mut read = read_resource(resource, resource_type.clone());
                    let cors = rest.pointer("/security/cors").and_then(Value::as_bool) == Some(true);
                    let stated = [("json-patch", json_patch), ("json", json), ("xml", xml), ("cors", cors), ("smart", smart)];
                    read.features.extend(stated.into_iter().filter_map(|(feature, stated)| stated.then_some(feature)));
                    capability.resources.entry(resource_type).or_insert(read);
                }
            }
            capability.security_services.extend(codes);
        }
        capability
    }
}

fn read_resource(resource: &Value, resource_type: String) -> ResourceStatement {
    ResourceStatement {
        expectation: expectation(resource),
        profile: text(resource, "profile"),
        supported_profiles: stated_texts(resource, "supportedProfile"),
        interactions: coded(resource, "interaction"),
        search_params: search_params(resource),
        combinations: combinations(resource),
        includes: stated_texts(resource, "searchInclude"),
        rev_includes: stated_texts(resource, "searchRevInclude"),
        operations: operations(resource),
        versioning: text(resource, "versioning"),
        reference_policies: texts(resource, "referencePolicy"),
        features: features(resource),
        resource_type,
    }
}

/// `versioned`, `versioned-update`, `update-create`, `conditional-create`, `conditional-update`, `conditional-delete`, `not-match`,
/// `modified-since` and `search-by-id`, as far as they are stated; what is stated for the whole server is added: `json` and `xml` as
/// formats, `json-patch` where patches may have that form, `cors`, and `smart` where SMART App Launch is a security service.
fn features(resource: &Value) -> Vec<&'static str> {
    let is_true = |field: &str| resource.get(field).and_then(Value::as_bool) == Some(true);
    let is_one_of = |field: &str, codes: &[&str]| resource.get(field).and_then(Value::as_str).is_some_and(|code| codes.contains(&code));
    let stated = [
        ("versioned", is_one_of("versioning", &["versioned", "versioned-update"])),
        ("versioned-update", is_one_of("versioning", &["versioned-update"])),
        ("update-create", is_true("updateCreate")),
        ("conditional-create", is_true("conditionalCreate")),
        ("conditional-update", is_true("conditionalUpdate")),
        ("conditional-delete", is_one_of("conditionalDelete", &["single", "multiple"])),
        ("search-by-id", search_params(resource).iter().any(|param| param.value.name == "_id")),
        ("not-match", is_one_of("conditionalRead", &["not-match", "full-support"])),
        ("modified-since", is_one_of("conditionalRead", &["modified-since", "full-support"])),
    ];
    stated.into_iter().filter_map(|(feature, stated)| stated.then_some(feature)).collect()
}

fn search_params(owner: &Value) -> Vec<Stated<StatedSearchParam>> {
    items(owner, "searchParam")
        .iter()
        .filter_map(|param| {
            Some(Stated {
                value: StatedSearchParam {
                    name: text(param, "name")?,
                    kind: text(param, "type").unwrap_or_default(),
                    definition: text(param, "definition"),
                },
                expectation: expectation(param),
            })
        })
        .collect()
}

fn combinations(resource: &Value) -> Vec<Stated<Vec<String>>> {
    let stated = items(resource, "extension").iter().filter(|extension| extension.get("url").and_then(Value::as_str) == Some(COMBINATION));
    let combination = |extension: &Value| Stated {
        value: items(extension, "extension")
            .iter()
            .filter(|part| part.get("url").and_then(Value::as_str) == Some("required"))
            .filter_map(|part| text(part, "valueString"))
            .collect::<Vec<_>>(),
        expectation: expectation(extension),
    };
    stated.map(combination).filter(|stated| !stated.value.is_empty()).collect()
}

fn operations(owner: &Value) -> Vec<Stated<(String, String)>> {
    items(owner, "operation")
        .iter()
        .filter_map(|operation| {
            let definition = match operation.get("definition") {
                Some(Value::String(url)) => url.to_string(),
                Some(reference) => text(reference, "reference").unwrap_or_default(),
                None => String::new(),
            };
            Some(Stated { value: (text(operation, "name")?, definition), expectation: expectation(operation) })
        })
        .collect()
}

fn coded(owner: &Value, field: &str) -> Vec<Stated<String>> {
    items(owner, field).iter().filter_map(|item| Some(Stated { value: text(item, "code")?, expectation: expectation(item) })).collect()
}

fn stated_texts(owner: &Value, field: &str) -> Vec<Stated<String>> {
    let siblings = items(owner, &format!("_{field}"));
    items(owner, field)
        .iter()
        .enumerate()
        .filter_map(|(index, value)| {
            Some(Stated {
                value: value.as_str().filter(|text| text.len() <= LONGEST_TEXT)?.to_owned(),
                expectation: siblings.get(index).and_then(expectation),
            })
        })
        .collect()
}

/// The expectation that an element carries in its extension.
pub fn expectation(owner: &Value) -> Option<Expectation> {
    let code = items(owner, "extension")
        .iter()
        .find(|extension| extension.get("url").and_then(Value::as_str) == Some(EXPECTATION))?
        .get("valueCode")?
        .as_str()?;
    match code {
        "SHALL" => Some(Expectation::Shall),
        "SHOULD" => Some(Expectation::Should),
        "MAY" => Some(Expectation::May),
        "SHALL-NOT" => Some(Expectation::ShallNot),
        _ => None,
    }
}

fn items<'a>(owner: &'a Value, field: &str) -> &'a [Value] {
    let all = owner.get(field).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    all.get(..MOST_ITEMS).unwrap_or(all)
}

fn text(owner: &Value, field: &str) -> Option<String> {
    owner.get(field)?.as_str().filter(|text| text.len() <= LONGEST_TEXT).map(str::to_owned)
}

fn texts(owner: &Value, field: &str) -> Vec<String> {
    items(owner, field).iter().filter_map(Value::as_str).filter(|text| text.len() <= LONGEST_TEXT).map(str::to_owned).collect()
}
