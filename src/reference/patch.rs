//! JSON Patch (RFC 6902) on one resource: add, replace, remove and test.

use super::error::Refusal;
use crate::fhir::json::Value;

/// Applies the operations in order; nothing is kept when one of them fails.
///
/// # Errors
/// 400 when it is no patch, 422 when it does not fit the resource. With `untested` no test is heeded.
pub fn apply(resource: &Value, patch: &Value, untested: bool) -> Result<Value, Refusal> {
    let operations = patch.as_array().ok_or_else(|| Refusal::invalid("a JSON Patch is an array of operations"))?;
    let mut patched = resource.clone();
    for operation in operations {
        let text = |field: &str| operation.get(field).and_then(Value::as_str);
        let (Some(kind), Some(path)) = (text("op"), text("path")) else {
            return Err(Refusal::invalid("an operation needs op and path"));
        };
        let value = || operation.get("value").cloned().ok_or_else(|| Refusal::invalid(format!("{kind} needs a value")));
        let unfit = || Refusal::unprocessable(format!("{kind} {path} does not fit the resource"));
        match kind {
            "test" if untested => {}
            "test" => {
                if patched.pointer(path) != Some(&value()?) {
                    return Err(unfit());
                }
            }
            "replace" => *patched.pointer_mut(path).ok_or_else(unfit)? = value()?,
            "add" => add(&mut patched, path, value()?).ok_or_else(unfit)?,
            "remove" => remove(&mut patched, path).ok_or_else(unfit)?,
            _ => return Err(Refusal::unprocessable(format!("the operation {kind} is not offered: add, replace, remove and test are"))),
        }
    }
    Ok(patched)
}

/// The parent of what a pointer names, and the last part of its name.
fn parent<'a>(value: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let (above, last) = path.rsplit_once('/')?;
    Some((value.pointer_mut(above)?, last.replace("~1", "/").replace("~0", "~")))
}

fn add(value: &mut Value, path: &str, new: Value) -> Option<()> {
    match parent(value, path)? {
        (Value::Object(fields), name) => drop(fields.insert(name, new)),
        (Value::Array(items), at) => {
            let at = if at == "-" { items.len() } else { at.parse().ok().filter(|at| *at <= items.len())? };
            items.insert(at, new);
        }
        _ => return None,
    }
    Some(())
}

fn remove(value: &mut Value, path: &str) -> Option<()> {
    match parent(value, path)? {
        (Value::Object(fields), name) => fields.shift_remove(&name).map(drop),
        (Value::Array(items), at) => {
            let at: usize = at.parse().ok().filter(|at| *at < items.len())?;
            items.remove(at);
            Some(())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::fhir::json::json;

    #[test]
    fn operations_apply_in_order_or_not_at_all() {
        let resource = json!({ "a": [1, 2], "b": { "c/d": 3 } });
        let patched = |patch: Value| apply(&resource, &patch, false);
        let done = patched(json!([
            { "op": "test", "path": "/a/0", "value": 1 },
            { "op": "add", "path": "/a/-", "value": 9 },
            { "op": "remove", "path": "/a/0" },
            { "op": "replace", "path": "/b/c~1d", "value": 4 },
        ]));
        assert_eq!(done.unwrap(), json!({ "a": [2, 9], "b": { "c/d": 4 } }));
        assert_eq!(patched(json!([{ "op": "remove", "path": "/x" }])).unwrap_err().status, 422);
        assert_eq!(patched(json!([{ "op": "test", "path": "/a/0", "value": 2 }])).unwrap_err().status, 422);
        assert_eq!(patched(json!({})).unwrap_err().status, 400);
    }
}
