//! What can be wrong with any element of R4: its shape, its grammar, its number.

use payerspec::fhir::json::Value;
use payerspec::guide::profile::Element;
use payerspec::guide::terminology::Membership;
use serde_json::json;

use super::mutant::{Edit, Mutant, at, index, key};
use super::spots::{Holder, Spot, Types, capitalised};

/// Mutants of one element.
pub fn of_element(types: &Types<'_>, resource: &Value, spot: &Spot, out: &mut Vec<Mutant>) {
    let Some(value) = at(resource, &spot.pointer) else { return };
    let mut add = |kind: &'static str, rule: &str, edit: Edit| out.push(Mutant::new(kind, rule, &spot.place, edit));
    let pointer = spot.pointer.clone();
    if spot.is_list {
        add("empty-array", "shape.empty", Edit::Put(pointer.clone(), json!([])));
        if let Some(first) = value.get(0) {
            add("single-for-array", "shape.array", Edit::Put(pointer.clone(), first.clone()));
        }
        add("null-item", "shape.null", Edit::Push(pointer.clone(), Value::Null));
    } else {
        add("array-for-single", "shape.array", Edit::Put(pointer.clone(), json!([value])));
        add("null", "shape.null", Edit::Put(pointer.clone(), Value::Null));
    }
    if spot.element.min > 0 {
        add("required-element", "cardinality.min", Edit::Take(pointer.clone()));
    }
    if spot.element.path.ends_with("[x]") {
        choices(spot, &mut add);
    }
    let (item, at_item) = match value.get(0) {
        Some(first) if spot.is_list => (first, index(&pointer, 0)),
        _ => (value, pointer),
    };
    match item {
        Value::Object(_) => {
            add("scalar-for-object", "shape.object", Edit::Put(at_item.clone(), json!("text")));
            add("empty-object", "shape.empty", Edit::Put(at_item, json!({})));
        }
        Value::Null => {}
        _ => {
            let rule = format!("primitive.{}", spot.type_name);
            add("object-for-scalar", &rule, Edit::Put(at_item.clone(), json!({"extra": 1})));
            let other = if item.is_string() { json!(5) } else { Value::String(item.to_string()) };
            add("wrong-json-type", &rule, Edit::Put(at_item.clone(), other));
            if item.is_string() {
                add("empty-string", "shape.empty", Edit::Put(at_item.clone(), json!("")));
            }
            for (kind, bad) in bad_values(&spot.type_name) {
                add(kind, &rule, Edit::Put(at_item.clone(), bad));
            }
        }
    }
    codes(types, spot, out, item);
}

fn choices(spot: &Spot, add: &mut impl FnMut(&'static str, &str, Edit)) {
    let stem = spot.element.path.rsplit('.').next().unwrap_or_default().trim_end_matches("[x]");
    let (_, before) = spot.pointer.split_last().unwrap();
    let other = spot.element.types.iter().find_map(|kind| Some((&kind.code, sample(&kind.code).filter(|_| kind.code != spot.type_name)?)));
    if let Some((name, value)) = other {
        add("two-choices", "type.choice", Edit::Put(key(before, &format!("{stem}{}", capitalised(name))), value));
    }
    add("impossible-choice", "shape.unknown-element", Edit::Put(key(before, &format!("{stem}Narrative")), json!("x")));
}

/// A valid value of a simple type.
pub fn sample(type_name: &str) -> Option<Value> {
    Some(match type_name {
        "boolean" => json!(true),
        "integer" | "positiveInt" | "unsignedInt" => json!(1),
        "decimal" => json!(1.5),
        "string" | "markdown" | "code" | "id" => json!("text"),
        "uri" | "url" | "canonical" => json!("http://example.org/a"),
        "date" | "dateTime" => json!("2020-01-01"),
        "instant" => json!("2020-01-01T00:00:00Z"),
        "time" => json!("12:00:00"),
        "Period" => json!({"start": "2020-01-01"}),
        "CodeableConcept" => json!({"text": "text"}),
        "Quantity" | "Age" | "SimpleQuantity" => json!({"value": 1, "unit": "d"}),
        "Reference" => json!({"display": "text"}),
        _ => return None,
    })
}

fn bad_values(type_name: &str) -> Vec<(&'static str, Value)> {
    match type_name {
        "date" => vec![("day-that-is-none", json!("2023-02-30")), ("bad-grammar", json!("30.02.2023"))],
        "dateTime" => vec![("time-without-zone", json!("2023-01-01T10:00:00")), ("day-that-is-none", json!("2023-02-30"))],
        "instant" => vec![("time-without-zone", json!("2023-01-01T10:00:00")), ("bad-grammar", json!("2023-01-01"))],
        "time" => vec![("bad-grammar", json!("25:00:00"))],
        "id" => vec![("bad-grammar", json!("with_underscore")), ("too-long", json!("x".repeat(65)))],
        "uri" | "url" | "canonical" => vec![("bad-grammar", json!("http://example.org/with space"))],
        "code" => vec![("bad-grammar", json!(" padded"))],
        "base64Binary" => vec![("bad-grammar", json!("Q=JD"))],
        "positiveInt" => vec![("out-of-range", json!(0))],
        "unsignedInt" => vec![("out-of-range", json!(-1))],
        "integer" => vec![("bad-grammar", serde_json::from_str("1.5").unwrap())],
        "string" | "markdown" => vec![("blank", json!("   "))],
        _ => Vec::new(),
    }
}

/// Codes outside what decides them, and references that lead astray.
fn codes(types: &Types<'_>, spot: &Spot, out: &mut Vec<Mutant>, item: &Value) {
    let pointer = if spot.is_list { index(&spot.pointer, 0) } else { spot.pointer.clone() };
    let mut add = |kind: &'static str, rule: &str, edit: Edit| out.push(Mutant::new(kind, rule, &spot.place, edit));
    if let Some(wrong) = outside_binding(types, &spot.element, &spot.type_name) {
        add("code-outside-binding", "binding.required", Edit::Put(pointer.clone(), wrong));
    }
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    match spot.type_name.as_str() {
        "Reference" if text("reference").is_some() => {
            add("malformed-reference", "reference.form", Edit::Put(key(&pointer, "reference"), json!("nowhere")));
            add("unknown-reference-type", "reference.form", Edit::Put(key(&pointer, "reference"), json!("Nothing/1")));
            add("dangling-fragment", "invariant.ref-1", Edit::Put(key(&pointer, "reference"), json!("#not-contained")));
            if let Some(wrong) = wrong_target(&spot.element) {
                add("wrong-target", "reference.target", Edit::Put(key(&pointer, "reference"), json!(wrong)));
            }
        }
        "Coding" => {
            let system = text("system").and_then(|system| types.catalogue().code_system(system));
            if system.is_some_and(|system| system.is_complete()) && text("code").is_some() {
                add("unknown-code", "code.unknown", Edit::Put(key(&pointer, "code"), json!("no-such-code")));
            }
        }
        "Period" => {
            let reversed = json!({"start": "2021-01-02", "end": "2020-01-01"});
            add("reversed-period", "invariant.per-1", Edit::Put(pointer, reversed));
        }
        "Quantity" => add("unit-without-system", "invariant.qty-3", Edit::Put(pointer, json!({"value": 1, "code": "mg"}))),
        "ContactPoint" => add("contact-without-system", "invariant.cpt-2", Edit::Put(pointer, json!({"value": "555-0100"}))),
        "Attachment" => {
            add("data-without-content-type", "invariant.att-1", Edit::Put(pointer, json!({"data": "QUJD"})));
        }
        "Extension" => {
            let url = text("url").unwrap_or_default();
            let both = json!({"url": url, "valueString": "x", "extension": [{"url": "http://example.org/x", "valueString": "x"}]});
            add("value-and-children", "invariant.ext-1", Edit::Put(pointer.clone(), both));
            add("neither-value-nor-children", "invariant.ext-1", Edit::Put(pointer, json!({"url": url})));
        }
        _ => {}
    }
}

/// A value that a required binding does not allow, when the packages decide it.
pub fn outside_binding(types: &Types<'_>, element: &Element, type_name: &str) -> Option<Value> {
    let binding = element.binding.as_ref().filter(|binding| binding.strength == "required")?;
    let members = types.catalogue().value_set(binding.value_set.as_deref()?)?;
    if !members.is_decidable() || members.membership(Some("http://example.org/codes"), "no-such-code") != NOT_MEMBER {
        return None;
    }
    let coding = json!({"system": "http://example.org/codes", "code": "no-such-code"});
    match type_name {
        "code" => Some(json!("no-such-code")),
        "Coding" => Some(coding),
        "CodeableConcept" => Some(json!({"coding": [coding]})),
        _ => None,
    }
}

const NOT_MEMBER: Membership = Membership::NotMember;

/// A reference to a type that no target allows.
pub fn wrong_target(element: &Element) -> Option<String> {
    let targets: Vec<&str> = element
        .types
        .iter()
        .flat_map(|kind| &kind.target_profile)
        .map(|target| target.strip_prefix("http://hl7.org/fhir/StructureDefinition/").unwrap_or("Resource"))
        .collect();
    if targets.is_empty() || targets.contains(&"Resource") {
        return None;
    }
    ["Binary", "Slot", "Basic"].iter().find(|name| !targets.contains(name)).map(|name| format!("{name}/1"))
}

/// Mutants of one object.
pub fn of_object(resource: &Value, holder: &Holder, out: &mut Vec<Mutant>) {
    let mut add = |kind: &'static str, rule: &str, edit: Edit| out.push(Mutant::new(kind, rule, &holder.place, edit));
    add("unknown-property", "shape.unknown-element", Edit::Put(key(&holder.pointer, "unheardOf"), json!("x")));
    if holder.may_modify {
        let stranger = json!({"url": "http://example.org/changes-everything", "valueBoolean": true});
        add("unknown-modifier", "extension.modifier", Edit::Push(key(&holder.pointer, "modifierExtension"), stranger));
    }
    let is_plain = !matches!(holder.type_name.as_str(), "Patient" | "Extension" | "Bundle" | "Binary" | "Parameters");
    if is_plain && at(resource, &holder.pointer).is_some() {
        let misplaced = json!({"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"city": "Boston"}});
        add("misplaced-extension", "extension.context", Edit::Push(key(&holder.pointer, "extension"), misplaced));
    }
}

/// Mutants of the resource as a whole.
pub fn of_resource(resource: &Value, out: &mut Vec<Mutant>) {
    let name = resource["resourceType"].as_str().unwrap_or_default().to_owned();
    let root = Vec::new();
    let mut add = |kind: &'static str, rule: &str, edit: Edit| out.push(Mutant::new(kind, rule, &name, edit));
    add("misspelt-type", "shape.resource-type", Edit::Put(key(&root, "resourceType"), json!("Patiant")));
    add("no-type", "shape.resource-type", Edit::Take(key(&root, "resourceType")));
    add("not-an-object", "shape.object", Edit::Whole(json!([resource])));
    let mut meta = resource.get("meta").cloned().unwrap_or_else(|| json!({}));
    let Some(fields) = meta.as_object_mut() else { return };
    let claims = fields.entry("profile").or_insert_with(|| json!([]));
    claims.as_array_mut().unwrap().push(json!("http://example.org/StructureDefinition/unknown"));
    add("unknown-profile", "profile.unknown", Edit::Put(key(&root, "meta"), meta.clone()));
    *meta["profile"].as_array_mut().unwrap().last_mut().unwrap() = json!("http://hl7.org/fhir/StructureDefinition/bp");
    if name != "Observation" {
        add("profile-of-another-type", "profile.type", Edit::Put(key(&root, "meta"), meta));
    }
    if matches!(name.as_str(), "Bundle" | "Binary" | "Parameters") {
        return;
    }
    let stray = json!({"resourceType": "Organization", "id": "stray", "name": "Stray", "active": true});
    add("unreferenced-contained", "invariant.dom-3", Edit::Push(key(&root, "contained"), stray.clone()));
    let with = |field: &str, value: Value| {
        let mut changed = stray.clone();
        changed[field] = value;
        changed
    };
    add("nested-contained", "invariant.dom-2", Edit::Push(key(&root, "contained"), with("contained", json!([stray]))));
    add("contained-version", "invariant.dom-4", Edit::Push(key(&root, "contained"), with("meta", json!({"versionId": "1"}))));
    let label = json!({"security": [{"system": "http://example.org", "code": "x"}]});
    add("contained-security", "invariant.dom-5", Edit::Push(key(&root, "contained"), with("meta", label)));
    let narrative = |inner: &str| {
        json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>")})
    };
    let text = key(&root, "text");
    add("script-in-narrative", "narrative.element", Edit::Put(text.clone(), narrative("<script>a()</script>")));
    add("event-in-narrative", "narrative.attribute", Edit::Put(text.clone(), narrative("<p onclick=\"a()\">a</p>")));
    add("narrative-status-missing", "cardinality.min", Edit::Put(text.clone(), json!({"div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>"})));
    add("narrative-without-div", "cardinality.min", Edit::Put(text, json!({"status": "generated"})));
}
