//! Everything that is checked, as a page.

use crate::check::CHECKS;
use crate::suite::{Suite, asked};

/// The page: each question of the suites, and each check by which they are judged.
pub fn page(suites: &[Suite]) -> String {
    let questions: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let mut page = format!(
        "# What is checked\n\nMade by `payerspec explain --markdown`: {questions} questions in {} suites, judged by {} checks. A question makes a case for each \
         resource type, parameter or relation that it fits; `payerspec plan` shows them. `payerspec explain ID` tells all of a question or a check.\n\n## Questions\n",
        suites.len(),
        CHECKS.len()
    );
    for suite in suites {
        page.push_str(&format!("\n### {}\n\n| question | what is so | asked | judged by |\n|---|---|---|---|\n", suite.id));
        for case in &suite.cases {
            let checks: Vec<String> = case.checks.iter().map(|check| code(check.id)).collect();
            page.push_str(&format!("| {} | {} | {} | {} |\n", code(&case.id), cell(&case.title), cell(&asked(case)), checks.join(", ")));
        }
    }
    page.push_str("\n## Checks\n");
    let mut family = "";
    for check in CHECKS {
        let own = check.id.split('.').next().unwrap_or(check.id);
        if own != family {
            family = own;
            page.push_str(&format!("\n### {family}\n\n| check | demands | why |\n|---|---|---|\n"));
        }
        page.push_str(&format!("| {} | {} | {} |\n", code(check.id), cell(check.summary), cell(check.why)));
    }
    page
}

/// Text in a table: a bar would end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;").replace('*', "\\*")
}

fn code(id: &str) -> String {
    format!("`{}`", id.replace('|', "\\|"))
}
