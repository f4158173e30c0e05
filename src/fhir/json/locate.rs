//! Where in a JSON text an element stands.

use super::place;

/// Finds places in one value of a text, each by a walk from the value's beginning.
#[derive(Clone, Copy, Debug)]
pub struct Locator<'t> {
    text: &'t [u8],
    /// Where the value begins: byte, line and column.
    start: usize,
    line: usize,
    column: usize,
}

/// One part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'p> {
    Name(&'p str),
    Index(usize),
}

impl<'t> Locator<'t> {
    /// A locator for a text that is known to be JSON.
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, start: 0, line: 1, column: 1 }
    }

    /// Locators for the property `name` of each item of the array `array`, in one walk; `None` for an item without it.
    pub fn items(&self, array: &str, name: &str) -> Vec<Option<Self>> {
        let mut found = Vec::new();
        let start = self.space(self.start);
        let array = self.step(start, Part::Name(array)).filter(|at| self.byte(*at) == Some(b'['));
        let mut next = array.and_then(|at| self.item(at, 0));
        let mut from = *self;
        while let Some(at) = next {
            from = from.moved(at);
            found.push(from.step(at, Part::Name(name)).map(|value| from.moved(value)));
            let end = self.skip(at).map(|end| self.space(end)).filter(|end| self.byte(*end) == Some(b','));
            next = end.map(|comma| self.space(comma + 1));
        }
        found
    }

    /// The same for the value at `at`, further on.
    fn moved(&self, at: usize) -> Self {
        let (line, column) = self.place(at);
        Self { text: self.text, start: at, line, column }
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let (line, column) = place(self.text.get(self.start..).unwrap_or_default(), at.saturating_sub(self.start));
        (self.line + line - 1, if line == 1 { self.column + column - 1 } else { column })
    }

    /// Line and column, both from 1, of the element of a path such as `Patient.name[0].given[1]`; when it is not there, of the nearest
    /// one above it.
    pub fn locate(&self, path: &str) -> (usize, usize) {
        let mut at = self.space(self.start);
        for part in parts(path) {
            match self.step(at, part) {
                Some(next) => at = next,
                // A single value may stand where a path counts from 0.
                None if part == Part::Index(0) => {}
                None => break,
            }
        }
        self.place(at)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn space(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|byte| byte.is_ascii_whitespace()) || self.text.get(at..at + 3) == Some(b"\xEF\xBB\xBF") {
            at += if self.byte(at) == Some(0xEF) { 3 } else { 1 };
        }
        at
    }

    /// The child of the value at `at`.
    fn step(&self, at: usize, part: Part<'_>) -> Option<usize> {
        match (self.byte(at)?, part) {
            (b'{', Part::Name(name)) => self.property(at, name),
            (b'[', Part::Index(index)) => self.item(at, index),
            _ => None,
        }
    }

    fn item(&self, at: usize, index: usize) -> Option<usize> {
        let mut at = self.space(at + 1);
        for _ in 0..index {
            at = self.space(self.skip(at)?);
            if self.byte(at)? != b',' {
                return None;
            }
            at = self.space(at + 1);
        }
        (self.byte(at)? != b']').then_some(at)
    }

    /// The value of a property, or of the choice that the name stands for.
    fn property(&self, at: usize, name: &str) -> Option<usize> {
        let mut at = self.space(at + 1);
        let mut sibling = None;
        while self.byte(at)? == b'"' {
            let end = self.string(at)?;
            let key = std::str::from_utf8(self.text.get(at + 1..end - 1)?).ok()?;
            at = self.space(end);
            if self.byte(at)? != b':' {
                return None;
            }
            let value = self.space(at + 1);
            if is_name(key, name) {
                return Some(value);
            }
            if key.strip_prefix('_').is_some_and(|key| is_name(key, name)) {
                sibling = Some(value);
            }
            at = self.space(self.skip(value)?);
            if self.byte(at)? != b',' {
                break;
            }
            at = self.space(at + 1);
        }
        sibling
    }

    /// The byte after the string at `at`.
    fn string(&self, at: usize) -> Option<usize> {
        let mut at = at + 1;
        loop {
            match self.byte(at)? {
                b'"' => return Some(at + 1),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    }

    /// The byte after the value at `at`.
    fn skip(&self, mut at: usize) -> Option<usize> {
        let mut depth = 0_usize;
        loop {
            match self.byte(at)? {
                b'"' => at = self.string(at)?,
                b'{' | b'[' => {
                    depth += 1;
                    at += 1;
                }
                b'}' | b']' if depth == 0 => return Some(at),
                b'}' | b']' => {
                    depth -= 1;
                    at += 1;
                }
                b',' if depth == 0 => return Some(at),
                _ => at += 1,
            }
            if depth == 0 && matches!(self.byte(at), None | Some(b',' | b'}' | b']')) {
                return Some(at);
            }
        }
    }
}

fn is_name(key: &str, name: &str) -> bool {
    key == name || key.strip_prefix(name).is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_uppercase()))
}

/// The parts of a path after its root.
fn parts(path: &str) -> impl Iterator<Item = Part<'_>> {
    path.split('.').skip(1).flat_map(|segment| {
        let (name, index) = segment.split_once('[').map_or((segment, None), |(name, rest)| (name, rest.trim_end_matches(']').parse().ok()));
        [Some(Part::Name(name)), index.map(Part::Index)].into_iter().flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\"resourceType\": \"Patient\",\n \"name\": [{\"given\": [\"a\", \"b\"]},\n  {\"text\": \"}]\"}],\n \"deceasedBoolean\": true,\n \"_birthDate\": {\"extension\": [{\"url\": \"u\"}]}}";

    #[test]
    fn an_element_is_found_where_it_stands() {
        let locator = Locator::new(TEXT.as_bytes());
        assert_eq!(locator.locate("Patient"), (1, 1));
        assert_eq!(locator.locate("Patient.name[0].given[1]"), (2, 27));
        assert_eq!(locator.locate("Patient.name[1].text"), (3, 12));
        assert_eq!(locator.locate("Patient.deceased"), (4, 21));
        assert_eq!(locator.locate("Patient.birthDate.extension[0].url"), (5, 39));
    }

    #[test]
    fn an_absent_element_is_found_at_what_should_hold_it() {
        let locator = Locator::new(TEXT.as_bytes());
        assert_eq!(locator.locate("Patient.name[1].family"), (3, 3));
        assert_eq!(locator.locate("Patient.gender"), (1, 1));
        assert_eq!(locator.locate("Patient.name[7]"), (2, 10));
    }

    #[test]
    fn items_are_found_in_one_walk() {
        let items = Locator::new(TEXT.as_bytes()).items("name", "text");
        let places: Vec<_> = items.iter().map(|item| item.map(|locator| locator.locate("$"))).collect();
        assert_eq!(places, [None, Some((3, 12))]);
        let items = Locator::new(TEXT.as_bytes()).items("name", "given");
        assert_eq!(items.first().copied().flatten().map(|locator| locator.locate("$")), Some((2, 21)));
        assert!(Locator::new(TEXT.as_bytes()).items("deceased", "text").is_empty());
    }

    #[test]
    fn a_text_that_breaks_off_does_no_harm() {
        for end in 0..TEXT.len() {
            Locator::new(&TEXT.as_bytes()[..end]).locate("Patient.birthDate.extension[0].url");
            Locator::new(&TEXT.as_bytes()[..end]).items("name", "text");
        }
    }
}
