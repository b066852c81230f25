//! Text from the bytes of a file.

use std::borrow::Cow;

use super::recognise;
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
}
