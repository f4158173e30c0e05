//! `report.html`: one page for people that needs nothing else: no script, no outside resource. Everything foreign in it is escaped.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use super::Reporter;
use super::clean::clean;
use super::cpcds;
use super::files::write_whole;
use super::groups::Groups;
use super::record::{Record, rank, shown};
use super::recorded::{Case, Finished, Recorded};
use super::requirements::{Requirements, Row, Status};
use super::spool::Spool;
use super::support;
use crate::check::outcome::Outcome;
use crate::run::event::{Tally, Verdict};

const TEMPLATE: &str = include_str!("../../reports/report.html");
/// Case ids told of one requirement; the others are in `results.json`.
const MOST_CASES_TOLD: usize = 5;

/// The reporter.
pub struct Html {
    path: PathBuf,
    /// By guide and resource type.
    groups: Groups,
    /// By their places in the plan.
    cases: Vec<Option<Told>>,
    /// A line of the list of all for each case.
    items: Spool,
    /// Those that a person should look at, in full.
    articles: Spool,
}

/// What orders and counts a case. There is one for each, so that it has to be small.
#[derive(Clone, Copy)]
struct Told {
    outcome: Outcome,
    known: bool,
}

impl Html {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf) -> Self {
        Self {
            items: Spool::beside(&path.with_extension("items")),
            articles: Spool::beside(&path.with_extension("articles")),
            path,
            groups: Groups::default(),
            cases: Vec::new(),
        }
    }

    fn add(&mut self, index: usize, case: &Case) -> io::Result<()> {
        let record = Record::new(case);
        self.items.put(index, &item(index, &record))?;
        if record.attention {
            self.articles.put(index, &article(index, &record))?;
        }
        self.groups.put(index, &record.group());
        if self.cases.len() <= index {
            self.cases.resize(index + 1, None);
        }
        if let Some(slot) = self.cases.get_mut(index) {
            *slot = Some(Told { outcome: record.outcome, known: record.known.is_some() });
        }
        Ok(())
    }

    /// Everything on the page but the cases.
    fn words(&self, finished: &Finished<'_>) -> Vec<(&'static str, String)> {
        let Finished { start, end, requirements: account, evidence } = finished;
        let facts = &start.facts;
        let guides = facts.guides.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let catalogues = start.catalogues.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let verdict = serde_json::to_value(end.verdict).ok();
        vec![
            ("version", escape(&start.tool.version)),
            ("verdict", word(end.verdict).to_owned()),
            ("verdict-class", verdict.as_ref().and_then(|value| value.as_str()).unwrap_or_default().to_owned()),
            ("because", escape(&end.because)),
            ("target", escape(&facts.target)),
            ("guides", escape(&guides)),
            ("catalogues", escape(&catalogues)),
            ("started", escape(&facts.started)),
            ("seconds", format!("{:.1}", end.duration_ms / 1000.0)),
            ("requests", end.requests.to_string()),
            ("tally", tally(end.tally)),
            ("requirements-line", account.line().map(|line| format!("<p>{line}</p>")).unwrap_or_default()),
            ("attention-count", self.articles.numbers().len().to_string()),
            ("requirements", requirements(account)),
            ("cpcds", cpcds::section(&end.cpcds)),
            ("must-support", support::section(&end.must_support)),
            ("masked", masked(facts.show_member_data).to_owned()),
            ("evidence", evidence.map(|sha256| format!("SHA-256 of events.ndjson: {}", escape(sha256))).unwrap_or_default()),
        ]
    }

    fn page(&mut self, finished: &Finished<'_>, out: &mut dyn Write) -> io::Result<()> {
        let words = self.words(finished);
        fill(TEMPLATE, out, &mut |name, out| match name {
            "attention" => self.attention(out),
            "groups" => self.groups(out),
            _ => words.iter().find(|(known, _)| *known == name).map_or(Ok(()), |(_, word)| out.write_all(word.as_bytes())),
        })
    }

    /// The worst first.
    fn attention(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut numbers = self.articles.numbers();
        numbers.sort_by_key(|number| self.cases.get(*number).copied().flatten().map(|told| rank(told.outcome)));
        if numbers.is_empty() {
            out.write_all(b"<p>Nothing.</p>")?;
        }
        numbers.into_iter().try_for_each(|number| out.write_all(self.articles.get(number)?.as_bytes()))
    }

    /// Every case, folded by guide and resource type, in the plan's order.
    fn groups(&mut self, out: &mut dyn Write) -> io::Result<()> {
        for (name, members) in self.groups.in_order() {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            members
                .iter()
                .filter_map(|index| *self.cases.get(*index)?)
                .for_each(|told| *counts.entry(shown(told.outcome, told.known)).or_default() += 1);
            let counts = counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ");
            let name = escape(name);
            write!(out, "<details><summary><b>{name}</b> <span class=\"soft\">{counts}</span></summary><ul class=\"cases\">")?;
            for index in members {
                out.write_all(self.items.get(index)?.as_bytes())?;
            }
            out.write_all(b"</ul></details>\n")?;
        }
        Ok(())
    }
}

/// The rows of every list, folded by how they stand.
fn requirements(account: &Requirements) -> String {
    let mut page = String::new();
    for status in Status::ALL {
        let of: Vec<_> = account.iter().filter(|row| row.status() == status).collect();
        if !of.is_empty() {
            let open = if status == Status::Violated { " open=\"\"" } else { "" };
            page.push_str(&format!(
                "<details{open}><summary><b>{}</b> <span class=\"soft\">{}</span></summary><table><thead><tr><th>Requirement</th><th>Verb</th>\
                 <th>What is asked</th><th>Answer</th></tr></thead><tbody>{}</tbody></table></details>\n",
                status.word(),
                of.len(),
                of.into_iter().map(requirement).collect::<String>()
            ));
        }
    }
    if page.is_empty() { "<p>No case names one.</p>".to_owned() } else { page }
}

/// One row of a list.
fn requirement(row: &Row) -> String {
    let ids = |ids: &BTreeSet<String>| {
        let told: Vec<&str> = ids.iter().take(MOST_CASES_TOLD).map(String::as_str).collect();
        let more = ids.len().saturating_sub(MOST_CASES_TOLD);
        format!("{}{}", escape(&told.join(", ")), if more > 0 { format!(" and {more} more") } else { String::new() })
    };
    let mut answer = row.why().map(|why| escape(&why)).unwrap_or_default();
    if !row.violated_by.is_empty() {
        answer.push_str(&format!("<b>broken</b> in <span class=\"id\">{}</span> ", ids(&row.violated_by)));
    }
    if !row.verified_by.is_empty() {
        answer.push_str(&format!("holds in <span class=\"id\">{}</span>", ids(&row.verified_by)));
    }
    format!(
        "<tr><td class=\"id\">{}</td><td>{}</td><td>{} <span class=\"soft\">{}</span></td><td>{answer}</td></tr>",
        escape(&row.told.id),
        row.verb(),
        escape(&row.told.text),
        escape(row.told.section.as_deref().unwrap_or_default())
    )
}

/// Lets `put` write what stands for each `{{name}}`, in one pass, so that a value that looks like a name stays a value.
fn fill(template: &str, out: &mut dyn Write, put: &mut dyn FnMut(&str, &mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.write_all(before.as_bytes())?;
        let Some((name, after)) = after.split_once("}}") else { break };
        put(name, out)?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// Foreign text as HTML text or attribute value.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in clean(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character => escaped.push(character),
        }
    }
    escaped
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Conformant => "CONFORMANT",
        Verdict::Deviates => "DEVIATES",
        Verdict::NotMeasured => "NOT MEASURED",
    }
}

fn masked(shows: bool) -> &'static str {
    if shows {
        "This page shows member data: keep it as you keep claims."
    } else {
        "Member data is masked: values as ***, ids as ~ and a pseudonym. The curl lines take the token from the shell variable TOKEN and what is masked from variables; with --show-member-data they are whole."
    }
}

fn tally(tally: Tally) -> String {
    let parts = [
        (Outcome::Pass, tally.pass, "passed"),
        (Outcome::Fail, tally.fail, "failed"),
        (Outcome::Warn, tally.warn, "warned"),
        (Outcome::Inconclusive, tally.inconclusive, "inconclusive"),
        (Outcome::NotApplicable, tally.not_applicable, "not applicable"),
        (Outcome::Error, tally.error, "in error"),
    ];
    parts.iter().map(|(outcome, count, words)| format!("<li class=\"{}\"><b>{count}</b> {words}</li>", outcome.word())).collect()
}

/// A case that a person should look at, in full.
fn article(index: usize, record: &Record) -> String {
    let class = record.outcome.word();
    let mut block = format!(
        "<article id=\"case-{index}\" class=\"{class}\"><h3><span class=\"word {class}\">{class}</span> <span class=\"id\">{}</span></h3>\n<p>{}</p>\n<p class=\"soft\">{} · {:.3} s</p>\n",
        escape(&record.id),
        escape(&record.title),
        escape(&record.asked),
        record.seconds
    );
    if let Some(reason) = &record.reason {
        block.push_str(&format!("<p>{}</p>\n", escape(reason)));
    }
    for [check, at, expected, actual] in &record.findings {
        block.push_str(&format!(
            "<p><code>{}</code> at <code>{}</code></p><dl><dt>expected</dt><dd>{}</dd><dt>actual</dt><dd>{}</dd></dl>\n",
            escape(check),
            escape(at),
            escape(expected),
            escape(actual)
        ));
    }
    if record.more_findings > 0 {
        block.push_str(&format!("<p>and {} more findings</p>\n", record.more_findings));
    }
    if !record.exchanges.is_empty() {
        let of = record.exchanges.len() + record.more_exchanges;
        let open = if of == 1 { " open=\"open\"" } else { "" };
        block.push_str(&format!("<details{open}><summary>Requests ({of})</summary>\n"));
        for (line, command) in &record.exchanges {
            block.push_str(&format!("<p>{}</p><pre>{}</pre>\n", escape(line), escape(command)));
        }
        if record.more_exchanges > 0 {
            block.push_str(&format!("<p>and {} more</p>\n", record.more_exchanges));
        }
        block.push_str("</details>\n");
    }
    block.push_str("</article>\n");
    block
}

/// A case in the list of all.
fn item(index: usize, record: &Record) -> String {
    let class = record.word();
    let id = format!("<span class=\"id\">{}</span>", escape(&record.id));
    let id = if record.attention { format!("<a href=\"#case-{index}\">{id}</a>") } else { id };
    let why = record.known.as_ref().map(|known| format!("known: {known}")).or_else(|| record.reason.clone());
    let why = why.map(|why| format!("<br/>{}", escape(&why))).unwrap_or_default();
    format!(
        "<li><span class=\"word {class}\">{class}</span> {id}<p class=\"soft\">{} · {} · {:.3} s{why}</p></li>\n",
        escape(&record.title),
        escape(&record.asked),
        record.seconds
    )
}

impl Reporter for Html {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        match event {
            Recorded::Case { index, case, .. } => self.add(*index, case),
            Recorded::Finished(finished) => {
                let path = self.path.clone();
                write_whole(&path, |file| self.page(finished, file))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::recorded::{End, Start};

    #[test]
    fn a_value_is_never_read_as_a_name() {
        let mut page = Vec::new();
        let values = [("a", "{{b}}"), ("b", "secret")];
        let mut put = |name: &str, out: &mut dyn Write| {
            values.iter().filter(|(known, _)| *known == name).try_for_each(|(_, value)| out.write_all(value.as_bytes()))
        };
        fill("<{{a}}|{{b}}|{{none}}>", &mut page, &mut put).unwrap();
        assert_eq!(String::from_utf8(page).unwrap(), "<{{b}}|secret|>");
    }

    #[test]
    fn every_name_in_the_template_has_a_value() {
        let mut page = Vec::new();
        let (start, end, requirements) = (Start::default(), end(), Requirements::default());
        let finished = Finished { start: &start, end: &end, requirements: &requirements, evidence: None };
        Html::new(PathBuf::new()).page(&finished, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert!(!page.contains("{{") && page.contains("NOT MEASURED") && page.contains("Nothing."), "{page}");
        for name in TEMPLATE.split("{{").skip(1).filter_map(|part| part.split_once("}}")).map(|(name, _)| name) {
            let source = include_str!("html.rs");
            let (value, arm) = (format!("(\"{name}\", "), format!("\"{name}\" => "));
            assert!(source.contains(&value) || source.contains(&arm), "{name} has no value");
        }
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<b onclick='x'>&\"\u{1b}"), "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;\\u{1b}");
    }

    fn end() -> End {
        End {
            tally: Tally::default(),
            verdict: Verdict::NotMeasured,
            because: "no case examined anything".to_owned(),
            stop: crate::run::event::StopReason::Completed,
            finished: String::new(),
            duration_ms: 0.0,
            requests: 0,
            harvested: Vec::new(),
            must_support: Vec::new(),
            cpcds: Vec::new(),
            stale: Vec::new(),
            left: Vec::new(),
        }
    }
}
