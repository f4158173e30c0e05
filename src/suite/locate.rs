//! Where something stands in a TOML document: its line and column.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One turn on the way from the root of a document to a value in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Into a field of a table.
    Field(&'static str),
    /// To an item of a list.
    Item(usize),
}

/// The line and column, from 1, of the first occurrence of `word` in the value that the turns lead to; of the value, where it does not
/// hold the word, and of what it would stand in, where it is not there.
pub fn place(text: &str, turns: &[Turn], word: &str) -> (usize, usize) {
    let span = DeTable::parse(text).map(|root| walk(&root, turns)).unwrap_or_default();
    let inside = text.get(span.clone()).and_then(|value| value.find(word)).unwrap_or_default();
    position(text, span.start + inside)
}

fn walk(root: &Spanned<DeTable<'_>>, turns: &[Turn]) -> std::ops::Range<usize> {
    let mut span = root.span();
    let Some((first, rest)) = turns.split_first() else { return span };
    let Turn::Field(name) = first else { return span };
    let mut current = root.get_ref().get(*name);
    let mut rest = rest.iter();
    while let Some(value) = current {
        span = value.span();
        current = match (rest.next(), value.get_ref()) {
            (Some(Turn::Field(name)), DeValue::Table(table)) => table.get(*name),
            (Some(Turn::Item(place)), DeValue::Array(items)) => items.get(*place),
            _ => None,
        };
    }
    span
}

/// The line and column of a byte, both from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).map_or(0, |line| line.chars().count()) + 1)
}

#[cfg(test)]
mod tests {
    use super::Turn::{Field, Item};
    use super::place;

    const TEXT: &str = "id = \"x\"\n\n[[case]]\nid = \"a\"\nsteps = [{ get = \"{type}/{tpye}\" }]\n\n[[case]]\nid = \"b\"\n";

    #[test]
    fn a_word_is_found_where_it_stands() {
        let turns = [Field("case"), Item(0), Field("steps"), Item(0), Field("get")];
        assert_eq!(place(TEXT, &turns, "{tpye}"), (5, 26));
        assert_eq!(place(TEXT, &[Field("case"), Item(1), Field("id")], ""), (8, 6));
    }

    #[test]
    fn what_is_missing_stands_where_it_should_be() {
        assert_eq!(place(TEXT, &[Field("case"), Item(1), Field("expect")], "x").0, 7);
        assert_eq!(place("not toml [", &[Field("case")], ""), (1, 1));
    }
}
