//! `payerspec login`: signs in once and keeps the token for later runs.

use super::exit::{BadInput, Exit};
use super::options::TargetOptions;
use crate::target::Target;

/// Arguments of `login`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    target: TargetOptions,
}

/// Signs in as `[auth]` of the configuration says, and keeps the token.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let mut config = arguments.target.config()?;
    if config.auth.is_none() {
        return Err(BadInput(
            "there is nothing to sign in with: give --config FILE with a section [auth], at least its client-id".to_owned(),
        ));
    }
    let store = arguments.target.token_store();
    config.attendant = Some(arguments.target.person());
    let target = Target::new(config)?;
    let runtime = super::runtime()?;
    let signed_in = runtime.block_on(target.sign_in());
    // A person who was to paste an address may still be waited for.
    runtime.shutdown_background();
    match signed_in {
        Ok(_) => {
            let member = if target.signed_in_patient().is_some() { ", for the member whom the server named" } else { "" };
            super::print(&format!("Signed in at {}{member}; the token is kept in {}\n", target.base(), store.display()));
            Ok(Exit::Done)
        }
        Err(error) => {
            anstream::eprintln!("payerspec: {error}");
            Ok(Exit::NotMeasured)
        }
    }
}
