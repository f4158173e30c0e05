//! The first stage: what the server says of itself, and the search parameters that it defines itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};

use crate::check::Declared;
use crate::check::exchange::Request;
use crate::check::relation::local_target;
use crate::check::said::{Said, element, said};
use crate::fhir::bundle::Bundle;
use crate::fhir::capability::Capability;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::guide::Catalogue;
use crate::guide::compile::search_parameter;
use crate::guide::facts::SearchParameter;
use crate::target::Target;

/// How many definitions are fetched at most.
const MOST_DEFINITIONS: usize = 60;
/// How many at once.
const AT_ONCE: usize = 4;

/// Asks for the declaration, and for those of its search parameters that no package holds and the server can show.
///
/// # Errors
/// Why there was no answer at all.
pub async fn discover(target: &Target, catalogue: &Catalogue) -> Result<Declared, Said> {
    let discovery = target.discover().await;
    if let Err(error) = &discovery.exchange.result {
        return Err(error.said());
    }
    let mut declared =
        Declared { statement: discovery.statement, capability: discovery.capability, problem: discovery.problem, ..Declared::default() };
    if let Some(capability) = declared.capability.as_ref().filter(|capability| is_r4_server(capability)) {
        declared.parameters = definitions(target, catalogue, capability).await;
    }
    Ok(declared)
}

fn is_r4_server(capability: &Capability) -> bool {
    capability.has_server_rest && capability.fhir_version.as_deref().is_none_or(|version| version.starts_with("4.0"))
}

/// The definitions that the statement names, by the type and code that it names them for.
async fn definitions(target: &Target, catalogue: &Catalogue, capability: &Capability) -> BTreeMap<(String, String), Arc<SearchParameter>> {
    let mut named: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (resource_type, statement) in &capability.resources {
        for stated in &statement.search_params {
            let Some(url) = stated.value.definition.as_deref() else { continue };
            let key = (resource_type.clone(), stated.value.name.clone());
            match catalogue.search_parameter_by_url(url) {
                None => named.entry(url).or_default().push(key),
                // Guides narrow parameters of R4 under the same code: the server means the one that it names.
                Some(meant)
                    if meant.code == key.1 && catalogue.search_parameter(&key.0, &key.1).is_none_or(|used| used.url != meant.url) =>
                {
                    found.insert(key, meant);
                }
                Some(_) => {}
            }
        }
    }
    let by_url = capability
        .resources
        .get("SearchParameter")
        .is_some_and(|statement| statement.interaction("search-type").is_some() && statement.search_param("url").is_some());
    let requests = named.into_iter().filter_map(|(url, meant)| Some((url, request(target, url, by_url)?, meant)));
    let answers: Vec<_> = stream::iter(requests.take(MOST_DEFINITIONS))
        .map(|(url, request, meant)| async move { (url, target.fetch(&request).await, meant) })
        .buffered(AT_ONCE)
        .collect()
        .await;
    for (url, exchange, meant) in answers {
        let Some(answer) = exchange.resource() else { continue };
        let in_bundle = Bundle::in_document(answer).and_then(|bundle| bundle.matches().next());
        let Some(definition) = in_bundle.or(Some(answer)).filter(|found| is_definition(found)) else { continue };
        let mut parameter = search_parameter::compile(definition);
        if parameter.url.is_empty() {
            url.clone_into(&mut parameter.url);
        }
        let parameter = Arc::new(parameter);
        // A definition for another code says nothing of this one.
        let meant = meant.into_iter().filter(|(_, code)| parameter.code == *code);
        found.extend(meant.map(|key| (key, parameter.clone())));
    }
    found
}

/// How a definition is asked for: where it lies on the server itself, or by its URL where that can be searched.
fn request(target: &Target, url: &str, by_url: bool) -> Option<Request> {
    let url = url.split('|').next().unwrap_or(url);
    match local_target(url, target.base()) {
        Some((resource_type, id)) if resource_type == "SearchParameter" => Some(Request::get(format!("SearchParameter/{id}"))),
        _ if by_url && url.contains("://") => Some(Request::get("SearchParameter").query("url", url)),
        _ => None,
    }
}

fn is_definition(found: &Value) -> bool {
    resource::type_of(found) == Some("SearchParameter")
}

/// Why the server cannot be measured as an R4 server, if it says another version of FHIR.
pub fn not_r4(declared: &Declared) -> Option<Said> {
    let version = declared.capability.as_ref()?.fhir_version.as_deref()?;
    let told = || element("CapabilityStatement.fhirVersion", version);
    (!version.starts_with("4.0"))
        .then(|| said!("the server says FHIR {}; the Patient Access rule and this harness are FHIR R4 (4.0.1)", told()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::TargetConfig;

    #[test]
    fn a_definition_is_asked_for_where_it_lies_or_by_its_url() {
        let target = Target::new(TargetConfig::of_base("https://payer.example/fhir").unwrap()).unwrap();
        let asked = |url: &str, by_url: bool| request(&target, url, by_url).map(|request| (request.path, request.query));
        let own = asked("https://payer.example/fhir/SearchParameter/x|1.0", false);
        assert_eq!(own, Some(("SearchParameter/x".to_owned(), Vec::new())));
        let elsewhere = "https://guide.example/SearchParameter/x";
        assert_eq!(asked(elsewhere, false), None);
        let by_url = asked(elsewhere, true);
        assert_eq!(by_url, Some(("SearchParameter".to_owned(), vec![("url".to_owned(), elsewhere.to_owned())])));
        assert_eq!(asked("https://payer.example/fhir/Patient/x", false), None);
        assert_eq!(asked("nonsense", true), None);
    }
}
