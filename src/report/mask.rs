//! Takes member data out of what reports show.
//!
//! Reports hold no response bodies. What could name a member in the rest is masked by its place, never by learning values: logical ids of
//! Patients, values of search parameters that name or describe a person, digit runs of identifier length, and e-mail addresses. Case ids,
//! check ids and ids of other resources stay, since a finding is found again by them.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

const MASK: &str = "***";

type Rule = (LazyLock<Option<Regex>>, &'static str);

static RULES: [Rule; 4] = [
    (LazyLock::new(|| Regex::new(r"\bPatient/[A-Za-z0-9\-.]{1,64}").ok()), "Patient/***"),
    (
        LazyLock::new(|| {
            Regex::new(
                r"(?i)\b((?:patient|subject|beneficiary|subscriber|identifier|name|family|given|birthdate|phone|email|telecom|address[a-z-]*|ssn)(?::[a-z-]+)?=)[^&\s,;)]*",
            )
            .ok()
        }),
        "${1}***",
    ),
    (LazyLock::new(|| Regex::new(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").ok()), MASK),
    (LazyLock::new(|| Regex::new(r"\b\d{6,}\b").ok()), MASK),
];

/// The text as reports may show it.
pub fn mask(text: &str, show_member_data: bool) -> String {
    if show_member_data {
        return text.to_owned();
    }
    let mut masked = Cow::Borrowed(text);
    for (rule, replacement) in &RULES {
        // A rule that could not be made must not let anything through.
        let Some(rule) = rule.as_ref() else { return MASK.to_owned() };
        if let Cow::Owned(changed) = rule.replace_all(&masked, *replacement) {
            masked = Cow::Owned(changed);
        }
    }
    masked.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_member_is_masked() {
        for (text, shown) in [
            ("GET https://a.example/fhir/Patient/jane-1", "GET https://a.example/fhir/Patient/***"),
            ("EOB?patient=jane-1&type=oral", "EOB?patient=***&type=oral"),
            ("Patient?family=Roe&given:exact=Jane", "Patient?family=***&given:exact=***"),
            ("identifier 88800933501 of jane@roe.example", "identifier *** of ***"),
            ("ExplanationOfBenefit/eob-7 not found", "ExplanationOfBenefit/eob-7 not found"),
            ("c4bb.Patient.search._id", "c4bb.Patient.search._id"),
            ("http://hl7.org/fhir/sid/us-npi", "http://hl7.org/fhir/sid/us-npi"),
        ] {
            assert_eq!(mask(text, false), shown);
            assert_eq!(mask(text, true), text);
        }
    }
}
