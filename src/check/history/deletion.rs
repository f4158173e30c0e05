//! `history.deletion`

use super::{entries, said};
use crate::check::exchange::Method;
use crate::check::outcome::Evidence;
use crate::check::write::writes;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "history.deletion",
    summary: "the history of a deleted resource tells of its deletion",
    why: "R4 http.html#history: the history includes deleted resources; entry.request.method tells which interaction made the entry, DELETE for a deletion.",
    accepts: r#"{"made": {"type": "Patient", "id": "1"}, "steps": [{"request": "DELETE Patient/1", "status": 204}, {"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"request": {"method": "DELETE", "url": "Patient/1"}}]}}]}"#,
    rejects: r#"{"made": {"type": "Patient", "id": "1"}, "steps": [{"request": "DELETE Patient/1", "status": 204}, {"request": "GET Patient/1/_history", "status": 200, "body": {"resourceType": "Bundle", "type": "history", "entry": [{"request": {"method": "POST", "url": "Patient"}}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let deleted = writes(subject)
        .last()
        .is_some_and(|exchange| exchange.request.method == Method::Delete && matches!(exchange.status(), Some(200..=299)));
    let [.., history] = subject.steps else { return Evidence::nothing("nothing was sent") };
    if !deleted {
        return Evidence::nothing("nothing was deleted");
    }
    match subject.response() {
        Some(response) if response.status == 200 => {}
        Some(response) => return Evidence::wrong("GET _history after DELETE, HTTP status", "200", response.status),
        None => return Evidence::nothing("there was no response"),
    }
    if entries(history).iter().any(|entry| said(entry, "request", "method") == Some("DELETE")) {
        return Evidence::fine();
    }
    Evidence::wrong("Bundle.entry.request.method", "DELETE in one of the entries", "in none")
}
