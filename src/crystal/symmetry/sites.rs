//! The atoms of a cell, found by their positions, and the operations that map them onto each other.

use nalgebra::{Matrix3, Vector3};

/// Where an operation takes an atom: to an atom, and to the cell it lies in.
pub type Image = (usize, Vector3<i32>);

/// Atoms in a hash table of small boxes; a look-up visits the few boxes within reach only.
pub struct Sites<'a> {
    pub lattice: &'a Matrix3<f64>,
    pub positions: &'a [Vector3<f64>],
    pub kinds: &'a [usize],
    reach: f64,
    /// `reach` in fractional coordinates.
    margin: Vector3<f64>,
    /// Boxes along each axis.
    boxes: [i64; 3],
    /// First atom of each place of the table, and the next one of each atom.
    first: Vec<usize>,
    next: Vec<usize>,
}

const NONE: usize = usize::MAX;

impl<'a> Sites<'a> {
    /// For look-ups within `reach` (Å); None when that is not small beside the cell.
    pub fn new(
        lattice: &'a Matrix3<f64>,
        positions: &'a [Vector3<f64>],
        kinds: &'a [usize],
        reach: f64,
    ) -> Option<Self> {
        let inverse = lattice.try_inverse()?;
        let margin = Vector3::from_fn(|k, _| reach * inverse.row(k).norm());
        // Beyond that the nearest image of a site would not be the one that rounding finds.
        if !margin.iter().all(|m| *m < 0.25) {
            return None;
        }
        let boxes = std::array::from_fn(|k| (0.125 / margin[k]).clamp(1.0, 1e9) as i64);
        let size = (2 * positions.len()).next_power_of_two();
        let (first, next) = (vec![NONE; size], vec![NONE; positions.len()]);
        let mut sites = Sites { lattice, positions, kinds, reach, margin, boxes, first, next };
        for (i, p) in positions.iter().enumerate() {
            let place = sites.place(std::array::from_fn(|k| sites.index(p[k] - p[k].floor(), k)));
            sites.next[i] = std::mem::replace(&mut sites.first[place], i);
        }
        Some(sites)
    }

    fn index(&self, x: f64, axis: usize) -> i64 {
        (x * self.boxes[axis] as f64).floor() as i64
    }

    fn place(&self, at: [i64; 3]) -> usize {
        let mut hash = 0_u64;
        for k in 0..3 {
            let wrapped = at[k].rem_euclid(self.boxes[k]) as u64;
            hash = (hash ^ wrapped).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 29;
        }
        hash as usize & (self.first.len() - 1)
    }

    /// The atom within reach that is nearest to a fractional position, and the cell it lies in.
    fn nearest(&self, position: &Vector3<f64>) -> Option<Image> {
        let inside = position.map(|x| x - x.floor());
        let low = [0, 1, 2].map(|k| self.index(inside[k] - self.margin[k], k));
        let high = [0, 1, 2].map(|k| self.index(inside[k] + self.margin[k], k));
        let mut best = (self.reach, None);
        for a in low[0]..=high[0] {
            for b in low[1]..=high[1] {
                for c in low[2]..=high[2] {
                    let mut i = self.first[self.place([a, b, c])];
                    while i != NONE {
                        #[cfg(test)]
                        COMPARED.with(|n| n.set(n.get() + 1));
                        let shift = position - self.positions[i];
                        let whole = shift.map(f64::round);
                        let off = (self.lattice * (shift - whole)).norm();
                        if off < best.0 {
                            best = (off, Some((i, whole.map(|x| x as i32))));
                        }
                        i = self.next[i];
                    }
                }
            }
        }
        best.1
    }

    /// The atom of the same kind at each of the positions, no atom twice.
    pub fn images(&self, moved: impl Fn(usize) -> Vector3<f64>) -> Option<Vec<Image>> {
        let mut taken = vec![false; self.kinds.len()];
        let mut images = Vec::new();
        for s in 0..self.kinds.len() {
            let image = self.nearest(&moved(s))?;
            if self.kinds[image.0] != self.kinds[s] || std::mem::replace(&mut taken[image.0], true) {
                return None;
            }
            images.push(image);
        }
        Some(images)
    }

    /// The translations w that together with the rotation W map every atom onto one of its kind within
    /// `tolerance` (Å), and the images. `rare` are the atoms of one kind.
    pub fn translations(
        &self,
        w: &Matrix3<i32>,
        rare: &[usize],
        tolerance: f64,
    ) -> Vec<(Vector3<f64>, Vec<Image>)> {
        let w = w.map(f64::from);
        let turned: Vec<Vector3<f64>> = self.positions.iter().map(|p| w * p).collect();
        let n = turned.len() as f64;
        let mut found = Vec::new();
        for &to in rare {
            let rough = self.positions[to] - turned[rare[0]];
            let Some(images) = self.images(|s| turned[s] + rough) else { continue };
            // The translation that brings all atoms nearest to their images, not one alone.
            let target = |s: usize| self.positions[images[s].0] + images[s].1.map(f64::from) - turned[s];
            let translation =
                (0..turned.len()).fold(Vector3::zeros(), |sum, s| sum + (target(s) - rough) / n) + rough;
            let near = |s: usize| (self.lattice * (target(s) - translation)).norm() < tolerance;
            if (0..turned.len()).all(near) {
                found.push((translation, images));
            }
        }
        found
    }
}

#[cfg(test)]
thread_local! {
    /// Distances computed by look-ups.
    pub static COMPARED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
