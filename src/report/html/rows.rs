//! The requirement lists on the page.

use std::collections::BTreeSet;

use super::super::requirements::{Requirements, Row, Status};
use super::escape;

/// Case ids told of one requirement; the others are in `results.json`.
const MOST_CASES_TOLD: usize = 5;

/// The rows of every list, folded by how they stand.
pub fn section(account: &Requirements) -> String {
    let mut page = String::new();
    for status in Status::ALL {
        let of: Vec<_> = account.iter().filter(|row| row.status() == status).collect();
        if !of.is_empty() {
            let open = if status == Status::Violated { " open=\"\"" } else { "" };
            page.push_str(&format!(
                "<details{open}><summary><b class=\"{word}\">{word}</b> <span class=\"soft\">{}</span></summary><table class=\"rows\"><thead><tr>\
                 <th scope=\"col\">Requirement</th><th scope=\"col\">Verb</th><th scope=\"col\">What is asked</th><th scope=\"col\">Answer</th></tr>\
                 </thead><tbody>{}</tbody></table></details>\n",
                of.len(),
                of.into_iter().map(row).collect::<String>(),
                word = status.word(),
            ));
        }
    }
    if page.is_empty() { "<p>No case names one.</p>".to_owned() } else { format!("<div id=\"rows\">{page}</div>") }
}

/// How rows stand, as far as any does.
pub fn statuses(account: &Requirements) -> impl Iterator<Item = &'static str> {
    Status::ALL.into_iter().filter(|status| account.iter().any(|row| row.status() == *status)).map(Status::word)
}

/// The verbs of all rows.
pub fn verbs(account: &Requirements) -> BTreeSet<&str> {
    account.iter().map(Row::verb).collect()
}

/// One row of a list.
fn row(row: &Row) -> String {
    let mut answer = row.why().map(|why| format!("<p>{}</p>", escape(&why))).unwrap_or_default();
    for (how, ids) in [("<b>broken</b>", &row.violated_by), ("holds", &row.verified_by)] {
        if !ids.is_empty() {
            answer.push_str(&format!("<p>{how} in {}</p>", cases(ids)));
        }
    }
    let id = escape(&row.told.id);
    format!(
        "<tr id=\"{id}\" data-item=\"\" data-status=\"{}\" data-verb=\"{verb}\"><td class=\"id\">{id}</td><td>{verb}</td><td>{} <span class=\"soft\">{}</span>\
         </td><td>{answer}</td></tr>",
        row.status().word(),
        escape(&row.told.text),
        escape(row.told.section.as_deref().unwrap_or_default()),
        verb = escape(row.verb()),
    )
}

/// Links to the first cases.
fn cases(ids: &BTreeSet<String>) -> String {
    let told = ids.iter().take(MOST_CASES_TOLD).map(|id| format!("<a class=\"id\" href=\"#{id}\">{id}</a>", id = escape(id)));
    let more = ids.len().saturating_sub(MOST_CASES_TOLD);
    let told = told.collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{told} and {more} more") } else { told }
}
