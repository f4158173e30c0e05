//! What cases have in common, each kept once: a large server makes more than a hundred thousand cases.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::rc::Rc;
use std::sync::Arc;

use super::words::Words;
use crate::check::{About, Word};
use crate::guide::facts::SearchParameter;

/// What cases are about, their words and the texts in both: suite cases with the same matrix share them.
#[derive(Default)]
pub struct Shared {
    abouts: RefCell<HashSet<Arc<About>>>,
    words: RefCell<HashSet<Arc<Words>>>,
    texts: RefCell<HashSet<Word>>,
    parameters: RefCell<HashMap<String, Parameters>>,
}

/// The definitions of a type's search parameters, as far as they are known, in the order of the bar.
type Parameters = Rc<[Option<Arc<SearchParameter>>]>;

impl Shared {
    /// The shared copy of what a case is about.
    pub fn about(&self, about: About) -> Arc<About> {
        share(&mut self.abouts.borrow_mut(), about, |_| {})
    }

    /// The shared copy of words.
    pub fn words(&self, words: Words) -> Arc<Words> {
        share(&mut self.words.borrow_mut(), words, |words| words.by_name.shrink_to_fit())
    }

    /// The definitions of a type's search parameters, looked up once.
    pub fn parameters(&self, resource_type: &str, look_up: impl FnOnce() -> Parameters) -> Parameters {
        if let Some(known) = self.parameters.borrow().get(resource_type) {
            return known.clone();
        }
        let found = look_up();
        self.parameters.borrow_mut().insert(resource_type.to_owned(), found.clone());
        found
    }

    /// The shared copy of a text.
    pub fn text(&self, text: &str) -> Word {
        let mut known = self.texts.borrow_mut();
        if let Some(same) = known.get(text) {
            return same.clone();
        }
        let new: Word = text.into();
        known.insert(new.clone());
        new
    }
}

/// The one that equals `new`, if there was one before; `settle` prepares one that is kept.
fn share<T: Eq + Hash>(known: &mut HashSet<Arc<T>>, mut new: T, settle: impl FnOnce(&mut T)) -> Arc<T> {
    if let Some(same) = known.get(&new) {
        return same.clone();
    }
    settle(&mut new);
    let new = Arc::new(new);
    known.insert(new.clone());
    new
}
