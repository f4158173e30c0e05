//! What a reference payer is to be: read and checked before anything is started.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::MemberAccess;
use super::data::{self, CarinVersion, UnknownVersion};
use super::fault::{Breach, Faults, UnknownFault};
use super::oauth::{self, AuthorizationServer, Dialect, Foreign, Office, SigningKey};
use super::state::{State, StoreError, Target};
use super::tamper::tamper;
use crate::fhir::json::Value;
use crate::fhir::resource;
use crate::guide::GuideId;

const CARIN: &str = "hl7.fhir.us.carin-bb";
/// How many seconds an access token lasts, when nothing else is asked for.
const TOKEN_SECONDS: i64 = 3600;
/// The most members that are generated.
const MOST_MEMBERS: usize = 10_000;

/// How callers show who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// They do not: everybody sees everything.
    None,
    /// By one bearer token a member.
    #[default]
    Bearer,
    /// By what an authorization server gave them: SMART App Launch. The bearer tokens of the members are good as well.
    Smart,
    /// In the same way, by the flow that a state Medicaid documents.
    Utah,
}

/// What cannot be started.
#[derive(Debug, Error)]
pub enum OptionsError {
    /// The guide is no CARIN Blue Button.
    #[error("the reference payer follows {CARIN} only, not `{0}`: give {CARIN}#2.0.0 or another version of it")]
    Guide(String),
    /// The version is not embedded.
    #[error(transparent)]
    Version(#[from] UnknownVersion),
    /// The fault is not known.
    #[error(transparent)]
    Fault(#[from] UnknownFault),
    /// More members than fit.
    #[error("{0} members are too many: give at most {MOST_MEMBERS}")]
    Members(usize),
    /// The authorization is not offered.
    #[error("--auth {0} is not offered: give none, bearer, smart or utah")]
    Auth(String),
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no JSON.
    #[error("{path} is no JSON: {source}")]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A resource cannot be served.
    #[error("{path}: {source}")]
    Resource {
        /// The file.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
}

/// What the payer is to be.
#[derive(Clone, Debug)]
pub struct Options {
    version: CarinVersion,
    faults: Faults,
    members: usize,
    seed: u64,
    auth: Auth,
    port: u16,
    writable: bool,
    secure: bool,
    extra: Vec<(PathBuf, Value)>,
    client_keys: Vec<Value>,
    token_seconds: i64,
    authorization_server: Option<AuthorizationServer>,
}

impl std::str::FromStr for Auth {
    type Err = OptionsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::None, Self::Bearer, Self::Smart, Self::Utah];
        all.into_iter().find(|auth| auth.word() == text).ok_or_else(|| OptionsError::Auth(text.to_owned()))
    }
}

impl Auth {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bearer => "bearer",
            Self::Smart => "smart",
            Self::Utah => "utah",
        }
    }
}

impl Options {
    /// A payer with generated members, bearer tokens and any free port on loopback.
    ///
    /// # Errors
    /// When the guide, a fault or the number of members is not one that there is.
    pub fn new(guide: &GuideId, faults: &[impl AsRef<str>], members: usize, seed: u64) -> Result<Self, OptionsError> {
        if guide.package != CARIN {
            return Err(OptionsError::Guide(guide.package.clone()));
        }
        if members > MOST_MEMBERS {
            return Err(OptionsError::Members(members));
        }
        let (version, faults) = (guide.version.parse()?, Faults::named(faults)?);
        let secure = faults.has_family("tls");
        Ok(Self {
            version,
            faults,
            members,
            seed,
            auth: Auth::default(),
            port: 0,
            writable: false,
            secure,
            extra: Vec::new(),
            client_keys: Vec::new(),
            token_seconds: TOKEN_SECONDS,
            authorization_server: None,
        })
    }

    /// Sets how callers show who they are.
    #[must_use]
    pub fn with_auth(self, auth: Auth) -> Self {
        Self { auth, ..self }
    }

    /// Sets the port; 0 takes any that is free.
    #[must_use]
    pub fn with_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Sets whether Coverage may be written.
    #[must_use]
    pub fn with_writes(self, writable: bool) -> Self {
        Self { writable, ..self }
    }

    /// Sets whether it speaks TLS, which one with a fault of TLS does anyhow.
    #[must_use]
    pub fn with_tls(self, secure: bool) -> Self {
        Self { secure: secure || self.secure, ..self }
    }

    /// Adds public keys, as JWKs, of the clients that sign.
    #[must_use]
    pub fn with_client_keys(self, client_keys: Vec<Value>) -> Self {
        Self { client_keys, ..self }
    }

    /// Sets how many seconds an access token lasts.
    #[must_use]
    pub fn with_token_seconds(self, token_seconds: i64) -> Self {
        Self { token_seconds, ..self }
    }

    /// Leaves it to another authorization server to issue the tokens of SMART App Launch.
    #[must_use]
    pub fn with_authorization_server(self, server: AuthorizationServer) -> Self {
        Self { authorization_server: Some(server), auth: Auth::Smart, ..self }
    }

    /// Adds the resources of every `.json` file in a folder; Bundles are unpacked. A Patient among them is a member with a token.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read, or a file is no JSON.
    pub fn with_data(mut self, folder: &Path) -> Result<Self, OptionsError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| OptionsError::Unreadable { path, source }
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
            paths.push(entry.map_err(unreadable(folder))?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        for path in paths {
            let text = std::fs::read(&path).map_err(unreadable(&path))?;
            let value: Value = serde_json::from_slice(&text).map_err(|source| OptionsError::NotJson { path: path.clone(), source })?;
            self.add(path, value);
        }
        Ok(self)
    }

    fn add(&mut self, path: PathBuf, value: Value) {
        if resource::type_of(&value) != Some("Bundle") {
            return self.extra.push((path, value));
        }
        let entries = value.get("entry").and_then(Value::as_array).into_iter().flatten();
        self.extra.extend(entries.filter_map(|entry| entry.get("resource")).map(|inner| (path.clone(), inner.clone())));
    }

    /// The port to listen on.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// How callers show who they are.
    pub(super) fn auth(&self) -> Auth {
        if self.faults.has(Breach::OauthDocumentedFlow) { Auth::Utah } else { self.auth }
    }

    /// The authorization server that issues the tokens, when it is not the payer's own.
    pub(super) fn authorization_server(&self) -> Option<&AuthorizationServer> {
        self.authorization_server.as_ref()
    }

    /// The record, generated and loaded; `foreign` is the authorization server that was found.
    pub(super) fn state(self, foreign: Option<Foreign>) -> Result<State, OptionsError> {
        let auth = self.auth();
        let mut world = data::generate(self.version, self.members, self.seed);
        let known = data::known::facts(&world, self.version);
        tamper(&mut world, &self.faults);
        let mut patients: Vec<_> = world.members.iter().map(|member| member.patient_id.clone()).collect();
        let added = self.extra.iter().map(|(_, value)| value).filter(|value| resource::type_of(value) == Some("Patient"));
        for id in added.filter_map(resource::id_of) {
            if !patients.iter().any(|known| known == id) {
                patients.push(id.to_owned());
            }
        }
        let members = patients.iter().map(|patient| MemberAccess { patient: patient.clone(), token: token(patient, self.seed) }).collect();
        let mut state = State::new(self.version, self.faults, auth != Auth::None, members);
        state.writable = self.writable;
        state.known = known;
        state.secure = self.secure;
        state.foreign_token = token("elsewhere", self.seed);
        let dialect = match auth {
            Auth::None | Auth::Bearer => None,
            Auth::Smart => Some(Dialect::Smart),
            Auth::Utah => Some(Dialect::Utah),
        };
        if let Some(dialect) = dialect {
            let (clients, told) = oauth::registered(dialect, token("secret", self.seed), &self.client_keys);
            // Another authorization server has clients of its own.
            state.clients = if foreign.is_some() { Vec::new() } else { told };
            let mut office = Office::new(dialect, clients, SigningKey::embedded(), self.token_seconds);
            office.foreign = foreign;
            state.office = Some(office);
        }
        let generated = world
            .members
            .into_iter()
            .enumerate()
            .flat_map(|(at, member)| member.resources.into_iter().map(move |resource| (Some(at), resource)));
        let unplaced = |source| OptionsError::Resource { path: PathBuf::from("generated data"), source };
        for (owner, resource) in generated.chain(world.shared.into_iter().map(|resource| (None, resource))) {
            for former in data::former::versions(&resource) {
                state.hold(owner, former).map_err(unplaced)?;
            }
            state.hold(owner, resource).map_err(unplaced)?;
        }
        for (path, resource) in self.extra {
            let owner = owner(&state, &resource);
            state.hold(owner, resource).map_err(|source| OptionsError::Resource { path, source })?;
        }
        Ok(state)
    }
}

/// The member whom a resource is about.
pub(super) fn owner(state: &State, value: &Value) -> Option<usize> {
    if resource::type_of(value) == Some("Patient") {
        return state.member_of(resource::id_of(value)?);
    }
    let about = ["patient", "beneficiary", "subject"].into_iter().filter_map(|name| value.get(name)?.get("reference")?.as_str());
    about.filter_map(Target::of).filter(|target| target.resource_type == "Patient").find_map(|target| state.member_of(target.id))
}

/// A token that the same seed always gives; it guards synthetic data only.
fn token(patient: &str, seed: u64) -> String {
    let mut mixed = seed ^ 0x9e37_79b9_7f4a_7c15;
    for byte in patient.bytes() {
        mixed = (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        mixed ^= mixed >> 29;
    }
    format!("{patient}-{mixed:016x}")
}

#[cfg(test)]
mod tests {
    use super::{Auth, Options, OptionsError};
    use crate::guide::GuideId;

    fn guide(package: &str, version: &str) -> GuideId {
        GuideId { package: package.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let carin = guide("hl7.fhir.us.carin-bb", "2.0.0");
        assert!(matches!(Options::new(&guide("hl7.fhir.us.core", "6.1.0"), &[""; 0], 1, 1), Err(OptionsError::Guide(_))));
        assert!(matches!(Options::new(&guide("hl7.fhir.us.carin-bb", "9.0.0"), &[""; 0], 1, 1), Err(OptionsError::Version(_))));
        assert!(matches!(Options::new(&carin, &["no.such"], 1, 1), Err(OptionsError::Fault(_))));
        assert!(matches!(Options::new(&carin, &[""; 0], usize::MAX, 1), Err(OptionsError::Members(_))));
        assert!(matches!("basic".parse::<Auth>(), Err(OptionsError::Auth(_))));
    }

    #[test]
    fn every_version_starts_with_its_own_resources() {
        for version in ["1.1.0", "2.0.0", "2.1.0", "2.2.0"] {
            let state = Options::new(&guide("hl7.fhir.us.carin-bb", version), &[""; 0], 2, 7).unwrap().state(None).unwrap();
            assert_eq!(state.members.len(), 2);
            assert_ne!(state.members[0].token, state.members[1].token);
            assert!(state.serves("ExplanationOfBenefit") && state.serves("Organization"));
        }
    }
}
