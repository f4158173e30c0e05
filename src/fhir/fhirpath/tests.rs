use super::{Environment, Expression, Node};
use crate::fhir::json::{Value, json};

fn values(expression: &str, resource: &Value) -> Vec<String> {
    let expression = Expression::parse(expression).unwrap();
    let environment = Environment::of(Node::resource(resource));
    let items = expression.evaluate(Node::resource(resource), &environment).unwrap();
    items.iter().map(|item| item.as_str().map_or_else(|| format!("{item:?}"), str::to_owned)).collect()
}

#[test]
fn search_expressions_find_their_elements() {
    let claim = json!({
        "resourceType": "ExplanationOfBenefit", "id": "1",
        "patient": { "reference": "Patient/7" },
        "billablePeriod": { "start": "2024-01-01" },
        "item": [ { "servicedDate": "2024-01-02" }, { "servicedPeriod": { "start": "2024-01-03" } }, { "servicedDate": "2024-01-04" } ],
    });
    assert_eq!(values("(ExplanationOfBenefit.item.serviced as date)", &claim), ["2024-01-02", "2024-01-04"]);
    assert_eq!(values("ExplanationOfBenefit.item.servicedDate", &claim), ["2024-01-02", "2024-01-04"]);
    assert_eq!(values("ExplanationOfBenefit.item.serviced.ofType(Period).start", &claim), ["2024-01-03"]);
    assert_eq!(values("Resource.id | DomainResource.id", &claim), ["1"]);
    assert_eq!(values("ExplanationOfBenefit.patient.where(resolve() is Patient).reference", &claim), ["Patient/7"]);
    assert!(values("ExplanationOfBenefit.patient.where(resolve() is Group)", &claim).is_empty());
    assert!(values("Patient.id", &claim).is_empty());
}

#[test]
fn branches_for_other_types_find_nothing_and_leave_no_repeats() {
    let patient = json!({ "resourceType": "Patient", "name": [{ "family": "Roe" }, { "family": "Roe" }, { "family": "Poe" }] });
    let families = ["Roe", "Poe"];
    assert_eq!(values("Person.name.family | Patient.name.family | Practitioner.name.family", &patient), families);
    assert_eq!(values("Patient.name.family | Person.name.family", &patient), families);
    assert_eq!(values("Person.name.family | (Patient.name.family | Group.name)", &patient), families);
    assert_eq!(values("Patient.name.family | Patient.name.family.first()", &patient), families);
    assert_eq!(values("DomainResource.name.family.first() | Element.name.family", &patient), ["Roe"]);
    assert!(values("Person.name.family | Practitioner.name.family", &patient).is_empty());
    let foreign = json!({ "Name": "Roe", "_Other": { "id": "x" }, "lower": "l" });
    assert_eq!(values("Name | Person", &foreign), ["Roe"]);
    assert_eq!(values("Other.id", &foreign), ["x"]);
}

#[test]
fn deep_nesting_is_an_error() {
    for (open, close) in [("(", ")"), ("-", ""), ("a.where(", ")"), ("a[", "]"), ("1 + ", ""), ("a is B or ", "")] {
        let text = format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
        assert!(Expression::parse(&text).is_err(), "{open}");
    }
}

#[test]
fn work_is_bounded() {
    let resource =
        json!({ "resourceType": "Patient", "name": (0..3000).map(|at| json!({ "family": format!("f{at}") })).collect::<Vec<_>>() });
    let expression = Expression::parse("name.select(%resource.name.select(%resource.name))").unwrap();
    let node = Node::resource(&resource);
    assert_eq!(expression.evaluate(node, &Environment::of(node)).unwrap_err(), super::EvaluationError::TooCostly);
}

#[test]
fn html_checks_are_those_of_narratives() {
    let holds = |div: &str| {
        let resource = json!({ "resourceType": "Patient", "text": { "status": "generated", "div": div } });
        let node = Node::resource(&resource);
        Expression::parse("text.div.htmlChecks()").unwrap().evaluate_bool(node, &Environment::of(node)).unwrap()
    };
    let div = |inside: &str| format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>");
    for right in ["<p>Text</p>", "<img src=\"#picture\" alt=\"\"/>", "<a href=\"#elsewhere\">See there</a>", "1 &lt; 2"] {
        assert_eq!(holds(&div(right)), Some(true), "{right}");
    }
    let wrong =
        ["", " <p> </p>", "<p>Text", "<p onclick=\"run()\">Text</p>", "<script>run()</script>", "<form>Text</form>", "<blink>Text</blink>"];
    for wrong in wrong {
        assert_eq!(holds(&div(wrong)), Some(false), "{wrong}");
    }
    assert_eq!(holds("<div>No namespace</div>"), Some(false));
    assert_eq!(holds("Text"), Some(false));
    let number = json!({ "resourceType": "Patient", "multipleBirthInteger": 2 });
    let node = Node::resource(&number);
    let answer = Expression::parse("multipleBirth.htmlChecks()").unwrap().evaluate_bool(node, &Environment::of(node));
    assert_eq!(answer.unwrap(), Some(false));
}
