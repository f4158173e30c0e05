//! Where guides come from, and in which order: packages given by hand, embedded ones, the package cache, a registry.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::compile::{Compiled, Compiler};
use super::embedded;
use super::error::GuideError;
use super::facts::GuideId;
use super::package::{self, Given, cache, registry};
use super::shelf::Shelf;

/// Where to look for packages.
#[derive(Clone, Default)]
pub struct Sources {
    /// Archives, folders and single conformance resources given by hand. They count before what is embedded.
    pub packages: Vec<PathBuf>,
    /// The FHIR package cache, by convention `~/.fhir/packages`.
    pub cache: Option<PathBuf>,
    /// Base URL of a package registry; `None` when offline.
    pub registry: Option<String>,
    /// How to reach the registry.
    pub fetch: Option<Arc<dyn Fetch>>,
}

/// Gets a URL's content.
pub trait Fetch: Send + Sync {
    /// The body of a successful answer.
    ///
    /// # Errors
    /// Why there is none, in words: not reachable, a status other than 200, or more than `limit` bytes.
    fn get(&self, url: &str, limit: usize) -> Result<Vec<u8>, String>;
}

/// A dependency that could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The package.
    pub guide: GuideId,
    /// The package that names it.
    pub needed_by: GuideId,
    /// Where it was looked for, or why it could not be used.
    pub reason: String,
}

/// Everything that was loaded.
pub(super) struct Loaded {
    pub wanted: Vec<Arc<Shelf>>,
    /// Given by hand, then dependencies by distance.
    pub others: Vec<Arc<Shelf>>,
    pub core: Arc<Shelf>,
    pub missing: Vec<Missing>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sources")
            .field("packages", &self.packages)
            .field("cache", &self.cache)
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}

impl Sources {
    /// What a path that a user gave is: the package's id, or `None` for a single resource.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn identify(path: &std::path::Path) -> Result<Option<GuideId>, GuideError> {
        Ok(match package::open(path)? {
            Given::Package(compiled) => Some(GuideId::new(compiled.guide.id, compiled.guide.version)),
            Given::Resource(_) => None,
        })
    }

    pub(super) fn load(&self, wanted: &[GuideId]) -> Result<Loaded, GuideError> {
        let given = self.given()?;
        let mut wanted: Vec<Arc<Shelf>> = wanted.iter().map(|id| self.wanted(id, &given)).collect::<Result<_, _>>()?;
        let mut seen: HashSet<GuideId> = HashSet::new();
        wanted.retain(|shelf| seen.insert(shelf.id()));
        let mut others: Vec<Arc<Shelf>> = given.iter().filter(|shelf| seen.insert(shelf.id())).cloned().collect();
        let mut missing = Vec::new();
        let mut queue: VecDeque<Arc<Shelf>> = wanted.iter().chain(&others).cloned().collect();
        while let Some(shelf) = queue.pop_front() {
            for (name, version) in &shelf.guide.dependencies {
                let id = unaliased(name, version);
                if !seen.insert(id.clone()) {
                    continue;
                }
                match self.dependency(&id, &shelf, &given) {
                    Ok(found) => {
                        queue.push_back(Arc::clone(&found));
                        others.push(found);
                    }
                    Err(error) => missing.push(Missing { guide: id, needed_by: shelf.id(), reason: error.to_string() }),
                }
            }
        }
        let core = GuideId::core();
        let core_shelf = embedded::shelf(&core)?;
        let core = core_shelf.ok_or(GuideError::Embedded { guide: core, reason: "it is not there".to_owned() })?;
        Ok(Loaded { wanted, others, core, missing })
    }

    /// The packages given by hand; single resources make one package together, which counts before the others.
    fn given(&self) -> Result<Vec<Arc<Shelf>>, GuideError> {
        let mut shelves = Vec::new();
        let mut loose = Compiler::new("--package");
        let mut any_loose = false;
        for path in &self.packages {
            match package::open(path)? {
                Given::Package(compiled) => {
                    package::check_fhir_version(&path.display().to_string(), &compiled)?;
                    shelves.push(shelve(compiled, &path.display().to_string())?);
                }
                Given::Resource(resource) => {
                    any_loose = true;
                    loose.add_resource(&path.display().to_string(), &resource)?;
                }
            }
        }
        if any_loose {
            shelves.insert(0, shelve(loose.finish_as(&GuideId::new("local", "0")), "--package")?);
        }
        Ok(shelves)
    }

    fn wanted(&self, id: &GuideId, given: &[Arc<Shelf>]) -> Result<Arc<Shelf>, GuideError> {
        self.find(&self.exact(id, given)?, given)
    }

    /// The exact version that is meant.
    fn exact(&self, id: &GuideId, given: &[Arc<Shelf>]) -> Result<GuideId, GuideError> {
        if id.version == "latest" {
            if let Some(shelf) = given.iter().find(|shelf| shelf.guide.id == id.package) {
                return Ok(shelf.id());
            }
            return match (&self.registry, &self.fetch) {
                (Some(registry), Some(fetch)) => registry::latest(registry, &id.package, fetch.as_ref()),
                _ => Err(GuideError::NotFound { guide: id.clone(), looked: "no registry, which alone knows the latest".to_owned() }),
            };
        }
        let inexact =
            ["current", "dev", "*"].contains(&id.version.as_str()) || id.version.split('.').any(|part| ["x", "X", "*"].contains(&part));
        if inexact { Err(GuideError::InexactVersion { guide: id.clone() }) } else { Ok(id.clone()) }
    }

    /// A dependency of an embedded guide comes from what is embedded or given by hand only, so that the embedded guides mean the same on
    /// every machine and need no network.
    fn dependency(&self, id: &GuideId, needed_by: &Shelf, given: &[Arc<Shelf>]) -> Result<Arc<Shelf>, GuideError> {
        if !needed_by.embedded {
            return self.wanted(id, given);
        }
        let id = self.exact(id, given)?;
        if let Some(shelf) = given.iter().find(|shelf| shelf.id() == id) {
            return Ok(Arc::clone(shelf));
        }
        let looked = "embedded catalogues and packages given with --package, which is all that an embedded guide builds on".to_owned();
        embedded::shelf(&id)?.ok_or(GuideError::NotFound { guide: id, looked })
    }

    fn find(&self, id: &GuideId, given: &[Arc<Shelf>]) -> Result<Arc<Shelf>, GuideError> {
        let mut looked = Vec::new();
        if let Some(shelf) = given.iter().find(|shelf| shelf.id() == *id) {
            return Ok(Arc::clone(shelf));
        }
        if !self.packages.is_empty() {
            looked.push("the packages given with --package".to_owned());
        }
        if let Some(shelf) = embedded::shelf(id)? {
            return Ok(shelf);
        }
        looked.push("embedded catalogues".to_owned());
        if let Some(folder) = &self.cache {
            if let Some(compiled) = cache::load(folder, id)? {
                let label = folder.join(id.to_string()).display().to_string();
                package::check_identity(&label, &compiled, id)?;
                return shelve(compiled, &label);
            }
            looked.push(format!("package cache {}", folder.display()));
        }
        if self.registry.is_some() {
            let (url, compiled) = self.fetch_package(id)?;
            return shelve(compiled, &url);
        }
        looked.push("no registry, since offline".to_owned());
        Err(GuideError::NotFound { guide: id.clone(), looked: looked.join("; ") })
    }

    /// Fetches an exact version from the registry, with the URL that it came from. It is put into the cache when there is one.
    ///
    /// # Errors
    /// There is no registry, it does not give the package, the package cannot be used, or the cache cannot be written.
    pub fn fetch_package(&self, id: &GuideId) -> Result<(String, Compiled), GuideError> {
        let (Some(base), Some(fetch)) = (&self.registry, &self.fetch) else {
            return Err(GuideError::NotFound { guide: id.clone(), looked: "no registry, since offline".to_owned() });
        };
        let (url, packed) = registry::archive(base, id, fetch.as_ref())?;
        let compiled = package::compile_archive(&url, &*packed)?;
        package::check_identity(&url, &compiled, id)?;
        if let Some(folder) = &self.cache {
            cache::store(folder, id, &url, &packed)?;
        }
        Ok((url, compiled))
    }
}

fn shelve(compiled: Compiled, label: &str) -> Result<Arc<Shelf>, GuideError> {
    let bad = |error: serde_json::Error| GuideError::BadContent {
        package: label.to_owned(),
        entry: "package".to_owned(),
        reason: format!("cannot be reduced to facts ({error})"),
    };
    Shelf::of_compiled(compiled).map(Arc::new).map_err(bad)
}

/// A second version of one package is named as a dependency by an alias that ends in the version, such as `hl7.fhir.us.core.v610` for 6.1.0.
/// The npm form of an alias, `npm:ID@VERSION`, is understood too.
fn unaliased(name: &str, version: &str) -> GuideId {
    if let Some((name, version)) = version.strip_prefix("npm:").and_then(|target| target.rsplit_once('@')) {
        return GuideId::new(name, version);
    }
    let digits: String = version.chars().filter(char::is_ascii_digit).collect();
    let package = name.strip_suffix(&format!(".v{digits}")).unwrap_or(name);
    GuideId::new(package, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_names_the_package_itself() {
        assert_eq!(unaliased("hl7.fhir.us.core.v610", "6.1.0").to_string(), "hl7.fhir.us.core#6.1.0");
        assert_eq!(unaliased("hl7.fhir.us.core", "7.0.0").to_string(), "hl7.fhir.us.core#7.0.0");
        assert_eq!(unaliased("hl7.fhir.us.core.v610", "7.0.0").to_string(), "hl7.fhir.us.core.v610#7.0.0");
        assert_eq!(unaliased("core2", "npm:hl7.fhir.us.core@6.1.0").to_string(), "hl7.fhir.us.core#6.1.0");
    }
}
