//! `facts.page`

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use crate::check::outcome::Evidence;
use crate::check::said::url;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "facts.page",
    summary: "a page that everybody should be able to read is shown without a sign-in",
    why: "42 CFR 422.119(d), 431.60(d) and their siblings: complete accompanying documentation is publicly accessible by hyperlink, without any preconditions or additional steps; and so are the resources that tell members about privacy and security.",
    accepts: r#"{"steps": [{"request": "GET developers", "status": 200, "headers": {"content-type": "text/html"}, "text": "<p>Read and search. No grant_type=password.</p>"}]}"#,
    rejects: r#"{"steps": [{"request": "GET developers", "status": 200, "headers": {"content-type": "text/html"}, "text": "<form><input type='password'></form>"}]}"#,
    run,
};

/// Words of a page below which a field for a password is what the page is about, and not a sign-in at the edge of it.
const FEW: usize = 60;

fn run(subject: &Subject<'_>) -> Evidence {
    let Some(exchange) = subject.exchange() else { return Evidence::nothing("nothing was asked") };
    let Some(response) = exchange.response() else { return Evidence::nothing("there was no answer") };
    let at = || url(&exchange.url);
    if response.status != 200 {
        return Evidence::wrong(at(), 200_usize, usize::from(response.status));
    }
    if response.bytes.iter().all(u8::is_ascii_whitespace) {
        return Evidence::wrong(at(), "the page itself", "nothing");
    }
    let page = Page::read(&String::from_utf8_lossy(&response.bytes));
    if page.asks_for_password && page.words < FEW {
        return Evidence::wrong(at(), "the page itself", "a form that asks for a password");
    }
    Evidence::fine()
}

/// What a reader sees of a page.
#[derive(Default)]
struct Page {
    words: usize,
    asks_for_password: bool,
}

impl Page {
    fn read(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        // What stands in a script is no markup.
        emitter.naively_switch_states(true);
        let (mut page, mut hidden) = (Self::default(), false);
        for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
            match token {
                Token::StartTag(tag) => {
                    hidden |= is_hidden(&tag.name);
                    let kind = tag.attributes.get(b"type".as_slice()).filter(|_| tag.name.eq_ignore_ascii_case(b"input"));
                    page.asks_for_password |= kind.is_some_and(|kind| kind.eq_ignore_ascii_case(b"password"));
                }
                Token::EndTag(tag) => hidden &= !is_hidden(&tag.name),
                Token::String(text) if !hidden => page.words += String::from_utf8_lossy(&text).split_whitespace().count(),
                _ => {}
            }
        }
        page
    }
}

fn is_hidden(tag: &[u8]) -> bool {
    [b"script".as_slice(), b"style", b"title"].iter().any(|name| tag.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::{FEW, Page};

    #[test]
    fn a_sign_in_at_the_edge_of_a_page_is_not_the_page() {
        let sign_in = Page::read("<title>Docs</title><form>User <input name='user'>Password <input type='PASSWORD'></form>");
        assert!(sign_in.asks_for_password && sign_in.words == 2);
        let text = "grant_type=password is refused. ".repeat(FEW);
        let page = Page::read(&format!("<script>let form = '<input type=password>';</script><p>{text}</p>"));
        assert!(!page.asks_for_password && page.words > FEW);
        let page = Page::read(&format!("<header><input type=password></header><p>{text}</p>"));
        assert!(page.asks_for_password && page.words > FEW);
    }
}
