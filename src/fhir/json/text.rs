//! A tree from JSON text and back, by serde_json's reader and writer.

use std::fmt;
use std::io;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Map, Number, Text, Value};

/// The name under which serde_json hands over a number as it was written, as the only property of an object.
const WRITTEN_NUMBER: &str = "$serde_json::private::Number";

/// What was read of arrays and objects that are not at their end, so that each gets exactly the memory that it needs.
#[derive(Default)]
struct Open {
    items: Vec<Value>,
    fields: Vec<(Text, Value)>,
}

struct Reader<'o>(&'o mut Open);

impl<'de> de::Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader(&mut Open::default()).deserialize(deserializer)
    }
}

impl<'de> de::Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let other = match Value::deserialize(deserializer)? {
            Value::Object(fields) => return Ok(fields),
            other => other,
        };
        let found = match &other {
            Value::Bool(is_true) => Unexpected::Bool(*is_true),
            Value::Number(_) => Unexpected::Other("number"),
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Null | Value::Object(_) => Unexpected::Other("null"),
        };
        Err(de::Error::invalid_type(found, &"a map"))
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(Text::new(text)))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(Text::from(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let start = self.0.items.len();
        while let Some(item) = sequence.next_element_seed(Reader(self.0))? {
            self.0.items.push(item);
        }
        Ok(Value::Array(self.0.items.drain(start..).collect()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let start = self.0.fields.len();
        while let Some(Name(name)) = map.next_key()? {
            let value = map.next_value_seed(Reader(self.0))?;
            self.0.fields.push((name, value));
        }
        // An object of a server's that looks like a number is read as one: nothing tells them apart.
        if let Some([(name, Value::String(text))]) = self.0.fields.get(start..)
            && name == WRITTEN_NUMBER
            && let Some(number) = Number::of(text)
        {
            self.0.fields.truncate(start);
            return Ok(Value::Number(number));
        }
        Ok(Value::Object(self.0.fields.drain(start..).collect()))
    }
}

/// The name of a property. That of numbers takes no memory.
struct Name(Text);

impl<'de> de::Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameReader)
    }
}

struct NameReader;

impl Visitor<'_> for NameReader {
    type Value = Name;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(Name(if name == WRITTEN_NUMBER { Text::new_static(WRITTEN_NUMBER) } else { Text::new(name) }))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => items.serialize(serializer),
            Self::Object(fields) => fields.serialize(serializer),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (name.as_str(), value)))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = serializer.serialize_struct(WRITTEN_NUMBER, 1)?;
        written.serialize_field(WRITTEN_NUMBER, self.as_str())?;
        written.end()
    }
}

impl fmt::Display for Value {
    /// Writes JSON: without spaces, or with `{:#}` in lines.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_pretty = formatter.alternate();
        let out = Out(formatter);
        if is_pretty { serde_json::to_writer_pretty(out, self) } else { serde_json::to_writer(out, self) }.map_err(|_| fmt::Error)
    }
}

/// Takes the bytes of JSON text, which serde_json writes in whole characters.
struct Out<'f, 'g>(&'f mut fmt::Formatter<'g>);

impl io::Write for Out<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_str(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
