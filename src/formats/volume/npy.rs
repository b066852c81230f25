//! Arrays of NumPy: voxels without axes, as they stand in the file.

use super::array::{Array, Description, Tile, rows, three};
use super::mask::{Shaped, is_mask};
use super::source::{SharedSource, bytes_at, head};
use crate::base::text::shortest;
use crate::formats::npy::{Element, Header, Scalar};
use crate::{Error, Result};

/// A plain array in a file.
pub(super) struct Npy {
    source: SharedSource,
    scalar: Scalar,
    start: u64,
    /// In the order of the file: the slowest index first.
    shape: [usize; 3],
}

/// The header of a file.
pub(super) fn header(source: &SharedSource) -> Result<Header> {
    let name = source.name();
    let length = Header::length(name, &head(source.as_ref(), 12)?)?;
    Header::parse(name, &bytes_at(source.as_ref(), 0, length)?)
}

impl Npy {
    /// The array in a file, and its shape in the order of the file: the reverse of NumPy's for Fortran's order.
    pub fn open(source: &SharedSource) -> Result<(Self, Header)> {
        let name = source.name();
        let header = header(source)?;
        let Element::Scalar(scalar) = header.element else {
            return Err(Error::file(
                name,
                "the array has named fields",
                "a plain array, or a list of points",
            ));
        };
        let count = header.shape.iter().try_fold(1_u64, |n, size| n.checked_mul(*size as u64));
        let bytes = count.and_then(|count| count.checked_mul(scalar.size as u64));
        let there = source.length() - header.start as u64;
        if bytes.is_none_or(|bytes| bytes > there) {
            let sizes: Vec<String> = header.shape.iter().map(usize::to_string).collect();
            let what = format!("{there} bytes of numbers for {} × {} bytes", sizes.join(" × "), scalar.size);
            return Err(Error::file(name, format!("the file is cut off: {what}"), "the whole file"));
        }
        let mut shape = header.shape.clone();
        if header.fortran_order {
            shape.reverse();
        }
        let start = header.start as u64;
        Ok((Npy { source: source.clone(), scalar, start, shape: three(&shape) }, header))
    }

    /// What kind of number it holds.
    pub fn scalar(&self) -> Scalar {
        self.scalar
    }

    /// All numbers, where there are few.
    pub fn all(&mut self) -> Result<Vec<f64>> {
        Ok(self.read([0; 3], self.shape)?.values)
    }
}

impl Array for Npy {
    fn tile(&self) -> [usize; 3] {
        rows(self.shape)
    }

    fn read(&mut self, start: [usize; 3], count: [usize; 3]) -> Result<Tile> {
        let [_, n1, n2] = self.shape;
        let mut values = Vec::with_capacity(count.iter().product());
        let size = self.scalar.size;
        let mut take = |from: usize, length: usize| -> Result<()> {
            let bytes =
                bytes_at(self.source.as_ref(), self.start + from as u64 * size as u64, length * size)?;
            values.extend(bytes.chunks_exact(size).map(|number| self.scalar.read(number)));
            Ok(())
        };
        for i in start[0]..start[0] + count[0] {
            if count[2] == n2 {
                take((i * n1 + start[1]) * n2, count[1] * n2)?;
                continue;
            }
            for j in start[1]..start[1] + count[1] {
                take((i * n1 + j) * n2 + start[2], count[2])?;
            }
        }
        Ok(Tile { values, ..Tile::default() })
    }
}

/// A file with one array of voxels.
pub(super) fn open(source: &SharedSource) -> Result<(Box<dyn Array>, Description)> {
    let (npy, header) = Npy::open(source)?;
    let name = source.name();
    if npy.scalar().is_truth() {
        return Err(is_mask(name));
    }
    let shape = plane_or_volume(name, &header.shape)?;
    let description = Description {
        name: name.to_owned(),
        layout: "array of NumPy".into(),
        shape,
        stored: npy.scalar().name(),
        fits_f32: npy.scalar().fits_f32(),
        ..Description::default()
    };
    Ok(reordered(Box::new(npy), description, header.fortran_order))
}

/// The array of a mask, and its shape.
pub(super) fn open_mask(source: &SharedSource) -> Result<Shaped> {
    let (npy, header) = Npy::open(source)?;
    let about =
        Description { shape: plane_or_volume(source.name(), &header.shape)?, ..Description::default() };
    let (array, about) = reordered(Box::new(npy), about, header.fortran_order);
    Ok((array, about.shape))
}

/// An array and its description with the indices as the person knows them.
pub(super) fn reordered(
    array: Box<dyn Array>,
    description: Description,
    fortran_order: bool,
) -> (Box<dyn Array>, Description) {
    if fortran_order {
        return (Box::new(Reversed { inner: array, planes: description.shape.len() == 2 }), description);
    }
    (array, description)
}

/// Two or three indices.
pub(super) fn plane_or_volume(name: &str, shape: &[usize]) -> Result<Vec<usize>> {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    if !matches!(shape.len(), 2 | 3) || shape.contains(&0) {
        let what = format!("the array has {} indices ({})", shape.len(), sizes.join(" × "));
        return Err(Error::file(name, what, "a plane or a volume of voxels"));
    }
    Ok(shape.to_vec())
}

/// An array in Fortran's order with its indices in NumPy's.
struct Reversed {
    inner: Box<dyn Array>,
    /// Of a plane the last two indices alone change places.
    planes: bool,
}

impl Reversed {
    fn turn(&self, [a, b, c]: [usize; 3]) -> [usize; 3] {
        if self.planes { [a, c, b] } else { [c, b, a] }
    }
}

impl Array for Reversed {
    fn tile(&self) -> [usize; 3] {
        self.turn(self.inner.tile())
    }

    fn read(&mut self, start: [usize; 3], count: [usize; 3]) -> Result<Tile> {
        let inside = self.turn(count);
        let tile = self.inner.read(self.turn(start), inside)?;
        let mut values = Vec::with_capacity(tile.values.len());
        for i in 0..count[0] {
            for j in 0..count[1] {
                for k in 0..count[2] {
                    let [a, b, c] = self.turn([i, j, k]);
                    values.push(tile.values[(a * inside[1] + b) * inside[2] + c]);
                }
            }
        }
        Ok(Tile { values, ..Tile::default() })
    }
}

/// Rows h, k, l, intensity[, sigma] of an array with two indices, unless it is a picture: a list of points is long and
/// narrow, and its first three columns stay within what hkl can be.
pub(super) fn as_table(source: &SharedSource) -> Result<Option<String>> {
    let header = header(source)?;
    let [n, width @ (4 | 5)] = header.shape[..] else { return Ok(None) };
    if !(10..=1 << 24).contains(&n) || matches!(header.element, Element::Fields(_)) {
        return Ok(None);
    }
    let (mut npy, header) = Npy::open(source)?;
    let numbers = npy.all()?;
    let at = |row: usize, column: usize| {
        numbers[if header.fortran_order { column * n + row } else { row * width + column }]
    };
    // No triple comes twice in a row, as it would in a picture with empty pixels.
    let row = |r: usize| [at(r, 0), at(r, 1), at(r, 2)];
    let points =
        (0..n).all(|r| row(r).iter().all(|x| x.abs() <= 100.0)) && (1..n).all(|r| row(r) != row(r - 1));
    if !points {
        return Ok(None);
    }
    let mut text = String::from(if width == 5 { "h,k,l,intensity,sigma\n" } else { "h,k,l,intensity\n" });
    for r in 0..n {
        let fields: Vec<String> = (0..width).map(|c| shortest(at(r, c))).collect();
        text += &fields.join(",");
        text.push('\n');
    }
    Ok(Some(text))
}
