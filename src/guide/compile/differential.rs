//! A differential's elements made complete as a tree: every element gets an id, and every parent that is only implied gets a row.

use std::collections::{HashMap, HashSet};

use crate::guide::profile::Element;

/// Elements in their order, with their parents before them.
pub fn complete(elements: Vec<Element>) -> Vec<Element> {
    let mut whole = Vec::with_capacity(elements.len() + 4);
    let mut known = HashSet::new();
    for element in identified(elements) {
        for ancestor in ancestors(&element.id) {
            if known.insert(ancestor.clone()) {
                whole.push(implied(ancestor));
            }
        }
        if known.insert(element.id.clone()) {
            whole.push(element);
        }
    }
    whole
}

/// Gives ids to elements that have none: by their paths and slice names in order (R4 elementdefinition.html#id).
fn identified(mut elements: Vec<Element>) -> Vec<Element> {
    let mut current: HashMap<String, String> = HashMap::new();
    for element in &mut elements {
        if element.id == element.path {
            let own = match element.path.rsplit_once('.') {
                Some((parent, last)) => format!("{}.{last}", current.get(parent).map_or(parent, String::as_str)),
                None => element.path.clone(),
            };
            element.id = element.slice_name.as_ref().map_or_else(|| own.clone(), |slice| format!("{own}:{slice}"));
        }
        current.insert(element.path.clone(), element.id.clone());
    }
    elements
}

/// The ids of all that stands above an id, outermost first; a slice stands below the element that is sliced.
fn ancestors(id: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = String::new();
    for (depth, part) in id.split('.').enumerate() {
        if depth > 0 {
            found.push(before.clone());
            before.push('.');
        }
        if let Some((name, _)) = part.split_once(':') {
            found.push(format!("{before}{name}"));
        }
        before.push_str(part);
    }
    found
}

fn implied(id: String) -> Element {
    let parts: Vec<&str> = id.split('.').map(|part| part.split(':').next().unwrap_or(part)).collect();
    let slice_name = id.rsplit('.').next().and_then(|last| last.split_once(':')).map(|(_, slice)| slice.to_owned());
    Element { path: parts.join("."), slice_name, max: None, id, ..Element::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(path: &str, slice_name: Option<&str>) -> Element {
        Element { id: path.to_owned(), path: path.to_owned(), slice_name: slice_name.map(str::to_owned), ..Element::default() }
    }

    #[test]
    fn ids_and_parents_are_filled_in() {
        let elements = vec![
            element("Patient.identifier", Some("member")),
            element("Patient.identifier.type", None),
            element("Patient.name.given", None),
        ];
        let ids: Vec<String> = complete(elements).into_iter().map(|element| element.id).collect();
        assert_eq!(
            ids,
            [
                "Patient",
                "Patient.identifier",
                "Patient.identifier:member",
                "Patient.identifier:member.type",
                "Patient.name",
                "Patient.name.given"
            ]
        );
    }
}
