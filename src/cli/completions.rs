//! `payerspec completions`: what a shell needs to complete commands, options and their values.

use clap::CommandFactory;
use clap_complete::Shell;

use super::exit::{BadInput, Exit};

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script for the shell.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), super::NAME, &mut script);
    super::print_with(|out| out.write_all(&script));
    Ok(Exit::Done)
}
