//! What can be wrong by a profile: its numbers, its values, its types and its slices.

use payerspec::fhir::json::Value;
use payerspec::guide::profile::{Element, Profile};
use serde_json::json;

use super::mutant::{Edit, Mutant, Pointer, at, index, key};
use super::shapes::{outside_binding, sample, wrong_target};
use super::spots::{Types, capitalised};

/// Mutants by one profile that the example meets.
pub fn of_profile(types: &Types<'_>, resource: &Value, profile: &Profile, out: &mut Vec<Mutant>) {
    for element in &profile.elements {
        let in_slices = element.id.matches(':').count();
        if element.slice_name.is_some() && in_slices == 1 && element.id.rsplit('.').next().is_some_and(|last| last.contains(':')) {
            of_slice(types, resource, profile, element, out);
        } else if in_slices == 0 && element.path.contains('.') {
            of_element(types, resource, profile, element, out);
        }
    }
}

fn of_element(types: &Types<'_>, resource: &Value, profile: &Profile, element: &Element, out: &mut Vec<Mutant>) {
    let (parent, name) = element.path.rsplit_once('.').unwrap();
    // A type's own elements inside a profile are judged by the type.
    for holder in places(resource, parent) {
        let Some(fields) = at(resource, &holder).and_then(Value::as_object) else { continue };
        let stem = name.trim_end_matches("[x]");
        let is_choice = stem != name;
        let is_it = |field: &&String| {
            *field == stem
                || (is_choice && field.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase())))
        };
        let present = fields.keys().find(is_it).cloned();
        let mut add = |kind: &'static str, rule: &str, edit: Edit| {
            out.push(Mutant::new(kind, rule, format!("{}#{}", profile.name, element.id), edit));
        };
        let Some(property) = present else {
            if element.max == Some(0)
                && let (false, Some(value)) = (is_choice, base_sample(types, element))
            {
                add("forbidden-element", "cardinality.max", Edit::Put(key(&holder, name), value));
            }
            continue;
        };
        let place = key(&holder, &property);
        let value = &fields[&property];
        if element.min > 0 {
            add("profile-minimum", "cardinality.min", Edit::Take(place.clone()));
        }
        if let (Some(max), Some(items)) = (element.max, value.as_array()) {
            let longer: Vec<Value> = items.iter().cloned().cycle().take(max as usize + 1).collect();
            add("profile-maximum", "cardinality.max", Edit::Put(place.clone(), Value::Array(longer)));
        }
        let (item_place, _) = first(&place, value);
        values(types, element, &item_place, &mut add);
        if is_choice && let Some(other) = other_type(types, element) {
            let mut mutant = Mutant::new("type-that-the-profile-excludes", "type.not-allowed", format!("{}#{}", profile.name, element.id), Edit::Take(place));
            mutant.edits.push(Edit::Put(key(&holder, &format!("{stem}{}", capitalised(&other.0))), other.1));
            out.push(mutant);
        }
    }
}

/// Mutants of a value by what an element says of it.
fn values(types: &Types<'_>, element: &Element, place: &Pointer, add: &mut impl FnMut(&'static str, &str, Edit)) {
    let [kind] = element.types.as_slice() else { return };
    if let Some(fixed) = &element.fixed {
        add("other-fixed-value", "fixed", Edit::Put(place.clone(), another(&fixed.value)));
    }
    if let Some(pattern) = &element.pattern {
        add("other-pattern", "pattern", Edit::Put(place.clone(), another(&pattern.value)));
    }
    if let Some(wrong) = outside_binding(types, element, &kind.code) {
        add("code-outside-profile-binding", "binding.required", Edit::Put(place.clone(), wrong));
    }
    let is_profiled = kind.target_profile.iter().any(|target| !target.starts_with("http://hl7.org/fhir/StructureDefinition/"));
    if kind.code == "Reference" && is_profiled {
        let base = types.definition(element.path.split('.').next().unwrap_or_default());
        let whole = base.and_then(|base| base.elements.iter().find(|other| other.path == element.path).cloned());
        if let Some(wrong) = whole.and_then(|whole| wrong_target(&whole)) {
            add("wrong-profile-target", "reference.target", Edit::Put(key(place, "reference"), json!(wrong)));
        }
    }
}

fn another(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => json!(!flag),
        Value::Number(_) => json!(4711),
        Value::Object(fields) if fields.contains_key("coding") => json!({"coding": [{"system": "http://example.org/codes", "code": "other"}]}),
        Value::Object(fields) if fields.contains_key("code") => json!({"system": "http://example.org/codes", "code": "other"}),
        Value::Object(_) => json!({"id": "other"}),
        _ => json!("other"),
    }
}

fn base_sample(types: &Types<'_>, element: &Element) -> Option<Value> {
    let base = types.definition(element.path.split('.').next()?)?;
    let defined = base.elements.iter().find(|other| other.path == element.path)?;
    let value = sample(&defined.types.first()?.code)?;
    Some(if defined.max == Some(1) { value } else { json!([value]) })
}

/// A type of the choice that R4 allows and the profile does not, with a value.
fn other_type(types: &Types<'_>, element: &Element) -> Option<(String, Value)> {
    let base = types.definition(element.path.split('.').next()?)?;
    let defined = base.elements.iter().find(|other| other.path == element.path)?;
    let excluded = defined.types.iter().filter(|kind| !element.types.iter().any(|allowed| allowed.code == kind.code));
    excluded.filter_map(|kind| Some((kind.code.clone(), sample(&kind.code)?))).next()
}

fn of_slice(types: &Types<'_>, resource: &Value, profile: &Profile, slice: &Element, out: &mut Vec<Mutant>) {
    let sliced_id = slice.id.rsplit_once(':').unwrap().0;
    let Some(sliced) = profile.elements.iter().find(|element| element.id == sliced_id) else { return };
    let Some(slicing) = &sliced.slicing else { return };
    let discriminators: Vec<&str> = slicing.discriminators.iter().map(|told| told.path.as_str()).collect();
    if slicing.discriminators.iter().any(|told| told.kind == "exists" || told.kind == "type") {
        return;
    }
    let (parent, name) = sliced.path.rsplit_once('.').unwrap();
    let place_name = format!("{}#{}", profile.name, slice.id);
    for holder in places(resource, parent) {
        let list = key(&holder, name);
        let Some(items) = at(resource, &list).and_then(Value::as_array) else { continue };
        let belongs: Vec<usize> = (0..items.len()).filter(|number| is_of(types, profile, slice, &discriminators, &items[*number])).collect();
        let Some(first) = belongs.first() else { continue };
        if slice.min > 0 && belongs.len() == slice.min as usize {
            let mut without = Mutant::new("slice-left-out", "slicing.min", &place_name, Edit::Take(index(&list, *first)));
            // The list itself may go with its last item: then the sliced element is missing as well.
            without.edits.truncate(1);
            out.push(without);
        }
        if let Some(max) = slice.max.filter(|max| *max > 0) {
            let mut more = Mutant::new("slice-too-often", "slicing.max", &place_name, Edit::Push(list.clone(), items[*first].clone()));
            for _ in belongs.len()..max as usize {
                more.edits.push(Edit::Push(list.clone(), items[*first].clone()));
            }
            out.push(more);
        }
        of_slice_content(types, profile, slice, &discriminators, (&index(&list, *first), &items[*first]), out);
    }
    if slicing.rules == "closed" {
        for holder in places(resource, parent) {
            let stranger = Edit::Push(key(&holder, name), json!({"id": "stranger"}));
            out.push(Mutant::new("stranger-among-slices", "slicing.closed", format!("{}#{sliced_id}", profile.name), stranger));
        }
    }
}

/// What a slice demands of its items, but for what makes them items of the slice.
fn of_slice_content(
    types: &Types<'_>,
    profile: &Profile,
    slice: &Element,
    discriminators: &[&str],
    (place, item): (&Pointer, &Value),
    out: &mut Vec<Mutant>,
) {
    if discriminators.contains(&"$this") {
        return;
    }
    for element in &profile.elements {
        let Some(inside) = element.id.strip_prefix(&format!("{}.", slice.id)) else { continue };
        let tells = discriminators.iter().any(|told| told.starts_with(inside) || inside.starts_with(told));
        if tells || inside.contains(['.', ':']) {
            continue;
        }
        let Some(value) = item.get(inside) else { continue };
        let child = key(place, inside);
        let mut add = |kind: &'static str, rule: &str, edit: Edit| {
            out.push(Mutant::new(kind, rule, format!("{}#{}", profile.name, element.id), edit));
        };
        if element.min > 0 {
            add("slice-minimum", "cardinality.min", Edit::Take(child.clone()));
        }
        values(types, element, &first(&child, value).0, &mut add);
    }
}

/// Whether an item belongs to a slice, as far as fixed values and patterns tell.
fn is_of(types: &Types<'_>, profile: &Profile, slice: &Element, discriminators: &[&str], item: &Value) -> bool {
    let told = discriminators.iter().filter_map(|path| {
        if *path == "url" {
            let url = slice.types.first().and_then(|kind| kind.profile.first());
            if let Some(url) = url {
                return Some(item.get("url").and_then(Value::as_str) == url.split('|').next());
            }
        }
        let id = if *path == "$this" { slice.id.clone() } else { format!("{}.{path}", slice.id) };
        let element = profile.elements.iter().find(|element| element.id == id)?;
        let given = element.pattern.as_ref().or(element.fixed.as_ref());
        let found = path.split('.').filter(|step| *step != "$this").try_fold(item, |value, step| first_value(value.get(step)?));
        match given {
            Some(given) => Some(found.is_some_and(|found| contains(found, &given.value))),
            None => Some(element.binding.as_ref().is_some_and(|binding| found.is_some_and(|found| is_member(types, binding.value_set.as_deref(), found)))),
        }
    });
    let told: Vec<bool> = told.collect();
    told.len() == discriminators.len() && told.iter().all(|fits| *fits)
}

fn is_member(types: &Types<'_>, value_set: Option<&str>, value: &Value) -> bool {
    let Some(members) = value_set.and_then(|url| types.catalogue().value_set(url)) else { return false };
    let text = |coding: &Value, name: &str| coding.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let codings = value.get("coding").and_then(Value::as_array).cloned().unwrap_or_default();
    codings.iter().any(|coding| members.codes.get(&text(coding, "system")).is_some_and(|codes| codes.contains(&text(coding, "code"))))
}

fn contains(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Object(fields), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| fields.get(name).is_some_and(|value| contains(value, wanted)))
        }
        (Value::Array(items), Value::Array(wanted)) => wanted.iter().all(|wanted| items.iter().any(|item| contains(item, wanted))),
        _ => value == pattern,
    }
}

fn first_value(value: &Value) -> Option<&Value> {
    if value.is_array() { value.get(0) } else { Some(value) }
}

fn first<'v>(place: &Pointer, value: &'v Value) -> (Pointer, &'v Value) {
    match value.get(0) {
        Some(item) => (index(place, 0), item),
        None => (place.clone(), value),
    }
}

/// Where objects of a path stand, such as `ExplanationOfBenefit.item.adjudication`.
fn places(resource: &Value, path: &str) -> Vec<Pointer> {
    let mut places = vec![Vec::new()];
    for name in path.split('.').skip(1) {
        let below = places.iter().flat_map(|place| {
            let child = key(place, name);
            match at(resource, &child) {
                Some(Value::Array(items)) => (0..items.len()).map(|number| index(&child, number)).collect(),
                Some(_) => vec![child],
                None => Vec::new(),
            }
        });
        places = below.collect();
    }
    places
}
