//! Points that were cut out of a volume, as the package of the readers hands them to the engine: a line of JSON that says
//! what they are, then a structured array of NumPy. It never leaves the page.

use serde::{Deserialize, Serialize};

use super::npy::read_points;
#[cfg(feature = "readers")]
use super::npy::write_points;
use crate::data::{Dataset, LeftOut};
use crate::{Error, Result};

const MAGIC: &[u8] = b"TDS points of a volume 1\n";

/// What the points are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Length of the file.
    pub bytes: usize,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// What of the file was wanted, as JSON: the job has to ask for the same.
    pub selection: String,
    /// Voxels that are not among the points.
    pub left_out: Vec<LeftOut>,
    /// What a person should know of how the file was read.
    pub notes: Vec<String>,
}

/// Whether these are such points.
pub fn is_cut(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// What the points are, and where they begin.
///
/// # Errors
/// Anything else.
pub fn origin(name: &str, bytes: &[u8]) -> Result<(Origin, usize)> {
    let wrong =
        || Error::file(name, "these are no points of a volume", "what the package of the readers makes");
    let line = bytes.strip_prefix(MAGIC).ok_or_else(wrong)?;
    let length = line.iter().position(|b| *b == b'\n').ok_or_else(wrong)?;
    let origin = serde_json::from_slice(&line[..length]).map_err(|_| wrong())?;
    Ok((origin, MAGIC.len() + length + 1))
}

/// Reads the points that are wanted.
///
/// # Errors
/// Points of another selection; see also [`read_points`].
pub fn read_cut(name: &str, bytes: &[u8], selection: &str) -> Result<Dataset> {
    let (origin, start) = origin(name, bytes)?;
    if origin.selection != selection {
        let what = format!("the points are those of {}", origin.selection);
        return Err(Error::file(name, what, format!("those of {selection}")));
    }
    let set = read_points(name, &bytes[start..])?;
    Ok(Dataset { left_out: origin.left_out, notes: origin.notes, ..set })
}

/// Makes them.
#[cfg(feature = "readers")]
pub fn write_cut(set: &Dataset, bytes: usize, sha256: String, selection: String) -> Vec<u8> {
    let origin =
        Origin { bytes, sha256, selection, left_out: set.left_out.clone(), notes: set.notes.clone() };
    let mut out = MAGIC.to_vec();
    out.extend(serde_json::to_vec(&origin).unwrap_or_default());
    out.push(b'\n');
    out.extend(write_points(&set.hkl, &set.intensity, set.sigma.as_deref()));
    out
}

#[cfg(all(test, feature = "readers"))]
mod tests {
    use super::*;

    #[test]
    fn points_of_a_volume_read_back_with_what_they_are() {
        let set = Dataset {
            name: "v.nxs".into(),
            hkl: vec![[0.1, 0.2, 0.3]],
            intensity: vec![5.0],
            sigma: Some(vec![0.5]),
            notes: vec!["A note.".into()],
            ..Dataset::default()
        };
        let bytes = write_cut(&set, 99, "ab".into(), "{\"stride\":2}".into());
        assert!(is_cut(&bytes) && !is_cut(b"h,k,l\n"));
        assert_eq!(read_cut("v.nxs", &bytes, "{\"stride\":2}").unwrap(), set);
        assert_eq!(origin("v.nxs", &bytes).unwrap().0.bytes, 99);
        let other = read_cut("v.nxs", &bytes, "{}").unwrap_err().to_string();
        assert!(other.contains("stride"), "{other}");
        for end in 0..bytes.len() {
            assert!(read_cut("v.nxs", &bytes[..end], "{\"stride\":2}").is_err(), "{end}");
        }
    }
}
