//! `payerspec init`: asks an endpoint what it is, and writes a configuration for it.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use self::page::page;
use super::exit::{BadInput, Exit};
use crate::target::{ConfigFile, Target, TargetConfig, TargetOptions};

mod page;

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// FHIR base URL of the endpoint; asked for at a terminal when left out.
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// URL of the CapabilityStatement [default: the base with /metadata]
    #[arg(long, value_name = "URL")]
    metadata_url: Option<String>,
    /// The file to write, which `run --config` reads.
    #[arg(long, value_name = "FILE", default_value = "payerspec.toml")]
    config: PathBuf,
    /// Writes over a file that is there.
    #[arg(long)]
    force: bool,
    /// Seconds to wait for a response [default: 30]
    #[arg(long, value_name = "S")]
    timeout: Option<f64>,
}

/// Asks for `/metadata` and `.well-known/smart-configuration`, without credentials, and writes what they say.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let path = &arguments.config;
    if !arguments.force && path.symlink_metadata().is_ok() {
        return Err(BadInput(format!("{} is there already: give --force to write over it, or --config another file", path.display())));
    }
    let base = match &arguments.target {
        Some(base) => base.clone(),
        None => asked()?,
    };
    let config = TargetConfig::new(TargetOptions {
        base: Some(base),
        metadata_url: arguments.metadata_url.clone(),
        read_timeout: arguments.timeout,
        ..TargetOptions::default()
    })?;
    let target = Target::new(config)?;
    let runtime = super::runtime()?;
    let survey = runtime.block_on(target.survey());
    runtime.shutdown_background();
    if let Some(problem) = &survey.declaration.problem {
        let problem = crate::report::clean(problem);
        anstream::eprintln!("payerspec: {} gives no CapabilityStatement: {problem}; nothing is written", target.config().metadata);
        return Ok(Exit::NotMeasured);
    }
    let text = page(target.config(), &survey);
    // What could not be read back must not be written.
    ConfigFile::parse(&text, path)?;
    write(path, &text, arguments.force)?;
    super::print(&format!(
        "{} is written. Read it, then:\n  payerspec plan --config {0}\n  payerspec run --config {0} --out out\n",
        path.display()
    ));
    Ok(Exit::Done)
}

/// The base that a person at the terminal gives.
fn asked() -> Result<String, BadInput> {
    let missing = || BadInput("which endpoint? Give --target URL, its FHIR base such as https://payer.example/fhir".to_owned());
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(missing());
    }
    anstream::eprint!("FHIR base URL of the endpoint: ");
    drop(std::io::stderr().flush());
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|_| missing())?;
    let base = line.trim();
    if base.is_empty() { Err(missing()) } else { Ok(base.to_owned()) }
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), BadInput> {
    let refused = |error: std::io::Error| BadInput(format!("{} cannot be written: {error}", path.display()));
    let mut options = std::fs::OpenOptions::new();
    // A file that came into being meanwhile stays.
    options.write(true).create(true).truncate(force).create_new(!force);
    let mut file = options.open(path).map_err(refused)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refused)
}
