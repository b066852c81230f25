//! Arrays of HDF5 as voxels: an intensity and what stands beside it, tile by tile.

use super::file::{Dataset, File, kind, slab};
use crate::Result;
use crate::formats::volume::array::{AT_ONCE, Array, Description, Flag, Tile, rows, three};

/// How voxels come from the arrays of a file.
pub(super) struct Voxels {
    name: String,
    shape: [usize; 3],
    /// Indices of the arrays in front of the last three, of length one, or less than none for planes.
    rank: usize,
    tile: [usize; 3],
    pub signal: Dataset,
    /// Standard uncertainties, or their squares.
    pub sigma: Option<Dataset>,
    pub sigma_is_squared: bool,
    /// The signal is a sum over so many pixels.
    pub pixels: Option<Dataset>,
    /// Voxels with something else than zero are masked.
    pub mask: Option<Dataset>,
    /// Where this is zero and the signal too, nothing was measured.
    pub events: Option<Dataset>,
}

impl Voxels {
    /// The signal alone; its description has the shape without indices of length one in front of the last three.
    ///
    /// # Errors
    /// No real numbers, another number of indices than two or three, more voxels than the file can hold.
    pub fn new(file: &File, signal: Dataset) -> Result<(Self, Description)> {
        file.numeric(&signal)?;
        let full: Vec<usize> =
            signal.shape().iter().map(|n| usize::try_from(*n).unwrap_or(usize::MAX)).collect();
        let rank = full.len();
        let extra = rank.saturating_sub(3);
        let sizes: Vec<String> = full.iter().map(usize::to_string).collect();
        if rank < 2 || full.contains(&0) || full[..extra].iter().any(|n| *n != 1) {
            let what = format!("{} has {rank} indices ({})", signal.name(), sizes.join(" × "));
            return Err(file.error(what, "a plane or a volume of voxels"));
        }
        let voxels = full.iter().try_fold(1_u64, |n, size| n.checked_mul(*size as u64));
        if voxels.is_none_or(|n| n > file.most) {
            let what =
                format!("{} claims {} voxels, more than the file can hold", signal.name(), sizes.join(" × "));
            return Err(file.error(what, "a whole file"));
        }
        file.probe(&signal)?;
        let shape = three(&full[extra..]);
        let (stored, fits_f32) = kind(&signal);
        let description = Description {
            name: file.name.clone(),
            shape: full[extra..].to_vec(),
            stored,
            fits_f32,
            ..Description::default()
        };
        let tile = tile(&signal, shape);
        let name = file.name.clone();
        let voxels = Voxels {
            name,
            shape,
            rank,
            tile,
            signal,
            sigma: None,
            sigma_is_squared: false,
            pixels: None,
            mask: None,
            events: None,
        };
        Ok((voxels, description))
    }

    /// Whether another array has a number for each voxel.
    pub fn fits(&self, other: &Dataset) -> bool {
        other.shape() == self.signal.shape()
    }

    fn part(&self, dataset: &Dataset, start: [usize; 3], count: [usize; 3]) -> Result<Vec<f64>> {
        let mut ranges = vec![[0, 1]; self.rank.saturating_sub(3)];
        let from = 3 - self.rank.min(3);
        ranges.extend((from..3).map(|n| [start[n], count[n]]));
        slab(&self.name, dataset, &ranges)
    }
}

/// Whole chunks, several where they are small.
fn tile(signal: &Dataset, shape: [usize; 3]) -> [usize; 3] {
    let Some(chunk) = signal.chunks() else { return rows(shape) };
    let chunk: Vec<usize> = chunk.iter().rev().take(3).rev().map(|n| (*n as usize).max(1)).collect();
    let mut tile = three(&chunk);
    for n in (0..3).rev() {
        tile[n] = tile[n].min(shape[n]);
        let voxels: usize = tile.iter().product();
        let more = (AT_ONCE / voxels.max(1)).max(1);
        tile[n] = tile[n].saturating_mul(more).min(shape[n].next_multiple_of(tile[n].max(1)));
    }
    tile
}

impl Array for Voxels {
    fn tile(&self) -> [usize; 3] {
        debug_assert!(self.shape.iter().all(|n| *n > 0));
        self.tile
    }

    fn read(&mut self, start: [usize; 3], count: [usize; 3]) -> Result<Tile> {
        let mut values = self.part(&self.signal, start, count)?;
        let part = |dataset: &Option<Dataset>| -> Result<Option<Vec<f64>>> {
            dataset.as_ref().map(|dataset| self.part(dataset, start, count)).transpose()
        };
        let mut sigma = part(&self.sigma)?.unwrap_or_default();
        if self.sigma_is_squared {
            sigma.iter_mut().for_each(|x| *x = x.sqrt());
        }
        let mut flags = vec![];
        let mut flag = |n: usize, why: Flag| {
            flags.resize(values.len(), Flag::None);
            flags[n] = why;
        };
        if let Some(events) = part(&self.events)? {
            let empty = events.iter().zip(&values).enumerate().filter(|(_, (n, x))| **n == 0.0 && **x == 0.0);
            empty.for_each(|(n, _)| flag(n, Flag::Empty));
        }
        let pixels = part(&self.pixels)?;
        if let Some(pixels) = &pixels {
            let empty = pixels.iter().enumerate().filter(|(_, n)| n.is_nan() || **n <= 0.0);
            empty.for_each(|(n, _)| flag(n, Flag::Empty));
        }
        if let Some(mask) = part(&self.mask)? {
            mask.iter().enumerate().filter(|(_, x)| **x != 0.0).for_each(|(n, _)| flag(n, Flag::Masked));
        }
        if let Some(pixels) = pixels {
            values.iter_mut().zip(pixels).for_each(|(x, n)| *x /= n);
        }
        Ok(Tile { values, sigma, flags })
    }
}
