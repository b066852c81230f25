//! The blocks of a CIF: values by tag.

use super::tokens::{Entry, Token, Tokens};
use crate::base::text::quote;
use crate::{Error, Result};

/// Everything between one `data_` and the next.
#[derive(Debug, Default)]
pub struct Block {
    pub name: String,
    scalars: Vec<(String, Entry)>,
    loops: Vec<Table>,
}

/// The columns of a loop.
#[derive(Debug)]
struct Table {
    tags: Vec<String>,
    /// Row by row.
    values: Vec<Entry>,
}

impl Block {
    /// The known value of the first of the tags that has one.
    pub fn get(&self, tags: &[&str]) -> Option<(&Entry, &str)> {
        tags.iter().find_map(|tag| {
            let entry = match self.scalars.iter().find(|(name, _)| name == tag) {
                Some((_, entry)) => entry,
                None => self.column(&[tag])?.first().copied()?,
            };
            entry.known().map(|text| (entry, text))
        })
    }

    /// The values of the first of the tags that is there, as many as the loop has rows.
    pub fn column(&self, tags: &[&str]) -> Option<Vec<&Entry>> {
        tags.iter().find_map(|tag| {
            if let Some((_, entry)) = self.scalars.iter().find(|(name, _)| name == tag) {
                return Some(vec![entry]);
            }
            self.loops.iter().find_map(|table| {
                let at = table.tags.iter().position(|name| name == tag)?;
                Some(table.values.iter().skip(at).step_by(table.tags.len()).collect())
            })
        })
    }
}

/// All blocks of a file; `text` has `\n` as the only end of a line.
///
/// # Errors
/// A loop whose values do not fill its columns, a tag without a value, a text that does not end.
pub fn blocks(name: &str, text: &str) -> Result<Vec<Block>> {
    let mut blocks = vec![Block::default()];
    let mut tokens = Tokens::new(text).peekable();
    while let Some(token) = tokens.next() {
        // There is one from the beginning.
        let Some(block) = blocks.last_mut() else { break };
        match token {
            Token::Data(title) => blocks.push(Block { name: title, ..Block::default() }),
            // A frame describes tags; it stands in dictionaries only.
            Token::Save => {}
            Token::Unclosed(line) => {
                return Err(Error::at(name, line, "a quoted text does not end", "its closing quote or `;`"));
            }
            Token::Tag(tag, line) => match tokens.next_if(|t| matches!(t, Token::Value(_))) {
                Some(Token::Value(entry)) => block.scalars.push((tag, entry)),
                _ => {
                    let what = format!("{} has no value", quote(&tag));
                    return Err(Error::at(name, line, what, "a value, or `?`"));
                }
            },
            Token::Loop(line) => {
                let mut table = Table { tags: vec![], values: vec![] };
                while let Some(Token::Tag(tag, _)) = tokens.next_if(|t| matches!(t, Token::Tag(..))) {
                    table.tags.push(tag);
                }
                while let Some(Token::Value(entry)) = tokens.next_if(|t| matches!(t, Token::Value(_))) {
                    table.values.push(entry);
                }
                let (columns, values) = (table.tags.len(), table.values.len());
                if columns == 0 {
                    return Err(Error::at(
                        name,
                        line,
                        "a loop without tags",
                        "tags such as `_atom_site_label`",
                    ));
                }
                if !values.is_multiple_of(columns) {
                    let at = table.values.last().map_or(line, |last| last.line);
                    let what = format!(
                        "the loop that begins in line {line} has {values} values for {columns} columns"
                    );
                    return Err(Error::at(name, at, what, "a value for every column of every row"));
                }
                block.loops.push(table);
            }
            Token::Value(entry) => {
                let what = format!("{} belongs to no tag", quote(&entry.text));
                return Err(Error::at(name, entry.line, what, "a tag before each value outside a loop"));
            }
        }
    }
    Ok(blocks)
}
