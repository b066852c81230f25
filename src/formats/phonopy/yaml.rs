//! A small strict view of YAML: nodes with their lines, for the parts of a file that are wanted.
//!
//! Aliases are refused and nesting is bounded, so a hostile file costs no more than its size.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, StrInput};

use crate::base::text::{finite, quote};
use crate::{Error, Result};

/// Deeper nesting occurs in no file of the kind read here.
const DEEPEST: usize = 32;

/// More keys stand in no map of the kind read here; the bound keeps the search for doubles cheap.
const MOST_KEYS: usize = 256;

/// A value with the line on which it begins.
pub(crate) struct Node {
    pub line: usize,
    pub value: Value,
}

pub(crate) enum Value {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// The events of a file, with errors as sentences.
pub(crate) struct Yaml<'a> {
    pub name: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    depth: usize,
}

/// What the reader cares about in an event.
pub(crate) enum Token<'a> {
    Scalar(Cow<'a, str>),
    ListStart,
    MapStart,
    /// The end of a list or map.
    End,
    /// The end of the file.
    Finish,
}

impl<'a> Yaml<'a> {
    pub fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, parser: Parser::new_from_str(text), depth: 0 }
    }

    /// The next token and its line.
    pub fn next(&mut self) -> Result<(usize, Token<'a>)> {
        loop {
            let (event, span) = match self.parser.next_event() {
                Some(Ok(event)) => event,
                Some(Err(error)) => {
                    // The library's text may quote the file; keep it to one short line.
                    let what = format!("the YAML is malformed ({})", error.info().replace('\n', " "));
                    return Err(Error::at(self.name, error.marker().line(), what, "a phonopy.yaml file"));
                }
                None => return Ok((1, Token::Finish)),
            };
            let line = span.start.line();
            let token = match event {
                Event::Scalar(text, ..) => Token::Scalar(text),
                Event::SequenceStart(..) => Token::ListStart,
                Event::MappingStart(..) => Token::MapStart,
                Event::SequenceEnd | Event::MappingEnd => Token::End,
                Event::StreamEnd => Token::Finish,
                Event::Alias(_) => {
                    return Err(Error::at(
                        self.name,
                        line,
                        "an alias (`*name`)",
                        "plain YAML without aliases",
                    ));
                }
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {
                    continue;
                }
            };
            match token {
                Token::ListStart | Token::MapStart => self.depth += 1,
                Token::End => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth > DEEPEST {
                let expected = format!("at most {DEEPEST} levels");
                return Err(Error::at(self.name, line, "lists or maps are nested too deeply", expected));
            }
            return Ok((line, token));
        }
    }

    /// The next key of a map, with its line; `None` at the end of the map.
    pub fn key(&mut self) -> Result<Option<(usize, String)>> {
        match self.next()? {
            (line, Token::Scalar(key)) => Ok(Some((line, key.into_owned()))),
            (_, Token::End | Token::Finish) => Ok(None),
            (line, _) => Err(Error::at(self.name, line, "a list or map as a key", "a word as a key")),
        }
    }

    /// Passes over one value without keeping it.
    pub fn skip(&mut self) -> Result<()> {
        let outside = self.depth;
        loop {
            let (_, token) = self.next()?;
            if self.depth <= outside || matches!(token, Token::Finish) {
                return Ok(());
            }
        }
    }

    /// The next value, whole.
    pub fn node(&mut self) -> Result<Node> {
        let token = self.next()?;
        self.node_from(token)
    }

    /// The value that begins with a token; the recursion is bounded by the depth.
    fn node_from(&mut self, (line, token): (usize, Token<'a>)) -> Result<Node> {
        let value = match token {
            Token::Scalar(text) => Value::Scalar(text.into_owned()),
            Token::ListStart => {
                let mut list = Vec::new();
                loop {
                    match self.next()? {
                        (_, Token::End | Token::Finish) => break Value::List(list),
                        token => list.push(self.node_from(token)?),
                    }
                }
            }
            Token::MapStart => {
                let mut map = Vec::new();
                while let Some((line, key)) = self.key()? {
                    if map.len() == MOST_KEYS || map.iter().any(|(other, _): &(String, Node)| *other == key) {
                        let what = format!("the key {} is given twice, or one of too many", quote(&key));
                        return Err(Error::at(self.name, line, what, "each key once"));
                    }
                    map.push((key, self.node()?));
                }
                Value::Map(map)
            }
            Token::End | Token::Finish => {
                return Err(Error::at(self.name, line, "a value is missing", "a value"));
            }
        };
        Ok(Node { line, value })
    }
}

impl Node {
    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(map) => map.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// What stands here, for an error.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Scalar(text) => quote(text),
            Value::List(list) => format!("a list of {}", list.len()),
            Value::Map(_) => "a map".to_owned(),
        }
    }

    /// Finite numbers, as many as asked for.
    pub fn numbers<const N: usize>(&self) -> Option<[f64; N]> {
        let list = self.list().filter(|list| list.len() == N)?;
        let mut numbers = [0.0; N];
        for (number, node) in numbers.iter_mut().zip(list) {
            *number = finite(node.text()?)?;
        }
        Some(numbers)
    }
}
