//! Files damaged in the ways that transfers, editors and other programs damage them, and worse.

use super::random::Random;

/// Numbers at which sizes, counts and offsets go wrong.
const NUMBERS: [u64; 16] = [
    0,
    1,
    2,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x1_0000_0000,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    0xFFFF_FFFF_FFFF_FFF8,
    u64::MAX,
];

/// Words at which readers of text go wrong.
const WORDS: [&str; 30] = [
    "0",
    "-0",
    "-1",
    "1",
    "2",
    "1e400",
    "-1e308",
    "1e-320",
    "nan",
    "inf",
    "4294967296",
    "9223372036854775808",
    "99999999999999999999999999",
    "2147483647",
    "1/0",
    "1.5(99999999999)",
    "?",
    ".",
    "'",
    "\"",
    ";",
    "[[[[[[[[[[[[[[[[",
    "{a: {b: [",
    "&x",
    "*x",
    "loop_",
    "data_",
    "\u{feff}",
    "é",
    "\0",
];

/// No damaged file is longer.
const LONGEST: usize = 1 << 20;

/// A copy with one to four damages; `other` is a file of which a part may get in.
pub fn damaged(bytes: &[u8], other: &[u8], is_text: bool, random: &mut Random) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    for _ in 0..1 + random.below(4).min(random.below(4)) {
        if copy.is_empty() {
            break;
        }
        if is_text && !random.one_in(4) { words(&mut copy, random) } else { bits(&mut copy, other, random) }
    }
    copy.truncate(LONGEST);
    copy
}

/// A place and a length from there on; short ones are the most frequent.
fn range(length: usize, random: &mut Random) -> std::ops::Range<usize> {
    let start = random.below(length);
    let most = random.of(&[4, 16, 64, 1024, usize::MAX]).min(length - start);
    start..start + 1 + random.below(most)
}

fn bits(copy: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(copy.len());
    match random.below(14) {
        0..3 => copy[at] ^= 1 << random.below(8),
        3 => copy[at] = random.of(&[0, 1, 0xFF, 0x7F, 0x80]),
        4 => copy[at] = random.next() as u8,
        5..9 => number(copy, at, random),
        9 => copy.truncate(at),
        10 => drop(copy.drain(range(copy.len(), random))),
        11 => {
            let part = copy[range(copy.len(), random)].to_vec();
            copy.splice(at..at, part);
        }
        12 => {
            let part = copy[range(copy.len(), random)].to_vec();
            for (to, from) in copy[at..].iter_mut().zip(part) {
                *to = from;
            }
        }
        _ if other.is_empty() => copy.truncate(at),
        _ => {
            // At the same place in both, where their headers have the same form.
            let from = if random.one_in(2) { at.min(other.len()) } else { random.below(other.len()) };
            copy.truncate(at);
            copy.extend_from_slice(&other[from..]);
        }
    }
}

/// Overwrites a whole number, mostly at a place where one may be.
fn number(copy: &mut [u8], at: usize, random: &mut Random) {
    let size = random.of(&[1, 2, 4, 8]);
    let at = if random.one_in(4) { at } else { at / size * size };
    let Some(place) = copy.get_mut(at..at + size) else { return };
    let big = random.one_in(4);
    if big {
        place.reverse();
    }
    let mut wide = [0; 8];
    wide[..size].copy_from_slice(place);
    let before = u64::from_le_bytes(wide);
    let after = match random.below(6) {
        0 => before.wrapping_add(1),
        1 => before.wrapping_sub(1),
        2 => before.wrapping_mul(2),
        3 => random.next(),
        _ => random.of(&NUMBERS),
    };
    place.copy_from_slice(&after.to_le_bytes()[..size]);
    if big {
        place.reverse();
    }
}

/// Where the words of a text stand.
fn places(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in text.iter().chain(b" ").enumerate() {
        let inside = !byte.is_ascii_whitespace() && !b",;:".contains(byte);
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn line_at(text: &[u8], at: usize) -> std::ops::Range<usize> {
    let start = text[..at].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let end = text[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |n| at + n + 1);
    start..end
}

fn words(copy: &mut Vec<u8>, random: &mut Random) {
    // Of a long text only the words near one place are looked for.
    let near = random.below(copy.len()) / 2048 * 2048;
    let window = near..copy.len().min(near + 4096);
    let list: Vec<_> =
        places(&copy[window.clone()]).into_iter().map(|w| w.start + near..w.end + near).collect();
    if list.is_empty() {
        return copy.truncate(near);
    }
    let word = random.of(&list);
    match random.below(10) {
        0..3 => drop(copy.splice(word, random.of(&WORDS).bytes())),
        3 => {
            let second = random.of(&list);
            let (first, second) = if word.start < second.start { (word, second) } else { (second, word) };
            if first.end <= second.start {
                let (a, b) = (copy[first.clone()].to_vec(), copy[second.clone()].to_vec());
                copy.splice(second, a);
                copy.splice(first, b);
            }
        }
        4 => drop(copy.drain(word)),
        5 => {
            let mut part = copy[word.clone()].to_vec();
            part.insert(0, random.of(b" ,\n-.("));
            copy.splice(word.end..word.end, part);
        }
        6 => drop(copy.drain(line_at(copy, word.start))),
        7 => {
            let line = copy[line_at(copy, word.start)].to_vec();
            let times = random.of(&[1, 1, 1, 2, 10, 1000]);
            let to = line_at(copy, random.of(&list).start).start;
            copy.splice(to..to, line.repeat(times));
        }
        8 => {
            let times = random.of(&[1, 10, 100, 10_000]);
            let byte = random.of(b" \t\n0(9[{'\"-#;");
            copy.splice(word.start..word.start, std::iter::repeat_n(byte, times));
        }
        _ => {
            let at = word.start + random.below(word.len());
            copy[at] = random.of(b"\0-#:*&[]{}\"'!%@`?|>,\n\t 9e\xFF\xC3");
        }
    }
}
