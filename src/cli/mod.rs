//! The command line: one file a command.

mod completions;
mod demo;
mod exit;
mod explain;
mod init;
mod libtest;
mod lint;
mod login;
mod man;
mod options;
pub mod packages;
mod person;
mod plan;
mod report;
mod run;
mod serve;
mod token_store;
mod validate;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::{BadInput, Exit};

/// The program's name, as it is called.
const NAME: &str = "payerspec";

/// Conformance harness for US Patient Access endpoints: FHIR R4, CARIN Blue Button, US Core, CPCDS.
#[derive(Debug, Parser)]
#[command(name = NAME, version, about, max_term_width = 110, after_help = exit::table())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the whole suite against an embedded reference payer; needs no network.
    Demo(demo::Arguments),
    /// Generates the cases, runs them against a server and writes the reports.
    Run(Box<run::Arguments>),
    /// Prints the cases that `run` would run, with the same ids.
    Plan(Box<plan::Arguments>),
    /// Asks an endpoint what it is and writes a payerspec.toml for it.
    Init(init::Arguments),
    /// Signs in as a member's app and keeps the token for later runs.
    Login(Box<login::Arguments>),
    /// Judges files by their types and profiles; needs no server.
    Validate(Box<validate::Arguments>),
    /// As `run`, with every case as a libtest trial.
    Libtest(Box<libtest::Arguments>),
    /// Compares the reports of two runs.
    Report(report::Arguments),
    /// Starts the reference payer and prints one JSON line with its base and tokens.
    Serve(serve::Arguments),
    /// Says what a check demands and why, with an accepted and a rejected example.
    Explain(explain::Arguments),
    /// Checks suite files without a server.
    Lint(lint::Arguments),
    /// Lists, adds, fetches and compiles guides.
    Packages(packages::Arguments),
    /// Prints a script that lets a shell complete commands and options.
    Completions(completions::Arguments),
    /// Prints a manual page.
    Man(man::Arguments),
}

/// Runs the command line and gives the process's exit code.
pub fn main() -> ExitCode {
    keep_out_of_core_dumps();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; a closed pipe is nobody's fault.
            let exit = if error.use_stderr() { Exit::BadInput } else { Exit::Done };
            drop(error.print());
            return exit.into();
        }
    };
    let result = match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Login(arguments) => login::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Libtest(arguments) => libtest::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Packages(arguments) => packages::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(BadInput(message)) => {
            anstream::eprintln!("payerspec: {message}");
            Exit::BadInput.into()
        }
    }
}

/// A crash must not write tokens to a file. Where the system refuses, the run is as good without.
fn keep_out_of_core_dumps() {
    #[cfg(unix)]
    {
        drop(rlimit::Resource::CORE.set(0, 0));
    }
}

/// Writes to standard output; a reader that has gone away is no error.
fn print(text: &str) {
    print_with(|out| out.write_all(text.as_bytes()));
}

/// Lets `write` write to standard output; a reader that has gone away is no error.
fn print_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut out = BufWriter::with_capacity(64 * 1024, anstream::stdout().lock());
    drop(write(&mut out).and_then(|()| out.flush()));
}

/// The key without which nobody can try out whose pseudonym one is.
fn pseudonym_key() -> String {
    std::env::var("PAYERSPEC_PSEUDONYM_KEY").unwrap_or_default()
}

/// A runtime for the commands that use the network.
fn runtime() -> Result<tokio::runtime::Runtime, BadInput> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| BadInput(format!("cannot start the network runtime: {error}")))
}
