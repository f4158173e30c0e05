//! The properties of a JSON object.

use std::collections::HashMap;
use std::fmt;
use std::slice;
use std::vec;

use super::{Text, Value};

/// The properties of an object in their order.
///
/// Two are equal when they have the same properties in any order.
#[derive(Clone, Default)]
pub struct Map(Fields);

type Field = (Text, Value);

/// Objects in FHIR have few properties: to look through them is faster than to hash, and takes no memory. Only what a hostile
/// server sends has many.
#[derive(Clone)]
enum Fields {
    Few(Vec<Field>),
    Many(Box<Many>),
}

#[derive(Clone)]
struct Many {
    fields: Vec<Field>,
    places: HashMap<Text, usize>,
}

/// Objects with more properties have an index.
const MOST_LOOKED_THROUGH: usize = 32;

impl Map {
    /// No properties.
    pub const fn new() -> Self {
        Self(Fields::Few(Vec::new()))
    }

    /// No properties, with room for so many.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Fields::Few(Vec::with_capacity(capacity)))
    }

    /// How many properties.
    pub fn len(&self) -> usize {
        self.fields().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields().is_empty()
    }

    /// The value of a property.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.get_key_value(name).map(|(_, value)| value)
    }

    /// A property with its name.
    pub fn get_key_value(&self, name: &str) -> Option<(&Text, &Value)> {
        match &self.0 {
            Fields::Few(fields) => fields.iter().find(|(known, _)| known == name),
            Fields::Many(many) => many.fields.get(*many.places.get(name)?),
        }
        .map(shared)
    }

    /// The value of a property, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        match &mut self.0 {
            Fields::Few(fields) => fields.iter_mut().find(|(known, _)| known == name),
            Fields::Many(many) => many.fields.get_mut(*many.places.get(name)?),
        }
        .map(|(_, value)| value)
    }

    /// Whether there is such a property.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a property: in its place if it is there, behind the others if not. What it was.
    pub fn insert(&mut self, name: impl Into<Text>, value: Value) -> Option<Value> {
        let name = name.into();
        if let Some(known) = self.get_mut(&name) {
            return Some(std::mem::replace(known, value));
        }
        self.push(name, value);
        None
    }

    /// The value of a property, which is added behind the others if it is not there.
    pub fn get_or_insert_with(&mut self, name: &str, value: impl FnOnce() -> Value) -> &mut Value {
        let place = match self.place(name) {
            Some(place) => place,
            None => {
                self.push(Text::new(name), value());
                self.len() - 1
            }
        };
        &mut self.fields_mut()[place].1
    }

    /// Takes a property out; the others keep their order.
    pub fn shift_remove(&mut self, name: &str) -> Option<Value> {
        let place = self.place(name)?;
        match &mut self.0 {
            Fields::Few(fields) => Some(fields.remove(place).1),
            Fields::Many(many) => {
                let (name, value) = many.fields.remove(place);
                many.places.remove(&name);
                many.places.values_mut().filter(|other| **other > place).for_each(|other| *other -= 1);
                Some(value)
            }
        }
    }

    /// Takes a property out; the last one comes into its place.
    pub fn swap_remove(&mut self, name: &str) -> Option<Value> {
        let place = self.place(name)?;
        match &mut self.0 {
            Fields::Few(fields) => Some(fields.swap_remove(place).1),
            Fields::Many(many) => {
                let (name, value) = many.fields.swap_remove(place);
                many.places.remove(&name);
                if let Some((moved, _)) = many.fields.get(place) {
                    many.places.insert(moved.clone(), place);
                }
                Some(value)
            }
        }
    }

    /// Keeps only the properties that `keep` says.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        match &mut self.0 {
            Fields::Few(fields) => fields.retain_mut(|(name, value)| keep(name, value)),
            Fields::Many(many) => {
                many.fields.retain_mut(|(name, value)| keep(name, value));
                many.places = places(&many.fields);
            }
        }
    }

    /// The properties in their order.
    pub fn iter(&self) -> Iter<'_> {
        self.fields().iter().map(shared)
    }

    /// The properties in their order, their values to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        self.fields_mut().iter_mut().map(changeable)
    }

    /// The names in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Text> + ExactSizeIterator + Clone {
        self.fields().iter().map(|(name, _)| name)
    }

    /// The values in their order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + Clone {
        self.fields().iter().map(|(_, value)| value)
    }

    /// The values in their order, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Value> + ExactSizeIterator {
        self.fields_mut().iter_mut().map(|(_, value)| value)
    }

    fn fields(&self) -> &[Field] {
        match &self.0 {
            Fields::Few(fields) => fields,
            Fields::Many(many) => &many.fields,
        }
    }

    fn fields_mut(&mut self) -> &mut [Field] {
        match &mut self.0 {
            Fields::Few(fields) => fields,
            Fields::Many(many) => &mut many.fields,
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        match &self.0 {
            Fields::Few(fields) => fields.iter().position(|(known, _)| known == name),
            Fields::Many(many) => many.places.get(name).copied(),
        }
    }

    /// Adds a property that is not there.
    fn push(&mut self, name: Text, value: Value) {
        match &mut self.0 {
            Fields::Few(fields) if fields.len() < MOST_LOOKED_THROUGH => fields.push((name, value)),
            Fields::Few(fields) => {
                let mut fields = std::mem::take(fields);
                fields.push((name, value));
                let places = places(&fields);
                self.0 = Fields::Many(Box::new(Many { fields, places }));
            }
            Fields::Many(many) => {
                many.places.insert(name.clone(), many.fields.len());
                many.fields.push((name, value));
            }
        }
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

fn places(fields: &[Field]) -> HashMap<Text, usize> {
    fields.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect()
}

/// The properties of an object.
pub type Iter<'m> = std::iter::Map<slice::Iter<'m, Field>, fn(&'m Field) -> (&'m Text, &'m Value)>;

/// The properties of an object, their values to be changed.
pub type IterMut<'m> = std::iter::Map<slice::IterMut<'m, Field>, fn(&'m mut Field) -> (&'m Text, &'m mut Value)>;

fn shared((name, value): &Field) -> (&Text, &Value) {
    (name, value)
}

fn changeable((name, value): &mut Field) -> (&Text, &mut Value) {
    (name, value)
}

impl<'m> IntoIterator for &'m Map {
    type Item = (&'m Text, &'m Value);
    type IntoIter = Iter<'m>;

    fn into_iter(self) -> Iter<'m> {
        self.fields().iter().map(shared)
    }
}

impl<'m> IntoIterator for &'m mut Map {
    type Item = (&'m Text, &'m mut Value);
    type IntoIter = IterMut<'m>;

    fn into_iter(self) -> IterMut<'m> {
        self.fields_mut().iter_mut().map(changeable)
    }
}

impl IntoIterator for Map {
    type Item = Field;
    type IntoIter = vec::IntoIter<Field>;

    fn into_iter(self) -> vec::IntoIter<Field> {
        match self.0 {
            Fields::Few(fields) => fields,
            Fields::Many(many) => many.fields,
        }
        .into_iter()
    }
}

impl<N: Into<Text>> Extend<(N, Value)> for Map {
    fn extend<I: IntoIterator<Item = (N, Value)>>(&mut self, fields: I) {
        for (name, value) in fields {
            self.insert(name, value);
        }
    }
}

impl<N: Into<Text>> FromIterator<(N, Value)> for Map {
    /// Of properties with the same name the last value counts, at the place of the first.
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(fields: I) -> Self {
        let fields = fields.into_iter();
        let mut map = Self::with_capacity(fields.size_hint().0);
        map.extend(fields);
        map
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let (own, others) = (self.fields(), other.fields());
        own.len() == others.len()
            && own.iter().zip(others).all(|((name, value), (beside, at_place))| {
                // Two of the same origin have the same order.
                if name == beside { value == at_place } else { other.get(name) == Some(value) }
            })
    }
}

impl Eq for Map {}

impl fmt::Debug for Map {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self).finish()
    }
}
