//! NumPy's NPY files: the header, and lists of points as structured arrays. A structured array with the fields h, k,
//! l, intensity and perhaps sigma is the binary form of a list of points; [`write_points`] makes it.
//!
//! Format: numpy.lib.format, versions 1 to 3.

use crate::base::parallel::{now, resting};
use crate::base::text::quote;
use crate::data::{Dataset, LeftOut, Reason};
use crate::formats::half::half;
use crate::{Error, Result};

pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// A header is never longer than this many bytes: names of fields are short.
const LONGEST_HEADER: usize = 65_536;

/// One kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scalar {
    /// NumPy's letter: `f`, `i`, `u`, `b` for truth values.
    class: u8,
    /// Bytes.
    pub size: usize,
    big_endian: bool,
}

impl Scalar {
    /// From NumPy's word, such as `<f8`.
    fn parse(word: &str) -> Option<Self> {
        let (order, rest) = match word.as_bytes().first()? {
            order @ (b'<' | b'>' | b'=' | b'|') => (*order, &word[1..]),
            _ => (b'=', word),
        };
        let class = *rest.as_bytes().first()?;
        let size = rest.get(1..)?.parse().ok()?;
        let known = match class {
            b'f' => matches!(size, 2 | 4 | 8),
            b'i' | b'u' => matches!(size, 1 | 2 | 4 | 8),
            b'b' => size == 1,
            _ => false,
        };
        known.then_some(Scalar { class, size, big_endian: order == b'>' })
    }

    /// The number in `size` bytes.
    pub fn read(self, bytes: &[u8]) -> f64 {
        let mut wide = [0; 8];
        for (n, byte) in bytes.iter().take(self.size).enumerate() {
            wide[if self.big_endian { self.size - 1 - n } else { n }] = *byte;
        }
        let whole = u64::from_le_bytes(wide);
        match (self.class, self.size) {
            (b'f', 2) => half(whole as u16),
            (b'f', 4) => f64::from(f32::from_bits(whole as u32)),
            (b'f', _) => f64::from_bits(whole),
            (b'i', 1) => f64::from(whole as i8),
            (b'i', 2) => f64::from(whole as i16),
            (b'i', 4) => f64::from(whole as i32),
            (b'i', _) => whole as i64 as f64,
            _ => whole as f64,
        }
    }
}

/// What volumes need to know.
#[cfg(feature = "readers")]
impl Scalar {
    /// Whether these are truth values.
    pub fn is_truth(self) -> bool {
        self.class == b'b'
    }

    /// Whether 32 bits of a floating-point number hold every value.
    pub fn fits_f32(self) -> bool {
        self.size < 4 || self.class == b'f' && self.size == 4
    }

    /// As NumPy calls it: `float32`.
    pub fn name(self) -> String {
        let class = match self.class {
            b'f' => "float",
            b'i' => "int",
            b'u' => "uint",
            _ => return "bool".into(),
        };
        format!("{class}{}", self.size * 8)
    }
}

/// What each element is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Element {
    /// One number.
    Scalar(Scalar),
    /// Several, by name.
    Fields(Vec<(String, Scalar)>),
}

/// The header of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub element: Element,
    /// Whether the first index runs fastest.
    pub fortran_order: bool,
    pub shape: Vec<usize>,
    /// Where the numbers begin.
    pub start: usize,
}

impl Header {
    /// How many bytes of the file have to be there for the header: as many as its first bytes say.
    pub fn length(name: &str, head: &[u8]) -> Result<usize> {
        let ends = || Error::file(name, "the file ends inside its header", "a whole NPY file");
        let byte = |n: usize| head.get(n).copied().map(usize::from).ok_or_else(ends);
        let (start, length) = match byte(6)? {
            1 => (10, byte(8)? | byte(9)? << 8),
            2 | 3 => (12, byte(8)? | byte(9)? << 8 | byte(10)? << 16 | byte(11)? << 24),
            version => {
                let what = format!("this is version {version} of NPY");
                return Err(Error::file(name, what, "version 1, 2 or 3"));
            }
        };
        if length > LONGEST_HEADER {
            return Err(Error::file(name, format!("the header has {length} bytes"), "at most 65536"));
        }
        Ok(start + length)
    }

    /// Reads the header with which a file begins.
    pub fn parse(name: &str, head: &[u8]) -> Result<Self> {
        let start = Self::length(name, head)?;
        let from = if head[6] == 1 { 10 } else { 12 };
        let text = head
            .get(from..start)
            .ok_or_else(|| Error::file(name, "the file ends inside its header", "a whole NPY file"))?;
        let text = String::from_utf8_lossy(text);
        let missing = |key: &str| Error::file(name, format!("the header has no {key}"), "an array of NumPy");
        let descr = value(&text, "descr").ok_or_else(|| missing("descr"))?;
        let shape = value(&text, "shape").ok_or_else(|| missing("shape"))?;
        let inside = shape.strip_prefix('(').and_then(|rest| rest.split(')').next()).unwrap_or("x");
        let sizes = inside.split(',').map(str::trim).filter(|size| !size.is_empty());
        let shape = sizes.map(|size| size.trim_end_matches('L').parse().ok()).collect::<Option<Vec<usize>>>();
        let shape = shape.ok_or_else(|| Error::file(name, "the shape cannot be read", "whole numbers"))?;
        let element = match quoted(descr) {
            Some(word) => Element::Scalar(scalar(name, word)?),
            None => Element::Fields(fields(name, descr)?),
        };
        let fortran_order = value(&text, "fortran_order").is_some_and(|word| word.starts_with("True"));
        Ok(Header { element, fortran_order, shape, start })
    }
}

/// What stands behind a key of the header's dictionary, up to its end.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = ["'", "\""].iter().find_map(|q| Some(text.find(&format!("{q}{key}{q}"))? + key.len() + 2))?;
    Some(text[at..].trim_start().strip_prefix(':')?.trim_start())
}

/// The word in quotation marks with which a text begins.
fn quoted(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split(mark).next()
}

fn scalar(name: &str, word: &str) -> Result<Scalar> {
    Scalar::parse(word).ok_or_else(|| {
        let letter = word.trim_start_matches(['<', '>', '=', '|']).chars().next();
        let what = match letter {
            Some('O') => "the array holds Python objects (pickled)".to_owned(),
            Some('c') => "the array holds complex numbers".to_owned(),
            Some('U' | 'S') => "the array holds text".to_owned(),
            _ => format!("the array holds {}", quote(word)),
        };
        Error::file(name, what, "an array of real numbers")
    })
}

/// The fields of a structured array: `[('h', '<f8'), …]`.
fn fields(name: &str, descr: &str) -> Result<Vec<(String, Scalar)>> {
    let wrong =
        || Error::file(name, "the kind of the elements cannot be read", "numbers or named fields of them");
    let list = descr.strip_prefix('[').and_then(|rest| rest.split(']').next()).ok_or_else(wrong)?;
    let mut found = Vec::new();
    for entry in list.split('(').skip(1) {
        let entry = entry.split(')').next().unwrap_or("");
        let marks: Vec<&str> = entry.split(['\'', '"']).collect();
        // Between the marks: nothing, the name, a comma, the kind, and nothing more; what an array adds in brackets is
        // an entry without marks.
        let [_, field, _, kind, _] = marks[..] else { return Err(wrong()) };
        found.push((field.to_owned(), scalar(name, kind)?));
    }
    if found.is_empty() { Err(wrong()) } else { Ok(found) }
}

/// Whether a file begins as an array of NumPy with named fields.
pub(crate) fn is_points(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
        && Header::parse("", bytes).is_ok_and(|header| matches!(header.element, Element::Fields(_)))
}

/// Reads a list of points: a structured array with the fields h, k, l, intensity and perhaps sigma, in any order.
/// Points that are no measurement are counted and left out.
///
/// # Errors
/// Another kind of array, missing fields, fewer bytes than the shape says, no point that can be used.
pub fn read_points(name: &str, bytes: &[u8]) -> Result<Dataset> {
    now(read_points_in_pieces(name, bytes))
}

/// The same, in pieces.
///
/// # Errors
/// As [`read_points`].
pub async fn read_points_in_pieces(name: &str, bytes: &[u8]) -> Result<Dataset> {
    let header = Header::parse(name, bytes)?;
    let Element::Fields(fields) = &header.element else {
        let what = "the array has no named fields";
        return Err(Error::file(name, what, "the fields h, k, l, intensity, or a volume with its axes"));
    };
    let mut places = Vec::new();
    let mut row = 0;
    for (field, scalar) in fields {
        places.push((field.to_ascii_lowercase(), row, *scalar));
        row += scalar.size;
    }
    let find = |names: &[&str]| places.iter().find(|(field, ..)| names.contains(&field.as_str()));
    let need = |names: &[&str]| {
        find(names).ok_or_else(|| {
            let what = format!("the array has no field {}", names[0]);
            Error::file(name, what, "the fields h, k, l, intensity[, sigma]")
        })
    };
    let columns = [need(&["h"])?, need(&["k"])?, need(&["l"])?, need(&["intensity", "i", "counts"])?];
    let sigma = find(&["sigma", "sig", "error", "errors", "uncertainty"]);
    let data = bytes.get(header.start..).unwrap_or(&[]);
    let count = header.shape.iter().try_fold(1_usize, |n, size| n.checked_mul(*size)).unwrap_or(usize::MAX);
    if count.checked_mul(row).is_none_or(|length| length > data.len()) {
        let what = format!("the file ends after {} of {count} points", data.len() / row.max(1));
        return Err(Error::file(name, what, "the whole file"));
    }
    let mut set = Dataset { name: name.to_owned(), ..Dataset::default() };
    let mut sigmas = Vec::new();
    let mut take = |n: usize| {
        let point = &data[n * row..(n + 1) * row];
        let [h, k, l, intensity] = columns.map(|(_, at, scalar)| scalar.read(&point[*at..]));
        let sigma = sigma.map(|(_, at, scalar)| scalar.read(&point[*at..]));
        if let Some(reason) = unusable([h, k, l], intensity, sigma) {
            return LeftOut::count(&mut set.left_out, reason, n + 1, String::new);
        }
        set.hkl.push([h, k, l]);
        set.intensity.push(intensity);
        sigmas.extend(sigma);
    };
    resting(count, 0.3, &mut |range| range.for_each(&mut take)).await;
    if set.hkl.is_empty() {
        return Err(Error::file(name, format!("none of {count} points can be used"), "finite numbers"));
    }
    set.sigma = sigma.map(|_| sigmas);
    set.notes = set.left_out.iter().map(|kind| kind.sentence(name)).collect();
    Ok(set)
}

/// Why a point is no measurement, with the limits of tables.
fn unusable(hkl: [f64; 3], intensity: f64, sigma: Option<f64>) -> Option<Reason> {
    let all = hkl.into_iter().chain([intensity]).chain(sigma);
    if all.clone().any(|x| !x.is_finite()) {
        return Some(Reason::NotFinite);
    }
    if hkl.iter().any(|x| x.abs() > 1e4) || intensity.abs() > 1e30 || sigma.is_some_and(|s| s > 1e30) {
        return Some(Reason::OutOfRange);
    }
    sigma.is_some_and(|s| s < 1e-30).then_some(Reason::SigmaNotPositive)
}

/// A list of points as a structured array of little-endian doubles, which reads back exactly.
#[cfg(feature = "readers")]
pub fn write_points(hkl: &[[f64; 3]], intensity: &[f64], sigma: Option<&[f64]>) -> Vec<u8> {
    let names = ["h", "k", "l", "intensity", "sigma"];
    let fields: Vec<String> =
        names[..4 + usize::from(sigma.is_some())].iter().map(|field| format!("('{field}', '<f8')")).collect();
    let text =
        format!("{{'descr': [{}], 'fortran_order': False, 'shape': ({},), }}", fields.join(", "), hkl.len());
    // The numbers begin at a multiple of 64 bytes.
    let length = (text.len() + 11).next_multiple_of(64) - 10;
    let mut out = MAGIC.to_vec();
    out.extend([1, 0]);
    out.extend((length as u16).to_le_bytes());
    out.extend(text.bytes());
    out.resize(9 + length, b' ');
    out.push(b'\n');
    for (n, (q, i)) in hkl.iter().zip(intensity).enumerate() {
        let sigma = sigma.and_then(|list| list.get(n));
        for x in q.iter().chain([i]).chain(sigma) {
            out.extend(x.to_le_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_read_back_exactly() {
        let hkl = [[1.0 / 3.0, -0.1, 0.0], [1e-20, 2.0, 5.5]];
        let (intensity, sigma) = ([std::f64::consts::PI, 1e22], [0.1, 0.2]);
        for sigma in [None, Some(&sigma[..])] {
            let bytes = write_points(&hkl, &intensity, sigma);
            let set = read_points("p.npy", &bytes).unwrap();
            assert_eq!((set.hkl, set.intensity), (hkl.to_vec(), intensity.to_vec()));
            assert_eq!(set.sigma.as_deref(), sigma);
            assert!(is_points(&bytes));
            assert_eq!(Header::parse("p", &bytes).unwrap().start % 64, 0);
            for end in 0..bytes.len() {
                assert!(read_points("p.npy", &bytes[..end]).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn fields_may_have_any_order_and_kind() {
        let text = "{'descr': [('l', '>f4'), ('Intensity', '<i4'), ('h', '<f8'), ('k', '|i1'), ], 'fortran_order': False, 'shape': (2,), }\n";
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.bytes());
        for (l, i, h, k) in [(0.5_f32, 7_i32, 1.25_f64, -1_i8), (f32::NAN, 8, 0.0, 0)] {
            bytes.extend(l.to_be_bytes());
            bytes.extend(i.to_le_bytes());
            bytes.extend(h.to_le_bytes());
            bytes.extend(k.to_le_bytes());
        }
        let set = read_points("p.npy", &bytes).unwrap();
        assert_eq!((set.hkl, set.intensity), (vec![[1.25, -1.0, 0.5]], vec![7.0]));
        assert_eq!(set.left_out[0].rows, 1);
    }

    #[test]
    fn what_is_no_list_of_points_is_named() {
        let with = |descr: &str| {
            let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (1,), }}\n");
            let mut bytes = MAGIC.to_vec();
            bytes.extend([1, 0]);
            bytes.extend((text.len() as u16).to_le_bytes());
            bytes.extend(text.bytes());
            bytes.extend([0; 64]);
            read_points("p", &bytes).unwrap_err().to_string()
        };
        assert!(with("'<f8'").contains("no named fields"));
        assert!(with("'|O'").contains("pickled"));
        assert!(with("'<c16'").contains("complex"));
        assert!(with("[('h', '<f8'), ('k', '<f8')]").contains("no field l"));
        assert!(with("[('h', '<f8', (3,))]").contains("kind of the elements"));
        assert!(with("[]").contains("kind of the elements"));
    }
}
