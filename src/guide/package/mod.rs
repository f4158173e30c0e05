//! FHIR packages as they come: an archive, a folder, the package cache or a registry.

pub mod archive;
pub mod cache;
pub mod folder;
pub mod registry;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::compile::{Compiled, Compiler};
use super::error::GuideError;
use super::facts::GuideId;
use super::index::Kind;
use crate::fhir::json::Value;
use crate::fhir::xml;

/// The most that a package may hold unpacked, in bytes.
pub const MOST_UNPACKED: u64 = 512 * 1024 * 1024;
/// The most files that a package may hold.
pub const MOST_FILES: usize = 100_000;
/// The most that one file in a package may hold, in bytes.
pub const MOST_IN_FILE: u64 = 128 * 1024 * 1024;
/// The most that a package's archive may hold, in bytes.
pub const MOST_PACKED: usize = 256 * 1024 * 1024;

/// What a path that a user gave turned out to be.
#[derive(Debug)]
pub enum Given {
    /// A package.
    Package(Compiled),
    /// One conformance resource.
    Resource(Value),
}

/// Reads a package archive, a package folder or one conformance resource in JSON or XML.
///
/// # Errors
/// The path cannot be read, or what it holds is broken, unsafe, too large or something else.
pub fn open(path: &Path) -> Result<Given, GuideError> {
    let label = path.display().to_string();
    if path.is_dir() {
        return folder::compile(path).map(Given::Package);
    }
    let mut reader = BufReader::new(File::open(path).map_err(file_error("read", path))?);
    let start = std::io::BufRead::fill_buf(&mut reader).map_err(file_error("read", path))?;
    if start.starts_with(&[0x1f, 0x8b]) {
        return compile_archive(&label, reader).map(Given::Package);
    }
    let mut content = Vec::new();
    reader.take(MOST_UNPACKED).read_to_end(&mut content).map_err(file_error("read", path))?;
    resource(&label, &content).map(Given::Resource)
}

/// Reduces a package archive to a catalogue.
///
/// # Errors
/// The archive is broken, unsafe or too large, or a file in it is broken.
pub fn compile_archive(label: &str, archive: impl Read) -> Result<Compiled, GuideError> {
    let mut compiler = Compiler::new(label);
    archive::read(label, archive, &mut |path, content| compiler.add(path, content))?;
    compiler.finish()
}

/// Checks that a package is the one that was asked for, and for R4.
///
/// # Errors
/// It is another one, or for another FHIR version.
pub fn check_identity(label: &str, compiled: &Compiled, wanted: &GuideId) -> Result<(), GuideError> {
    let found = GuideId::new(&*compiled.guide.id, &*compiled.guide.version);
    if found != *wanted {
        return Err(GuideError::OtherPackage { package: label.to_owned(), wanted: wanted.clone(), found });
    }
    check_fhir_version(label, compiled)
}

/// Checks that a package is for R4. One that does not say is taken for it.
///
/// # Errors
/// It is for another FHIR version.
pub fn check_fhir_version(label: &str, compiled: &Compiled) -> Result<(), GuideError> {
    let versions = &compiled.guide.fhir_versions;
    if versions.is_empty() || versions.iter().any(|version| version.starts_with("4.0")) {
        return Ok(());
    }
    Err(GuideError::NotR4 { package: label.to_owned(), versions: versions.join(", ") })
}

fn resource(label: &str, content: &[u8]) -> Result<Value, GuideError> {
    let bad = |reason: String| GuideError::BadContent { package: label.to_owned(), entry: label.to_owned(), reason };
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    let resource: Value = if content.trim_ascii_start().starts_with(b"<") {
        xml::to_json(content)
            .map_err(|error| bad(format!("is neither a package archive (.tgz) nor a conformance resource in JSON or XML ({error})")))?
    } else {
        serde_json::from_slice(content)
            .map_err(|error| bad(format!("is neither a package archive (.tgz) nor a conformance resource in JSON or XML ({error})")))?
    };
    let resource_type = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    if Kind::of_resource(resource_type).is_none() {
        return Err(bad(format!("is a `{resource_type}`; a StructureDefinition, SearchParameter, ValueSet or CodeSystem is needed")));
    }
    if resource.get("url").and_then(Value::as_str).is_none() {
        return Err(bad("has no `url`, so that nothing can refer to it".to_owned()));
    }
    Ok(resource)
}

/// Turns an input or output error into one that names the file.
pub fn file_error(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> GuideError {
    let path = path.to_owned();
    move |source| GuideError::File { action, path, source }
}
