//! The words of a CIF, versions 1.1 and 2.0.
//!
//! S. R. Hall & J. D. Westbrook, International Tables for Crystallography G (2006), chapter 2.2;
//! H. J. Bernstein et al., J. Appl. Cryst. 49 (2016) 277–284.

/// A value with its line.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub text: String,
    pub line: usize,
    /// Between quotes or semicolons: `?` and `.` then mean themselves.
    pub quoted: bool,
}

impl Entry {
    /// The text, unless it says that nothing is known or nothing applies.
    pub fn known(&self) -> Option<&str> {
        let nothing = !self.quoted && matches!(self.text.as_str(), "?" | ".");
        (!nothing && !self.text.trim().is_empty()).then_some(self.text.trim())
    }
}

/// One word of the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// `data_name`.
    Data(String),
    /// The begin or the end of a save frame, and the two words that CIF reserves.
    Save,
    Loop(usize),
    /// A tag in lower case, with `_` where the dictionaries of CIF 2.0 have a point.
    Tag(String, usize),
    Value(Entry),
    /// A text field or a quoted text that does not end; its line.
    Unclosed(usize),
}

/// The words of a file, one after the other.
pub struct Tokens<'a> {
    /// The text with `\n` as the only end of a line.
    text: &'a str,
    at: usize,
    line: usize,
    second: bool,
}

impl<'a> Tokens<'a> {
    pub fn new(text: &'a str) -> Self {
        Tokens { text, at: 0, line: 1, second: text.trim_start().starts_with("#\\#CIF_2") }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let passed = &self.text[self.at..self.at + bytes];
        self.line += passed.bytes().filter(|b| *b == b'\n').count();
        self.at += bytes;
        passed
    }

    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.advance(blank);
            if !self.rest().starts_with('#') {
                return;
            }
            let comment = self.rest().find('\n').unwrap_or(self.rest().len());
            self.advance(comment);
        }
    }

    fn value(&self, text: &str, line: usize, quoted: bool) -> Token {
        Token::Value(Entry { text: text.to_owned(), line, quoted })
    }

    /// A text that ends at `end`; `skip` bytes belong to its opening.
    fn enclosed(&mut self, skip: usize, end: Option<usize>, closing: usize) -> Token {
        let line = self.line;
        let Some(end) = end else {
            self.advance(self.rest().len());
            return Token::Unclosed(line);
        };
        let text = self.rest()[skip..end].to_owned();
        self.advance(end + closing);
        Token::Value(Entry { text, line, quoted: true })
    }

    /// A list or a table of CIF 2.0 as one value; no tag that is read here has one.
    fn list(&mut self) -> Token {
        let line = self.line;
        let (mut depth, mut quote) = (0_usize, None);
        let mut length = self.rest().len();
        for (at, c) in self.rest().char_indices() {
            match (quote, c) {
                (Some(q), c) if q == c => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None, '[' | '{') => depth += 1,
                (None, ']' | '}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        length = at + 1;
                        break;
                    }
                }
                _ => {}
            }
        }
        if depth > 0 {
            self.advance(length);
            return Token::Unclosed(line);
        }
        let text = self.advance(length);
        self.value(text, line, true)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.blank();
        let rest = self.rest();
        let first = rest.chars().next()?;
        let line = self.line;
        let line_begins = self.at == 0 || self.text.as_bytes()[self.at - 1] == b'\n';
        if first == ';' && line_begins {
            return Some(self.enclosed(1, rest.find("\n;"), 2));
        }
        if matches!(first, '\'' | '"') {
            let triple = if first == '"' { "\"\"\"" } else { "'''" };
            if self.second && rest.starts_with(triple) {
                return Some(self.enclosed(3, rest[3..].find(triple).map(|end| end + 3), 3));
            }
            // The first quote with a blank behind it closes; in CIF 2.0 any.
            let end = rest.char_indices().skip(1).take_while(|(_, c)| *c != '\n').find(|(at, c)| {
                let behind = rest[at + c.len_utf8()..].chars().next();
                *c == first && (self.second || behind.is_none_or(char::is_whitespace))
            });
            return Some(self.enclosed(1, end.map(|(at, _)| at), 1));
        }
        if self.second && matches!(first, '[' | '{') {
            return Some(self.list());
        }
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = self.advance(length);
        let lower = word.to_lowercase();
        Some(if word.starts_with('_') {
            Token::Tag(lower.replace('.', "_"), line)
        } else if lower == "loop_" {
            Token::Loop(line)
        } else if lower.starts_with("save_") || matches!(lower.as_str(), "global_" | "stop_") {
            Token::Save
        } else if lower.starts_with("data_") {
            Token::Data(word.get(5..).unwrap_or_default().to_owned())
        } else {
            self.value(word, line, false)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Tokens::new(text)
            .map(|token| match token {
                Token::Data(name) => format!("data {name}"),
                Token::Save => "save".into(),
                Token::Loop(_) => "loop".into(),
                Token::Tag(tag, _) => tag,
                Token::Value(entry) => format!("={}", entry.text),
                Token::Unclosed(line) => format!("unclosed {line}"),
            })
            .collect()
    }

    #[test]
    fn quotes_fields_and_comments_are_what_the_grammar_says() {
        assert_eq!(
            words("# c\ndata_a _x 'it's' # d\n_Y.Z\t\"a\"b\"\n;\nloop_ data_trap\n;\n_w a#b"),
            ["data a", "_x", "=it's", "_y_z", "=a\"b", "=\nloop_ data_trap", "_w", "=a#b"]
        );
        assert_eq!(words("'open\n_x ;a"), ["unclosed 1"]);
        assert_eq!(words("_x\n;never ends"), ["_x", "unclosed 2"]);
    }

    #[test]
    fn lists_and_triple_quotes_belong_to_the_second_version() {
        assert_eq!(
            words("#\\#CIF_2.0\ndata_a _m [ [1 2] ['a]' 3] ] _t '''x\n'y''' _u 1"),
            ["data a", "_m", "=[ [1 2] ['a]' 3] ]", "_t", "=x\n'y", "_u", "=1"]
        );
        assert_eq!(words("data_a _m [1 2]"), ["data a", "_m", "=[1", "=2]"]);
    }
}
