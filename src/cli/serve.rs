//! `payerspec serve`: the reference payer until it is interrupted.

use std::path::{Path, PathBuf};

use super::exit::{BadInput, Exit};
use super::options::DEFAULT_GUIDE;
use crate::fhir::json::{Value, json};
use crate::guide::GuideId;
use crate::reference::{self, Auth, AuthorizationServer, Options, Running};

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
    /// How callers show who they are: none, bearer, smart (SMART App Launch) or utah (the flow that a state Medicaid documents).
    #[arg(long, value_name = "KIND", default_value = "bearer")]
    auth: Auth,
    /// Public keys, as a JWK Set, of the clients asymmetric-app and backend-service, beside the key that the payer makes for them.
    #[arg(long, value_name = "FILE")]
    client_keys: Option<PathBuf>,
    /// TOML file with the issuer, client-id and client-secret of another authorization server, which issues the tokens of --auth smart.
    #[arg(long, value_name = "FILE")]
    authorization_server: Option<PathBuf>,
    /// How many seconds an access token lasts.
    #[arg(long, value_name = "S", default_value_t = 3600, value_parser = clap::value_parser!(i64).range(1..=86_400))]
    token_seconds: i64,
}

/// Starts the payer, prints one JSON line with its base and members, and serves until interrupted.
pub fn run(arguments: &Arguments) -> Result<Exit, BadInput> {
    let mut options = Options::new(&arguments.guide, &arguments.faults, arguments.members, arguments.seed)?;
    options = options
        .with_auth(arguments.auth)
        .with_token_seconds(arguments.token_seconds)
        .with_port(arguments.port)
        .with_writes(arguments.writable);
    if let Some(folder) = &arguments.data {
        options = options.with_data(folder)?;
    }
    if let Some(path) = &arguments.client_keys {
        options = options.with_client_keys(client_keys(path)?);
    }
    if let Some(path) = &arguments.authorization_server {
        options = options.with_authorization_server(authorization_server(path)?);
    }
    let runtime = super::runtime()?;
    runtime.block_on(async {
        let payer = reference::start(options).await.map_err(|error| BadInput(format!("the reference payer cannot start: {error}")))?;
        super::print(&format!("{}\n", ready(&payer)));
        tokio::signal::ctrl_c().await.map_err(|error| BadInput(format!("cannot wait for an interrupt: {error}")))?;
        payer.shutdown().await;
        Ok(Exit::Done)
    })
}

/// What the one line says: where, who, and with an authorization server which clients.
fn ready(payer: &Running) -> Value {
    let mut line = json!({ "base": payer.base(), "members": payer.members() });
    if !payer.clients().is_empty() {
        line["clients"] = json!(payer.clients());
        line["password"] = json!(reference::PASSWORD);
        line["expired_token"] = json!(payer.expired_token());
    }
    if let Some(authority) = payer.authority() {
        line["authority"] = json!(authority);
    }
    line
}

fn client_keys(path: &Path) -> Result<Vec<Value>, BadInput> {
    let unusable = |what: String| BadInput(format!("{}: {what}; give a JWK Set: {{\"keys\": [...]}}", path.display()));
    let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let document: Value = serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?;
    document.get("keys").and_then(Value::as_array).cloned().ok_or_else(|| unusable("it has no keys".to_owned()))
}

fn authorization_server(path: &Path) -> Result<AuthorizationServer, BadInput> {
    let unusable = |what: String| BadInput(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    toml::from_str(&text).map_err(|error| unusable(error.to_string()))
}
