//! A type of R4 as a tree of elements, compiled once from its definition.

use std::collections::HashMap;

use super::binding::Binding;
use super::invariant::Invariant;
use super::primitive::Primitive;
use crate::guide::profile::{Element, ElementType, Profile};

/// The number of a type in the library.
pub type TypeId = usize;

/// A resource type, data type or primitive type.
#[derive(Debug)]
pub struct Schema {
    /// Such as `Patient` or `HumanName`.
    pub name: Box<str>,
    /// The type that it specialises.
    pub base: Option<Box<str>>,
    /// Whether it is a resource type.
    pub is_resource: bool,
    /// Whether instances cannot exist.
    pub is_abstract: bool,
    /// The elements; the first is the type itself.
    pub nodes: Vec<Node>,
    by_path: HashMap<Box<str>, usize>,
}

/// One element of a type.
#[derive(Debug)]
pub struct Node {
    /// Path without `[x]`, such as `Patient.contact` or `Patient.deceased`.
    pub path: Box<str>,
    /// Last part of the path.
    pub name: Box<str>,
    /// Least number of occurrences.
    pub min: u32,
    /// Greatest number of occurrences; `None` is `*`.
    pub max: Option<u32>,
    /// Whether the name in JSON carries the type, as in `deceasedBoolean`.
    pub is_choice: bool,
    /// Allowed types.
    pub types: Vec<Type>,
    /// Binding of its codes.
    pub binding: Option<Binding>,
    /// Greatest number of characters.
    pub max_length: Option<u64>,
    /// What must hold for each occurrence.
    pub invariants: Vec<Invariant>,
    /// Elements directly below, when it is an inline structure.
    pub children: Vec<usize>,
    /// JSON names of the elements directly below: element and number of its type; sorted by name.
    names: Vec<(Box<str>, usize, usize)>,
    /// The element whose children are also those of this one.
    pub content: Option<usize>,
}

/// One allowed type of an element.
#[derive(Debug)]
pub struct Type {
    /// Name of the type.
    pub code: Box<str>,
    /// What instances look like.
    pub shape: Shape,
    /// Profiles of which the value meets at least one.
    pub profiles: Vec<String>,
    /// Profiles of which the target of a reference meets at least one.
    pub targets: Vec<String>,
}

/// What an instance of a type looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A JSON scalar, perhaps with a sibling for its id and extensions.
    Primitive(Primitive),
    /// An object with the elements of a data type.
    Structure(TypeId),
    /// An object with the elements that stand below this one.
    Inline,
    /// Any resource.
    Resource,
    /// A type that R4 does not have.
    Unknown,
}

impl Schema {
    /// Compiles a type's definition. `ids` numbers the types.
    pub fn compile(definition: &Profile, ids: &HashMap<String, TypeId>) -> Self {
        let is_resource = definition.kind == "resource";
        let mut nodes: Vec<Node> = Vec::with_capacity(definition.elements.len());
        let mut by_path: HashMap<Box<str>, usize> = HashMap::new();
        for (place, element) in definition.elements.iter().enumerate().filter(|(_, element)| element.slice_name.is_none()) {
            let path = element.path.trim_end_matches("[x]");
            if by_path.contains_key(path) {
                continue;
            }
            by_path.insert(path.into(), nodes.len());
            let next = definition.elements.get(place + 1);
            nodes.push(Node::compile(definition, (element, next), path, is_resource, ids));
        }
        let mut schema = Self {
            name: definition.type_name.as_str().into(),
            base: definition.base.as_deref().and_then(|base| base.rsplit('/').next()).map(Into::into),
            is_resource,
            is_abstract: definition.is_abstract,
            nodes,
            by_path,
        };
        schema.link(definition);
        schema
    }

    /// The element of a path without `[x]`.
    pub fn at(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// An element of this type.
    pub fn node(&self, number: usize) -> Option<&Node> {
        self.nodes.get(number)
    }

    /// The element below `parent` that a JSON property name stands for, with the number of its type.
    pub fn child(&self, parent: usize, json_name: &str) -> Option<(usize, usize)> {
        let names = &self.nodes.get(self.holder(parent))?.names;
        let place = names.binary_search_by(|(name, _, _)| (**name).cmp(json_name)).ok()?;
        names.get(place).map(|(_, node, kind)| (*node, *kind))
    }

    /// The element below `parent` of that name without `[x]`.
    pub fn child_named(&self, parent: usize, name: &str) -> Option<usize> {
        self.children(parent).find(|number| self.nodes.get(*number).is_some_and(|node| &*node.name == name))
    }

    /// The elements directly below.
    pub fn children(&self, parent: usize) -> impl Iterator<Item = usize> {
        self.nodes.get(self.holder(parent)).map(|node| node.children.as_slice()).unwrap_or_default().iter().copied()
    }

    /// The element that has the children of this one.
    pub fn holder(&self, number: usize) -> usize {
        self.nodes.get(number).and_then(|node| node.content).unwrap_or(number)
    }

    fn link(&mut self, definition: &Profile) {
        for number in 1..self.nodes.len() {
            let Some(node) = self.nodes.get(number) else { continue };
            let Some(parent) = node.path.rsplit_once('.').and_then(|(parent, _)| self.at(parent)) else { continue };
            let names: Vec<(Box<str>, usize, usize)> = json_names(node).map(|(name, kind)| (name.into(), number, kind)).collect();
            if let Some(parent) = self.nodes.get_mut(parent) {
                parent.children.push(number);
                parent.names.extend(names);
            }
        }
        for element in &definition.elements {
            let target = element.content_reference.as_deref().map(|reference| reference.rsplit('#').next().unwrap_or_default());
            let Some((from, to)) = target.and_then(|target| Some((self.at(element.path.trim_end_matches("[x]"))?, self.at(target)?)))
            else {
                continue;
            };
            if let Some(node) = self.nodes.get_mut(from) {
                node.content = Some(to);
                node.types = vec![Type { code: "BackboneElement".into(), shape: Shape::Inline, profiles: Vec::new(), targets: Vec::new() }];
                let renamed: Vec<Box<str>> = json_names(node).map(|(name, _)| name.into()).collect();
                let parent = node.path.rsplit_once('.').and_then(|(parent, _)| self.by_path.get(parent).copied());
                if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(parent)) {
                    parent.names.retain(|(_, number, _)| *number != from);
                    parent.names.extend(renamed.into_iter().map(|name| (name, from, 0)));
                }
            }
        }
        for node in &mut self.nodes {
            node.names.sort();
        }
    }
}

impl Node {
    fn compile(
        definition: &Profile,
        (element, next): (&Element, Option<&Element>),
        path: &str,
        is_resource: bool,
        ids: &HashMap<String, TypeId>,
    ) -> Self {
        let name = path.rsplit('.').next().unwrap_or(path);
        let below = next.and_then(|next| next.path.strip_prefix(element.path.as_str())).is_some_and(|rest| rest.starts_with('.'));
        let has_children = below && element.path.contains('.');
        let is_resource_id = is_resource && name == "id" && path.matches('.').count() == 1;
        let compile_type = |given: &ElementType| {
            let code = if is_resource_id { "id" } else { given.code.trim_start_matches("http://hl7.org/fhirpath/System.") };
            let code = if code == "String" { "string" } else { code };
            Type {
                code: code.into(),
                shape: if has_children { Shape::Inline } else { shape_of(code, ids) },
                profiles: given.profile.clone(),
                targets: given.target_profile.clone(),
            }
        };
        Self {
            path: path.into(),
            name: name.into(),
            min: element.min,
            max: element.max,
            is_choice: element.path.ends_with("[x]"),
            types: element.types.iter().map(compile_type).collect(),
            binding: element.binding.as_ref().and_then(Binding::compile),
            max_length: element.max_length,
            invariants: definition.constraints_of(element).filter_map(Invariant::compile).collect(),
            children: Vec::new(),
            names: Vec::new(),
            content: None,
        }
    }

    /// Whether JSON holds its occurrences in an array.
    pub fn is_list(&self) -> bool {
        self.max != Some(1)
    }

    /// Whether extensions stand here.
    pub fn is_extension(&self) -> bool {
        matches!(&*self.name, "extension" | "modifierExtension")
    }
}

/// What an instance of the type named `code` looks like.
pub fn shape_of(code: &str, ids: &HashMap<String, TypeId>) -> Shape {
    if let Some(primitive) = Primitive::of(code) {
        return Shape::Primitive(primitive);
    }
    match code {
        "Resource" | "DomainResource" => Shape::Resource,
        _ => ids.get(code).map_or(Shape::Unknown, |id| Shape::Structure(*id)),
    }
}

/// The names that an element has in JSON, each with the number of its type.
fn json_names(node: &Node) -> impl Iterator<Item = (String, usize)> {
    let plain = (!node.is_choice).then(|| (node.name.to_string(), 0));
    let choices = node.types.iter().enumerate().filter(|_| node.is_choice);
    plain.into_iter().chain(choices.map(|(number, kind)| (choice_name(&node.name, &kind.code), number)))
}

/// The JSON name of a choice element with a type, such as `deceasedBoolean`.
pub fn choice_name(name: &str, code: &str) -> String {
    let mut letters = code.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    name.chars().chain(first).chain(letters).collect()
}
