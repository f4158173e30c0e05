//! A resource in XML (R4 xml.html).

use bytes::Bytes;

use super::error::Refusal;
use super::fault::Breach;
use super::state::State;
use crate::fhir::json::Value;

/// The XML of a resource's JSON text.
///
/// # Errors
/// 500 when the resource cannot be written as XML.
pub fn write(state: &State, json: &Bytes) -> Result<Bytes, Refusal> {
    let mut resource = serde_json::from_slice(json).map_err(|error| Refusal::broken(format!("the resource is no JSON: {error}")))?;
    if state.has(Breach::XmlDropsExtensions) {
        drop_everywhere(&mut resource, "extension");
    }
    if state.has(Breach::XmlDropsProfiles) {
        drop_everywhere(&mut resource, "profile");
    }
    if state.has(Breach::XmlRoundsAmounts) {
        round_amounts(&mut resource);
    }
    if state.has(Breach::XmlDropsLastEntry)
        && let Some(Value::Array(entries)) = resource.get_mut("entry")
        && entries.len() > 1
    {
        entries.pop();
    }
    let text = crate::fhir::xml::from_json(&resource)
        .map_err(|error| Refusal::broken(format!("the resource cannot be written as XML: {error}")))?;
    Ok(Bytes::from(garbled(state, text)))
}

/// The text, spoilt in the ways that are switched on.
fn garbled(state: &State, text: String) -> String {
    if state.has(Breach::XmlNoNamespace) {
        return text.replace(" xmlns=\"http://hl7.org/fhir\"", "");
    }
    if state.has(Breach::XmlIdLast) && !text.contains("<entry>") {
        return id_last(&text).unwrap_or(text);
    }
    text
}

/// The first `id` moved to the end, where the schema does not let it stand.
fn id_last(text: &str) -> Option<String> {
    let start = text.find("<id value=")?;
    let end = start + text.get(start..)?.find("/>")? + 2;
    let close = text.rfind("</")?;
    let (id, rest) = (text.get(start..end)?, text.get(end..close)?);
    Some([text.get(..start)?, rest, id, text.get(close..)?].concat())
}

fn drop_everywhere(value: &mut Value, name: &str) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove(name);
            fields.values_mut().for_each(|inner| drop_everywhere(inner, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| drop_everywhere(inner, name)),
        _ => {}
    }
}

fn round_amounts(value: &mut Value) {
    match value {
        Value::Object(fields) if fields.contains_key("currency") => {
            if let Some(amount) = fields.get_mut("value")
                && let Some(number) = amount.as_f64()
            {
                *amount = Value::from(number.round());
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(round_amounts),
        Value::Array(items) => items.iter_mut().for_each(round_amounts),
        _ => {}
    }
}
