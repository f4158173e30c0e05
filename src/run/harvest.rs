//! Fills the samples: the member's whole record, and what it references.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};

use super::judge::Heavy;
use super::pages;
use crate::check::criterion::Criterion;
use crate::check::exchange::{Exchange, Request};
use crate::check::relation::local_target;
use crate::check::said::{self, Said, code, said};
use crate::check::samples::{Samples, Scope};
use crate::fhir::bundle::Bundle;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::fhir::search::Answer;
use crate::guide::Catalogue;
use crate::plan::Bar;
use crate::target::Target;

/// Parameters by which a resource names its member, the usual first.
const MEMBER_PARAMS: [&str; 4] = ["patient", "subject", "beneficiary", "individual"];
/// Types whose search by member is tried even where the declaration omits the parameter: the record rests on them.
const RECORD_TYPES: [&str; 2] = ["ExplanationOfBenefit", "Coverage"];
/// How many referenced resources are read at most.
const MOST_REFERENCED: usize = 1000;
/// How far references are followed from the record.
const REFERENCE_DEPTH: usize = 3;

/// How many bytes of one type are kept that is not the member's: a page of a directory or of profiles may be megabytes.
const MOST_OTHER_BYTES: usize = 2 * 1024 * 1024;

/// What the harvest works with.
pub struct Harvester<'a> {
    /// Where to ask.
    pub target: &'a Target,
    /// How to read search parameters.
    pub catalogue: &'a Catalogue,
    /// What the server offers.
    pub bar: &'a Bar,
    /// What is told when the answers about a type are large.
    pub heavy: &'a Heavy,
    /// How many requests at once.
    pub concurrency: usize,
    /// How many pages of one search at most.
    pub max_pages: usize,
}

impl Harvester<'_> {
    /// Reads the record of each member; without any, of the only one that the credentials show.
    pub async fn harvest_all(&self, patients: &[String]) -> Vec<Samples> {
        if patients.is_empty() {
            return vec![self.harvest(None).await];
        }
        let mut records = Vec::new();
        for patient in patients {
            records.push(self.harvest(Some(patient)).await);
        }
        records
    }

    /// Reads the record of a member, or of the only member that the credentials show.
    async fn harvest(&self, patient: Option<&str>) -> Samples {
        let mut samples = Samples::default();
        self.member(patient, &mut samples).await;
        if let Some(patient) = samples.patient.clone() {
            self.record(&patient, &mut samples).await;
        }
        self.referenced(&mut samples).await;
        self.others(&mut samples).await;
        samples
    }

    async fn member(&self, patient: Option<&str>, samples: &mut Samples) {
        let searchable = self.bar.types.get("Patient").is_some_and(|bar| bar.offers("search-type"));
        if let Some(id) = patient {
            samples.patient = Some(id.to_owned());
            let exchange = self.target.fetch(&Request::get(format!("Patient/{id}"))).await;
            match exchange.resource().filter(|found| resource::key_of(found).as_deref() == Some(&format!("Patient/{id}"))) {
                Some(found) => drop(samples.add(Arc::clone(found.tree()))),
                None => samples.note("Patient", said!("{} could not be read: {}", said::key(format!("Patient/{id}")), describe(&exchange))),
            }
        } else if searchable {
            let exchange = self.target.fetch(&Request::get("Patient")).await;
            let found: Vec<Arc<Value>> = matches(&exchange).filter(|found| resource::type_of(found) == Some("Patient")).collect();
            if let [only] = found.as_slice() {
                samples.patient = resource::id_of(only).map(str::to_owned);
                samples.add(only.clone());
            } else {
                samples.note("Patient", said!("the credentials show {} patients: name one with --patient", found.len()));
            }
        }
        let by_id = self.bar.types.get("Patient").and_then(|bar| bar.params.get("_id")).is_some_and(|(point, _)| point.declared);
        if by_id && samples.patient.is_some() {
            samples.set_scope("Patient", Scope { param: "_id".to_owned(), complete: true });
        }
    }

    async fn record(&self, patient: &str, samples: &mut Samples) {
        let asked: Vec<(&String, String)> = self
            .bar
            .types
            .iter()
            .filter(|(name, bar)| name.as_str() != "Patient" && bar.offers("search-type"))
            .filter_map(|(name, _)| Some((name, self.member_param(name)?)))
            .collect();
        let found: Vec<_> = stream::iter(asked)
            .map(|(resource_type, param)| async move {
                let request = Request::get(resource_type.clone()).query(param.clone(), patient);
                (resource_type, param, pages::all(self.target, &request, self.max_pages).await)
            })
            .buffered(self.concurrency)
            .collect()
            .await;
        for (resource_type, param, exchanges) in found {
            self.heavy.learn(resource_type, exchanges.iter().map(Arc::as_ref));
            self.keep(patient, resource_type, param, &exchanges, samples);
        }
    }

    /// Keeps what is the member's: a server that ignores the parameter must not slip in another's record.
    fn keep(&self, patient: &str, resource_type: &str, param: String, exchanges: &[Arc<Exchange>], samples: &mut Samples) {
        let criterion = Criterion::new(self.catalogue, resource_type, &param);
        let owner = format!("Patient/{patient}");
        let answered = exchanges.iter().all(|exchange| exchange.status() == Some(200) && exchange.resource().is_some());
        for found in exchanges.iter().flat_map(|exchange| matches(exchange)) {
            let own = match &criterion {
                Ok(criterion) => !matches!(criterion.matches(&found, &owner, self.target.base()), Answer::No),
                Err(_) => true,
            };
            if own && resource::type_of(&found) == Some(resource_type) {
                samples.add(found);
            }
        }
        let ended = exchanges.last().is_some_and(|exchange| next_of(exchange).is_none());
        if !answered {
            let problem = exchanges.iter().find(|exchange| exchange.status() != Some(200) || exchange.resource().is_none());
            let told = problem.map(|exchange| describe(exchange)).unwrap_or_default();
            samples.note(resource_type, said!("the search {}?{}=… was not answered: {}", code(resource_type), code(&param), told));
        }
        if answered || !samples.of(resource_type).is_empty() {
            samples.set_scope(resource_type, Scope { param, complete: answered && ended });
        }
    }

    /// The declared parameter by which a type names its member.
    fn member_param(&self, resource_type: &str) -> Option<String> {
        let bar = self.bar.types.get(resource_type)?;
        let leads_to_patient = |param: &str| {
            self.catalogue
                .search_parameter(resource_type, param)
                .is_some_and(|known| known.kind == "reference" && known.target.iter().any(|target| target == "Patient"))
        };
        let offered = |param: &&str| bar.params.get(*param).is_some_and(|(point, _)| point.declared) && leads_to_patient(param);
        if let Some(param) = MEMBER_PARAMS.iter().copied().find(|param| offered(param)) {
            return Some(param.to_owned());
        }
        let record = RECORD_TYPES.contains(&resource_type);
        MEMBER_PARAMS.iter().find(|param| record && leads_to_patient(param)).map(|param| (*param).to_owned())
    }

    async fn referenced(&self, samples: &mut Samples) {
        let mut asked = BTreeSet::new();
        for _ in 0..REFERENCE_DEPTH {
            let mut wanted = BTreeSet::new();
            for (resource_type, _) in samples.counts() {
                for sample in samples.of(&resource_type) {
                    resource::for_each_reference(sample, &mut |text| {
                        wanted.extend(local_target(text, self.target.base()));
                    });
                }
            }
            wanted.retain(|(resource_type, id)| {
                samples.find(resource_type, id).is_none()
                    && self.bar.types.get(resource_type).is_some_and(|bar| bar.offers("read"))
                    && !asked.contains(&(resource_type.clone(), id.clone()))
            });
            let wanted: Vec<(String, String)> = wanted.into_iter().take(MOST_REFERENCED.saturating_sub(asked.len())).collect();
            if wanted.is_empty() {
                return;
            }
            asked.extend(wanted.iter().cloned());
            let requests = wanted.iter().map(|(resource_type, id)| Request::get(format!("{resource_type}/{id}")));
            let read: Vec<Arc<Exchange>> = stream::iter(requests)
                .map(|request| async move { self.target.fetch(&request).await })
                .buffered(self.concurrency)
                .collect()
                .await;
            for ((resource_type, id), exchange) in wanted.iter().zip(read) {
                let key = format!("{resource_type}/{id}");
                match exchange.resource().filter(|found| resource::key_of(found).as_deref() == Some(&key)) {
                    Some(found) => drop(samples.add(Arc::clone(found.tree()))),
                    None => samples.note(
                        resource_type,
                        said!("{}, which the record references, could not be read: {}", said::key(key), describe(&exchange)),
                    ),
                }
            }
        }
    }

    /// One page of each type that neither names a member nor is referenced, such as a directory's.
    async fn others(&self, samples: &mut Samples) {
        let asked: Vec<&String> = self
            .bar
            .types
            .iter()
            .filter(|(name, bar)| {
                name.as_str() != "Patient" && bar.offers("search-type") && samples.of(name).is_empty() && self.member_param(name).is_none()
            })
            .map(|(name, _)| name)
            .collect();
        // An answer is let go as soon as its resources are taken: a page of profiles takes more memory than everything else.
        let found: Vec<(&String, Vec<Arc<Value>>, Said)> = stream::iter(asked)
            .map(|name| async move {
                let exchange = self.target.fetch(&Request::get(name.clone())).await;
                self.heavy.learn(name, [&*exchange]);
                (name, first_of(&exchange, name), describe(&exchange))
            })
            .buffered(self.concurrency)
            .collect()
            .await;
        for (name, found, told) in found {
            let mut any = false;
            for sample in found {
                any |= samples.add(sample);
            }
            if !any {
                samples.note(name, said!("GET {} showed none: {}", code(name), told));
            }
        }
    }
}

fn matches(exchange: &Exchange) -> impl Iterator<Item = Arc<Value>> {
    let bundle = exchange.resource().and_then(|resource| Bundle::in_document(resource));
    bundle.into_iter().flat_map(|bundle| bundle.shared_matches())
}

/// The first matches of a type, up to the bound.
fn first_of(exchange: &Exchange, resource_type: &str) -> Vec<Arc<Value>> {
    let (mut taken, mut bytes) = (Vec::new(), 0);
    for found in matches(exchange).filter(|found| resource::type_of(found) == Some(resource_type)) {
        bytes += found.to_string().len();
        taken.push(found);
        if bytes > MOST_OTHER_BYTES {
            break;
        }
    }
    taken
}

fn next_of(exchange: &Exchange) -> Option<&str> {
    Bundle::in_document(exchange.resource()?)?.link("next")
}

/// What became of a request, for a note.
fn describe(exchange: &Exchange) -> Said {
    match &exchange.result {
        Ok(response) => said!("status {}", response.status),
        Err(error) => error.said(),
    }
}
