//! Rules about operations that change nothing.

pub mod answer;
pub mod documents;
pub mod expansion;
pub mod holds_patient;
pub mod names;
pub mod not_valid;
pub mod only_types;
pub mod own_record;
pub mod result;
pub mod since;
pub mod valid;
pub mod whole_record;

use crate::check::Subject;
use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The Parameters that the last step brought.
///
/// # Errors
/// What to say in their place. A refusal tells nothing: the server need not know the code system, the value set or the inputs that were
/// chosen.
fn answered<'a>(subject: &Subject<'a>) -> Result<&'a Value, Evidence> {
    let body = body(subject)?;
    match resource::type_of(body) {
        Some("Parameters") => Ok(body),
        other => Err(Evidence::wrong("body", "Parameters", code(other.unwrap_or("JSON without resourceType")))),
    }
}

/// The resource that the last step brought, of whatever type.
///
/// # Errors
/// What to say in its place.
fn body<'a>(subject: &Subject<'a>) -> Result<&'a Value, Evidence> {
    let Some(response) = subject.response() else { return Err(Evidence::nothing("there was no response")) };
    match response.status {
        200 => subject.resource().ok_or_else(|| Evidence::wrong("body", "a resource", "none that can be read")),
        400..=499 => Err(Evidence::nothing(said!("the operation was refused with status {}", response.status))),
        status => Err(Evidence::wrong("HTTP status", "200, or a refusal", status)),
    }
}

/// Every parameter of a name.
fn named<'a>(parameters: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let all = parameters.get("parameter").and_then(Value::as_array).into_iter().flatten();
    all.filter(move |parameter| parameter.get("name").and_then(Value::as_str) == Some(name))
}

/// The truth that the answer gives as `result`.
fn truth(parameters: &Value) -> Option<bool> {
    named(parameters, "result").next()?.get("valueBoolean")?.as_bool()
}
