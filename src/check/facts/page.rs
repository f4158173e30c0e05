//! `facts.page`

use crate::check::outcome::Evidence;
use crate::check::said::url;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.page",
    summary: "a page that everybody should be able to read is shown without a sign-in",
    why: "42 CFR 422.119(d), 431.60(d) and their siblings: complete accompanying documentation is publicly accessible by hyperlink, without any preconditions or additional steps; and so are the resources that tell members about privacy and security.",
    accepts: r#"{"steps": [{"request": "GET developers", "status": 200, "headers": {"content-type": "text/html"}, "text": "<p>Read and search.</p>"}]}"#,
    rejects: r#"{"steps": [{"request": "GET developers", "status": 200, "headers": {"content-type": "text/html"}, "text": "<form><input type='password'></form>"}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(exchange) = subject.exchange() else { return Evidence::nothing("nothing was asked") };
    let Some(response) = exchange.response() else { return Evidence::nothing("there was no answer") };
    let at = || url(&exchange.url);
    if response.status != 200 {
        return Evidence::wrong(at(), 200_usize, usize::from(response.status));
    }
    let text = String::from_utf8_lossy(&response.bytes).to_ascii_lowercase().replace(['"', '\''], "");
    if text.contains("type=password") {
        return Evidence::wrong(at(), "the page itself", "a form that asks for a password");
    }
    if text.trim().is_empty() {
        return Evidence::wrong(at(), "the page itself", "nothing");
    }
    Evidence::fine()
}
