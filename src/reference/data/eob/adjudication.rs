//! Lines, their amounts, and how each version and family writes an adjudication.

use std::iter::Sum;

use super::super::codes;
use super::super::money::{Cents, decimal};
use super::super::random::SplitMix64;
use super::super::stamp::merge;
use super::super::version::CarinVersion;
use super::{Claim, Decision, Kind};
use crate::fhir::json::{Value, json};

/// What became of an amount that was asked for.
///
/// Always: submitted = discount + noncovered + deductible + copay + coinsurance + paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    submitted: Cents,
    discount: Cents,
    noncovered: Cents,
    deductible: Cents,
    copay: Cents,
    coinsurance: Cents,
    pub(super) paid: Cents,
}

/// A line of a claim: what was done, in `body`, and what it cost.
pub(super) struct Line {
    pub(super) body: Value,
    pub(super) units: u32,
    pub(super) denied: bool,
    pub(super) amounts: Amounts,
}

impl Line {
    /// Prices what was done.
    pub(super) fn new(body: Value, units: u32, submitted: Cents, denied: bool, random: &mut SplitMix64) -> Self {
        let amounts = if denied { Amounts::denied(submitted) } else { Amounts::paid(submitted, random) };
        Self { body, units, denied, amounts }
    }
}

impl Amounts {
    fn denied(submitted: Cents) -> Self {
        Self { submitted, noncovered: submitted, ..Self::default() }
    }

    fn paid(submitted: Cents, random: &mut SplitMix64) -> Self {
        let discount = submitted.percent(random.between(10, 45));
        let eligible = submitted - discount;
        let deductible = eligible.percent(random.pick([0, 0, 10, 25]));
        let copay = random.pick([Cents(0), Cents(1000), Cents(2500)]).min(eligible.percent(20));
        let coinsurance = (eligible - deductible - copay).percent(random.pick([0, 10, 20]));
        Self {
            submitted,
            discount,
            noncovered: Cents(0),
            deductible,
            copay,
            coinsurance,
            paid: eligible - deductible - copay - coinsurance,
        }
    }

    /// System, code and amount of each category. The three that a member looks for are there even when zero.
    fn categories(self, claim: &Claim) -> Vec<(&'static str, &'static str, Cents)> {
        let eligible = self.submitted - self.discount - self.noncovered;
        let liability = self.deductible + self.copay + self.coinsurance;
        let receiver = if claim.pays_member() { "paidtopatient" } else { "paidtoprovider" };
        let drug_cost = if claim.kind == Kind::Pharmacy { eligible } else { Cents(0) };
        let zero_too = ["submitted", "memberliability", receiver];
        [
            (codes::ADJUDICATION, "submitted", self.submitted),
            (codes::C4BB_ADJUDICATION, "discount", self.discount),
            (codes::C4BB_ADJUDICATION, "noncovered", self.noncovered),
            (codes::ADJUDICATION, "eligible", eligible),
            (codes::C4BB_ADJUDICATION, "drugcost", drug_cost),
            (codes::ADJUDICATION, "deductible", self.deductible),
            (codes::ADJUDICATION, "copay", self.copay),
            (codes::C4BB_ADJUDICATION, "coinsurance", self.coinsurance),
            (codes::ADJUDICATION, "benefit", self.paid),
            (codes::C4BB_ADJUDICATION, receiver, self.paid),
            (codes::C4BB_ADJUDICATION, "memberliability", liability),
        ]
        .into_iter()
        .filter(|(_, code, amount)| *amount != Cents(0) || zero_too.contains(code))
        .collect()
    }

    fn entries(self, claim: &Claim) -> Vec<Value> {
        let entry = |(system, code, amount): (&str, &str, Cents)| json!({ "category": claim.version.concept(system, code), "amount": amount.money() });
        self.categories(claim).into_iter().map(entry).collect()
    }
}

impl Sum for Amounts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            submitted: sum.submitted + one.submitted,
            discount: sum.discount + one.discount,
            noncovered: sum.noncovered + one.noncovered,
            deductible: sum.deductible + one.deductible,
            copay: sum.copay + one.copay,
            coinsurance: sum.coinsurance + one.coinsurance,
            paid: sum.paid + one.paid,
        })
    }
}

/// `item`, `adjudication` and `total` of a claim.
pub(super) fn body(claim: &Claim, lines: &[Line]) -> Value {
    let items: Vec<Value> = lines.iter().enumerate().map(|(place, line)| item(claim, place, line)).collect();
    let sum: Amounts = lines.iter().map(|line| line.amounts).sum();
    let mut body = json!({ "item": items });
    let header = header(claim, sum);
    if !header.is_empty() {
        merge(&mut body, json!({ "adjudication": header }));
    }
    if !claim.basis {
        merge(&mut body, json!({ "total": totals(claim, sum) }));
    }
    body
}

fn item(claim: &Claim, place: usize, line: &Line) -> Value {
    let mut item = json!({ "sequence": place + 1 });
    merge(&mut item, line.body.clone());
    if claim.has_note() && (line.denied || claim.decision == Decision::Paid) {
        merge(&mut item, json!({ "noteNumber": [1] }));
    }
    let adjudication = line_adjudication(claim, line);
    if !adjudication.is_empty() {
        merge(&mut item, json!({ "adjudication": adjudication }));
    }
    item
}

fn line_adjudication(claim: &Claim, line: &Line) -> Vec<Value> {
    // An institutional claim is adjudicated on one level only; without money it may say its reasons on both.
    if claim.is_institutional() && claim.by_header && !claim.basis {
        return Vec::new();
    }
    // 1.1.0's adjudication-has-amount-type-slice stands on each entry, so an institutional claim may carry amounts only.
    if claim.version == CarinVersion::V1_1_0 && claim.is_institutional() {
        return with_reason(claim, line.amounts.entries(claim));
    }
    let mut entries = Vec::new();
    if matches!(claim.kind, Kind::Professional | Kind::Oral) {
        let code = if claim.is_mixed() && line.denied { "outofnetwork" } else { claim.network_code() };
        entries.push(network(claim, "benefitpaymentstatus", code));
    }
    if !claim.basis {
        entries.extend(line.amounts.entries(claim));
    }
    entries.extend(reason(claim, line.denied));
    if claim.kind != Kind::Pharmacy {
        let units = if line.denied { 0 } else { line.units };
        let category = claim.version.concept(codes::C4BB_DISCRIMINATOR, "allowedunits");
        entries.push(json!({ "category": category, "value": decimal(&units.to_string()) }));
    }
    entries
}

fn header(claim: &Claim, sum: Amounts) -> Vec<Value> {
    let by_header = claim.is_institutional() && claim.by_header;
    let mut entries = Vec::new();
    if claim.version.is_second_generation() {
        entries.push(network(claim, "billingnetworkstatus", claim.network_code()));
        if matches!(claim.kind, Kind::Professional | Kind::Oral) {
            entries.push(network(claim, "renderingnetworkstatus", claim.network_code()));
        }
        if claim.kind != Kind::Professional {
            let code = if claim.is_mixed() { "other" } else { claim.network_code() };
            entries.push(network(claim, "benefitpaymentstatus", code));
        }
    }
    if by_header {
        if !claim.version.is_second_generation() {
            return with_reason(claim, sum.entries(claim));
        }
        entries.extend(reason(claim, claim.decision != Decision::Paid));
        if !claim.basis {
            entries.extend(sum.entries(claim));
        }
    }
    entries
}

/// Puts the reason for a denial where 1.1.0 lets an institutional claim say it: beside the amount that was not covered.
fn with_reason(claim: &Claim, mut entries: Vec<Value>) -> Vec<Value> {
    let not_covered = claim.version.concept(codes::C4BB_ADJUDICATION, "noncovered");
    for entry in entries.iter_mut().filter(|entry| entry.get("category") == Some(&not_covered)) {
        merge(entry, json!({ "reason": claim.version.concept(codes::ADJUSTMENT_REASON, "96") }));
    }
    entries
}

fn totals(claim: &Claim, sum: Amounts) -> Vec<Value> {
    let mut totals = sum.entries(claim);
    // 1.1.0 says there whether the benefit was in the network.
    if claim.version == CarinVersion::V1_1_0 && claim.kind != Kind::Professional {
        totals.push(json!({ "category": claim.version.concept(codes::C4BB_STATUS, claim.network_code()), "amount": sum.paid.money() }));
    }
    totals
}

/// A status of network or benefit; 1.1.0 makes the status itself the category.
fn network(claim: &Claim, category: &str, code: &str) -> Value {
    let status = claim.version.concept(codes::C4BB_STATUS, code);
    if claim.version.is_second_generation() {
        json!({ "category": claim.version.concept(codes::C4BB_DISCRIMINATOR, category), "reason": status })
    } else {
        json!({ "category": status })
    }
}

/// Why an amount was changed. 1.1.0 and pharmacies give reasons for denials alone.
fn reason(claim: &Claim, denied: bool) -> Option<Value> {
    let version = claim.version;
    let (category, system, code) = match (claim.kind, version) {
        (Kind::Pharmacy, CarinVersion::V1_1_0) => ("denialreason", codes::NCPDP_REJECT, denied.then_some("75")?),
        (Kind::Pharmacy, _) => ("rejectreason", codes::NCPDP_REJECT, denied.then_some("75")?),
        (_, CarinVersion::V1_1_0) => ("denialreason", codes::ADJUSTMENT_REASON, denied.then_some("96")?),
        _ => ("adjustmentreason", codes::ADJUSTMENT_REASON, if denied { "96" } else { "45" }),
    };
    Some(json!({ "category": version.concept(codes::C4BB_DISCRIMINATOR, category), "reason": version.concept(system, code) }))
}

impl Claim<'_> {
    /// The code of the payer's network status.
    pub(super) fn network_code(&self) -> &'static str {
        if self.in_network { "innetwork" } else { "outofnetwork" }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::random::SplitMix64;
    use super::{Amounts, Cents};

    #[test]
    fn what_was_submitted_is_all_accounted_for() {
        let mut random = SplitMix64::new(3);
        for submitted in [0, 1, 99, 12_345, 2_000_000].map(Cents) {
            for amounts in [Amounts::paid(submitted, &mut random), Amounts::denied(submitted)] {
                let parts = amounts.discount + amounts.noncovered + amounts.deductible + amounts.copay + amounts.coinsurance + amounts.paid;
                assert_eq!(parts, submitted);
                assert!(amounts.paid >= Cents(0));
            }
        }
    }
}
