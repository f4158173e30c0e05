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
}

impl Index for str {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.as_object()?.get(self)
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        value.as_object_mut()?.get_mut(self)
    }
}

impl Index for usize {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.as_array()?.get(*self)
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        value.as_array_mut()?.get_mut(*self)
    }
}

macro_rules! by_text {
    ($($text:ty),*) => {$(
        impl Index for $text {
            fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
                self.as_str().of(value)
            }

            fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
                self.as_str().of_mut(value)
            }
        }
    )*};
}

by_text!(String, Text);

impl<I: Index + ?Sized> Index for &I {
    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        (**self).of(value)
    }

    fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        (**self).of_mut(value)
    }
}

impl<I: Index> ops::Index<I> for Value {
    type Output = Self;

    /// The property or item; `null` when there is none.
    fn index(&self, index: I) -> &Self {
        index.of(self).unwrap_or(&NULL)
    }
}

impl<N: Index + AsRef<str>> ops::IndexMut<N> for Value {
    /// The property. It makes an object of what is none, and adds a property that is missing as `null`.
    fn index_mut(&mut self, name: N) -> &mut Self {
        if !self.is_object() {
            *self = Self::Object(Map::new());
        }
        match self {
            Self::Object(fields) => fields.get_or_insert_with(name.as_ref(), Self::default),
            other => other,
        }
    }
}
