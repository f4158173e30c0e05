//! Reads the access token from where it is kept.

use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use super::config::TokenSource;
use super::error::TargetError;
use super::secret::Secret;

/// A token file larger than this is some other file.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads the token; white space around it and a leading `Bearer` are dropped.
pub(super) fn read(source: &TokenSource) -> Result<Secret, TargetError> {
    match source {
        TokenSource::File(path) => clean(&Zeroizing::new(read_text(path, MAX_BYTES)?), &path.display().to_string()),
        TokenSource::Variable(name) => {
            let text = std::env::var(name).map_err(|_| TargetError::NoVariable { name: name.clone() })?;
            clean(&Zeroizing::new(text), &format!("environment variable {name}"))
        }
    }
}

/// The text of an environment variable, as it is.
pub(super) fn read_variable(name: &str) -> Result<Secret, TargetError> {
    std::env::var(name).map(Secret::new).map_err(|_| TargetError::NoVariable { name: name.to_owned() })
}

/// The text of a file, up to a bound in bytes.
pub(super) fn read_text(path: &Path, limit: u64) -> Result<String, TargetError> {
    let failed = |source| TargetError::File { path: path.to_owned(), source };
    let mut text = String::new();
    std::fs::File::open(path).map_err(failed)?.take(limit).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn clean(text: &str, origin: &str) -> Result<Secret, TargetError> {
    let refuse = |what| Err(TargetError::Token { origin: origin.to_owned(), what });
    let text = text.trim();
    let token = match text.split_once(char::is_whitespace) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        _ => text,
    };
    if token.is_empty() {
        return refuse("the token is empty");
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse("the token has characters that a header cannot carry");
    }
    Ok(Secret::new(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_trimmed_and_its_scheme_dropped() {
        assert_eq!(clean(" abc.DEF-1\n", "f").unwrap().expose(), "abc.DEF-1");
        assert_eq!(clean("Bearer abc\r\n", "f").unwrap().expose(), "abc");
    }

    #[test]
    fn an_unusable_token_is_refused_and_not_shown() {
        for text in ["", " \n", "two words", "one\ntwo", "naïve"] {
            let error = clean(text, "token.txt").unwrap_err().to_string();
            assert!(error.starts_with("token.txt: the token"), "{error}");
            assert!(text.trim().is_empty() || !error.contains(text.trim()), "{error}");
        }
    }

    #[test]
    fn a_missing_source_says_what_to_do() {
        let error = read(&TokenSource::Variable("PAYERSPEC_TEST_UNSET_VARIABLE".to_owned())).unwrap_err().to_string();
        assert!(error.contains("PAYERSPEC_TEST_UNSET_VARIABLE is not set"), "{error}");
        let error = read(&TokenSource::File("/nonexistent/token".into())).unwrap_err().to_string();
        assert!(error.starts_with("cannot read /nonexistent/token"), "{error}");
    }
}
