//! The `curl` line of an exchange, pasted into a shell with the token in its environment, brings the same answer again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Arc;

use payerspec::check::exchange::{Exchange, Identity, Method};
use payerspec::guide::{Catalogue, GuideId, Sources};
use payerspec::plan::Selection;
use payerspec::proof::Questions;
use payerspec::reference::{self, Options};
use payerspec::report::{Line, Mask, curl};
use payerspec::run::Limits;
use payerspec::run::event::Event;
use payerspec::suite;

/// What a shell got: status and body.
#[derive(Debug, PartialEq)]
struct Got {
    status: String,
    body: Vec<u8>,
}

/// Runs a line as a user would who pasted it. The settings of curl in `home` add the status after the body.
fn paste(line: &Line, [token, other_token]: [&str; 2], home: &std::path::Path) -> Got {
    let mut shell = Command::new("sh");
    shell.args(["-c", &line.text]).env("TOKEN", token).env("OTHER_TOKEN", other_token).env("CURL_HOME", home).env("no_proxy", "*");
    // What is refused anyway is refused as well under another name.
    shell.envs(["ALTERED_TOKEN", "EXPIRED_TOKEN", "FOREIGN_TOKEN"].map(|name| (name, "nobody's")));
    let output = shell.envs(line.variables.iter().cloned()).output().unwrap();
    assert!(output.status.success(), "{line:?}\n{}", String::from_utf8_lossy(&output.stderr));
    let end = output.stdout.iter().rposition(|byte| *byte == b'\n').unwrap();
    let (body, status) = output.stdout.split_at(end);
    Got { status: String::from_utf8_lossy(status).trim().to_owned(), body: body.to_vec() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_case_is_repeated_by_its_line() {
    let guide: GuideId = "hl7.fhir.us.carin-bb#2.0.0".parse().unwrap();
    let questions = Questions {
        catalogue: Arc::new(Catalogue::load(std::slice::from_ref(&guide), &Sources::default()).unwrap()),
        guide,
        suites: suite::embedded().unwrap(),
        selection: Selection::default(),
        limits: Limits { concurrency: 4, max_pages: 100, total: None, allow_inconclusive: false, allow_writes: false },
        as_of: "2026-11-01".parse().unwrap(),
        with_facts: true,
        as_public_client: false,
    };
    let payer = reference::start(Options::new(&questions.guide, &[""; 0], 3, 1).unwrap()).await.unwrap();
    let token = payer.members()[0].token.clone();
    let other_token = payer.members()[1].token.clone();
    let mut of_templates: BTreeMap<String, (String, Vec<Arc<Exchange>>)> = BTreeMap::new();
    let mut job = questions.job(&payer).unwrap();
    let catalogue = job.catalogue.clone();
    let hiding = Mask::new(&job.facts, &catalogue);
    job.facts.show_member_data = true;
    let showing = Mask::new(&job.facts, &catalogue);
    payerspec::run::run(job, Box::pin(std::future::pending()), &mut |event| {
        if let Event::CaseFinished { case, result, .. } = event
            && !result.exchanges.is_empty()
        {
            of_templates.entry(case.origin().to_owned()).or_insert_with(|| (case.id(), result.exchanges.clone()));
        }
    })
    .await;
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".curlrc"), "write-out = \"\\n%{http_code}\"\n").unwrap();
    let home_path = home.path().to_owned();
    let count = of_templates.len();
    let seen =
        tokio::task::spawn_blocking(move || repeat(of_templates, [&token, &other_token], &home_path, &[showing, hiding])).await.unwrap();
    payer.shutdown().await;
    assert!(count >= 30, "{count} kinds of cases");
    for wanted in ["GET", "POST", "anonymous", "header"] {
        assert!(seen.contains(wanted), "no {wanted} among the repeated requests");
    }
}

/// Repeats every exchange and gives the kinds of requests that there were.
fn repeat(
    of_templates: BTreeMap<String, (String, Vec<Arc<Exchange>>)>,
    tokens: [&str; 2],
    home: &std::path::Path,
    masks: &[Mask],
) -> BTreeSet<&'static str> {
    let (mut seen, mut sent, mut masked) = (BTreeSet::new(), BTreeSet::new(), 0);
    for (template, (id, exchanges)) in of_templates {
        for exchange in exchanges {
            let response = exchange.response().unwrap_or_else(|| panic!("{id} has no response: {:?}", exchange.result));
            let request = &exchange.request;
            seen.insert(request.method.word());
            let has = |name: &str, part: &str| {
                request.headers.iter().any(|(known, value)| known.eq_ignore_ascii_case(name) && value.contains(part))
            };
            let kinds = [
                ("anonymous", request.identity == Identity::Anonymous),
                ("header", !request.headers.is_empty()),
                ("xml", has("accept", "xml")),
            ];
            seen.extend(kinds.iter().filter(|(_, is)| *is).map(|(kind, _)| *kind));
            // Of a HEAD curl shows the headers in place of a body.
            let body = |got: &Got| if request.method == Method::Head { got.body.clone() } else { response.bytes.to_vec() };
            // With what is masked in variables a line does the same as the whole one.
            for line in masks.iter().map(|mask| curl(&exchange, mask)) {
                if !sent.insert(line.text.clone()) {
                    continue;
                }
                let got = paste(&line, tokens, home);
                let expected = Got { status: response.status.to_string(), body: body(&got) };
                assert!(got == expected, "{template}, {id}: {line:?}\n{}\n{}", shown(&expected), shown(&got));
                masked += usize::from(!line.variables.is_empty());
            }
        }
    }
    assert!(masked >= 10, "{masked} lines with variables");
    seen
}

fn shown(got: &Got) -> String {
    format!("{} {}", got.status, String::from_utf8_lossy(&got.body).chars().take(600).collect::<String>())
}
