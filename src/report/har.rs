//! `evidence.har`: the requests and answers of the cases that a person should look at, as an HTTP Archive 1.2, which browsers and proxies open.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::{Value, json};
use url::Url;

use super::Reporter;
use super::clean::clean;
use super::files::write_whole;
use super::recorded::{Case, Exchange, Finished, Got, Payload, Recorded, Sent};
use super::spool::Spool;

/// What an archive says of a type that is not known.
const UNKNOWN_TYPE: &str = "x-unknown";

/// The reporter.
pub struct Har {
    path: PathBuf,
    /// The entries of each case, a line each.
    entries: Spool,
}

impl Har {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf) -> Self {
        Self { entries: Spool::beside(&path), path }
    }

    fn add(&mut self, index: usize, case: &Case) -> io::Result<()> {
        let entries: Vec<String> = case.exchanges.iter().map(|exchange| entry(case, exchange).to_string()).collect();
        if entries.is_empty() { Ok(()) } else { self.entries.put(index, &entries.join(",\n")) }
    }

    fn write(&mut self, finished: &Finished<'_>) -> io::Result<()> {
        let tool = &finished.start.tool;
        let creator = json!({"name": tool.name, "version": tool.version});
        let (path, numbers) = (self.path.clone(), self.entries.numbers());
        write_whole(&path, |file| {
            write!(file, "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"entries\":[")?;
            for (place, number) in numbers.iter().enumerate() {
                file.write_all(if place == 0 { b"\n" } else { b",\n" })?;
                file.write_all(self.entries.get(*number)?.as_bytes())?;
            }
            file.write_all(b"\n]}}\n")
        })
    }
}

impl Reporter for Har {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        match event {
            Recorded::Case { index, case, .. } if case.needs_attention() => self.add(*index, case),
            Recorded::Finished(finished) => self.write(finished),
            _ => Ok(()),
        }
    }
}

/// One request with its answer; a status of 0 says that there was none.
fn entry(case: &Case, exchange: &Exchange) -> Value {
    let mut comment = format!("{}: {}", case.id, case.outcome.word());
    if let Some(error) = &exchange.error {
        comment.push_str(&format!("; {error}"));
    }
    json!({
        "startedDateTime": exchange.started,
        "time": exchange.duration_ms,
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        // Only the whole is measured.
        "timings": {"send": 0, "wait": exchange.duration_ms, "receive": 0},
        "comment": clean(&comment),
    })
}

fn request(exchange: &Exchange) -> Value {
    let url = Url::parse(&exchange.url).ok();
    let pairs = url.iter().flat_map(Url::query_pairs).map(|(name, value)| pair(&name, &value));
    let sent = exchange.sent.as_ref();
    let mut request = json!({
        "method": exchange.method,
        "url": clean(&exchange.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(sent.map_or(&[][..], |sent| &sent.headers)),
        "queryString": pairs.collect::<Vec<_>>(),
        "headersSize": -1,
        "bodySize": -1,
    });
    if let Some(body) = sent.and_then(posted) {
        request["postData"] = body;
    }
    request
}

/// What was sent in the body.
fn posted(sent: &Sent) -> Option<Value> {
    let kind = header(&sent.headers, "content-type");
    if let Some(form) = &sent.form {
        let params: Vec<Value> = form.iter().map(|(name, value)| pair(name, value)).collect();
        return Some(json!({"mimeType": kind.unwrap_or("application/x-www-form-urlencoded"), "params": params}));
    }
    let body = sent.body.as_ref()?;
    Some(noted(json!({"mimeType": clean(kind.unwrap_or(UNKNOWN_TYPE)), "text": text(body)}), body))
}

fn response(exchange: &Exchange) -> Value {
    let got = exchange.got.as_ref();
    let mut content = json!({
        "size": exchange.bytes.unwrap_or_default(),
        "mimeType": clean(exchange.content_type.as_deref().unwrap_or(UNKNOWN_TYPE)),
    });
    if let Some(body) = got.and_then(|got| got.body.as_ref()) {
        content["text"] = json!(text(body));
        content = noted(content, body);
    }
    json!({
        "status": exchange.status.unwrap_or_default(),
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(got.map_or(&[][..], |got: &Got| &got.headers)),
        "content": content,
        "redirectURL": got.and_then(|got| header(&got.headers, "location")).map(clean).unwrap_or_default(),
        "headersSize": -1,
        "bodySize": -1,
    })
}

/// A body, its ends of lines kept.
fn text(body: &Payload) -> String {
    body.text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// With what became of the rest of a body.
fn noted(mut value: Value, body: &Payload) -> Value {
    if let Some(note) = &body.note {
        value["comment"] = json!(clean(note));
    }
    value
}

fn headers(headers: &[(String, String)]) -> Vec<Value> {
    headers.iter().map(|(name, value)| pair(name, value)).collect()
}

fn header<'h>(headers: &'h [(String, String)], wanted: &str) -> Option<&'h str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
}

fn pair(name: &str, value: &str) -> Value {
    json!({"name": clean(name), "value": clean(value)})
}
