//! Writes the reference payer's record as one JSON file per resource: dump VERSION MEMBERS SEED FOLDER.

use std::path::PathBuf;
use std::{env, fs};

use payerspec::reference::data::{CarinVersion, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [version, members, seed, folder] = arguments.as_slice() else { return Err("usage: dump VERSION MEMBERS SEED FOLDER".into()) };
    let world = generate(version.parse::<CarinVersion>()?, members.parse()?, seed.parse()?);
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)?;
    let resources = world.shared.iter().chain(world.members.iter().flat_map(|member| &member.resources));
    for resource in resources {
        let name = format!("{}-{}.json", resource["resourceType"].as_str().unwrap_or("?"), resource["id"].as_str().unwrap_or("?"));
        fs::write(folder.join(name), serde_json::to_vec_pretty(resource)?)?;
    }
    Ok(())
}
