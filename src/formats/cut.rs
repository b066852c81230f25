//! Points that were cut out of a volume, as the package of the readers hands them to the engine: a line of JSON that says
//! what they are, then a structured array of NumPy. It never leaves the page.

use serde::{Deserialize, Serialize};

use super::npy::read_points_in_pieces;
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
    /// Bytes of the array of points, which follows.
    pub points: usize,
    /// Voxels that are not among the points.
    pub left_out: Vec<LeftOut>,
    /// What a person should know of how the file was read.
    pub notes: Vec<String>,
    /// The unit cell that the file states: Å and degrees.
    pub unit_cell: Option<[f64; 6]>,
    /// The mask files that were read beside it.
    pub masks: Vec<Print>,
    /// Bytes that say of each point which of them leave it out, after the array; none without such files.
    pub marks: usize,
}

/// What tells a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Print {
    /// As the job calls it.
    pub name: String,
    /// Its length.
    pub bytes: usize,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// Whether these are such points.
pub fn is_cut(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// What the first points are, and where they begin.
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

/// Reads the points of the selection that is wanted.
///
/// # Errors
/// No points of this selection; see also [`read_points_in_pieces`].
pub async fn read_cut(name: &str, bytes: &[u8], selection: &str) -> Result<Dataset> {
    let (mut rest, mut others) = (bytes, Vec::new());
    while !rest.is_empty() {
        let (origin, start) = origin(name, rest)?;
        let cut_off = || Error::file(name, "the points of the volume are cut off", "all of them");
        let (points, after) = rest[start..].split_at_checked(origin.points).ok_or_else(cut_off)?;
        let (marks, after) = after.split_at_checked(origin.marks).ok_or_else(cut_off)?;
        if origin.selection == selection {
            let set = read_points_in_pieces(name, points).await?;
            if !marks.is_empty() && marks.len() != set.hkl.len() {
                return Err(cut_off());
            }
            let Origin { left_out, notes, unit_cell, .. } = origin;
            return Ok(Dataset { left_out, notes, unit_cell, marks: marks.to_vec(), ..set });
        }
        others.push(origin.selection);
        rest = after;
    }
    let what = format!("the points are those of {}", others.join(" and "));
    Err(Error::file(name, what, format!("those of {selection}")))
}

/// Makes them of a file and the masks beside it.
#[cfg(feature = "readers")]
pub fn write_cut(set: &Dataset, file: &Print, masks: Vec<Print>, selection: String) -> Vec<u8> {
    let points = write_points(&set.hkl, &set.intensity, set.sigma.as_deref());
    let origin = Origin {
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        selection,
        masks,
        marks: set.marks.len(),
        points: points.len(),
        left_out: set.left_out.clone(),
        notes: set.notes.clone(),
        unit_cell: set.unit_cell,
    };
    let mut out = MAGIC.to_vec();
    out.extend(serde_json::to_vec(&origin).unwrap_or_default());
    out.push(b'\n');
    out.extend(points);
    out.extend(&set.marks);
    out
}

#[cfg(all(test, feature = "readers"))]
mod tests {
    use super::*;
    use crate::Result;
    use crate::base::parallel::now;

    fn read(bytes: &[u8], selection: &str) -> Result<Dataset> {
        now(read_cut("v.nxs", bytes, selection))
    }

    #[test]
    fn points_of_a_volume_read_back_with_what_they_are() {
        let set = Dataset {
            name: "v.nxs".into(),
            hkl: vec![[0.1, 0.2, 0.3]],
            intensity: vec![5.0],
            sigma: Some(vec![0.5]),
            notes: vec!["A note.".into()],
            unit_cell: Some([3.5, 3.5, 3.5, 90.0, 90.0, 90.0]),
            marks: vec![5],
            ..Dataset::default()
        };
        let file = Print { name: "v.nxs".into(), bytes: 99, sha256: "ab".into() };
        let bytes = write_cut(&set, &file, vec![file.clone()], "{\"stride\":2}".into());
        assert!(is_cut(&bytes) && !is_cut(b"h,k,l\n"));
        assert_eq!(read(&bytes, "{\"stride\":2}").unwrap(), set);
        assert_eq!(origin("v.nxs", &bytes).unwrap().0.bytes, 99);
        let other = read(&bytes, "{}").unwrap_err().to_string();
        assert!(other.contains("stride"), "{other}");
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end], "{\"stride\":2}").is_err(), "{end}");
        }
        // Two selections of one volume.
        let other = Dataset { intensity: vec![6.0], ..set.clone() };
        let both = [bytes, write_cut(&other, &file, vec![], "{}".into())].concat();
        assert_eq!(read(&both, "{\"stride\":2}").unwrap(), set);
        assert_eq!(read(&both, "{}").unwrap(), other);
        let said = read(&both, "{\"stride\":3}").unwrap_err().to_string();
        assert!(said.contains("{\"stride\":2} and {}"), "{said}");
    }
}
