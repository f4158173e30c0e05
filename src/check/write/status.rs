//! `write.status`

use super::{said, writes};
use crate::check::exchange::Method;
use crate::check::outcome::Evidence;
use crate::check::said::{Said, code};
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "write.status",
    summary: "a write is answered with the status of its interaction",
    why: "R4 http.html#create, #update, #patch, #delete: 201 for what was made, 200 for what was changed, 200, 202 or 204 for what was deleted, unless the case says otherwise.",
    accepts: r#"{"steps": [{"request": "POST Patient", "status": 201}, {"request": "GET Patient/1", "status": 200}]}"#,
    rejects: r#"{"steps": [{"request": "POST Patient", "status": 200}, {"request": "GET Patient/1", "status": 200}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Some((exchange, response)) = writes(subject).last().and_then(|exchange| Some((*exchange, exchange.response()?))) else {
        return Evidence::nothing("nothing was written");
    };
    let usual: &[u16] = match exchange.request.method {
        Method::Post => &[201],
        Method::Delete => &[200, 202, 204],
        _ => &[200],
    };
    let allowed = if subject.about.statuses.is_empty() { usual } else { &subject.about.statuses };
    if allowed.contains(&response.status) {
        return Evidence::fine();
    }
    let expected = Said::joined(allowed.iter().map(|status| Said::from(*status)), " or ");
    Evidence::wrong(said!("{}, HTTP status", code(exchange.request.method.word())), expected, said(response))
}
