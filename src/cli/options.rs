//! Options that several commands share, and what they stand for.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::exit::BadInput;
use super::person::Person;
use super::token_store;
use crate::check::{Declared, PayerFacts};
use crate::fhir::day::Day;
use crate::guide::{Catalogue, GuideId, Sources};
use crate::plan::Selection;
use crate::suite::{self, Suite};
use crate::target::{self, Attendant, AuthConfig, ConfigFile, Downloader, Secret, Target, TargetConfig};

/// What a server is judged by when no guide is named.
pub const DEFAULT_GUIDE: &str = "hl7.fhir.us.carin-bb#2.0.0";
/// The public package registry.
const PUBLIC_REGISTRY: &str = "https://packages.fhir.org";

/// The environment variable that holds the bearer token when nothing else is named.
const TOKEN_VARIABLE: &str = "PAYERSPEC_TOKEN";

/// Where guides come from.
#[derive(Debug, clap::Args)]
pub struct SourceOptions {
    /// A package .tgz, a folder, or one conformance resource; repeatable.
    #[arg(long = "package", value_name = "PATH")]
    packages: Vec<PathBuf>,
    /// Folder of the FHIR package cache [default: ~/.fhir/packages]
    #[arg(long, value_name = "DIR")]
    package_cache: Option<PathBuf>,
    /// URL of the package registry.
    #[arg(long, value_name = "URL", default_value = PUBLIC_REGISTRY)]
    registry: String,
    /// Never asks the package registry.
    #[arg(long)]
    offline: bool,
}

impl SourceOptions {
    /// The sources that the options name.
    pub fn sources(&self) -> Sources {
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
        Sources {
            packages: self.packages.clone(),
            cache: self.package_cache.clone().or_else(|| Some(home?.join(".fhir").join("packages"))),
            registry: (!self.offline).then(|| self.registry.clone()),
            fetch: (!self.offline).then(|| Arc::new(Downloader) as Arc<dyn crate::guide::Fetch>),
        }
    }
}

/// Which guides the target is judged by.
#[derive(Debug, clap::Args)]
pub struct GuideOptions {
    /// A guide as ID#VERSION; repeatable [default: those of the configuration, else those given with --package, else hl7.fhir.us.carin-bb#2.0.0]
    #[arg(long = "guide", value_name = "ID#VERSION")]
    guides: Vec<GuideId>,
    #[command(flatten)]
    sources: SourceOptions,
}

impl GuideOptions {
    /// The guides that are meant: those of flags, else those of the configuration, else those of the packages, else the default.
    pub fn guides(&self, configured: &[GuideId]) -> Result<Vec<GuideId>, BadInput> {
        if !self.guides.is_empty() {
            return Ok(self.guides.clone());
        }
        let mut guides = configured.to_vec();
        if !guides.is_empty() {
            return Ok(guides);
        }
        for path in &self.sources.packages {
            guides.extend(Sources::identify(path)?);
        }
        if guides.is_empty() {
            guides.push(DEFAULT_GUIDE.parse()?);
        }
        Ok(guides)
    }

    /// Loads them with what they depend on.
    pub fn load(&self, configured: &[GuideId]) -> Result<Catalogue, BadInput> {
        Ok(Catalogue::load(&self.guides(configured)?, &self.sources.sources())?)
    }
}

/// Which cases are meant.
#[derive(Debug, clap::Args)]
pub struct SelectionOptions {
    /// An embedded suite by name, `embedded` for all of them, or a suite file or folder; repeatable [default: embedded]
    #[arg(long = "suite", value_name = "NAME|PATH")]
    suites: Vec<String>,
    /// Only cases whose id matches, such as 'c4bb.Coverage.*'; repeatable.
    #[arg(long, value_name = "GLOB")]
    only: Vec<String>,
    /// No cases whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    skip: Vec<String>,
    /// The K-th of N parts of the plan.
    #[arg(long, value_name = "K/N")]
    partition: Option<String>,
    /// The day by whose rules is judged, as YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
}

impl SelectionOptions {
    /// The suites that are meant.
    pub fn suites(&self) -> Result<Vec<Suite>, BadInput> {
        Ok(suite::load(&self.suites)?)
    }

    /// The day by whose rules is judged.
    pub fn as_of(&self) -> Day {
        self.as_of.unwrap_or_else(|| Day::new(time::OffsetDateTime::now_utc().date()))
    }

    /// The cases that are meant.
    pub fn selection(&self) -> Result<Selection, BadInput> {
        Ok(Selection::new(&self.only, &self.skip, self.partition.as_deref())?)
    }
}

/// The endpoint and its declaration.
#[derive(Debug, clap::Args)]
pub struct TargetOptions {
    /// FHIR base URL of the endpoint.
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// Settings of the target; flags win over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// URL of the CapabilityStatement [default: the base with /metadata]
    #[arg(long, value_name = "URL")]
    metadata_url: Option<String>,
    /// URL of the authorization endpoint, where discovery does not say it.
    #[arg(long, value_name = "URL")]
    authorize_url: Option<String>,
    /// URL of the token endpoint, where discovery does not say it.
    #[arg(long, value_name = "URL")]
    token_url: Option<String>,
    /// A CapabilityStatement from a file (JSON or XML) in place of /metadata.
    #[arg(long, value_name = "FILE")]
    capability: Option<PathBuf>,
    /// A file that holds the bearer token; the environment variable PAYERSPEC_TOKEN is used when neither it nor the configuration names one.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file that holds a token of another member, to see that it opens nothing of this one.
    #[arg(long, value_name = "FILE")]
    other_token_file: Option<PathBuf>,
    /// A file that holds a token that has run out, to see it refused.
    #[arg(long, value_name = "FILE")]
    expired_token_file: Option<PathBuf>,
    /// A file that holds a token of another resource server, to see it refused.
    #[arg(long, value_name = "FILE")]
    foreign_token_file: Option<PathBuf>,
    /// File in which tokens of sign-ins are kept [default: payerspec/tokens.json in the XDG state folder]
    #[arg(long, value_name = "FILE")]
    token_store: Option<PathBuf>,
    /// Opens no browser for a sign-in: prints the address, and reads the one that the browser comes back to.
    #[arg(long)]
    no_browser: bool,
    /// Value of the Accept header [default: application/fhir+json]
    #[arg(long, value_name = "TYPE")]
    accept: Option<String>,
    /// Value of the Content-Type header; when given it is sent with every request.
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// A further header for every request, as 'Name: value'; repeatable. No credentials: they belong in --token-file.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// An origin in a private network to which redirects may lead, without credentials; repeatable.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    allow_origins: Vec<String>,
    /// Requests at once [default: 4]
    #[arg(long, value_name = "N")]
    pub concurrency: Option<usize>,
    /// Requests a second at most.
    #[arg(long, value_name = "R")]
    rate: Option<f64>,
    /// Seconds to wait for a response [default: 30]
    #[arg(long, value_name = "S")]
    timeout: Option<f64>,
    /// The configuration file, read once: a pipe can be read no second time.
    #[arg(skip)]
    file: OnceCell<ConfigFile>,
}

impl TargetOptions {
    /// What the payer says of its own data.
    pub fn payer_facts(&self) -> Result<Arc<PayerFacts>, BadInput> {
        Ok(Arc::new(self.file()?.facts.clone()))
    }

    fn file(&self) -> Result<&ConfigFile, BadInput> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = self.config.as_deref().map(ConfigFile::read).transpose()?.unwrap_or_default();
        Ok(self.file.get_or_init(|| file))
    }

    /// The guides that the configuration names.
    pub fn guides(&self) -> Result<Vec<GuideId>, BadInput> {
        let named = &self.file()?.guides;
        named
            .iter()
            .map(|text| text.parse().map_err(|error| BadInput(format!("guides in the configuration: {}", BadInput::from(error).0))))
            .collect()
    }

    /// The target's settings: the file's, and the flags' over them.
    pub fn config(&self) -> Result<TargetConfig, BadInput> {
        let file = self.file()?;
        // A token that is named on the command line is used in place of a sign-in.
        let auth = file.auth.clone().filter(|_| self.token_file.is_none());
        if auth.is_some() && (file.target.token_file.is_some() || file.target.token_env.is_some()) {
            return Err(BadInput("both [auth] and a token in [target] are given: remove one of them".to_owned()));
        }
        let auth = auth.map(AuthConfig::new).transpose()?;
        let by_default = std::env::var_os(TOKEN_VARIABLE).is_some() && self.token_file.is_none() && auth.is_none();
        let flags = target::TargetOptions {
            base: self.target.clone(),
            metadata_url: self.metadata_url.clone(),
            authorize_url: self.authorize_url.clone(),
            token_url: self.token_url.clone(),
            token_file: self.token_file.clone(),
            other_token_file: self.other_token_file.clone(),
            expired_token_file: self.expired_token_file.clone(),
            foreign_token_file: self.foreign_token_file.clone(),
            accept: self.accept.clone(),
            content_type: self.content_type.clone(),
            headers: self.headers()?,
            allow_origins: self.allow_origins.clone(),
            concurrency: self.concurrency,
            rate: self.rate,
            read_timeout: self.timeout,
            ..target::TargetOptions::default()
        };
        let fallback =
            target::TargetOptions { token_env: by_default.then(|| TOKEN_VARIABLE.to_owned()), ..target::TargetOptions::default() };
        let mut config = TargetConfig::new(flags.or(file.target.clone()).or(fallback))?;
        if let Some(auth) = auth {
            // A script needs nobody, and its tokens are for one run.
            config.attendant = auth.forms.is_empty().then(|| self.person());
            config.sign_in_by(auth);
        }
        Ok(config)
    }

    /// Where tokens are kept.
    pub fn token_store(&self) -> PathBuf {
        self.token_store.clone().unwrap_or_else(token_store::default_path)
    }

    /// The person at the terminal.
    pub fn person(&self) -> Arc<dyn Attendant> {
        Arc::new(Person { store: self.token_store(), opens_browser: !self.no_browser })
    }

    fn headers(&self) -> Result<BTreeMap<String, Secret>, BadInput> {
        let pair = |text: &String| {
            let (name, value) = text.split_once(':').ok_or_else(|| BadInput(format!("--header {text:?} is not 'Name: value'")))?;
            Ok((name.trim().to_owned(), Secret::new(value.trim())))
        };
        self.headers.iter().map(pair).collect()
    }

    /// The target, ready to be asked.
    pub fn target(&self) -> Result<Target, BadInput> {
        Ok(Target::new(self.config()?)?)
    }

    /// The declaration, when a file stands in for `/metadata`.
    pub fn declared_from_file(&self) -> Result<Option<Declared>, BadInput> {
        let Some(path) = &self.capability else { return Ok(None) };
        let (statement, capability) = crate::target::declaration_from_file(path)?;
        Ok(Some(Declared { statement: Some(statement), capability: Some(capability), ..Declared::default() }))
    }
}
