//! The reference payer over real loopback HTTP: what it answers, and that each fault breaks what it says.

use std::collections::BTreeSet;

use payerspec::guide::GuideId;
use payerspec::reference::{self, Auth, Options, Running};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

struct Payer {
    running: Running,
    client: Client,
}

struct Got {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Got {
    async fn from(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    fn is_outcome(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        assert!(outcome["issue"][0]["diagnostics"].as_str().is_some_and(|text| !text.is_empty()));
    }
}

fn options(version: &str, faults: &[&str]) -> Options {
    let guide = GuideId { package: "hl7.fhir.us.carin-bb".to_owned(), version: version.to_owned() };
    Options::new(&guide, faults, 2, 1).unwrap()
}

impl Payer {
    async fn start(options: Options) -> Self {
        // Only the first test to come here installs it; the others find it there.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self { running: reference::start(options).await.unwrap(), client: Client::builder().no_proxy().build().unwrap() }
    }

    async fn healthy() -> Self {
        Self::start(options("2.0.0", &[])).await
    }

    async fn broken(fault: &str) -> Self {
        Self::start(options("2.0.0", &[fault])).await
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}/{path}", self.running.base()) }
    }

    fn request(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path)).bearer_auth(&self.running.members()[0].token)
    }

    async fn get(&self, path: &str) -> Got {
        Got::from(self.request(path).send().await.unwrap()).await
    }

    /// Keys of all matches, over all pages.
    async fn keys(&self, path: &str) -> Vec<String> {
        let mut next = Some(path.to_owned());
        let mut keys = Vec::new();
        while let Some(page) = next {
            let got = self.get(&page).await;
            assert_eq!(got.status, 200, "{page}: {}", got.text);
            keys.extend(keys_of(&got.json(), "match"));
            next = link(&got.json(), "next");
            assert!(keys.len() < 1000, "{path} does not end");
        }
        keys
    }

    async fn claims(&self) -> Vec<Value> {
        let got = self.get(&format!("ExplanationOfBenefit?patient={}&_count=500", self.patient())).await;
        got.json()["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect()
    }

    fn patient(&self) -> &str {
        &self.running.members()[0].patient
    }

    fn other(&self) -> &str {
        &self.running.members()[1].patient
    }
}

fn keys_of(bundle: &Value, mode: &str) -> Vec<String> {
    let entries = bundle["entry"].as_array().into_iter().flatten().filter(|entry| entry["search"]["mode"] == mode);
    entries
        .map(|entry| format!("{}/{}", entry["resource"]["resourceType"].as_str().unwrap(), entry["resource"]["id"].as_str().unwrap()))
        .collect()
}

fn link(bundle: &Value, relation: &str) -> Option<String> {
    bundle["link"].as_array()?.iter().find(|link| link["relation"] == relation)?["url"].as_str().map(str::to_owned)
}

fn is_sorted(texts: &[String]) -> bool {
    texts.windows(2).all(|pair| pair[0] <= pair[1])
}

#[tokio::test]
async fn the_statement_declares_what_works_in_every_version() {
    for version in ["1.1.0", "2.0.0", "2.1.0", "2.2.0"] {
        let payer = Payer::start(options(version, &[])).await;
        let got = Got::from(payer.client.get(payer.url("metadata")).send().await.unwrap()).await;
        assert_eq!(got.status, 200);
        assert!(got.header("content-type").starts_with("application/fhir+json"));
        let statement = got.json();
        assert_eq!(statement["fhirVersion"], "4.0.1");
        assert_eq!(statement["implementation"]["url"], payer.running.base());
        for resource in statement["rest"][0]["resource"].as_array().unwrap() {
            let name = resource["type"].as_str().unwrap();
            for profile in resource["supportedProfile"].as_array().into_iter().flatten() {
                assert!(!profile.as_str().unwrap().contains('|'), "{profile}");
            }
            for parameter in resource["searchParam"].as_array().unwrap() {
                let value = match parameter["type"].as_str().unwrap() {
                    "date" => "ge1990-01-01",
                    "reference" => payer.patient(),
                    _ => "nothing-like-it",
                };
                let path = format!("{name}?{}={value}", parameter["name"].as_str().unwrap());
                assert_eq!(payer.get(&path).await.status, 200, "{path}");
            }
            for include in resource["searchInclude"].as_array().into_iter().flatten() {
                let path = format!("{name}?_include={}", include.as_str().unwrap());
                assert_eq!(payer.get(&path).await.status, 200, "{path}");
            }
        }
        payer.running.shutdown().await;
    }
}

#[tokio::test]
async fn a_read_is_stamped_and_can_be_conditional() {
    let payer = Payer::healthy().await;
    let path = format!("Patient/{}", payer.patient());
    let got = payer.get(&path).await;
    assert_eq!((got.status.as_u16(), got.json()["id"].as_str()), (200, Some(payer.patient())));
    let etag = format!("W/\"{}\"", got.json()["meta"]["versionId"].as_str().unwrap());
    assert_eq!(got.header("etag"), etag);
    assert!(got.header("last-modified").ends_with("GMT"));
    let unchanged = Got::from(payer.request(&path).header("if-none-match", &etag).send().await.unwrap()).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.text.as_str()), (304, ""));
    let since = Got::from(payer.request(&path).header("if-modified-since", got.header("last-modified")).send().await.unwrap()).await;
    assert_eq!(since.status, 304);
    let changed = Got::from(payer.request(&path).header("if-none-match", "W/\"other\"").send().await.unwrap()).await;
    assert_eq!(changed.json(), got.json());
    let head = Got::from(payer.client.head(payer.url(&path)).bearer_auth(&payer.running.members()[0].token).send().await.unwrap()).await;
    assert_eq!((head.status.as_u16(), head.text.as_str(), head.header("etag")), (200, "", etag.as_str()));
}

#[tokio::test]
async fn versions_and_history_hold_together() {
    let payer = Payer::healthy().await;
    let path = format!("Patient/{}", payer.patient());
    let history = payer.get(&format!("{path}/_history")).await.json();
    assert_eq!(
        (history["type"].as_str(), history["total"].as_u64()),
        (Some("history"), Some(history["entry"].as_array().unwrap().len() as u64))
    );
    for entry in history["entry"].as_array().unwrap() {
        let version = entry["resource"]["meta"]["versionId"].as_str().unwrap();
        assert_eq!(payer.get(&format!("{path}/_history/{version}")).await.json(), entry["resource"]);
        assert!(entry["request"]["method"].is_string() && entry["response"]["status"].is_string());
    }
    payer.get(&format!("{path}/_history/no-such")).await.is_outcome(404);
}

#[tokio::test]
async fn refusals_are_operation_outcomes() {
    let payer = Payer::healthy().await;
    payer.get("Patient/no-such-patient").await.is_outcome(404);
    payer.get("Medication").await.is_outcome(404);
    payer.get("Medication/1").await.is_outcome(404);
    payer.get("Patient/!!!").await.is_outcome(400);
    payer.get(&format!("Patient/{}/$everything", payer.patient())).await.is_outcome(404);
    payer.get("Patient/%ff").await.is_outcome(400);
    for query in [
        "service-date=soon",
        "service-date=xx2020",
        "_count=many",
        "_sort=nonsense",
        "_summary=maybe",
        "colour=red",
        "type:below=oral",
        "_include=ExplanationOfBenefit:colour",
        "_include=Coverage:payor",
        "_page=zz",
        "patient=a/b/c/",
        "identifier=",
    ] {
        payer.get(&format!("ExplanationOfBenefit?{query}")).await.is_outcome(400);
    }
    let allowed = payer.get("ExplanationOfBenefit/_history").await;
    allowed.is_outcome(405);
    assert!(allowed.headers.contains_key("allow"));
    let token = &payer.running.members()[0].token;
    let created = Got::from(payer.client.post(payer.url("Patient")).bearer_auth(token).body("{}").send().await.unwrap()).await;
    created.is_outcome(405);
    assert_eq!(created.header("allow"), "GET, HEAD");
    let search = || payer.client.post(payer.url("Patient/_search")).bearer_auth(token);
    Got::from(search().header("content-type", "text/plain").body("_id=1").send().await.unwrap()).await.is_outcome(415);
    let form = "application/x-www-form-urlencoded";
    let large = search().header("content-type", form).body(format!("_id={}", "1".repeat(100_000)));
    Got::from(large.send().await.unwrap()).await.is_outcome(413);
    Got::from(payer.request("metadata").header("accept", "text/turtle").send().await.unwrap()).await.is_outcome(406);
    Got::from(payer.request("metadata").header("host", "evil/../x").send().await.unwrap()).await.is_outcome(400);
}

#[tokio::test]
async fn a_token_opens_one_member() {
    let payer = Payer::healthy().await;
    let path = format!("Patient/{}", payer.patient());
    let nobody = Got::from(payer.client.get(payer.url(&path)).send().await.unwrap()).await;
    nobody.is_outcome(401);
    assert!(nobody.header("www-authenticate").starts_with("Bearer "));
    let stranger = Got::from(payer.client.get(payer.url(&path)).bearer_auth("guess").send().await.unwrap()).await;
    stranger.is_outcome(401);
    assert!(stranger.header("www-authenticate").contains("invalid_token"));
    payer.get(&format!("Patient/{}", payer.other())).await.is_outcome(403);
    payer.get(&format!("ExplanationOfBenefit?patient={}", payer.other())).await.is_outcome(403);
    assert_eq!(payer.keys("Patient").await, [path]);
    assert_eq!(payer.keys("ExplanationOfBenefit?patient=nobody").await, [""; 0]);
    assert!(!payer.keys("Organization").await.is_empty());
    let open = Payer::start(options("2.0.0", &[]).with_auth(Auth::None)).await;
    let all = Got::from(open.client.get(open.url("Patient")).send().await.unwrap()).await;
    assert_eq!(all.json()["total"], 2);
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
    let mut starts: Vec<_> = claims.iter().map(|claim| claim["billablePeriod"]["start"].as_str().unwrap().to_owned()).collect();
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

#[tokio::test]
async fn absolute_urls_follow_the_host() {
    let payer = Payer::healthy().await;
    let request = payer.request("Patient").header("host", "payer.example:8443").header("x-forwarded-proto", "https");
    let bundle = Got::from(request.send().await.unwrap()).await.json();
    let base = "https://payer.example:8443/fhir/Patient";
    assert_eq!(link(&bundle, "self").as_deref(), Some(base));
    assert!(bundle["entry"][0]["fullUrl"].as_str().unwrap().starts_with(base));
}

#[tokio::test]
async fn data_from_a_folder_is_served_to_its_member() {
    let folder = tempfile::tempdir().unwrap();
    let patient = r#"{"resourceType":"Patient","id":"extra","name":[{"family":"Extra"}]}"#;
    let group = r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Coverage","id":"c1","beneficiary":{"reference":"Patient/extra"}}},{"resource":{"resourceType":"Location","id":"l1"}}]}"#;
    std::fs::write(folder.path().join("a.json"), patient).unwrap();
    std::fs::write(folder.path().join("b.json"), group).unwrap();
    std::fs::write(folder.path().join("c.json"), patient.replace("Extra", "Changed")).unwrap();
    let payer = Payer::start(options("2.0.0", &[]).with_data(folder.path()).unwrap()).await;
    let member = payer.running.members().last().unwrap().clone();
    assert_eq!(member.patient, "extra");
    let own = async |path: &str| Got::from(payer.client.get(payer.url(path)).bearer_auth(&member.token).send().await.unwrap()).await.json();
    assert_eq!(own("Coverage?patient=extra").await["total"], 1);
    assert_eq!(own("Patient/extra").await["name"][0]["family"], "Changed");
    assert_eq!(own("Patient/extra/_history").await["total"], 2);
    assert_eq!(own("Patient/extra/_history/1").await["name"][0]["family"], "Extra");
    payer.get("Coverage/c1").await.is_outcome(403);
    assert_eq!(payer.get("Location/l1").await.status, 200);
    std::fs::write(folder.path().join("d.json"), "{").unwrap();
    assert!(options("2.0.0", &[]).with_data(folder.path()).unwrap_err().to_string().contains("d.json"));
}

#[tokio::test]
async fn xml_says_what_json_says() {
    for version in ["1.1.0", "2.0.0", "2.1.0", "2.2.0"] {
        let payer = Payer::start(options(version, &[])).await;
        let (patient, claims) = (format!("Patient/{}", payer.patient()), "ExplanationOfBenefit?_include=ExplanationOfBenefit:*&_count=500");
        for path in ["metadata", &patient, claims, "Patient/no-such"] {
            let json = payer.get(path).await;
            let xml = Got::from(payer.request(path).header("accept", "application/fhir+xml").send().await.unwrap()).await;
            assert_eq!(xml.status, json.status);
            assert!(xml.header("content-type").starts_with("application/fhir+xml"));
            assert_eq!(payerspec::fhir::xml::to_json(xml.text.as_bytes()).unwrap(), json.json(), "{version} {path}");
        }
    }
}

/// One probe per fault: the healthy payer and the broken one answer it differently.
#[tokio::test]
async fn every_fault_changes_its_answer() {
    let healthy = Payer::healthy().await;
    let claim = healthy.claims().await.remove(0);
    let (id, start) = (claim["id"].as_str().unwrap(), claim["billablePeriod"]["start"].as_str().unwrap());
    let identifier = claim["identifier"][0]["value"].as_str().unwrap();
    for fault in reference::fault::FAULTS {
        let broken = Payer::broken(fault.name).await;
        let path = match fault.name {
            "type.unsupported-200" => "Medication".to_owned(),
            "interaction.undeclared-200" => "ExplanationOfBenefit/_history".to_owned(),
            "read.wrong-type" => format!("Coverage/{}", healthy.keys("Coverage").await[0].trim_start_matches("Coverage/")),
            "read.unknown-id-200" | "read.unknown-id-500" => "Patient/no-such".to_owned(),
            "error.no-operation-outcome" | "error.html" => "Patient/no-such".to_owned(),
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
