use serde_json::json;

use super::{Environment, Expression, Node};

fn values(expression: &str, resource: &serde_json::Value) -> Vec<String> {
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
