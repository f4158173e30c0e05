//! The CPCDS matrix: `cpcds.csv`, and the table of the page, with a row for each Map ID and a column for each profile.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::Reporter;
use super::clean::clean;
use super::csv::write_line;
use super::files::write_whole;
use super::html::escape;
use super::html::heat::{self, Strip};
use super::recorded::{Count, Recorded};

/// The columns of the file.
const COLUMNS: [&str; 9] = ["map_id", "name", "profile", "resources", "present", "place", "cardinality", "present_in_place", "example"];
/// What every profile's name begins with.
const CARIN: &str = "C4BB-";

/// The reporter of `cpcds.csv`; without any count the file has its head alone.
pub struct CpcdsCsv {
    path: PathBuf,
}

impl CpcdsCsv {
    /// Writes to `path` when the run ends.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Reporter for CpcdsCsv {
    fn on(&mut self, event: &Recorded<'_>) -> io::Result<()> {
        let Recorded::Finished(finished) = event else { return Ok(()) };
        write_whole(&self.path, |file| {
            write_line(file, COLUMNS.iter().map(|name| (*name).to_owned()))?;
            finished.end.cpcds.iter().flat_map(lines).try_for_each(|cells| write_line(file, cells.into_iter()))
        })
    }
}

fn lines(count: &Count) -> impl Iterator<Item = [String; 9]> {
    count.places.iter().map(|place| {
        [
            count.map_id.clone(),
            count.name.clone(),
            count.profile.clone(),
            count.resources.to_string(),
            count.present.to_string(),
            place.expression.clone(),
            place.cardinality.clone().unwrap_or_default(),
            place.present.to_string(),
            count.example.clone().unwrap_or_default(),
        ]
    })
}

/// The matrix of the page.
pub fn section(counts: &[Count]) -> String {
    if counts.is_empty() {
        return "<p>No resource of a profile of CARIN Blue Button 2.x was harvested.</p>".to_owned();
    }
    let mut profiles: Vec<&str> = Vec::new();
    let mut rows: BTreeMap<(u32, &str), BTreeMap<&str, &Count>> = BTreeMap::new();
    for count in counts {
        if !profiles.contains(&count.profile.as_str()) {
            profiles.push(&count.profile);
        }
        rows.entry((count.map_id.parse().unwrap_or(u32::MAX), &count.name)).or_default().insert(&count.profile, count);
    }
    let labels: Vec<String> = profiles.iter().map(|profile| short(profile)).collect();
    let heads: String = labels.iter().map(|label| format!("<th scope=\"col\">{}</th>", escape(label))).collect();
    let lines: String = rows
        .iter()
        .map(|((number, name), of)| {
            let cells: String =
                profiles.iter().map(|profile| of.get(profile).map_or_else(|| "<td></td>".to_owned(), |count| cell(count))).collect();
            format!("<tr><th scope=\"row\">{number} {}</th>{cells}</tr>", escape(name))
        })
        .collect();
    let strips: Vec<Strip<'_>> = labels
        .iter()
        .zip(&profiles)
        .map(|(label, profile)| {
            let square = |(number, name): &(u32, &str), count: &Count| (format!("{number} {name}"), count.present, count.resources);
            let squares = rows.iter().map(|(key, of)| of.get(profile).map(|count| square(key, count)));
            Strip { label, squares: squares.collect() }
        })
        .collect();
    format!(
        "{}<details><summary><b>The matrix</b></summary><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"CPCDS matrix\"><table class=\"matrix\"><thead><tr>\
         <th scope=\"col\">Element</th>{heads}</tr></thead><tbody>{lines}</tbody></table></div></details>\n",
        heat::map("Elements of the data set by Map ID, in each profile", &strips)
    )
}

/// In how many resources it is; the shade says the same.
fn cell(count: &Count) -> String {
    let shade = match count.present {
        0 => "none",
        all if all == count.resources => "there",
        _ => "some",
    };
    let example: String = count.places.iter().map(|place| format!("{}: {}\n", place.expression, place.present)).collect();
    format!("<td class=\"{shade}\" title=\"{}\">{} of {}</td>", escape(&clean(example.trim_end())), count.present, count.resources)
}

/// `C4BB-ExplanationOfBenefit-Oral` as `Oral`.
fn short(profile: &str) -> String {
    let name = profile.strip_prefix(CARIN).unwrap_or(profile);
    name.strip_prefix("ExplanationOfBenefit-").unwrap_or(name).replace('-', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::recorded::Place;

    #[test]
    fn a_row_for_each_map_id_and_a_column_for_each_profile() {
        let count = |map_id: &str, profile: &str, present| Count {
            map_id: map_id.to_owned(),
            name: "Claim <type>".to_owned(),
            profile: profile.to_owned(),
            resources: 2,
            present,
            places: vec![Place { expression: "type".to_owned(), cardinality: None, present }],
            example: None,
        };
        let counts = [count("16", "C4BB-ExplanationOfBenefit-Oral", 1), count("2", "C4BB-Coverage", 2), count("16", "C4BB-Coverage", 0)];
        let page = section(&counts);
        assert_eq!(page.matches("<tr>").count(), 3, "{page}");
        assert!(page.contains("<th scope=\"col\">Oral</th><th scope=\"col\">Coverage</th>"), "{page}");
        let table = page.split_once("<tbody>").unwrap().1;
        assert!(table.find("2 Claim &lt;type&gt;").unwrap() < table.find("16 Claim").unwrap(), "rows stand by number: {page}");
        for shade in ["<td class=\"some\"", "<td class=\"there\"", "<td class=\"none\""] {
            assert_eq!(page.matches(shade).count(), 1, "{shade}: {page}");
        }
    }
}
