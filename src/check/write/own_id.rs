//! `write.own-id`

use super::{location::id_in, writes};
use crate::check::exchange::Payload;
use crate::check::outcome::Evidence;
use crate::check::said::said;
use crate::check::{Check, Subject};
use crate::fhir::json::Value;
use crate::fhir::resource;

/// The check.
pub const CHECK: Check = Check {
    id: "write.own-id",
    summary: "a create gives the resource an id of the server's own",
    why: "R4 http.html#create: if an id is provided, the server SHALL ignore it.",
    accepts: r#"{"about": {"type": "Patient"}, "steps": [{"request": "POST Patient", "sent": {"resourceType": "Patient", "id": "mine"}, "status": 201, "headers": {"location": "Patient/1"}}]}"#,
    rejects: r#"{"about": {"type": "Patient"}, "steps": [{"request": "POST Patient", "sent": {"resourceType": "Patient", "id": "mine"}, "status": 201, "headers": {"location": "Patient/mine"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let sent = writes(subject);
    let Some((create, response)) = sent.first().and_then(|exchange| Some((exchange, exchange.response()?))) else {
        return Evidence::nothing("nothing was sent");
    };
    let Some(Payload::Json(text)) = &create.request.payload else { return Evidence::nothing("the create carried nothing") };
    let body: Option<Value> = serde_json::from_str(text).ok();
    let Some(given) = body.as_ref().and_then(resource::id_of) else { return Evidence::nothing("the create named no id") };
    // A server may also refuse what names an id, since it need not take every resource.
    if !(200..300).contains(&response.status) {
        return Evidence::nothing(said!("the create was answered with status {}", response.status));
    }
    let located = response.header("location").and_then(|location| id_in(location, subject.resource_type()));
    match located.or_else(|| response.resource().and_then(|body| resource::id_of(body))) {
        Some(id) if id == given => Evidence::wrong("Location", "an id of the server's own", "the id that the body named"),
        Some(_) => Evidence::fine(),
        None => Evidence::nothing("the server does not say which id it gave"),
    }
}
