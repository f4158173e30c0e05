//! Codes of systems that cannot be embedded, by the form that their owners give them.

/// The NPI's system.
const NPI: &str = "http://hl7.org/fhir/sid/us-npi";

/// What a code of a system should look like; `None` when it does, or when the system has no known form.
pub fn check(system: &str, code: &str) -> Option<&'static str> {
    let bytes = code.as_bytes();
    let (holds, expected) = match system {
        NPI => (is_npi(bytes), "an NPI: 10 digits with a check digit"),
        "http://hl7.org/fhir/sid/ndc" => (is_ndc(code), "an NDC: 11 digits, or 10 or 11 with hyphens"),
        "http://hl7.org/fhir/sid/icd-10-cm" | "http://hl7.org/fhir/sid/icd-10" => {
            (is_icd_10(bytes), "an ICD-10 code: a letter, two characters, and up to four after a full stop")
        }
        "http://www.cms.gov/Medicare/Coding/ICD10" | "http://hl7.org/fhir/sid/icd-10-pcs" => (
            bytes.len() == 7 && bytes.iter().all(|byte| is_upper_or_digit(*byte) && !matches!(byte, b'I' | b'O')),
            "an ICD-10-PCS code: 7 characters without I and O",
        ),
        "http://www.ama-assn.org/go/cpt" => (is_cpt(bytes), "a CPT code: 5 characters, or a modifier of 2"),
        "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets" | "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets" => {
            (is_hcpcs(bytes), "an HCPCS code: a letter and 4 digits, or a modifier of 2 characters")
        }
        "http://www.ada.org/cdt" => {
            (bytes.len() == 5 && bytes.first() == Some(&b'D') && is_digits(bytes.get(1..)), "a CDT code: D and 4 digits")
        }
        "https://www.nubc.org/CodeSystem/RevenueCodes" => (bytes.len() == 4 && is_digits(Some(bytes)), "a revenue code: 4 digits"),
        "https://www.nubc.org/CodeSystem/TypeOfBill" => {
            (matches!(bytes.len(), 3 | 4) && bytes.iter().all(|byte| is_upper_or_digit(*byte)), "a type of bill: 3 or 4 characters")
        }
        "https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit" => {
            (bytes.len() == 1 && is_digits(Some(bytes)), "a priority type: 1 digit")
        }
        "https://www.nubc.org/CodeSystem/PointOfOrigin" | "https://www.nubc.org/CodeSystem/PointOfOriginNewborn" => {
            (bytes.len() == 1 && bytes.iter().all(|byte| is_upper_or_digit(*byte)), "a point of origin: 1 character")
        }
        "https://www.nubc.org/CodeSystem/PatDischargeStatus" => {
            (bytes.len() == 2 && is_digits(Some(bytes)), "a discharge status: 2 digits")
        }
        "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software" => {
            (bytes.len() == 3 && is_digits(Some(bytes)), "an MS-DRG: 3 digits")
        }
        "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set" => {
            (bytes.len() == 2 && is_digits(Some(bytes)), "a place of service: 2 digits")
        }
        "http://nucc.org/provider-taxonomy" => (
            bytes.len() == 10 && bytes.last() == Some(&b'X') && bytes.iter().all(|byte| is_upper_or_digit(*byte)),
            "a taxonomy code: 10 characters that end in X",
        ),
        "http://loinc.org" => (is_loinc(code), "a LOINC code: digits, a hyphen and a check digit"),
        "http://snomed.info/sct" => (is_sctid(bytes), "a SNOMED CT identifier: 6 to 18 digits with a check digit"),
        "http://www.nlm.nih.gov/research/umls/rxnorm" | "http://hl7.org/fhir/sid/cvx" => (is_digits(Some(bytes)), "a number"),
        "http://unitsofmeasure.org" => (!bytes.iter().any(u8::is_ascii_whitespace), "a UCUM unit, which has no white space"),
        "urn:iso:std:iso:4217" => (bytes.len() == 3 && bytes.iter().all(u8::is_ascii_uppercase), "a currency: 3 capital letters"),
        _ => return None,
    };
    (!holds).then_some(expected)
}

/// What an identifier of a system should look like.
pub fn check_identifier(system: &str, value: &str) -> Option<&'static str> {
    (system == NPI && !is_npi(value.as_bytes())).then_some("an NPI: 10 digits with a check digit")
}

fn is_digits(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit))
}

fn is_upper_or_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase()
}

/// The check digit is Luhn's over the number with 80840 before it (45 CFR 162.406).
fn is_npi(bytes: &[u8]) -> bool {
    bytes.len() == 10 && is_digits(Some(bytes)) && (luhn(bytes) + 24).is_multiple_of(10)
}

/// Luhn's sum; 80840 before the digits adds 24 to it.
fn luhn(bytes: &[u8]) -> u32 {
    let digits = bytes.iter().rev().map(|byte| u32::from(byte - b'0'));
    digits.enumerate().map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }).sum()
}

fn is_ndc(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_form = match lengths.as_slice() {
        [11] => true,
        [labeler, product, package] => matches!((labeler, product, package), (5, 4, 2) | (4, 4, 2) | (5, 3, 2) | (5, 4, 1)),
        [labeler, product] => matches!((labeler, product), (5, 4) | (4, 4) | (5, 3)),
        _ => false,
    };
    is_form && parts.iter().all(|part| is_digits(Some(part.as_bytes())))
}

fn is_icd_10(bytes: &[u8]) -> bool {
    let (category, rest) = bytes.split_at(bytes.len().min(3));
    let rest = rest.strip_prefix(b".").unwrap_or(rest);
    let is_first = category.first().is_some_and(u8::is_ascii_alphabetic) && category.get(1).is_some_and(u8::is_ascii_digit);
    category.len() == 3
        && is_first
        && rest.len() <= 4
        && category.iter().chain(rest).all(u8::is_ascii_alphanumeric)
        && bytes.last() != Some(&b'.')
}

fn is_cpt(bytes: &[u8]) -> bool {
    match bytes.len() {
        5 => is_digits(bytes.get(..4)) && bytes.last().is_some_and(|byte| is_upper_or_digit(*byte)),
        2 => bytes.iter().all(|byte| is_upper_or_digit(*byte)),
        _ => false,
    }
}

fn is_hcpcs(bytes: &[u8]) -> bool {
    match bytes.len() {
        5 => bytes.first().is_some_and(u8::is_ascii_uppercase) && is_digits(bytes.get(1..)) || is_cpt(bytes),
        2 => bytes.iter().all(|byte| is_upper_or_digit(*byte)),
        _ => false,
    }
}

/// The check digit is Luhn's (LOINC Users' Guide, appendix on the check digit). Parts and answers begin with letters.
fn is_loinc(code: &str) -> bool {
    if code.starts_with("LA") || code.starts_with("LP") || code.starts_with("LL") || code.starts_with("LG") {
        return true;
    }
    let Some((number, check)) = code.split_once('-') else { return false };
    let whole: Vec<u8> = number.bytes().chain(check.bytes()).collect();
    check.len() == 1 && (1..=7).contains(&number.len()) && is_digits(Some(&whole)) && luhn(&whole).is_multiple_of(10)
}

/// The check digit is Verhoeff's (SNOMED CT Technical Implementation Guide, SCTID).
fn is_sctid(bytes: &[u8]) -> bool {
    const TIMES: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const TURN: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    if !(6..=18).contains(&bytes.len()) || !is_digits(Some(bytes)) {
        return false;
    }
    let mut sum = 0_u8;
    for (place, byte) in bytes.iter().rev().enumerate() {
        let mut digit = byte - b'0';
        for _ in 0..place % 8 {
            digit = TURN.get(usize::from(digit)).copied().unwrap_or_default();
        }
        sum = TIMES.get(usize::from(sum)).and_then(|row| row.get(usize::from(digit))).copied().unwrap_or_default();
    }
    sum == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_forms_that_their_owners_give_them() {
        let npi = "http://hl7.org/fhir/sid/us-npi";
        let cases = [
            (npi, "1234567893", true),
            (npi, "1234567890", false),
            (npi, "123456789", false),
            ("http://hl7.org/fhir/sid/ndc", "00777310502", true),
            ("http://hl7.org/fhir/sid/ndc", "0777-3105-02", true),
            ("http://hl7.org/fhir/sid/ndc", "777310502", false),
            ("http://hl7.org/fhir/sid/icd-10-cm", "S06.0X1A", true),
            ("http://hl7.org/fhir/sid/icd-10-cm", "S060X1A", true),
            ("http://hl7.org/fhir/sid/icd-10-cm", "E11.", false),
            ("http://hl7.org/fhir/sid/icd-10-cm", "11", false),
            ("http://www.ama-assn.org/go/cpt", "99213", true),
            ("http://www.ama-assn.org/go/cpt", "0001F", true),
            ("http://www.ama-assn.org/go/cpt", "9921", false),
            ("https://www.nubc.org/CodeSystem/RevenueCodes", "0551", true),
            ("https://www.nubc.org/CodeSystem/RevenueCodes", "551", false),
            ("http://loinc.org", "8867-4", true),
            ("http://loinc.org", "8867-5", false),
            ("http://loinc.org", "LA6576-8", true),
            ("http://snomed.info/sct", "73211009", true),
            ("http://snomed.info/sct", "73211008", false),
            ("http://unknown.example", "anything", true),
        ];
        for (system, code, holds) in cases {
            assert_eq!(check(system, code).is_none(), holds, "{system}|{code}");
        }
        assert!(check_identifier(npi, "1234567890").is_some() && check_identifier("urn:x", "1").is_none());
    }
}
