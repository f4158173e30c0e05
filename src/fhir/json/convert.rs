//! A tree from what Rust has, and what it equals.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Map, Number, Text, Value};

/// What a value of Rust's is as JSON.
///
/// # Errors
/// It has no form in JSON.
pub fn to_value<T: Serialize>(value: T) -> serde_json::Result<Value> {
    serde_json::to_value(value).map(Value::from)
}

/// A value of Rust's that a tree tells.
///
/// # Errors
/// The tree tells no such value.
pub fn from_value<T: DeserializeOwned>(value: Value) -> serde_json::Result<T> {
    serde_json::from_value(value.into())
}

/// A tree from JSON as it is written, values of Rust's in it.
#[macro_export]
macro_rules! json {
    ($($json:tt)*) => {
        $crate::fhir::json::Value::from($crate::fhir::json::plain!($($json)*))
    };
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => number.as_str().parse().map_or(Self::Null, Self::Number),
            serde_json::Value::String(text) => Self::String(text.into()),
            serde_json::Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(fields) => Self::Object(fields.into_iter().map(|(name, value)| (name, Self::from(value))).collect()),
        }
    }
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => serde_json::from_str(number.as_str()).map_or(Self::Null, Self::Number),
            Value::String(text) => Self::String(text.into()),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Value::Object(fields) => Self::Object(fields.into_iter().map(|(name, value)| (name.into(), Self::from(value))).collect()),
        }
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Null
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    /// What is no number, or endless, is `null`.
    fn from(value: f64) -> Self {
        serde_json::Value::from(value).into()
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::String(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Self::String(text.into())
    }
}

impl From<Map> for Value {
    fn from(fields: Map) -> Self {
        Self::Object(fields)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<N: Into<Text>, T: Into<Self>> FromIterator<(N, T)> for Value {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(fields: I) -> Self {
        Self::Object(fields.into_iter().map(|(name, value)| (name, value.into())).collect())
    }
}

macro_rules! equal {
    ($($other:ty => |$value:ident, $given:ident| $equal:expr;)*) => {$(
        impl PartialEq<$other> for Value {
            fn eq(&self, $given: &$other) -> bool {
                let $value = self;
                $equal
            }
        }

        impl PartialEq<Value> for $other {
            fn eq(&self, value: &Value) -> bool {
                value == self
            }
        }

    )*};
}

equal! {
    str => |value, given| value.as_str() == Some(given);
    &str => |value, given| value.as_str() == Some(*given);
    String => |value, given| value.as_str() == Some(given.as_str());
    bool => |value, given| value.as_bool() == Some(*given);
    i32 => |value, given| value.as_i64() == Some(i64::from(*given));
    i64 => |value, given| value.as_i64() == Some(*given);
    u32 => |value, given| value.as_u64() == Some(u64::from(*given));
    u64 => |value, given| value.as_u64() == Some(*given);
    usize => |value, given| value.as_u64().is_some_and(|value| usize::try_from(value).is_ok_and(|value| value == *given));
    f64 => |value, given| value.as_f64() == Some(*given);
}

impl PartialEq<i32> for &Value {
    fn eq(&self, other: &i32) -> bool {
        **self == *other
    }
}

impl PartialEq<bool> for &Value {
    fn eq(&self, other: &bool) -> bool {
        **self == *other
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Self {
                Self::Number(value.into())
            }
        }
    )*};
}

from_integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);
