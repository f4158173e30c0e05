//! Whether a resource is what the criteria look for.

use super::criteria::Filter;
use super::number::Comparison;
use super::table::{Kind, Parameter};
use super::value::Wanted;
use super::{date, path, text, token};
use crate::fhir::json::Value;
use crate::reference::fault::Breach;
use crate::reference::state::{Access, State, Version};

/// What matching needs to know beyond the resource.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The payer.
    pub state: &'a State,
    /// What the caller may see, also through chains.
    pub access: Access,
    /// The FHIR base as the caller sees it.
    pub base: &'a str,
    /// In milliseconds since 1970.
    pub now: i64,
}

impl Scene<'_> {
    /// Whether a resource passes all filters.
    pub fn passes(&self, filters: &[Filter], version: &Version) -> bool {
        let heeded: Vec<&Filter> = filters.iter().filter(|filter| !self.is_ignored(filter)).collect();
        let with_same = |code: &'static str| heeded.iter().copied().filter(move |other| other.parameter.code == code);
        heeded.iter().all(|filter| {
            if self.state.has(Breach::AndAsOr) {
                return with_same(filter.parameter.code).any(|other| self.passes_one(other, version));
            }
            let is_last = with_same(filter.parameter.code).next_back().is_none_or(|last| std::ptr::eq(last, *filter));
            let is_first = with_same(filter.parameter.code).next().is_none_or(|first| std::ptr::eq(first, *filter));
            let counts = (is_last || !self.state.has(Breach::AndLastOnly)) && (is_first || !self.state.has(Breach::AndFirstOnly));
            !counts || self.passes_one(filter, version)
        })
    }

    /// Whether a criterion goes unheeded, when told to break.
    fn is_ignored(&self, filter: &Filter) -> bool {
        let by_code = match filter.parameter.code {
            "service-date" => self.state.has(Breach::SearchIgnoresServiceDate),
            "type" => self.state.has(Breach::SearchIgnoresType),
            "_id" => self.state.has(Breach::SearchIgnoresId),
            "identifier" => self.state.has(Breach::SearchIgnoresIdentifier),
            "_lastUpdated" => self.state.has(Breach::SearchIgnoresLastUpdated),
            "_tag" => self.state.has(Breach::SearchIgnoresTag),
            "_security" => self.state.has(Breach::SearchIgnoresSecurity),
            "_profile" => self.state.has(Breach::SearchIgnoresProfile),
            "_source" => self.state.has(Breach::SearchIgnoresSource),
            "_text" => self.state.has(Breach::SearchIgnoresText),
            "_content" => self.state.has(Breach::SearchIgnoresContent),
            _ => false,
        };
        let by_kind = match filter.wanted.first() {
            Some(Wanted::Missing(_)) => self.state.has(Breach::MissingIgnored),
            Some(Wanted::Chained { .. }) => self.state.has(Breach::ChainIgnored),
            Some(Wanted::Reversed { .. }) => self.state.has(Breach::HasIgnored),
            Some(Wanted::Identifier { .. }) => self.state.has(Breach::ReferenceIdentifierIgnored),
            Some(Wanted::Composite(_)) => self.state.has(Breach::CompositeIgnored),
            Some(Wanted::Listed(_)) => false,
            _ => filter.negated && self.state.has(Breach::TokenNotIgnored),
        };
        by_code || by_kind
    }

    fn passes_one(&self, filter: &Filter, version: &Version) -> bool {
        let matched = if self.state.has(Breach::OrAsAnd) {
            filter.wanted.iter().all(|wanted| self.is_wanted(filter, wanted, version))
        } else {
            filter.wanted.iter().any(|wanted| self.is_wanted(filter, wanted, version))
        };
        if filter.negated && self.state.has(Breach::TokenNotNeedsValue) && filter.parameter.elements(&version.value).is_empty() {
            return false;
        }
        matched != filter.negated
    }

    fn is_wanted(&self, filter: &Filter, wanted: &Wanted, version: &Version) -> bool {
        let parameter = filter.parameter;
        match wanted {
            Wanted::Missing(missing) => {
                let is_missing = parameter.elements(&version.value).is_empty();
                (*missing == is_missing) != self.state.has(Breach::MissingInverted)
            }
            Wanted::Token { system: None, .. } if parameter.code == "type" && self.state.has(Breach::SearchTypeCodeOnlyExact) => false,
            // Ids are told apart by case (R4 datatypes.html#id).
            Wanted::Token { code, .. } if parameter.code == "_id" => {
                let folds = self.state.has(Breach::TokenIdCaseIgnored);
                code.as_deref().is_some_and(|code| code == version.id || (folds && code.eq_ignore_ascii_case(&version.id)))
            }
            Wanted::Composite(values) if self.state.has(Breach::CompositeAcrossElements) => {
                let owners = parameter.elements(&version.value);
                let met_anywhere = |(at, _)| owners.iter().any(|owner| self.meets_part(parameter.kind, owner, values, at));
                values.iter().enumerate().all(met_anywhere)
            }
            Wanted::Chained { resource_type, filter } => self.leads_to(parameter, resource_type, filter, version),
            Wanted::Reversed { source, by, target, filter } => self.is_led_to(source, by, target, filter, version),
            _ => parameter.elements(&version.value).into_iter().any(|element| self.is_met(parameter.kind, element, wanted)),
        }
    }

    /// Whether one element agrees with one value.
    fn is_met(&self, kind: Kind, element: &Value, wanted: &Wanted) -> bool {
        let state = self.state;
        match wanted {
            Wanted::Token { system, code } => token::is_met(state, element, system.as_deref(), code.as_deref()),
            Wanted::Listed(codes) => {
                !state.has(Breach::TokenInFindsNothing) && codes.iter().any(|(system, code)| token::is_code(element, system, code))
            }
            Wanted::TokenText(wanted) => token::text_starts(element, wanted),
            Wanted::OfType { system, code, value } => token::is_of_type(state, element, system, code, value),
            Wanted::Reference(literal) => literal.is_met(state, self.base, element),
            Wanted::Identifier { system, code } => {
                element.get("identifier").is_some_and(|own| token::is_met(state, own, system.as_deref(), code.as_deref()))
            }
            Wanted::Date(prefix, searched) => date::is_met(state, *prefix, *searched, element, self.now),
            Wanted::Text(manner, wanted) => text::is_met(state, element, *manner, wanted),
            Wanted::Number(comparison) => Comparison::finds(comparison, state, element),
            Wanted::Quantity { comparison, system, unit } => comparison.finds_quantity(state, element, system.as_deref(), unit.as_deref()),
            Wanted::Uri(reach, wanted) => element.as_str().is_some_and(|found| text::is_uri(state, found, *reach, wanted)),
            Wanted::Words(words) => text::has_words(element, words),
            Wanted::Composite(values) => self.is_composite(kind, element, values),
            Wanted::Missing(_) | Wanted::Chained { .. } | Wanted::Reversed { .. } => false,
        }
    }

    fn is_composite(&self, kind: Kind, owner: &Value, values: &[Wanted]) -> bool {
        let skipped = usize::from(self.state.has(Breach::CompositeLastPartOnly));
        let counted = if self.state.has(Breach::CompositeFirstPartOnly) { 1 } else { values.len() };
        (skipped..counted).all(|at| self.meets_part(kind, owner, values, at))
    }

    fn meets_part(&self, kind: Kind, owner: &Value, values: &[Wanted], at: usize) -> bool {
        let Kind::Composite(parts) = kind else { return false };
        let (Some(part), Some(wanted)) = (parts.get(at), values.get(at)) else { return false };
        path::elements(owner, part.path).into_iter().any(|element| self.is_met(part.kind, element, wanted))
    }

    /// Whether the resource refers, by a parameter, to one of this type that passes the filter.
    fn leads_to(&self, by: &Parameter, resource_type: &str, filter: &Filter, version: &Version) -> bool {
        if self.state.has(Breach::ChainFindsNothing) {
            return false;
        }
        by.elements(&version.value).into_iter().any(|element| {
            let text = path::text(element, "reference").unwrap_or_default();
            let target = self.state.resolve(text).filter(|(record, _)| self.state.may_see(self.access, record));
            target.is_some_and(|(_, target)| {
                target.resource_type == resource_type && (self.state.has(Breach::ChainEndIgnored) || self.passes_one(filter, &target))
            })
        })
    }

    /// Whether a resource of another type refers, by a parameter, to this one and passes the filter.
    fn is_led_to(&self, source: &str, by: &Parameter, target: &str, filter: &Filter, version: &Version) -> bool {
        if self.state.has(Breach::HasFindsNothing) {
            return false;
        }
        self.state.visible(source, self.access).any(|record| {
            let leads_here = by.elements(&record.current.value).into_iter().any(|element| {
                let own = path::text(element, "reference").and_then(|text| self.state.resolve(text));
                own.is_some_and(|(_, found)| found.resource_type == target && found.id == version.id)
            });
            leads_here && (self.state.has(Breach::HasEndIgnored) || self.passes_one(filter, &record.current))
        })
    }
}
