//! How a payer that is told to break takes what it should refuse in a search.

use super::error::Refusal;
use super::fault::Breach;
use super::search::query::Pair;
use super::state::State;

/// Takes out of the parameters what is then not refused.
///
/// # Errors
/// 500 when it is told to fall over.
pub fn relax(state: &State, pairs: &mut Vec<Pair>) -> Result<(), Refusal> {
    if state.has(Breach::ErrorMalformedCountIgnored) {
        pairs.retain(|(name, value)| name != "_count" || value.parse::<usize>().is_ok());
    }
    if state.has(Breach::ErrorMalformedTokenIgnored) {
        pairs.retain(|(_, value)| value.matches('|').count() < 2);
    }
    if state.has(Breach::ErrorMalformedReferenceIgnored) {
        pairs.retain(|(_, value)| !value.ends_with('/'));
    }
    for (name, value) in pairs.iter_mut() {
        if state.has(Breach::ErrorUnknownPrefixIgnored) && value.starts_with("xx") {
            value.drain(..2);
        }
        if state.has(Breach::ErrorUnknownModifierIgnored)
            && let Some((code, _)) = name.split_once(":payerspec")
        {
            *name = code.to_owned();
        }
    }
    if state.has(Breach::ErrorEmptyValue500) && pairs.iter().any(|(_, value)| value.is_empty()) {
        return Err(Refusal::broken("the searcher broke"));
    }
    Ok(())
}
