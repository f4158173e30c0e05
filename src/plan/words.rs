//! What the placeholders that the plan fills in stand for.

use std::collections::BTreeMap;

/// Words by placeholder. Cases about the same thing share them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Words {
    /// By name, such as `type` or `param`.
    pub by_name: BTreeMap<&'static str, String>,
    /// Whether a resource of the run's own is made by an update with a new id: the type offers no create.
    pub made_by_update: bool,
}

impl Words {
    /// Puts the words in place of their placeholders; other placeholders stay for the harvest.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let known = after.split_once('}').and_then(|(name, tail)| Some((self.by_name.get(name)?, tail)));
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
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_placeholders_are_filled_once_and_others_stay() {
        let by_name = BTreeMap::from([("type", "Coverage".to_owned()), ("param", "{type}".to_owned())]);
        let words = Words { by_name, made_by_update: false };
        assert_eq!(words.fill("{type}/{sample.id}?{param}={value}{type}"), "Coverage/{sample.id}?{type}={value}Coverage");
        assert_eq!(words.fill("a{b{type}c} { {"), "a{bCoveragec} { {");
        assert_eq!(words.fill(""), "");
    }
}
