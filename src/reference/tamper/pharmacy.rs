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
];
