//! A case that a person should look at, in full.

use super::super::clean::shorten;
use super::super::record::{MOST_EXCHANGES, Record, line};
use super::super::recorded::{Case, Exchange, Payload};
use super::escape;

/// Deviations from the same expectation that are not folded.
const MOST_ALIKE: usize = 3;
/// Characters of a body that the page shows; `results.json` has more.
const MOST_BODY: usize = 4000;

/// Its block, which a link to the case finds.
pub fn article(case: &Case, record: &Record) -> String {
    let (class, id) = (record.outcome.word(), escape(&record.id));
    let mut block = format!(
        "<article id=\"{id}\" class=\"{class}\"><h3><span class=\"word {class}\">{class}</span> <a class=\"id\" href=\"#{id}\">{id}</a></h3>\n\
         <p>{}</p>\n<p class=\"soft\">{} · {:.3} s</p>\n",
        escape(&record.title),
        escape(&record.asked),
        record.seconds
    );
    if let Some(reason) = &record.reason {
        block.push_str(&format!("<p>{}</p>\n", escape(reason)));
    }
    record.findings.chunk_by(|[check, at, expected, _], next| [check, at, expected] == [&next[0], &next[1], &next[2]]).for_each(|alike| {
        block.push_str(&findings(alike));
    });
    if record.more_findings > 0 {
        block.push_str(&format!("<p>and {} more findings</p>\n", record.more_findings));
    }
    let shown = case.exchanges.len().min(MOST_EXCHANGES);
    let of = case.exchanges.len() + case.more_exchanges;
    if of > 0 {
        let open = if of == 1 { " open=\"\"" } else { "" };
        block.push_str(&format!("<details{open}><summary>Requests ({of})</summary>\n"));
        case.exchanges.iter().take(shown).for_each(|one| block.push_str(&exchange(one)));
        if of > shown {
            block.push_str(&format!("<p>and {} more</p>\n", of - shown));
        }
        block.push_str("</details>\n");
    }
    block.push_str("</article>\n");
    block
}

/// Deviations from the same expectation at the same place.
fn findings(alike: &[[String; 4]]) -> String {
    let Some([check, at, expected, _]) = alike.first() else { return String::new() };
    let actual = |finding: &[String; 4]| format!("<dd>{}</dd>", escape(&finding[3]));
    let (first, more) = alike.split_at(alike.len().min(MOST_ALIKE));
    let mut block = format!(
        "<p><code>{}</code> at <code>{}</code></p><dl><dt>expected</dt><dd>{}</dd><dt>actual</dt><dd>{}</dd></dl>\n",
        escape(check),
        escape(at),
        escape(expected),
        first.iter().map(|finding| escape(&finding[3])).collect::<Vec<_>>().join("<br/>")
    );
    if !more.is_empty() {
        let more_of_them: String = more.iter().map(actual).collect();
        block.push_str(&format!(
            "<details class=\"raw\"><summary>{} more of the same</summary><dl><dt>actual</dt>{more_of_them}</dl></details>\n",
            more.len()
        ));
    }
    block
}

/// A request with its answer, as far as they may be shown, and the command that repeats it.
fn exchange(exchange: &Exchange) -> String {
    let mut block = format!("<p>{}</p>", escape(&line(exchange)));
    if let Some(command) = &exchange.curl {
        block.push_str(&format!("<pre>{}</pre>", escape(command)));
    }
    let mut whole = String::new();
    if let Some(sent) = &exchange.sent {
        let form = sent.form.iter().flatten().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("\n");
        whole.push_str(&message("Request", &sent.headers, Some(form).filter(|form| !form.is_empty()), sent.body.as_ref()));
    }
    if let Some(got) = &exchange.got {
        whole.push_str(&message("Response", &got.headers, None, got.body.as_ref()));
    }
    if !whole.is_empty() {
        block.push_str(&format!("<details class=\"raw\"><summary>Request and response</summary>{whole}</details>"));
    }
    block.push('\n');
    block
}

/// Headers and body of a message.
fn message(name: &str, headers: &[(String, String)], form: Option<String>, body: Option<&Payload>) -> String {
    let mut text: String = headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let mut note = None;
    let shown = form.map(|form| (form, None)).or_else(|| body.map(|body| (shorten(&body.text, MOST_BODY), body.note.clone())));
    if let Some((body, of_body)) = shown {
        text.push_str(&format!("\n{body}"));
        note = of_body;
    }
    if text.is_empty() {
        return String::new();
    }
    // What is cleaned has its ends of lines, which are ours, put back.
    let lines: Vec<String> = text.lines().map(escape).collect();
    let note = note.map(|note| format!("<p class=\"soft\">{}</p>", escape(&note))).unwrap_or_default();
    format!("<p class=\"soft\">{name}</p><pre>{}</pre>{note}", lines.join("\n"))
}
