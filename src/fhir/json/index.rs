//! Ways into a value: by a property's name or an item's place.

use std::ops;

use super::value::NULL;
use super::{Map, Text, Value};

/// What a property or an item is found by: a name or a place from 0.
pub trait Index {
    /// The property or item, if the value has it.
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value>;

    /// The same, to be changed.
    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value>;

    /// The same; a property that is missing is added as `null`.
    fn of_or_added<'v>(&self, value: &'v mut Value) -> &'v mut Value;
}

impl Index for str {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.as_object()?.get(self)
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        value.as_object_mut()?.get_mut(self)
    }

    fn of_or_added<'v>(&self, value: &'v mut Value) -> &'v mut Value {
        match value {
            Value::Object(fields) => fields.get_or_insert_with(self, Value::default),
            other => {
                *other = Value::Object(Map::new());
                self.of_or_added(other)
            }
        }
    }
}

impl Index for usize {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.as_array()?.get(*self)
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        value.as_array_mut()?.get_mut(*self)
    }

    fn of_or_added<'v>(&self, value: &'v mut Value) -> &'v mut Value {
        let items: &mut [Value] = match value {
            Value::Array(items) => items,
            _ => &mut [],
        };
        &mut items[*self]
    }
}

impl Index for String {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.as_str().of(value)
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        self.as_str().of_mut(value)
    }

    fn of_or_added<'v>(&self, value: &'v mut Value) -> &'v mut Value {
        self.as_str().of_or_added(value)
    }
}

impl Index for Text {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.as_str().of(value)
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        self.as_str().of_mut(value)
    }

    fn of_or_added<'v>(&self, value: &'v mut Value) -> &'v mut Value {
        self.as_str().of_or_added(value)
    }
}

impl<I: Index + ?Sized> Index for &I {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        (**self).of(value)
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        (**self).of_mut(value)
    }

    fn of_or_added<'v>(&self, value: &'v mut Value) -> &'v mut Value {
        (**self).of_or_added(value)
    }
}

impl<I: Index> ops::Index<I> for Value {
    type Output = Self;

    /// The property or item; `null` when there is none.
    fn index(&self, index: I) -> &Self {
        index.of(self).unwrap_or(&NULL)
    }
}

impl<I: Index> ops::IndexMut<I> for Value {
    /// The property or item. A name makes an object of what is none and adds a property that is missing.
    ///
    /// # Panics
    /// As a slice does, when an array has no item at the place.
    fn index_mut(&mut self, index: I) -> &mut Self {
        index.of_or_added(self)
    }
}
