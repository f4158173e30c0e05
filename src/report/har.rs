//! `evidence.har`: the requests and answers of the cases that a person should look at, as an HTTP Archive 1.2, which browsers and proxies open.

use std::io::{self, Write};
use std::path::PathBuf;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::{Url, form_urlencoded};

use super::Reporter;
use super::clean::clean;
use super::files::write_whole;
use super::recorded::{Case, Exchange, Finished, Got, Payload, Recorded, Sent};
use super::spool::Spool;
use crate::check::exchange::Identity;
use crate::fhir::json::{Value, json};

/// What an archive says of a type that is not known.
const UNKNOWN_TYPE: &str = "x-unknown";
/// The type of a form's fields.
const FORM: &str = "application/x-www-form-urlencoded";

/// Characters that no URI has (RFC 3986 section 2).
const FOREIGN: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');
/// Those, and brackets, which stand around a host alone.
const BRACKETS: &AsciiSet = &FOREIGN.add(b'[').add(b']');

/// The reporter.
pub struct Har {
    path: PathBuf,
    /// The FHIR base, below which a URL is that could not be sent.
    base: String,
    /// The entries of each case, a line each.
    entries: Spool,
}

impl Har {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf) -> Self {
        Self { entries: Spool::beside(&path), path, base: String::new() }
    }

    fn add(&mut self, index: usize, case: &Case) -> io::Result<()> {
        let entries: Vec<String> = case.exchanges.iter().map(|exchange| entry(case, exchange, &self.base).to_string()).collect();
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
            Recorded::Started(start) => {
                self.base.clone_from(&start.facts.target);
                Ok(())
            }
            Recorded::Case { index, case, .. } if case.needs_attention() => self.add(*index, case),
            Recorded::Finished(finished) => self.write(finished),
            _ => Ok(()),
        }
    }
}

/// One request with its answer; a status of 0 says that there was none.
fn entry(case: &Case, exchange: &Exchange, base: &str) -> Value {
    let mut comment = format!("{}: {}", case.id, case.outcome.word());
    if let Some(error) = &exchange.error {
        comment.push_str(&format!("; {error}"));
    }
    json!({
        "startedDateTime": exchange.started,
        "time": exchange.duration_ms,
        "request": request(exchange, base),
        "response": response(exchange),
        "cache": {},
        // Only the whole is measured.
        "timings": {"send": 0, "wait": exchange.duration_ms, "receive": 0},
        "comment": clean(&comment),
    })
}

fn request(exchange: &Exchange, base: &str) -> Value {
    let url = absolute(&exchange.url, base);
    let query = url.split('#').next().and_then(|before| before.split_once('?')).map_or("", |(_, query)| query);
    let pairs = form_urlencoded::parse(query.as_bytes()).map(|(name, value)| pair(&name, &value));
    let sent = exchange.sent.as_ref();
    let mut request = json!({
        "method": exchange.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": sent.map(sent_headers).unwrap_or_default(),
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
        // An archive has it as a text or in its parts, and Chromium reads the text.
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        return Some(json!({"mimeType": clean(kind.unwrap_or(FORM)), "text": text}));
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
    let mut response = json!({
        "status": exchange.status.unwrap_or_default(),
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(got.map_or(&[][..], |got: &Got| &got.headers)),
        "content": content,
        "redirectURL": got.and_then(|got| header(&got.headers, "location")).map(clean).unwrap_or_default(),
        "headersSize": -1,
        "bodySize": -1,
    });
    if let Some(error) = &exchange.error {
        // The name by which Chromium's own archives say why a request failed.
        response["_error"] = json!(clean(error));
    }
    response
}

/// A URL that is one, whatever a server made of it.
fn absolute(url: &str, base: &str) -> String {
    let is_web = (url.starts_with("http://") || url.starts_with("https://")) && Url::parse(url).is_ok();
    let whole = if is_web { url.to_owned() } else { format!("{base}/{}", url.trim_start_matches('/')) };
    let start = whole.find("://").map_or(0, |at| at + 3);
    let host = whole.get(start..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(whole.len(), |at| start + at);
    let (before, after) = whole.split_at_checked(host).unwrap_or((&whole, ""));
    format!("{}{}", utf8_percent_encode(before, FOREIGN), utf8_percent_encode(after, BRACKETS))
}

/// The headers, with the type by which a form is read and with what stands for the credentials.
fn sent_headers(sent: &Sent) -> Vec<Value> {
    let mut all = headers(&sent.headers);
    if sent.form.is_some() && header(&sent.headers, "content-type").is_none() {
        all.push(pair("content-type", FORM));
    }
    if header(&sent.headers, "authorization").is_none() && !matches!(sent.identity, Identity::Anonymous | Identity::TokenInQuery) {
        all.push(json!({"name": "authorization", "value": "***", "comment": format!("as {}", sent.identity.word())}));
    }
    all
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
