//! `write.several-refused`

use super::{is_done, said, writes};
use crate::check::outcome::Evidence;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "write.several-refused",
    summary: "a conditional create is refused where several resources meet its condition",
    why: "R4 http.html#ccreate: on multiple matches the server returns 412 Precondition Failed, for the condition was not selective enough.",
    accepts: r#"{"about": {"type": "Coverage"}, "sample": {"resourceType": "Coverage", "id": "1"}, "made": {"type": "Coverage", "id": "n"}, "steps": [{"request": "POST Coverage", "sent": {}, "status": 201}, {"request": "POST Coverage", "sent": {}, "status": 412}]}"#,
    rejects: r#"{"about": {"type": "Coverage"}, "sample": {"resourceType": "Coverage", "id": "1"}, "made": {"type": "Coverage", "id": "n"}, "steps": [{"request": "POST Coverage", "sent": {}, "status": 201}, {"request": "POST Coverage", "sent": {}, "status": 201}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let (Some(_), [first, second, ..]) = (&subject.binding.made, &*writes(subject)) else {
        return Evidence::nothing("there are no two that could meet the condition");
    };
    let Some(response) = second.response().filter(|_| is_done(first)) else { return Evidence::nothing("the first was not made") };
    if response.status == 412 {
        return Evidence::fine();
    }
    Evidence::wrong("POST with If-None-Exist, HTTP status", "412", said(response))
}
