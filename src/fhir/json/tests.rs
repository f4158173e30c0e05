use std::fmt::Write as _;

use super::{Map, Number, Text, Value, from_value, json, to_value};

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The text as serde_json's own tree, which is the measure, gives it back.
fn by_serde_json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn numbers_keep_their_text_on_the_way_in_and_out() {
    let large = "123456789012345678901234567890.12345678901234567890";
    for text in ["0", "-0", "1.50", "1e+2", "1e-7", "-12.0", "1e+400", "18446744073709551616", "9007199254740993", large] {
        let value = read(text);
        assert_eq!(value.as_number().unwrap().as_str(), text);
        assert_eq!((serde_json::to_string(&value).unwrap(), value.to_string()), (text.to_owned(), text.to_owned()));
        let within = format!(r#"{{"a":[{text},{{"b":{text}}}]}}"#);
        assert_eq!(read(&within).to_string(), within);
        assert_eq!(serde_json::from_slice::<Value>(within.as_bytes()).unwrap(), read(&within));
        assert_eq!(Value::from(by_serde_json(&within)).to_string(), within);
        assert_eq!(serde_json::Value::from(read(&within)).to_string(), within);
        assert_eq!(to_value(read(&within)).unwrap().to_string(), within);
        assert_eq!(json!({ "a": value }).to_string(), format!(r#"{{"a":{text}}}"#));
    }
    // serde_json's reader writes every exponent with a small letter and a sign.
    for text in ["1E+2", "1E5", "1e400"] {
        assert_eq!(read(text).to_string(), by_serde_json(text).to_string());
    }
    assert_ne!(read("1.50"), read("1.5"));
    let values = |text: &str| (read(text).as_i64(), read(text).as_u64(), read(text).as_f64());
    assert_eq!(values("-3"), (Some(-3), None, Some(-3.0)));
    assert_eq!(values("18446744073709551615"), (None, Some(u64::MAX), Some(18_446_744_073_709_551_615.0)));
    assert_eq!(values("3.0"), (None, None, Some(3.0)));
    assert_eq!(values("1e400"), (None, None, None));
    for text in ["", "-", "01", "1.", ".5", "1e", "1e+", "+1", "1 ", "NaN", "0x1", "1.5.5"] {
        assert!(text.parse::<Number>().is_err(), "{text}");
    }
}

#[test]
fn a_servers_object_that_looks_like_a_number_does_no_harm() {
    let name = "$serde_json::private::Number";
    assert_eq!(read(&format!(r#"{{"{name}":"1.50"}}"#)), read("1.50"));
    for odd in [
        format!(r#"{{"{name}":"x"}}"#),
        format!(r#"{{"{name}":"1 , 2"}}"#),
        format!(r#"{{"{name}":7}}"#),
        format!(r#"{{"{name}":{{"{name}":"x"}}}}"#),
        format!(r#"{{"{name}":"1","a":2}}"#),
        format!(r#"{{"a":2,"{name}":"1"}}"#),
        r#"{"$serde_json::private::RawValue":"{"}"#.to_owned(),
    ] {
        assert_eq!(read(&odd).to_string(), odd);
        assert!(read(&odd).is_object());
    }
}

#[test]
fn text_is_written_as_serde_json_writes_it() {
    let text = r#"{"a":"\u0000\u001f\"\\/é\ud83d\ude00","":[],"b":{},"c":[null,true,false,[[1]]],"long":"a text of more than twenty-three bytes"}"#;
    assert_eq!(read(text).to_string(), by_serde_json(text).to_string());
    assert_eq!(format!("{:#}", read(text)), serde_json::to_string_pretty(&by_serde_json(text)).unwrap());
    assert_eq!(serde_json::to_vec(&read(text)).unwrap(), serde_json::to_vec(&by_serde_json(text)).unwrap());
    for broken in ["", "{", "[1,]", r#"{"a":1,}"#, "nul", r#"{"a" 1}"#, "1 2", r#""\ud800""#, "{1:2}"] {
        let found = serde_json::from_str::<Value>(broken).unwrap_err().to_string();
        assert_eq!(found, serde_json::from_str::<serde_json::Value>(broken).unwrap_err().to_string(), "{broken}");
    }
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(read(&nested(127)).to_string(), nested(127));
    assert!(serde_json::from_str::<Value>(&nested(128)).is_err());
    assert!(serde_json::from_str::<Map>("[]").unwrap_err().to_string().contains("expected a map"));
    assert_eq!(Value::Object(serde_json::from_str::<Map>(text).unwrap()), read(text));
}

#[test]
fn of_properties_with_one_name_the_last_counts_at_the_place_of_the_first() {
    let text = r#"{"a":1,"b":2,"a":3}"#;
    assert_eq!(read(text).to_string(), r#"{"a":3,"b":2}"#);
    assert_eq!(read(text).to_string(), by_serde_json(text).to_string());
    assert_eq!(read(r#"{"a":1,"b":[{"c":1,"d":2}]}"#), read(r#"{"b":[{"d":2,"c":1}],"a":1}"#));
    assert_ne!(read(r#"{"a":1,"b":2}"#), read(r#"{"a":1,"c":2}"#));
    assert_ne!(read("[1,2]"), read("[2,1]"));
}

/// An object of so many properties, as text.
fn large(count: usize) -> String {
    let mut text = String::from("{");
    for number in 0..count {
        write!(text, "{}\"property-{number}\":{number}", if number == 0 { "" } else { "," }).unwrap();
    }
    text + "}"
}

#[test]
fn an_object_of_any_size_behaves_as_that_of_serde_json() {
    for count in [0, 1, 5, 31, 32, 33, 34, 100] {
        let (mut own, mut theirs) = (read(&large(count)), by_serde_json(&large(count)));
        let (own, theirs) = (own.as_object_mut().unwrap(), theirs.as_object_mut().unwrap());
        assert_eq!(own.len(), count);
        for number in (0..count).step_by(3) {
            let name = format!("property-{number}");
            assert_eq!(own.get(&name).unwrap(), &Value::from(number));
            assert_eq!(own.insert(name.clone(), Value::Null).is_some(), theirs.insert(name, serde_json::Value::Null).is_some());
        }
        for number in [4, 0, 30, 33, 32, 31, 2000] {
            let name = format!("property-{number}");
            assert_eq!(own.shift_remove(&name).map(|value| value.to_string()), theirs.shift_remove(&name).map(|value| value.to_string()));
            assert!(own.get(&name).is_none() && !own.contains_key(&name));
        }
        for number in [1, 7, 99, 50, 98, 2000] {
            let name = format!("property-{number}");
            assert_eq!(own.swap_remove(&name).map(|value| value.to_string()), theirs.swap_remove(&name).map(|value| value.to_string()));
        }
        *own.get_or_insert_with("further", Value::default) = Value::from("added");
        theirs.insert("further".to_owned(), "added".into());
        own.retain(|name, _| !name.ends_with('5'));
        theirs.retain(|name, _| !name.ends_with('5'));
        own.values_mut().filter(|value| value.is_number()).for_each(|value| *value = Value::from(true));
        theirs.values_mut().filter(|value| value.is_number()).for_each(|value| *value = true.into());
        assert_eq!(serde_json::to_string(own).unwrap(), serde_json::to_string(theirs).unwrap());
        for name in theirs.keys() {
            assert_eq!(own.get(name).unwrap().to_string(), theirs[name].to_string(), "{count} {name}");
        }
        let backwards: Map = own.clone().into_iter().rev().collect();
        assert_eq!(&backwards, own);
    }
}

#[test]
fn a_hostile_object_is_not_looked_through_for_each_of_its_names() {
    // Each name against each would be twenty thousand million comparisons.
    let value = read(&large(200_000));
    let fields = value.as_object().unwrap();
    assert_eq!(fields.len(), 200_000);
    assert!(fields.keys().all(|name| fields.contains_key(name)));
    assert_eq!(value, Value::Object(fields.clone().into_iter().rev().collect()));
}

#[test]
fn ways_into_a_value() {
    let mut value = json!({"name": [{"given": ["Ann", "B"]}], "a/b": {"m~n": 1}, "active": true, "sequence": 3});
    assert_eq!(value["name"][0]["given"][1], "B");
    assert!(value["name"][7]["given"].is_null() && value["none"]["x"].is_null());
    assert_eq!(value.get("name").and_then(|names| names.get(0)).and_then(|name| name.get("given")).unwrap()[0], *"Ann");
    assert!(value.get(0).is_none() && value["name"].get("given").is_none());
    assert_eq!(value.pointer("/name/0/given/1").and_then(Value::as_str), Some("B"));
    assert_eq!(value.pointer("/a~1b/m~0n").and_then(Value::as_i64), Some(1));
    assert_eq!(value.pointer(""), Some(&value));
    for nowhere in ["name", "/name/00", "/name/+0", "/name/1", "/name/x", "/active/x"] {
        assert_eq!(value.pointer(nowhere), None, "{nowhere}");
    }
    *value.pointer_mut("/name/0/given/0").unwrap() = json!("C");
    value["name"].get_mut(0).unwrap()["family"] = json!("D");
    value["meta"]["tag"] = json!([]);
    assert_eq!(value["name"].take()[0].to_string(), r#"{"given":["C","B"],"family":"D"}"#);
    assert!(value["name"].is_null() && value["meta"]["tag"].is_array());
    assert!(value["active"] == true && value["sequence"] == 3 && value["sequence"] != 3.5 && value["active"] != "true");
}

#[test]
fn values_of_rusts_become_values() {
    let pairs = [("a", 1), ("b", 2)];
    assert_eq!(pairs.into_iter().collect::<Value>().to_string(), r#"{"a":1,"b":2}"#);
    assert_eq!(["x", "y"].into_iter().collect::<Value>(), json!(["x", "y"]));
    assert_eq!(Value::from(vec![Some("x"), None]), json!(["x", null]));
    assert_eq!((Value::from(1.5).to_string(), Value::from(f64::NAN)), ("1.5".to_owned(), Value::Null));
    assert_eq!(Value::from(-7_i64).as_i64(), Some(-7));
    assert_eq!(Value::String(Text::new("x")), Value::from(String::from("x")));
    assert_eq!(to_value([Some(1), None]).unwrap(), json!([1, null]));
    assert_eq!(from_value::<Vec<u8>>(json!([1, 2])).unwrap(), [1, 2]);
    assert!(from_value::<Vec<u8>>(json!([1, "x"])).is_err());
}

#[test]
fn arrays_and_objects_take_the_memory_that_they_need() {
    let value = read(r#"{"a": [1, 2, 3, 4, 5], "b": [[], [1]], "c": {"d": [0, 1, 2]}}"#);
    for (array, length) in [("/a", 5), ("/b", 2), ("/b/0", 0), ("/b/1", 1), ("/c/d", 3)] {
        let items = value.pointer(array).unwrap().as_array().unwrap();
        assert_eq!((items.len(), items.capacity()), (length, length), "{array}");
    }
}
