//! An exchange as a `curl` command that repeats it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::clean::clean;
use super::mask::{Mask, Piece};
use crate::check::exchange::{Exchange, Identity, Method, Payload};

/// A command for a POSIX shell, and the variables that it takes what is masked from. The token is in the variable `TOKEN`.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// The command.
    pub text: String,
    /// Each variable with the value that makes the command repeat the exchange.
    pub variables: Vec<(String, String)>,
}

/// The command for an exchange. What the mask hides stands in it as a variable: an id as `$id_` and its pseudonym, which is the same in
/// every line, and anything else as `$of_` and the name of its parameter or header.
pub fn curl(exchange: &Exchange, mask: &Mask) -> Line {
    let request = &exchange.request;
    let mut line = Line::default();
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
    for (name, value) in &request.headers {
        let pieces = after(format!("{name}: "), mask.cut_header(request, name, value));
        words.push(format!("-H {}", line.word(&pieces, mask)));
    }
    match &request.payload {
        Some(Payload::Form(pairs)) => {
            for (name, value) in pairs {
                let pieces = after(format!("{}=", encoded(name)), mask.cut_parameter(request, name, value));
                words.push(format!("--data-urlencode {}", line.word(&pieces, mask)));
            }
            if pairs.is_empty() {
                words.push("--data ''".to_owned());
            }
        }
        Some(Payload::Json(body)) => {
            if !has("content-type") {
                words.push("-H 'Content-Type: application/fhir+json'".to_owned());
            }
            // With --data a body could be taken for the name of a file.
            let body = if mask.shows() { quote(&clean(body)) } else { format!("\"${{{}}}\"", line.variable("resource".to_owned(), body)) };
            words.push(format!("--data-raw {body}"));
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
    let url = line.word(&mask.cut_url(&exchange.url), mask);
    // The token that stands in the URL is the one of the shell, too.
    let token = if url.starts_with('"') { "access_token=$TOKEN" } else { "access_token='\"$TOKEN\"'" };
    words.push(url.replace("access_token=***", token));
    line.text = words.join(" ");
    line
}

impl Line {
    /// One word: in single quotes, in which only the single quote itself is special, or with variables in double quotes.
    fn word(&mut self, pieces: &[Piece], mask: &Mask) -> String {
        if pieces.iter().all(|piece| matches!(piece, Piece::Shown(_))) {
            return quote(&clean(&mask.plain(pieces)));
        }
        let mut word = "\"".to_owned();
        for piece in pieces {
            match piece {
                Piece::Shown(text) => {
                    for character in clean(text).chars() {
                        if matches!(character, '"' | '\\' | '$' | '`') {
                            word.push('\\');
                        }
                        word.push(character);
                    }
                }
                Piece::Hidden { text, .. } => word.push_str(&format!("${{{}}}", self.variable(mask.variable(piece), text))),
            }
        }
        word.push('"');
        word
    }

    /// A name under which this value can stand: one line may hide two values of one parameter.
    fn variable(&mut self, wanted: String, value: &str) -> String {
        let mut name = wanted.clone();
        let mut count = 1;
        while let Some((_, held)) = self.variables.iter().find(|(known, _)| *known == name) {
            if held == value {
                return name;
            }
            count += 1;
            name = format!("{wanted}_{count}");
        }
        self.variables.push((name.clone(), value.to_owned()));
        name
    }
}

fn after(start: String, pieces: Vec<Piece>) -> Vec<Piece> {
    std::iter::once(Piece::Shown(start)).chain(pieces).collect()
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
    use crate::report::mask::tests::{hiding, showing};

    fn exchange(request: Request, url: &str) -> Exchange {
        let result = Err(SendError::Cancelled);
        Exchange { request, url: url.to_owned(), result, attempts: 1, retries: Vec::new(), started: String::new(), duration_ms: 0.0 }
    }

    #[test]
    fn a_url_cannot_break_out_of_its_quotes() {
        let line = curl(&exchange(Request::get("x"), "https://a.example/x?a='; rm -rf /"), &showing()).text;
        assert!(line.ends_with(r"'https://a.example/x?a='\''; rm -rf /'"), "{line}");
        assert!(line.contains("$TOKEN"));
    }

    #[test]
    fn what_curl_itself_would_read_into_a_line_is_kept_from_it() {
        let line = curl(&exchange(Request::get("x"), "https://a.example/x/../y?code={a}|[1-3]"), &showing()).text;
        assert!(line.ends_with("--globoff --path-as-is 'https://a.example/x/../y?code={a}|[1-3]'"), "{line}");
        let mut request = Request::get("Patient").header("Content-Type", "application/json-patch+json");
        request.method = Method::Patch;
        request.payload = Some(Payload::Json("@secret".to_owned()));
        let line = curl(&exchange(request, "https://a.example/Patient/1"), &showing()).text;
        assert!(line.contains("-X PATCH") && line.contains("--data-raw '@secret'") && !line.contains("fhir+json' --data"), "{line}");
        let mut request = Request::get("Patient/_search");
        request.method = Method::Post;
        request.payload = Some(Payload::Form(vec![("name:exact=x".to_owned(), "a&b".to_owned())]));
        assert!(
            curl(&exchange(request, "https://a.example/Patient/_search"), &showing())
                .text
                .contains("--data-urlencode 'name:exact%3Dx=a&b'")
        );
    }

    #[test]
    fn an_anonymous_request_names_no_token_and_a_form_is_sent_as_one() {
        let mut request = Request::get("Patient/_search");
        request.identity = Identity::Anonymous;
        request.payload = Some(Payload::Form(vec![("name".to_owned(), "Roe".to_owned())]));
        let exchange = exchange(request, "https://a.example/Patient/_search");
        let line = curl(&exchange, &showing()).text;
        assert!(!line.contains("TOKEN") && line.contains("--data-urlencode 'name=Roe'"), "{line}");
        let masked = curl(&exchange, &hiding());
        assert!(masked.text.contains("--data-urlencode \"name=${of_name}\" 'https://a.example/Patient/_search'"), "{}", masked.text);
        assert_eq!(masked.variables, [("of_name".to_owned(), "Roe".to_owned())]);
    }

    #[test]
    fn what_is_masked_is_a_variable_and_nothing_else_in_its_word_acts() {
        let url = "https://a.example/Patient/jane-1/$everything?_since=2020-01-02&x=a`b&family=Roe&family=Doe";
        let line = curl(&exchange(Request::get("x"), url), &hiding());
        let id = line.variables.first().map(|(name, _)| name.clone()).unwrap();
        assert!(id.starts_with("id_"), "{id}");
        let wanted = format!(
            "\"https://a.example/Patient/${{{id}}}/\\$everything?_since=${{of__since}}&x=${{of_x}}&family=${{of_family}}&family=${{of_family_2}}\""
        );
        assert!(line.text.ends_with(&wanted.replace("of__since", "of_since")), "{}\n{wanted}", line.text);
        let values: Vec<&str> = line.variables.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["jane-1", "2020-01-02", "a`b", "Roe", "Doe"]);
    }
}
