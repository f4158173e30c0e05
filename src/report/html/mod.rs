//! `report.html`: one page for people that needs nothing else: no outside resource, and no script but its own, without which it shows
//! all the same. Everything foreign in it is escaped.

mod article;
pub mod heat;
mod item;
mod rows;
mod time;
mod unmeasured;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::Reporter;
use super::clean::clean;
use super::cpcds;
use super::files::write_whole;
use super::groups::Groups;
use super::record::{Record, rank, shown};
use super::recorded::{Case, Finished, Recorded};
use super::spool::Spool;
use super::support;
use crate::check::outcome::{Level, Outcome};
use crate::run::event::{Tally, Verdict};
use time::Times;
use unmeasured::Unmeasured;

const TEMPLATE: &str = include_str!("../../../reports/report.html");
const SCRIPT: &str = include_str!("../../../reports/report.js");

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
    unmeasured: Unmeasured,
    times: Times,
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
            unmeasured: Unmeasured::default(),
            times: Times::default(),
        }
    }

    fn add(&mut self, index: usize, case: &Case) -> io::Result<()> {
        let record = Record::new(case);
        self.items.put(index, &item::item(case.level, &record))?;
        if record.attention {
            self.articles.put(index, &article::article(case, &record))?;
        }
        self.unmeasured.count(index, &record);
        self.times.count(index, &record);
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
        let verdict = crate::fhir::json::to_value(end.verdict).ok();
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
            ("resumed", start.resumed().map(|line| format!("<p>{}</p>", escape(&line))).unwrap_or_default()),
            ("tally", tally(end.tally)),
            ("requirements-line", account.lines().iter().map(|line| format!("<p>{line}</p>")).collect()),
            ("attention-count", self.articles.numbers().len().to_string()),
            ("requirements", rows::section(account)),
            ("status-options", options(rows::statuses(account))),
            ("verb-options", options(rows::verbs(account))),
            ("outcome-options", options(self.outcomes())),
            ("level-options", options([Level::Shall, Level::Declared, Level::Should, Level::May].map(Level::word))),
            ("unmeasured", self.unmeasured.section()),
            ("time", self.times.section()),
            ("script", SCRIPT.to_owned()),
            ("script-hash", format!("sha256-{}", STANDARD.encode(digest(&SHA256, SCRIPT.as_bytes())))),
            ("cpcds", cpcds::section(&end.cpcds)),
            ("must-support", support::section(&end.must_support)),
            ("masked", masked(facts.show_member_data).to_owned()),
            ("evidence", evidence.map(|sha256| format!("SHA-256 of events.ndjson: {}", escape(sha256))).unwrap_or_default()),
        ]
    }

    /// The words for outcomes that there are, in the order of the first of each.
    fn outcomes(&self) -> Vec<&'static str> {
        let mut words = Vec::new();
        for told in self.cases.iter().flatten() {
            let word = shown(told.outcome, told.known);
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
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

/// Choices of a list.
fn options<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(|word| format!("<option>{}</option>", escape(word))).collect()
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
pub(in crate::report) fn escape(text: &str) -> String {
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
    use crate::report::requirements::Requirements;

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
            let source = include_str!("mod.rs");
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
