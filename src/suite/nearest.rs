//! The known word nearest to one that is not known.

/// How alike two words must be, from 0 to 1, for one to be taken as meant by the other.
const ALIKE: f64 = 0.7;

/// `; did you mean …?` with the nearest of the known words, or nothing where none is near.
pub fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let scored = known.into_iter().map(|candidate| (strsim::jaro_winkler(word, candidate), candidate));
    let nearest = scored.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(score, _)| *score >= ALIKE);
    nearest.map_or_else(String::new, |(_, candidate)| format!("; did you mean {candidate}?"))
}

/// As [`hint`], of a parser's message that names the unknown word and those that it expects between backquotes.
pub fn hint_in(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((word, known)) if message.starts_with("unknown ") => hint(word, known.iter().copied()),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{hint, hint_in};

    #[test]
    fn the_nearest_word_is_offered_where_one_is_near() {
        assert_eq!(hint("http.statsu", ["http.status", "search.recall"]), "; did you mean http.status?");
        assert_eq!(hint("zzz", ["http.status", "search.recall"]), "");
        assert_eq!(hint_in("unknown field `levle`, expected one of `id`, `level`, `title`"), "; did you mean level?");
        assert_eq!(hint_in("invalid type: integer `1`, expected a string"), "");
    }
}
