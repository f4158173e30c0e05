//! Which guides canonical URLs belong to: how a server that names profiles or statements of a guide tells which one it means.

use super::embedded;
use super::facts::GuideId;

/// A guide that a canonical names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The package.
    pub package: String,
    /// The version, as the canonical states it after `|`.
    pub version: Option<String>,
    /// The canonical.
    pub by: String,
}

/// What stands before the package id in the canonical of an ImplementationGuide.
const GUIDE: &str = "/ImplementationGuide/";

/// The guides that canonicals name, each package once: by the first that states its version, else by the first. A guide that is not
/// embedded is known only by the canonical of its ImplementationGuide, which ends in the package id (R4 packages are named so).
pub fn named<'a>(canonicals: impl IntoIterator<Item = &'a str>) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for canonical in canonicals {
        let Some(named) = package(canonical) else { continue };
        match found.iter_mut().find(|known| known.package == named.package) {
            Some(known) if known.version.is_none() && named.version.is_some() => *known = named,
            Some(_) => {}
            None => found.push(named),
        }
    }
    found
}

fn package(canonical: &str) -> Option<Named> {
    let (url, version) = canonical.split_once('|').map_or((canonical, None), |(url, version)| (url, Some(version)));
    let of = |base: &str| url.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'));
    let embedded = embedded::canonicals().iter().find(|(id, base)| of(base) && *id != GuideId::core());
    let package = match embedded {
        Some((id, _)) => id.package.clone(),
        None => url.split_once(GUIDE)?.1.to_owned(),
    };
    // A package id has a dot; its letters and those of a version are few, so that both can be written down anywhere.
    let id = GuideId::new(package, version.unwrap_or("0"));
    (id.is_well_formed() && id.package.contains('.')).then(|| Named {
        package: id.package,
        version: version.map(str::to_owned),
        by: canonical.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(canonicals: &[&str]) -> Vec<String> {
        named(canonicals.iter().copied())
            .iter()
            .map(|named| format!("{}#{}", named.package, named.version.as_deref().unwrap_or("?")))
            .collect()
    }

    #[test]
    fn a_canonical_below_that_of_a_guide_names_it() {
        assert_eq!(told(&["http://hl7.org/fhir/us/carin-bb/CapabilityStatement/c4bb"]), ["hl7.fhir.us.carin-bb#?"]);
        assert_eq!(
            told(&[
                "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Patient",
                "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Coverage|2.1.0",
                "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|6.1.0",
                "http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-Organization|1.1.0",
            ]),
            ["hl7.fhir.us.carin-bb#2.1.0", "hl7.fhir.us.core#6.1.0"]
        );
    }

    #[test]
    fn another_guide_is_named_by_its_implementation_guide_only() {
        assert_eq!(
            told(&["http://hl7.org/fhir/us/davinci-pdex/ImplementationGuide/hl7.fhir.us.davinci-pdex|2.0.0"]),
            ["hl7.fhir.us.davinci-pdex#2.0.0"]
        );
        for unknown in [
            "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/x|2.0.0",
            "http://hl7.org/fhir/StructureDefinition/Patient",
            "http://hl7.org/fhir/us/carin-bb-more/StructureDefinition/x",
            "https://a.example/ImplementationGuide/../../etc|1",
            "https://a.example/ImplementationGuide/a.b|1\n2",
            "https://a.example/ImplementationGuide/5",
            "nonsense",
        ] {
            assert_eq!(told(&[unknown]), [""; 0], "{unknown}");
        }
    }
}
