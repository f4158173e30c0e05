//! What the proxy changes, and the cases that must see it.

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::{Answer, Asked, Known};

/// One change that the proxy makes to what passes through it.
pub struct Rewrite {
    pub name: &'static str,
    /// Patterns of case ids: each must meet a case that ends badly, and together they must cover all that do.
    pub caught_by: &'static [&'static str],
    pub ask: fn(&mut Asked, &Known),
    pub answer: fn(&Asked, &mut Answer, &Known),
}

const fn answers(name: &'static str, answer: fn(&Asked, &mut Answer, &Known), caught_by: &'static [&'static str]) -> Rewrite {
    Rewrite { name, caught_by, ask: |_, _| {}, answer }
}

const fn asks(name: &'static str, ask: fn(&mut Asked, &Known), caught_by: &'static [&'static str]) -> Rewrite {
    Rewrite { name, caught_by, ask, answer: |_, _, _| {} }
}

pub const REWRITES: &[Rewrite] = &[
    answers("drop the ETag", |_, answer, _| drop(answer.headers.remove(ETAG)), &["*.read.etag", "*.vread.etag"]),
    answers("label everything as bytes", octets, &["*.content-type", "*.charset"]),
    answers(
        "drop the challenge",
        |_, answer, _| drop(answer.headers.remove(WWW_AUTHENTICATE)),
        &["*.read.anonymous.challenge", "*.access.refuses.*", "*.access.token-in-query.*"],
    ),
    answers("swap the first two entries of what is sorted", swap, &["*.sort", "*.sort.*"]),
    answers(
        "cut the last entry of a search by date",
        cut_last,
        &["c4bb.ExplanationOfBenefit.search.service-date*", "*.search.together.*service-date*"],
    ),
    answers(
        "change a digit of an amount in reads",
        change_digit,
        &["c4bb.ExplanationOfBenefit.read.same-content", "*.ExplanationOfBenefit.read.{head,xml}"],
    ),
    answers(
        "rename a key",
        |_, answer, _| replace(answer, "\"subscriberId\":", "\"subscriberID\":"),
        &["c4bb.Coverage.conforms", "c4bb.Coverage.profile.C4BB-Coverage", "*.Coverage.*.xml", "*.facts.*"],
    ),
    answers(
        "write a code in small letters",
        |_, answer, _| replace(answer, "\"code\":\"MB\"", "\"code\":\"mb\""),
        &["c4bb.Patient.profile.C4BB-Patient", "*.conforms", "*.xml", "*.read.pretty", "*.search.identifier.of-type", "*.facts.*"],
    ),
    answers("answer 200 for what is not there", found, &["*.read.unknown-id", "*.vread.unknown-version", "r4.{unknown,unsupported}-type"]),
    answers(
        "answer 404 in HTML",
        html,
        &["*.read.unknown-id.outcome", "*.vread.unknown-version.outcome", "r4.{unknown,unsupported}-type.outcome"],
    ),
    answers(
        "take the issues out of an OperationOutcome",
        no_issue,
        &["*.read.unknown-id.outcome", "*.vread.unknown-version.outcome", "r4.{unknown,unsupported}-type.outcome", "r4.error.xml"],
    ),
    answers(
        "let the next link lead to itself",
        next_to_itself,
        &["*.search-type.paging*", "*.search-type.{count.one,head}", "*.history-instance.paging", "*.sort.then"],
    ),
    answers(
        "strip fullUrl",
        |_, answer, _| each_entry(answer, |entry| drop(entry.remove("fullUrl"))),
        &["*.search-type.{full-url,head}", "*.include.*.page"],
    ),
    answers("strip the self link", no_self_link, &["*.search-type.{self-link,empty,head}"]),
    answers("read under another id", another_id, &["*.read", "*.read.{head,pretty,xml}", "c4bb.facts.cpcds.1.member-id"]),
    answers(
        "count one too many",
        one_too_many,
        &[
            "*.search-type.{total,lenient,xml,head}",
            "*.search-type.total.accurate.given",
            "*.history-instance.xml",
            "*.include.*.total",
            "*.rev-include.*.total",
        ],
    ),
    answers(
        "slip in another member's Coverage",
        inject,
        &["r4.access.compartment", "c4bb.Coverage.search*", "r4.Coverage.search.*", "*.Coverage.include.*.{page,total}"],
    ),
    answers("give a vread another version", another_version, &["*.vread", "*.vread.etag"]),
    answers("drop what is included", drop_included, &["*.include.*", "*.rev-include.*"]),
    answers("strip search.mode where nothing is included", no_mode, &["*.search-type.{search-mode,head,lenient}"]),
    answers("flip the search modes", flip, &["*.include.*"]),
    answers("cut a read in half", half, &["c4bb.Practitioner.read*"]),
    answers(
        "say FHIR R5 in the statement",
        |asked, answer, _| statement(asked, answer, |all| all["fhirVersion"] = json!("4.3.0")),
        &["r4.metadata.fhir-version"],
    ),
    answers(
        "be a client in the statement",
        |asked, answer, _| statement(asked, answer, |all| all["rest"][0]["mode"] = json!("client")),
        &["r4.metadata.rest", "r4.facts.clinical"],
    ),
    answers(
        "offer XML only in the statement",
        |asked, answer, _| statement(asked, answer, |all| all["format"] = json!(["xml"])),
        &["*.metadata.formats", "r4.metadata.{head,xml}"],
    ),
    answers("lose the oldest version of a history", oldest_lost, &["*.history-instance", "*.history-instance.{paging,xml}"]),
    asks("let everybody in", let_in, &["*.read.anonymous", "*.access.refuses.no-token.*", "*.access.token-in-query.read"]),
    asks("ask as another member where one may not", as_other, &["r4.access.{other-member.read,compartment}"]),
    asks("forget the form of a search", |asked, _| asked.body = forget(asked), &["*.search-type.post", "*.search-type.post.several"]),
    asks("forget _include", |asked, _| asked.path = without(&asked.path, "_include"), &["*.include.*"]),
    asks("forget every value but the first", first_value, &["*.or", "*.search-type.elements.kept", "*.sort.then"]),
    asks("forget If-None-Match", |asked, _| drop(asked.headers.remove("if-none-match")), &["*.read.if-none-match"]),
    asks(
        "serve the first page again",
        |asked, _| asked.path = without(&asked.path, "_page"),
        &["*.search-type.paging*", "*.search-type.{count.one,no-duplicates}", "*.sort.*", "*.history-instance.paging"],
    ),
];

fn json_of(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

fn put(answer: &mut Answer, value: &Value) {
    answer.body = Bytes::from(value.to_string());
}

fn replace(answer: &mut Answer, from: &str, to: &str) {
    let text = String::from_utf8_lossy(&answer.body);
    if text.contains(from) {
        answer.body = Bytes::from(text.replace(from, to));
    }
}

/// The segments of the path below the base.
fn segments(asked: &Asked) -> Vec<&str> {
    let path = asked.path.split('?').next().unwrap_or_default();
    path.trim_start_matches("/fhir").split('/').filter(|segment| !segment.is_empty()).collect()
}

fn is_read(asked: &Asked, resource_type: &str) -> bool {
    asked.method == Method::GET && matches!(segments(asked).as_slice(), [found, _] if *found == resource_type)
}

fn asks_for(asked: &Asked, parameter: &str) -> bool {
    let query = asked.path.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| pair.starts_with(&format!("{parameter}=")))
}

fn each_entry(answer: &mut Answer, change: impl Fn(&mut serde_json::Map<String, Value>)) {
    entries(answer, |entries| entries.iter_mut().filter_map(Value::as_object_mut).for_each(&change));
}

fn entries(answer: &mut Answer, change: impl FnOnce(&mut Vec<Value>)) {
    let Some(mut bundle) = json_of(answer).filter(|bundle| bundle["type"] == "searchset") else { return };
    let Some(entries) = bundle.get_mut("entry").and_then(Value::as_array_mut) else { return };
    change(entries);
    if entries.is_empty() {
        bundle.as_object_mut().unwrap().remove("entry");
    }
    put(answer, &bundle);
}

fn octets(_: &Asked, answer: &mut Answer, _: &Known) {
    answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
}

fn swap(asked: &Asked, answer: &mut Answer, _: &Known) {
    if asks_for(asked, "_sort") {
        entries(answer, |entries| {
            if entries.len() > 1 {
                let last = entries.len() - 1;
                entries.swap(0, last);
            }
        });
    }
}

fn cut_last(asked: &Asked, answer: &mut Answer, _: &Known) {
    if asks_for(asked, "service-date") {
        entries(answer, |entries| drop(entries.pop()));
    }
}

fn change_digit(asked: &Asked, answer: &mut Answer, _: &Known) {
    if is_read(asked, "ExplanationOfBenefit")
        && let Some(mut claim) = json_of(answer).filter(|claim| claim["item"][0]["adjudication"][0]["amount"].is_object())
    {
        claim["item"][0]["adjudication"][0]["amount"]["value"] = json!(1.5);
        put(answer, &claim);
    }
}

fn found(_: &Asked, answer: &mut Answer, _: &Known) {
    if answer.status == StatusCode::NOT_FOUND {
        answer.status = StatusCode::OK;
    }
}

fn html(_: &Asked, answer: &mut Answer, _: &Known) {
    if answer.status == StatusCode::NOT_FOUND {
        answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        answer.body = Bytes::from_static(b"<html><body>Not here</body></html>");
    }
}

fn no_issue(_: &Asked, answer: &mut Answer, _: &Known) {
    if answer.status == StatusCode::NOT_FOUND {
        put(answer, &json!({"resourceType": "OperationOutcome"}));
    }
}

fn link<'b>(bundle: &'b mut Value, relation: &str) -> Option<&'b mut Value> {
    bundle.get_mut("link")?.as_array_mut()?.iter_mut().find(|link| link["relation"] == relation)
}

fn next_to_itself(_: &Asked, answer: &mut Answer, _: &Known) {
    let Some(mut bundle) = json_of(answer) else { return };
    let Some(own) = link(&mut bundle, "self").map(|link| link["url"].clone()) else { return };
    if let Some(next) = link(&mut bundle, "next") {
        next["url"] = own;
        put(answer, &bundle);
    }
}

fn no_self_link(_: &Asked, answer: &mut Answer, _: &Known) {
    let Some(mut bundle) = json_of(answer).filter(|bundle| bundle["type"] == "searchset") else { return };
    if let Some(links) = bundle.get_mut("link").and_then(Value::as_array_mut) {
        links.retain(|link| link["relation"] != "self");
        put(answer, &bundle);
    }
}

fn another_id(asked: &Asked, answer: &mut Answer, _: &Known) {
    // The definitions of the payer's own parameters are left alone: they say what the searches mean.
    if let [resource_type, id] = segments(asked).as_slice()
        && *resource_type != "SearchParameter"
        && asked.method == Method::GET
        && answer.status == StatusCode::OK
    {
        let (from, to) = (format!("\"id\":\"{id}\""), format!("\"id\":\"{id}-x\""));
        replace(answer, &from, &to);
    }
}

fn one_too_many(_: &Asked, answer: &mut Answer, _: &Known) {
    let Some(mut bundle) = json_of(answer) else { return };
    if let Some(total) = bundle.get("total").and_then(Value::as_u64) {
        bundle["total"] = json!(total + 1);
        put(answer, &bundle);
    }
}

fn inject(asked: &Asked, answer: &mut Answer, known: &Known) {
    if segments(asked).as_slice() == ["Coverage"] && asks_for(asked, "patient") {
        let coverage: Value = serde_json::from_str(&known.other_coverage).unwrap();
        let host = asked.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
        let full_url = format!("http://{host}/fhir/Coverage/{}", coverage["id"].as_str().unwrap_or_default());
        entries(answer, |entries| entries.push(json!({"fullUrl": full_url, "resource": coverage, "search": {"mode": "match"}})));
    }
}

fn another_version(asked: &Asked, answer: &mut Answer, _: &Known) {
    if let [_, _, "_history", version] = segments(asked).as_slice() {
        let (from, to) = (format!("\"versionId\":\"{version}\""), format!("\"versionId\":\"{version}0\""));
        replace(answer, &from, &to);
    }
}

fn drop_included(_: &Asked, answer: &mut Answer, _: &Known) {
    entries(answer, |entries| entries.retain(|entry| entry["search"]["mode"] != "include"));
}

fn no_mode(asked: &Asked, answer: &mut Answer, _: &Known) {
    if !asks_for(asked, "_include") && !asks_for(asked, "_revinclude") {
        each_entry(answer, |entry| drop(entry.remove("search")));
    }
}

fn flip(asked: &Asked, answer: &mut Answer, _: &Known) {
    if !asks_for(asked, "_include") {
        return;
    }
    each_entry(answer, |entry| {
        let mode = if entry["search"]["mode"] == "match" { "include" } else { "match" };
        entry["search"]["mode"] = json!(mode);
    });
}

fn half(asked: &Asked, answer: &mut Answer, _: &Known) {
    if is_read(asked, "Practitioner") && answer.status == StatusCode::OK {
        answer.body = answer.body.slice(..answer.body.len() / 2);
    }
}

fn statement(asked: &Asked, answer: &mut Answer, change: impl Fn(&mut Value)) {
    if segments(asked).as_slice() == ["metadata"]
        && let Some(mut statement) = json_of(answer).filter(|statement| statement["resourceType"] == "CapabilityStatement")
    {
        change(&mut statement);
        put(answer, &statement);
    }
}

fn oldest_lost(asked: &Asked, answer: &mut Answer, _: &Known) {
    if let [_, _, "_history"] = segments(asked).as_slice()
        && let Some(mut bundle) = json_of(answer)
        && let Some(entries) = bundle.get_mut("entry").and_then(Value::as_array_mut)
    {
        entries.pop();
        put(answer, &bundle);
    }
}

fn let_in(asked: &mut Asked, known: &Known) {
    if !asked.headers.contains_key(AUTHORIZATION) {
        asked.headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {}", known.token)).unwrap());
    }
}

fn as_other(asked: &mut Asked, known: &Known) {
    if segments(asked).as_slice() == ["Patient", "member-2"] {
        asked.headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {}", known.other_token)).unwrap());
    }
}

fn forget(asked: &Asked) -> Bytes {
    if segments(asked).last() == Some(&"_search") { Bytes::new() } else { asked.body.clone() }
}

fn without(path: &str, parameter: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with(&format!("{parameter}="))).collect();
    format!("{path}?{}", kept.join("&"))
}

fn first_value(asked: &mut Asked, _: &Known) {
    let Some((path, query)) = asked.path.split_once('?') else { return };
    let first = |pair: &str| pair.split("%2C").next().and_then(|pair| pair.split(',').next()).unwrap_or_default().to_owned();
    let pairs: Vec<String> = query.split('&').map(first).collect();
    asked.path = format!("{path}?{}", pairs.join("&"));
}
