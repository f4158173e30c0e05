//! Takes member data out of what reports show.
//!
//! Reports hold no response bodies. In all other text that a server or a request brought, these are masked, by their place or form and
//! never by learning values: ids of persons, values of search parameters that are not known to be harmless, days and months of dates,
//! e-mail addresses, telephone and social security numbers, Medicare beneficiary identifiers, and digit runs as long as an identifier.
//! What HIPAA's Safe Harbor (45 CFR 164.514(b)(2)) lists as identifying decides; a year, a code and a status stay. Case ids, check ids
//! and ids of other resources stay too, since a finding is found again by them.

use std::sync::LazyLock;

use regex::{Captures, Regex};

const MASK: &str = "***";

/// Search parameters with values from the specification's own codes, and the parameter of a media type.
const HARMLESS: [&str; 17] = [
    "type",
    "status",
    "use",
    "category",
    "code",
    "class",
    "intent",
    "outcome",
    "gender",
    "language",
    "priority",
    "clinical-status",
    "verification-status",
    "active",
    "mode",
    "system",
    "charset",
];

/// Parameters for all resources that steer a search, and the cursors of well-known servers. `_id`, `_text` and the like tell too much.
const STEERING: [&str; 20] = [
    "_count",
    "_format",
    "_include",
    "_revinclude",
    "_sort",
    "_summary",
    "_elements",
    "_total",
    "_type",
    "_profile",
    "_tag",
    "_security",
    "_lastUpdated",
    "_pretty",
    "_contained",
    "_containedType",
    "_since",
    "_page",
    "_getpages",
    "_offset",
];

static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| Rules::new().ok());

struct Rules {
    query: Regex,
    prose: Regex,
    person: Regex,
    email: Regex,
    date: Regex,
    number: Regex,
    digits: Regex,
}

impl Rules {
    fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            query: Regex::new(r#"([?&])([^=&?\s'"]+)=([^&\s'"]*)"#)?,
            prose: Regex::new(r"(?m)(^|[\s,])([A-Za-z_][A-Za-z0-9_-]*(?:[:.][A-Za-z0-9_.-]+)*)=(\S.*)$")?,
            person: Regex::new(r"\b(Patient|RelatedPerson|Person)(/|%2[Ff])[A-Za-z0-9\-.]{1,64}")?,
            email: Regex::new(r"[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")?,
            date: Regex::new(r"\b((?:18|19|20)\d\d)-(?:0[1-9]|1[0-2])(?:-[0-3]\d)?(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d)?)?")?,
            number: Regex::new(
                r"(?x)
                \b[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-?[AC-HJKMNP-RT-Y]{2}[0-9]{2}\b
                | \b\d{3}[-.\ ]\d{2,3}[-.\ ]\d{4}\b
                | \(\d{3}\)\ ?\d{3}-\d{4}\b",
            )?,
            digits: Regex::new(r"\d{6,}")?,
        })
    }

    fn apply(&self, text: &str) -> String {
        let pair = |found: &Captures<'_>| {
            let part = |group: usize| found.get(group).map_or("", |part| part.as_str());
            format!("{}{}={}", part(1), part(2), mask_value(part(2), part(3)))
        };
        let text = self.query.replace_all(text, pair);
        let text = self.prose.replace_all(&text, pair);
        let text = self.person.replace_all(&text, "${1}${2}***");
        let text = self.email.replace_all(&text, MASK);
        let text = self.date.replace_all(&text, "${1}-**-**");
        let text = self.number.replace_all(&text, MASK);
        self.digits.replace_all(&text, |found: &Captures<'_>| digits(&text, found)).into_owned()
    }
}

/// Object identifiers and sizes are long numbers that identify nobody.
fn digits(text: &str, found: &Captures<'_>) -> String {
    let Some(run) = found.get(0) else { return MASK.to_owned() };
    let before = text.get(..run.start()).unwrap_or_default();
    let after = text.get(run.end()..).unwrap_or_default();
    if before.ends_with('.') || after.starts_with(" bytes") { run.as_str().to_owned() } else { MASK.to_owned() }
}

/// The text as reports may show it.
pub fn mask(text: &str, show_member_data: bool) -> String {
    if show_member_data {
        return text.to_owned();
    }
    // A rule that could not be made must not let anything through.
    RULES.as_ref().map_or_else(|| MASK.to_owned(), |rules| rules.apply(text))
}

/// The value of a search parameter as reports may show it.
pub fn mask_value(name: &str, value: &str) -> String {
    let plain = name.split([':', '.']).next().unwrap_or_default();
    let harmless = STEERING.contains(&plain) || (plain == name && HARMLESS.contains(&plain));
    if harmless || value == MASK { value.to_owned() } else { MASK.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_member_is_masked() {
        for (text, shown) in [
            ("GET https://a.example/fhir/Patient/jane-1", "GET https://a.example/fhir/Patient/***"),
            ("Coverage?beneficiary=Patient%2Fjane-1", "Coverage?beneficiary=***"),
            ("RelatedPerson/rp-1/_history/2", "RelatedPerson/***/_history/2"),
            ("EOB?patient=jane-1&type=oral&_count=10", "EOB?patient=***&type=oral&_count=10"),
            ("Patient?family=Roe,Doe&given:exact=Jane", "Patient?family=***&given:exact=***"),
            ("Patient?_mine=jane-1", "Patient?_mine=***"),
            ("Patient?_id=jane-1&_has:Coverage:patient:_id=7", "Patient?_id=***&_has:Coverage:patient:_id=***"),
            ("EOB?care-team=x&type:text=Jane", "EOB?care-team=***&type:text=***"),
            ("only resources that meet family=Roe Smith, Jane", "only resources that meet family=***"),
            ("only resources that meet status=active", "only resources that meet status=active"),
            ("identifier 88800933501 of jane@roe.example", "identifier *** of ***"),
            ("born 1970-04-05, seen 2020-01-02T10:00:00-05:00", "born 1970-**-**, seen 2020-**-**"),
            ("1EG4TE5MK73 or 1EG4-TE5-MK73", "*** or ***"),
            ("078-05-1120, (555) 555-0100, 555-555-0100", "***, ***, ***"),
        ] {
            assert_eq!(mask(text, false), shown);
            assert_eq!(mask(&mask(text, false), false), shown, "masking twice is masking once");
            assert_eq!(mask(text, true), text);
        }
    }

    #[test]
    fn what_names_nobody_stays() {
        for text in [
            "ExplanationOfBenefit/eob-7 not found",
            "c4bb.Patient.search._id",
            "http://hl7.org/fhir/sid/us-npi",
            "Patient/_search",
            "Bundle.link.where(relation = 'next') on page 2",
            "Patient.identifier.where(system='urn:oid:2.16.840.1.113883.4.1')",
            "the response is larger than 16777216 bytes",
            "Coverage?status=active&_include=Coverage:payor&_lastUpdated=ge2020",
            "FHIR 5.0.0; this harness is FHIR R4 (4.0.1)",
        ] {
            assert_eq!(mask(text, false), text);
        }
    }
}
