//! FHIRPath (HL7 FHIRPath N1 with the FHIR R4 additions) over borrowed JSON: compile once, evaluate many times, never panic.
//!
//! Expressions and data may come from strangers, so nesting, work and text sizes are bounded.

mod ast;
mod boundary;
pub mod decimal;
mod environment;
mod equality;
mod evaluate;
mod functions;
mod item;
mod lexer;
mod navigation;
mod operators;
mod parser;
pub mod quantity;
pub mod temporal;
mod types;

use std::sync::Arc;

pub use environment::{Environment, Model, Services};
pub use item::{Item, Node};

/// Why a text is not an expression that can be run; `at` counts bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("at byte {at}: {text:?} is not a token of FHIRPath")]
    Token { at: usize, text: String },
    #[error("at byte {at}: expected {expected}, found {found}")]
    Syntax { at: usize, expected: String, found: String },
    #[error("at byte {at}: there is no function {name}(); check its spelling")]
    UnknownFunction { at: usize, name: String },
    #[error("at byte {at}: {name}() does not take {given} arguments")]
    Arguments { at: usize, name: String, given: usize },
    #[error("at byte {at}: the expression nests too deeply; split it")]
    TooDeep { at: usize },
    #[error("the expression is longer than {limit} bytes")]
    TooLong { limit: usize },
}

/// Why an evaluation has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    #[error("{operation} takes one item, not {count}")]
    NotSingle { operation: &'static str, count: usize },
    #[error("{operation} cannot take {found}")]
    WrongType { operation: &'static str, found: String },
    #[error("%{0} is not defined; give it in the environment")]
    UnknownVariable(String),
    #[error("there is no type {0}")]
    UnknownType(String),
    #[error("{parent} has no element {element}")]
    UnknownElement { parent: String, element: String },
    #[error("{0} is not a regular expression that this engine can run")]
    Pattern(String),
    #[error("it cannot be decided here whether the value {0}")]
    Undecidable(String),
    #[error("the evaluation takes too much work on this data and was stopped")]
    TooCostly,
}

/// A compiled expression: cheap to clone, may be shared between threads.
#[derive(Clone, Debug)]
pub struct Expression {
    tree: Arc<ast::Tree>,
    text: Arc<str>,
}

impl Expression {
    /// Compiles `text`.
    ///
    /// # Errors
    /// When the text is not FHIRPath, names an unknown function or nests too deeply.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Ok(Self { tree: Arc::new(parser::parse(text)?), text: text.into() })
    }

    /// The text that was compiled.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Evaluates with `focus` as `$this` and `%context`. The items borrow from the data and from this expression.
    ///
    /// # Errors
    /// When the expression does not fit the data, or would cost too much.
    pub fn evaluate<'a>(&'a self, focus: Node<'a>, environment: &Environment<'a>) -> Result<Vec<Item<'a>>, EvaluationError> {
        evaluate::run(&self.tree, focus, environment)
    }

    /// Evaluates as a condition: `None` when the result is empty; a single value that is no boolean counts as true.
    ///
    /// # Errors
    /// As `evaluate`, and when the result has several items.
    pub fn evaluate_bool<'a>(&'a self, focus: Node<'a>, environment: &Environment<'a>) -> Result<Option<bool>, EvaluationError> {
        evaluate::truth(&self.evaluate(focus, environment)?, "a condition")
    }
}

#[cfg(test)]
mod tests;
