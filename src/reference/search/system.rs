//! Search of several types at once, or of one that `_type` names (R4 search.html#basic).

use super::query::Pair;
use crate::reference::bundle::Bundle;
use crate::reference::error::Refusal;
use crate::reference::fault::Breach;
use crate::reference::state::{Access, State};

/// The parameter that names the types.
pub const TYPE: &str = "_type";

/// The types that a search names.
///
/// # Errors
/// 400 when it names none, or one that is not served.
pub fn types(state: &State, pairs: &[Pair]) -> Result<Vec<String>, Refusal> {
    let named = pairs.iter().filter(|(name, _)| name == TYPE).flat_map(|(_, value)| value.split(','));
    let types: Vec<String> = named.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if let Some(unknown) = types.iter().find(|name| !state.serves(name)) {
        return Err(Refusal::invalid(format!("{TYPE}={unknown} is not served here: see /metadata")));
    }
    if types.is_empty() {
        return Err(Refusal::invalid(format!("a search of the whole system names its types, such as {TYPE}=Patient")));
    }
    Ok(types)
}

/// Answers a search of these types, whose results stand one after the other on one page.
///
/// # Errors
/// As [`super::search`], and 400 when a type has more than a page.
pub fn search(state: &State, access: Access, base: &str, types: &[String], pairs: &[Pair], lenient: bool) -> Result<Bundle, Refusal> {
    let criteria: Vec<Pair> = pairs.iter().filter(|(name, _)| name != TYPE).cloned().collect();
    let mut all = Bundle::searchset(Some(0));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    all.links = vec![("self", format!("{base}?{query}"))];
    for resource_type in types.iter().filter(|_| !state.has(Breach::SearchSystemEmpty)) {
        let found = super::search(state, access, base, resource_type, &criteria, lenient)?;
        if found.links.iter().any(|(relation, _)| *relation == "next") {
            return Err(Refusal::invalid(format!("{resource_type} has more than a page: search it alone")));
        }
        all.total = all.total.zip(found.total).map(|(before, more)| before + more);
        all.entries.extend(found.entries);
    }
    Ok(all)
}
