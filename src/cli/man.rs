//! `payerspec man`: the manual pages, in the roff that `man` reads.

use clap::CommandFactory;
use clap_mangen::roff::{Roff, roman};

use super::exit::{BadInput, Exit, STATUSES};
use crate::suite;

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The command whose page is meant, such as `run` or `report diff`; the program's own page when left out.
    command: Vec<String>,
}

/// Prints one page.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let mut command = super::Arguments::command();
    // Names of nested commands and the options that all share are set by this.
    command.build();
    let mut meant = &command;
    for name in &arguments.command {
        let known: Vec<&str> = meant.get_subcommands().map(clap::Command::get_name).collect();
        let found = meant.find_subcommand(name);
        meant = found.ok_or_else(|| {
            BadInput(format!(
                "there is no command {name:?}{}; the commands are {}",
                suite::hint(name, known.iter().copied()),
                known.join(", ")
            ))
        })?;
    }
    let page = page(meant).map_err(|error| BadInput(format!("the page cannot be made: {error}")))?;
    super::print_with(|out| out.write_all(&page));
    Ok(Exit::Done)
}

/// The page of a command, with the exit codes in the section that manuals have for them.
fn page(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let release = format!("{} {}", super::NAME, env!("CARGO_PKG_VERSION"));
    let man = clap_mangen::Man::new(command.clone()).source(release).manual("payerspec manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut statuses = Roff::default();
    statuses.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in STATUSES {
        statuses.control("TP", []).text([roman(code)]).text([roman(meaning)]);
    }
    statuses.to_writer(&mut page)?;
    Ok(page)
}
