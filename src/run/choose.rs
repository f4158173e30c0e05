//! Chooses the values that a search is tried with: those of the record that tell the most of its resources apart.

use std::cell::LazyCell;
use std::sync::Arc;

use crate::check::About;
use crate::check::condition::{Condition, Sight, World};
use crate::check::criterion::Criterion;
use crate::check::relation::local_target;
use crate::check::said::{Said, code, said, words};
use crate::fhir::json::Value;
use crate::fhir::search::{Answer, split_unescaped};
use crate::guide::Catalogue;

/// How many values are tried in a place, by how many places there are.
const MOST_CANDIDATES: [usize; 5] = [1, 24, 8, 4, 2];
/// How many resources a value is compared with until it is chosen.
const MOST_COMPARED: usize = 64;
/// How many combinations of values are weighed.
const MOST_ASSIGNMENTS: usize = 256;

/// What choosing looks at.
pub struct Chooser<'a> {
    /// The search parameters.
    pub catalogue: &'a Catalogue,
    /// The resource type that is searched.
    pub resource_type: &'a str,
    /// What the case is about.
    pub about: &'a About,
    /// Where conditions are looked up.
    pub world: World<'a>,
}

/// Chosen values.
#[derive(Debug, Default)]
pub struct Choice {
    /// For `{value}`, `{value.2}` and so on.
    pub values: Vec<String>,
    /// For `{target}`: a type that references lead to.
    pub target: Option<String>,
    /// Whether the record holds nothing that meets the search.
    pub expects_nothing: bool,
}

/// One condition of the search with the values that it may have, of which any suffices.
struct Asked {
    condition: Condition,
    alternatives: Vec<Alternative>,
}

/// A value as the suite writes it, with the number of the place in it.
struct Alternative {
    template: String,
    place: Option<usize>,
}

/// A text for one alternative, with whether the compared resources meet it, all of them or as many as matter; `None` where that cannot be
/// told.
struct Candidate {
    text: String,
    value: String,
    met: Vec<Option<bool>>,
}

/// What speaks for an assignment: how many of its parts matter, and whether it finds anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    score: i64,
    finds: bool,
}

impl Chooser<'_> {
    /// Chooses values for the placeholders of a search, given by its names and values.
    ///
    /// # Errors
    /// Why nothing could be predicted of any values.
    pub fn choose(&self, pairs: &[(String, String)]) -> Result<Choice, Said> {
        let samples = self.world.samples.of(self.resource_type);
        if samples.is_empty() {
            return Err(self.world.samples.why_none(self.resource_type));
        }
        let target = self.target(pairs, samples)?;
        let name_of = |name: &str| name.replace("{target}", target.as_deref().unwrap_or_default());
        let asked = pairs.iter().map(|(name, value)| {
            let condition = Condition::new(self.catalogue, self.resource_type, &name_of(name))?;
            Ok(Asked { condition, alternatives: split_unescaped(value, ',').iter().map(|template| Alternative::read(template)).collect() })
        });
        let asked: Vec<Asked> = asked.collect::<Result<_, String>>().map_err(words)?;
        let names = || pairs.iter().map(|(name, _)| name_of(name)).collect::<Vec<_>>().join(" and ");
        let columns = self.columns(&asked, samples);
        // The same parameter twice is told best by values that exclude each other, different ones by what meets them all.
        let repeats = pairs.iter().enumerate().any(|(at, (name, _))| pairs.iter().skip(at + 1).any(|(other, _)| other == name));
        let Some((chosen, worth)) = best(&columns, repeats) else {
            return Err(said!(
                "no harvested {} has a value that a search by {} could be predicted for",
                code(self.resource_type),
                code(names())
            ));
        };
        let texts: Vec<Vec<&str>> = by_condition(&columns, &chosen, |candidate| candidate.text.as_str());
        if !worth.finds && !self.finds_none(&asked, &texts, samples) {
            return Err(said!(
                "no harvested {} has a value that a search by {} could be predicted for",
                code(self.resource_type),
                code(names())
            ));
        }
        let places = asked.iter().flat_map(|asked| &asked.alternatives).filter_map(|alternative| alternative.place).max();
        let mut values = vec![String::new(); places.map_or(0, |most| most + 1)];
        let written = asked.iter().flat_map(|asked| &asked.alternatives).zip(columns.iter().flatten()).zip(&chosen);
        for ((alternative, candidates), at) in written {
            let value = candidates.get(*at).map(|candidate| &candidate.value);
            if let Some((slot, value)) = alternative.place.and_then(|place| values.get_mut(place)).zip(value) {
                slot.clone_from(value);
            }
        }
        Ok(Choice { values, target, expects_nothing: !worth.finds })
    }

    /// The type that `{target}` stands for: of the first reference that leads to a type by which the search can be predicted.
    fn target(&self, pairs: &[(String, String)], samples: &[Arc<Value>]) -> Result<Option<String>, Said> {
        let Some((name, _)) = pairs.iter().find(|(name, _)| name.contains("{target}")) else { return Ok(None) };
        let param = name.split(':').next().unwrap_or_default();
        let criterion = Criterion::new(self.catalogue, self.resource_type, param).map_err(words)?;
        for sample in around_the_middle(samples) {
            for node in criterion.nodes(sample) {
                let literal = node.get("reference").and_then(Value::as_str).unwrap_or_default();
                let Some((target, _)) = local_target(literal, self.world.base) else { continue };
                if Condition::new(self.catalogue, self.resource_type, &name.replace("{target}", &target)).is_ok() {
                    return Ok(Some(target));
                }
            }
        }
        Err(said!("no harvested {} has a reference by {} that could be followed", code(self.resource_type), code(param)))
    }

    /// The candidates of each alternative of each condition.
    fn columns(&self, asked: &[Asked], samples: &[Arc<Value>]) -> Vec<Vec<Vec<Candidate>>> {
        let places = asked.iter().flat_map(|asked| &asked.alternatives).filter(|alternative| alternative.place.is_some()).count();
        let most = MOST_CANDIDATES.get(places).copied().unwrap_or(1);
        let compared: Vec<&Value> = around_the_middle(samples).take(MOST_COMPARED).collect();
        // Of a value with no other beside it only that matters: whether some resource meets it, and another does not.
        let is_only = matches!(asked, [only] if only.alternatives.len() == 1);
        let mut columns = Vec::new();
        for Asked { condition, alternatives } in asked {
            let sights: Vec<LazyCell<Sight<'_>, _>> =
                compared.iter().map(|sample| LazyCell::new(move || condition.see(sample, &self.world))).collect();
            let candidate = |template: &str, value: String| {
                let text = fill(template, &value);
                let mut met = Vec::new();
                for sight in &sights {
                    met.push(is_met(&condition.meets(sight, &text, self.world.base)));
                    if is_only && tells_apart(&met) {
                        break;
                    }
                }
                Candidate { text, value, met }
            };
            let column = alternatives.iter().map(|alternative| {
                let Some(place) = alternative.place else { return vec![candidate(&alternative.template, String::new())] };
                let prefix = self.about.prefix.as_deref().filter(|_| place == 0);
                let form = self.about.forms.get(place).map(String::as_str).filter(|form| !form.is_empty());
                let values = sights.iter().map(|sight| condition.values(sight, prefix, form, self.world.base));
                if places > 1 {
                    return differing(values, most).into_iter().map(|value| candidate(&alternative.template, value)).collect();
                }
                let mut found: Vec<Candidate> = Vec::new();
                for value in values.flatten() {
                    if found.iter().any(|known| known.value == value) {
                        continue;
                    }
                    found.push(candidate(&alternative.template, value));
                    // Where there is nothing else to choose, the first value that tells resources apart will do.
                    if found.len() >= most || asked.len() == 1 && found.last().is_some_and(|last| tells_apart(&last.met)) {
                        break;
                    }
                }
                found
            });
            columns.push(column.collect());
        }
        columns
    }

    /// Whether it is certain of every harvested resource that it does not meet the search.
    fn finds_none(&self, asked: &[Asked], texts: &[Vec<&str>], samples: &[Arc<Value>]) -> bool {
        samples.iter().all(|sample| {
            let answers = asked.iter().zip(texts).map(|(asked, texts)| {
                let sight = asked.condition.see(sample, &self.world);
                Answer::any(texts.iter().map(|text| asked.condition.meets(&sight, text, self.world.base)))
            });
            Answer::all(answers) == Answer::No
        })
    }
}

impl Alternative {
    fn read(template: &str) -> Self {
        let place = template.split_once("{value").and_then(|(_, rest)| rest.split_once('}')).map(|(number, _)| number.to_owned());
        let place = place.map(|number| number.trim_start_matches('.').parse().map_or(0, |number: usize| number.saturating_sub(1)));
        Self { template: template.to_owned(), place }
    }
}

/// Values for one of several places, given by resource: the first of each resource before the second of any, so that they differ.
fn differing(by_resource: impl Iterator<Item = Vec<String>>, most: usize) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    let mut later = Vec::new();
    for found in by_resource {
        let mut found = found.into_iter();
        if let Some(first) = found.next().filter(|first| !values.contains(first)) {
            values.push(first);
        }
        later.extend(found);
        if values.len() >= most {
            break;
        }
    }
    for value in later {
        if values.len() < most && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// A template with its only placeholder replaced.
fn fill(template: &str, value: &str) -> String {
    match template.split_once("{value").and_then(|(before, rest)| Some((before, rest.split_once('}')?.1))) {
        Some((before, after)) => format!("{before}{value}{after}"),
        None => template.to_owned(),
    }
}

/// From the middle on, then from the start: a value from there has others on both sides.
fn around_the_middle(samples: &[Arc<Value>]) -> impl Iterator<Item = &Value> {
    let middle = samples.len() / 2;
    samples.iter().skip(middle).chain(samples.iter().take(middle)).map(Arc::as_ref)
}

fn tells_apart(met: &[Option<bool>]) -> bool {
    met.contains(&Some(true)) && met.contains(&Some(false))
}

fn is_met(answer: &Answer) -> Option<bool> {
    match answer {
        Answer::Yes => Some(true),
        Answer::No => Some(false),
        Answer::Unknown(_) => None,
    }
}

/// The best choice of a candidate for each alternative, in their order; `None` where some place has no candidate. One that finds nothing
/// is taken before one that does only where `empty_too`.
fn best(columns: &[Vec<Vec<Candidate>>], empty_too: bool) -> Option<(Vec<usize>, Worth)> {
    let sizes: Vec<usize> = columns.iter().flatten().map(Vec::len).collect();
    if sizes.contains(&0) {
        return None;
    }
    let mut best: Option<(Vec<usize>, Worth)> = None;
    let mut assignment = vec![0; sizes.len()];
    for _ in 0..MOST_ASSIGNMENTS {
        let worth = worth(columns, &assignment);
        let is_better =
            |known: &Worth| worth > *known && (empty_too || worth.finds || !known.finds) || !empty_too && worth.finds && !known.finds;
        if best.as_ref().is_none_or(|(_, known)| is_better(known)) {
            best = Some((assignment.clone(), worth));
        }
        if !step(&mut assignment, &sizes) {
            break;
        }
    }
    best
}

/// Counts on to the next assignment; whether there is one.
fn step(assignment: &mut [usize], sizes: &[usize]) -> bool {
    for (place, size) in assignment.iter_mut().zip(sizes).rev() {
        *place += 1;
        if *place < *size {
            return true;
        }
        *place = 0;
    }
    false
}

/// An assignment is worth the more, the more of its parts change what is found; one that finds nothing is worth less.
fn worth(columns: &[Vec<Vec<Candidate>>], assignment: &[usize]) -> Worth {
    let met: Vec<Vec<&[Option<bool>]>> = by_condition(columns, assignment, |candidate| candidate.met.as_slice());
    let whole = joint(&met, None);
    let mut matter = 0;
    for (at, alternatives) in met.iter().enumerate() {
        for place in 0..alternatives.len() {
            let without = joint(&met, Some((at, place)));
            let differs = |(one, other): (&Option<bool>, &Option<bool>)| one.is_some() && other.is_some() && one != other;
            matter += i64::from(whole.iter().zip(&without).any(differs));
        }
    }
    let finds = whole.contains(&Some(true));
    Worth { score: 2 * matter + if finds { 1 } else { -1 }, finds }
}

fn by_condition<'c, T>(columns: &'c [Vec<Vec<Candidate>>], assignment: &[usize], take: impl Fn(&'c Candidate) -> T) -> Vec<Vec<T>> {
    let mut chosen = assignment.iter();
    let mut pick = |candidates: &'c Vec<Candidate>| chosen.next().and_then(|at| candidates.get(*at)).map(&take);
    columns.iter().map(|alternatives| alternatives.iter().filter_map(&mut pick).collect()).collect()
}

/// Whether each resource meets all conditions, of each by any alternative; one alternative may be left out, with its condition if it is
/// the only one.
fn joint(met: &[Vec<&[Option<bool>]>], left_out: Option<(usize, usize)>) -> Vec<Option<bool>> {
    let count = met.iter().flatten().map(|column| column.len()).next().unwrap_or_default();
    let of = |sample: usize| {
        let mut all = Some(true);
        for (at, alternatives) in met.iter().enumerate() {
            if alternatives.len() == 1 && left_out == Some((at, 0)) {
                continue;
            }
            let mut any = Some(false);
            for (place, column) in alternatives.iter().enumerate() {
                if left_out != Some((at, place)) {
                    any = or(any, column.get(sample).copied().flatten());
                }
            }
            all = and(all, any);
        }
        all
    };
    (0..count).map(of).collect()
}

fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    or(one.map(|met| !met), other.map(|met| !met)).map(|met| !met)
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::check::Samples;
    use crate::fhir::json::json;
    use crate::guide::{GuideId, Sources};

    fn choose(pairs: &[(&str, &str)], forms: &[&str]) -> Result<Choice, Said> {
        let catalogue = Catalogue::load(&[GuideId::core()], &Sources::default()).unwrap();
        let mut samples = Samples::default();
        samples.patient = Some("1".to_owned());
        for (id, status, date) in [("a", "active", "2020-01-10"), ("b", "active", "2020-03-10"), ("c", "draft", "2020-05-10")] {
            samples.add(Arc::new(json!({"resourceType": "ExplanationOfBenefit", "id": id, "status": status, "created": date,
                "identifier": [{"system": "urn:oid:1", "value": id}], "patient": {"reference": "Patient/1"}})));
        }
        let about = About { forms: Arc::new(forms.iter().map(|form| (*form).to_owned()).collect()), ..About::default() };
        let world = World { base: "https://payer.example/fhir", samples: &samples };
        let chooser = Chooser { catalogue: &catalogue, resource_type: "ExplanationOfBenefit", about: &about, world };
        let pairs: Vec<(String, String)> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        chooser.choose(&pairs)
    }

    #[test]
    fn one_value_tells_resources_apart() {
        let choice = choose(&[("status", "{value}")], &[]).unwrap();
        assert_eq!((choice.values.as_slice(), choice.expects_nothing), (["active".to_owned()].as_slice(), false));
    }

    #[test]
    fn alternatives_each_find_something_of_their_own() {
        let choice = choose(&[("identifier", "{value},{value.2}")], &[]).unwrap();
        assert_eq!(choice.values, ["urn:oid:1|b", "urn:oid:1|c"]);
        assert!(!choice.expects_nothing);
    }

    #[test]
    fn the_same_parameter_twice_takes_values_that_exclude_each_other() {
        let choice = choose(&[("status", "{value}"), ("status", "{value.2}")], &[]).unwrap();
        assert_eq!((choice.values.as_slice(), choice.expects_nothing), (["active".to_owned(), "draft".to_owned()].as_slice(), true));
    }

    #[test]
    fn different_parameters_take_values_that_one_resource_has() {
        let choice = choose(&[("status", "{value}"), ("created", "{value.2}")], &[]).unwrap();
        assert_eq!((choice.values.as_slice(), choice.expects_nothing), (["active".to_owned(), "2020-03-10".to_owned()].as_slice(), false));
    }

    #[test]
    fn a_range_leaves_something_out_on_both_sides() {
        let choice = choose(&[("created", "ge{value}"), ("created", "lt{value.2}")], &["from", "until"]).unwrap();
        assert_eq!(
            (choice.values.as_slice(), choice.expects_nothing),
            (["2020-03-10".to_owned(), "2020-03-11".to_owned()].as_slice(), false)
        );
    }

    #[test]
    fn a_literal_value_is_weighed_too_and_a_type_is_found_for_a_reference() {
        assert!(choose(&[("patient:missing", "true")], &[]).unwrap().expects_nothing);
        assert!(!choose(&[("patient:missing", "false")], &[]).unwrap().expects_nothing);
        let choice = choose(&[("patient:{target}", "{value}")], &[]).unwrap();
        assert_eq!((choice.target.as_deref(), choice.values.as_slice()), (Some("Patient"), ["1".to_owned()].as_slice()));
    }

    #[test]
    fn what_cannot_be_predicted_says_so() {
        for (name, form) in [("status", "system|"), ("coverage", ""), ("no-such", ""), ("patient.name", "")] {
            let reason = choose(&[(name, "{value}")], &[form]).unwrap_err();
            assert!(reason.contains(name.split('.').next().unwrap()), "{name}: {reason}");
        }
    }
}
