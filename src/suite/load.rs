//! Reads suites: the embedded ones by name, others by path.

use std::path::Path;

use super::error::SuiteError;
use super::model::Suite;
use super::nearest::hint_in;
use super::{locate, rules};
use crate::check;

const EMBEDDED: &[(&str, &str)] = &[
    ("metadata", include_str!("../../suites/metadata.toml")),
    ("declaration", include_str!("../../suites/declaration.toml")),
    ("read", include_str!("../../suites/read.toml")),
    ("history", include_str!("../../suites/history.toml")),
    ("search", include_str!("../../suites/search.toml")),
    ("search-token", include_str!("../../suites/search-token.toml")),
    ("search-reference", include_str!("../../suites/search-reference.toml")),
    ("search-date", include_str!("../../suites/search-date.toml")),
    ("search-string", include_str!("../../suites/search-string.toml")),
    ("search-number", include_str!("../../suites/search-number.toml")),
    ("search-uri", include_str!("../../suites/search-uri.toml")),
    ("search-combination", include_str!("../../suites/search-combination.toml")),
    ("results", include_str!("../../suites/results.toml")),
    ("errors", include_str!("../../suites/errors.toml")),
    ("http", include_str!("../../suites/http.toml")),
    ("profile", include_str!("../../suites/profile.toml")),
    ("data", include_str!("../../suites/data.toml")),
    ("facts", include_str!("../../suites/facts.toml")),
    ("cms", include_str!("../../suites/cms.toml")),
    ("data-oral", include_str!("../../suites/data-oral.toml")),
    ("access", include_str!("../../suites/access.toml")),
    ("oauth", include_str!("../../suites/oauth.toml")),
    ("tls", include_str!("../../suites/tls.toml")),
    ("discovery", include_str!("../../suites/discovery.toml")),
    ("discovery-c4bb", include_str!("../../suites/discovery-c4bb.toml")),
    ("operation", include_str!("../../suites/operation.toml")),
    ("batch", include_str!("../../suites/batch.toml")),
    ("write", include_str!("../../suites/write.toml")),
];

/// The name of all embedded suites together: beside it, a file adds to them and does not stand in their place.
const ALL: &str = "embedded";

/// Placeholders that a step may hold. The first group is known to the plan, the second is filled in after the harvest.
pub const PLACEHOLDERS: &[&str] = &[
    "as",
    "type",
    "param",
    "prefix",
    "modifier",
    "modified",
    "chain",
    "chained",
    "combination",
    "include",
    "include-value",
    "include-target",
    "include-iterate",
    "include-versioned",
    "elements",
    "profile",
    "cpcds",
    "interaction",
    "operation",
    "operation-path",
    "unsupported-type",
    "undeclared-interaction",
    "sample",
    "sample.id",
    "sample.version",
    "value",
    "value.2",
    "target",
    "no-match",
    "unknown-id",
    "malformed-id",
    "malformed-value",
    "unknown-version",
    "page-size",
    "other-patient",
    "any.type",
    "any.id",
    "etag",
    "last-modified",
    "long-value",
    "made.id",
    "new-id",
    "member",
    "since",
    "coding.system",
    "coding.code",
    "value-set",
    "value-set.system",
    "value-set.code",
    "unknown-code",
    "documentation",
    "education",
    "formulary",
];

/// All embedded suites.
///
/// # Errors
/// Only if an embedded file were malformed, which a test rules out.
pub fn embedded() -> Result<Vec<Suite>, SuiteError> {
    EMBEDDED.iter().map(|(name, text)| parse(Path::new(&format!("suites/{name}.toml")), text)).collect()
}

/// Suites by embedded name, file or folder; all embedded ones when none or `embedded` is named.
///
/// # Errors
/// A suite that cannot be read or is malformed, with file, line and column.
pub fn load(wanted: &[String]) -> Result<Vec<Suite>, SuiteError> {
    if wanted.is_empty() {
        return embedded();
    }
    let mut suites = Vec::new();
    for name in wanted {
        if name == ALL {
            suites.extend(embedded()?);
        } else if let Some((_, text)) = EMBEDDED.iter().find(|(known, _)| known == name) {
            suites.push(parse(Path::new(&format!("suites/{name}.toml")), text)?);
        } else {
            suites.extend(lint(Path::new(name))?);
        }
    }
    Ok(suites)
}

/// Reads one suite file, or every `.toml` in a folder in the order of their names.
///
/// # Errors
/// A suite that cannot be read or is malformed.
pub fn lint(path: &Path) -> Result<Vec<Suite>, SuiteError> {
    let unreadable = |source| SuiteError::Unreadable {
        path: path.to_owned(),
        source,
        known: EMBEDDED.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
    };
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|extension| extension == "toml") {
                files.push(file);
            }
        }
        files.sort();
    } else {
        files.push(path.to_owned());
    }
    files.into_iter().map(|file| std::fs::read_to_string(&file).map_err(unreadable).and_then(|text| parse(&file, &text))).collect()
}

fn parse(path: &Path, text: &str) -> Result<Suite, SuiteError> {
    let mut suite: Suite = toml::from_str(text).map_err(|error| SuiteError::Malformed {
        path: path.to_owned(),
        message: format!("{}{}", error.to_string().trim_end(), hint_in(error.message())),
    })?;
    let mistakes = rules::mistakes(&suite);
    if !mistakes.is_empty() {
        let line = |mistake: &rules::Mistake| {
            let (line, column) = locate::place(text, &mistake.turns, &mistake.word);
            format!("{}:{line}:{column}: {}", path.display(), mistake.problem)
        };
        return Err(SuiteError::Invalid { mistakes: mistakes.iter().map(line).collect::<Vec<_>>().join("\n") });
    }
    for case in &mut suite.cases {
        case.steps.extend(case.only_step());
        let asserted = case.assert.is_some() && case.expect.iter().all(|id| id != check::ASSERTION);
        let ids = case.expect.iter().map(String::as_str).chain(asserted.then_some(check::ASSERTION));
        case.checks = ids.filter_map(check::find).collect();
    }
    Ok(suite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_suites_are_well_formed() {
        let suites = embedded().unwrap();
        assert_eq!(suites.len(), EMBEDDED.len());
        assert!(suites.iter().all(|suite| !suite.cases.is_empty()));
    }

    #[test]
    fn every_check_is_asked_for_by_a_suite() {
        let suites = embedded().unwrap();
        let asked: Vec<&str> = suites.iter().flat_map(|suite| &suite.cases).flat_map(|case| &case.checks).map(|check| check.id).collect();
        for check in check::CHECKS {
            assert!(asked.contains(&check.id), "no suite asks for {}", check.id);
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_line_and_known_keys() {
        let error = parse(Path::new("x.toml"), "id = \"x\"\ntitle = \"x\"\nlevle = 1\n").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("levle") && error.contains("expected"), "{error}");
        let near = "id = \"x\"\ntitle = \"x\"\n[[case]]\nid = \"a\"\nlevle = \"SHALL\"\n";
        let error = parse(Path::new("x.toml"), near).unwrap_err().to_string();
        assert!(error.contains("line 5, column 1") && error.ends_with("did you mean level?"), "{error}");
    }

    #[test]
    fn every_embedded_case_says_where_it_is_written() {
        for suite in embedded().unwrap() {
            for case in &suite.cases {
                assert!(case.source.is_some(), "{}#{} has no source: name the specification's section", suite.id, case.id);
            }
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once_each_at_its_place() {
        let text = "id = \"x\"\ntitle = \"x\"\n[[case]]\nid = \"a\"\ntitle = \"a\"\nfor-each = \"once\"\nexpect = [\"http.status\", \"http.statsu\"]\n\
            assert = { on = \"name[\", that = \"true\" }\n[[case]]\nid = \"a\"\ntitle = \"a\"\nfor-each = \"once\"\nkinds = [\"dat\"]\nexpect-status = [20]\n\
            steps = [{ get = \"x\", body = \"copy\" }]\n";
        let error = parse(Path::new("x.toml"), text).unwrap_err().to_string();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines.len(), 7, "{error}");
        for (line, said) in lines.iter().zip([
            "x.toml:7:27: unknown check http.statsu; did you mean http.status?",
            "x.toml:8:17: \"name[\" is not FHIRPath",
            "x.toml:10:7: the id a is used twice",
            "x.toml:9:1: expect is empty",
            "x.toml:13:11: there is no type of search parameters dat; did you mean date?",
            "x.toml:14:18: 20 is no HTTP status",
            "x.toml:15:10: post, put and patch have a body",
        ]) {
            assert!(line.starts_with(said), "{line}\nis not\n{said}");
        }
    }

    #[test]
    fn one_type_may_be_named_alone() {
        let head = "id = \"x\"\ntitle = \"x\"\nguide = \"c4bb\"\nversions = \">=2.0.0\"\n[[case]]\nid = \"a\"\ntitle = \"a\"\nfor-each = \"resource\"\nresource = \"Patient\"\n";
        let suite = parse(Path::new("x.toml"), &format!("{head}assert = {{ on = \"name\", that = \"family.exists()\" }}\n")).unwrap();
        assert_eq!(suite.cases[0].resources, ["Patient"]);
        assert_eq!(suite.cases[0].checks[0].id, "assert.holds");
        assert!(suite.versions.unwrap().include("2.1.0"));
    }

    #[test]
    fn one_request_needs_no_steps_and_a_query_may_be_a_table() {
        let head = "id = \"x\"\ntitle = \"x\"\nig = \"hl7.fhir.us.carin-bb\"\n[[case]]\nid = \"search/{param}\"\ntitle = \"a\"\nlevel = \"declared\"\n\
            for-each = \"search-param\"\nresource = \"ExplanationOfBenefit\"\nexpect = [\"http.status\"]\n";
        let table = "query = { patient = \"{member}\", \"{param}\" = \"{sample}\" }\n";
        let suite = parse(Path::new("x.toml"), &format!("{head}get = \"ExplanationOfBenefit\"\n{table}")).unwrap();
        let [step] = suite.cases[0].steps.as_slice() else { panic!("{:?}", suite.cases[0].steps) };
        let mut query = step.query.clone();
        query.sort();
        assert_eq!(
            (step.get.as_deref(), query),
            (Some("ExplanationOfBenefit"), vec!["patient={member}".to_owned(), "{param}={value}".to_owned()])
        );
        for (rest, problem) in [
            (table.to_owned(), "query belongs to a get"),
            (format!("get = \"x\"\nsteps = [{{ get = \"x\" }}]\n{table}"), "a case has get or steps, not both"),
            ("get = \"{tpye}\"\n".to_owned(), "unknown placeholder {tpye}"),
        ] {
            let error = parse(Path::new("x.toml"), &format!("{head}{rest}")).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
        let writes = "for-each = \"sample\"\nsteps = [{ delete = \"{type}/{sample.id}\" }]\nexpect = [\"http.status\"]\n";
        let case = "id = \"x\"\ntitle = \"x\"\n[[case]]\nid = \"a\"\ntitle = \"a\"\n";
        let error = parse(Path::new("x.toml"), &format!("{case}{writes}")).unwrap_err().to_string();
        assert!(error.contains("must not write"), "{error}");
    }

    #[test]
    fn an_unknown_check_or_placeholder_is_refused() {
        let head = "id = \"x\"\ntitle = \"x\"\n[[case]]\nid = \"a\"\ntitle = \"a\"\nfor-each = \"once\"\nlevel = \"SHALL\"\n";
        let unknown_check = parse(Path::new("x.toml"), &format!("{head}expect = [\"no.such\"]\n")).unwrap_err().to_string();
        assert!(unknown_check.contains("no.such"), "{unknown_check}");
        let unknown_placeholder =
            parse(Path::new("x.toml"), &format!("{head}steps = [{{ get = \"{{tpye}}\" }}]\nexpect = [\"http.status\"]\n"))
                .unwrap_err()
                .to_string();
        assert!(unknown_placeholder.contains("tpye"), "{unknown_placeholder}");
    }

    #[test]
    fn a_suite_stands_beside_the_embedded_ones_or_in_their_place() {
        let load = |names: &[&str]| load(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap().len();
        assert_eq!((load(&[]), load(&["embedded", "read"]), load(&["read"])), (EMBEDDED.len(), EMBEDDED.len() + 1, 1));
    }

    #[test]
    fn a_missing_suite_names_the_embedded_ones() {
        let error = load(&["no-such-suite".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("no-such-suite") && error.contains("metadata"), "{error}");
    }
}
