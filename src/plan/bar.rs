//! What is asked of the server: what the guides expect and what the server declares, laid over each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::sign_in::SignIn;
use crate::check::{Declared, PayerFacts};
use crate::fhir::capability::{Expectation, ResourceStatement};
use crate::fhir::day::Day;
use crate::guide::Catalogue;

/// One thing that a guide may expect and the server may declare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// Whether the server declares it.
    pub declared: bool,
    /// The first guide that expects it, by short name, and how strongly any does.
    pub expected: Option<(String, Expectation)>,
}

/// One resource type.
#[derive(Clone, Debug, Default)]
pub struct TypeBar {
    /// The type itself.
    pub point: Point,
    /// By interaction code.
    pub interactions: BTreeMap<String, Point>,
    /// By search parameter code, with the parameter's type where it is known.
    pub params: BTreeMap<String, (Point, String)>,
    /// Search parameters that are asked together, by their codes in order.
    pub combinations: BTreeMap<Vec<String>, Point>,
    /// By full `_include` value, such as `Coverage:payor`.
    pub includes: BTreeMap<String, Point>,
    /// By `_revinclude` value.
    pub rev_includes: BTreeMap<String, Point>,
    /// By canonical without version.
    pub profiles: BTreeMap<String, Point>,
    /// By name, with the canonical of the definition.
    pub operations: BTreeMap<String, (Point, String)>,
    /// What the server states beside interactions, such as `conditional-create`.
    pub features: Vec<&'static str>,
}

/// Everything, by resource type.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// By resource type.
    pub types: BTreeMap<String, TypeBar>,
    /// Interactions with the whole system, by code.
    pub system: BTreeMap<String, Point>,
    /// Operations on the whole system, by name, with the canonical of the definition.
    pub system_operations: BTreeMap<String, (Point, String)>,
    /// Whether there was no CapabilityStatement of a server, so that the server is held to have declared what the guides expect.
    pub assumed: bool,
    /// How the run signs in; `None` when it is given its token.
    pub sign_in: Option<Arc<SignIn>>,
    /// Whether the FHIR base is on https.
    pub secure: bool,
    /// What the payer says of its own data.
    pub facts: Arc<PayerFacts>,
    /// The day by whose rules is judged.
    pub as_of: Option<Day>,
}

impl Point {
    fn expect(&mut self, guide: &str, expectation: Option<Expectation>) {
        let Some(expectation) = expectation.filter(|expectation| *expectation != Expectation::ShallNot) else { return };
        match &mut self.expected {
            Some((_, known)) => *known = (*known).max(expectation),
            None => self.expected = Some((guide.to_owned(), expectation)),
        }
    }

    /// Whether a guide says SHALL.
    pub fn is_shall(&self) -> bool {
        matches!(self.expected, Some((_, Expectation::Shall)))
    }
}

impl TypeBar {
    /// Whether the server offers an interaction.
    pub fn offers(&self, interaction: &str) -> bool {
        self.interactions.get(interaction).is_some_and(|point| point.declared)
    }

    /// Whether the server states something of the type: an interaction, an operation such as `$everything`, or what it says beside them.
    pub fn states(&self, what: &str) -> bool {
        self.features.contains(&what) || self.offers(what) || what.strip_prefix('$').is_some_and(|name| self.operations.contains_key(name))
    }

    /// Whether searches of the type are offered or must be.
    pub fn asks_for_search(&self) -> bool {
        self.interactions.get("search-type").is_some_and(|point| point.declared || point.is_shall())
    }
}

impl Bar {
    /// Whether the payer gives a fact, of a resource type where one is named.
    pub fn tells(&self, fact: &str, resource_type: Option<&str>) -> bool {
        self.facts.gives(fact, resource_type, self.as_of)
    }

    /// Lays the guides' expectations and the server's declaration over each other.
    pub fn new(catalogue: &Catalogue, declared: &Declared) -> Self {
        let mut bar = Self { assumed: true, sign_in: declared.sign_in.clone(), secure: declared.secure, ..Self::default() };
        bar.facts = declared.facts.clone();
        bar.as_of = declared.as_of;
        for (guide, expectations) in catalogue.expectations() {
            for (resource_type, statement) in &expectations.resources {
                bar.types.entry(resource_type.clone()).or_default().expect(&guide.short_name, resource_type, statement);
            }
        }
        match declared.capability.as_ref().filter(|capability| capability.has_server_rest) {
            Some(capability) => {
                bar.assumed = false;
                for (resource_type, statement) in &capability.resources {
                    bar.types.entry(resource_type.clone()).or_default().declare(resource_type, statement);
                }
                for stated in &capability.system_interactions {
                    bar.system.insert(stated.value.clone(), Point { declared: true, expected: None });
                }
                for stated in &capability.system_operations {
                    let declared = (Point { declared: true, expected: None }, stated.value.1.clone());
                    bar.system_operations.insert(operation_name(&stated.value.0), declared);
                }
                for stated in &capability.system_search_params {
                    for type_bar in bar.types.values_mut().filter(|type_bar| type_bar.point.declared) {
                        let (point, kind) = type_bar.params.entry(stated.value.name.clone()).or_default();
                        point.declared = true;
                        kind.clone_from(&stated.value.kind);
                    }
                }
            }
            None => bar.types.values_mut().for_each(TypeBar::assume),
        }
        bar.types.values_mut().for_each(TypeBar::combine);
        bar
    }
}

impl TypeBar {
    fn points_mut(&mut self) -> impl Iterator<Item = &mut Point> {
        std::iter::once(&mut self.point)
            .chain(self.interactions.values_mut())
            .chain(self.params.values_mut().map(|(point, _)| point))
            .chain(self.includes.values_mut())
            .chain(self.rev_includes.values_mut())
            .chain(self.profiles.values_mut())
    }

    fn assume(&mut self) {
        for point in self.points_mut() {
            point.declared = matches!(point.expected, Some((_, Expectation::Shall | Expectation::Should)));
        }
    }

    /// Adds every two parameters that guides demand. A server that declares all parameters of a combination has to take them together.
    fn combine(&mut self) {
        let demanded: Vec<(String, Point)> =
            self.params.iter().filter(|(_, (point, _))| point.is_shall()).map(|(code, (point, _))| (code.clone(), point.clone())).collect();
        for (at, (one, point)) in demanded.iter().enumerate() {
            for (other, _) in demanded.iter().skip(at + 1) {
                let combination = self.combinations.entry(vec![one.clone(), other.clone()]).or_default();
                if let Some((guide, expectation)) = &point.expected {
                    combination.expect(guide, Some(*expectation));
                }
            }
        }
        let declared = |code: &String| self.params.get(code).is_some_and(|(point, _)| point.declared);
        for (codes, point) in &mut self.combinations {
            point.declared |= codes.iter().all(declared);
        }
    }

    fn expect(&mut self, guide: &str, resource_type: &str, statement: &ResourceStatement) {
        self.point.expect(guide, statement.expectation);
        for stated in &statement.interactions {
            self.interactions.entry(stated.value.clone()).or_default().expect(guide, stated.expectation);
        }
        for stated in &statement.search_params {
            let (point, kind) = self.params.entry(stated.value.name.clone()).or_default();
            point.expect(guide, stated.expectation);
            kind.clone_from(&stated.value.kind);
        }
        for stated in &statement.combinations {
            if let Some(codes) = together(&stated.value) {
                self.combinations.entry(codes).or_default().expect(guide, stated.expectation.or(Some(Expectation::May)));
            }
        }
        for stated in &statement.includes {
            self.includes
                .entry(full_include(resource_type, &stated.value))
                .or_default()
                .expect(guide, stated.expectation.or(statement.expectation));
        }
        for stated in &statement.rev_includes {
            self.rev_includes.entry(stated.value.clone()).or_default().expect(guide, stated.expectation);
        }
        for stated in &statement.supported_profiles {
            self.profiles.entry(without_version(&stated.value)).or_default().expect(guide, stated.expectation.or(statement.expectation));
        }
    }

    fn declare(&mut self, resource_type: &str, statement: &ResourceStatement) {
        self.point.declared = true;
        self.features.clone_from(&statement.features);
        for stated in &statement.interactions {
            self.interactions.entry(stated.value.clone()).or_default().declared = true;
        }
        for stated in &statement.search_params {
            let (point, kind) = self.params.entry(stated.value.name.clone()).or_default();
            point.declared = true;
            if kind.is_empty() {
                kind.clone_from(&stated.value.kind);
            }
        }
        for codes in statement.combinations.iter().filter_map(|stated| together(&stated.value)) {
            self.combinations.entry(codes).or_default().declared = true;
        }
        for stated in &statement.includes {
            self.includes.entry(full_include(resource_type, &stated.value)).or_default().declared = true;
        }
        for (value, point) in &mut self.includes {
            point.declared |= statement.include(value).is_some();
        }
        for stated in &statement.rev_includes {
            self.rev_includes.entry(stated.value.clone()).or_default().declared = true;
        }
        for canonical in statement.supported_profiles.iter().map(|stated| &stated.value).chain(&statement.profile) {
            self.profiles.entry(without_version(canonical)).or_default().declared = true;
        }
        for stated in &statement.operations {
            self.operations.insert(operation_name(&stated.value.0), (Point { declared: true, expected: None }, stated.value.1.clone()));
        }
    }
}

/// The name of an operation without the dollar sign that some servers put before it.
fn operation_name(stated: &str) -> String {
    stated.trim_start_matches('$').to_owned()
}

/// The codes of a combination in their order; `None` where they are no two.
fn together(codes: &[String]) -> Option<Vec<String>> {
    let mut codes = codes.to_vec();
    codes.sort_unstable();
    codes.dedup();
    (codes.len() > 1).then_some(codes)
}

/// `Type:param` for a value that may lack the type.
fn full_include(resource_type: &str, value: &str) -> String {
    if value.contains(':') { value.to_owned() } else { format!("{resource_type}:{value}") }
}

fn without_version(canonical: &str) -> String {
    canonical.split('|').next().unwrap_or_default().to_owned()
}
