//! What the placeholders that the plan fills in stand for.

use crate::check::Word;

/// Words by placeholder. Cases about the same thing share them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Words {
    /// By name, such as `type` or `param`; few, in the order in which they were found.
    pub by_name: Vec<(&'static str, Word)>,
    /// Whether a resource of the run's own is made by an update with a new id: the type offers no create.
    pub made_by_update: bool,
}

impl Words {
    /// What a placeholder stands for.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.by_name.iter().find(|(known, _)| *known == name).map(|(_, word)| &**word)
    }

    /// Puts the words in place of their placeholders; other placeholders stay for the harvest.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        self.fill_into(text, &mut filled);
        filled
    }

    /// As [`Self::fill`], at the end of a text.
    pub fn fill_into(&self, text: &str, filled: &mut String) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let known = after.split_once('}').and_then(|(name, tail)| Some((self.get(name)?, tail)));
            match known {
                Some((word, tail)) => {
                    filled.push_str(word);
                    rest = tail;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_placeholders_are_filled_once_and_others_stay() {
        let by_name = vec![("type", "Coverage".into()), ("param", "{type}".into())];
        let words = Words { by_name, made_by_update: false };
        assert_eq!(words.fill("{type}/{sample.id}?{param}={value}{type}"), "Coverage/{sample.id}?{type}={value}Coverage");
        assert_eq!(words.fill("a{b{type}c} { {"), "a{bCoveragec} { {");
        assert_eq!(words.fill(""), "");
    }
}
