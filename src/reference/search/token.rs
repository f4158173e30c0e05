//! Search by token (R4 search.html#token). Case counts among codes with a system, but for SNOMED CT, which does not tell cases apart; it does
//! not count among identifiers and what states no system, as R4 advises where it is in doubt.

use super::path::{entries, text};
use super::text::starts;
use crate::fhir::json::Value;
use crate::reference::fault::Breach;
use crate::reference::state::State;

/// The code system here that does not tell cases apart.
const SNOMED: &str = "http://snomed.info/sct";

/// Whether an element holds a code: a CodeableConcept, Coding, Identifier, ContactPoint or a primitive.
pub fn is_met(state: &State, element: &Value, system: Option<&str>, code: Option<&str>) -> bool {
    if let Some(codings) = element.get("coding") {
        let mut codings = entries(codings);
        if state.has(Breach::TokenFirstCodingOnly) {
            codings.truncate(1);
        }
        return codings.into_iter().any(|coding| pair_fits(state, coding, "system", "code", system, code));
    }
    if element.is_object() {
        let is_contact = !text(element, "system").unwrap_or(":").contains(':');
        // The first half of a contact is what it is used for: its own system is no URI.
        let field = if is_contact { "use" } else { "system" };
        let held = if element.get("code").is_some() { "code" } else { "value" };
        return pair_fits(state, element, field, held, system, code);
    }
    let held = match element {
        Value::String(held) => held.to_string(),
        other => other.to_string(),
    };
    // A primitive states no system: the one of its value set is implied, and only the code can be compared.
    system != Some("") && code.is_some_and(|code| same(code, &held))
}

/// Whether an element holds this code of this system; the system of a primitive is taken to be the one that its definition implies.
pub fn is_code(element: &Value, system: &str, code: &str) -> bool {
    let is_this = |coding: &Value| text(coding, "system") == Some(system) && text(coding, "code") == Some(code);
    match element.get("coding") {
        Some(codings) => entries(codings).into_iter().any(is_this),
        None if element.is_object() => is_this(element),
        None => element.as_str() == Some(code),
    }
}

fn pair_fits(state: &State, owner: &Value, field: &str, held: &str, system: Option<&str>, code: Option<&str>) -> bool {
    let own_system = text(owner, field);
    let system_fits = match system {
        None => true,
        Some("") => own_system.is_none() || state.has(Breach::TokenEmptySystemFindsAny),
        Some(_) if code.is_none() && state.has(Breach::TokenSystemAloneFindsNothing) => false,
        Some(wanted) => own_system == Some(wanted) || (code.is_some() && state.has(Breach::TokenSystemIgnored)),
    };
    let folds = held != "code" || own_system.is_none_or(|system| system == SNOMED) || state.has(Breach::TokenCaseIgnored);
    system_fits && code.is_none_or(|code| text(owner, held).is_some_and(|own| code == own || (folds && same(code, own))))
}

fn same(left: &str, right: &str) -> bool {
    left == right || left.to_lowercase() == right.to_lowercase()
}

/// Whether a text that goes with a code starts with this: the concept's own, a coding's display, the text of an identifier's type.
pub fn text_starts(element: &Value, wanted: &str) -> bool {
    let concept = if element.get("coding").is_none() { element.get("type").unwrap_or(element) } else { element };
    let displays = concept.get("coding").map(entries).unwrap_or_default().into_iter().filter_map(|coding| text(coding, "display"));
    let own = [text(concept, "text"), text(concept, "display")].into_iter().flatten();
    own.chain(displays).any(|found| starts(found, wanted))
}

/// Whether an Identifier is of a type and has a value.
pub fn is_of_type(state: &State, element: &Value, system: &str, code: &str, value: &str) -> bool {
    let kind = element.get("type").and_then(|kind| kind.get("coding")).map(entries).unwrap_or_default();
    let is_type = kind.into_iter().any(|coding| text(coding, "system") == Some(system) && text(coding, "code") == Some(code));
    let is_value = text(element, "value").is_some_and(|own| same(own, value));
    is_type && (is_value || state.has(Breach::TokenOfTypeIgnoresValue))
}
