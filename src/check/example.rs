//! The examples that every check carries, in a short JSON form, turned into what a check judges.
//!
//! Keys, all optional: `about` {type, interaction, param, value, statuses, on, that, operation}, `statement` (a CapabilityStatement), `sample`
//! (a harvested resource), `others` (further harvested resources), `value` (the search value), `scope` [param, value], `made` {type, id,
//! version}, `steps` [{request, asked, sent, form, as, status, headers, body, xml, broken}], one exchange each: `asked` are headers of the
//! request, `form` is a form that it carries, `as` is whose credentials it carries, `xml` is a body in that format, `text` one of no format, `broken` why there is no
//! answer; `members` (ids of those whom the credentials cover), `other-patient`; `sign-in` {asked, returned, state-returned, id-token,
//! rotated, endpoints}; `transport` [{origin, old, secure, plain}]; `facts` (as in `[facts]` of `payerspec.toml`), `as-of` (the day by whose
//! rules is judged), `patient` (the member's id).

use std::sync::Arc;

use super::about::{About, Assertion};
use super::counts::Counts;
use super::exchange::{Body, Exchange, Identity, Method, Payload, Request, Response, SendError};
use super::outcome::Evidence;
use super::said::words;
use super::samples::Scope;
use super::sign_in::{SignIn, StatedEndpoint};
use super::transport::{Hello, OLD, Origin, Transport};
use super::{Binding, Check, Declared, Made, Rights, Samples, Subject, Verdicts, Word};
use crate::fhir::capability::Capability;
use crate::fhir::document::Document;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::guide::Catalogue;

const BASE: &str = "http://example.org/fhir";

/// Runs a check on one of its examples.
///
/// # Errors
/// The example is not JSON.
pub fn judge(check: &Check, example: &str, catalogue: &Arc<Catalogue>) -> Result<Evidence, serde_json::Error> {
    let example: Value = serde_json::from_str(example)?;
    let about = about(&example);
    let steps: Vec<Vec<Arc<Exchange>>> =
        example.get("steps").and_then(Value::as_array).into_iter().flatten().map(|step| vec![Arc::new(exchange(step))]).collect();
    let sample = example.get("sample").cloned().map(Arc::new);
    let mut samples = Samples::default();
    if let Some(sample) = &sample {
        samples.add(sample.clone());
    }
    for other in example.get("others").and_then(Value::as_array).into_iter().flatten() {
        samples.add(Arc::new(other.clone()));
    }
    let scope = example.get("scope").and_then(|scope| Some((scope.get(0)?.as_str()?.to_owned(), scope.get(1)?.as_str()?.to_owned())));
    if let (Some((param, _)), Some(resource_type)) = (&scope, sample.as_deref().and_then(resource::type_of)) {
        samples.set_scope(resource_type, Scope { param: param.clone(), complete: true });
    }
    let made = example.get("made").map(|made| Made {
        resource_type: text(made, "type").unwrap_or_default(),
        id: text(made, "id").unwrap_or_default(),
        version: text(made, "version"),
    });
    let binding = Binding { sample, value: text(&example, "value"), scope, made, ..Binding::default() };
    let statement = example.get("statement").cloned().map(Arc::new);
    let sign_in = example.get("sign-in").map(|told| Arc::new(sign_in(told)));
    let transport = example.get("transport").map(|told| Arc::new(transport(told)));
    let facts = example.get("facts").map(|told| crate::fhir::json::from_value(told.clone())).transpose()?.map(Arc::new).unwrap_or_default();
    let as_of = example.get("as-of").map(|told| crate::fhir::json::from_value(told.clone())).transpose()?;
    let capability = statement.as_deref().map(Capability::read);
    let declared = Declared { capability, statement, sign_in, transport, facts, as_of, ..Declared::default() };
    let members = example.get("members").and_then(Value::as_array).into_iter().flatten();
    let members: Vec<String> = members.filter_map(|id| id.as_str().map(str::to_owned)).collect();
    let rights = Rights::new(catalogue, [&samples], members, text(&example, "other-patient"), BASE);
    samples.patient = text(&example, "patient");
    let records = [(samples, Verdicts::new(Arc::clone(catalogue)))];
    let [(samples, verdicts)] = &records;
    let subject = Subject {
        about: &about,
        steps: &steps,
        binding: &binding,
        samples,
        verdicts,
        records: &records,
        counts: &Counts::default(),
        declared: &declared,
        catalogue,
        page_limit: 10,
        base: BASE,
        rights: &rights,
    };
    Ok(check.judge(&subject))
}

fn about(example: &Value) -> About {
    let Some(about) = example.get("about") else { return About::default() };
    let shared = |name: &str| text(about, name).map(Word::from);
    let statuses = about.get("statuses").and_then(Value::as_array).into_iter().flatten();
    About {
        resource_type: shared("type"),
        interaction: shared("interaction"),
        param: shared("param"),
        value: shared("value"),
        operation: about.get("operation").and_then(|operation| crate::fhir::json::from_value(operation.clone()).ok()).map(Arc::new),
        assertion: text(about, "on").zip(text(about, "that")).map(|(on, that)| Arc::new(Assertion { on, that })),
        statuses: Arc::new(statuses.filter_map(Value::as_u64).filter_map(|status| u16::try_from(status).ok()).collect()),
        ..About::default()
    }
}

fn sign_in(told: &Value) -> SignIn {
    let pairs = |name: &str| {
        let pairs = told.get(name).and_then(Value::as_object).into_iter().flatten();
        pairs.map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned())).collect()
    };
    let texts = |value: &'_ Value| value.as_array().cloned().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned));
    let endpoints = told.get("endpoints").and_then(Value::as_array).into_iter().flatten();
    SignIn {
        asked: pairs("asked"),
        returned: pairs("returned"),
        state_returned: told.get("state-returned").and_then(Value::as_bool),
        id_token: told.get("id-token").map(|problems| texts(problems).map(words).collect()),
        rotated: told.get("rotated").and_then(Value::as_bool),
        endpoints: endpoints
            .map(|endpoint| StatedEndpoint {
                name: "token",
                configuration: text(endpoint, "configuration"),
                statement: text(endpoint, "statement"),
            })
            .collect(),
        ..SignIn::default()
    }
}

fn transport(told: &Value) -> Transport {
    let hello = |word: &Value| match word.as_str() {
        Some("accepted") => Hello::Accepted,
        Some("refused") => Hello::Refused,
        _ => Hello::Unclear("no answer".to_owned()),
    };
    let origin = |told: &Value| Origin {
        origin: text(told, "origin").unwrap_or_default(),
        old: OLD.iter().filter_map(|(version, _)| Some((*version, hello(told.get("old")?.get(version)?)))).collect(),
        secure: Arc::new(exchange(told.get("secure").unwrap_or(&Value::Null))),
        plain: told.get("plain").map(|plain| Arc::new(exchange(plain))),
    };
    Transport { origins: told.as_array().into_iter().flatten().map(origin).collect() }
}

fn exchange(step: &Value) -> Exchange {
    let line = text(step, "request").unwrap_or_default();
    let (method, url) = line.split_once(' ').unwrap_or(("GET", &line));
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut request = Request::get(path);
    request.method = match method {
        "HEAD" => Method::Head,
        "OPTIONS" => Method::Options,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => Method::Get,
    };
    request.identity = text(step, "as").and_then(|word| Identity::of_word(&word)).unwrap_or_default();
    request.payload = step.get("sent").map(|sent| Payload::Json(sent.to_string()));
    if let Some(form) = step.get("form").and_then(Value::as_object) {
        request.payload = Some(Payload::Form(
            form.iter().map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned())).collect(),
        ));
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request = request.query(name, value);
    }
    for (name, value) in step.get("asked").and_then(Value::as_object).into_iter().flatten() {
        request = request.header(name.as_str(), value.as_str().unwrap_or_default());
    }
    let xml = text(step, "xml");
    let plain = text(step, "text");
    let body = step.get("body").cloned().or_else(|| crate::fhir::xml::to_json(xml.as_deref()?.as_bytes()).ok());
    let bytes = xml.or(plain).or_else(|| body.as_ref().map(Value::to_string)).unwrap_or_default();
    let headers = step.get("headers").and_then(Value::as_object).into_iter().flatten();
    let response = Response {
        packed: None,
        status: step.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok()).unwrap_or(200),
        headers: headers.map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned())).collect(),
        bytes: bytes.into(),
        body: body.map_or(Body::Empty, |body| Body::Resource(Arc::new(Document::from(body)))),
    };
    Exchange {
        url: format!("{BASE}/{url}"),
        request,
        result: match text(step, "broken") {
            Some(reason) => Err(SendError::Connect { origin: BASE.to_owned(), reason }),
            None => Ok(response),
        },
        attempts: 1,
        retries: Vec::new(),
        started: String::new(),
        duration_ms: 0.0,
    }
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::CHECKS;
    use super::*;
    use crate::guide::{GuideId, Sources};

    fn catalogue() -> Arc<Catalogue> {
        let guides = ["hl7.fhir.r4.core#4.0.1", "hl7.fhir.us.carin-bb#2.0.0"].map(|guide| guide.parse::<GuideId>().unwrap());
        Arc::new(Catalogue::load(&guides, &Sources::default()).unwrap())
    }

    #[test]
    fn every_check_accepts_its_good_example() {
        let catalogue = catalogue();
        for check in CHECKS {
            let evidence = judge(check, check.accepts, &catalogue).unwrap();
            assert!(evidence.findings.is_empty(), "{}: {:?}", check.id, evidence.findings);
            assert!(evidence.examined > 0, "{} examined nothing in its good example: {:?}", check.id, evidence.note);
        }
    }

    #[test]
    fn every_check_rejects_its_bad_example() {
        let catalogue = catalogue();
        for check in CHECKS {
            let evidence = judge(check, check.rejects, &catalogue).unwrap();
            assert!(!evidence.findings.is_empty(), "{} lets its bad example pass", check.id);
            assert!(evidence.findings.iter().all(|finding| finding.check == check.id));
        }
    }

    #[test]
    fn checks_are_sorted_and_ids_unique() {
        let ids: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
