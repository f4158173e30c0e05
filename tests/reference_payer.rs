//! The reference payer over real loopback HTTP: what it answers. What its faults change, `tests/demo.rs` tells.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends by panicking")]

#[path = "reference_payer/payer.rs"]
mod payer;
#[path = "reference_payer/search.rs"]
mod search;
#[path = "reference_payer/values.rs"]
mod values;

use payerspec::reference::Auth;

use payer::{Got, Payer, link, options};

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
            for parameter in resource["searchParam"].as_array().into_iter().flatten() {
                let value = match parameter["type"].as_str().unwrap() {
                    "date" => "ge1990-01-01",
                    "reference" => payer.patient(),
                    "number" | "quantity" => "7",
                    "composite" => "nothing-like-it$7",
                    _ => "nothing-like-it",
                };
                let path = format!("{name}?{}={value}", parameter["name"].as_str().unwrap());
                assert_eq!(payer.get(&path).await.status, 200, "{path}");
            }
            for operation in resource["operation"].as_array().into_iter().flatten().filter(|_| name != "Patient") {
                payer.get(&format!("{name}/${}", operation["name"].as_str().unwrap())).await.is_outcome(400);
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
    payer.get(&format!("Patient/{}/$validate", payer.patient())).await.is_outcome(404);
    payer.get("Patient/%ff").await.is_outcome(400);
    for query in [
        "service-date=soon",
        "service-date=xx2020",
        "_count=many",
        "_sort=nonsense",
        "_summary=maybe",
        "colour=red",
        "type:exact=oral",
        "_include=ExplanationOfBenefit:colour",
        "_include=Coverage:payor",
        "_page=zz",
        "patient=a/b/c/",
        "identifier=",
    ] {
        payer.get(&format!("ExplanationOfBenefit?{query}")).await.is_outcome(400);
    }
    let allowed = payer.get("Organization/_history").await;
    allowed.is_outcome(405);
    assert!(allowed.headers.contains_key("allow"));
    let token = &payer.running.members()[0].token;
    let created = Got::from(payer.client.post(payer.url("Patient")).bearer_auth(token).body("{}").send().await.unwrap()).await;
    created.is_outcome(405);
    assert_eq!(created.header("allow"), "GET, HEAD, OPTIONS");
    let bundle = |kind: &str| {
        let entry =
            |method: &str| serde_json::json!({"resource": {"resourceType": "Patient"}, "request": {"method": method, "url": "Patient"}});
        serde_json::json!({"resourceType": "Bundle", "type": kind, "entry": [entry("POST"), entry("GET")]}).to_string()
    };
    let post = |body: String| payer.client.post(payer.running.base()).bearer_auth(token).body(body).send();
    let batch = Got::from(post(bundle("batch")).await.unwrap()).await.json();
    let statuses = [&batch["entry"][0]["response"]["status"], &batch["entry"][1]["response"]["status"]];
    assert!(statuses[0].as_str().unwrap().starts_with("405") && statuses[1].as_str().unwrap().starts_with("200"), "{statuses:?}");
    Got::from(post(bundle("transaction")).await.unwrap()).await.is_outcome(400);
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
            assert_eq!(
                payerspec::fhir::xml::to_json(xml.text.as_bytes()).unwrap(),
                payerspec::fhir::json::Value::from(json.json()),
                "{version} {path}"
            );
        }
    }
}
