//! `tls.hsts`

use super::{UNTRIED, origins};
use crate::check::outcome::Evidence;
use crate::check::said::{foreign, url};
use crate::check::{Check, Subject};

/// The header.
const HEADER: &str = "strict-transport-security";

/// The check.
pub const CHECK: Check = Check {
    id: "tls.hsts",
    summary: "each origin tells browsers to come by https only",
    why: "RFC 6797 section 7.1: a server that is to be reached by secure channels only says so with Strict-Transport-Security.",
    accepts: r#"{"transport": [{"origin": "https://a.example", "secure": {"request": "GET metadata", "status": 200, "headers": {"strict-transport-security": "max-age=31536000"}}}]}"#,
    rejects: r#"{"transport": [{"origin": "https://a.example", "secure": {"request": "GET metadata", "status": 200, "headers": {"strict-transport-security": "max-age=0"}}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some(UNTRIED.into()), ..Evidence::default() };
    for origin in origins(subject) {
        let Some(response) = origin.secure.response() else { continue };
        evidence.examined += 1;
        let stated = response.header(HEADER);
        if !stated.is_some_and(lasts) {
            let actual = stated.map_or_else(|| "no such header".into(), foreign);
            evidence.deviation(url(&origin.origin), "Strict-Transport-Security with a max-age above 0", actual);
        }
    }
    evidence
}

fn lasts(header: &str) -> bool {
    let directives = header.split(';').filter_map(|directive| directive.trim().split_once('='));
    let ages = directives.filter(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"));
    ages.filter_map(|(_, age)| age.trim().trim_matches('"').parse::<u64>().ok()).any(|age| age > 0)
}
