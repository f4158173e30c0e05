//! The must-support section of the page: a table for each profile, with a bar for each element.

use super::clean::clean;
use super::html::escape;
use super::html::heat::{self, Strip};
use super::recorded::{Element, Support};

/// All profiles, folded.
pub fn section(all: &[Support]) -> String {
    if all.is_empty() {
        return "<p>No resource of a profile was harvested.</p>".to_owned();
    }
    let strips: Vec<Strip<'_>> = all.iter().map(strip).collect();
    let tables: String = all.iter().map(profile).collect();
    format!("{}{tables}", heat::map("Must-support elements of each profile, in their order", &strips))
}

fn strip(support: &Support) -> Strip<'_> {
    let squares = support.elements.iter().map(|element| Some((element.element.clone(), element.present, support.resources)));
    Strip { label: short(&support.profile), squares: squares.collect() }
}

/// The last part of a profile's URL, without what every one of CARIN's begins with.
fn short(profile: &str) -> &str {
    let name = profile.rsplit('/').next().unwrap_or(profile);
    let name = name.strip_prefix("C4BB-").unwrap_or(name);
    name.strip_prefix("ExplanationOfBenefit-").unwrap_or(name)
}

/// One line for all profiles: how many of their must-support elements the record shows.
pub fn line(all: &[Support]) -> Option<String> {
    let elements = || all.iter().flat_map(|support| &support.elements);
    let shown = elements().filter(|element| element.present > 0).count();
    (!all.is_empty()).then(|| format!("Must support: {shown} of {} elements seen, over {} profiles", elements().count(), all.len()))
}

fn profile(support: &Support) -> String {
    let seen = support.elements.iter().filter(|element| element.present > 0).count();
    let name = support.profile.rsplit('/').next().unwrap_or(&support.profile);
    let rows: String = support.elements.iter().map(|element| row(element, support.resources)).collect();
    format!(
        "<details><summary><b>{}</b> <span class=\"soft\">{seen} of {} elements seen in {} resources</span></summary><table class=\"plain\"><thead><tr>\
         <th scope=\"col\">Element</th><th scope=\"col\">Seen</th><th scope=\"col\">Share</th><th scope=\"col\">Only a reason</th>\
         <th scope=\"col\">Lacking</th><th scope=\"col\">For example in</th></tr></thead><tbody>{rows}</tbody>\
         </table></details>\n",
        escape(name),
        support.elements.len(),
        support.resources
    )
}

fn row(element: &Element, resources: usize) -> String {
    let example = element.example.as_deref().map(clean).unwrap_or_default();
    format!(
        "<tr><td class=\"id\">{}</td><td>{} of {resources}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"id\">{}</td></tr>",
        escape(&element.element),
        element.present,
        bar(element, resources),
        element.reason_only,
        element.lacking,
        escape(&example)
    )
}

/// How much of all is there, as a drawing that the numbers beside it say in words.
fn bar(element: &Element, resources: usize) -> String {
    let width = |count: usize| 80 * count / resources.max(1);
    let (present, reason) = (width(element.present), width(element.reason_only));
    format!(
        "<svg class=\"bar\" width=\"80\" height=\"10\" aria-hidden=\"true\"><rect class=\"none\" width=\"80\" height=\"10\"/>\
         <rect class=\"reason\" width=\"{}\" height=\"10\"/><rect class=\"there\" width=\"{present}\" height=\"10\"/></svg>",
        present + reason
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_counts_what_is_there_and_the_table_escapes_what_it_is_told() {
        let shown = |element: &str, present| Element { element: element.to_owned(), present, lacking: 4 - present, ..Element::default() };
        let elements = vec![shown("Patient.name", 4), shown("Patient.<b>", 0), shown("Patient.gender", 1)];
        let all = [Support { profile: "http://payer.example/a-profile".to_owned(), resources: 4, elements }];
        assert_eq!(line(&all).as_deref(), Some("Must support: 2 of 3 elements seen, over 1 profiles"));
        let page = section(&all);
        assert!(page.contains("a-profile") && page.contains("1 of 4") && page.contains("Patient.&lt;b&gt;"), "{page}");
        assert!(page.contains("class=\"there\" width=\"20\""), "{page}");
        assert_eq!(line(&[]), None);
    }
}
