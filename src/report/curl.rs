//! An exchange as a `curl` command that repeats it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::clean::clean;
use super::mask::{mask, mask_value};
use crate::check::exchange::{Exchange, Identity, Method, Payload};

/// The command, for a POSIX shell. The token stays a variable of that shell; member data is masked value by value unless it may be shown.
pub fn curl(exchange: &Exchange, show_member_data: bool) -> String {
    let request = &exchange.request;
    let quote = |text: &str| quote(&clean(text));
    let masked = |text: &str| quote(&mask(text, show_member_data));
    let mut words = vec!["curl".to_owned(), "-sS".to_owned()];
    match request.method {
        Method::Get => {}
        // With -X HEAD curl would wait for a body.
        Method::Head => words.push("--head".to_owned()),
        other => words.push(format!("-X {}", other.word())),
    }
    if let Some(authorization) = authorization(request.identity) {
        words.push(format!("-H \"Authorization: {authorization}\""));
    }
    let has = |wanted: &str| request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if !has("accept") {
        words.push("-H 'Accept: application/fhir+json'".to_owned());
    }
    words.extend(request.headers.iter().map(|(name, value)| format!("-H {}", masked(&format!("{name}: {value}")))));
    match &request.payload {
        Some(Payload::Form(pairs)) => {
            let value = |name: &str, value: &str| if show_member_data { value.to_owned() } else { mask_value(name, value) };
            let pair = |(name, text): &(String, String)| format!("{}={}", encoded(name), value(name, text));
            words.extend(pairs.iter().map(|named| format!("--data-urlencode {}", quote(&pair(named)))));
            if pairs.is_empty() {
                words.push("--data ''".to_owned());
            }
        }
        Some(Payload::Json(body)) => {
            if !has("content-type") {
                words.push("-H 'Content-Type: application/fhir+json'".to_owned());
            }
            // Only a body that is shown must not be taken for the name of a file.
            words.push(if show_member_data { format!("--data-raw {}", quote(body)) } else { "--data @resource.json".to_owned() });
        }
        None => {}
    }
    if has("accept-encoding") {
        words.push("--compressed".to_owned());
    }
    if exchange.url.contains(['[', ']', '{', '}']) {
        words.push("--globoff".to_owned());
    }
    if exchange.url.contains("/.") {
        words.push("--path-as-is".to_owned());
    }
    // The token that stands in the URL is the one of the shell, too.
    words.push(masked(&exchange.url).replace("access_token=***", "access_token='\"$TOKEN\"'"));
    words.join(" ")
}

/// The `Authorization` header of an identity, with the variables of a shell.
fn authorization(identity: Identity) -> Option<&'static str> {
    match identity {
        Identity::Member => Some("Bearer $TOKEN"),
        Identity::Anonymous | Identity::TokenInQuery => None,
        Identity::MalformedToken => Some("Bearer this is no token"),
        Identity::OtherScheme => Some("Basic $TOKEN"),
        Identity::AlteredToken => Some("Bearer $ALTERED_TOKEN"),
        Identity::ExpiredToken => Some("Bearer $EXPIRED_TOKEN"),
        Identity::ForeignToken => Some("Bearer $FOREIGN_TOKEN"),
        Identity::OtherMember => Some("Bearer $OTHER_TOKEN"),
    }
}

/// A parameter's name as a form carries it: curl encodes only what follows the sign of equality.
fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string().replace("%5F", "_").replace("%2D", "-").replace("%2E", ".").replace("%3A", ":")
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
    fn what_curl_itself_would_read_into_a_line_is_kept_from_it() {
        let line = curl(&exchange(Request::get("x"), "https://a.example/x/../y?code={a}|[1-3]"), true);
        assert!(line.ends_with("--globoff --path-as-is 'https://a.example/x/../y?code={a}|[1-3]'"), "{line}");
        let mut request = Request::get("Patient").header("Content-Type", "application/json-patch+json");
        request.method = Method::Patch;
        request.payload = Some(Payload::Json("@secret".to_owned()));
        let line = curl(&exchange(request, "https://a.example/Patient/1"), true);
        assert!(line.contains("-X PATCH") && line.contains("--data-raw '@secret'") && !line.contains("fhir+json' --data"), "{line}");
        let mut request = Request::get("Patient/_search");
        request.method = Method::Post;
        request.payload = Some(Payload::Form(vec![("name:exact=x".to_owned(), "a&b".to_owned())]));
        assert!(curl(&exchange(request, "https://a.example/Patient/_search"), true).contains("--data-urlencode 'name:exact%3Dx=a&b'"));
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
