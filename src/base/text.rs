//! What the readers of text files share: decoding, numbers, and quoting a person's text in an error.

use crate::{Error, Result};

/// The lines of a file, counted for the errors.
pub(crate) struct Lines<'a> {
    pub name: &'a str,
    /// One-based number of the line given last.
    pub number: usize,
    lines: std::str::Lines<'a>,
}

impl<'a> Lines<'a> {
    pub fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, number: 0, lines: text.lines() }
    }

    /// The next line; the end of the file is an error.
    pub fn next(&mut self, expected: &str) -> Result<&'a str> {
        self.number += 1;
        self.lines.next().ok_or_else(|| self.error("the file ends here", expected))
    }

    /// The next line that is not blank; the end of the file is an error.
    pub fn next_filled(&mut self, expected: &str) -> Result<&'a str> {
        self.filled().ok_or_else(|| {
            self.number += 1;
            self.error("the file ends here", expected)
        })
    }

    /// The next line that is not blank, if there is one.
    pub fn filled(&mut self) -> Option<&'a str> {
        self.lines.by_ref().inspect(|_| self.number += 1).find(|line| !line.trim().is_empty())
    }

    /// The three finite numbers with which a line, the one given last, begins.
    pub fn three_numbers(&self, line: &str, expected: &str) -> Result<[f64; 3]> {
        let mut tokens = line.split_whitespace();
        let mut numbers = [0.0; 3];
        for number in &mut numbers {
            let token = tokens.next().ok_or_else(|| self.error("fewer than three numbers", expected))?;
            *number = finite(token)
                .ok_or_else(|| self.error(format!("{} is no number", quote(token)), expected))?;
        }
        Ok(numbers)
    }

    /// Something wrong in the line given last.
    pub fn error(&self, what: impl Into<String>, expected: &str) -> Error {
        Error::at(self.name, self.number, what, expected)
    }
}

/// A finite number.
pub(crate) fn finite(token: &str) -> Option<f64> {
    token.parse::<f64>().ok().filter(|x| x.is_finite())
}

/// A person's text as it may stand in a sentence: quoted, short, on one line.
pub(crate) fn quote(token: &str) -> String {
    const LONGEST: usize = 40;
    let shown: String = token.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if token.chars().nth(LONGEST).is_some() { format!("`{shown}…`") } else { format!("`{shown}`") }
}

/// The shortest decimal that reads back as the same number, e.g. `4`, `0.1`, `1e-20`.
pub(crate) fn shortest(x: f64) -> String {
    let text = format!("{x:?}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_stays_short_and_on_one_line() {
        assert_eq!(quote("a\nb"), "`a b`");
        assert!(quote(&"é".repeat(1_000_000)).chars().count() < 50);
    }

    #[test]
    fn shortest_numbers_read_back_exactly() {
        for x in [4.0, 0.1, -2.5e-20, 1.0 / 3.0, 1e300, -0.0, 123456789.123] {
            assert_eq!(shortest(x).parse::<f64>().unwrap(), x);
        }
        assert_eq!(shortest(4.0), "4");
    }
}
