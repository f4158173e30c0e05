//! Parameters of the payer's own definitions.

use super::{Kind, Parameter, core, row};

/// SearchParameter.
pub const SEARCH_PARAMETER: &[Parameter] = &[
    row!("url" Kind::Uri, core!("conformance-url"), "url"),
    row!("name" Kind::String, core!("conformance-name"), "name"),
    row!("status" Kind::Token, core!("conformance-status"), "status"),
    row!("code" Kind::Token, core!("SearchParameter-code"), "code"),
    row!("base" Kind::Token, core!("SearchParameter-base"), "base"),
    row!("type" Kind::Token, core!("SearchParameter-type"), "type"),
    row!("target" Kind::Token, core!("SearchParameter-target"), "target"),
];
