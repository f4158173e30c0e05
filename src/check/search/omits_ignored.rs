//! `search.omits-ignored`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// What no server knows; its name begins so.
const UNKNOWN: &str = "payerspec-";

/// The check.
pub const CHECK: Check = Check {
    id: "search.omits-ignored",
    summary: "the self link does not name a parameter that the server cannot have used",
    why: "R4 search.html#conformance: the self link has the parameters that were actually used; one that was ignored in it reads as if the result were filtered.",
    accepts: r#"{"steps": [{"request": "GET Patient?payerspec-no-such-parameter=1", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://example.org/fhir/Patient"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient?payerspec-no-such-parameter=1", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://example.org/fhir/Patient?payerspec-no-such-parameter=1"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(stated) = subject.stated() else { return Evidence::nothing("there is no Bundle with a self link") };
    match stated.iter().find(|(name, _)| name.starts_with(UNKNOWN)) {
        Some((name, _)) => Evidence::wrong("Bundle.link.where(relation = 'self')", "only parameters that were used", code(name)),
        None => Evidence::fine(),
    }
}
