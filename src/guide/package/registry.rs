//! A FHIR package registry: `GET <registry>/<id>/<version>` gives the archive, `GET <registry>/<id>` what versions there are.

use super::MOST_PACKED;
use crate::fhir::json::Value;
use crate::guide::error::GuideError;
use crate::guide::facts::GuideId;
use crate::guide::sources::Fetch;

/// The public registry.
pub const PUBLIC: &str = "https://packages.fhir.org";

/// The most that a registry's list of versions may hold, in bytes.
const MOST_METADATA: usize = 16 * 1024 * 1024;

/// The version that the registry calls `latest`.
///
/// # Errors
/// The registry does not answer, or names no such version.
pub fn latest(registry: &str, package: &str, fetch: &dyn Fetch) -> Result<GuideId, GuideError> {
    let url = format!("{}/{package}", registry.trim_end_matches('/'));
    let failed = |reason: String| GuideError::Fetch { url: url.clone(), reason };
    let content = fetch.get(&url, MOST_METADATA).map_err(failed)?;
    let metadata: Value = serde_json::from_slice(&content).map_err(|error| failed(format!("the answer is not JSON ({error})")))?;
    let version = metadata.get("dist-tags").and_then(|tags| tags.get("latest")).and_then(Value::as_str);
    let id = version.map(|version| GuideId::new(package, version)).filter(GuideId::is_well_formed);
    id.ok_or_else(|| failed("the answer names no `latest` version".to_owned()))
}

/// The archive of an exact version, with the URL that it came from.
///
/// # Errors
/// The registry does not give it.
pub fn archive(registry: &str, id: &GuideId, fetch: &dyn Fetch) -> Result<(String, Vec<u8>), GuideError> {
    let url = format!("{}/{}/{}", registry.trim_end_matches('/'), id.package, id.version);
    match fetch.get(&url, MOST_PACKED) {
        Ok(content) => Ok((url, content)),
        Err(reason) => Err(GuideError::Fetch { url, reason }),
    }
}
