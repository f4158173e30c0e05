//! The index of a catalogue: for each record where it is and what one must know to choose it. The build script packs with the same code.

use super::Value;

/// What a record describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A StructureDefinition.
    Profile,
    /// A SearchParameter.
    SearchParameter,
    /// A ValueSet's rules.
    ValueSet,
    /// A CodeSystem.
    CodeSystem,
    /// An OperationDefinition.
    Operation,
    /// A CompartmentDefinition.
    Compartment,
    /// All of a guide's expectations together.
    Expectations,
}

/// The files of a catalogue, besides `guide.json`.
pub const FILES: &[(Kind, &str)] = &[
    (Kind::Profile, "profiles.ndjson"),
    (Kind::SearchParameter, "search-parameters.ndjson"),
    (Kind::ValueSet, "value-sets.ndjson"),
    (Kind::CodeSystem, "code-systems.ndjson"),
    (Kind::Operation, "operations.ndjson"),
    (Kind::Compartment, "compartments.ndjson"),
    (Kind::Expectations, "expectations.json"),
];

/// One record's line in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it describes.
    pub kind: Kind,
    /// Canonical URL; empty for expectations.
    pub url: String,
    /// Business version; empty when not stated.
    pub version: String,
    /// A profile's type, or a search parameter's base types separated by commas.
    pub types: String,
    /// A profile's `kind/derivation/abstract`, or a search parameter's code.
    pub detail: String,
    /// Number of the block that holds the record.
    pub block: usize,
    /// Where in the unpacked block it begins, in bytes.
    pub offset: usize,
    /// Its length in bytes.
    pub length: usize,
}

impl Kind {
    /// The kind of record that a conformance resource becomes.
    pub fn of_resource(resource_type: &str) -> Option<Self> {
        match resource_type {
            "StructureDefinition" => Some(Self::Profile),
            "SearchParameter" => Some(Self::SearchParameter),
            "ValueSet" => Some(Self::ValueSet),
            "CodeSystem" => Some(Self::CodeSystem),
            "OperationDefinition" => Some(Self::Operation),
            "CompartmentDefinition" => Some(Self::Compartment),
            _ => None,
        }
    }

    fn letter(self) -> &'static str {
        match self {
            Self::Profile => "p",
            Self::SearchParameter => "s",
            Self::ValueSet => "v",
            Self::CodeSystem => "c",
            Self::Operation => "o",
            Self::Compartment => "m",
            Self::Expectations => "e",
        }
    }

    fn of_letter(letter: &str) -> Option<Self> {
        FILES.iter().map(|(kind, _)| *kind).find(|kind| kind.letter() == letter)
    }
}

impl Row {
    /// The line for a record, by its JSON.
    pub fn describe(kind: Kind, record: &Value, block: usize, offset: usize, length: usize) -> Self {
        let text = |field: &str| record.get(field).and_then(Value::as_str).unwrap_or_default();
        let (types, detail) = match kind {
            Kind::Profile => {
                let is_abstract = if record.get("abstract").and_then(Value::as_bool) == Some(true) { "abstract" } else { "" };
                (text("type").to_owned(), format!("{}/{}/{is_abstract}", text("kind"), text("derivation")))
            }
            Kind::SearchParameter => {
                let base = record.get("base").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                (base.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","), text("code").to_owned())
            }
            Kind::ValueSet | Kind::CodeSystem | Kind::Operation | Kind::Compartment | Kind::Expectations => (String::new(), String::new()),
        };
        Self { kind, url: text("url").to_owned(), version: text("version").to_owned(), types, detail, block, offset, length }
    }

    /// The line as text. Tabs separate, so that a tab or line break in a foreign value becomes a space.
    pub fn write(&self) -> String {
        let clean = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            self.kind.letter(),
            clean(&self.url),
            clean(&self.version),
            clean(&self.types),
            clean(&self.detail),
            self.block,
            self.offset,
            self.length
        )
    }

    /// Reads a line.
    pub fn read(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let mut next = || fields.next();
        Some(Self {
            kind: Kind::of_letter(next()?)?,
            url: next()?.to_owned(),
            version: next()?.to_owned(),
            types: next()?.to_owned(),
            detail: next()?.to_owned(),
            block: next()?.parse().ok()?,
            offset: next()?.parse().ok()?,
            length: next()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::fhir::json::json;

    #[test]
    fn a_row_reads_as_it_writes() {
        let parameter = json!({ "url": "http://x/p", "version": "1", "base": ["Patient", "Person"], "code": "name" });
        for (kind, _) in FILES {
            let row = Row::describe(*kind, &parameter, 3, 14, 159);
            assert_eq!(Row::read(&row.write()), Some(row));
        }
        let row = Row::describe(Kind::SearchParameter, &parameter, 0, 0, 0);
        assert_eq!((row.types.as_str(), row.detail.as_str()), ("Patient,Person", "name"));
        assert_eq!(Row::read("p\thttp://x"), None);
    }
}
