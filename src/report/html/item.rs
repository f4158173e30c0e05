//! A case in the list of all.

use super::super::record::Record;
use super::escape;
use crate::check::outcome::Level;

/// Its line. That of a case that a person should look at leads to where it stands in full; any other is what a link to the case finds.
pub fn item(level: Level, record: &Record) -> String {
    let (word, id) = (record.word(), escape(&record.id));
    let place = if record.attention { String::new() } else { format!(" id=\"{id}\"") };
    let why = record.known.as_ref().map(|known| format!("known: {known}")).or_else(|| record.reason.clone());
    let why = why.map(|why| format!("<br/>{}", escape(&why))).unwrap_or_default();
    format!(
        "<li{place} data-item=\"\" data-outcome=\"{word}\" data-level=\"{}\"><span class=\"word {word}\">{word}</span> <a class=\"id\" href=\"#{id}\">{id}</a>\
         <p class=\"soft\">{} · {} · {:.3} s{why}</p></li>\n",
        level.word(),
        escape(&record.title),
        escape(&record.asked),
        record.seconds
    )
}
