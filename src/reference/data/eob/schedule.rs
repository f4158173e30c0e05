//! Which claims a member has, and when.

use time::Date;
use time::macros::date;

use super::super::patient::MemberKey;
use super::super::random::SplitMix64;
use super::super::stamp::after;
use super::super::version::CarinVersion;
use super::{Claim, Decision, Kind, Variety};

/// No service of the record is older.
const FIRST_DAY: Date = date!(2019 - 04 - 01);
/// Services spread over this many days, so that the youngest are of 2025.
const DAYS: i64 = 2400;
/// A member never has more claims.
const MOST_CLAIMS: i64 = 60;
/// The patient, the related person and two coverages stand before the claims.
const RESOURCES_BEFORE: usize = 4;

impl Kind {
    fn all(version: CarinVersion) -> &'static [Self] {
        const KINDS: [Kind; 5] = [Kind::Inpatient, Kind::Outpatient, Kind::Pharmacy, Kind::Professional, Kind::Oral];
        if version.is_second_generation() { &KINDS } else { &KINDS[..4] }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Inpatient => "inpatient",
            Self::Outpatient => "outpatient",
            Self::Pharmacy => "pharmacy",
            Self::Professional => "professional",
            Self::Oral => "oral",
        }
    }
}

struct Schedule<'a> {
    version: CarinVersion,
    member: &'a MemberKey,
    claims: Vec<Claim<'a>>,
}

/// First what every member has, so that no member lacks a kind, a status or a filled element; then more by chance.
pub(super) fn claims<'a>(version: CarinVersion, member: &'a MemberKey, random: &mut SplitMix64) -> Vec<Claim<'a>> {
    let mut schedule = Schedule { version, member, claims: Vec::new() };
    for kind in Kind::all(version) {
        schedule.family(*kind, random);
    }
    let planned = i64::try_from(schedule.claims.len()).unwrap_or(MOST_CLAIMS);
    for _ in planned..random.between(planned + 2, MOST_CLAIMS) {
        schedule.by_chance(random);
    }
    schedule.claims
}

impl<'a> Schedule<'a> {
    fn family(&mut self, kind: Kind, random: &mut SplitMix64) {
        let full = self.add(kind, random);
        full.full = true;
        full.by_header = true;
        let partly = self.add(kind, random);
        partly.decision = Decision::PartlyPaid;
        partly.full = true;
        partly.in_network |= kind == Kind::Oral;
        self.replacement(kind, false, random);
        if self.version.has_basis() {
            self.replacement(kind, true, random);
        }
        match kind {
            Kind::Pharmacy => {
                for basis in [false, true].into_iter().take(if self.version.has_basis() { 2 } else { 1 }) {
                    let compound = self.add(kind, random);
                    compound.variety = Variety::Compound;
                    compound.full = true;
                    compound.basis = basis;
                }
            }
            Kind::Professional if self.version.is_second_generation() => {
                self.add(kind, random).variety = Variety::Transport;
                self.add(kind, random).variety = Variety::Vision;
                if self.version.has_basis() {
                    let transport = self.add(kind, random);
                    transport.variety = Variety::Transport;
                    transport.basis = true;
                }
            }
            _ => {}
        }
    }

    /// A denied claim that was cancelled, and the claim that took its place.
    fn replacement(&mut self, kind: Kind, basis: bool, random: &mut SplitMix64) {
        let original = self.add(kind, random);
        original.status = "cancelled";
        original.decision = Decision::Denied;
        original.by_header = true;
        original.basis = basis;
        original.in_network = true;
        let (number, start, created) = (original.number.clone(), original.start, original.created);
        let place = self.claims.len();
        let replacement = self.add(kind, random);
        replacement.related = Some(("prior", number));
        replacement.basis = basis;
        replacement.full = true;
        replacement.in_network = true;
        replacement.start = start;
        replacement.created = after(created, 60);
        let replaced_by = replacement.number.clone();
        if let Some(original) = place.checked_sub(1).and_then(|place| self.claims.get_mut(place)) {
            original.related = Some(("replacedby", replaced_by));
        }
    }

    fn by_chance(&mut self, random: &mut SplitMix64) {
        let kinds = Kind::all(self.version);
        let last = i64::try_from(kinds.len()).unwrap_or(1) - 1;
        let place = usize::try_from(random.between(0, last)).unwrap_or(0);
        let kind = kinds.get(place).copied().unwrap_or(Kind::Professional);
        let decision = random.pick([Decision::Paid, Decision::Paid, Decision::Paid, Decision::PartlyPaid, Decision::Denied]);
        let (by_header, full) = (random.chance(40), random.chance(30));
        let claim = self.add(kind, random);
        claim.decision = decision;
        claim.by_header = by_header;
        claim.full = full;
    }

    /// Adds an ordinary paid claim and gives it back to be changed.
    fn add(&mut self, kind: Kind, random: &mut SplitMix64) -> &mut Claim<'a> {
        let of_kind = 1 + self.claims.iter().filter(|claim| claim.kind == kind).count();
        let overall = 1 + self.claims.len();
        let start = after(FIRST_DAY, random.between(0, DAYS));
        let claim = Claim {
            version: self.version,
            member: self.member,
            kind,
            variety: Variety::Usual,
            decision: Decision::Paid,
            basis: false,
            by_header: false,
            full: false,
            in_network: random.chance(85),
            status: "active",
            related: None,
            id: format!("{}-eob-{}-{of_kind:02}", self.member.patient_id(), kind.name()),
            number: format!("C{:06}{overall:04}", self.member.number),
            start,
            created: after(start, random.between(14, 30)),
            index: RESOURCES_BEFORE + overall,
        };
        let place = self.claims.len();
        self.claims.push(claim);
        &mut self.claims[place]
    }
}
