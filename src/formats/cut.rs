//! Points that were cut out of a volume, as the package of the readers hands them to the engine: lines that say what they
//! are, then the numbers. It never leaves the page.

use crate::data::Dataset;
use crate::{Error, Result};

const MAGIC: &[u8] = b"TDS points of a volume 1\n";

/// What the points are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origin {
    /// Length of the file.
    pub bytes: usize,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// What of the file was wanted: the job has to ask for the same.
    pub selection: String,
    /// Voxels without a measurement.
    pub holes: usize,
    /// What a person should know of how the file was read.
    pub notes: Vec<String>,
}

/// Whether these are such points.
pub fn is_cut(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// What the points are, and their numbers: how many for each point, and as little-endian doubles.
///
/// # Errors
/// Anything else.
pub fn parse<'a>(name: &str, bytes: &'a [u8]) -> Result<(Origin, usize, &'a [u8])> {
    let wrong =
        || Error::file(name, "these are no points of a volume", "what the package of the readers makes");
    let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(wrong)?;
    let mut line = || {
        let length = rest.iter().position(|b| *b == b'\n')?;
        let text = std::str::from_utf8(&rest[..length]).ok()?;
        rest = &rest[length + 1..];
        Some(text)
    };
    let mut number = || line()?.parse::<usize>().ok();
    let (columns, length, holes) = (number(), number(), number());
    let (Some(columns @ 4..=5), Some(length), Some(holes)) = (columns, length, holes) else {
        return Err(wrong());
    };
    let (Some(sha256), Some(selection)) = (line(), line()) else { return Err(wrong()) };
    let mut notes = Vec::new();
    loop {
        match line() {
            Some("") => break,
            Some(note) => notes.push(note.to_owned()),
            None => return Err(wrong()),
        }
    }
    let origin =
        Origin { bytes: length, sha256: sha256.to_owned(), selection: selection.to_owned(), holes, notes };
    if rest.is_empty() || rest.len() % (8 * columns) != 0 {
        Err(wrong())
    } else {
        Ok((origin, columns, rest))
    }
}

/// Reads the points that are wanted, and how many voxels are left out.
///
/// # Errors
/// Points of another selection, or anything else.
pub fn read_cut(name: &str, bytes: &[u8], selection: &str) -> Result<(Dataset, usize)> {
    let (origin, columns, numbers) = parse(name, bytes)?;
    if origin.selection != selection {
        let what = format!("the points are those of “{}”", origin.selection);
        return Err(Error::file(name, what, format!("those of “{selection}”")));
    }
    let mut set = Dataset { name: name.to_owned(), notes: origin.notes, ..Dataset::default() };
    let mut sigma = Vec::new();
    for row in numbers.chunks_exact(8 * columns) {
        let number = |n: usize| f64::from_le_bytes(std::array::from_fn(|k| row[8 * n + k]));
        set.hkl.push([number(0), number(1), number(2)]);
        set.intensity.push(number(3));
        if columns == 5 {
            sigma.push(number(4));
        }
    }
    set.sigma = (columns == 5).then_some(sigma);
    Ok((set, origin.holes))
}

/// Makes them.
#[cfg(feature = "readers")]
pub fn write_cut(set: &Dataset, bytes: usize, sha256: &str, selection: &str) -> Vec<u8> {
    let holes: usize = set.left_out.iter().map(|kind| kind.rows).sum();
    let columns = 4 + usize::from(set.sigma.is_some());
    let mut out = MAGIC.to_vec();
    let one_line = |text: &str| text.replace('\n', " ");
    out.extend(format!("{columns}\n{bytes}\n{holes}\n{sha256}\n{}\n", one_line(selection)).bytes());
    for note in set.notes.iter().filter(|note| !note.is_empty()) {
        out.extend(one_line(note).bytes());
        out.push(b'\n');
    }
    out.push(b'\n');
    for (n, (q, i)) in set.hkl.iter().zip(&set.intensity).enumerate() {
        let sigma = set.sigma.as_ref().and_then(|list| list.get(n));
        for x in q.iter().chain([i]).chain(sigma) {
            out.extend(x.to_le_bytes());
        }
    }
    out
}

#[cfg(all(test, feature = "readers"))]
mod tests {
    use super::*;

    #[test]
    fn points_of_a_volume_read_back_with_what_they_are() {
        let set = Dataset {
            name: "v.nxs".into(),
            hkl: vec![[0.1, 0.2, 0.3], [1.0 / 3.0, 0.0, -2.0]],
            intensity: vec![5.0, 7.5],
            sigma: Some(vec![0.5, 0.25]),
            notes: vec!["A note.".into()],
            ..Dataset::default()
        };
        for sigma in [set.sigma.clone(), None] {
            let set = Dataset { sigma, ..set.clone() };
            let bytes = write_cut(&set, 99, "ab", "stride: 2");
            assert!(is_cut(&bytes) && !is_cut(b"h,k,l\n"));
            assert_eq!(read_cut("v.nxs", &bytes, "stride: 2").unwrap(), (set, 0));
            assert_eq!(parse("v.nxs", &bytes).unwrap().0.bytes, 99);
            let other = read_cut("v.nxs", &bytes, "").unwrap_err().to_string();
            assert!(other.contains("stride"), "{other}");
            assert!(read_cut("v.nxs", &bytes[..bytes.len() - 3], "stride: 2").is_err());
        }
    }
}
