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
use crate::target::TerminologyServer;
use crate::validate::{Options, Severity, Terminology, Validator};
use inputs::{Found, Kind};
use output::{Format, Output};

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
    let catalogue = Arc::new(arguments.guides.load()?);
    for profile in &arguments.profiles {
        if catalogue.profile(profile).is_none() {
            let guides: Vec<String> = catalogue.guides().iter().map(|guide| guide.id.to_string()).collect();
            let message = format!(
                "there is no profile {profile} in {} or what they build on; name its guide with --guide or --package",
                guides.join(", ")
            );
            return Err(BadInput(message));
        }
    }
    // What embedded guides build on is embedded as far as it can be had; a guide from elsewhere may be made whole by its user.
    let embedded = Catalogue::embedded();
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
    let validator = Validator::new(catalogue, options);
    let output = Output::new(arguments.format, arguments.summary, arguments.min_severity.into());
    let exit = judge(&found, &validator, output);
    if let Some(problem) = server.and_then(|server| server.problem()) {
        anstream::eprintln!("payerspec: {problem}");
    }
    exit
}

fn judge(found: &Found, validator: &Validator, mut output: Output) -> Result<Exit, BadInput> {
    for given in &found.empty {
        anstream::eprintln!("payerspec: {given} holds no .json, .ndjson or .xml file");
    }
    let mut unreadable = !found.empty.is_empty();
    for input in &found.inputs {
        let done = match input.kind {
            Kind::Lines => stream::judge(input, validator, &mut |judged| output.write(&judged)),
            Kind::Document => document::judge(input, validator, &mut |judged| output.write(&judged)),
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
