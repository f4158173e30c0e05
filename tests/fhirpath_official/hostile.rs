//! Mutated expressions on mutated data: any answer but a panic will do.

use payerspec::fhir::fhirpath::{Environment, Expression, Node};
use payerspec::fhir::json::{Value, json};

use crate::{
    model::{PackageModel, shared},
    suite,
};

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

fn mutate_text(text: &str, other: &str, dice: &mut Dice) -> String {
    let signs: Vec<char> = text.chars().collect();
    let at = dice.roll(signs.len() + 1);
    let (before, after): (String, String) = (signs[..at].iter().collect(), signs[at..].iter().collect());
    match dice.roll(6) {
        0 => before,
        1 => after,
        2 => format!("{before}{}{after}", other.chars().skip(dice.roll(other.len())).collect::<String>()),
        3 => format!("({text}).{other}"),
        4 => {
            format!("{before}{}{after}", ["é", "9999999999999999999", "-", "'", "@2020-02-30", ".", "$this", "𝄞", "0.1 'é'"][dice.roll(9)])
        }
        _ => text.to_owned(),
    }
}

fn mutate_value(value: &mut Value, dice: &mut Dice) {
    if dice.roll(12) == 0 {
        *value =
            [json!(null), json!([]), json!({}), json!("ünïcode𝄞"), json!(1e300), json!(-99999999999999999999.5), json!([[1]]), json!(true)]
                [dice.roll(8)]
            .clone();
        return;
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|value| mutate_value(value, dice)),
        Value::Array(values) => values.iter_mut().for_each(|value| mutate_value(value, dice)),
        _ => {}
    }
}

#[test]
fn mutations_never_panic() {
    let cases = suite::cases(&shared("fhirpath-tests/tests-fhir-r4.xml"));
    let model = PackageModel::r4();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut evaluated = 0;
    let inputs = ["patient-example.xml", "observation-example.xml", "explanationofbenefit-example.json"].map(crate::input);
    for round in 0..6_000 {
        let mut resource = inputs[dice.roll(inputs.len())].clone();
        mutate_value(&mut resource, &mut dice);
        let (first, second) = (&cases[dice.roll(cases.len())], &cases[dice.roll(cases.len())]);
        let text = mutate_text(&first.expression, &second.expression, &mut dice);
        let Ok(expression) = Expression::parse(&text) else { continue };
        let node = Node::resource(&resource);
        let plain = Environment::of(node);
        let environment = if round % 2 == 0 { Environment { model: Some(&model), ..plain } } else { plain };
        drop(expression.evaluate(node, &environment));
        drop(expression.evaluate_bool(node, &environment));
        evaluated += 1;
    }
    assert!(evaluated > 1_000, "only {evaluated} mutations were expressions");
}
