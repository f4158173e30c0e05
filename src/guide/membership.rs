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
    let mut work = Work { shelves, inside: Vec::new(), known: HashMap::new(), case_insensitive: BTreeSet::new() };
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
    /// What nested value sets were found to select, so that none is worked out twice.
    known: HashMap<String, Selection>,
    case_insensitive: BTreeSet<String>,
}

impl Work<'_> {
    fn find(&self, url: &str, version: Option<&str>) -> Option<Arc<ValueSetRules>> {
        self.shelves.iter().find_map(|shelf| shelf.value_set(url, version))
    }

    fn code_system(&mut self, url: &str, version: Option<&str>) -> Option<Arc<CodeSystem>> {
        let system =
            self.shelves.iter().find_map(|shelf| shelf.code_system(url, version).filter(|system| system.content != "supplement"))?;
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
        if let Some(known) = self.known.get(canonical) {
            return known.clone();
        }
        let selection = match self.find(url, version) {
            Some(rules) => self.select(&rules),
            None => Selection::unknown(),
        };
        self.known.insert(canonical.to_owned(), selection.clone());
        selection
    }

    fn of_system(&mut self, stated: &str, rule: &Rule) -> Selection {
        // R4 itself has includes whose system carries a version as a canonical does.
        let (url, version) = stated.split_once('|').map_or((stated, rule.version.as_deref()), |(url, version)| (url, Some(version)));
        let system = self.code_system(url, version);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::compile::Compiler;
    use crate::guide::facts::GuideId;
    use crate::guide::terminology::Membership::{self, Member, NotMember, Undecidable};

    use crate::fhir::json::{Value, json};

    /// A shelf of an animal system and value sets of the given composes, named `v0`, `v1` …
    fn shelves(composes: &[Value]) -> Vec<Arc<Shelf>> {
        let mut compiler = Compiler::new("test");
        let animals = json!({
            "resourceType": "CodeSystem", "url": "animals", "version": "1.2.3", "content": "complete", "caseSensitive": false,
            "concept": [
                { "code": "mammal", "concept": [
                    { "code": "cat", "property": [{ "code": "sound", "valueCode": "meow" }] },
                    { "code": "dog", "property": [{ "code": "sound", "valueCode": "bark" }] },
                ] },
                { "code": "fish", "concept": [{ "code": "carp" }] },
                { "code": "seahorse", "property": [{ "code": "parent", "valueCode": "fish" }] },
                { "code": "pet", "property": [{ "code": "child", "valueCode": "cat" }] },
            ],
        });
        compiler.add_resource("animals", &animals).unwrap();
        let stub = json!({ "resourceType": "CodeSystem", "url": "plants", "content": "not-present" });
        compiler.add_resource("plants", &stub).unwrap();
        for (number, compose) in composes.iter().enumerate() {
            let value_set = json!({ "resourceType": "ValueSet", "url": format!("v{number}"), "compose": compose });
            compiler.add_resource("value set", &value_set).unwrap();
        }
        vec![Arc::new(Shelf::of_compiled(compiler.finish_as(&GuideId::new("test", "1"))).unwrap())]
    }

    fn members(composes: &[Value]) -> ValueSet {
        work_out(&shelves(composes), "v0", None).unwrap()
    }

    fn codes(compose: Value) -> String {
        let value_set = members(&[compose]);
        assert!(value_set.is_decidable(), "{value_set:?}");
        value_set.members().map(|(_, code)| code).collect::<Vec<_>>().join(" ")
    }

    fn filtered_by(property: &str, op: &str, value: &str) -> Value {
        json!({ "include": [{ "system": "animals", "filter": [{ "property": property, "op": op, "value": value }] }] })
    }

    fn membership(value_set: &ValueSet, system: &str, code: &str) -> Membership {
        value_set.membership(Some(system), code)
    }

    #[test]
    fn whole_systems_lists_and_filters_are_worked_out() {
        assert_eq!(codes(json!({ "include": [{ "system": "animals" }] })), "carp cat dog fish mammal pet seahorse");
        assert_eq!(codes(json!({ "include": [{ "system": "plants", "concept": [{ "code": "oak" }] }] })), "oak");
        assert_eq!(codes(filtered_by("concept", "is-a", "mammal")), "cat dog mammal");
        assert_eq!(codes(filtered_by("concept", "descendent-of", "fish")), "carp seahorse");
        assert_eq!(codes(filtered_by("concept", "is-not-a", "fish")), "cat dog mammal pet");
        assert_eq!(codes(filtered_by("concept", "descendent-of", "pet")), "cat");
        assert_eq!(codes(filtered_by("parent", "=", "mammal")), "cat dog");
        assert_eq!(codes(filtered_by("sound", "=", "bark")), "dog");
        assert_eq!(codes(filtered_by("code", "in", "cat, carp")), "carp cat");
    }

    #[test]
    fn what_the_packages_do_not_hold_is_undecidable() {
        for compose in [
            json!({ "include": [{ "system": "plants" }] }),
            filtered_by("concept", "regex", "c.*"),
            filtered_by("colour", "=", "red"),
            json!({ "include": [{ "system": "animals", "version": "9" }] }),
            json!({ "include": [{ "system": "nowhere" }] }),
        ] {
            let value_set = members(std::slice::from_ref(&compose));
            let system = value_set.undecidable.first().unwrap_or_else(|| panic!("{compose}"));
            assert_eq!(membership(&value_set, system, "x"), Undecidable, "{compose}");
            assert_eq!(membership(&value_set, "elsewhere", "x"), NotMember, "{compose}");
            assert_eq!(value_set.membership(None, "x"), Undecidable, "{compose}");
        }
        let open = members(&[json!({ "include": [{ "valueSet": ["absent"] }] })]);
        assert_eq!(membership(&open, "anything", "x"), Undecidable);
        assert!(!open.is_decidable());
        assert!(members(&[json!({ "include": [{ "system": "animals", "version": "1.2" }] })]).is_decidable());
    }

    #[test]
    fn known_members_stay_known_beside_what_is_undecidable() {
        let partly = members(&[json!({ "include": [{ "system": "plants" }, { "system": "plants", "concept": [{ "code": "oak" }] }] })]);
        assert_eq!(membership(&partly, "plants", "oak"), Member);
        assert_eq!(membership(&partly, "plants", "elm"), Undecidable);
    }

    #[test]
    fn excludes_take_out_and_unsure_excludes_make_unsure() {
        let exclude = json!({ "include": [{ "system": "animals" }], "exclude": [filtered_by("concept", "is-a", "mammal")["include"][0]] });
        assert_eq!(codes(exclude), "carp fish pet seahorse");
        let unsure = members(&[json!({ "include": [{ "system": "animals" }], "exclude": [{ "valueSet": ["absent"] }] })]);
        assert_eq!(membership(&unsure, "animals", "cat"), Undecidable);
        let other = members(&[json!({ "include": [{ "system": "animals" }], "exclude": [{ "system": "plants" }] })]);
        assert_eq!(membership(&other, "animals", "cat"), Member);
    }

    #[test]
    fn value_sets_are_made_of_value_sets() {
        let mammals = filtered_by("concept", "is-a", "mammal");
        let cats = json!({ "include": [{ "system": "animals", "concept": [{ "code": "cat" }, { "code": "carp" }] }] });
        let both = members(&[json!({ "include": [{ "valueSet": ["v1", "v2"] }] }), mammals.clone(), cats.clone()]);
        assert_eq!(both.members().collect::<Vec<_>>(), [("animals", "cat")]);
        let either = members(&[json!({ "include": [{ "valueSet": ["v1"] }, { "valueSet": ["v2"] }] }), mammals.clone(), cats]);
        assert_eq!(either.members().count(), 4);
        let with_system = members(&[json!({ "include": [{ "system": "animals", "valueSet": ["v1", "absent"] }] }), mammals]);
        assert_eq!(membership(&with_system, "animals", "cat"), Undecidable);
        assert_eq!(membership(&with_system, "plants", "oak"), NotMember);
    }

    #[test]
    fn a_circle_of_value_sets_ends_undecidable() {
        let circle = members(&[json!({ "include": [{ "valueSet": ["v1"] }] }), json!({ "include": [{ "valueSet": ["v0"] }] })]);
        assert!(!circle.is_decidable());
    }

    #[test]
    fn value_sets_that_branch_at_every_level_are_worked_out_once_each() {
        let level = |number: usize| json!({ "include": vec![json!({ "valueSet": [format!("v{}", number + 1)] }); 20] });
        let mut composes: Vec<Value> = (0..12).map(level).collect();
        composes.push(json!({ "include": [{ "system": "animals", "concept": [{ "code": "cat" }] }] }));
        assert_eq!(members(&composes).members().collect::<Vec<_>>(), [("animals", "cat")]);
    }

    #[test]
    fn case_counts_unless_the_system_says_otherwise() {
        let animals = members(&[json!({ "include": [{ "system": "animals" }] })]);
        assert_eq!(membership(&animals, "animals", "CAT"), Member);
        let plants = members(&[json!({ "include": [{ "system": "plants", "concept": [{ "code": "oak" }] }] })]);
        assert_eq!(membership(&plants, "plants", "OAK"), NotMember);
    }

    #[test]
    fn a_complete_expansion_stands_in_for_what_cannot_be_worked_out() {
        let expansion = |total: u64| {
            json!({
                "resourceType": "ValueSet", "url": "e", "compose": { "include": [{ "system": "plants" }] },
                "expansion": { "total": total, "contains": [{ "system": "plants", "code": "oak" }] },
            })
        };
        for (total, decidable) in [(1, true), (2, false)] {
            let mut compiler = Compiler::new("test");
            compiler.add_resource("e", &expansion(total)).unwrap();
            let shelf = Shelf::of_compiled(compiler.finish_as(&GuideId::new("test", "1"))).unwrap();
            let value_set = work_out(&[Arc::new(shelf)], "e", None).unwrap();
            assert_eq!(value_set.is_decidable(), decidable, "total {total}");
        }
    }
}
