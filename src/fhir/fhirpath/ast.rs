//! The compiled form of an expression.

use std::sync::OnceLock;

use super::{decimal::Decimal, functions::Function, temporal::Temporal};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Multiply,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Concatenate,
    Union,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}

/// A type as named in an expression, such as `System.String` or `Quantity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    pub namespace: Option<String>,
    pub name: String,
}

/// A call; a pattern given as literal is compiled at its first use.
#[derive(Debug)]
pub struct Call {
    pub function: Function,
    pub arguments: Vec<Tree>,
    pub type_name: Option<TypeName>,
    pub pattern: OnceLock<Option<regex::Regex>>,
}

/// A child element; `companion` is the JSON name of a primitive's sibling with id and extensions.
#[derive(Debug)]
pub struct Child {
    pub name: String,
    pub companion: String,
}

#[derive(Debug)]
pub enum Step {
    Child(Child),
    Call(Call),
    Index(Tree),
}

#[derive(Debug)]
pub enum Tree {
    Empty,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(String),
    Temporal(Temporal),
    Quantity {
        value: Decimal,
        unit: String,
        calendar: bool,
    },
    This,
    Index,
    Total,
    Variable(String),
    /// Steps taken one after the other, from `start` or from `$this`.
    Path {
        start: Option<Box<Tree>>,
        steps: Vec<Step>,
    },
    Negate(Box<Tree>),
    Plus(Box<Tree>),
    Is(Box<Tree>, TypeName),
    As(Box<Tree>, TypeName),
    Binary {
        operator: Operator,
        left: Box<Tree>,
        right: Box<Tree>,
    },
}
