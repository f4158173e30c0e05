//! A type model read from the StructureDefinitions of a package.

use std::{collections::HashMap, io::Read};

use payerspec::fhir::fhirpath::Model;
use payerspec::fhir::json::Value;

pub fn shared(path: &str) -> String {
    format!("{}/../shared/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// Every JSON document of a package whose file name starts with `prefix`.
pub fn documents(package: &str, prefix: &str) -> Vec<Value> {
    let path = shared(&format!("packages/{package}.tgz"));
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("the test needs {path}: {error}"));
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut documents = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        if name.starts_with(&format!("package/{prefix}")) && name.ends_with(".json") {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            documents.push(serde_json::from_str(&text).unwrap());
        }
    }
    assert!(!documents.is_empty(), "{path} holds no {prefix}");
    documents
}

#[derive(Default)]
pub struct PackageModel {
    parents: HashMap<String, String>,
    elements: HashMap<String, HashMap<String, String>>,
}

impl PackageModel {
    pub fn r4() -> Self {
        let mut model = Self::default();
        for definition in documents("hl7.fhir.r4.core-4.0.1", "StructureDefinition-") {
            if definition["derivation"] != "constraint" {
                model.add(&definition);
            }
        }
        model
    }

    fn add(&mut self, definition: &Value) {
        let name = definition["type"].as_str().unwrap().to_owned();
        let base = definition["baseDefinition"].as_str().and_then(|base| base.rsplit('/').next()).unwrap_or_default();
        self.parents.insert(name, base.to_owned());
        for element in definition["snapshot"]["element"].as_array().unwrap() {
            let path = element["path"].as_str().unwrap();
            let Some((parent, child)) = path.rsplit_once('.') else { continue };
            let types = element["type"].as_array();
            let code = types.and_then(|types| types.first()).and_then(|kind| kind["code"].as_str()).unwrap_or_default();
            let kind = match (element["contentReference"].as_str(), child.strip_suffix("[x]"), code) {
                (Some(reference), ..) => reference.trim_start_matches('#').to_owned(),
                (None, Some(_), _) => "Element".to_owned(),
                (None, None, "BackboneElement" | "Element") => path.to_owned(),
                (None, None, code) if code.starts_with("http") => "string".to_owned(),
                (None, None, code) => code.to_owned(),
            };
            let child = child.trim_end_matches("[x]").to_owned();
            self.elements.entry(parent.to_owned()).or_default().insert(child, kind);
        }
    }
}

impl Model for PackageModel {
    fn child_type(&self, parent: &str, element: &str) -> Option<&str> {
        self.elements.get(parent)?.get(element).map(String::as_str)
    }

    fn is_subtype(&self, type_name: &str, of: &str) -> bool {
        let mut current = type_name;
        for _ in 0..10 {
            if current == of {
                return true;
            }
            match self.parents.get(current) {
                Some(parent) => current = parent,
                None => return false,
            }
        }
        false
    }

    fn is_type(&self, name: &str) -> bool {
        self.parents.contains_key(name)
    }
}
