//! What can be wrong with a guide or its package.

use std::path::PathBuf;

use super::facts::GuideId;

/// A guide that cannot be loaded, a package that cannot be read, or a catalogue that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum GuideError {
    /// Not `ID#VERSION`.
    #[error("`{text}` is not a guide: write package id and version as ID#VERSION, such as hl7.fhir.us.carin-bb#2.0.0")]
    NotAGuideId {
        /// What was given.
        text: String,
    },
    /// A version such as `current` or `1.0.x`.
    #[error("guide {guide}: the version `{}` names no one release; give an exact version, or `latest`", guide.version)]
    InexactVersion {
        /// What was asked for.
        guide: GuideId,
    },
    /// A wanted guide is nowhere.
    #[error("guide {guide} was not found (looked in: {looked}); check id and version, or give its package file with --package")]
    NotFound {
        /// What was asked for.
        guide: GuideId,
        /// The places, separated by semicolons.
        looked: String,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}: {source}; check that it exists and that you may", path.display())]
    File {
        /// `read`, `write`, `create` …
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The archive is not a whole gzip-compressed tar.
    #[error("package {package}: the archive is broken at {entry}: {reason}; fetch it again")]
    BrokenArchive {
        /// File or URL.
        package: String,
        /// Entry, or where in the archive.
        entry: String,
        /// Why.
        reason: String,
    },
    /// An entry that would leave the package's folder or is not a plain file.
    #[error("package {package}: refused because the entry `{entry}` is {problem}; nothing was written. Get the package from its publisher")]
    UnsafeEntry {
        /// File or URL.
        package: String,
        /// The entry's path.
        entry: String,
        /// Such as `a symbolic link`.
        problem: &'static str,
    },
    /// Too much content.
    #[error("package {package}: refused because it holds more than {limit}; nothing was written. Get the package from its publisher")]
    TooLarge {
        /// File or URL.
        package: String,
        /// Such as `512 MiB unpacked`.
        limit: String,
    },
    /// A file in the package is not what it must be.
    #[error("package {package}: `{entry}` {reason}; fetch the package again or correct that file")]
    BadContent {
        /// File or URL.
        package: String,
        /// The file in the package.
        entry: String,
        /// What is wrong.
        reason: String,
    },
    /// There is no `package.json`.
    #[error(
        "package {package}: it has no package/package.json, so it is no FHIR package; give a package .tgz, its folder, or one conformance resource"
    )]
    NoManifest {
        /// File or folder.
        package: String,
    },
    /// The package is another one than asked for.
    #[error("package {package}: it says that it is {found}, not {wanted}; remove it from where it was found and get the right one")]
    OtherPackage {
        /// File or URL.
        package: String,
        /// What was asked for.
        wanted: GuideId,
        /// What `package.json` says.
        found: GuideId,
    },
    /// The package is for another FHIR version.
    #[error("package {package}: it is for FHIR {versions}; only packages for FHIR R4 (4.0.x) can be used")]
    NotR4 {
        /// File or URL.
        package: String,
        /// What `package.json` says.
        versions: String,
    },
    /// The registry did not give the package.
    #[error("cannot fetch {url}: {reason}; check the registry URL and the network, or work with --offline and --package")]
    Fetch {
        /// What was asked for.
        url: String,
        /// Why.
        reason: String,
    },
    /// The embedded data cannot be read: a fault of this program's build.
    #[error("the embedded catalogue of {guide} cannot be read ({reason}); this binary is broken, build or download it again")]
    Embedded {
        /// Which.
        guide: GuideId,
        /// Why.
        reason: String,
    },
    /// A command that needs something that is not there.
    #[error("{0}")]
    Usage(String),
}
