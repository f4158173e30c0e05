//! An exchange as a `curl` command that repeats it.

use super::clean::clean;
use super::mask::{mask, mask_value};
use crate::check::exchange::{Exchange, Identity, Payload};

/// The command, for a POSIX shell. The token stays a variable of that shell; member data is masked value by value unless it may be shown.
pub fn curl(exchange: &Exchange, show_member_data: bool) -> String {
    let request = &exchange.request;
    let quote = |text: &str| quote(&clean(text));
    let masked = |text: &str| quote(&mask(text, show_member_data));
    let mut words = vec!["curl".to_owned(), "-sS".to_owned()];
    if request.method.word() != "GET" {
        words.push(format!("-X {}", request.method.word()));
    }
    if request.identity == Identity::Member {
        words.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    if request.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("accept")) {
        words.push("-H 'Accept: application/fhir+json'".to_owned());
    }
    words.extend(request.headers.iter().map(|(name, value)| format!("-H {}", masked(&format!("{name}: {value}")))));
    match &request.payload {
        Some(Payload::Form(pairs)) => {
            let value = |name: &str, value: &str| if show_member_data { value.to_owned() } else { mask_value(name, value) };
            words.extend(pairs.iter().map(|(name, text)| format!("--data-urlencode {}", quote(&format!("{name}={}", value(name, text))))));
        }
        Some(Payload::Json(body)) => {
            let body = if show_member_data { body } else { "@resource.json" };
            if request.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("content-type")) {
                words.push("-H 'Content-Type: application/fhir+json'".to_owned());
            }
            words.push(format!("--data {}", quote(body)));
        }
        None => {}
    }
    words.push(masked(&exchange.url));
    words.join(" ")
}

/// In single quotes, in which only the single quote itself is special.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::exchange::{Request, SendError};

    fn exchange(request: Request, url: &str) -> Exchange {
        let result = Err(SendError::Cancelled);
        Exchange { request, url: url.to_owned(), result, attempts: 1, retries: Vec::new(), started: String::new(), duration_ms: 0.0 }
    }

    #[test]
    fn a_url_cannot_break_out_of_its_quotes() {
        let line = curl(&exchange(Request::get("x"), "https://a.example/x?a='; rm -rf /"), true);
        assert!(line.ends_with(r"'https://a.example/x?a='\''; rm -rf /'"), "{line}");
        assert!(line.contains("$TOKEN"));
    }

    #[test]
    fn an_anonymous_request_names_no_token_and_a_form_is_sent_as_one() {
        let mut request = Request::get("Patient/_search");
        request.identity = Identity::Anonymous;
        request.payload = Some(Payload::Form(vec![("name".to_owned(), "Roe".to_owned())]));
        let exchange = exchange(request, "https://a.example/Patient/_search");
        let line = curl(&exchange, true);
        assert!(!line.contains("TOKEN") && line.contains("--data-urlencode 'name=Roe'"), "{line}");
        assert!(curl(&exchange, false).contains("--data-urlencode 'name=***' 'https://a.example/Patient/_search'"));
    }
}
