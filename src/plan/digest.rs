//! What tells one plan from another: parts of a run, and the halves of one that was broken off, belong together only if their plans are the same.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ring::digest::{Context, SHA256};

use super::case::{Case, Template};

/// SHA-256 of cases in their order, in hexadecimal: of all that decides what is sent and how it is judged.
pub fn of(cases: &[Case]) -> String {
    let mut digest = Digest(Context::new(&SHA256));
    let mut templates: HashMap<*const Template, usize> = HashMap::new();
    for case in cases {
        let next = templates.len();
        let number = *templates.entry(Arc::as_ptr(&case.template)).or_insert(next);
        if number == next {
            of_template(&case.template, &mut digest);
        }
        (number, case.level, &case.not_applicable, &case.about, &case.words).hash(&mut digest);
    }
    digest.0.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_template(template: &Template, digest: &mut Digest) {
    let Template { id, title, origin, requirements, checks, steps, for_each_sample } = template;
    (id, title, origin, requirements, steps, for_each_sample).hash(digest);
    checks.iter().for_each(|check| check.id.hash(digest));
}

/// What [`Hash`] says of a value, through SHA-256: the same in every process of one program.
struct Digest(Context);

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks: the digest is longer.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::outcome::Level;

    fn case(id: &str, level: Level) -> Case {
        let template = Arc::new(Template { id: id.to_owned(), ..Template::default() });
        Case { level, about: Arc::default(), not_applicable: None, template, words: Arc::default() }
    }

    #[test]
    fn a_plan_is_told_from_one_with_another_case_order_or_level() {
        let plan = [case("a", Level::Shall), case("b", Level::Shall)];
        assert_eq!(of(&plan), of(&plan.clone()));
        assert_eq!(of(&plan).len(), 64);
        for other in [
            vec![case("a", Level::Shall)],
            vec![case("b", Level::Shall), case("a", Level::Shall)],
            vec![case("a", Level::Shall), case("b", Level::Should)],
            vec![case("a", Level::Shall), case("c", Level::Shall)],
        ] {
            assert_ne!(of(&plan), of(&other));
        }
    }
}
