//! Reads suites: the embedded ones by name, others by path.

use std::path::{Path, PathBuf};

use super::error::SuiteError;
use super::model::{Suite, SuiteCase};
use crate::check;

const EMBEDDED: [(&str, &str); 9] = [
    ("metadata", include_str!("../../suites/metadata.toml")),
    ("declaration", include_str!("../../suites/declaration.toml")),
    ("read", include_str!("../../suites/read.toml")),
    ("search", include_str!("../../suites/search.toml")),
    ("errors", include_str!("../../suites/errors.toml")),
    ("http", include_str!("../../suites/http.toml")),
    ("profile", include_str!("../../suites/profile.toml")),
    ("access", include_str!("../../suites/access.toml")),
    ("write", include_str!("../../suites/write.toml")),
];

/// Placeholders that a step may hold. The first group is known to the plan, the second is filled in after the harvest.
const PLACEHOLDERS: [&str; 27] = [
    "type",
    "param",
    "prefix",
    "include",
    "include-value",
    "profile",
    "interaction",
    "operation",
    "unsupported-type",
    "undeclared-interaction",
    "sample.id",
    "sample.version",
    "value",
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
];

/// All embedded suites.
///
/// # Errors
/// Only if an embedded file were malformed, which a test rules out.
pub fn embedded() -> Result<Vec<Suite>, SuiteError> {
    EMBEDDED.iter().map(|(name, text)| parse(Path::new(&format!("suites/{name}.toml")), text)).collect()
}

/// Suites by embedded name, file or folder; all embedded ones when none is named.
///
/// # Errors
/// A suite that cannot be read or is malformed, with file, line and column.
pub fn load(wanted: &[String]) -> Result<Vec<Suite>, SuiteError> {
    if wanted.is_empty() {
        return embedded();
    }
    let mut suites = Vec::new();
    for name in wanted {
        if let Some((_, text)) = EMBEDDED.iter().find(|(known, _)| known == name) {
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
    let mut suite: Suite =
        toml::from_str(text).map_err(|error| SuiteError::Malformed { path: path.to_owned(), message: error.to_string() })?;
    let mut seen = std::collections::HashSet::new();
    for case in &mut suite.cases {
        resolve(path, case)?;
        if !seen.insert(case.id.clone()) {
            return Err(invalid(path, case, "the id is used twice in this suite; give each case its own".to_owned()));
        }
    }
    Ok(suite)
}

fn resolve(path: &Path, case: &mut SuiteCase) -> Result<(), SuiteError> {
    let mut checks = Vec::new();
    for id in &case.expect {
        let check =
            check::find(id).ok_or_else(|| invalid(path, case, format!("unknown check {id}; `payerspec explain` lists the known ones")))?;
        checks.push(check);
    }
    if checks.is_empty() {
        return Err(invalid(path, case, "expect is empty; name at least one check".to_owned()));
    }
    for step in &case.steps {
        let paths = step.paths();
        if paths.len() != 1 {
            return Err(invalid(path, case, "a step has one of get, head, options, post-form, put-nothing, make, post, put, patch and delete".to_owned()));
        }
        if step.body.is_some() != (step.post.is_some() || step.put.is_some() || step.patch.is_some()) {
            return Err(invalid(path, case, "post, put and patch have a body, and no other step has".to_owned()));
        }
        let texts = paths.into_iter().chain(&step.query).chain(&step.headers);
        for text in texts {
            check_placeholders(text).map_err(|problem| invalid(path, case, problem))?;
        }
        if let Some(text) = step.query.iter().find(|text| !text.contains('=') && *text != "{scope}" && *text != "{narrow}") {
            return Err(invalid(path, case, format!("query entry {text:?} is neither name=value nor {{scope}} nor {{narrow}}")));
        }
        if let Some(text) = step.headers.iter().find(|text| !text.contains(':')) {
            return Err(invalid(path, case, format!("header {text:?} is not `Name: value`")));
        }
    }
    case.checks = checks;
    Ok(())
}

fn check_placeholders(text: &str) -> Result<(), String> {
    if text == "{scope}" || text == "{narrow}" {
        return Ok(());
    }
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { return Err(format!("{text:?} has an opening brace without a closing one")) };
        if !PLACEHOLDERS.contains(&name) {
            return Err(format!(
                "unknown placeholder {{{name}}}; known: {}, and {{scope}} or {{narrow}} as a whole query entry",
                PLACEHOLDERS.join(", ")
            ));
        }
        rest = tail;
    }
    Ok(())
}

fn invalid(path: &Path, case: &SuiteCase, problem: String) -> SuiteError {
    SuiteError::Invalid { path: PathBuf::from(path), case: case.id.clone(), problem }
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
    fn a_missing_suite_names_the_embedded_ones() {
        let error = load(&["no-such-suite".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("no-such-suite") && error.contains("metadata"), "{error}");
    }
}
