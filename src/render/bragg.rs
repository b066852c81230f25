//! Where Bragg peaks stand on a map.

use super::Plane;
use super::raster::Raster;
use crate::data::mask::BraggLattice;

/// Most marks that a map can hold and still be read.
const MOST_MARKS: usize = 1600;

impl Plane {
    /// Reciprocal-lattice points in the plane or slab (x, y in r.l.u.), each place once; none where they
    /// would stand too dense to be told apart.
    pub fn bragg_points(&self, lattice: &BraggLattice) -> Vec<[f64; 2]> {
        // hkl of the input cell, whose lattice is part of the crystal's: whole numbers all.
        let within = |lo: f64, hi: f64| (lo - 1e-6).ceil() as i64..=(hi + 1e-6).floor() as i64;
        let across = |r: &Raster| within(r.start - 0.5 * r.step, r.start + (r.count as f64 - 0.5) * r.step);
        let (xs, ys) = (across(&self.x), across(&self.y));
        let half = 0.5 * self.thickness;
        let layers = within(self.value - half, self.value + half);
        let count = |r: &std::ops::RangeInclusive<i64>| (r.end() - r.start() + 1).max(0) as f64;
        if count(&xs) * count(&ys) > 1e5 || count(&layers) > 100.0 {
            return vec![];
        }
        let is_bragg = |x: i64, y: i64, layer: i64| {
            let mut hkl = [0.0; 3];
            (hkl[self.axis], hkl[self.x_axis], hkl[self.y_axis]) = (layer as f64, x as f64, y as f64);
            lattice.is_bragg(hkl)
        };
        let mut points = Vec::new();
        for x in xs {
            for y in ys.clone() {
                if layers.clone().any(|layer| is_bragg(x, y, layer)) {
                    points.push([x as f64, y as f64]);
                }
            }
        }
        if points.len() > MOST_MARKS { vec![] } else { points }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Matrix3;

    use super::*;
    use crate::render::find_planes;

    #[test]
    fn bragg_marks_are_those_of_the_lattice_whatever_the_cell() {
        let steps: Vec<f64> = (-4..=4).map(|i| 0.5 * f64::from(i)).collect();
        let at = |l: f64| {
            let h: Vec<f64> = steps.iter().flat_map(|h| vec![*h; 9]).collect();
            let k: Vec<f64> = (0..81).map(|n| steps[n % 9]).collect();
            find_planes(&h, &k, &[l; 81], None).remove(0)
        };
        let lattice = |rows: [[f64; 3]; 3]| BraggLattice::new(&Matrix3::from_fn(|i, j| rows[i][j])).unwrap();
        let primitive = lattice([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        let fcc = lattice([[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]);
        // The input cell is a supercell of two primitive cells along each axis.
        let doubled = lattice([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.5]]);
        let counts = |l: f64| [&primitive, &fcc, &doubled].map(|lattice| at(l).bragg_points(lattice).len());
        assert_eq!(counts(0.0), [25, 9, 9]);
        assert_eq!(counts(1.0), [25, 4, 0]);
        assert_eq!(counts(0.5), [0, 0, 0]);
        assert!(at(1.0).bragg_points(&fcc).iter().all(|p| p.iter().all(|x| (x / 2.0).fract() != 0.0)));
        // A slab shows what is in it.
        let slab = Plane { value: 0.6, thickness: 1.0, ..at(0.0) };
        assert_eq!(slab.bragg_points(&fcc).len(), 4);
    }
}
