//! Whose resources a search looks at: the caller's, and more only when told to break.

use super::query::Query;
use super::value::Wanted;
use crate::reference::fault::Breach;
use crate::reference::state::{Access, State};

/// What a search may find.
pub fn access(state: &State, access: Access, query: &Query) -> Access {
    let asks = |code: &str| query.filters.iter().any(|filter| filter.parameter.code == code);
    let chains = || query.filters.iter().flat_map(|filter| &filter.wanted).any(|wanted| matches!(wanted, Wanted::Chained { .. }));
    let is_wide = (query.filters.is_empty() && state.has(Breach::AuthOtherMemberBySearch))
        || (asks("_id") && state.has(Breach::AuthOtherMemberById))
        || (asks("identifier") && state.has(Breach::AuthOtherMemberByIdentifier))
        || (chains() && state.has(Breach::AuthOtherMemberByChain))
        || (query.offset > 0 && state.has(Breach::AuthOtherMemberByPage));
    if is_wide { Access::Everything } else { access }
}
