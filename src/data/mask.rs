//! Which points of a data set take part in a fit: away from Bragg peaks, within a range of |Q|.
//!
//! hkl in reciprocal-lattice units of the input cell, |Q| in Å⁻¹.

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

use super::shape::{Cover, Seen, Shape, Space};
use crate::base::parallel::resting;
use crate::error::Placed;
use crate::{Error, Result};

/// Rounding in stored hkl does not decide whether a point on the rim is left out.
const RIM_TOLERANCE: f64 = 1e-9;

/// A point closer than this to a reciprocal-lattice point lies on it.
const BRAGG_TOLERANCE: f64 = 1e-6;

/// Which points are left out of the fit; the page shows them hatched.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Mask {
    /// r.l.u.: points nearer than this to a reciprocal-lattice point are left out; Euclidean distance in hkl of the
    /// input cell, each axis counted in its own reciprocal-lattice unit. Zero leaves none out.
    pub bragg_radius: f64,
    /// r.l.u.: points farther than this from every reciprocal-lattice point are left out, as `elastic` needs it; without it,
    /// none are.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bragg_within: Option<f64>,
    /// Å⁻¹: smallest |Q| used.
    pub q_min: f64,
    /// Å⁻¹: largest |Q| used; without it, or null, there is no limit.
    pub q_max: Option<f64>,
    /// Further parts of reciprocal space that are left out, of all measurements.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shapes: Vec<Shape>,
}

/// Which data of a measurement a mask leaves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Masked {
    /// Whether each datum is used.
    pub used: Vec<bool>,
    /// What left data out, and how many; a datum counts where it is left out first.
    pub left_out: Vec<MaskCount>,
}

/// How many data one part of a mask leaves out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MaskCount {
    /// The part of the mask.
    pub name: String,
    /// Data that it leaves out and none before it does.
    pub n: usize,
}

impl Mask {
    /// Refuses a negative or meaningless mask.
    pub fn check(&self) -> Result<()> {
        if !(self.bragg_radius >= 0.0 && self.bragg_radius.is_finite()) {
            let what = format!("{} is no radius", self.bragg_radius);
            return Err(Error::value(what, "zero or a positive number").of("bragg_radius"));
        }
        if let Some(farthest) = self.farthest().filter(|f| !(*f > self.bragg_radius && f.is_finite())) {
            let what = format!("{farthest} is not above bragg_radius = {}", self.bragg_radius);
            return Err(Error::value(what, "a larger number").of("bragg_within"));
        }
        if !(self.q_min >= 0.0 && self.q_min.is_finite()) {
            let what = format!("{} is no |Q|", self.q_min);
            return Err(Error::value(what, "zero or a positive number").of("q_min"));
        }
        match self.q_max {
            Some(q_max) if !(q_max > self.q_min && q_max.is_finite()) => {
                let what = format!("{q_max} Å⁻¹ does not lie above q_min = {} Å⁻¹", self.q_min);
                Err(Error::value(what, "a larger number, or null for no limit").of("q_max"))
            }
            _ => {
                #[cfg(feature = "chosen")]
                if let Some(n) = self.shapes.iter().position(|shape| !shape.file.is_empty()) {
                    let expected = "it in the `mask` of the measurement that it fits";
                    return Err(Error::value("a mask file", expected).of(&format!("shapes[{n}].file")));
                }
                check_shapes(self.shapes()).of("shapes")
            }
        }
    }

    /// Further parts of reciprocal space that are left out.
    fn shapes(&self) -> &[Shape] {
        #[cfg(feature = "chosen")]
        return &self.shapes;
        #[cfg(not(feature = "chosen"))]
        &[]
    }

    /// Whether a point with this |Q| (Å⁻¹) is in range. Written so that a NaN never is.
    fn is_in_range(&self, q_norm: f64) -> bool {
        q_norm >= self.q_min && q_norm <= self.q_max.unwrap_or(f64::INFINITY)
    }

    fn farthest(&self) -> Option<f64> {
        #[cfg(feature = "chosen")]
        return self.bragg_within;
        #[cfg(not(feature = "chosen"))]
        None
    }

    /// Whether a point is far enough from all reciprocal-lattice points, and near enough to one.
    fn is_off_bragg(&self, lattice: &BraggLattice, hkl: [f64; 3]) -> bool {
        // Without a radius the search for the nearest point can be saved.
        let farthest = self.farthest();
        if self.bragg_radius == 0.0 && farthest.is_none() {
            return true;
        }
        let distance = lattice.distance(hkl);
        distance >= self.bragg_radius - RIM_TOLERANCE
            && farthest.is_none_or(|f| distance <= f + RIM_TOLERANCE)
    }

    /// Which data are used, and what leaves out the others; `own` are the shapes of this measurement alone.
    pub async fn apply(
        &self,
        own: &[Shape],
        space: &Space<'_>,
        n: usize,
        datum: &dyn Fn(usize) -> Seen,
    ) -> Masked {
        let shapes: Vec<&Shape> = self.shapes().iter().chain(own).filter(|shape| shape.is_on()).collect();
        let covers: Vec<Cover> = shapes.iter().map(|shape| Cover::new(shape, own, space)).collect();
        // Distance from Bragg points, range of |Q|, then the shapes.
        let mut counts = vec![0; 2 + shapes.len()];
        let mut used = Vec::with_capacity(n);
        let mut is_used = |seen: Seen| {
            let first = if !self.is_off_bragg(space.lattice, seen.hkl) {
                Some(0)
            } else if !self.is_in_range(seen.q_norm) {
                Some(1)
            } else {
                covers.iter().position(|cover| cover.has(seen)).map(|n| n + 2)
            };
            if let Some(n) = first {
                counts[n] += 1;
            }
            first.is_none()
        };
        let cost = 1.0 + covers.len() as f64;
        resting(n, cost, &mut |range| used.extend(range.map(|i| is_used(datum(i))))).await;
        let names = [
            if self.farthest().is_some() { "distance from Bragg points" } else { "near Bragg points" },
            "range of |Q|",
        ]
        .into_iter()
        .chain(shapes.iter().map(|s| s.title()));
        let left_out = names.zip(counts).enumerate();
        // A shape that was drawn is counted even where it leaves nothing out.
        let left_out = left_out.filter(|(place, (_, n))| *n > 0 || *place >= 2);
        let left_out = left_out.map(|(_, (name, n))| MaskCount { name: name.to_owned(), n }).collect();
        Masked { used, left_out }
    }
}

/// Refuses what is no shape.
pub fn check_shapes(shapes: &[Shape]) -> Result<()> {
    shapes.iter().enumerate().try_for_each(|(n, shape)| shape.check().of(&format!("[{n}]")))
}

/// The reciprocal lattice of the primitive cell, in hkl of the input cell.
///
/// hkl belongs to it when its product with every primitive lattice vector is an integer, so its basis is the
/// inverse transpose of those vectors. This covers centred cells and supercells alike.
#[derive(Debug, Clone)]
pub struct BraggLattice {
    /// Columns: an orthonormal frame in which the reduced basis is `r`.
    q: Matrix3<f64>,
    /// Upper triangular.
    r: Matrix3<f64>,
}

impl BraggLattice {
    /// `primitive_in_input`: columns are the primitive lattice vectors in fractional units of the input cell.
    /// `None` when they span no volume.
    pub fn new(primitive_in_input: &Matrix3<f64>) -> Option<Self> {
        let mut basis = primitive_in_input.try_inverse()?.transpose();
        if !basis.iter().all(|x| x.is_finite()) {
            return None;
        }
        reduce(&mut basis);
        let (q, r) = basis.qr().unpack();
        Some(Self { q, r })
    }

    /// Distance from hkl to the nearest reciprocal-lattice point, Euclidean in hkl.
    ///
    /// Exact search for the closest lattice vector: from the last coordinate to the first, only
    /// integers that can still beat the best distance so far (Fincke & Pohst, Math. Comp. 44 (1985) 463).
    pub fn distance(&self, hkl: [f64; 3]) -> f64 {
        let y = self.q.transpose() * Vector3::from(hkl);
        let r = &self.r;
        // Rounding one coordinate after the other gives a lattice point that is near, and a first bound.
        let n2 = (y[2] / r[(2, 2)]).round();
        let n1 = ((y[1] - r[(1, 2)] * n2) / r[(1, 1)]).round();
        let n0 = ((y[0] - r[(0, 1)] * n1 - r[(0, 2)] * n2) / r[(0, 0)]).round();
        let mut best = (y - r * Vector3::new(n0, n1, n2)).norm_squared();
        for n2 in within(y[2] / r[(2, 2)], best.sqrt() / r[(2, 2)]) {
            let e2 = (y[2] - r[(2, 2)] * n2).powi(2);
            let y1 = y[1] - r[(1, 2)] * n2;
            for n1 in within(y1 / r[(1, 1)], (best - e2).max(0.0).sqrt() / r[(1, 1)]) {
                let e1 = (y1 - r[(1, 1)] * n1).powi(2);
                let y0 = y[0] - r[(0, 1)] * n1 - r[(0, 2)] * n2;
                let n0 = (y0 / r[(0, 0)]).round();
                best = best.min(e2 + e1 + (y0 - r[(0, 0)] * n0).powi(2));
            }
        }
        best.sqrt()
    }

    /// The reciprocal-lattice points within `reach` of hkl, Euclidean in hkl; no more than a few are looked at, so that
    /// `reach` is to be small against the lattice.
    pub fn points_near(&self, hkl: [f64; 3], reach: f64) -> impl Iterator<Item = [f64; 3]> {
        let y = self.q.transpose() * Vector3::from(hkl);
        let (q, r) = (self.q, self.r);
        within(y[2] / r[(2, 2)], reach / r[(2, 2)]).flat_map(move |n2| {
            within((y[1] - r[(1, 2)] * n2) / r[(1, 1)], reach / r[(1, 1)]).flat_map(move |n1| {
                let y0 = y[0] - r[(0, 1)] * n1 - r[(0, 2)] * n2;
                within(y0 / r[(0, 0)], reach / r[(0, 0)])
                    .map(move |n0| (q * (r * Vector3::new(n0, n1, n2))).into())
            })
        })
    }

    /// Whether hkl is a reciprocal-lattice point.
    pub fn is_bragg(&self, hkl: [f64; 3]) -> bool {
        self.distance(hkl) < BRAGG_TOLERANCE
    }
}

/// The integers within `reach` of `centre`.
fn within(centre: f64, reach: f64) -> impl Iterator<Item = f64> {
    let reach = reach.abs();
    // For finite input a reduced basis never needs more; the cap guards against overflowing numbers.
    let count = (2.0 * reach).min(1000.0) as usize + 1;
    let first = (centre - reach).ceil();
    (0..=count).map(move |step| first + step as f64).filter(move |n| (n - centre).abs() <= reach)
}

/// Shortens the columns against each other until nothing gets shorter; the lattice stays the same.
fn reduce(basis: &mut Matrix3<f64>) {
    // Each step shortens a vector; the bound only guards against rounding.
    for _ in 0..100 {
        let mut changed = false;
        for (i, j) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
            let (a, b) = (basis.column(i).into_owned(), basis.column(j).into_owned());
            let shorter = a - b * (a.dot(&b) / b.norm_squared()).round();
            if shorter.norm_squared() < a.norm_squared() * (1.0 - 1e-9) {
                basis.set_column(i, &shorter);
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: f64 = 0.5;

    fn centrings() -> Vec<(&'static str, Matrix3<f64>)> {
        let third = 1.0 / 3.0;
        vec![
            ("P", Matrix3::identity()),
            ("I", Matrix3::new(-HALF, HALF, HALF, HALF, -HALF, HALF, HALF, HALF, -HALF)),
            ("F", Matrix3::new(0., HALF, HALF, HALF, 0., HALF, HALF, HALF, 0.)),
            ("C", Matrix3::new(HALF, HALF, 0., -HALF, HALF, 0., 0., 0., 1.)),
            ("R", Matrix3::new(2. * third, -third, -third, third, third, -2. * third, third, third, third)),
            ("2×2×1 supercell", Matrix3::new(HALF, 0., 0., 0., HALF, 0., 0., 0., 1.)),
            ("1×1×20 supercell, sheared", Matrix3::new(1., 0., 0., 0., 1., 0., 1., 1., 0.05)),
            ("oblique supercell", Matrix3::new(-1., 1., 1., 1., -1., 1., 1., 1., -1.).try_inverse().unwrap()),
        ]
    }

    fn used(mask: &Mask, lattice: &BraggLattice, hkl: &[[f64; 3]], q: &[f64]) -> Vec<bool> {
        let space = Space { lattice, reciprocal: &Matrix3::identity() };
        let datum = |i: usize| Seen { hkl: hkl[i], q_norm: q[i], intensity: 1.0, marks: 0 };
        crate::now(mask.apply(&[], &space, hkl.len().min(q.len()), &datum)).used
    }

    /// The definition: the product with every primitive vector is an integer.
    fn is_lattice_point(primitive: &Matrix3<f64>, hkl: [f64; 3]) -> bool {
        let products = primitive.transpose() * Vector3::from(hkl);
        products.iter().all(|x| (x - x.round()).abs() < 1e-9)
    }

    #[test]
    fn the_distance_is_that_to_the_nearest_allowed_reflection() {
        for (name, primitive) in centrings() {
            let lattice = BraggLattice::new(&primitive).unwrap();
            // Integer hkl in a box wide enough for the largest period, 20.
            let mut points = Vec::new();
            for (h, k, l) in
                (-4..=4).flat_map(|h| (-4..=4).flat_map(move |k| (-24..=24).map(move |l| (h, k, l))))
            {
                let hkl = [h as f64, k as f64, l as f64];
                assert_eq!(lattice.is_bragg(hkl), is_lattice_point(&primitive, hkl), "{name} {hkl:?}");
                if is_lattice_point(&primitive, hkl) {
                    points.push(Vector3::from(hkl));
                }
            }
            for step in 0..300 {
                let t = step as f64;
                let hkl = Vector3::new((t * 0.377).sin(), (t * 0.731).cos(), 12.0 * (t * 0.117).sin());
                let expected = points.iter().map(|p| (p - hkl).norm()).fold(f64::INFINITY, f64::min);
                let distance = lattice.distance([hkl.x, hkl.y, hkl.z]);
                assert!((distance - expected).abs() < 1e-12, "{name} {hkl:?}: {distance} {expected}");
            }
        }
    }

    #[test]
    fn rounding_alone_would_miss_the_nearest_reflection_of_a_face_centred_cell() {
        let lattice = BraggLattice::new(&centrings()[2].1).unwrap();
        assert!(!lattice.is_bragg([1., 0., 0.]));
        assert!((lattice.distance([1., 0., 0.]) - 1.0).abs() < 1e-12);
        assert!((lattice.distance([1., 1., 0.9]) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn a_point_on_the_rim_is_used_and_a_nearer_one_is_not() {
        let lattice = BraggLattice::new(&Matrix3::identity()).unwrap();
        let mask = Mask { bragg_radius: 0.12, ..Mask::default() };
        let hkl = [[1.12, 0., 0.], [1.12 - 1e-10, 0., 0.], [1.1199, 0., 0.], [1., 1., 0.], [0.5, 0., 0.]];
        assert_eq!(used(&mask, &lattice, &hkl, &[1.0; 5]), [true, true, false, false, true]);
    }

    #[test]
    fn the_range_of_q_is_closed() {
        let lattice = BraggLattice::new(&Matrix3::identity()).unwrap();
        let mask = Mask { q_min: 1.0, q_max: Some(2.0), ..Mask::default() };
        let found = used(&mask, &lattice, &[[0.5, 0., 0.]; 5], &[0.9, 1.0, 2.0, 2.1, f64::NAN]);
        assert_eq!(found, [false, true, true, false, false]);
    }

    #[test]
    fn impossible_masks_are_refused_by_name() {
        for (mask, field) in [
            (Mask { bragg_radius: -1.0, ..Mask::default() }, "bragg_radius"),
            (Mask { q_min: f64::NAN, ..Mask::default() }, "q_min"),
            (Mask { q_min: 2.0, q_max: Some(1.0), ..Mask::default() }, "q_max"),
        ] {
            assert!(mask.check().unwrap_err().to_string().starts_with(field));
        }
        assert!(Mask::default().check().is_ok());
    }

    #[test]
    fn no_number_makes_the_search_endless() {
        let lattice = BraggLattice::new(&centrings()[4].1).unwrap();
        let mask = Mask { bragg_radius: 0.1, ..Mask::default() };
        for x in [f64::NAN, f64::INFINITY, 1e300, -1e18] {
            let _ = lattice.distance([x, 0.1, x]);
        }
        assert_eq!(used(&mask, &lattice, &[[f64::NAN, 0.0, 0.0]], &[1.0]), [false]);
        assert!(BraggLattice::new(&Matrix3::zeros()).is_none());
    }
}
