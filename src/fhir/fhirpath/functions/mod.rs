//! The table of functions: name, number of arguments, and code.

mod conversion;
mod encoding;
mod existence;
mod fhir;
mod filtering;
mod math;
mod sets;
mod strings;
mod tree;

use std::fmt;

use super::{
    Item,
    ast::Call,
    evaluate::{Evaluator, Outcome, Scope},
};

pub type Run = for<'r, 'a, 'e, 's> fn(&'r Evaluator<'a, 'e>, &'r [Item<'a>], &'a Call, Scope<'s, 'a>) -> Outcome<'a>;

/// A function that an expression may call.
#[derive(Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    /// Least and most arguments; a type argument is not counted.
    pub least: usize,
    pub most: usize,
    pub run: Run,
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

const fn function(name: &'static str, least: usize, most: usize, run: Run) -> Function {
    Function { name, least, most, run }
}

/// The function of that name.
pub fn find(name: &str) -> Option<Function> {
    [
        existence::FUNCTIONS,
        filtering::FUNCTIONS,
        sets::FUNCTIONS,
        strings::FUNCTIONS,
        encoding::FUNCTIONS,
        math::FUNCTIONS,
        conversion::FUNCTIONS,
        tree::FUNCTIONS,
        fhir::FUNCTIONS,
    ]
    .iter()
    .find_map(|group| group.iter().find(|function| function.name == name))
    .copied()
}

fn truth<'a>(truth: bool) -> Outcome<'a> {
    Ok(vec![Item::Boolean(truth)])
}

fn maybe<'a>(item: Option<Item<'a>>) -> Outcome<'a> {
    Ok(item.into_iter().collect())
}
