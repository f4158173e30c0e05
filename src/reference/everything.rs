//! `Patient/[id]/$everything`: the patient with what is about them (R4 patient-operation-everything.html).

use std::sync::Arc;

use bytes::Bytes;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::Answer;
use super::bundle::{Bundle, Entry};
use super::error::Refusal;
use super::fault::Breach;
use super::oauth::Scope;
use super::read::{self, Address};
use super::search::page;
use super::search::query::{PAGE, Pair};
use super::state::{Access, State, Version};
use crate::fhir::json::json;

/// What the CapabilityStatement says of it.
pub const DEFINITION: &str = "http://hl7.org/fhir/OperationDefinition/Patient-everything";

/// Answers the operation.
///
/// # Errors
/// As a read of the patient; 400 for a malformed `_since`, `_count` or page.
pub fn answer(
    state: &State,
    access: Access,
    scope: Option<&Scope>,
    base: &str,
    address: Address<'_>,
    pairs: &[Pair],
) -> Result<Answer, Refusal> {
    let access = if state.has(Breach::AuthOtherMemberByEverything) { Access::Everything } else { access };
    let patient = read::find(state, access, address)?;
    if state.has(Breach::OperationBreaks) {
        return Err(Refusal::broken("the operation broke"));
    }
    let owner = if state.has(Breach::OperationOtherMember) { None } else { patient.owner };
    let mut found = vec![patient.current.clone()];
    for resource_type in state.types() {
        let records = state.visible(resource_type, Access::Everything);
        let own = records.filter(|record| record.owner.is_some() && (owner.is_none() || record.owner == owner));
        found.extend(own.map(|record| record.current.clone()).filter(|version| !Arc::ptr_eq(version, &patient.current)));
    }
    if let Some(scope) = scope.filter(|_| !state.has(Breach::AccessTokenScopeIgnoredByOperation)) {
        found.retain(|version| scope.shows(&version.resource_type));
    }
    narrow(state, pairs, &mut found)?;
    if state.has(Breach::OperationDropsClaim) {
        let claim = found.iter().position(|version| version.resource_type == "ExplanationOfBenefit");
        claim.map(|at| found.remove(at));
    }
    if state.has(Breach::OperationOmitsPatient) {
        found.retain(|version| version.id != patient.current.id);
    }
    let mut bundle = paged(base, address, pairs, &found)?;
    if state.has(Breach::OperationWrongBundleType) {
        bundle.kind = "collection";
    }
    if state.has(Breach::OperationAsParameters) {
        let wrapped = json!({ "resourceType": "Parameters", "parameter": [{ "name": "return", "valueString": "a Bundle" }] });
        return Ok(Answer::ok(Bytes::from(wrapped.to_string())));
    }
    Ok(Answer::ok(bundle.json()))
}

/// Leaves what `_type` and `_since` name; the patient stays.
fn narrow(state: &State, pairs: &[Pair], found: &mut Vec<Arc<Version>>) -> Result<(), Refusal> {
    let types: Vec<&str> = pairs.iter().filter(|(name, _)| name == "_type").flat_map(|(_, value)| value.split(',')).collect();
    if !types.is_empty() && !state.has(Breach::OperationIgnoresType) {
        found.retain(|version| version.resource_type == "Patient" || types.contains(&version.resource_type.as_str()));
    }
    if let Some((_, since)) = pairs.iter().find(|(name, _)| name == "_since").filter(|_| !state.has(Breach::OperationIgnoresSince)) {
        let instant = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
        let since = instant(since).ok_or_else(|| Refusal::invalid(format!("_since={since} is no instant")))?;
        found.retain(|version| version.resource_type == "Patient" || instant(&version.last_updated).is_none_or(|at| at >= since));
        if state.has(Breach::OperationSinceDropsNewest) {
            found.sort_by(|one, other| {
                (one.resource_type != "Patient", &one.last_updated).cmp(&(other.resource_type != "Patient", &other.last_updated))
            });
            found.pop();
        }
    }
    Ok(())
}

fn paged(base: &str, address: Address<'_>, pairs: &[Pair], found: &[Arc<Version>]) -> Result<Bundle, Refusal> {
    let text = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let count = text("_count").map(|text| text.parse::<usize>().map_err(|_| Refusal::invalid(format!("_count={text} is no number"))));
    let size = count.transpose()?.filter(|count| *count > 0).unwrap_or(page::LARGEST_SIZE).min(page::LARGEST_SIZE);
    let place = |text: &str| page::offset(text).ok_or_else(|| Refusal::invalid("this page is not one of ours"));
    let offset = text(PAGE).map_or(Ok(0), place)?;
    let url = format!("{base}/{}/{}/$everything", address.resource_type, address.id);
    let used: Vec<Pair> = pairs.iter().filter(|(name, _)| ["_count", "_type", "_since"].contains(&name.as_str())).cloned().collect();
    let mut bundle = Bundle::searchset(Some(found.len()));
    bundle.links.push(("self", page::url(&url, &used, (offset > 0).then_some(offset))));
    let next = offset.saturating_add(size);
    if next < found.len() {
        bundle.links.push(("next", page::url(&url, &used, Some(next))));
    }
    for version in found.iter().skip(offset).take(size) {
        let full_url = format!("{base}/{}/{}", version.resource_type, version.id);
        bundle.entries.push(Entry { mode: Some("match"), ..Entry::of(Some(full_url), version.json.clone()) });
    }
    Ok(bundle)
}
