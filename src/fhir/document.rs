//! A body as a tree. The resources in a Bundle stand apart and are shared: a server sends the same one again and again.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json::{Map, Text, Value};

/// A resource, or a Bundle whose entries' resources stand apart.
///
/// It stands for its tree, in which the entries of a Bundle lack their `resource`.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    tree: Arc<Value>,
    resources: Vec<Option<Arc<Value>>>,
}

/// Resources by their text, as long as anybody holds them.
///
/// A text is known by a hash with a secret key and by its length, so that the text itself, which may be megabytes, is not kept.
#[derive(Default)]
pub struct Interner {
    hasher: RandomState,
    table: Mutex<Table>,
}

/// Hash and length of a text.
type Key = (u64, usize);

#[derive(Default)]
struct Table {
    by_hash: HashMap<Key, Weak<Value>>,
    /// Rows at which those that nobody holds any more are swept out.
    sweep_at: usize,
}

const FIRST_SWEEP: usize = 256;

/// What may stand around a JSON text (RFC 8259 section 2), and nothing else.
const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];

impl Document {
    /// Reads a JSON text. Values nest at most 127 deep.
    ///
    /// # Errors
    /// The text is not JSON.
    pub fn parse(text: &[u8], interner: &Interner) -> serde_json::Result<Self> {
        // Once the whole is known to be UTF-8, the reader need not look at each text for that.
        let utf8 = std::str::from_utf8(text).ok();
        let key = utf8.filter(|text| !begins_a_bundle(text)).map(|text| interner.key(text.trim_matches(WHITESPACE)));
        // A Bundle in a Bundle is known in one piece.
        if let Some(tree) = key.and_then(|key| interner.known(key)).filter(|tree| !is_bundle(tree)) {
            return Ok(Self { tree, resources: Vec::new() });
        }
        match utf8.map_or_else(|| serde_json::from_slice(text), serde_json::from_str) {
            Ok(Whole::Bundle { tree, resources }) => {
                let read = |raw: Option<&RawValue>| raw.map(|raw| interner.read(raw.get())).transpose();
                Ok(Self { tree: Arc::new(tree), resources: resources.into_iter().map(read).collect::<Result<_, _>>()? })
            }
            // A Bundle that says what it is only after its entries comes here whole.
            Ok(Whole::Plain(tree)) => {
                let read = Self::from(tree);
                if let Some(key) = key.filter(|_| !is_bundle(&read)) {
                    interner.keep(key, &read.tree);
                }
                Ok(read)
            }
            // So does one whose entries are no objects in an array; what is no JSON at all fails again.
            Err(_) => serde_json::from_slice::<Value>(text).map(Self::from),
        }
    }

    /// The tree, in which the entries of a Bundle lack their `resource`.
    pub fn tree(&self) -> &Arc<Value> {
        &self.tree
    }

    /// The tree with the resources of a Bundle's entries in their places.
    pub fn whole(&self) -> Cow<'_, Value> {
        if self.resources.iter().all(Option::is_none) {
            return Cow::Borrowed(&self.tree);
        }
        let mut whole = Value::clone(&self.tree);
        let entries = whole.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten();
        for (entry, resource) in entries.zip(&self.resources) {
            if let (Some(fields), Some(resource)) = (entry.as_object_mut(), resource) {
                fields.insert("resource", Value::clone(resource));
            }
        }
        Cow::Owned(whole)
    }

    /// The resource of an entry, by the entry's place.
    pub fn resource(&self, entry: usize) -> Option<&Arc<Value>> {
        self.resources.get(entry)?.as_ref()
    }
}

impl From<Value> for Document {
    /// Takes a tree apart if it is a Bundle.
    fn from(mut tree: Value) -> Self {
        let mut resources = Vec::new();
        if is_bundle(&tree)
            && let Some(Value::Array(entries)) = tree.get_mut("entry")
        {
            resources = entries.iter_mut().map(|entry| entry.as_object_mut()?.shift_remove("resource").map(Arc::new)).collect();
        }
        Self { tree: Arc::new(tree), resources }
    }
}

impl Deref for Document {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.tree
    }
}

impl Interner {
    /// What a text is known by.
    fn key(&self, text: &str) -> Key {
        (self.hasher.hash_one(text), text.len())
    }

    /// The tree of a text, if anybody holds it.
    fn known(&self, key: Key) -> Option<Arc<Value>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).by_hash.get(&key).and_then(Weak::upgrade)
    }

    /// Knows a tree by its text from now on.
    fn keep(&self, key: Key, value: &Arc<Value>) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if table.by_hash.len() >= table.sweep_at.max(FIRST_SWEEP) {
            table.by_hash.retain(|_, held| held.strong_count() > 0);
            table.sweep_at = table.by_hash.len() * 2;
        }
        table.by_hash.insert(key, Arc::downgrade(value));
    }

    /// The tree of a resource's text.
    fn read(&self, text: &str) -> serde_json::Result<Arc<Value>> {
        let key = self.key(text);
        if let Some(value) = self.known(key) {
            return Ok(value);
        }
        let value = Arc::new(serde_json::from_str(text)?);
        self.keep(key, &value);
        Ok(value)
    }
}

fn is_bundle(tree: &Value) -> bool {
    super::resource::type_of(tree) == Some("Bundle")
}

/// Whether a text says at its start that it is a Bundle, as most do that are: these are not known as a whole.
fn begins_a_bundle(text: &str) -> bool {
    let start = text.as_bytes().get(..64).unwrap_or(text.as_bytes());
    memchr::memmem::find(start, br#""Bundle""#).is_some()
}

impl fmt::Debug for Interner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Interner").finish_non_exhaustive()
    }
}

/// A text, its entries' resources not yet read.
enum Whole<'t> {
    Plain(Value),
    Bundle { tree: Value, resources: Vec<Option<&'t RawValue>> },
}

impl<'de> de::Deserialize<'de> for Whole<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(WholeVisitor)
    }
}

struct WholeVisitor;

impl<'de> Visitor<'de> for WholeVisitor {
    type Value = Whole<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        let mut resources = Vec::new();
        while let Some(name) = map.next_key::<Text>()? {
            let is_bundle = fields.get("resourceType").and_then(Value::as_str) == Some("Bundle");
            if name == "entry" && is_bundle {
                let Entries { trees, resources: found } = map.next_value()?;
                fields.insert(name, trees);
                resources = found;
            } else {
                fields.insert(name, map.next_value()?);
            }
        }
        let tree = Value::Object(fields);
        Ok(if resources.is_empty() { Whole::Plain(tree) } else { Whole::Bundle { tree, resources } })
    }
}

/// `Bundle.entry`, whatever it is.
struct Entries<'t> {
    trees: Value,
    resources: Vec<Option<&'t RawValue>>,
}

impl<'de> de::Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let (mut trees, mut resources) = (Vec::new(), Vec::new());
        while let Some(Entry { tree, resource }) = sequence.next_element()? {
            trees.push(tree);
            resources.push(resource);
        }
        trees.shrink_to_fit();
        Ok(Entries { trees: Value::Array(trees), resources })
    }
}

struct Entry<'t> {
    tree: Value,
    resource: Option<&'t RawValue>,
}

impl<'de> de::Deserialize<'de> for Entry<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // Most have a `fullUrl` and a `search` besides.
        let mut fields = Map::with_capacity(2);
        let mut resource = None;
        while let Some(name) = map.next_key::<Text>()? {
            if name == "resource" {
                resource = Some(map.next_value()?);
            } else {
                fields.insert(name, map.next_value()?);
            }
        }
        Ok(Entry { tree: Value::Object(fields), resource })
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::bundle::Bundle;
    use crate::fhir::json::json;

    const BUNDLE: &str = r#"{"resourceType": "Bundle", "type": "searchset", "total": 1.50, "entry": [
        {"fullUrl": "https://a.example/Patient/1", "resource": {"resourceType": "Patient", "id": "1"}, "search": {"mode": "match"}},
        {"resource": {"resourceType": "Patient", "id": "2"}}, {"search": {"mode": "outcome"}}]}"#;

    fn ids(document: &Document) -> Vec<Option<String>> {
        let bundle = Bundle::in_document(document).unwrap();
        bundle.entries().map(|entry| entry.resource().and_then(|found| found.get("id")?.as_str().map(str::to_owned))).collect()
    }

    #[test]
    fn a_bundle_is_the_same_however_it_was_read() {
        let read = Document::parse(BUNDLE.as_bytes(), &Interner::default()).unwrap();
        let apart = Document::from(serde_json::from_str::<Value>(BUNDLE).unwrap());
        assert_eq!(read, apart);
        assert_eq!(ids(&read), [Some("1".to_owned()), Some("2".to_owned()), None]);
        assert_eq!(read.get("total").unwrap().to_string(), "1.50");
        let late = BUNDLE.replacen(r#""resourceType": "Bundle", "#, "", 1).replace("]}", r#"], "resourceType": "Bundle"}"#);
        assert_eq!(ids(&Document::parse(late.as_bytes(), &Interner::default()).unwrap()), ids(&read));
    }

    #[test]
    fn a_resource_that_comes_again_is_shared_as_long_as_it_is_held() {
        let interner = Interner::default();
        let first = Document::parse(BUNDLE.as_bytes(), &interner).unwrap();
        let again = Document::parse(BUNDLE.as_bytes(), &interner).unwrap();
        assert!(Arc::ptr_eq(first.resource(0).unwrap(), again.resource(0).unwrap()));
        let held = Arc::downgrade(first.resource(0).unwrap());
        drop((first, again));
        assert!(held.upgrade().is_none(), "the table must not keep what nobody holds");
        for number in 0..10_000 {
            let text = format!(r#"{{"resourceType": "Bundle", "entry": [{{"resource": {{"id": "{number}"}}}}]}}"#);
            Document::parse(text.as_bytes(), &interner).unwrap();
        }
        assert!(interner.table.lock().unwrap().by_hash.len() <= FIRST_SWEEP + 1);
    }

    #[test]
    fn a_resource_alone_is_the_one_that_a_bundle_brought() {
        let interner = Interner::default();
        let inner = r#"{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient", "id": "3"}}]}"#;
        let spaced = format!("{{\n  \"id\": \"0123456789012345678901234567890123456789012345678901234567890123456789\", {}", &inner[1..]);
        let bundle = BUNDLE.replacen("]}", &format!(r#", {{"resource": {inner}}}, {{"resource": {spaced}}}]}}"#), 1);
        let brought = Document::parse(bundle.as_bytes(), &interner).unwrap();
        let alone = |text: &str| Document::parse(text.as_bytes(), &interner).unwrap();
        let patient = alone("\n{\"resourceType\": \"Patient\", \"id\": \"1\"}\n");
        assert!(Arc::ptr_eq(patient.tree(), brought.resource(0).unwrap()));
        assert!(!Arc::ptr_eq(alone(r#"{"resourceType": "Patient", "id": "9"}"#).tree(), brought.resource(0).unwrap()));
        for whole in [inner, &spaced] {
            assert_eq!(ids(&alone(whole)), [Some("3".to_owned())], "its resources stand apart, though it is known in one piece");
        }
        let first = alone(r#"{"resourceType": "Coverage"}"#);
        assert!(Arc::ptr_eq(alone(r#" {"resourceType": "Coverage"}"#).tree(), first.tree()));
        for odd in ["\u{b}", "\u{c}", "\u{85}", "\u{a0}", "\u{2028}", "x"] {
            let text = format!(r#"{{"resourceType": "Coverage"}}{odd}"#);
            assert!(Document::parse(text.as_bytes(), &interner).is_err(), "known or not, {odd:?} is not JSON");
        }
    }

    #[test]
    fn what_is_no_bundle_stays_whole_and_what_is_odd_does_no_harm() {
        let plain = json!({"resourceType": "Patient", "entry": [{"resource": {"id": "1"}}]});
        assert_eq!(**Document::parse(plain.to_string().as_bytes(), &Interner::default()).unwrap().tree(), plain);
        for odd in [r#"{"resourceType": "Bundle", "entry": {}}"#, r#"{"resourceType": "Bundle", "entry": [1, {"resource": null}]}"#] {
            assert!(Document::parse(odd.as_bytes(), &Interner::default()).is_ok(), "{odd}");
        }
        for broken in ["{", r#"{"resourceType": "Bundle", "entry": [{"resource": {]}"#, r#"{"a": 1} x"#] {
            assert!(Document::parse(broken.as_bytes(), &Interner::default()).is_err(), "{broken}");
        }
    }
}
