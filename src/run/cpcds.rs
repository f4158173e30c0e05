//! The CPCDS matrix: which elements of the Common Payer Consumer Data Set the member's record shows, for each profile. Counted, not judged: a
//! payer may hold nothing to send.

pub use crate::check::cpcds::{CpcdsCount, CpcdsPlace};
use crate::check::{Counts, Samples, Verdicts};
use crate::guide::Catalogue;
use crate::guide::cpcds::{self, CpcdsElement};

/// Counts over the harvested resources of every profile of CARIN Blue Button 2.x; nothing for other guides.
pub fn counted(catalogue: &Catalogue, counts: &Counts, records: &[(Samples, Verdicts)], base: &str) -> Vec<CpcdsCount> {
    if !catalogue.guides().iter().any(|guide| cpcds::is_read_against(&guide.id)) {
        return Vec::new();
    }
    let mut grouped: Vec<Vec<&CpcdsElement>> = Vec::new();
    for element in cpcds::elements() {
        // The data set names several things by one number.
        let is_same =
            |known: &&CpcdsElement| (&known.map_id, &known.name, &known.profile) == (&element.map_id, &element.name, &element.profile);
        match grouped.iter_mut().find(|places| places.first().is_some_and(is_same)) {
            Some(places) => places.push(element),
            None => grouped.push(vec![element]),
        }
    }
    let all = grouped.iter().filter_map(|places| counts.cpcds(places, records, base));
    all.filter(|count| count.resources > 0).map(|count| CpcdsCount::clone(&count)).collect()
}
