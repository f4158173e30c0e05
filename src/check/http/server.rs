//! `http.server`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.server",
    summary: "no header tells the version of the software behind the server",
    why: "RFC 9110 section 10.2.4: a server should not describe its software in needless detail, which helps to find those that can be attacked.",
    accepts: r#"{"steps": [{"request": "GET metadata", "status": 200, "headers": {"server": "nginx"}}]}"#,
    rejects: r#"{"steps": [{"request": "GET metadata", "status": 200, "headers": {"server": "nginx/1.22.1"}}]}"#,
    run,
};

/// Headers in which software names itself.
const TELLING: [&str; 4] = ["server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version"];

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    let mut evidence = Evidence::fine();
    for name in TELLING {
        if let Some(value) = response.header(name).filter(|value| value.contains(|c: char| c.is_ascii_digit())) {
            evidence.deviation(said!("header {}", code(name)), "no version", code(value));
        }
    }
    evidence
}
