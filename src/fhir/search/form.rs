//! Search values of one form, made of a resource's own value. Whom each of them selects is for the prediction to say: some must not find
//! the resource that they come from.

use time::{Duration, OffsetDateTime, UtcOffset};

use super::{Kind, escape, split_unescaped, text, unescape};
use crate::fhir::date::Interval;
use crate::fhir::json::Value;
use crate::fhir::reference::Reference;

/// A system that no record uses.
const OTHER_SYSTEM: &str = "http://payerspec.example/no-such-system";

/// Values of a form:
/// - token: `code`, `system|code`, `|code`, `system|`, `other-system`, `case` (the code in the other case)
/// - reference: `Type/id`, `id`, `url`, `versioned` (`Type/id` where the record's reference names a version)
/// - date: `year`, `month`, `day`, `second`, `zone` (the same instant in another zone), `from` and `until` (its start, and soon after its
///   end), `open` (long after the start of what has no end)
/// - string: `whole`, `word`, `part`, `other-part`, `start`, `case`, `accent`
/// - number and quantity: `number`, `number||code`, `number|system|code`, `rounded`, `other-system`
/// - uri: `uri`, `beginning`
pub fn formed_values(kind: Kind, form: &str, node: &Value, base: &str) -> Vec<String> {
    match kind {
        Kind::Token => token(form, node),
        Kind::Reference => reference(form, node, base).into_iter().collect(),
        Kind::Date => date(form, node).into_iter().collect(),
        Kind::String => string(form, node),
        Kind::Number | Kind::Quantity => number(kind, form, node),
        Kind::Uri => uri(form, node).into_iter().collect(),
        Kind::Composite | Kind::Special => Vec::new(),
    }
}

fn plain(kind: Kind, form: &str, node: &Value) -> Vec<String> {
    super::sample_values(kind, node).into_iter().filter(|sample| sample.form == form).map(|sample| sample.value).collect()
}

fn token(form: &str, node: &Value) -> Vec<String> {
    let coded = || {
        let codings = node.get("coding").and_then(Value::as_array).map_or(std::slice::from_ref(node), Vec::as_slice);
        codings.iter().filter_map(|coding| {
            let text = |name: &str| coding.get(name).and_then(Value::as_str);
            Some((text("system").unwrap_or_default(), text("code").or_else(|| text("value"))?))
        })
    };
    match form {
        "|code" => coded().map(|(_, code)| format!("|{}", escape(code))).collect(),
        "other-system" => {
            coded().filter(|(system, _)| system.contains(':')).map(|(_, code)| format!("{OTHER_SYSTEM}|{}", escape(code))).collect()
        }
        "system|" => coded().filter(|(system, _)| system.contains(':')).map(|(system, _)| format!("{}|", escape(system))).collect(),
        "case" => {
            let swapped = plain(Kind::Token, "system|code", node).into_iter().map(|value| {
                let (system, code) = value.rsplit_once('|').unwrap_or_default();
                (format!("{system}|{}", other_case(code)), value)
            });
            let of_id = node.as_str().map(|id| (escape(&other_case(id)), escape(id)));
            swapped.chain(of_id).filter(|(swapped, value)| swapped != value).map(|(swapped, _)| swapped).collect()
        }
        _ => plain(Kind::Token, form, node),
    }
}

fn reference(form: &str, node: &Value, base: &str) -> Option<String> {
    let literal = node.get("reference").and_then(Value::as_str)?;
    let local = literal.strip_prefix(base).map_or(literal, |rest| rest.trim_start_matches('/'));
    let Reference::Relative { resource_type, id, version } = Reference::parse(local) else { return None };
    match form {
        "id" => Some(id.to_owned()),
        "Type/id" => Some(format!("{resource_type}/{id}")),
        "versioned" => version.map(|_| format!("{resource_type}/{id}")),
        "url" => Some(escape(&format!("{}/{resource_type}/{id}", base.trim_end_matches('/')))),
        _ => None,
    }
}

fn date(form: &str, node: &Value) -> Option<String> {
    let own = Interval::of(node)?;
    let text = node.as_str().or_else(|| node.get("start").and_then(Value::as_str));
    let first = |length: usize| text.and_then(|text| text.get(..length)).map(str::to_owned);
    let instant = |nanoseconds: i128| OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok();
    let day = |at: OffsetDateTime| format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
    match form {
        "year" => first(4),
        "month" => first(7),
        "day" => first(10),
        "second" => node.as_str().filter(|_| own.zoned && own.high - own.low < 1_000_000_000).and_then(|_| second(instant(own.low)?)),
        "zone" => {
            let elsewhere = UtcOffset::from_hms(5, 30, 0).ok()?;
            node.as_str().filter(|_| own.zoned && own.high - own.low < 1_000_000_000)?;
            second(instant(own.low)?.to_offset(elsewhere))
        }
        "from" if own.zoned => second(instant(own.low)?),
        "from" => first(10),
        "until" if own.high == i128::MAX => None,
        "until" if own.zoned => second(instant(own.high)?.checked_add(Duration::hours(1))?),
        "until" => instant(own.high)?.checked_add(Duration::days(1)).map(day),
        "open" if own.high == i128::MAX => instant(own.low)?.checked_add(Duration::days(100 * 365)).map(day),
        _ => None,
    }
}

/// A time to the second, with its zone.
fn second(at: OffsetDateTime) -> Option<String> {
    let format =
        time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second][offset_hour sign:mandatory]:[offset_minute]");
    let text = at.format(&format).ok()?;
    Some(text.strip_suffix("+00:00").map_or_else(|| text.clone(), |local| format!("{local}Z")))
}

fn string(form: &str, node: &Value) -> Vec<String> {
    let samples = super::sample_values(Kind::String, node);
    let changed = |change: &dyn Fn(&str) -> Option<String>| -> Vec<String> {
        samples.iter().filter_map(|sample| change(&unescape(&sample.value))).map(|value| escape(&value)).collect()
    };
    match form {
        "other-part" => samples.into_iter().filter(|sample| sample.form == "part").skip(1).map(|sample| sample.value).collect(),
        "start" => changed(&|text| {
            let length = text.chars().count();
            (length > 2).then(|| text.chars().take(length.div_ceil(2)).collect())
        }),
        "case" => changed(&|text| Some(other_case(text)).filter(|other| other != text)),
        "accent" => changed(&|text| Some(text::with_other_accents(text)).filter(|other| other != text)),
        _ => samples.into_iter().filter(|sample| sample.form == form).map(|sample| sample.value).collect(),
    }
}

fn number(kind: Kind, form: &str, node: &Value) -> Vec<String> {
    let samples = super::sample_values(kind, node);
    let value = match kind {
        Kind::Quantity => node.get("value").and_then(Value::as_number),
        _ => node.as_number(),
    };
    match form {
        "rounded" => value.and_then(|value| rounded(&value.to_string())).into_iter().collect(),
        "other-system" => {
            let whole = samples.iter().filter(|sample| sample.form == "number|system|code").filter_map(|sample| {
                let parts = split_unescaped(&sample.value, '|');
                Some(format!("{}|{OTHER_SYSTEM}|{}", parts.first()?, parts.get(2)?))
            });
            whole.collect()
        }
        _ => samples.into_iter().filter(|sample| sample.form == form).map(|sample| sample.value).collect(),
    }
}

/// A decimal with one place less, cut off so that the whole value lies within its precision.
fn rounded(number: &str) -> Option<String> {
    if number.contains(['e', 'E']) {
        return None;
    }
    let (whole, fraction) = number.split_once('.')?;
    let places = fraction.len().checked_sub(1)?;
    let value: f64 = number.parse().ok()?;
    let shorter = format!("{value:.places$}");
    (shorter != number && !whole.is_empty()).then_some(shorter)
}

fn uri(form: &str, node: &Value) -> Option<String> {
    let own = node.as_str()?;
    match form {
        "beginning" => {
            let length = own.chars().count();
            (length > 8).then(|| escape(&own.chars().take(length - 1).collect::<String>()))
        }
        "uri" => plain(Kind::Uri, form, node).into_iter().next(),
        _ => None,
    }
}

/// Upper case for lower, and lower for upper.
fn other_case(text: &str) -> String {
    text.chars()
        .flat_map(|letter| -> Vec<char> {
            if letter.is_lowercase() { letter.to_uppercase().collect() } else { letter.to_lowercase().collect() }
        })
        .collect()
}

#[cfg(test)]
mod tests {

    use super::super::{Answer, Context, matches};
    use super::*;
    use crate::fhir::json::json;

    const BASE: &str = "https://payer.example/fhir";

    #[test]
    fn each_form_selects_whom_r4_says() {
        let concept = json!({"coding": [{"system": "http://a.example", "code": "x"}]});
        let bare = json!({"coding": [{"code": "x"}]});
        let versioned = json!({"reference": "Patient/1/_history/2"});
        let instant = json!("2020-05-17T23:30:00Z");
        let name = json!({"family": "Gómez", "given": ["Ana"]});
        let cases = [
            (Kind::Token, "|code", &concept, "|x", Answer::No),
            (Kind::Token, "|code", &bare, "|x", Answer::Yes),
            (Kind::Token, "system|", &concept, "http://a.example|", Answer::Yes),
            (Kind::Token, "code", &concept, "x", Answer::Yes),
            (Kind::Reference, "versioned", &versioned, "Patient/1", Answer::Yes),
            (Kind::Reference, "url", &versioned, "https://payer.example/fhir/Patient/1", Answer::Yes),
            (Kind::Reference, "id", &versioned, "1", Answer::Yes),
            (Kind::Date, "year", &instant, "2020", Answer::Yes),
            (Kind::Date, "second", &instant, "2020-05-17T23:30:00Z", Answer::Yes),
            (Kind::Date, "zone", &instant, "2020-05-18T05:00:00+05:30", Answer::Yes),
            (Kind::Date, "from", &instant, "2020-05-17T23:30:00Z", Answer::Yes),
            (Kind::Date, "until", &instant, "2020-05-18T00:30:00Z", Answer::No),
            (Kind::String, "start", &name, "Góm", Answer::Yes),
            (Kind::String, "case", &name, "gÓMEZ", Answer::Yes),
            (Kind::String, "accent", &name, "Gomez", Answer::Yes),
            (Kind::String, "other-part", &name, "Ana", Answer::Yes),
        ];
        for (kind, form, node, value, answer) in cases {
            let values = formed_values(kind, form, node, BASE);
            assert_eq!(values.first().map(String::as_str), Some(value), "{form} of {node}");
            assert_eq!(matches(kind, value, &[node], &Context::of(BASE)), answer, "{form} of {node}");
        }
    }

    #[test]
    fn numbers_and_uris_are_cut_short() {
        let dose = json!({"value": 5.37, "system": "http://unitsofmeasure.org", "code": "mg"});
        let context = Context::of(BASE);
        assert_eq!(formed_values(Kind::Quantity, "rounded", &dose, BASE), ["5.4"]);
        assert_eq!(matches(Kind::Quantity, "5.4", &[&dose], &context), Answer::Yes);
        let foreign = formed_values(Kind::Quantity, "other-system", &dose, BASE).remove(0);
        assert_eq!(matches(Kind::Quantity, &foreign, &[&dose], &context), Answer::No, "{foreign}");
        assert_eq!(formed_values(Kind::Number, "rounded", &json!(7), BASE), [""; 0]);
        let uri = json!("http://a.example/fhir/x");
        let beginning = formed_values(Kind::Uri, "beginning", &uri, BASE).remove(0);
        assert_eq!((beginning.as_str(), matches(Kind::Uri, &beginning, &[&uri], &context)), ("http://a.example/fhir/", Answer::No));
    }

    #[test]
    fn a_form_that_a_value_cannot_take_gives_nothing() {
        let cases = [
            (Kind::Token, "system|", json!("active")),
            (Kind::Reference, "versioned", json!({"reference": "Patient/1"})),
            (Kind::Reference, "url", json!({"reference": "urn:uuid:1"})),
            (Kind::Date, "second", json!("2020-05-17")),
            (Kind::Date, "month", json!("2020")),
            (Kind::Date, "open", json!({"start": "2020-01-01", "end": "2020-01-02"})),
            (Kind::Date, "until", json!({"start": "2020-01-01"})),
            (Kind::String, "accent", json!("xyz")),
            (Kind::String, "other-part", json!("only one")),
            (Kind::Uri, "beginning", json!("urn:x")),
        ];
        for (kind, form, node) in cases {
            assert_eq!(formed_values(kind, form, &node, BASE), [""; 0], "{form} of {node}");
        }
        let open = json!({"start": "2020-01-01"});
        let later = formed_values(Kind::Date, "open", &open, BASE).remove(0);
        assert_eq!(matches(Kind::Date, &format!("ge{later}"), &[&open], &Context::of(BASE)), Answer::Yes, "{later}");
    }
}
