//! What the readers of text files share: decoding, numbers, and quoting a person's text in an error.

use std::borrow::Cow;

use crate::formats::recognise;
use crate::{Error, Result};

/// The text of a file: UTF-8, or UTF-16 with its byte-order mark, which is left away. Anything binary is refused,
/// by its name where that is known.
pub(crate) fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>> {
    if let Some((what, expected)) = recognise::binary(bytes) {
        return Err(Error::at(name, 1, format!("this is {what}"), expected));
    }
    let wrong = |before: &[u8], what: &str| {
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        Error::at(name, line, format!("this is not readable text ({what})"), "a text file in UTF-8")
    };
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes).map(Cow::Owned),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes).map(Cow::Owned),
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            let text = std::str::from_utf8(bytes)
                .map_err(|error| wrong(&bytes[..error.valid_up_to()], "invalid UTF-8"))?;
            Some(Cow::Borrowed(text))
        }
    };
    let text = text.ok_or_else(|| wrong(&[], "invalid UTF-16"))?;
    match text.find('\0') {
        Some(at) => Err(wrong(&text.as_bytes()[..at], "a zero byte")),
        None => Ok(text),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    bytes
        .len()
        .is_multiple_of(2)
        .then(|| char::decode_utf16(units).collect::<std::result::Result<_, _>>().ok())?
}

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
    fn binary_files_are_refused_with_the_line() {
        let nul = decode("a.csv", b"1\n\0").unwrap_err().to_string();
        assert!(nul.starts_with("a.csv:2: "), "{nul}");
        let latin = decode("a.csv", b"1\n2\n\xFF\n").unwrap_err().to_string();
        assert!(latin.starts_with("a.csv:3: "), "{latin}");
        assert_eq!(decode("a.csv", b"\xEF\xBB\xBFh").unwrap(), "h");
        let xz = decode("a.csv", b"\xFD7zXZ\0\0").unwrap_err().to_string();
        assert_eq!(xz, "a.csv:1: this is a file packed by xz, expected the file unpacked");
    }

    #[test]
    fn both_byte_orders_of_utf_16_are_read() {
        let text = "h;σ\r\n";
        let little: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode("a.csv", &little).unwrap(), text);
        assert_eq!(decode("a.csv", &big).unwrap(), text);
        assert!(decode("a.csv", &little[..5]).unwrap_err().to_string().contains("UTF-16"));
    }

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
