//! What an evaluation may ask from outside: variables, the type model, and services that know other resources and value sets.

use std::collections::HashMap;

use super::{Item, Node, temporal::Temporal};

/// Element types and the type hierarchy. Without a model the engine goes by the JSON shape and the built-in data types.
pub trait Model: Sync {
    /// The type of `parent.element`: a type name, or the element's path (`Patient.contact`) for an inline structure.
    /// For a choice element asked by its bare name (`value`), any answer such as `Element`; JSON tells which one it is.
    fn child_type(&self, parent: &str, element: &str) -> Option<&str>;

    /// Whether `type_name` is `of` or specialises it.
    fn is_subtype(&self, type_name: &str, of: &str) -> bool;

    /// Whether there is such a type.
    fn is_type(&self, name: &str) -> bool;
}

/// Answers that need more than the resource at hand.
pub trait Services<'a>: Sync {
    /// The resource that a reference leads to. The default leaves it to the engine: contained resources, else a stub of the named type.
    fn resolve(&self, _reference: &str) -> Option<Node<'a>> {
        None
    }

    /// Whether a code, Coding or CodeableConcept is in a value set; `None` when it cannot be decided.
    fn member_of(&self, _node: &Item<'a>, _value_set: &str) -> Option<bool> {
        None
    }

    /// Whether a node conforms to a profile; `None` when it cannot be decided.
    fn conforms_to(&self, _node: &Item<'a>, _profile: &str) -> Option<bool> {
        None
    }
}

/// The surroundings of an evaluation. All parts are optional.
#[derive(Clone, Default)]
pub struct Environment<'a> {
    /// `%resource`: the resource that holds the focus; the focus itself when absent.
    pub resource: Option<Node<'a>>,
    /// `%rootResource`: the container of a contained resource; `%resource` when absent.
    pub root_resource: Option<Node<'a>>,
    pub model: Option<&'a dyn Model>,
    pub services: Option<&'a dyn Services<'a>>,
    /// Further variables, by name without the percent sign.
    pub variables: HashMap<String, Vec<Item<'a>>>,
    /// The moment for `now()` and `today()`; the clock when absent.
    pub now: Option<Temporal>,
    /// Report elements and types that the model does not know as errors, instead of finding nothing.
    pub strict: bool,
}

impl<'a> Environment<'a> {
    /// An environment in which `resource` is `%resource`.
    pub fn of(resource: Node<'a>) -> Self {
        Self { resource: Some(resource), ..Self::default() }
    }
}
