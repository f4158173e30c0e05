//! `http.allow`

use crate::check::outcome::Evidence;
use crate::check::said::{code, said};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "http.allow",
    summary: "a refusal of a method with 405 lists the methods that are taken",
    why: "RFC 9110 section 15.5.6: a server that answers 405 has to send an Allow header with the methods that the target takes.",
    accepts: r#"{"steps": [{"request": "PUT metadata", "status": 405, "headers": {"allow": "GET, HEAD"}}]}"#,
    rejects: r#"{"steps": [{"request": "PUT metadata", "status": 405}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(response) = subject.response() else { return Evidence::nothing("there was no response") };
    if response.status != 405 {
        return Evidence::nothing(said!("the request was answered with status {}, not 405", response.status));
    }
    let asked = subject.exchange().map(|exchange| exchange.request.method.word()).unwrap_or_default();
    match response.header("allow") {
        // An empty list is one: nothing is taken (RFC 9110 section 10.2.1).
        Some(allow) if super::listed(allow).any(|method| method.eq_ignore_ascii_case(asked)) => {
            Evidence::wrong("header allow", said!("a list without the refused method {}", code(asked)), code(allow))
        }
        Some(_) => Evidence::fine(),
        None => Evidence::wrong("header allow", "the methods that are taken, such as GET, HEAD", "no allow header"),
    }
}
