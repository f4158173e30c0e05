//! `http.vary`

use crate::check::outcome::Evidence;
use crate::check::said::code;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.vary",
    summary: "an answer whose format was negotiated says that it varies with Accept",
    why: "RFC 9110 section 12.5.5: a server should list in Vary what it chose an answer by, lest a cache give JSON to who asks for XML.",
    accepts: r#"{"steps": [{"request": "GET metadata", "status": 200, "headers": {"vary": "Origin, Accept"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET metadata", "status": 200, "headers": {"vary": "Origin"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response().filter(|response| response.status == 200) else {
        return Evidence::nothing("there was no answer with 200");
    };
    let all =
        |name: &str| response.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(",");
    let (vary, cache) = (all("vary"), all("cache-control"));
    if super::listed(&cache).any(|directive| directive == "no-store") {
        return Evidence::nothing("the answer is not to be kept by any cache");
    }
    if super::listed(&vary).any(|name| name == "accept" || name == "*") {
        return Evidence::fine();
    }
    Evidence::wrong("header vary", "Accept among them", if vary.is_empty() { "no vary header".into() } else { code(vary) })
}
