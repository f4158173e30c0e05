//! Works out a value set's members from the code systems and value sets of the loaded packages (R4 valueset.html#compositions).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::shelf::Shelf;
use super::terminology::{CodeSystem, Filter, Rule, ValueSet, ValueSetRules};

/// Value sets may be made of value sets; real ones nest two or three deep.
const DEEPEST: usize = 16;

/// What one rule or several select.
#[derive(Clone, Debug, Default)]
struct Selection {
    codes: BTreeMap<String, BTreeSet<String>>,
    undecidable: BTreeSet<String>,
    open: bool,
}

/// The value set's members, or `None` when no loaded package has the value set.
pub fn work_out(shelves: &[Arc<Shelf>], url: &str, version: Option<&str>) -> Option<ValueSet> {
    let mut work = Work { shelves, inside: Vec::new(), case_insensitive: BTreeSet::new() };
    let rules = work.find(url, version)?;
    let selection = work.select(&rules);
    Some(ValueSet {
        url: rules.url.clone(),
        version: rules.version.clone(),
        codes: selection.codes,
        undecidable: selection.undecidable,
        open: selection.open,
        case_insensitive: work.case_insensitive,
    })
}

struct Work<'a> {
    shelves: &'a [Arc<Shelf>],
    /// The value sets that are being worked out, so that a circle is seen.
    inside: Vec<String>,
    case_insensitive: BTreeSet<String>,
}

impl Work<'_> {
    fn find(&self, url: &str, version: Option<&str>) -> Option<Arc<ValueSetRules>> {
        self.shelves.iter().find_map(|shelf| shelf.value_set(url, version))
    }

    fn code_system(&mut self, url: &str, version: Option<&str>) -> Option<Arc<CodeSystem>> {
        let system = self.shelves.iter().find_map(|shelf| shelf.code_system(url, version).filter(|system| system.content != "supplement"))?;
        if system.case_sensitive == Some(false) {
            self.case_insensitive.insert(url.to_owned());
        }
        Some(system)
    }

    fn select(&mut self, rules: &ValueSetRules) -> Selection {
        if rules.include.is_empty() {
            return if rules.expansion.is_empty() { Selection::unknown() } else { Selection::of_expansion(rules) };
        }
        self.inside.push(rules.url.clone());
        let mut selection = Selection::default();
        for rule in &rules.include {
            selection.add(self.apply(rule));
        }
        for rule in &rules.exclude {
            let excluded = self.apply(rule);
            selection.remove(&excluded);
        }
        self.inside.pop();
        if !selection.is_decidable() && !rules.expansion.is_empty() {
            return Selection::of_expansion(rules);
        }
        selection
    }

    fn apply(&mut self, rule: &Rule) -> Selection {
        let mut selection = rule.system.as_deref().map(|system| self.of_system(system, rule));
        for value_set in &rule.value_sets {
            let nested = self.nested(value_set);
            selection = Some(match selection {
                Some(selection) => selection.intersect(nested),
                None => nested,
            });
        }
        selection.unwrap_or_else(Selection::unknown)
    }

    fn nested(&mut self, canonical: &str) -> Selection {
        let (url, version) = canonical.split_once('|').map_or((canonical, None), |(url, version)| (url, Some(version)));
        if self.inside.len() >= DEEPEST || self.inside.iter().any(|outer| outer == url) {
            return Selection::unknown();
        }
        match self.find(url, version) {
            Some(rules) => self.select(&rules),
            None => Selection::unknown(),
        }
    }

    fn of_system(&mut self, url: &str, rule: &Rule) -> Selection {
        let system = self.code_system(url, rule.version.as_deref());
        let codes = if !rule.codes.is_empty() {
            Some(rule.codes.iter().cloned().collect())
        } else {
            system.filter(|system| system.is_complete()).and_then(|system| filtered(&system, &rule.filters))
        };
        match codes {
            Some(codes) => Selection { codes: BTreeMap::from([(url.to_owned(), codes)]), ..Selection::default() },
            None => Selection { undecidable: BTreeSet::from([url.to_owned()]), ..Selection::default() },
        }
    }
}

impl Selection {
    fn unknown() -> Self {
        Self { open: true, ..Self::default() }
    }

    fn of_expansion(rules: &ValueSetRules) -> Self {
        let codes = rules.expansion.iter().map(|(system, codes)| (system.clone(), codes.iter().cloned().collect()));
        Self { codes: codes.collect(), ..Self::default() }
    }

    fn is_decidable(&self) -> bool {
        !self.open && self.undecidable.is_empty()
    }

    fn is_undecidable_for(&self, system: &str) -> bool {
        self.open || self.undecidable.contains(system)
    }

    fn add(&mut self, other: Self) {
        for (system, codes) in other.codes {
            self.codes.entry(system).or_default().extend(codes);
        }
        self.undecidable.extend(other.undecidable);
        self.open |= other.open;
    }

    /// Takes out what is excluded. What may be excluded becomes undecidable.
    fn remove(&mut self, excluded: &Self) {
        for (system, codes) in &mut self.codes {
            if let Some(out) = excluded.codes.get(system) {
                codes.retain(|code| !out.contains(code));
            }
            if excluded.is_undecidable_for(system) {
                codes.clear();
                self.undecidable.insert(system.clone());
            }
        }
        self.codes.retain(|_, codes| !codes.is_empty());
    }

    fn intersect(self, other: Self) -> Self {
        let mut result = Self { open: self.open && other.open, ..Self::default() };
        let systems: BTreeSet<&String> =
            self.codes.keys().chain(other.codes.keys()).chain(&self.undecidable).chain(&other.undecidable).collect();
        let none = BTreeSet::new();
        for system in systems {
            let (left, right) = (self.codes.get(system).unwrap_or(&none), other.codes.get(system).unwrap_or(&none));
            let both: BTreeSet<String> = left.intersection(right).cloned().collect();
            let unsure = match (self.is_undecidable_for(system), other.is_undecidable_for(system)) {
                (true, true) => true,
                // What one side surely has, the other may or may not have.
                (true, false) => !right.is_empty(),
                (false, true) => !left.is_empty(),
                (false, false) => false,
            };
            if unsure {
                result.undecidable.insert(system.clone());
            }
            if !both.is_empty() {
                result.codes.insert(system.clone(), both);
            }
        }
        result
    }
}

/// The codes of a complete system that meet all filters, or `None` when a filter cannot be decided.
fn filtered(system: &CodeSystem, filters: &[Filter]) -> Option<BTreeSet<String>> {
    let mut codes: BTreeSet<String> = system.concepts.iter().map(|concept| concept.code.clone()).collect();
    for filter in filters {
        let passed = passes(system, filter)?;
        codes.retain(|code| passed.contains(code));
    }
    Some(codes)
}

fn passes(system: &CodeSystem, filter: &Filter) -> Option<BTreeSet<String>> {
    let all = || system.concepts.iter().map(|concept| concept.code.clone());
    match (filter.property.as_str(), filter.op.as_str()) {
        ("concept" | "code", "is-a") => Some(below(system, &filter.value, true)),
        ("concept" | "code", "descendent-of") => Some(below(system, &filter.value, false)),
        ("concept" | "code", "is-not-a") => {
            let out = below(system, &filter.value, true);
            Some(all().filter(|code| !out.contains(code)).collect())
        }
        ("concept" | "code", "=") => Some(all().filter(|code| *code == filter.value).collect()),
        ("concept" | "code", "in") => Some(all().filter(|code| filter.value.split(',').any(|one| one.trim() == code)).collect()),
        ("parent", "=") => {
            let concepts = system.concepts.iter().filter(|concept| concept.parents.contains(&filter.value));
            Some(concepts.map(|concept| concept.code.clone()).collect())
        }
        (property, "=") => {
            // A property that no concept has may have been left out of the package.
            system.concepts.iter().find(|concept| concept.properties.contains_key(property))?;
            let has = |values: &Vec<String>| values.contains(&filter.value);
            let concepts = system.concepts.iter().filter(|concept| concept.properties.get(property).is_some_and(has));
            Some(concepts.map(|concept| concept.code.clone()).collect())
        }
        _ => None,
    }
}

/// The codes below one code in the hierarchy, with that code itself or without.
fn below(system: &CodeSystem, top: &str, with_top: bool) -> BTreeSet<String> {
    let mut children: HashMap<&str, Vec<&str>> = HashMap::new();
    for concept in &system.concepts {
        for parent in &concept.parents {
            children.entry(parent).or_default().push(&concept.code);
        }
    }
    let mut found = BTreeSet::new();
    let mut stack = vec![top];
    while let Some(code) = stack.pop() {
        for child in children.get(code).into_iter().flatten() {
            if found.insert((*child).to_owned()) {
                stack.push(child);
            }
        }
    }
    if with_top && system.concepts.iter().any(|concept| concept.code == top) {
        found.insert(top.to_owned());
    }
    found
}
