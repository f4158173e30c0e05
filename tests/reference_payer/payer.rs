//! A reference payer on loopback, and what to ask it.

use payerspec::guide::GuideId;
use payerspec::reference::{self, Options, Running};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

pub struct Payer {
    pub running: Running,
    pub client: Client,
}

pub struct Got {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Got {
    pub async fn from(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn is_outcome(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        assert!(outcome["issue"][0]["diagnostics"].as_str().is_some_and(|text| !text.is_empty()));
    }
}

pub fn options(version: &str, faults: &[&str]) -> Options {
    let guide = GuideId { package: "hl7.fhir.us.carin-bb".to_owned(), version: version.to_owned() };
    Options::new(&guide, faults, 2, 1).unwrap()
}

impl Payer {
    pub async fn start(options: Options) -> Self {
        // Only the first test to come here installs it; the others find it there.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self { running: reference::start(options).await.unwrap(), client: Client::builder().no_proxy().build().unwrap() }
    }

    pub async fn healthy() -> Self {
        Self::start(options("2.0.0", &[])).await
    }

    pub fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}/{path}", self.running.base()) }
    }

    pub fn request(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path)).bearer_auth(&self.running.members()[0].token)
    }

    pub async fn get(&self, path: &str) -> Got {
        Got::from(self.request(path).send().await.unwrap()).await
    }

    /// Keys of all matches, over all pages.
    pub async fn keys(&self, path: &str) -> Vec<String> {
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

    pub async fn claims(&self) -> Vec<Value> {
        let got = self.get(&format!("ExplanationOfBenefit?patient={}&_count=500", self.patient())).await;
        got.json()["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect()
    }

    pub fn patient(&self) -> &str {
        &self.running.members()[0].patient
    }

    pub fn other(&self) -> &str {
        &self.running.members()[1].patient
    }
}

pub fn keys_of(bundle: &Value, mode: &str) -> Vec<String> {
    let entries = bundle["entry"].as_array().into_iter().flatten().filter(|entry| entry["search"]["mode"] == mode);
    entries
        .map(|entry| format!("{}/{}", entry["resource"]["resourceType"].as_str().unwrap(), entry["resource"]["id"].as_str().unwrap()))
        .collect()
}

pub fn link(bundle: &Value, relation: &str) -> Option<String> {
    bundle["link"].as_array()?.iter().find(|link| link["relation"] == relation)?["url"].as_str().map(str::to_owned)
}
