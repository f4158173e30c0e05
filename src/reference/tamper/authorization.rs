//! What prior authorizations are to tell, left out.

use super::{AUTHORIZATION, Break, cut};
use crate::reference::fault::Breach;

/// The breaks.
pub const BREAKS: &[Break] = &[
    cut(Breach::AuthorizationNoDecision, AUTHORIZATION, "item.adjudication[submitted].extension"),
    cut(Breach::AuthorizationNoDate, AUTHORIZATION, "item.extension[0]"),
    cut(Breach::AuthorizationNoEnd, AUTHORIZATION, "preAuthRefPeriod item.extension[1]"),
    cut(Breach::AuthorizationNoItems, AUTHORIZATION, "item.productOrService"),
    cut(Breach::AuthorizationNoReason, AUTHORIZATION, "item.adjudication.extension[0].extension[1]"),
];
