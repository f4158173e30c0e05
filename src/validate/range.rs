//! Values against `minValue[x]` and `maxValue[x]` (R4 elementdefinition.html).

use std::cmp::Ordering;

use super::Path;
use super::walk::{Walk, show};
use crate::fhir::fhirpath::decimal::Decimal;
use crate::fhir::fhirpath::quantity::Quantity;
use crate::fhir::json::Value;
use crate::guide::profile::TypedValue;

impl Walk<'_> {
    /// A value against its least and greatest one. Values that cannot be compared, as with another unit, are left alone.
    pub fn range(&mut self, (least, greatest): &(Option<TypedValue>, Option<TypedValue>), value: &Value, path: &Path<'_>) {
        if let Some(least) = least.as_ref().filter(|least| compare(value, &least.value) == Some(Ordering::Less)) {
            self.error(
                path,
                "value.min",
                format!("at least {}", least.value),
                show(value),
                "send a value that is not less than the profile allows",
            );
        }
        if let Some(greatest) = greatest.as_ref().filter(|greatest| compare(value, &greatest.value) == Some(Ordering::Greater)) {
            self.error(
                path,
                "value.max",
                format!("at most {}", greatest.value),
                show(value),
                "send a value that is not greater than the profile allows",
            );
        }
    }
}

fn compare(value: &Value, bound: &Value) -> Option<Ordering> {
    match (value, bound) {
        (Value::Number(value), Value::Number(bound)) => {
            Decimal::parse(value.as_str())?.to_f64().partial_cmp(&Decimal::parse(bound.as_str())?.to_f64())
        }
        // Dates of the same precision and zone order as their texts do.
        (Value::String(value), Value::String(bound)) if value.len() == bound.len() => Some(value.cmp(bound)),
        (Value::Object(_), Value::Object(_)) => quantity(value)?.compare(&quantity(bound)?),
        _ => None,
    }
}

fn quantity(value: &Value) -> Option<Quantity<'_>> {
    let number = Decimal::parse(value.get("value")?.as_number()?.as_str())?;
    Some(Quantity::new(number, value.get("code").or_else(|| value.get("unit"))?.as_str()?))
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::fhir::json::json;

    #[test]
    fn numbers_dates_and_quantities_are_compared() {
        assert_eq!(compare(&json!(2), &json!(2.0)), Some(Ordering::Equal));
        assert_eq!(compare(&json!("2020-01-01"), &json!("2020-01-02")), Some(Ordering::Less));
        let quantity = |value: i32, code: &str| json!({"value": value, "system": "http://unitsofmeasure.org", "code": code});
        assert_eq!(compare(&quantity(3, "kg"), &quantity(2, "kg")), Some(Ordering::Greater));
        assert_eq!(compare(&quantity(3, "g"), &quantity(2, "kg")), Some(Ordering::Less));
        assert_eq!(compare(&quantity(3, "g"), &quantity(2, "m")), None);
    }
}
