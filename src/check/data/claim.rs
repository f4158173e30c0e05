//! Claims as their rules see them: the kind, the amounts, and who is behind a reference.

use std::collections::BTreeMap;

use super::{entries, has_code};
use crate::check::Subject;
use crate::check::relation::local_target;
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;
use crate::fhir::resource;

/// Amounts by the code of their category, in the currency's unit.
pub type Amounts<'a> = BTreeMap<&'a str, f64>;

/// A place in a claim where amounts stand.
pub struct Place<'a> {
    /// As a FHIRPath, such as `item[0].adjudication`.
    pub path: String,
    /// What stands there.
    pub amounts: Amounts<'a>,
}

/// Whether a claim is of the kind that a profile of the guide is for; without a profile, all are.
pub fn is_of_kind(claim: &Value, profile: Option<&str>) -> bool {
    let Some(profile) = profile else { return true };
    let of = |name: &str, codes: &[&str]| codes.iter().any(|code| has_code(claim.get(name), code));
    if profile.contains("-Inpatient") {
        of("subType", &["inpatient"])
    } else if profile.contains("-Outpatient") {
        of("subType", &["outpatient"])
    } else if profile.contains("-Pharmacy") {
        of("type", &["pharmacy"])
    } else if profile.contains("-Oral") {
        of("type", &["oral"])
    } else {
        of("type", &["professional", "vision"])
    }
}

/// The amounts of each line.
pub fn lines(claim: &Value) -> Vec<Place<'_>> {
    let place = |(at, line)| Place { path: format!("item[{at}].adjudication"), amounts: amounts(line, "adjudication") };
    entries(claim, "item").iter().enumerate().map(place).collect()
}

/// The amounts on the whole claim.
pub fn header(claim: &Value) -> Place<'_> {
    Place { path: "adjudication".to_owned(), amounts: amounts(claim, "adjudication") }
}

/// The totals.
pub fn totals(claim: &Value) -> Place<'_> {
    Place { path: "total".to_owned(), amounts: amounts(claim, "total") }
}

/// What rounding may add up to: a cent for each line, and one for the sum.
pub fn tolerance(claim: &Value) -> f64 {
    let lines = u32::try_from(entries(claim, "item").len()).unwrap_or(u32::MAX);
    0.01 * (f64::from(lines) + 1.0) + 1e-6
}

/// Entries of one category count together.
fn amounts<'a>(holder: &'a Value, name: &str) -> Amounts<'a> {
    let mut amounts = Amounts::new();
    for entry in entries(holder, name) {
        let amount = entry.get("amount").and_then(|amount| amount.get("value")).and_then(Value::as_f64);
        let codings = entry.get("category").map_or(&[][..], |category| entries(category, "coding"));
        let code = codings.iter().find_map(|coding| coding.get("code").and_then(Value::as_str));
        if let (Some(amount), Some(code)) = (amount, code) {
            *amounts.entry(code).or_default() += amount;
        }
    }
    amounts
}

/// What a Reference in `holder` leads to, if it was harvested or is contained. A versioned reference leads to that version only.
pub fn resolve<'a>(subject: &Subject<'a>, holder: &'a Value, reference: &Value) -> Option<&'a Value> {
    let text = reference.get("reference")?.as_str()?;
    if let Reference::Contained(id) = Reference::parse(text) {
        return entries(holder, "contained").iter().find(|inner| resource::id_of(inner) == Some(id));
    }
    let (resource_type, id) = local_target(text, subject.base)?;
    let found = subject.samples.find(&resource_type, &id)?;
    let version = text.split_once("/_history/").map(|(_, version)| version);
    (version.is_none() || version == resource::version_of(found)).then(|| found.as_ref())
}

/// The focal coverages of a claim that were harvested or are contained.
pub fn focal_coverages<'a>(subject: &Subject<'a>, claim: &'a Value) -> impl Iterator<Item = &'a Value> {
    let focal = entries(claim, "insurance").iter().filter(|insurance| insurance.get("focal") == Some(&Value::Bool(true)));
    focal.filter_map(|insurance| resolve(subject, claim, insurance.get("coverage")?))
}

/// Whether two References, each with its holder, mean the same party; `None` where nothing tells. That they differ is told by what they
/// lead to, both of them.
pub fn same_party(subject: &Subject<'_>, one: (&Value, &Value), other: (&Value, &Value)) -> Option<bool> {
    let key = |(_, reference): (&Value, &Value)| local_target(reference.get("reference")?.as_str()?, subject.base);
    let (one_key, other_key) = (key(one), key(other));
    if one_key.is_some() && one_key == other_key {
        return Some(true);
    }
    let (known, compared) = (identifiers(subject, one), identifiers(subject, other));
    if known.iter().any(|identifier| compared.contains(identifier)) {
        return Some(true);
    }
    let both_resolve = [one, other].iter().all(|(holder, reference)| resolve_any(subject, holder, reference).is_some());
    let alike = |(system, _): &(String, String)| !system.is_empty() && compared.iter().any(|(compared, _)| compared == system);
    (both_resolve && ((one_key.is_some() && other_key.is_some()) || known.iter().any(alike))).then_some(false)
}

/// System and value of all identifiers of the party behind a Reference.
fn identifiers(subject: &Subject<'_>, (holder, reference): (&Value, &Value)) -> Vec<(String, String)> {
    let resolved = resolve_any(subject, holder, reference);
    let own = reference.get("identifier").into_iter();
    own.chain(resolved.map_or(&[][..], |party| entries(party, "identifier"))).filter_map(pair).collect()
}

fn resolve_any<'a>(subject: &Subject<'a>, holder: &'a Value, reference: &Value) -> Option<&'a Value> {
    let text = reference.get("reference")?.as_str()?;
    match local_target(text, subject.base) {
        Some((resource_type, id)) => subject.samples.find(&resource_type, &id).map(AsRef::as_ref),
        None => resolve(subject, holder, reference),
    }
}

/// System and value of an Identifier; the system is empty when there is none.
pub fn pair(identifier: &Value) -> Option<(String, String)> {
    let text = |name: &str| identifier.get(name).and_then(Value::as_str);
    Some((text("system").unwrap_or_default().to_owned(), text("value")?.to_owned()))
}
