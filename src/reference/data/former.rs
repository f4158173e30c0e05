//! What a resource was before: its former versions, as a server that keeps them would have them.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::fhir::json::{Value, json};

const INSTANT: &[time::format_description::BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// The versions before a generated resource's own, oldest first: each a day before the next, and in another language.
pub fn versions(resource: &Value) -> Vec<Value> {
    let meta = |field: &str| resource.pointer(&format!("/meta/{field}")).and_then(Value::as_str);
    let current = meta("versionId").and_then(|number| number.parse::<u8>().ok()).unwrap_or(1);
    let changed = meta("lastUpdated").and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    let Some(changed) = changed else { return Vec::new() };
    let version = |number: u8| {
        let before = changed.saturating_sub(Duration::days(i64::from(current - number)));
        let mut former = resource.clone();
        former["meta"]["versionId"] = json!(number.to_string());
        former["meta"]["lastUpdated"] = json!(before.format(INSTANT).unwrap_or_default());
        former["language"] = json!(if number.is_multiple_of(2) { "en-US" } else { "en" });
        former
    };
    (1..current).map(version).collect()
}

#[cfg(test)]
mod tests {
    use super::versions;

    use crate::fhir::json::json;

    #[test]
    fn each_former_version_is_older_and_other() {
        let resource =
            json!({ "resourceType": "Patient", "id": "1", "meta": { "versionId": "3", "lastUpdated": "2024-03-01T00:00:05.001Z" } });
        let former = versions(&resource);
        let stamps: Vec<_> =
            former.iter().map(|version| (version["meta"]["versionId"].clone(), version["meta"]["lastUpdated"].clone())).collect();
        assert_eq!(stamps, [(json!("1"), json!("2024-02-28T00:00:05.001Z")), (json!("2"), json!("2024-02-29T00:00:05.001Z"))]);
        assert_ne!(former[0]["language"], former[1]["language"]);
    }
}
