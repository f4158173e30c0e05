//! Attacks that lead the run elsewhere, make it wait, or send text that acts where it is shown.

use serde_json::json;

use super::attacks::{Attack, LIVE, READ, attack};
use super::material::{at, json_bytes, live_statement, redirect, search, sound};
use super::server::{Act, response};

/// Those attacks.
pub const LURES: &[Attack] = &[
    // Leading the run elsewhere.
    attack!(
        "redirect-loop",
        |places, seen| at(seen, "Patient/p1", || redirect(&format!("{}/redirect-loop/fhir/Patient/p1", places.own))),
        0,
        Some((READ, "inconclusive")),
        "in a circle"
    ),
    attack!(
        "redirect-without-end",
        |places, seen| if seen.path.contains("Patient/p1") {
            redirect(&format!("{}/redirect-without-end/fhir/Patient/p1?{}", places.own, seen.before))
        } else {
            sound(seen)
        },
        0,
        Some((READ, "inconclusive")),
        "in a row"
    ),
    attack!(
        "redirect-to-private-network",
        |places, seen| at(seen, "Patient/p1", || redirect(&format!("{}/steal", places.foreign))),
        0,
        Some((READ, "inconclusive")),
        "--allow-origin"
    ),
    attack!(
        "redirect-to-metadata-service",
        |_, seen| at(seen, "Patient/p1", || redirect("http://169.254.169.254/latest/meta-data/")),
        0,
        Some((READ, "inconclusive")),
        "--allow-origin"
    ),
    attack!(
        "redirect-to-file",
        |_, seen| at(seen, "Patient/p1", || redirect("file:///etc/passwd")),
        0,
        Some((READ, "inconclusive")),
        "neither http nor https"
    ),
    attack!(
        "redirect-with-credentials",
        |places, seen| at(seen, "Patient/p1", || redirect(&format!("http://user:pass@{}/x", places.foreign.trim_start_matches("http://")))),
        0,
        Some((READ, "inconclusive")),
        "credentials"
    ),
    attack!(
        "redirect-of-metadata",
        |places, seen| at(seen, "metadata", || redirect(&format!("{}/metadata", places.foreign))),
        3,
        None,
        "--allow-origin"
    ),
    attack!(
        "foreign-next",
        |places, seen| search(seen, |bundle| bundle["link"] = json!([{"relation": "next", "url": format!("{}/next", places.foreign)}])),
        1,
        Some(("r4.Coverage.search-type.paging", "fail")),
        ""
    ),
    attack!(
        "next-to-file",
        |_, seen| search(seen, |bundle| bundle["link"] = json!([{"relation": "next", "url": "file:///etc/passwd"}])),
        1,
        Some(("r4.Coverage.search-type.paging", "fail")),
        ""
    ),
    attack!(
        "next-without-end",
        |places, seen| search(seen, |bundle| bundle["link"] =
            json!([{"relation": "next", "url": format!("{}/next-without-end/fhir/Coverage?page={}", places.own, seen.before)}])),
        1,
        Some(("r4.Coverage.search-type.paging", "inconclusive")),
        ""
    ),
    attack!(
        "next-in-a-circle",
        |places, seen| search(seen, |bundle| bundle["link"] =
            json!([{"relation": "next", "url": format!("{}/next-in-a-circle/fhir/Coverage?page=1", places.own)}])),
        1,
        Some(("r4.Coverage.search-type.paging", "fail")),
        ""
    ),
    attack!(
        "javascript-links",
        |_, seen| search(seen, |bundle| {
            bundle["link"] =
                json!([{"relation": "next", "url": "javascript:alert(1)"}, {"relation": "self", "url": "javascript:alert(2)"}]);
            bundle["entry"][0]["fullUrl"] = json!("javascript:alert(3)");
        }),
        1,
        Some(("r4.Coverage.search-type.full-url", "fail")),
        ""
    ),
    attack!(
        "references-to-private-network",
        |places, seen| search(seen, |bundle| bundle["entry"][0]["resource"]["payor"] =
            json!([{"reference": format!("{}/Organization/1", places.foreign)}, {"reference": "http://169.254.169.254/Organization/1"}])),
        0,
        Some((READ, "pass")),
        ""
    ),
    // Waiting, for ever.
    attack!(
        "retry-after-for-ever",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(response("429 Too Many Requests", &[("retry-after", "1000000000")], b""))]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "too-many-requests-for-ever",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(response("429 Too Many Requests", &[("retry-after", "0")], b""))]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "unavailable-for-ever",
        |_, _| vec![Act::Send(response("503 Service Unavailable", &[("retry-after", "99999999999999999999")], b""))],
        1,
        None,
        ""
    ),
    // Text that acts, in every string.
    attack!("live-text-in-statement", |_, seen| at(seen, "metadata", || json_bytes(live_statement().to_string().as_bytes())), 3, None, ""),
    attack!(
        "live-text-in-outcome",
        |_, seen| at(seen, "Patient/p1", || {
            vec![Act::Send(response("500 Internal Server Error", &[("content-type", "application/fhir+json")], json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": LIVE, "diagnostics": LIVE, "details": {"text": LIVE}}]}).to_string().as_bytes()))]
        }),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "live-text-in-headers",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(response(
            "200 <script>alert(1)</script>",
            &[
                ("content-type", "text/<script>alert(1)</script>\u{1b}[2J"),
                ("etag", "<img src=x onerror=alert(2)>"),
                ("location", "javascript:alert(3)"),
                ("server", "=cmd|' /C calc'!A1 <script>1.0</script>")
            ],
            b"<script>alert(1)</script>"
        ))]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "live-text-in-resource",
        |_, seen| search(seen, |bundle| {
            bundle["entry"][0]["resource"] = json!({"resourceType": "Coverage", "id": LIVE, "status": LIVE, LIVE: LIVE, "type": {"coding": [{"system": LIVE, "code": LIVE, "display": LIVE}]}, "text": {"status": "generated", "div": LIVE}});
            bundle["entry"][0]["search"] = json!({"mode": LIVE});
            bundle["type"] = json!(LIVE);
            bundle["link"] = json!([{"relation": LIVE, "url": LIVE}]);
        }),
        1,
        Some(("r4.Coverage.search-type.searchset", "fail")),
        ""
    ),
    attack!(
        "live-text-in-type",
        |_, seen| at(seen, "Patient/p1", || json_bytes(json!({"resourceType": LIVE, "id": LIVE}).to_string().as_bytes())),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "ids-that-climb",
        |_, seen| search(seen, |bundle| {
            bundle["entry"][0]["resource"]["id"] = json!("../../../../tmp/owned");
            bundle["entry"][0]["fullUrl"] = json!("http://x/../../Coverage/..%2f..%2fowned");
        }),
        1,
        Some(("r4.Coverage.conforms", "fail")),
        ""
    ),
];
