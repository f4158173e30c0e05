//! Search: what is found, in which order, on which page, and what comes with it.

use std::collections::BTreeSet;

use super::payer::{Got, Payer, keys_of, link};

fn is_sorted(texts: &[String]) -> bool {
    texts.windows(2).all(|pair| pair[0] <= pair[1])
}

#[tokio::test]
async fn filters_find_exactly_what_the_claims_say() {
    let payer = Payer::healthy().await;
    let claims = payer.claims().await;
    assert!(claims.len() >= 12, "{}", claims.len());
    let code = claims[0]["type"]["coding"][0]["code"].as_str().unwrap();
    let system = claims[0]["type"]["coding"][0]["system"].as_str().unwrap();
    let expected: BTreeSet<_> = claims
        .iter()
        .filter(|claim| claim["type"]["coding"].as_array().unwrap().iter().any(|coding| coding["code"] == code))
        .map(|claim| format!("ExplanationOfBenefit/{}", claim["id"].as_str().unwrap()))
        .collect();
    assert!(expected.len() < claims.len());
    for value in [code.to_owned(), format!("{system}|{code}"), format!("nothing,{code}")] {
        let found: BTreeSet<_> = payer.keys(&format!("ExplanationOfBenefit?type={value}")).await.into_iter().collect();
        assert_eq!(found, expected, "{value}");
    }
    let others = payer.keys(&format!("ExplanationOfBenefit?type:not={code}")).await;
    assert_eq!(others.len() + expected.len(), claims.len());
    let identifier = claims[0]["identifier"][0]["value"].as_str().unwrap();
    let own = format!("ExplanationOfBenefit/{}", claims[0]["id"].as_str().unwrap());
    assert!(payer.keys(&format!("ExplanationOfBenefit?identifier={identifier}")).await.contains(&own));
    assert_eq!(payer.keys(&format!("ExplanationOfBenefit?_id={}", claims[0]["id"].as_str().unwrap())).await, [own]);
    let missing = payer.keys("ExplanationOfBenefit?identifier:missing=true").await;
    assert_eq!(missing, [""; 0]);
}

#[tokio::test]
async fn dates_part_the_claims() {
    let payer = Payer::healthy().await;
    let claims = payer.claims().await;
    // A prior authorization has no such period.
    let mut starts: Vec<_> = claims.iter().filter_map(|claim| claim["billablePeriod"]["start"].as_str().map(str::to_owned)).collect();
    assert!(starts.len() > 12);
    starts.sort();
    let middle = starts[starts.len() / 2].clone();
    let count = |prefix: &'static str| {
        let path = format!("ExplanationOfBenefit?billable-period-start={prefix}{middle}");
        let payer = &payer;
        async move { payer.keys(&path).await.len() }
    };
    let expect = |keeps: &dyn Fn(&String) -> bool| starts.iter().filter(|start| keeps(start)).count();
    assert_eq!(count("").await, expect(&|start| *start == middle));
    assert_eq!(count("ne").await, expect(&|start| *start != middle));
    assert_eq!(count("ge").await, expect(&|start| *start >= middle));
    assert_eq!(count("gt").await, expect(&|start| *start > middle));
    assert_eq!(count("sa").await, expect(&|start| *start > middle));
    assert_eq!(count("le").await, expect(&|start| *start <= middle));
    assert_eq!(count("lt").await, expect(&|start| *start < middle));
    assert_eq!(count("eb").await, expect(&|start| *start < middle));
    assert!(count("ap").await >= count("eq").await);
    let between = payer.keys(&format!("ExplanationOfBenefit?service-date=ge{middle}&service-date=lt{middle}")).await;
    assert!(between.len() < claims.len());
    assert_eq!(payer.keys("ExplanationOfBenefit?service-date=gt2999").await.len(), 0);
}

#[tokio::test]
async fn pages_cover_everything_once_and_know_each_other() {
    let payer = Payer::healthy().await;
    let all = payer.claims().await.len();
    let first = payer.get("ExplanationOfBenefit?_count=5").await.json();
    assert_eq!((first["total"].as_u64(), first["entry"].as_array().unwrap().len()), (Some(all as u64), 5));
    assert_eq!(link(&first, "previous"), None);
    let second = payer.get(&link(&first, "next").unwrap()).await.json();
    assert_eq!(link(&second, "previous"), link(&first, "self"));
    assert_eq!(link(&second, "first"), link(&first, "self"));
    let last = payer.get(&link(&first, "last").unwrap()).await.json();
    assert_eq!(link(&last, "next"), None);
    let keys = payer.keys("ExplanationOfBenefit?_count=5").await;
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), all);
    assert_eq!(keys.len(), all);
    let none = payer.get("ExplanationOfBenefit?_count=0").await.json();
    assert_eq!((none["total"].as_u64(), none.get("entry")), (Some(all as u64), None));
}

#[tokio::test]
async fn sort_orders_across_pages() {
    let payer = Payer::healthy().await;
    let at = |order: &'static str| {
        let payer = &payer;
        async move {
            let bundle = payer.get(&format!("ExplanationOfBenefit?_sort={order}&_count=500")).await.json();
            let entries = bundle["entry"].as_array().unwrap().clone();
            entries.iter().map(|entry| entry["resource"]["meta"]["lastUpdated"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    let up = at("_lastUpdated").await;
    assert!(is_sorted(&up) && up.first() != up.last());
    let mut down = at("-_lastUpdated").await;
    down.reverse();
    assert!(is_sorted(&down));
    let ids = payer.keys("ExplanationOfBenefit?_sort=-_id").await;
    assert!(is_sorted(&ids.into_iter().rev().collect::<Vec<_>>()));
}

#[tokio::test]
async fn includes_bring_what_matches_refer_to() {
    let payer = Payer::healthy().await;
    let own = format!("Patient/{}", payer.patient());
    let patient = payer.get("ExplanationOfBenefit?_include=ExplanationOfBenefit:patient").await.json();
    assert_eq!(keys_of(&patient, "include"), [own]);
    let claim = payer.claims().await.remove(0);
    let everything =
        payer.get(&format!("ExplanationOfBenefit?_id={}&_include=ExplanationOfBenefit:*", claim["id"].as_str().unwrap())).await.json();
    let included: BTreeSet<_> = keys_of(&everything, "include").into_iter().collect();
    let mut expected = vec![&claim["patient"], &claim["provider"], &claim["insurer"]];
    expected.extend(claim["careTeam"].as_array().into_iter().flatten().map(|member| &member["provider"]));
    expected.extend(claim["insurance"].as_array().into_iter().flatten().map(|insurance| &insurance["coverage"]));
    for reference in expected {
        let reference = reference["reference"].as_str().unwrap();
        assert!(included.contains(reference), "{reference} is not in {included:?}");
    }
    let deep = "ExplanationOfBenefit?_include=ExplanationOfBenefit:coverage&_include:iterate=Coverage:payor&type=oral";
    let deep = payer.get(deep).await.json();
    assert!(keys_of(&deep, "include").iter().any(|key| key.starts_with("Organization/")), "{:?}", keys_of(&deep, "include"));
    for entry in everything["entry"].as_array().unwrap() {
        let read = payer.get(entry["fullUrl"].as_str().unwrap()).await;
        assert_eq!(read.json(), entry["resource"], "an included copy equals the read one");
    }
}

#[tokio::test]
async fn post_search_equals_get() {
    let payer = Payer::healthy().await;
    let token = &payer.running.members()[0].token;
    let form = "type=oral&_count=3&_sort=-_id";
    let request = payer.client.post(payer.url("ExplanationOfBenefit/_search")).bearer_auth(token);
    let posted = Got::from(request.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap()).await;
    let got = payer.get(&format!("ExplanationOfBenefit?{form}")).await;
    assert_eq!(posted.json(), got.json());
    assert!(!keys_of(&got.json(), "match").is_empty());
}

#[tokio::test]
async fn summaries_and_elements_are_tagged() {
    let payer = Payer::healthy().await;
    let short = payer.get("ExplanationOfBenefit?_summary=true").await.json();
    for entry in short["entry"].as_array().unwrap() {
        assert_eq!(entry["resource"]["meta"]["tag"][0]["code"], "SUBSETTED");
        assert!(entry["resource"].get("item").is_none() && entry["resource"].get("patient").is_some());
    }
    let count = payer.get("ExplanationOfBenefit?_summary=count").await.json();
    assert!(count["total"].as_u64().unwrap() >= 12 && count.get("entry").is_none());
    let elements = payer.get("ExplanationOfBenefit?_elements=created").await.json();
    assert!(elements["entry"][0]["resource"].get("created").is_some() && elements["entry"][0]["resource"].get("item").is_none());
    let untold = payer.get("ExplanationOfBenefit?_total=none").await.json();
    assert!(untold.get("total").is_none());
}

#[tokio::test]
async fn lenient_handling_says_what_it_left_out() {
    let payer = Payer::healthy().await;
    let request = payer.request("ExplanationOfBenefit?colour=red&_count=2").header("prefer", "handling=lenient");
    let bundle = Got::from(request.send().await.unwrap()).await.json();
    assert_eq!(keys_of(&bundle, "match").len(), 2);
    let outcome = bundle["entry"].as_array().unwrap().iter().find(|entry| entry["search"]["mode"] == "outcome").unwrap();
    assert!(outcome["resource"]["issue"][0]["diagnostics"].as_str().unwrap().contains("colour"));
    assert!(!link(&bundle, "self").unwrap().contains("colour"));
}
