//! `payerspec validate`: files against their types and profiles, without a server.

mod document;
mod inputs;
mod judged;
mod output;
mod stream;

use std::sync::Arc;

use super::exit::{BadInput, Exit};
use super::options::GuideOptions;
use crate::guide::Catalogue;
use crate::report::Mask;
use crate::target::TerminologyServer;
use crate::validate::{Options, Severity, Terminology, Validator};
use inputs::{Found, Kind};
use output::{Format, Output};

/// Profiles build on each other at most this deep.
const MOST_BASES: usize = 32;

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files (.json, .ndjson, .xml), folders, patterns such as 'data/*.json', or - for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    #[command(flatten)]
    guides: GuideOptions,
    /// A profile that every resource of its type is judged by, whatever it claims; repeatable.
    #[arg(long = "profile", value_name = "URL")]
    profiles: Vec<String>,
    /// Leaves out findings that weigh less.
    #[arg(long, value_enum, default_value = "information")]
    min_severity: Least,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Prints counts by rule after the findings; with text, in place of them.
    #[arg(long)]
    summary: bool,
    /// A terminology server, asked about codes that the packages do not decide.
    #[arg(long, value_name = "URL")]
    tx: Option<String>,
    /// Shows member data: without it names, identifiers, dates and the like are masked, and ids are pseudonyms.
    #[arg(long)]
    show_member_data: bool,
    /// Holds the guides' own mistakes against the data as they are written.
    #[arg(long)]
    literal: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Least {
    Information,
    Warning,
    Error,
}

impl From<Least> for Severity {
    fn from(least: Least) -> Self {
        match least {
            Least::Information => Self::Information,
            Least::Warning => Self::Warning,
            Least::Error => Self::Error,
        }
    }
}

/// Judges every resource in the files.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let found = inputs::find(&arguments.paths)?;
    let catalogue = Arc::new(arguments.guides.load(&[])?);
    let looked = || catalogue.guides().iter().map(|guide| guide.id.to_string()).collect::<Vec<_>>().join(", ");
    for profile in &arguments.profiles {
        if catalogue.profile(profile).is_none() {
            let place = looked();
            return Err(BadInput(format!(
                "there is no profile {profile} in {place} or what they build on; name its guide with --guide or --package"
            )));
        }
        if let Some(base) = missing_base(&catalogue, profile) {
            let place = looked();
            return Err(BadInput(format!(
                "the profile {profile} builds on {base}, which is not in {place} or what they build on; add its package with --package"
            )));
        }
    }
    // What embedded guides build on is embedded as far as it can be had; a guide from elsewhere may be made whole by its user.
    let embedded = Catalogue::embedded();
    for entry in catalogue.all_profiles().iter().filter(|entry| !embedded.contains(&entry.guide)) {
        if let Some(base) = missing_base(&catalogue, &entry.url) {
            anstream::eprintln!(
                "payerspec: {} of {} builds on {base}, which is not in what was loaded; what it inherits is not judged",
                entry.url,
                entry.guide
            );
        }
    }
    for missing in catalogue.missing().iter().filter(|missing| !embedded.contains(&missing.needed_by)) {
        anstream::eprintln!(
            "payerspec: {}, which {} needs, is missing ({}); its profiles and codes are not judged",
            missing.guide,
            missing.needed_by,
            missing.reason
        );
    }
    let server = arguments.tx.as_deref().map(TerminologyServer::new).transpose()?.map(Arc::new);
    let options = Options {
        literal: arguments.literal,
        profiles: arguments.profiles.clone(),
        terminology: server.clone().map(|server| server as Arc<dyn Terminology>),
    };
    let mask = Mask::over("", &catalogue, arguments.show_member_data, &super::pseudonym_key());
    let validator = Validator::new(catalogue, options);
    let output = Output::new(arguments.format, arguments.summary, arguments.min_severity.into(), mask);
    let exit = judge(&found, &validator, output);
    if let Some(problem) = server.and_then(|server| server.problem()) {
        anstream::eprintln!("payerspec: {problem}");
    }
    exit
}

/// The definition that a profile without a snapshot builds on and that is nowhere.
fn missing_base(catalogue: &Catalogue, canonical: &str) -> Option<String> {
    let mut profile = catalogue.profile(canonical)?;
    // A chain of bases that runs in a circle ends.
    for _ in 0..MOST_BASES {
        let base = profile.base.clone().filter(|_| profile.is_differential)?;
        match catalogue.profile(&base) {
            Some(next) => profile = next,
            None => return Some(base),
        }
    }
    None
}

fn judge(found: &Found, validator: &Validator, mut output: Output) -> Result<Exit, BadInput> {
    for given in &found.empty {
        anstream::eprintln!("payerspec: {given} holds no .json, .ndjson or .xml file");
    }
    let mut unreadable = !found.empty.is_empty();
    for input in &found.inputs {
        let done = match input.kind {
            Kind::Lines => stream::judge(input, validator, &mut |judged| output.write(judged)),
            Kind::Document => document::judge(input, validator, &mut |judged| output.write(judged)),
        };
        if let Err(error) = done {
            anstream::eprintln!("payerspec: cannot read {}: {error}", input.name);
            unreadable = true;
        }
        if output.is_broken() {
            break;
        }
    }
    let tally = output.finish();
    Ok(match tally {
        None => Exit::Unreported,
        Some(tally) if tally.invalid > 0 => Exit::Deviates,
        Some(_) if unreadable => Exit::NotMeasured,
        Some(tally) if tally.resources == 0 => {
            anstream::eprintln!("payerspec: there was no resource in what was given");
            Exit::NotMeasured
        }
        Some(_) => Exit::Done,
    })
}
