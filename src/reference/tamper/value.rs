//! What breaks R4's rules on values: their form, and the codes that a required binding allows.

use super::{Break, PATIENT, PRACTITIONER, add, set};
use crate::reference::fault::Breach;

/// The breaks.
pub const BREAKS: &[Break] = &[
    set(Breach::DataUnknownCode, PATIENT, "gender", r#""unheard-of""#),
    set(Breach::DataUnknownCodeOfClaim, super::Of::the("ExplanationOfBenefit"), "outcome", r#""finished""#),
    set(Breach::DataImpossibleDate, PRACTITIONER, "birthDate", r#""1970-02-30""#),
    set(Breach::DataTimeWithoutZone, PRACTITIONER, "identifier[TAX].period", r#"{"start": "2020-01-01T10:00:00"}"#),
    set(Breach::DataDateTimeForDate, PRACTITIONER, "birthDate", r#""1970-02-03T00:00:00Z""#),
    set(Breach::DataSpacesInCode, PRACTITIONER, "language", r#""en  US""#),
    add(Breach::DataSpacesInUrl, PRACTITIONER, "photo", r#"{"contentType": "image/png", "url": "https://payer.test/a photo.png"}"#),
    add(Breach::DataBadBase64, PRACTITIONER, "photo", r#"{"contentType": "image/png", "data": "%%%"}"#),
    add(Breach::DataNegativeSize, PRACTITIONER, "photo", r#"{"contentType": "image/png", "size": -1}"#),
    set(Breach::DataZeroRank, PRACTITIONER, "telecom[0].rank", "0"),
    set(Breach::DataEmptyText, PRACTITIONER, "name[0].text", r#""""#),
    set(Breach::DataTextForBoolean, PRACTITIONER, "active", r#""true""#),
    set(
        Breach::DataBadOid,
        PRACTITIONER,
        "identifier[TAX].extension",
        r#"[{"url": "https://payer.test/extension/oid", "valueOid": "urn:oid:9.1"}]"#,
    ),
    set(
        Breach::DataBadUuid,
        PRACTITIONER,
        "identifier[TAX].extension",
        r#"[{"url": "https://payer.test/extension/uuid", "valueUuid": "urn:uuid:1"}]"#,
    ),
    set(
        Breach::DataBadTime,
        PRACTITIONER,
        "identifier[TAX].extension",
        r#"[{"url": "https://payer.test/extension/time", "valueTime": "25:00:00"}]"#,
    ),
];
