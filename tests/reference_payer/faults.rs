//! Each fault breaks what it says.

use payerspec::reference;

use super::payer::{Got, Payer, link};

/// One probe per fault: the healthy payer and the broken one answer it differently.
#[tokio::test]
async fn every_fault_changes_its_answer() {
    let healthy = Payer::healthy().await;
    let claim = healthy.claims().await.remove(0);
    let (id, start) = (claim["id"].as_str().unwrap(), claim["billablePeriod"]["start"].as_str().unwrap());
    let identifier = claim["identifier"][0]["value"].as_str().unwrap();
    // Faults of writes show only in a payer that takes writes: tests/demo.rs runs each.
    let of_writes = ["create", "update", "patch", "delete", "batch"];
    for fault in reference::fault::FAULTS.iter().filter(|fault| !of_writes.contains(&fault.family())) {
        let broken = Payer::broken(fault.name).await;
        let path = match fault.name {
            "type.unsupported-200" => "Medication".to_owned(),
            "interaction.undeclared-200" => "ExplanationOfBenefit/_history".to_owned(),
            "read.wrong-type" => format!("Coverage/{}", healthy.keys("Coverage").await[0].trim_start_matches("Coverage/")),
            "read.unknown-id-200" | "read.unknown-id-500" => "Patient/no-such".to_owned(),
            "error.no-operation-outcome" | "error.html" => "Patient/no-such".to_owned(),
            "data.unknown-element" => healthy.keys("Practitioner").await[0].clone(),
            "data.unknown-code" => format!("Patient/{}", healthy.patient()),
            "data.untyped-claim-number" => "ExplanationOfBenefit?type=pharmacy".to_owned(),
            "data.two-focal-insurances" => "ExplanationOfBenefit?type=professional".to_owned(),
            "read.malformed-id-500" => "Patient/!!!".to_owned(),
            "vread.ignores-version" => format!("ExplanationOfBenefit/{id}/_history/{}", claim["meta"]["versionId"].as_str().unwrap()),
            "vread.unknown-version-200" => format!("ExplanationOfBenefit/{id}/_history/no-such"),
            "search.ignores-service-date" => "ExplanationOfBenefit?service-date=lt1990".to_owned(),
            "search.ignores-patient" => format!("ExplanationOfBenefit?patient={}", healthy.patient()),
            "search.ignores-type" | "search.type-code-only-exact" => "ExplanationOfBenefit?type=oral".to_owned(),
            "search.ignores-id" => format!("ExplanationOfBenefit?_id={id}"),
            "search.ignores-identifier" | "search.drops-newest-match" => format!("ExplanationOfBenefit?identifier={identifier}"),
            "search.ignores-last-updated" => "ExplanationOfBenefit?_lastUpdated=lt1990".to_owned(),
            "search.no-match-returns-all" | "search.no-match-404" => "ExplanationOfBenefit?identifier=none".to_owned(),
            "search.prefix-ge-as-gt" => format!("ExplanationOfBenefit?billable-period-start=ge{start}"),
            "search.prefix-ignored" => format!("ExplanationOfBenefit?billable-period-start=ne{start}"),
            "search.ignores-tail" => format!("ExplanationOfBenefit?_id=none,{id}"),
            "search.bad-value-ignored" => "ExplanationOfBenefit?service-date=soon".to_owned(),
            "search.unknown-param-ignored" => "ExplanationOfBenefit?colour=red".to_owned(),
            "include.ignored" => "ExplanationOfBenefit?_include=ExplanationOfBenefit:patient".to_owned(),
            "include.marks-as-match" => "ExplanationOfBenefit?_include=ExplanationOfBenefit:patient".to_owned(),
            "include.ignored-care-team" => "ExplanationOfBenefit?_include=ExplanationOfBenefit:care-team".to_owned(),
            "paging.loops" | "paging.repeats-entry" => healthy_page(&healthy, 1).await,
            "paging.drops-last-page" => healthy_page(&healthy, 2).await,
            "paging.ignores-count" => "ExplanationOfBenefit?_count=7".to_owned(),
            "sort.ignored" => "ExplanationOfBenefit?_sort=-_id".to_owned(),
            "summary.count-has-entries" => "ExplanationOfBenefit?_summary=count".to_owned(),
            "auth.other-member-visible" => format!("Patient/{}", healthy.other()),
            name if name.starts_with("metadata.") => "metadata".to_owned(),
            name if name.starts_with("read.") => format!("ExplanationOfBenefit/{id}"),
            name if name.starts_with("history.") => format!("ExplanationOfBenefit/{id}/_history"),
            name if name.starts_with("post-search.") => "ExplanationOfBenefit/_search".to_owned(),
            name if name.starts_with("auth.") => "Patient".to_owned(),
            _ => "ExplanationOfBenefit".to_owned(),
        };
        let (right, wrong) = (shape(&healthy, fault.name, &path).await, shape(&broken, fault.name, &path).await);
        assert!(right != wrong, "{}: {path} is answered as by the healthy payer", fault.name);
        broken.running.shutdown().await;
    }
}

/// The path of a page of a search that has three pages and a rest; pages count from 0.
async fn healthy_page(payer: &Payer, page: usize) -> String {
    let count = payer.claims().await.len() / 3 - 1;
    let mut path = format!("ExplanationOfBenefit?_count={count}");
    for _ in 0..page {
        let next = link(&payer.get(&path).await.json(), "next").unwrap();
        path = next.trim_start_matches(payer.running.base()).trim_start_matches('/').to_owned();
    }
    path
}

/// What can be compared between two servers: all but the port.
async fn shape(payer: &Payer, fault: &str, path: &str) -> String {
    let mut request = match fault {
        "post-search.ignored" => payer.client.post(payer.url(path)).bearer_auth(&payer.running.members()[0].token),
        "auth.token-not-required" | "auth.no-challenge" => payer.client.get(payer.url(path)),
        _ => payer.request(path),
    };
    if fault == "post-search.ignored" {
        request = request.header("content-type", "application/x-www-form-urlencoded").body("type=oral");
    }
    if fault == "read.ignores-if-none-match" {
        request = request.header("if-none-match", "*");
    }
    let got = Got::from(request.send().await.unwrap()).await;
    let text =
        format!("{} {} {} {} {}", got.status, got.header("content-type"), got.header("etag"), got.header("www-authenticate"), got.text);
    text.replace(payer.running.base(), "BASE")
}
