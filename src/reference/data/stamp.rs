//! Dates and the `meta` that every resource carries.

use time::{Date, Duration};

use crate::fhir::json::{Map, Value, json};

/// The same day, later or, with a negative number, earlier.
pub fn after(day: Date, days: i64) -> Date {
    day.saturating_add(Duration::days(days))
}

/// `meta` with a version, the last change and the profiles claimed.
///
/// No two stamps of a record may be equal, or `_lastUpdated` could not single a resource out: the time of day comes from
/// the place of the resource among its owner's (`index`), the milliseconds from the owner's number, 0 for shared resources. This holds for up to 999 members.
pub fn meta(version_id: u32, changed: Date, index: usize, owner: usize, profiles: &[String]) -> Value {
    let seconds = index % 86_400;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut meta = Map::new();
    meta.insert("versionId".to_owned(), json!(version_id.to_string()));
    meta.insert("lastUpdated".to_owned(), json!(format!("{changed}T{hour:02}:{minute:02}:{second:02}.{:03}Z", owner % 1000)));
    if !profiles.is_empty() {
        meta.insert("profile".to_owned(), json!(profiles));
    }
    Value::Object(meta)
}

/// A Reference by relative URL.
pub fn reference(to: &str) -> Value {
    json!({ "reference": to })
}

/// Adds the fields of `more` to the object `to`, replacing those of the same name.
pub fn merge(to: &mut Value, more: Value) {
    if let (Value::Object(to), Value::Object(more)) = (to, more) {
        to.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::meta;

    #[test]
    fn stamps_differ_by_index_and_owner() {
        let day = date!(2024 - 02 - 29);
        assert_eq!(meta(1, day, 61, 2, &[])["lastUpdated"], "2024-02-29T00:01:01.002Z");
        assert_ne!(meta(1, day, 61, 2, &[]), meta(1, day, 61, 3, &[]));
        assert_ne!(meta(1, day, 61, 2, &[]), meta(1, day, 62, 2, &[]));
    }
}
