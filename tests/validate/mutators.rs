//! Ways to break a resource, each with the rule that must then fire.

use payerspec::fhir::json::Value;
use payerspec::fhir::json::json;
use payerspec::guide::Catalogue;
use payerspec::validate::Verdict;

use super::places::{self, Place};

/// A broken resource.
pub struct Mutant {
    /// What was done, and where.
    pub name: String,
    /// The rule that must fire; one that ends in a full stop stands for its family.
    pub rule: &'static str,
    pub resource: Value,
}

/// Places at which one way of breaking is tried.
const MOST_PLACES: usize = 4;

struct Maker<'r> {
    resource: &'r Value,
    mutants: Vec<Mutant>,
}

/// Every mutant of a valid resource. `verdict` is what the validator says of the resource itself.
pub fn of(resource: &Value, catalogue: &Catalogue, verdict: &Verdict) -> Vec<Mutant> {
    let places = places::of(resource, catalogue);
    let mut maker = Maker { resource, mutants: Vec::new() };
    shapes(&mut maker, &places);
    primitives(&mut maker, &places);
    definitions(&mut maker, &places);
    references(&mut maker, &places);
    extensions(&mut maker, &places);
    whole(&mut maker);
    profiles(&mut maker, catalogue, verdict);
    maker.mutants
}

impl Maker<'_> {
    /// Breaks up to [`MOST_PLACES`] of the places, spread over the resource.
    fn each<'p>(&mut self, what: &str, rule: &'static str, places: impl Iterator<Item = &'p Place>, change: impl Fn(&mut Value, &Place)) {
        let places: Vec<&Place> = places.collect();
        let step = places.len().div_ceil(MOST_PLACES).max(1);
        for place in places.into_iter().step_by(step) {
            let mut resource = self.resource.clone();
            change(&mut resource, place);
            self.mutants.push(Mutant { name: format!("{what} at {}", place.pointer), rule, resource });
        }
    }

    fn one(&mut self, what: &str, rule: &'static str, change: impl FnOnce(&mut Value)) {
        let mut resource = self.resource.clone();
        change(&mut resource);
        self.mutants.push(Mutant { name: what.to_owned(), rule, resource });
    }

    fn at(&self, place: &Place) -> &Value {
        self.resource.pointer(&place.pointer).unwrap()
    }
}

/// The first occurrence of a property.
fn item<'v>(resource: &'v mut Value, place: &Place) -> &'v mut Value {
    let value = resource.pointer_mut(&place.pointer).unwrap();
    match value {
        Value::Array(items) => &mut items[0],
        other => other,
    }
}

fn set(resource: &mut Value, place: &Place, value: Value) {
    *item(resource, place) = value;
}

/// Takes a property out, with the sibling that a primitive may have.
fn take_out(object: &mut Value, name: &str) {
    let fields = object.as_object_mut().unwrap();
    fields.swap_remove(name);
    fields.swap_remove(&format!("_{name}"));
}

fn is_structure(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|items| items.iter().all(Value::is_object))
}

fn is_extension(place: &Place) -> bool {
    place.pointer.contains("xtension")
}

fn shapes(maker: &mut Maker<'_>, places: &[Place]) {
    let all: Vec<(&Place, Value)> =
        places.iter().filter(|place| !is_extension(place)).map(|place| (place, maker.at(place).clone())).collect();
    let pick = |wanted: &dyn Fn(&Place, &Value) -> bool| -> Vec<Place> {
        all.iter().filter(|(place, value)| wanted(place, value)).map(|(place, _)| (*place).clone()).collect()
    };
    let structures = pick(&|place, value| is_structure(value) && place.type_name != "Resource");
    let lists = pick(&|_, value| value.is_array());
    let singles = pick(&|_, value| !value.is_array());
    let leaves = pick(&|_, value| !is_structure(value));
    let texts = pick(&|_, value| value.is_string());
    maker.each("an unknown element", "shape.unknown-element", structures.iter(), |resource, place| {
        item(resource, place)["notAnElement"] = json!(1)
    });
    maker.each("a list made single", "shape.array", lists.iter(), |resource, place| {
        let first = item(resource, place).clone();
        *resource.pointer_mut(&place.pointer).unwrap() = first;
    });
    maker.each("a single made a list", "shape.array", singles.iter(), |resource, place| {
        let value = resource.pointer_mut(&place.pointer).unwrap();
        *value = json!([value.clone()]);
    });
    maker.each("null", "shape.null", leaves.iter(), |resource, place| set(resource, place, Value::Null));
    maker.each("an empty text", "shape.empty", texts.iter(), |resource, place| set(resource, place, json!("")));
    maker.each("an empty list", "shape.empty", lists.iter(), |resource, place| *resource.pointer_mut(&place.pointer).unwrap() = json!([]));
    maker.each("an empty object", "shape.empty", structures.iter(), |resource, place| set(resource, place, json!({})));
    maker.each("a text for an object", "shape.object", structures.iter(), |resource, place| set(resource, place, json!("text")));
    maker.each("an object for a value", "primitive.", leaves.iter(), |resource, place| set(resource, place, json!({"a": 1})));
}

fn primitives(maker: &mut Maker<'_>, places: &[Place]) {
    let cases: [(&[&str], Value, &'static str); 14] = [
        (&["date"], json!("2023-02-30"), "primitive.date"),
        (&["dateTime"], json!("2023-02-30T10:00:00Z"), "primitive.dateTime"),
        (&["dateTime"], json!("2023-02-03T10:00:00"), "primitive.dateTime"),
        (&["instant"], json!("2023-02-03"), "primitive.instant"),
        (&["boolean"], json!("true"), "primitive.boolean"),
        (&["decimal"], json!("1.5"), "primitive.decimal"),
        (&["positiveInt"], json!(0), "primitive.positiveInt"),
        (&["positiveInt", "unsignedInt", "integer"], json!(1.5), "primitive."),
        (&["code"], json!(" padded "), "primitive.code"),
        (&["uri", "url", "canonical"], json!("http://with space"), "primitive."),
        (&["string", "markdown"], json!(5), "primitive."),
        (&["string", "markdown"], json!("   "), "primitive."),
        (&["string", "code", "uri", "date", "dateTime"], json!(["nested"]), ""),
        (&["base64Binary"], json!("not base64!"), "primitive.base64Binary"),
    ];
    for (types, value, rule) in cases {
        let fitting = places
            .iter()
            .filter(|place| types.contains(&place.type_name.as_str()) && place.name != "id" && place.element.path != "Narrative.status");
        let fitting: Vec<&Place> = fitting.filter(|place| !(rule.is_empty() && maker.at(place).is_array())).collect();
        let rule = if rule.is_empty() { "shape.array" } else { rule };
        maker.each(&format!("{value}"), rule, fitting.into_iter(), |resource, place| set(resource, place, value.clone()));
    }
}

fn definitions(maker: &mut Maker<'_>, places: &[Place]) {
    let has_more = |place: &&Place| {
        let (parent, _) = place.pointer.rsplit_once('/').unwrap();
        maker.resource.pointer(parent).and_then(Value::as_object).is_some_and(|fields| fields.len() > 1)
    };
    let required: Vec<&Place> =
        places.iter().filter(|place| place.element.min > 0 && place.element.path.contains('.')).filter(has_more).collect();
    let required = required.into_iter();
    maker.each("a required element taken out", "cardinality.min", required, |resource, place| {
        let (parent, name) = place.pointer.rsplit_once('/').unwrap();
        take_out(resource.pointer_mut(parent).unwrap(), name);
    });
    let bound = places.iter().filter(|place| {
        let strength = place.element.binding.as_ref().map(|binding| binding.strength.as_str());
        place.type_name == "code"
            && strength == Some("required")
            && !place.element.path.ends_with("mimeType")
            && place.name != "contentType"
    });
    let bound = bound.filter(|place| !matches!(place.name.as_str(), "language" | "currency"));
    maker.each("a code outside its value set", "binding.required", bound, |resource, place| set(resource, place, json!("unheard-of")));
    let choices = places.iter().filter(|place| place.is_choice && !is_extension(place) && place.element.types.len() > 1);
    maker.each("a second type of a choice", "type.choice", choices, |resource, place| {
        let other = place.element.types.iter().find(|kind| kind.code != place.type_name).unwrap();
        let base = place.element.path.rsplit('.').next().unwrap().trim_end_matches("[x]");
        let (first, rest) = other.code.split_at(1);
        let name = format!("{base}{}{rest}", first.to_uppercase());
        let (parent, _) = place.pointer.rsplit_once('/').unwrap();
        resource.pointer_mut(parent).unwrap()[name] = json!({"extension": [{"url": "http://example.org/x", "valueString": "x"}]});
    });
    let periods = places.iter().filter(|place| place.type_name == "Period");
    maker.each("a period that ends before it starts", "invariant.per-1", periods, |resource, place| {
        *item(resource, place) = json!({"start": "2020-02-01", "end": "2020-01-01"});
    });
    let quantities = places.iter().filter(|place| place.type_name == "Quantity");
    maker.each("a unit's code without its system", "invariant.qty-3", quantities, |resource, place| {
        *item(resource, place) = json!({"value": 1, "code": "mg"});
    });
}

fn references(maker: &mut Maker<'_>, places: &[Place]) {
    let known = places.iter().filter(|place| place.type_name == "Reference" && !place.is_choice && !is_extension(place));
    let known: Vec<&Place> = known.collect();
    maker.each("a reference of no form", "reference.form", known.iter().copied(), |resource, place| {
        *item(resource, place) = json!({"reference": "nowhere"});
    });
    maker.each("a reference to a contained resource that is not there", "invariant.ref-1", known.iter().copied(), |resource, place| {
        *item(resource, place) = json!({"reference": "#nowhere"});
    });
    let typed = known.iter().copied().filter(|place| {
        let targets = place.element.types.iter().flat_map(|kind| &kind.target_profile);
        let targets: Vec<&String> = targets.collect();
        !targets.is_empty() && !targets.iter().any(|target| target.ends_with("/Resource") || target.ends_with("/SupplyDelivery"))
    });
    maker.each("a reference to another type", "reference.target", typed, |resource, place| {
        *item(resource, place) = json!({"reference": "SupplyDelivery/1"});
    });
}

fn extensions(maker: &mut Maker<'_>, places: &[Place]) {
    let structures: Vec<&Place> =
        places.iter().filter(|place| is_structure(maker.at(place)) && !is_extension(place) && place.type_name != "Resource").collect();
    let add = |name: &'static str, extension: Value| {
        move |resource: &mut Value, place: &Place| item(resource, place)[name] = json!([extension.clone()])
    };
    let both =
        json!({"url": "http://example.org/x", "valueString": "x", "extension": [{"url": "http://example.org/y", "valueString": "y"}]});
    maker.each("an extension with value and parts", "invariant.ext-1", structures.iter().copied(), add("extension", both));
    let elsewhere = json!({"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueDateTime": "2020-01-01T00:00:00Z"});
    maker.each("a known extension elsewhere", "extension.context", structures.iter().copied(), add("extension", elsewhere));
    let without_url = json!({"valueString": "x"});
    maker.each("an extension without url", "cardinality.min", structures.iter().copied(), add("extension", without_url));
    let backbones = structures.iter().copied().filter(|place| place.type_name == "BackboneElement");
    let unknown = json!({"url": "http://example.org/changes-everything", "valueBoolean": true});
    maker.each("an unknown modifier extension", "extension.modifier", backbones, add("modifierExtension", unknown));
}

fn whole(maker: &mut Maker<'_>) {
    let is_domain = !matches!(maker.resource["resourceType"].as_str(), Some("Bundle" | "Binary" | "Parameters"));
    maker.one("no resource type", "shape.resource-type", |resource| {
        resource.as_object_mut().unwrap().swap_remove("resourceType");
    });
    maker.one("an unheard-of resource type", "shape.resource-type", |resource| resource["resourceType"] = json!("Unheard"));
    maker.one("an id with an underscore", "primitive.id", |resource| resource["id"] = json!("a_b"));
    maker.one("an id of 65 characters", "primitive.id", |resource| resource["id"] = json!("x".repeat(65)));
    maker.one("an unknown top element", "shape.unknown-element", |resource| resource["notAnElement"] = json!(1));
    maker.one("a sibling of nothing primitive", "shape.unknown-element", |resource| resource["_meta"] = json!({"id": "x"}));
    maker.one("a profile that nobody knows", "profile.unknown", |resource| {
        resource["meta"] = json!({"profile": ["http://example.org/StructureDefinition/unheard-of"]});
    });
    maker.one("a profile of another type", "profile.type", |resource| {
        let other = if resource["resourceType"] == "Observation" { "hdlcholesterol-group" } else { "bmi" };
        resource["meta"] = json!({"profile": [format!("http://hl7.org/fhir/StructureDefinition/{}", other.replace("hdlcholesterol-group", "familymemberhistory-genetic"))]});
    });
    maker.one("an instant without zone", "primitive.instant", |resource| resource["meta"]["lastUpdated"] = json!("2020-01-01T00:00:00"));
    if !is_domain {
        return;
    }
    let narrative =
        |inside: &str| json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>")});
    maker.one("a narrative with a script", "narrative.element", |resource| resource["text"] = narrative("<script>alert(1)</script>"));
    maker.one("a narrative with a handler", "narrative.attribute", |resource| resource["text"] = narrative("<p onclick=\"x()\">a</p>"));
    maker.one("a narrative that breaks off", "narrative.shape", |resource| resource["text"] = narrative("<p>a"));
    maker.one("an empty narrative", "narrative.empty", |resource| resource["text"] = narrative(" "));
    maker.one("a contained resource that nobody refers to", "invariant.dom-3", |resource| {
        resource["contained"] = json!([{"resourceType": "Basic", "id": "lonely", "code": {"text": "x"}}]);
    });
    maker.one("a contained resource with a version", "invariant.dom-4", |resource| {
        resource["contained"] = json!([{"resourceType": "Basic", "id": "lonely", "meta": {"versionId": "1"}, "code": {"text": "x"}}]);
    });
    maker.one("an unknown element in a contained resource", "shape.unknown-element", |resource| {
        resource["contained"] = json!([{"resourceType": "Basic", "id": "lonely", "notAnElement": 1, "code": {"text": "x"}}]);
    });
    maker.one("an unknown modifier extension", "extension.modifier", |resource| {
        resource["modifierExtension"] = json!([{"url": "http://example.org/changes-everything", "valueBoolean": true}]);
    });
}

/// What the profiles demand: each required element and slice taken out, each pattern changed, each bound list filled up.
fn profiles(maker: &mut Maker<'_>, catalogue: &Catalogue, verdict: &Verdict) {
    for judged in &verdict.profiles {
        let Some(profile) = catalogue.profile(&judged.profile) else { continue };
        for element in profile.elements.iter().filter(|element| element.path.matches('.').count() == 1) {
            let name = element.path.rsplit('.').next().unwrap();
            let pointer = format!("/{name}");
            if maker.resource.pointer(&pointer).is_none() {
                continue;
            }
            if element.min > 0 && element.slice_name.is_none() {
                maker.one(&format!("{} taken out", element.id), "cardinality.min", |resource| {
                    take_out(resource, name);
                });
            }
            if element.pattern.is_some() && element.slice_name.is_none() {
                maker.one(&format!("{} with another value", element.id), "pattern", |resource| {
                    resource[name] = json!({"text": "something else"})
                });
            }
            if element.min > 0 && element.slice_name.is_some() && name != "extension" {
                maker.one(&format!("all {name} but those of {} taken", element.id), "slicing.min", |resource| {
                    resource[name] = json!([{"extension": [{"url": "http://example.org/x", "valueString": "x"}]}]);
                });
            }
        }
    }
}
