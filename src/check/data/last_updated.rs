//! `data.last-updated`

use crate::check::http::http_date;
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};
use crate::fhir::date::Interval;
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "data.last-updated",
    summary: "meta.lastUpdated is not after the answer that it comes in, and stays as it is while the version does",
    why: "CARIN BB CapabilityStatement c4bb: meta.lastUpdated is the last time that the data was updated, or the date of its creation, in the payer's system of record, whichever comes last; R4 resource.html#Meta: it changes when the resource does. Clocks may differ by five minutes.",
    accepts: r#"{"sample": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2026-11-20T07:00:00Z"}}, "steps": [{"request": "GET Patient/1", "status": 200, "headers": {"date": "Thu, 26 Nov 2026 07:00:00 GMT"}, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2026-11-20T07:00:00.000Z"}}}]}"#,
    rejects: r#"{"sample": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2026-11-20T07:00:00Z"}}, "steps": [{"request": "GET Patient/1", "status": 200, "headers": {"date": "Thu, 26 Nov 2026 07:00:00 GMT"}, "body": {"resourceType": "Patient", "id": "1", "meta": {"versionId": "1", "lastUpdated": "2026-11-26T08:00:00Z"}}}]}"#,
    run,
};

/// How far two clocks may be apart, in nanoseconds.
const CLOCKS: i128 = 5 * 60 * 1_000_000_000;

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response().filter(|response| response.status == 200) else {
        return Evidence::nothing("the read was not answered with 200");
    };
    let Some((read, changed)) = subject.resource().and_then(|read| Some((read, stamp(read)?))) else {
        return Evidence::nothing("the resource has no meta.lastUpdated");
    };
    let Some(answered) = response.header("date").and_then(http_date) else {
        return Evidence::nothing("the answer does not say when it was made");
    };
    let mut evidence = Evidence::fine();
    if changed.low > answered.unix_timestamp_nanos().saturating_add(CLOCKS) {
        evidence.deviation("meta.lastUpdated", "not after the answer's own date", "a later instant");
    }
    let is_same = |sample: &&Value| {
        resource::key_of(sample) == resource::key_of(read)
            && resource::version_of(sample).is_some()
            && resource::version_of(sample) == resource::version_of(read)
    };
    if let Some(before) = subject.binding.sample.as_deref().filter(is_same).and_then(stamp)
        && (before.high < changed.low || changed.high < before.low)
    {
        evidence.deviation("meta.lastUpdated", "the same instant whenever this version is read", "another instant");
    }
    evidence
}

fn stamp(resource: &Value) -> Option<Interval> {
    Interval::of(resource.get("meta")?.get("lastUpdated")?)
}
