//! What breaks the guide's profile of pharmacy claims.

use super::{Break, PHARMACY, cut, set, twice};
use crate::reference::fault::Breach;

/// The breaks.
pub const BREAKS: &[Break] = &[
    cut(Breach::PharmacyNoDaysSupply, PHARMACY, "supportingInfo[dayssupply]"),
    cut(Breach::PharmacyNoDispenseCode, PHARMACY, "supportingInfo[dawcode]"),
    set(
        Breach::PharmacyUnknownDispenseCode,
        PHARMACY,
        "supportingInfo[dawcode].code.coding",
        r#"[{"system": "https://payer.test/dispense", "code": "as-you-like"}]"#,
    ),
    cut(Breach::PharmacyRefillsWithoutValue, PHARMACY, "supportingInfo[refillsauthorized].valueQuantity"),
    twice(Breach::PharmacyTwoRefillNumbers, PHARMACY, "supportingInfo[refillnum]"),
    set(
        Breach::PharmacyCompoundUnknown,
        PHARMACY,
        "supportingInfo[compoundcode].code.coding",
        r#"[{"system": "https://payer.test/compound", "code": "mixed"}]"#,
    ),
    cut(Breach::PharmacyLineWithoutDate, PHARMACY, "item.servicedDate"),
    cut(Breach::PharmacyLineWithoutAdjudication, PHARMACY, "item.adjudication"),
    cut(Breach::PharmacyAmountMissing, PHARMACY, "item.adjudication[drugcost].amount"),
    set(
        Breach::PharmacyUnknownRole,
        PHARMACY,
        "careTeam[prescribing].role.coding",
        r#"[{"system": "https://payer.test/role", "code": "herbalist"}]"#,
    ),
    cut(Breach::PharmacyNoQuantity, PHARMACY, "item.quantity"),
    set(
        Breach::PharmacyHyphenatedDrugCode,
        PHARMACY,
        "item.detail.productOrService.coding",
        r#"[{"system": "http://hl7.org/fhir/sid/ndc", "code": "38779-0524-08"}]"#,
    ),
    cut(Breach::PharmacyIngredientsMissing, PHARMACY, "item.detail"),
    set(
        Breach::PharmacyCompoundUnsaid,
        PHARMACY,
        "item.productOrService.coding",
        r#"[{"system": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBCompoundLiteral", "code": "compound"}]"#,
    ),
    set(Breach::PharmacyDrugCostTooLow, PHARMACY, "total[drugcost].amount.value", "0.50"),
    cut(Breach::PharmacyIngredientWithoutQuantity, PHARMACY, "item.detail.quantity"),
];
