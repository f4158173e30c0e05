//! `payerspec packages`: lists, adds, fetches and compiles FHIR packages.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exit::{BadInput, Exit};
use super::options::SourceOptions;
use crate::guide::catalogue::Catalogue;
use crate::guide::error::GuideError;
use crate::guide::facts::GuideId;
use crate::guide::package::{self, Given, cache, file_error, registry};
use crate::guide::sources::Sources;

/// What `payerspec packages` is asked to do.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum PackagesCommand {
    /// List the embedded catalogues and the packages in the cache.
    List,
    /// Put package archives into the package cache.
    Add {
        /// Package archives (.tgz).
        #[arg(required = true, value_name = "PACKAGE.tgz")]
        packages: Vec<PathBuf>,
    },
    /// Fetch packages from the registry into the package cache, with what they depend on.
    Fetch {
        /// Packages as ID#VERSION; the version may be `latest`.
        #[arg(required = true, value_name = "ID#VERSION")]
        guides: Vec<GuideId>,
    },
    /// Turn packages into catalogues of facts, as the ones that are embedded.
    Compile {
        /// Package archives (.tgz) or folders.
        #[arg(required = true, value_name = "PACKAGE.tgz")]
        packages: Vec<PathBuf>,
        /// Where to put them: a folder for each package and version is made in it.
        #[arg(long, value_name = "FOLDER", default_value = "profiles")]
        into: PathBuf,
    },
}

/// Arguments of `packages`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: PackagesCommand,
    #[command(flatten)]
    sources: SourceOptions,
}

/// Does what was asked and says what it did.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    perform(&arguments.command, &arguments.sources.sources(), &mut io::stdout().lock())?;
    Ok(Exit::Done)
}

/// Does what was asked and writes what it did to `out`.
///
/// # Errors
/// A package cannot be read, fetched or written, or the command needs a cache or registry that is not there.
pub fn perform(command: &PackagesCommand, sources: &Sources, out: &mut dyn Write) -> Result<(), GuideError> {
    match command {
        PackagesCommand::List => list(sources, out),
        PackagesCommand::Add { packages } => packages.iter().try_for_each(|path| add(path, sources, out)),
        PackagesCommand::Fetch { guides } => guides.iter().try_for_each(|guide| fetch(guide, sources, out)),
        PackagesCommand::Compile { packages, into } => packages.iter().try_for_each(|path| compile(path, into, out)),
    }
}

fn list(sources: &Sources, out: &mut dyn Write) -> Result<(), GuideError> {
    for id in Catalogue::embedded() {
        say(out, &format!("{id}\tembedded"))?;
    }
    if let Some(folder) = &sources.cache {
        for id in cache::list(folder)? {
            say(out, &format!("{id}\t{}", folder.join(id.to_string()).display()))?;
        }
    }
    Ok(())
}

fn add(path: &Path, sources: &Sources, out: &mut dyn Write) -> Result<(), GuideError> {
    let folder = cache_folder(sources)?;
    let length = fs::metadata(path).map_err(file_error("read", path))?.len();
    if length > package::MOST_PACKED as u64 {
        let limit = format!("{} MiB packed", package::MOST_PACKED / (1024 * 1024));
        return Err(GuideError::TooLarge { package: path.display().to_string(), limit });
    }
    let packed = fs::read(path).map_err(file_error("read", path))?;
    let label = path.display().to_string();
    let compiled = package::compile_archive(&label, &*packed)?;
    let id = GuideId::new(compiled.guide.id, compiled.guide.version);
    cache::store(folder, &id, &label, &packed)?;
    say(out, &format!("{id}\t{}", folder.join(id.to_string()).display()))
}

fn fetch(guide: &GuideId, sources: &Sources, out: &mut dyn Write) -> Result<(), GuideError> {
    cache_folder(sources)?;
    let (Some(base), Some(door)) = (&sources.registry, &sources.fetch) else {
        return Err(GuideError::Usage(
            "`packages fetch` needs a registry: leave out --offline, or use `packages add` with a file".to_owned(),
        ));
    };
    let guide = if guide.version == "latest" { registry::latest(base, &guide.package, door.as_ref())? } else { guide.clone() };
    sources.fetch_package(&guide)?;
    say(out, &format!("{guide}\t{}", cache_folder(sources)?.join(guide.to_string()).display()))?;
    let catalogue = Catalogue::load(std::slice::from_ref(&guide), sources)?;
    for missing in catalogue.missing() {
        say(out, &format!("  without {}, needed by {}: {}", missing.guide, missing.needed_by, missing.reason))?;
    }
    Ok(())
}

fn compile(path: &Path, into: &Path, out: &mut dyn Write) -> Result<(), GuideError> {
    let label = path.display().to_string();
    let Given::Package(compiled) = package::open(path)? else {
        return Err(GuideError::NoManifest { package: label });
    };
    package::check_fhir_version(&label, &compiled)?;
    let folder = into.join(&compiled.guide.id).join(&compiled.guide.version);
    let files = compiled.files().map_err(|error| GuideError::BadContent {
        package: label.clone(),
        entry: "package".to_owned(),
        reason: format!("cannot be reduced to facts ({error})"),
    })?;
    fs::create_dir_all(&folder).map_err(file_error("create", &folder))?;
    for (name, content) in files {
        let file = folder.join(name);
        fs::write(&file, content).map_err(file_error("write", &file))?;
    }
    say(out, &format!("{}#{}\t{}", compiled.guide.id, compiled.guide.version, folder.display()))
}

fn cache_folder(sources: &Sources) -> Result<&Path, GuideError> {
    sources.cache.as_deref().ok_or_else(|| GuideError::Usage("there is no package cache: set HOME, or name the cache's folder".to_owned()))
}

fn say(out: &mut dyn Write, line: &str) -> Result<(), GuideError> {
    writeln!(out, "{line}").or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(GuideError::File { action: "write", path: PathBuf::from("standard output"), source: error }),
    })
}
