//! Text to tokens, with the byte at which each starts.

use super::{ParseError, decimal::Decimal, temporal::Temporal};

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A bare word: identifier or keyword.
    Word(String),
    /// An identifier in back quotes, which is never a keyword.
    Quoted(String),
    Text(String),
    Integer(i64),
    Decimal(Decimal),
    Temporal(Temporal),
    /// `$this`, `$index`, `$total`, without the sign.
    Special(String),
    /// `%name`, without the sign.
    Variable(String),
    Symbol(&'static str),
    End,
}

const SYMBOLS: [&str; 24] =
    ["<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|", "=", "~", "<", ">", "%", "$"];

/// All tokens of `text`, ending with `Token::End`.
pub fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ParseError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut all = Vec::new();
    loop {
        lexer.skip_blank()?;
        let start = lexer.at;
        if lexer.rest().is_empty() {
            all.push((start, Token::End));
            return Ok(all);
        }
        all.push((start, lexer.token()?));
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self) -> ParseError {
        ParseError::Token { at: self.at, text: self.rest().chars().take(12).collect() }
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|sign| !accept(sign)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            self.take_while(char::is_whitespace);
            if self.rest().starts_with("//") {
                self.take_while(|sign| sign != '\n' && sign != '\r');
            } else if self.rest().starts_with("/*") {
                let end = self.rest().find("*/").ok_or_else(|| self.error())?;
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, ParseError> {
        let first = self.rest().chars().next().ok_or_else(|| self.error())?;
        match first {
            '\'' | '"' => Ok(Token::Text(self.delimited(first)?)),
            '`' => Ok(Token::Quoted(self.delimited('`')?)),
            '@' => self.temporal(),
            '0'..='9' => self.number(),
            '%' => self.variable(),
            '$' => {
                self.at += 1;
                Ok(Token::Special(self.take_while(is_word).to_owned()))
            }
            _ if is_word(first) => Ok(Token::Word(self.take_while(is_word).to_owned())),
            _ => {
                let symbol = SYMBOLS.iter().find(|symbol| self.rest().starts_with(**symbol)).ok_or_else(|| self.error())?;
                self.at += symbol.len();
                Ok(Token::Symbol(symbol))
            }
        }
    }

    fn variable(&mut self) -> Result<Token, ParseError> {
        self.at += 1;
        match self.rest().chars().next() {
            Some(quote @ ('`' | '\'' | '"')) => Ok(Token::Variable(self.delimited(quote)?)),
            _ => {
                let name = self.take_while(|sign| is_word(sign) || sign == '-');
                if name.is_empty() { Err(self.error()) } else { Ok(Token::Variable(name.to_owned())) }
            }
        }
    }

    fn number(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        self.take_while(|sign| sign.is_ascii_digit());
        let mut after = self.rest().chars();
        let fraction = after.next() == Some('.') && after.next().is_some_and(|sign| sign.is_ascii_digit());
        if fraction {
            self.at += 1;
            self.take_while(|sign| sign.is_ascii_digit());
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        let token = if fraction { Decimal::parse(digits).map(Token::Decimal) } else { digits.parse().ok().map(Token::Integer) };
        token.ok_or_else(|| {
            self.at = start;
            self.error()
        })
    }

    fn temporal(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        self.at += 1;
        let time_only = self.rest().starts_with('T');
        if time_only {
            self.at += 1;
            let text = self.time_text();
            return Temporal::parse_time(text).map(Token::Temporal).ok_or_else(|| {
                self.at = start;
                self.error()
            });
        }
        let from = self.at;
        self.take_while(|sign| sign.is_ascii_digit() || sign == '-');
        if self.rest().starts_with('T') {
            self.at += 1;
            self.time_text();
            if self.rest().starts_with('Z') {
                self.at += 1;
            } else if self.rest().starts_with(['+', '-']) && self.rest().as_bytes().get(3) == Some(&b':') {
                self.at += 1;
                self.take_while(|sign| sign.is_ascii_digit() || sign == ':');
            }
        }
        Temporal::parse(self.text.get(from..self.at).unwrap_or_default()).map(Token::Temporal).ok_or_else(|| {
            self.at = start;
            self.error()
        })
    }

    fn time_text(&mut self) -> &'t str {
        let start = self.at;
        self.take_while(|sign| sign.is_ascii_digit() || sign == ':');
        let mut after = self.rest().chars();
        if after.next() == Some('.') && after.next().is_some_and(|sign| sign.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|sign| sign.is_ascii_digit());
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn delimited(&mut self, quote: char) -> Result<String, ParseError> {
        let start = self.at;
        let mut text = String::new();
        let mut signs = self.rest().char_indices().skip(1);
        while let Some((at, sign)) = signs.next() {
            if sign == quote {
                self.at = start + at + 1;
                return Ok(text);
            }
            if sign != '\\' {
                text.push(sign);
                continue;
            }
            match signs.next().map(|(_, escaped)| escaped) {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('f') => text.push('\u{c}'),
                Some('u') => {
                    let digits: String = signs.by_ref().take(4).map(|(_, digit)| digit).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).ok_or_else(|| self.error())?;
                    text.push(code);
                }
                Some(other) => text.push(other),
                None => break,
            }
        }
        Err(self.error())
    }
}

fn is_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_'
}
