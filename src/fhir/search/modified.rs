//! Search values for a parameter with a modifier, made of a resource's own value.

use super::{Kind, escape, sample_values};
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;

/// How much of a text is searched by `:contains`.
const INNER_LETTERS: usize = 4;

/// Values that a modifier, given without its colon, can be tried with. Whom each of them selects is for the prediction to say.
pub fn modified_values(kind: Kind, modifier: &str, node: &Value) -> Vec<String> {
    match (kind, modifier) {
        (_, "missing") => vec!["true".to_owned(), "false".to_owned()],
        (Kind::Token, "not") => plain(kind, node),
        (Kind::Token, "above" | "below") => coded(node),
        (Kind::Token, "text") => texts(node).into_iter().map(|text| escape(first_word(text))).collect(),
        (Kind::Token, "of-type") => typed_identifier(node),
        (Kind::String, "exact") => plain(kind, node),
        (Kind::String, "contains") => sample_values(kind, node).iter().filter_map(|sample| inner(&sample.value)).collect(),
        (Kind::Reference, "identifier") => node.get("identifier").map(|identifier| plain(Kind::Token, identifier)).unwrap_or_default(),
        (Kind::Reference, resource_type) => local_id(node, resource_type).into_iter().collect(),
        (Kind::Uri, "below") => node.as_str().and_then(parent).into_iter().collect(),
        (Kind::Uri, "above") => {
            node.as_str().filter(|uri| uri.contains("://")).map(|uri| format!("{}/x", escape(uri))).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn plain(kind: Kind, node: &Value) -> Vec<String> {
    sample_values(kind, node).into_iter().map(|sample| sample.value).collect()
}

/// `system|code` of each coding.
fn coded(node: &Value) -> Vec<String> {
    if node.get("coding").is_none() && node.get("code").is_none() {
        return Vec::new();
    }
    let coded = sample_values(Kind::Token, node).into_iter().filter(|sample| sample.form == "system|code");
    coded.map(|sample| sample.value).collect()
}

/// The text of a concept and the displays of its codings.
fn texts(node: &Value) -> Vec<&str> {
    let concept = node.get("type").filter(|_| node.get("coding").is_none()).unwrap_or(node);
    let codings = concept.get("coding").and_then(Value::as_array).into_iter().flatten();
    let displays = codings.chain(std::iter::once(concept)).filter_map(|coding| coding.get("display"));
    concept.get("text").into_iter().chain(displays).filter_map(Value::as_str).collect()
}

fn first_word(text: &str) -> &str {
    text.split_once(' ').map_or(text, |(word, _)| word)
}

/// `system|code|value` of an Identifier.
fn typed_identifier(node: &Value) -> Vec<String> {
    let Some(value) = node.get("value").and_then(Value::as_str) else { return Vec::new() };
    let codings = node.get("type").and_then(|kind| kind.get("coding")).and_then(Value::as_array).into_iter().flatten();
    let text = |coding: &Value, name: &str| coding.get(name).and_then(Value::as_str).map(escape);
    codings.filter_map(|coding| Some(format!("{}|{}|{}", text(coding, "system")?, text(coding, "code")?, escape(value)))).collect()
}

/// Letters from inside a text, which do not begin it.
fn inner(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let part = letters.get(1..)?.split(|letter| !letter.is_alphanumeric()).find(|part| part.len() >= 2)?;
    Some(part.iter().take(INNER_LETTERS).collect())
}

/// The id of a reference to a type.
fn local_id(node: &Value, resource_type: &str) -> Option<String> {
    let literal = node.get("reference").and_then(Value::as_str)?;
    Reference::parse(literal).target().filter(|(own, _)| *own == resource_type).map(|(_, id)| id.to_owned())
}

/// The URL one segment up.
fn parent(uri: &str) -> Option<String> {
    let (parent, _) = uri.split('|').next()?.rsplit_once('/')?;
    (parent.contains("://") && !parent.ends_with('/')).then(|| escape(parent))
}

#[cfg(test)]
mod tests {

    use super::super::{Answer, Context, matches_modified};
    use super::*;
    use crate::fhir::json::json;

    #[test]
    fn values_of_a_modifier_find_or_leave_out_their_own_node() {
        let concept = json!({"coding": [{"system": "http://a.example", "code": "x", "display": "Plain words"}]});
        let identifier = json!({"type": {"coding": [{"system": "http://t.example", "code": "MB"}]}, "system": "urn:oid:1", "value": "42"});
        let reference = json!({"reference": "Patient/1", "identifier": {"system": "urn:oid:1", "value": "42"}});
        let uri = json!("http://a.example/fhir/x");
        let cases = [
            (Kind::Token, "not", &concept, "http://a.example|x", Answer::No),
            (Kind::Token, "text", &concept, "Plain", Answer::Yes),
            (Kind::Token, "above", &concept, "http://a.example|x", Answer::Yes),
            (Kind::Token, "below", &concept, "http://a.example|x", Answer::Yes),
            (Kind::Token, "of-type", &identifier, "http://t.example|MB|42", Answer::Yes),
            (Kind::String, "exact", &json!("Roe Street"), "Roe Street", Answer::Yes),
            (Kind::String, "contains", &json!("Maple Street"), "aple", Answer::Yes),
            (Kind::Reference, "identifier", &reference, "urn:oid:1|42", Answer::Yes),
            (Kind::Reference, "Patient", &reference, "1", Answer::Yes),
            (Kind::Uri, "below", &uri, "http://a.example/fhir", Answer::Yes),
            (Kind::Uri, "above", &uri, "http://a.example/fhir/x/x", Answer::Yes),
            (Kind::Date, "missing", &json!("2020"), "true", Answer::No),
        ];
        for (kind, modifier, node, value, answer) in cases {
            let values = modified_values(kind, modifier, node);
            assert_eq!(values.first().map(String::as_str), Some(value), ":{modifier} of {node}");
            let own = matches_modified(kind, modifier, value, &[node], &Context::of(""));
            assert_eq!(own, answer, ":{modifier}={value} on {node}");
        }
        assert_eq!(modified_values(Kind::Reference, "Group", &reference), [""; 0]);
        assert_eq!(modified_values(Kind::Token, "below", &identifier), [""; 0], "an identifier has no hierarchy");
        assert_eq!(modified_values(Kind::Token, "in", &concept), [""; 0], "which value sets there are is for the catalogue to say");
    }
}
