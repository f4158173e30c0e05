//! How a profile tells the occurrences of an element apart (R4 profiling.html#slicing).

use super::binding::Binding;
use super::library::Library;
use super::rules::{Place, Rule, Tree};
use crate::fhir::reference::split_canonical;
use crate::guide::profile::{self, Discriminator, Element, TypedValue};

/// The slices of an element.
#[derive(Debug)]
pub struct Slicing {
    /// What may stand outside the slices.
    pub rules: Openness,
    /// Whether slices come in the order of the definition.
    pub ordered: bool,
    /// In the order of the definition.
    pub slices: Vec<Slice>,
}

/// What may stand outside the slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openness {
    /// Anything, anywhere.
    Open,
    /// Nothing.
    Closed,
    /// Anything, after the slices.
    OpenAtEnd,
}

/// One slice.
#[derive(Debug)]
pub struct Slice {
    /// Its name.
    pub name: String,
    /// What makes an occurrence belong to it: all of these.
    pub matchers: Vec<Matcher>,
    /// What holds for what belongs to it.
    pub rule: Rule,
}

/// One discriminator as it reads for one slice.
#[derive(Debug)]
pub struct Matcher {
    /// From the sliced element.
    pub path: Vec<Step>,
    /// What is there.
    pub test: Test,
}

/// One step of a discriminator's path (R4 profiling.html#discriminator).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A child element, without `[x]`.
    Field(String),
    /// `extension(url)`.
    Extension(String),
    /// `resolve()`.
    Resolve,
    /// `ofType(type)`.
    OfType(String),
}

/// What a discriminator asks for in one slice.
#[derive(Debug)]
pub enum Test {
    /// Each of these values stands at its path from there.
    Values(Vec<(Vec<Step>, Content)>),
    /// The code is in a value set.
    MemberOf(Box<Binding>),
    /// Whether there is anything.
    Exists(bool),
    /// The type is one of these.
    Type(Vec<String>),
    /// The value conforms to one of these profiles.
    Profile(Vec<String>),
    /// The slice says nothing there, so that nothing can belong to it.
    Nothing,
}

/// A `fixed[x]` or `pattern[x]`.
#[derive(Clone, Debug)]
pub enum Content {
    /// Equal in every part.
    Fixed(TypedValue),
    /// Contained.
    Pattern(TypedValue),
}

impl Slicing {
    /// Compiles the slices of the element `number`.
    pub(super) fn compile(tree: &Tree<'_>, number: usize, slices: &[usize], place: Option<Place>, library: &Library) -> Option<Self> {
        let element = tree.element(number)?;
        let inherited = element.slicing.is_none().then(|| inherited(tree, &element.path, library)).flatten();
        let given = element.slicing.as_ref().or(inherited.as_ref());
        let by_type = [Discriminator { kind: "type".to_owned(), path: "$this".to_owned() }];
        let by_url = [Discriminator { kind: "value".to_owned(), path: "url".to_owned() }];
        let discriminators = match given.map(|slicing| slicing.discriminators.as_slice()) {
            Some(given) if !given.is_empty() => given,
            _ if element.path.ends_with("[x]") => &by_type,
            _ if element.path.ends_with("xtension") => &by_url,
            _ => &[],
        };
        let compiled = slices.iter().filter_map(|slice| {
            let name = tree.element(*slice)?.slice_name.clone()?;
            let matchers = discriminators.iter().map(|discriminator| matcher(tree, *slice, discriminator, library)).collect();
            Some(Slice { name, matchers, rule: Rule::compile(tree, *slice, place, library) })
        });
        Some(Self {
            rules: match given.map(|slicing| slicing.rules.as_str()) {
                Some("closed") => Openness::Closed,
                Some("openAtEnd") => Openness::OpenAtEnd,
                _ => Openness::Open,
            },
            ordered: given.is_some_and(|slicing| slicing.ordered),
            slices: compiled.collect(),
        })
    }
}

/// How the base of a profile without snapshot tells the occurrences of an element apart.
fn inherited(tree: &Tree<'_>, path: &str, library: &Library) -> Option<profile::Slicing> {
    let mut base = tree.profile.base.clone().filter(|_| tree.profile.is_differential)?;
    for _ in 0..16 {
        let profile = library.catalogue().profile(&base)?;
        let element = profile.elements.iter().find(|element| element.path == path && element.slicing.is_some());
        if let Some(element) = element {
            return element.slicing.clone();
        }
        base = profile.base.clone()?;
    }
    None
}

fn matcher(tree: &Tree<'_>, slice: usize, discriminator: &Discriminator, library: &Library) -> Matcher {
    let path = steps(&discriminator.path);
    let Some(found) = find(tree, slice, &path, library, 0) else {
        return Matcher { path, test: Test::Nothing };
    };
    let test = match discriminator.kind.as_str() {
        "exists" => found.exists(),
        "type" => found.types(&path, library),
        "profile" => found.profiles(&path),
        _ => found.values(),
    };
    Matcher { path, test }
}

/// What a slice says at the end of a discriminator's path.
enum Found {
    Element {
        values: Vec<(Vec<Step>, Content)>,
        element: Box<Element>,
    },
    /// The URL of an extension's definition.
    Url(String),
}

impl Found {
    fn values(self) -> Test {
        match self {
            Self::Url(url) => {
                let value = url.into();
                Test::Values(vec![(Vec::new(), Content::Fixed(TypedValue { type_name: "Uri".to_owned(), value }))])
            }
            Self::Element { values, .. } if !values.is_empty() => Test::Values(values),
            Self::Element { element, .. } => {
                match element.binding.as_ref().filter(|binding| binding.strength == "required").and_then(Binding::compile) {
                    Some(binding) => Test::MemberOf(Box::new(binding)),
                    // A slice that differs by presence alone is met in older profiles under `value`.
                    None if element.max == Some(0) => Test::Exists(false),
                    None => Test::Nothing,
                }
            }
        }
    }

    fn exists(&self) -> Test {
        match self {
            Self::Element { element, .. } if element.max == Some(0) => Test::Exists(false),
            Self::Element { element, .. } if element.min > 0 => Test::Exists(true),
            Self::Element { .. } => Test::Nothing,
            Self::Url(_) => Test::Exists(true),
        }
    }

    fn types(&self, path: &[Step], library: &Library) -> Test {
        let Self::Element { element, .. } = self else { return Test::Nothing };
        let codes: Vec<String> = if path.last() == Some(&Step::Resolve) {
            let targets = element.types.iter().flat_map(|kind| &kind.target_profile);
            targets.filter_map(|target| library.type_of(target)).map(str::to_owned).collect()
        } else {
            element.types.iter().map(|kind| kind.code.clone()).collect()
        };
        if codes.is_empty() { Test::Nothing } else { Test::Type(codes) }
    }

    fn profiles(&self, path: &[Step]) -> Test {
        let Self::Element { element, .. } = self else { return Test::Nothing };
        let of_type = |kind: &crate::guide::profile::ElementType| {
            if path.last() == Some(&Step::Resolve) { kind.target_profile.clone() } else { kind.profile.clone() }
        };
        let profiles: Vec<String> = element.types.iter().flat_map(of_type).collect();
        if profiles.is_empty() { Test::Nothing } else { Test::Profile(profiles) }
    }
}

/// Follows a discriminator's path through a slice's elements and the profiles of their types.
fn find(tree: &Tree<'_>, start: usize, path: &[Step], library: &Library, depth: usize) -> Option<Found> {
    let element = tree.element(start)?;
    let Some((step, rest)) = path.split_first() else {
        let values = collect(tree, start, &mut Vec::new());
        return Some(Found::Element { values, element: Box::new(element.clone()) });
    };
    let next = match step {
        Step::Field(name) => tree.child(start, name),
        Step::Resolve | Step::OfType(_) => Some(start),
        Step::Extension(url) => extension_slice(tree, start, url),
    };
    match next {
        Some(next) => find(tree, next, rest, library, depth),
        None if depth < 4 => in_profile_of_type(element, path, library, depth),
        None => None,
    }
}

fn in_profile_of_type(element: &Element, path: &[Step], library: &Library, depth: usize) -> Option<Found> {
    let canonical = element.types.iter().flat_map(|kind| &kind.profile).next()?;
    if path == [Step::Field("url".to_owned())] {
        return Some(Found::Url(split_canonical(canonical).0.to_owned()));
    }
    let profile = library.catalogue().profile(canonical)?;
    find(&Tree::of(&profile), 0, path, library, depth + 1)
}

fn extension_slice(tree: &Tree<'_>, parent: usize, url: &str) -> Option<usize> {
    let (_, slices) = tree.below.get(tree.child(parent, "extension")?)?;
    let has_url = |slice: &&usize| {
        let by_profile = tree
            .element(**slice)
            .is_some_and(|element| element.types.iter().flat_map(|kind| &kind.profile).any(|profile| split_canonical(profile).0 == url));
        by_profile || tree.child(**slice, "url").and_then(|child| tree.element(child)?.fixed.as_ref()?.value.as_str()) == Some(url)
    };
    slices.iter().find(has_url).copied()
}

/// The values that an element or those below it must have.
fn collect(tree: &Tree<'_>, number: usize, path: &mut Vec<Step>) -> Vec<(Vec<Step>, Content)> {
    let Some(element) = tree.element(number) else { return Vec::new() };
    if let Some(fixed) = &element.fixed {
        return vec![(path.clone(), Content::Fixed(fixed.clone()))];
    }
    if let Some(pattern) = &element.pattern {
        return vec![(path.clone(), Content::Pattern(pattern.clone()))];
    }
    let mut found = Vec::new();
    for child in tree.below.get(number).map(|(children, _)| children.as_slice()).unwrap_or_default() {
        let Some(name) = tree.element(*child).and_then(|element| element.path.rsplit('.').next()) else { continue };
        path.push(Step::Field(name.trim_end_matches("[x]").to_owned()));
        found.extend(collect(tree, *child, path));
        path.pop();
    }
    found
}

/// Reads the restricted FHIRPath of a discriminator.
pub fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in split(path) {
        let argument = part.split_once('(').map(|(_, rest)| rest.trim_end_matches(')').trim_matches(['\'', '"']).to_owned());
        match (part.split('(').next().unwrap_or_default(), argument) {
            ("$this" | "", _) => {}
            ("resolve", Some(_)) => steps.push(Step::Resolve),
            ("extension", Some(url)) => steps.push(Step::Extension(url)),
            ("ofType", Some(name)) => steps.push(Step::OfType(name.trim_start_matches("FHIR.").to_owned())),
            (name, _) => steps.push(Step::Field(name.trim_end_matches("[x]").to_owned())),
        }
    }
    steps
}

/// Splits at the dots outside parentheses.
fn split(path: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    path.split(|sign| {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        sign == '.' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_discriminator_is_read() {
        let field = |name: &str| Step::Field(name.to_owned());
        assert_eq!(steps("$this"), []);
        assert_eq!(steps("$this.coding.code"), [field("coding"), field("code")]);
        assert_eq!(steps("extension('http://a.b/c').value"), [Step::Extension("http://a.b/c".to_owned()), field("value")]);
        assert_eq!(steps("provider.resolve()"), [field("provider"), Step::Resolve]);
        assert_eq!(steps("value.ofType(Coding)"), [field("value"), Step::OfType("Coding".to_owned())]);
    }
}
