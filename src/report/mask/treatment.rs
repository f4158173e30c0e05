//! What is done with a value, by the FHIR type and path of the element that it is of, or that a search parameter reads.

use crate::guide::Catalogue;
use crate::guide::facts::SearchParameter;
use crate::guide::profile::Profile;

/// What is done with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Codes, truths, numbers, amounts and canonical URLs name nobody.
    Shown,
    /// Of a date the year stays.
    Year,
    /// A logical id becomes a pseudonym.
    Id,
    /// A reference: its id becomes a pseudonym.
    Reference,
    /// Of a token that may be an identifier the system stays.
    Token,
    /// The parts of a composite, each in its own way.
    Composite(Vec<Treatment>),
    /// Nothing stays.
    Hidden,
}

/// What a value is in JSON. One of another form is not what its element says, and may be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A string that names or leads to something.
    Link,
    /// A number.
    Number,
    /// `true` or `false`.
    Truth,
    /// An object.
    Object,
}

impl Form {
    fn of(place: &Place) -> Self {
        let [only] = place.types.as_slice() else { return Self::Object };
        match only.as_str() {
            "uri" | "url" | "canonical" | "oid" | "uuid" => Self::Link,
            "integer" | "unsignedInt" | "positiveInt" | "decimal" => Self::Number,
            "boolean" => Self::Truth,
            primitive if primitive.starts_with(|first: char| first.is_ascii_lowercase()) => Self::Text,
            _ => Self::Object,
        }
    }
}

/// Parameters that shape the answer and hold nothing of a resource (R4 search.html#Summary).
const SHAPING: [&str; 14] = [
    "_count",
    "_format",
    "_include",
    "_revinclude",
    "_sort",
    "_summary",
    "_elements",
    "_total",
    "_type",
    "_pretty",
    "_contained",
    "_containedType",
    "_typeFilter",
    "_outputFormat",
];

/// Modifiers under which a value is still a value of the parameter's own type (R4 search.html#modifiers).
const KEEPING: [&str; 5] = ["not", "in", "not-in", "above", "below"];

/// Types of which every value may be shown.
const OPEN: [&str; 25] = [
    "code",
    "Coding",
    "CodeableConcept",
    "boolean",
    "integer",
    "unsignedInt",
    "positiveInt",
    "decimal",
    "Money",
    "Quantity",
    "SimpleQuantity",
    "Age",
    "Distance",
    "Duration",
    "Count",
    "MoneyQuantity",
    "Range",
    "Ratio",
    "uri",
    "url",
    "canonical",
    "oid",
    "Timing",
    "Meta",
    "SampledData",
];

/// Elements that tell a person's birth or death: not even the year stays.
const BIRTH_AND_DEATH: [&str; 9] = [
    "Patient.birthDate",
    "Patient.deceased[x]",
    "Person.birthDate",
    "RelatedPerson.birthDate",
    "Practitioner.birthDate",
    "FamilyMemberHistory.born[x]",
    "FamilyMemberHistory.age[x]",
    "FamilyMemberHistory.deceased[x]",
    "Patient.multipleBirth[x]",
];

/// URLs that lead to resources of the server, or are queries.
const LEADING: [&str; 4] = ["Bundle.link.url", "Bundle.entry.fullUrl", "Bundle.entry.request.url", "Bundle.entry.response.location"];

/// Texts of the protocol's own words.
const PROTOCOL: [&str; 3] = ["Bundle.link.relation", "Bundle.entry.response.status", "Bundle.entry.response.etag"];

/// Types within which a URL leads to the member's own data.
const CLOSED: [&str; 2] = ["Attachment", "Signature"];

/// What a path leads to.
struct Place {
    /// The definition's own path, such as `Patient.deceased[x]`.
    path: String,
    types: Vec<String>,
    closed: bool,
}

/// What is done with the value at a location in a resource, such as `Patient.name[0].family`.
pub fn of_element(catalogue: &Catalogue, location: &str) -> Treatment {
    find(catalogue, &without_calls(location)).map_or(Treatment::Hidden, |place| of_place(&place, false))
}

/// What is done with the value at a path, such as `Patient.name.family`, if a definition has it, and the form that it must have for that.
pub fn of_known_element(catalogue: &Catalogue, path: &str) -> Option<(Treatment, Form)> {
    find(catalogue, path).map(|place| (of_place(&place, false), Form::of(&place)))
}

/// What is done with the value of a search parameter with its modifiers and its chain.
pub fn of_parameter(catalogue: &Catalogue, resource_type: &str, name: &str) -> Treatment {
    chained(catalogue, resource_type, name, 4)
}

fn chained(catalogue: &Catalogue, resource_type: &str, name: &str, left: usize) -> Treatment {
    let Some(left) = left.checked_sub(1) else { return Treatment::Hidden };
    if let Some(rest) = name.strip_prefix("_has:") {
        let mut parts = rest.splitn(3, ':');
        return match (parts.next(), parts.next(), parts.next()) {
            (Some(source), Some(_), Some(rest)) => chained(catalogue, source, rest, left),
            _ => Treatment::Hidden,
        };
    }
    if let Some((link, rest)) = name.split_once('.') {
        let (code, target) = link.split_once(':').map_or((link, None), |(code, target)| (code, Some(target)));
        let targets = match (target, catalogue.search_parameter(resource_type, code)) {
            (Some(target), _) => vec![target.to_owned()],
            (None, Some(parameter)) => parameter.target.clone(),
            (None, None) => Vec::new(),
        };
        let known =
            targets.iter().filter(|target| catalogue.search_parameter(target, rest.split(['.', ':']).next().unwrap_or(rest)).is_some());
        return agreed(known.map(|target| chained(catalogue, target, rest, left)));
    }
    let (code, modifier) = name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier)));
    if SHAPING.contains(&code) || modifier == Some("missing") {
        return Treatment::Shown;
    }
    let Some(parameter) = catalogue.search_parameter(resource_type, code) else { return Treatment::Hidden };
    let plain = of_definition(catalogue, resource_type, &parameter);
    match modifier {
        None => plain,
        Some("identifier") => Treatment::Token,
        Some(modifier) if KEEPING.contains(&modifier) => plain,
        Some(target) if catalogue.is_resource_type(target) => plain,
        Some(_) => Treatment::Hidden,
    }
}

fn of_definition(catalogue: &Catalogue, resource_type: &str, parameter: &SearchParameter) -> Treatment {
    let places = || parameter.expression.as_deref().and_then(|expression| places(catalogue, resource_type, expression));
    match parameter.kind.as_str() {
        "number" | "quantity" | "uri" => Treatment::Shown,
        "reference" => Treatment::Reference,
        "date" => places().map_or(Treatment::Hidden, |places| agreed(places.iter().map(of_date))),
        "token" => places().map_or(Treatment::Token, |places| match agreed(places.iter().map(|place| of_place(place, true))) {
            Treatment::Hidden => Treatment::Token,
            other => other,
        }),
        "composite" => {
            let part = |url: &str| catalogue.search_parameter_by_url(url).map(|part| of_definition(catalogue, resource_type, &part));
            let parts: Option<Vec<Treatment>> = parameter.component.iter().map(|component| part(&component.definition)).collect();
            parts.map_or(Treatment::Hidden, Treatment::Composite)
        }
        _ => Treatment::Hidden,
    }
}

/// What several say: the same, or nothing is shown.
fn agreed(mut all: impl Iterator<Item = Treatment>) -> Treatment {
    let Some(first) = all.next() else { return Treatment::Hidden };
    if all.all(|other| other == first) { first } else { Treatment::Hidden }
}

fn of_date(place: &Place) -> Treatment {
    if BIRTH_AND_DEATH.contains(&place.path.as_str()) { Treatment::Hidden } else { Treatment::Year }
}

/// By all types that the place may have. A search may also ask whether there is something: then it is a truth.
fn of_place(place: &Place, as_token: bool) -> Treatment {
    if BIRTH_AND_DEATH.contains(&place.path.as_str()) {
        return if as_token { Treatment::Shown } else { Treatment::Hidden };
    }
    if LEADING.contains(&place.path.as_str()) {
        return Treatment::Reference;
    }
    if PROTOCOL.contains(&place.path.as_str()) {
        return Treatment::Shown;
    }
    agreed(place.types.iter().map(|name| match name.as_str() {
        "uri" | "url" | "canonical" | "oid" if place.closed => Treatment::Hidden,
        name if OPEN.contains(&name) => Treatment::Shown,
        "date" | "dateTime" | "instant" | "Period" => Treatment::Year,
        "id" => Treatment::Id,
        "Reference" => Treatment::Reference,
        _ => Treatment::Hidden,
    }))
}

/// The places that an expression leads to in resources of a type; `None` when that cannot be told.
fn places(catalogue: &Catalogue, resource_type: &str, expression: &str) -> Option<Vec<Place>> {
    let is_ours = |path: &str| {
        let root = path.split('.').next().unwrap_or(path);
        root == resource_type || root == "Resource" || root == "DomainResource"
    };
    let mut found = Vec::new();
    for part in expression.split('|').map(|part| part.trim().trim_start_matches('(')) {
        let end = part.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(part.len());
        let (path, rest) = part.split_at(end);
        // A name before a parenthesis is a function.
        let path = if rest.starts_with('(') { path.rsplit_once('.').map_or("", |(before, _)| before) } else { path };
        if !is_ours(path) {
            continue;
        }
        let mut place = find(catalogue, path)?;
        if let Some(only) = rest.trim_start().strip_prefix("as ") {
            place.types = vec![only.trim_end_matches(')').trim().to_owned()];
        }
        found.push(place);
    }
    (!found.is_empty()).then_some(found)
}

/// A location without indexes and calls.
fn without_calls(location: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_usize;
    for character in location.chars() {
        match character {
            '[' | '(' => {
                // The name of a function goes with its arguments.
                if character == '(' && depth == 0 {
                    plain.truncate(plain.rfind('.').unwrap_or(0));
                }
                depth += 1;
            }
            ']' | ')' => depth = depth.saturating_sub(1),
            character if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    plain
}

/// Follows a path through the definitions of its types.
fn find(catalogue: &Catalogue, path: &str) -> Option<Place> {
    let mut names = path.split('.');
    let root = names.next()?;
    let mut definition = if catalogue.is_resource_type(root) { catalogue.glance(root) } else { catalogue.type_definition(root) }?;
    let mut place = Place { path: definition.type_name.clone(), types: vec![root.to_owned()], closed: false };
    for name in names {
        let found = child(&definition, &place.path, name);
        let found = match found {
            Some(found) => found,
            // The element is of a type with a definition of its own.
            None => {
                let [only] = place.types.as_slice() else { return None };
                place.closed |= CLOSED.contains(&only.as_str());
                definition = catalogue.type_definition(only)?;
                child(&definition, &definition.type_name, name)?
            }
        };
        place = Place { closed: place.closed, ..found };
    }
    Some(place)
}

/// The child of a path by its name in JSON or in FHIRPath.
fn child(definition: &Profile, parent: &str, name: &str) -> Option<Place> {
    let below = |path: &str| path.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.')).map(str::to_owned);
    for element in &definition.elements {
        let Some(own) = below(&element.path) else { continue };
        if let Some(stem) = own.strip_suffix("[x]") {
            let Some(kind) = name.strip_prefix(stem) else { continue };
            let fits = |code: &str| code.eq_ignore_ascii_case(kind);
            let types = element.types.iter().map(|kind| kind.code.clone()).filter(|code| kind.is_empty() || fits(code)).collect();
            return Some(Place { path: element.path.clone(), types, closed: false });
        }
        if own == name {
            if let Some(reference) = element.content_reference.as_deref().and_then(|reference| reference.split('#').nth(1)) {
                return Some(Place { path: reference.to_owned(), types: vec!["BackboneElement".to_owned()], closed: false });
            }
            // The definitions call a logical id a string.
            let is_logical_id = own == "id" && definition.kind == "resource" && parent == definition.type_name;
            let types = element.types.iter().map(|kind| if is_logical_id { "id".to_owned() } else { kind.code.clone() }).collect();
            return Some(Place { path: element.path.clone(), types, closed: false });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::{GuideId, Sources};

    fn catalogue() -> Catalogue {
        let guide: GuideId = "hl7.fhir.us.carin-bb#2.0.0".parse().unwrap();
        Catalogue::load(&[guide], &Sources::default()).unwrap()
    }

    #[test]
    fn an_element_is_treated_by_its_type() {
        let catalogue = catalogue();
        for (location, treatment) in [
            ("Patient.name[0].family", Treatment::Hidden),
            ("Patient.name[0].use", Treatment::Shown),
            ("Patient.name", Treatment::Hidden),
            ("Patient.identifier[1].value", Treatment::Hidden),
            ("Patient.identifier[1].type.coding[0].code", Treatment::Shown),
            ("Patient.telecom.where(system = 'phone').value", Treatment::Hidden),
            ("Patient.address[0].postalCode", Treatment::Hidden),
            ("Patient.birthDate", Treatment::Hidden),
            ("Patient.deceasedDateTime", Treatment::Hidden),
            ("Patient.photo[0].url", Treatment::Hidden),
            ("Patient.gender", Treatment::Shown),
            ("Patient.id", Treatment::Id),
            ("Patient.meta.profile[0]", Treatment::Shown),
            ("Patient.extension[0].valueString", Treatment::Hidden),
            ("Patient.extension[0].valueCode", Treatment::Shown),
            ("Patient.extension[0].url", Treatment::Shown),
            ("Patient.text.div", Treatment::Hidden),
            ("ExplanationOfBenefit.patient", Treatment::Reference),
            ("ExplanationOfBenefit.item[0].adjudication[2].amount.value", Treatment::Shown),
            ("ExplanationOfBenefit.addItem[0].detail[0].adjudication[0].category", Treatment::Shown),
            ("ExplanationOfBenefit.created", Treatment::Year),
            ("ExplanationOfBenefit.billablePeriod.start", Treatment::Year),
            ("ExplanationOfBenefit.processNote[0].text", Treatment::Hidden),
            ("ExplanationOfBenefit.disposition", Treatment::Hidden),
            ("Patient.unheardOf", Treatment::Hidden),
            ("Bundle.entry[0].fullUrl", Treatment::Reference),
            ("Bundle.entry[0].link[0].url", Treatment::Reference),
        ] {
            assert_eq!(of_element(&catalogue, location), treatment, "{location}");
        }
    }

    #[test]
    fn a_parameter_is_treated_by_what_it_reads() {
        let catalogue = catalogue();
        for (resource_type, name, treatment) in [
            ("Patient", "_id", Treatment::Id),
            ("Patient", "name", Treatment::Hidden),
            ("Patient", "given:exact", Treatment::Hidden),
            ("Patient", "identifier", Treatment::Token),
            ("Patient", "telecom", Treatment::Token),
            ("Patient", "phone", Treatment::Token),
            ("Patient", "birthdate", Treatment::Hidden),
            ("Patient", "death-date", Treatment::Hidden),
            ("Patient", "gender", Treatment::Shown),
            ("Patient", "gender:not", Treatment::Shown),
            ("Patient", "active", Treatment::Shown),
            ("Patient", "_tag", Treatment::Shown),
            ("Patient", "_lastUpdated", Treatment::Year),
            ("Patient", "_content", Treatment::Hidden),
            ("ExplanationOfBenefit", "patient", Treatment::Reference),
            ("ExplanationOfBenefit", "patient:Patient", Treatment::Reference),
            ("ExplanationOfBenefit", "patient:identifier", Treatment::Token),
            ("ExplanationOfBenefit", "patient.name", Treatment::Hidden),
            ("ExplanationOfBenefit", "patient.gender", Treatment::Shown),
            ("ExplanationOfBenefit", "service-date", Treatment::Year),
            ("ExplanationOfBenefit", "type", Treatment::Shown),
            ("ExplanationOfBenefit", "type:text", Treatment::Hidden),
            ("ExplanationOfBenefit", "status:missing", Treatment::Shown),
            ("ExplanationOfBenefit", "_include", Treatment::Shown),
            ("Patient", "_has:Coverage:beneficiary:status", Treatment::Shown),
            ("Patient", "_has:Coverage:beneficiary:_id", Treatment::Id),
            ("Observation", "code-value-quantity", Treatment::Composite(vec![Treatment::Shown, Treatment::Shown])),
            ("Patient", "page", Treatment::Hidden),
        ] {
            assert_eq!(of_parameter(&catalogue, resource_type, name), treatment, "{resource_type}?{name}");
        }
    }
}
