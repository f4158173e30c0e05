//! What a profile demands beyond the type that it constrains, as a tree that holds only the elements where it does.

use std::collections::HashMap;

use super::binding::Binding;
use super::invariant::Invariant;
use super::library::Library;
use super::schema::{self, Node, Schema, Shape, Type, TypeId};
use super::slicing::Slicing;
use crate::guide::profile::{Element, ExtensionContext, Profile, TypedValue};
use crate::guide::{GuideId, ProfileEntry};

/// A profile's own rules.
#[derive(Debug)]
pub struct Rules {
    /// Canonical URL with version.
    pub canonical: String,
    /// The type that it constrains.
    pub type_name: String,
    /// The package that it comes from.
    pub guide: GuideId,
    /// The profile that this one is made of, when its own elements hold only what differs.
    pub base: Option<String>,
    /// Where an extension may stand.
    pub context: Vec<ExtensionContext>,
    /// Whether an extension changes the meaning of what holds it.
    pub is_modifier: bool,
    /// URLs of the parts of a complex extension.
    pub parts: Vec<String>,
    /// What holds for the resource or data type as a whole, and below.
    pub root: Rule,
}

/// A profile's own rules for one element.
#[derive(Debug, Default)]
pub struct Rule {
    /// Element id, such as `Patient.identifier:memberid`.
    pub id: String,
    /// Name without `[x]`.
    pub name: String,
    /// The element in the type's definition.
    pub place: Option<Place>,
    /// The only type of a choice that this rule is about.
    pub only: Option<String>,
    /// Least number of occurrences, when more than the type asks for.
    pub min: u32,
    /// Greatest number of occurrences, when fewer than the type allows.
    pub max: Option<u32>,
    /// Allowed types, when fewer or narrower than the type's own.
    pub types: Option<Vec<Type>>,
    /// The very value.
    pub fixed: Option<TypedValue>,
    /// What the value contains.
    pub pattern: Option<TypedValue>,
    /// Least and greatest value.
    pub range: (Option<TypedValue>, Option<TypedValue>),
    /// Binding, when not the type's own.
    pub binding: Option<Binding>,
    /// Greatest number of characters, when not the type's own.
    pub max_length: Option<u64>,
    /// What must hold besides the type's own invariants.
    pub invariants: Vec<Invariant>,
    /// Rules for the elements below.
    pub children: Vec<Rule>,
    /// How occurrences are told apart.
    pub slicing: Option<Slicing>,
}

/// An element of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The type.
    pub schema: TypeId,
    /// The number of the element in it.
    pub node: usize,
}

/// A profile's elements with their parents found.
pub(super) struct Tree<'p> {
    pub profile: &'p Profile,
    /// By element: the elements below and the slices, in order.
    pub below: Vec<(Vec<usize>, Vec<usize>)>,
}

impl Rules {
    /// Compiles a profile; `None` when it has no snapshot or constrains a type that R4 does not have.
    pub fn compile(profile: &Profile, entry: &ProfileEntry, library: &Library) -> Option<Self> {
        let (schema, _) = library.schema_named(&profile.type_name)?;
        profile.elements.first()?;
        let tree = Tree::of(profile);
        let root = Rule::compile(&tree, 0, Some(Place { schema, node: 0 }), library);
        let version = entry.version.as_str();
        let canonical = if version.is_empty() { entry.url.clone() } else { format!("{}|{version}", entry.url) };
        Some(Self {
            canonical,
            type_name: profile.type_name.clone(),
            guide: entry.guide.clone(),
            base: profile.base.clone().filter(|_| profile.is_differential),
            context: profile.context.clone(),
            is_modifier: profile.elements.first().is_some_and(|element| element.is_modifier),
            parts: parts(profile),
            root,
        })
    }

    /// Canonical URL without version.
    pub fn url(&self) -> &str {
        self.canonical.split('|').next().unwrap_or_default()
    }
}

/// The fixed URLs of an extension's own extensions.
fn parts(profile: &Profile) -> Vec<String> {
    let of_part = |element: &&Element| element.path == "Extension.extension.url";
    let urls = profile.elements.iter().filter(of_part).filter_map(|element| element.fixed.as_ref()?.value.as_str());
    urls.map(str::to_owned).collect()
}

impl Rule {
    pub(super) fn compile(tree: &Tree<'_>, number: usize, place: Option<Place>, library: &Library) -> Self {
        let Some(element) = tree.profile.elements.get(number) else { return Self::default() };
        let base = place.and_then(|place| node(library, place));
        let (name, only) = name_of(element, base);
        let mut rule = Self {
            id: element.id.clone(),
            name,
            place,
            only,
            min: element.min,
            max: element.max,
            types: narrowed(element, base, library),
            fixed: element.fixed.clone(),
            pattern: element.pattern.clone(),
            range: (element.min_value.clone(), element.max_value.clone()),
            binding: element.binding.as_ref().filter(|binding| base.is_none_or(|base| !is_same(binding, base))).and_then(Binding::compile),
            max_length: element.max_length.filter(|length| base.is_none_or(|base| base.max_length != Some(*length))),
            invariants: own_invariants(tree.profile, element, base, library),
            children: Vec::new(),
            slicing: None,
        };
        if element.slice_name.is_none() {
            rule.loosen(element, base);
        }
        let Some((children, slices)) = tree.below.get(number) else { return rule };
        for child in children {
            let Some(given) = tree.profile.elements.get(*child) else { continue };
            let below = place.and_then(|place| below(library, place, element, given));
            let compiled = Self::compile(tree, *child, below, library);
            if !compiled.is_empty() {
                rule.children.push(compiled);
            }
        }
        if !slices.is_empty() || element.slicing.as_ref().is_some_and(|slicing| slicing.rules == "closed") {
            rule.slicing = Slicing::compile(tree, number, slices, place, library);
        }
        rule
    }

    /// Drops bounds that the type has as well.
    fn loosen(&mut self, element: &Element, base: Option<&Node>) {
        let Some(base) = base else { return };
        if element.min <= base.min {
            self.min = 0;
        }
        if element.max == base.max {
            self.max = None;
        }
    }

    /// Whether it demands nothing.
    fn is_empty(&self) -> bool {
        self.min == 0
            && self.max.is_none()
            && self.types.is_none()
            && self.fixed.is_none()
            && self.pattern.is_none()
            && self.range == (None, None)
            && self.binding.is_none()
            && self.max_length.is_none()
            && self.invariants.is_empty()
            && self.children.is_empty()
            && self.slicing.is_none()
    }
}

impl<'p> Tree<'p> {
    pub fn of(profile: &'p Profile) -> Self {
        let numbers: HashMap<&str, usize> =
            profile.elements.iter().enumerate().map(|(number, element)| (element.id.as_str(), number)).collect();
        let mut below = vec![(Vec::new(), Vec::new()); profile.elements.len()];
        for (number, element) in profile.elements.iter().enumerate().skip(1) {
            let (before, last) = element.id.rsplit_once('.').unwrap_or(("", &element.id));
            if element.slice_name.is_some() && last.contains(':') {
                let (holder, slice) = element.id.rsplit_once(':').unwrap_or_default();
                // A slice of a slice is named `outer/inner` (R4 elementdefinition.html#sliceName).
                let outer = slice.rsplit_once('/').and_then(|(outer, _)| numbers.get(format!("{holder}:{outer}").as_str()));
                if let Some((_, slices)) = outer.or_else(|| numbers.get(holder)).and_then(|holder| below.get_mut(*holder)) {
                    slices.push(number);
                }
            } else if let Some((children, _)) = numbers.get(before).and_then(|parent| below.get_mut(*parent)) {
                children.push(number);
            }
        }
        Self { profile, below }
    }

    pub fn element(&self, number: usize) -> Option<&'p Element> {
        self.profile.elements.get(number)
    }

    /// The element of this name below an element.
    pub fn child(&self, number: usize, name: &str) -> Option<usize> {
        let (children, _) = self.below.get(number)?;
        let is_named = |child: &&usize| self.element(**child).is_some_and(|element| last(&element.path).trim_end_matches("[x]") == name);
        children.iter().find(is_named).copied()
    }
}

/// The element of a place.
pub(super) fn node(library: &Library, place: Place) -> Option<&Node> {
    library.schema(place.schema)?.node(place.node)
}

/// The place of an element below another one, which may have been narrowed to one type.
pub(super) fn below(library: &Library, place: Place, parent: &Element, child: &Element) -> Option<Place> {
    let schema = library.schema(place.schema)?;
    let name = last(&child.path);
    if place.node == 0 || schema.node(place.node)?.types.iter().any(|kind| kind.shape == Shape::Inline) {
        return named(schema, place.schema, place.node, name);
    }
    let code = match parent.types.as_slice() {
        [only] => only.code.as_str(),
        _ => schema.node(place.node)?.types.first().map(|kind| &*kind.code)?,
    };
    let (id, schema) = library.schema_named(code)?;
    named(schema, id, 0, name)
}

fn named(schema: &Schema, id: TypeId, parent: usize, name: &str) -> Option<Place> {
    let bare = name.trim_end_matches("[x]");
    let node = schema.child_named(parent, bare).or_else(|| schema.child(parent, bare).map(|(node, _)| node))?;
    Some(Place { schema: id, node })
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The name of an element without `[x]`, and the type when the path itself says which one of a choice it is about.
fn name_of(element: &Element, base: Option<&Node>) -> (String, Option<String>) {
    let name = last(&element.path);
    match base {
        Some(base) if base.is_choice && !name.ends_with("[x]") => {
            let is_named = |kind: &&Type| schema::choice_name(&base.name, &kind.code) == name;
            (base.name.to_string(), base.types.iter().find(is_named).map(|kind| kind.code.to_string()))
        }
        _ => (name.trim_end_matches("[x]").to_owned(), None),
    }
}

/// The allowed types, when they are not those of the type's definition.
fn narrowed(element: &Element, base: Option<&Node>, library: &Library) -> Option<Vec<Type>> {
    let base = base?;
    if element.types.is_empty() || base.types.iter().any(|kind| kind.shape == Shape::Inline) || !element.path.contains('.') {
        return None;
    }
    let is_same = |kind: &Type| {
        element.types.iter().any(|own| *own.code == *kind.code && own.profile == kind.profiles && own.target_profile == kind.targets)
    };
    if element.types.len() == base.types.len() && base.types.iter().all(is_same) {
        return None;
    }
    let own = element.types.iter().map(|own| Type {
        code: own.code.as_str().into(),
        shape: schema::shape_of(&own.code, library.ids()),
        profiles: own.profile.clone(),
        targets: own.target_profile.clone(),
    });
    // The id of a resource is a string in its definition and an id in its meaning.
    Some(own.collect()).filter(|_: &Vec<Type>| &*base.name != "id")
}

fn is_same(binding: &crate::guide::profile::Binding, base: &Node) -> bool {
    base.binding.as_ref().is_some_and(|own| own.is_same(binding))
}

fn own_invariants(profile: &Profile, element: &Element, base: Option<&Node>, library: &Library) -> Vec<Invariant> {
    let mut known: Vec<&str> = base.into_iter().flat_map(|base| base.invariants.iter().map(|invariant| &*invariant.key)).collect();
    for kind in base.into_iter().flat_map(|base| &base.types) {
        let root = library.schema_named(&kind.code).and_then(|(_, schema)| schema.node(0));
        known.extend(root.into_iter().flat_map(|root| root.invariants.iter().map(|invariant| &*invariant.key)));
    }
    let own = profile.constraints_of(element).filter(|constraint| !known.contains(&constraint.key.as_str()));
    own.filter_map(Invariant::compile).collect()
}
