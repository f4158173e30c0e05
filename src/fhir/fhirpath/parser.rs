//! Tokens to a tree, by precedence climbing; the height of the tree and the nesting of the text are bounded.

use std::sync::OnceLock;

use super::{
    ParseError,
    ast::{Call, Child, Operator, Step, Tree, TypeName},
    decimal::Decimal,
    functions,
    lexer::{self, Token},
    quantity,
};

const MAX_LENGTH: usize = 200_000;
const MAX_NESTING: usize = 60;
const MAX_HEIGHT: usize = 250;

pub fn parse(text: &str) -> Result<Tree, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError::TooLong { limit: MAX_LENGTH });
    }
    let mut parser = Parser { tokens: lexer::tokens(text)?, at: 0, nesting: 0 };
    let (tree, _) = parser.expression(0)?;
    match parser.peek() {
        Token::End => Ok(tree),
        _ => Err(parser.syntax("an operator or the end")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    nesting: usize,
}

/// A tree with its height.
type Grown = (Tree, usize);

enum Infix {
    Operator(Operator),
    Is,
    As,
}

fn word_operator(word: &str) -> Option<(Infix, u8)> {
    Some(match word {
        "implies" => (Infix::Operator(Operator::Implies), 1),
        "or" => (Infix::Operator(Operator::Or), 2),
        "xor" => (Infix::Operator(Operator::Xor), 2),
        "and" => (Infix::Operator(Operator::And), 3),
        "in" => (Infix::Operator(Operator::In), 4),
        "contains" => (Infix::Operator(Operator::Contains), 4),
        "is" => (Infix::Is, 8),
        "as" => (Infix::As, 8),
        "div" => (Infix::Operator(Operator::Div), 10),
        "mod" => (Infix::Operator(Operator::Mod), 10),
        _ => return None,
    })
}

fn symbol_operator(symbol: &str) -> Option<(Infix, u8)> {
    let (operator, power) = match symbol {
        "=" => (Operator::Equal, 5),
        "!=" => (Operator::NotEqual, 5),
        "~" => (Operator::Equivalent, 5),
        "!~" => (Operator::NotEquivalent, 5),
        "<" => (Operator::Less, 6),
        "<=" => (Operator::LessOrEqual, 6),
        ">" => (Operator::Greater, 6),
        ">=" => (Operator::GreaterOrEqual, 6),
        "|" => (Operator::Union, 7),
        "+" => (Operator::Add, 9),
        "-" => (Operator::Subtract, 9),
        "&" => (Operator::Concatenate, 9),
        "*" => (Operator::Multiply, 10),
        "/" => (Operator::Divide, 10),
        _ => return None,
    };
    Some((Infix::Operator(operator), power))
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    fn position(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |(at, _)| *at)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(seen) if *seen == symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), ParseError> {
        if self.eat(symbol) { Ok(()) } else { Err(self.syntax(symbol)) }
    }

    fn syntax(&self, expected: &str) -> ParseError {
        ParseError::Syntax { at: self.position(), expected: expected.to_owned(), found: format!("{:?}", self.peek()) }
    }

    fn grown(&self, tree: Tree, height: usize) -> Result<Grown, ParseError> {
        if height > MAX_HEIGHT { Err(ParseError::TooDeep { at: self.position() }) } else { Ok((tree, height)) }
    }

    fn infix(&self) -> Option<(Infix, u8)> {
        match self.peek() {
            Token::Word(word) => word_operator(word),
            Token::Symbol(symbol) => symbol_operator(symbol),
            _ => None,
        }
    }

    fn expression(&mut self, least: u8) -> Result<Grown, ParseError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING * 3 {
            return Err(ParseError::TooDeep { at: self.position() });
        }
        let mut left = self.unary()?;
        while let Some((infix, power)) = self.infix().filter(|(_, power)| *power > least) {
            self.at += 1;
            left = match infix {
                Infix::Is => {
                    let name = self.type_name()?;
                    self.grown(Tree::Is(Box::new(left.0), name), left.1 + 1)?
                }
                Infix::As => {
                    let name = self.type_name()?;
                    self.grown(Tree::As(Box::new(left.0), name), left.1 + 1)?
                }
                Infix::Operator(operator) => {
                    let right = self.expression(power)?;
                    let height = left.1.max(right.1) + 1;
                    self.grown(Tree::Binary { operator, left: Box::new(left.0), right: Box::new(right.0) }, height)?
                }
            };
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn unary(&mut self) -> Result<Grown, ParseError> {
        let negative = self.eat("-");
        if !negative && !self.eat("+") {
            return self.path();
        }
        self.nesting += 1;
        if self.nesting > MAX_NESTING * 3 {
            return Err(ParseError::TooDeep { at: self.position() });
        }
        let (inner, height) = self.unary()?;
        self.nesting -= 1;
        let inner = Box::new(inner);
        self.grown(if negative { Tree::Negate(inner) } else { Tree::Plus(inner) }, height + 1)
    }

    fn path(&mut self) -> Result<Grown, ParseError> {
        let (start, mut height) = match self.peek() {
            Token::Word(_) | Token::Quoted(_) if !matches!(self.peek(), Token::Word(word) if word == "true" || word == "false") => {
                (None, 0)
            }
            _ => {
                let (term, height) = self.term()?;
                (Some(term), height)
            }
        };
        let mut steps = Vec::new();
        if start.is_none() {
            let (step, grown) = self.member()?;
            height = height.max(grown);
            steps.push(step);
        }
        loop {
            let (step, grown) = if self.eat(".") {
                self.member()?
            } else if self.eat("[") {
                let (index, grown) = self.expression(0)?;
                self.expect("]")?;
                (Step::Index(index), grown)
            } else {
                break;
            };
            height = height.max(grown);
            steps.push(step);
        }
        match start {
            Some(term) if steps.is_empty() => Ok((term, height)),
            start => self.grown(Tree::Path { start: start.map(Box::new), steps }, height + 1),
        }
    }

    fn term(&mut self) -> Result<Grown, ParseError> {
        let leaf = match self.next() {
            Token::Symbol("(") => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Symbol("{") => {
                self.expect("}")?;
                Tree::Empty
            }
            Token::Word(word) if word == "true" => Tree::Boolean(true),
            Token::Word(word) if word == "false" => Tree::Boolean(false),
            Token::Text(text) => Tree::Text(text),
            Token::Integer(number) => self.with_unit(Decimal::from_integer(number)).unwrap_or(Tree::Integer(number)),
            Token::Decimal(number) => self.with_unit(number).unwrap_or(Tree::Decimal(number)),
            Token::Temporal(temporal) => Tree::Temporal(temporal),
            Token::Variable(name) => Tree::Variable(name),
            Token::Special(name) if name == "this" => Tree::This,
            Token::Special(name) if name == "index" => Tree::Index,
            Token::Special(name) if name == "total" => Tree::Total,
            _ => {
                self.at -= 1;
                return Err(self.syntax("a value, a name or ("));
            }
        };
        Ok((leaf, 1))
    }

    fn with_unit(&mut self, value: Decimal) -> Option<Tree> {
        let (unit, calendar) = match self.peek() {
            Token::Text(unit) => (unit.clone(), false),
            Token::Word(word) => (quantity::calendar_word(word)?.to_owned(), true),
            _ => return None,
        };
        self.at += 1;
        Some(Tree::Quantity { value, unit, calendar })
    }

    fn member(&mut self) -> Result<(Step, usize), ParseError> {
        let at = self.position();
        let name = match self.next() {
            Token::Word(name) | Token::Quoted(name) => name,
            // `$this.$index` does not exist, but published expressions write `$this` after a dot.
            Token::Special(name) if name == "this" => return Ok((Step::Call(self.call(at, "$this", Vec::new())?), 1)),
            _ => {
                self.at -= 1;
                return Err(self.syntax("a name"));
            }
        };
        if !self.eat("(") {
            return Ok((Step::Child(Child { companion: format!("_{name}"), name }), 1));
        }
        if matches!(name.as_str(), "is" | "as" | "ofType") {
            let type_name = self.type_name()?;
            self.expect(")")?;
            let mut call = self.call(at, &name, Vec::new())?;
            call.type_name = Some(type_name);
            return Ok((Step::Call(call), 1));
        }
        let (mut arguments, mut height) = (Vec::new(), 0);
        if !self.eat(")") {
            loop {
                let (argument, grown) = self.expression(0)?;
                height = height.max(grown);
                arguments.push(argument);
                if !self.eat(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        Ok((Step::Call(self.call(at, &name, arguments)?), height + 1))
    }

    fn call(&self, at: usize, name: &str, arguments: Vec<Tree>) -> Result<Call, ParseError> {
        let function = functions::find(name).ok_or_else(|| ParseError::UnknownFunction { at, name: name.to_owned() })?;
        if !(function.least..=function.most).contains(&arguments.len()) {
            return Err(ParseError::Arguments { at, name: name.to_owned(), given: arguments.len() });
        }
        Ok(Call { function, arguments, type_name: None, pattern: OnceLock::new() })
    }

    fn type_name(&mut self) -> Result<TypeName, ParseError> {
        let name = self.name()?;
        if self.eat(".") {
            return Ok(TypeName { namespace: Some(name), name: self.name()? });
        }
        Ok(TypeName { namespace: None, name })
    }

    fn name(&mut self) -> Result<String, ParseError> {
        match self.next() {
            Token::Word(name) | Token::Quoted(name) => Ok(name),
            _ => {
                self.at -= 1;
                Err(self.syntax("the name of a type"))
            }
        }
    }
}
