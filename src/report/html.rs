//! `report.html`: one page for people that needs nothing else: no script, no outside resource. Everything foreign in it is escaped.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::Reporter;
use super::clean::clean;
use super::files::write_whole;
use super::record::Record;
use super::requirements::Requirements;
use crate::check::outcome::Outcome;
use crate::run::event::{Event, RunFacts, RunSummary, Tally, Verdict};

const TEMPLATE: &str = include_str!("../../reports/report.html");

/// The reporter.
pub struct Html {
    path: PathBuf,
    show_member_data: bool,
    facts: Option<RunFacts>,
    records: BTreeMap<usize, Record>,
    requirements: Requirements,
}

impl Html {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf, show_member_data: bool) -> Self {
        Self { path, show_member_data, facts: None, records: BTreeMap::new(), requirements: Requirements::default() }
    }

    fn page(&self, summary: &RunSummary) -> String {
        let facts = self.facts.as_ref();
        let guides = facts.map(|facts| facts.guides.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        let of = |part: fn(&RunFacts) -> &String| facts.map(|facts| escape(part(facts))).unwrap_or_default();
        let mut attention: Vec<_> = self.records.iter().filter(|(_, record)| record.attention).collect();
        attention.sort_by_key(|(_, record)| record.rank());
        let blocks = attention.iter().map(|(index, record)| article(**index, record)).collect::<String>();
        let verdict = serde_json::to_value(summary.verdict).ok();
        let because = super::mask::mask(&summary.because, self.show_member_data);
        fill(
            TEMPLATE,
            &[
                ("version", env!("CARGO_PKG_VERSION").to_owned()),
                ("verdict", word(summary.verdict).to_owned()),
                ("verdict-class", verdict.as_ref().and_then(|value| value.as_str()).unwrap_or_default().to_owned()),
                ("because", escape(&because)),
                ("target", of(|facts| &facts.target)),
                ("guides", escape(&guides.unwrap_or_default())),
                ("started", of(|facts| &facts.started)),
                ("seconds", format!("{:.1}", summary.duration_ms / 1000.0)),
                ("requests", summary.requests.to_string()),
                ("tally", tally(summary.tally)),
                ("requirements-line", self.requirements.line().map(|line| format!("<p>{line}</p>")).unwrap_or_default()),
                ("attention-count", attention.len().to_string()),
                ("attention", if attention.is_empty() { "<p>Nothing.</p>".to_owned() } else { blocks }),
                ("groups", self.groups()),
                ("requirements", self.requirements()),
                ("masked", masked(self.show_member_data).to_owned()),
            ],
        )
    }

    /// Every case, folded by guide and resource type, in the plan's order.
    fn groups(&self) -> String {
        let mut order: Vec<String> = Vec::new();
        let mut groups: BTreeMap<String, Vec<(usize, &Record)>> = BTreeMap::new();
        for (index, record) in &self.records {
            let group = groups.entry(record.group()).or_default();
            if group.is_empty() {
                order.push(record.group());
            }
            group.push((*index, record));
        }
        let mut page = String::new();
        for name in order {
            let records = groups.get(&name).map(Vec::as_slice).unwrap_or_default();
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            records.iter().for_each(|(_, record)| *counts.entry(record.word()).or_default() += 1);
            let counts = counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ");
            let items = records.iter().map(|(index, record)| item(*index, record)).collect::<String>();
            page.push_str(&format!(
                "<details><summary><b>{}</b> <span class=\"soft\">{counts}</span></summary><ul class=\"cases\">{items}</ul></details>\n",
                escape(&name)
            ));
        }
        page
    }

    fn requirements(&self) -> String {
        let mut page = String::new();
        for status in ["violated", "not-exercised", "verified"] {
            let of: Vec<_> = self.requirements.iter().filter(|(_, requirement)| requirement.status() == status).collect();
            if of.is_empty() {
                continue;
            }
            let items = of.iter().map(|(id, requirement)| {
                format!("<li><span class=\"id\">{}</span> by {}</li>", escape(id), escape(&requirement.verified_by.join(", ")))
            });
            page.push_str(&format!(
                "<details><summary><b>{status}</b> <span class=\"soft\">{}</span></summary><ul class=\"cases\">{}</ul></details>\n",
                of.len(),
                items.collect::<String>()
            ));
        }
        if page.is_empty() { "<p>No case names one.</p>".to_owned() } else { page }
    }
}

/// Puts values in the place of `{{names}}` in one pass, so that a value that looks like a name stays a value.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut page = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let Some((name, after)) = after.split_once("}}") else { break };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            page.push_str(value);
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

/// Foreign text as HTML text or attribute value.
fn escape(text: &str) -> String {
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

fn masked(show_member_data: bool) -> &'static str {
    if show_member_data {
        "This page shows member data: keep it as you keep claims."
    } else {
        "Member data is masked as ***. The curl lines take the token from the shell variable TOKEN."
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
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { facts, .. } => self.facts = Some((*facts).clone()),
            Event::CaseFinished { index, case, result, .. } => {
                self.requirements.count(case, result);
                self.records.insert(*index, Record::new(case, result, self.show_member_data));
            }
            Event::RunFinished { summary } => write_whole(&self.path, self.page(summary).as_bytes())?,
            Event::StageStarted { .. } | Event::RequestRetried { .. } | Event::CaseStarted { .. } => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_read_as_a_name() {
        let values = [("a", "{{b}}".to_owned()), ("b", "secret".to_owned())];
        assert_eq!(fill("<{{a}}|{{b}}|{{none}}>", &values), "<{{b}}|secret|>");
    }

    #[test]
    fn every_name_in_the_template_has_a_value() {
        let page = Html::new(PathBuf::new(), false).page(&summary());
        assert!(!page.contains("{{") && page.contains("NOT MEASURED") && page.contains("Nothing."), "{page}");
        for name in TEMPLATE.split("{{").skip(1).filter_map(|part| part.split_once("}}")).map(|(name, _)| name) {
            assert!(include_str!("html.rs").contains(&format!("(\"{name}\", ")), "{name} has no value");
        }
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<b onclick='x'>&\"\u{1b}"), "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;\\u{1b}");
    }

    fn summary() -> RunSummary {
        RunSummary {
            tally: Tally::default(),
            verdict: Verdict::NotMeasured,
            because: "no case examined anything".to_owned(),
            stop: crate::run::event::StopReason::Completed,
            finished: String::new(),
            duration_ms: 0.0,
            requests: 0,
            harvested: Vec::new(),
            stale: Vec::new(),
        }
    }
}
