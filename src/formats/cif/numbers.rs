//! Numbers of a CIF: standard uncertainties in brackets, fractions, and what is left of thirds and sixths.

use crate::base::text::finite;

/// A number without its standard uncertainty, `4.5937(3)`; also a fraction, `1/8`.
pub fn number(text: &str) -> Option<f64> {
    let (digits, rest) = text.split_at(text.find('(').unwrap_or(text.len()));
    let uncertainty = rest.strip_prefix('(').map(|r| r.strip_suffix(')'));
    if uncertainty.is_some_and(|inner| inner.is_none_or(|i| i.is_empty() || finite(i).is_none())) {
        return None;
    }
    match digits.split_once('/') {
        Some((above, below)) => finite(above)
            .zip(finite(below).filter(|below| *below != 0.0))
            .map(|(above, below)| above / below)
            .filter(|x| x.is_finite()),
        None => finite(digits),
    }
}

/// A fractional coordinate. Three or more digits of a multiple of 1/12 that no decimal can hold (thirds, sixths),
/// rounded or cut, are that multiple; with a standard uncertainty the number was refined and stays what it is.
pub fn coordinate(text: &str) -> Option<f64> {
    let x = number(text)?;
    let digits = text.split_once('.').map_or("", |(_, behind)| behind);
    if digits.len() < 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(x);
    }
    let nearest = (x * 12.0).round();
    let last_digit = 10.0_f64.powi(-(digits.len().min(15) as i32));
    let repeating = nearest % 3.0 != 0.0;
    Some(if repeating && (x - nearest / 12.0).abs() < 0.9 * last_digit { nearest / 12.0 } else { x })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncertainties_and_fractions_are_understood() {
        for (text, value) in [
            ("4.5937(3)", 4.5937),
            ("-.5", -0.5),
            ("1/8", 0.125),
            ("5.", 5.0),
            ("1.2e1(4)", 12.0),
            ("90", 90.0),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", "?", "1/0", "4(", "4()", "x", "nan", "1e999", "(3)", "1/", "0.3333(a)"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn rounded_thirds_and_sixths_are_restored() {
        for (text, twelfths) in [
            ("0.333", 4.0),
            ("0.3333", 4.0),
            (".66667", 8.0),
            ("0.66666", 8.0),
            ("-0.1667", -2.0),
            ("1.8333", 22.0),
            ("0.0833", 1.0),
        ] {
            assert_eq!(coordinate(text), Some(twelfths / 12.0), "{text}");
        }
        for (text, value) in
            [("0.33", 0.33), ("0.335", 0.335), ("0.3333(2)", 0.3333), ("0.2500", 0.25), ("0.2499", 0.2499)]
        {
            assert_eq!(coordinate(text), Some(value), "{text}");
        }
    }
}
