//! Packs the catalogues under `profiles/` for embedding: per package an index and independently compressed blocks, so that one record can be
//! had by unpacking one block.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::{Compression, write::DeflateEncoder};
use serde_json::Value;

#[path = "src/guide/index.rs"]
#[expect(dead_code, reason = "the build script only writes the index")]
mod index;

/// A block is closed when it has reached this many bytes.
const BLOCK: usize = 128 * 1024;

/// One package's blocks and index while they grow.
#[derive(Default)]
struct Pack {
    packed: Vec<u8>,
    extents: Vec<(usize, usize, usize)>,
    open: Vec<u8>,
    index: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=profiles");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/guide/index.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let profiles = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("profiles");
    let mut code = String::from("&[\n");
    for (number, folder) in catalogues(&profiles)?.iter().enumerate() {
        let guide: Value = serde_json::from_slice(&fs::read(folder.join("guide.json"))?)?;
        let pack = pack(folder)?;
        fs::write(out.join(format!("{number}.index")), deflate(pack.index.as_bytes())?)?;
        fs::write(out.join(format!("{number}.blocks")), &pack.packed)?;
        writeln!(
            code,
            "Embedded {{ package: {:?}, version: {:?}, guide: {:?}, index: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{number}.index\")), \
             index_length: {}, blocks: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{number}.blocks\")), extents: &{:?} }},",
            guide["id"].as_str().ok_or("guide.json has no id")?,
            guide["version"].as_str().ok_or("guide.json has no version")?,
            guide.to_string(),
            pack.index.len(),
            pack.extents,
        )?;
    }
    code.push(']');
    fs::write(out.join("embedded.rs"), code)?;
    Ok(())
}

/// Folders with a `guide.json`, in order.
fn catalogues(profiles: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for package in fs::read_dir(profiles)? {
        let package = package?.path();
        if !package.is_dir() {
            continue;
        }
        for version in fs::read_dir(package)? {
            let version = version?.path();
            if version.join("guide.json").is_file() {
                found.push(version);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn pack(folder: &Path) -> Result<Pack, Box<dyn Error>> {
    let mut pack = Pack::default();
    for (kind, name) in index::FILES {
        let text = fs::read_to_string(folder.join(name))?;
        if *kind == index::Kind::Expectations {
            let compact: Value = serde_json::from_str(&text)?;
            pack.add(*kind, &compact, &compact.to_string())?;
        } else {
            for line in text.lines() {
                let record = serde_json::from_str(line).map_err(|error| format!("{}/{name}: {error}", folder.display()))?;
                pack.add(*kind, &record, line)?;
            }
        }
        // A block holds records of one kind, since what is used together is then unpacked together.
        pack.close()?;
    }
    Ok(pack)
}

impl Pack {
    fn add(&mut self, kind: index::Kind, record: &Value, line: &str) -> Result<(), Box<dyn Error>> {
        if self.open.len() >= BLOCK {
            self.close()?;
        }
        let row = index::Row::describe(kind, record, self.extents.len(), self.open.len(), line.len());
        self.index.push_str(&row.write());
        self.index.push('\n');
        self.open.extend_from_slice(line.as_bytes());
        Ok(())
    }

    fn close(&mut self) -> Result<(), Box<dyn Error>> {
        if !self.open.is_empty() {
            let packed = deflate(&self.open)?;
            self.extents.push((self.packed.len(), packed.len(), self.open.len()));
            self.packed.extend_from_slice(&packed);
            self.open.clear();
        }
        Ok(())
    }
}

fn deflate(content: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
