//! `payerspec serve`: the reference payer until it is interrupted.

use std::path::PathBuf;

use serde_json::json;

use super::exit::{BadInput, Exit};
use super::options::DEFAULT_GUIDE;
use crate::guide::GuideId;
use crate::reference::{self, Auth, Options};

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Port on loopback; 0 takes any that is free.
    #[arg(long, value_name = "P", default_value_t = 0)]
    port: u16,
    /// The guide that the payer follows: any embedded CARIN Blue Button version.
    #[arg(long, value_name = "ID#VERSION", default_value = DEFAULT_GUIDE)]
    guide: GuideId,
    /// A way for the payer to be broken; repeatable.
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// How many synthetic members there are.
    #[arg(long, value_name = "N", default_value_t = 3)]
    members: usize,
    /// Seed of the synthetic members.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Takes writes of Coverage, in memory.
    #[arg(long)]
    writable: bool,
    /// Folder with more resources: JSON files, Bundles included.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How callers show who they are: none or bearer.
    #[arg(long, value_name = "KIND", default_value = "bearer")]
    auth: String,
}

/// Starts the payer, prints one JSON line with its base and members, and serves until interrupted.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let auth: Auth = arguments.auth.parse()?;
    let mut options = Options::new(&arguments.guide, &arguments.faults, arguments.members, arguments.seed)?;
    options = options.with_auth(auth).with_port(arguments.port).with_writes(arguments.writable);
    if let Some(folder) = &arguments.data {
        options = options.with_data(folder)?;
    }
    let runtime = super::runtime()?;
    runtime.block_on(async {
        let payer = reference::start(options).await.map_err(|error| BadInput(format!("the reference payer cannot start: {error}")))?;
        super::print(&format!("{}\n", json!({ "base": payer.base(), "members": payer.members() })));
        tokio::signal::ctrl_c().await.map_err(|error| BadInput(format!("cannot wait for an interrupt: {error}")))?;
        payer.shutdown().await;
        Ok(Exit::Done)
    })
}
