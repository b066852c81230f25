//! Parts of reciprocal space that are left out of a fit, each an object of its own with a name, that can be switched off.
//!
//! hkl in reciprocal-lattice units of the input cell (r.l.u.), Q in Å⁻¹.

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

use super::{Seen, Space};
use crate::data::Listed;
use crate::data::selection::{MaskFile, Region};
use crate::error::Placed;
use crate::{Error, Result};

/// Faces and edges are met to within so much, r.l.u.
const SAME: f64 = 1e-6;

/// A part that is left out: exactly one of the shapes, and what it is called.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Shape {
    /// What it is called where the data that it leaves out are counted, such as "beam stop".
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Switched off: it leaves nothing out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
    /// An ellipsoid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ellipsoid: Option<Ellipsoid>,
    /// r.l.u.: half axes along h, k, l of an ellipsoid around every reciprocal-lattice point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bragg: Option<[f64; 3]>,
    /// A box in hkl, its faces included.
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Å⁻¹: from one |Q| to another, such as a powder ring.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<[f64; 2]>,
    /// Intensities out of range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intensity: Option<Outside>,
    /// A cylinder around an axis through the origin or another point: the shadow of a beam stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cylinder: Option<Cylinder>,
    /// A polygon, as drawn on a plane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Polygon>,
    /// r.l.u.: single data, such as hot pixels, by their hkl.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Vec<[f64; 3]>>,
    /// A mask file of this measurement. Of a volume or plane: an array (NumPy, TIFF, HDF5) with as many voxels along each
    /// index; of a table: a table h, k, l, mask. What is not zero is left out.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The mask file has it the other way round: what is not zero is kept, and all else left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep: bool,
    /// Which array of the mask file is meant, e.g. `"entry/mask"`; without it, the only one that fits, or the one that is
    /// called a mask.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dataset: String,
}

/// An ellipsoid with its axes along h, k and l.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ellipsoid {
    /// r.l.u.: its centre.
    pub centre: [f64; 3],
    /// r.l.u.: half axes along h, k, l.
    pub radii: [f64; 3],
}

/// What is below one intensity or above another, in units of the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Outside {
    /// data units: smaller intensities are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// data units: larger ones are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
}

/// A cylinder without ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cylinder {
    /// r.l.u.: direction of its axis in hkl.
    pub axis: [f64; 3],
    /// r.l.u.: a point of the axis; without it, the origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<[f64; 3]>,
    /// Å⁻¹: its radius.
    pub radius: f64,
}

/// A polygon in a plane, and how far it reaches to both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Polygon {
    /// r.l.u.: a point of the plane, where both coordinates of a corner are zero.
    pub point: [f64; 3],
    /// r.l.u.: the two directions in hkl that the coordinates of a corner count.
    pub vectors: [[f64; 3]; 2],
    /// Units of the two directions: its corners in order; the last is joined with the first.
    pub corners: Vec<[f64; 2]>,
    /// r.l.u.: how far it reaches, from one side to the other along the normal of the plane; without it, without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thickness: Option<f64>,
}

impl Shape {
    /// Whether it leaves anything out.
    pub fn is_on(&self) -> bool {
        !self.off
    }

    /// What it is called where nobody said.
    pub fn title(&self) -> &str {
        if let Some(said) = [&self.name, &self.file].into_iter().find(|text| !text.is_empty()) {
            return said;
        }
        match self.kind() {
            Some((_, title)) => title,
            None => "nothing",
        }
    }

    /// The file that says what is left out.
    fn mask_file(&self) -> Option<MaskFile> {
        let Shape { file, keep, dataset, .. } = self;
        (!file.is_empty()).then(|| MaskFile { file: file.clone(), keep: *keep, dataset: dataset.clone() })
    }

    /// The field that is given and a name for it; `None` unless it is exactly one.
    fn kind(&self) -> Option<(&'static str, &'static str)> {
        let given = [
            (self.ellipsoid.is_some(), "ellipsoid", "ellipsoid"),
            (self.bragg.is_some(), "bragg", "around Bragg points"),
            (self.region.is_some(), "box", "box"),
            (self.q.is_some(), "q", "range of |Q|"),
            (self.intensity.is_some(), "intensity", "intensity out of range"),
            (self.cylinder.is_some(), "cylinder", "cylinder"),
            (self.polygon.is_some(), "polygon", "polygon"),
            (self.points.is_some(), "points", "single data"),
            (!self.file.is_empty(), "file", "mask file"),
        ];
        let mut those = given.iter().filter(|(is_there, ..)| *is_there);
        let (_, field, title) = those.next()?;
        those.next().is_none().then_some((*field, *title))
    }

    /// Refuses what is no shape.
    ///
    /// # Errors
    /// None or several shapes, sizes that are not positive, numbers out of range, a plane or an axis without direction.
    pub fn check(&self) -> Result<()> {
        let Some((kind, _)) = self.kind() else {
            let expected =
                "exactly one of ellipsoid, bragg, box, q, intensity, cylinder, polygon, points, file";
            return Err(Error::value("not one shape", expected));
        };
        if self.file.is_empty() && (self.keep || !self.dataset.is_empty()) {
            let given = if self.keep { "keep" } else { "dataset" };
            return Err(Error::value(format!("this is {kind}"), "it with a mask file").of(given));
        }
        self.check_numbers().of(kind)
    }

    fn check_numbers(&self) -> Result<()> {
        const LARGEST: f64 = 1e4;
        let finite = |values: &[f64]| match values.iter().find(|x| x.is_nan() || x.abs() > LARGEST) {
            Some(x) => Err(Error::value(format!("{x}"), "numbers up to 10000")),
            None => Ok(()),
        };
        let positive = |values: &[f64]| match values.iter().find(|x| x.is_nan() || **x <= 0.0) {
            Some(x) => Err(Error::value(format!("a size of {x}"), "a positive number")),
            None => finite(values),
        };
        let ascending = |[low, high]: [f64; 2]| {
            if low <= high {
                Ok(())
            } else {
                Err(Error::value(format!("from {low} to {high}"), "the smaller number first"))
            }
        };
        if let Some(e) = &self.ellipsoid {
            finite(&e.centre)?;
            positive(&e.radii)?;
        }
        if let Some(radii) = &self.bragg {
            positive(radii)?;
        }
        if let Some(region) = &self.region {
            for side in [region.h, region.k, region.l].into_iter().flatten() {
                finite(&side)?;
                ascending(side)?;
            }
        }
        if let Some(q) = self.q {
            finite(&q)?;
            ascending(q)?;
        }
        if let Some(Outside { below, above }) = self.intensity {
            if below.is_none() && above.is_none() {
                return Err(Error::value("neither below nor above", "at least one of them"));
            }
            if [below, above].into_iter().flatten().any(|x| !x.is_finite()) {
                return Err(Error::value("no number", "finite intensities"));
            }
        }
        if let Some(c) = &self.cylinder {
            finite(&c.axis)?;
            finite(c.through.as_slice().as_flattened())?;
            positive(&[c.radius])?;
            if c.axis.iter().all(|x| *x == 0.0) {
                return Err(Error::value(
                    "an axis without direction",
                    "a direction in hkl such as [0, 0, 1]",
                ));
            }
        }
        if let Some(p) = &self.polygon {
            finite(&p.point)?;
            finite(p.vectors.as_flattened())?;
            finite(p.corners.as_flattened())?;
            positive(p.thickness.as_slice())?;
            if p.corners.len() < 3 {
                return Err(Error::value(format!("{} corners", p.corners.len()), "three or more"));
            }
            if Plane::new(p).is_none() {
                return Err(Error::value("vectors that span no plane", "two directions in hkl"));
            }
        }
        self.points.iter().flatten().try_for_each(|p| finite(p))
    }
}

/// The mask files of the shapes of a measurement, each once: what is bit `n` of the marks of its data.
pub fn mask_files(own: &[Shape]) -> Vec<MaskFile> {
    let mut files: Vec<MaskFile> = Vec::new();
    for file in own.iter().filter_map(Shape::mask_file) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// A shape made ready for many data.
pub(in crate::data) struct Cover<'a> {
    shape: &'a Shape,
    space: &'a Space<'a>,
    plane: Option<Plane>,
    /// Single data.
    points: Listed,
    /// The bit of a mask file.
    bit: u8,
}

impl<'a> Cover<'a> {
    /// `own` are the shapes of the measurement.
    pub fn new(shape: &'a Shape, own: &[Shape], space: &'a Space<'a>) -> Self {
        let plane = shape.polygon.as_ref().and_then(Plane::new);
        let points = Listed::new(shape.points.iter().flatten().copied());
        let place =
            shape.mask_file().and_then(|file| mask_files(own).iter().position(|known| *known == file));
        let bit = place.and_then(|n| 1_u8.checked_shl(n as u32)).unwrap_or(0);
        Cover { shape, space, plane, points, bit }
    }

    /// Whether the datum lies in the shape.
    pub fn has(&self, seen: Seen) -> bool {
        let Seen { hkl, q_norm, intensity, marks } = seen;
        let shape = self.shape;
        let inside = |centre: [f64; 3], radii: [f64; 3]| {
            (0..3).map(|k| ((hkl[k] - centre[k]) / radii[k]).powi(2)).sum::<f64>() < 1.0
        };
        if let Some(e) = &shape.ellipsoid {
            return inside(e.centre, e.radii);
        }
        if let Some(radii) = shape.bragg {
            return self
                .space
                .lattice
                .points_near(hkl, radii.iter().copied().fold(0.0, f64::max))
                .any(|g| inside(g, radii));
        }
        if let Some(region) = &shape.region {
            return region.has(hkl);
        }
        if let Some([low, high]) = shape.q {
            return q_norm >= low && q_norm <= high;
        }
        if let Some(Outside { below, above }) = shape.intensity {
            return below.is_some_and(|x| intensity < x) || above.is_some_and(|x| intensity > x);
        }
        if let Some(c) = &shape.cylinder {
            let through = c.through.unwrap_or_default();
            let q = self.space.reciprocal * Vector3::from_fn(|k, _| hkl[k] - through[k]);
            let axis = (self.space.reciprocal * Vector3::from(c.axis)).normalize();
            return (q - axis * axis.dot(&q)).norm() < c.radius;
        }
        if let (Some(p), Some(plane)) = (&shape.polygon, &self.plane) {
            let [u, v, w] = plane.coordinates(hkl);
            return p.thickness.is_none_or(|t| w.abs() <= 0.5 * t + SAME) && encloses(&p.corners, [u, v]);
        }
        marks & self.bit != 0 || self.points.has(hkl)
    }
}

/// Coordinates in the plane of a polygon and along its normal in hkl.
struct Plane {
    point: [f64; 3],
    inverse: Matrix3<f64>,
}

impl Plane {
    fn new(polygon: &Polygon) -> Option<Self> {
        let [u, v] = polygon.vectors.map(Vector3::from);
        let normal = u.cross(&v).try_normalize(1e-12)?;
        let inverse = Matrix3::from_columns(&[u, v, normal]).try_inverse()?;
        Some(Plane { point: polygon.point, inverse })
    }

    fn coordinates(&self, hkl: [f64; 3]) -> [f64; 3] {
        (self.inverse * Vector3::from_fn(|k, _| hkl[k] - self.point[k])).into()
    }
}

/// Whether a polygon encloses a point: a ray from it crosses the outline an odd number of times.
fn encloses(corners: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let mut inside = false;
    let mut last = corners[corners.len() - 1];
    for &corner in corners {
        let ([x1, y1], [x2, y2]) = (last, corner);
        if (y1 > y) != (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1) {
            inside = !inside;
        }
        last = corner;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::mask::{BraggLattice, Mask};
    use crate::now;

    /// What a shape leaves out of points of a cubic crystal, a* = 2 Å⁻¹.
    fn left_out(shape: &str, points: &[[f64; 3]]) -> Vec<bool> {
        let shape: Shape = serde_json::from_str(shape).unwrap();
        shape.check().unwrap();
        let lattice = BraggLattice::new(&Matrix3::identity()).unwrap();
        let reciprocal = Matrix3::identity() * 2.0;
        let space = Space { lattice: &lattice, reciprocal: &reciprocal };
        let datum = |i: usize| Seen {
            hkl: points[i],
            q_norm: 2.0 * Vector3::from(points[i]).norm(),
            intensity: 100.0 * points[i][0],
            marks: 0,
        };
        let masked = now(Mask::default().apply(&[shape], &space, points.len(), &datum));
        let n = masked.used.iter().filter(|used| !**used).count();
        assert_eq!(masked.left_out[0].n, n);
        masked.used.iter().map(|used| !used).collect()
    }

    #[test]
    fn each_shape_leaves_out_what_it_should() {
        let p = [[0.5, 0.0, 0.0], [1.2, 0.0, 0.0], [1.0, 0.3, 0.0], [0.5, 0.5, 0.5]];
        let cases: &[(&str, [bool; 4])] = &[
            (
                r#"{"ellipsoid": {"centre": [1, 0, 0], "radii": [0.21, 0.1, 0.1]}}"#,
                [false, true, false, false],
            ),
            // Thinner along k than along h, around every Bragg point.
            (r#"{"bragg": [0.25, 0.35, 0.1]}"#, [false, true, true, false]),
            (r#"{"box": {"h": [0.5, 1], "l": [-0.1, 0.1]}}"#, [true, false, true, false]),
            (r#"{"q": [1.0, 1.8]}"#, [true, false, false, true]),
            (r#"{"intensity": {"above": 110}}"#, [false, true, false, false]),
            (r#"{"intensity": {"below": 51, "above": 110}}"#, [true, true, false, true]),
            // 0.2 r.l.u. from the axis are 0.4 Å⁻¹.
            (
                r#"{"cylinder": {"axis": [0, 0, 1], "through": [1, 0, 0], "radius": 0.41}}"#,
                [false, true, false, false],
            ),
            (
                r#"{"polygon": {"point": [0, 0, 0], "vectors": [[1, 0, 0], [0, 1, 0]], "corners": [[0.4, -1], [1.1, -1], [1.1, 1], [0.4, 1]], "thickness": 0.2}}"#,
                [true, false, true, false],
            ),
            (r#"{"points": [[1.2, 0, 0], [0.5000000001, 0.5, 0.5]]}"#, [false, true, false, true]),
        ];
        for (shape, expected) in cases {
            assert_eq!(left_out(shape, &p), expected, "{shape}");
        }
    }

    #[test]
    fn a_shape_that_is_off_leaves_nothing_out_and_is_not_counted() {
        let shape: Shape = serde_json::from_str(r#"{"off": true, "q": [0, 9]}"#).unwrap();
        let lattice = BraggLattice::new(&Matrix3::identity()).unwrap();
        let space = Space { lattice: &lattice, reciprocal: &Matrix3::identity() };
        let seen = Seen { hkl: [0.5; 3], q_norm: 1.0, intensity: 1.0, marks: 0 };
        let masked = now(Mask::default().apply(&[shape], &space, 1, &|_| seen));
        assert_eq!((masked.used, masked.left_out.len()), (vec![true], 0));
    }

    #[test]
    fn a_datum_counts_where_it_is_left_out_first() {
        let shapes: Vec<Shape> = ["stop", "again"]
            .map(|name| Shape { name: name.into(), q: Some([0.0, 1.5]), ..Shape::default() })
            .into();
        let lattice = BraggLattice::new(&Matrix3::identity()).unwrap();
        let space = Space { lattice: &lattice, reciprocal: &Matrix3::identity() };
        let mask = Mask { bragg_radius: 0.2, shapes, ..Mask::default() };
        let at = |h: f64| Seen { hkl: [h, 0.0, 0.0], q_norm: h, intensity: 1.0, marks: 0 };
        let data = [at(1.1), at(0.5), at(1.5), at(2.5)];
        let masked = now(mask.apply(&[], &space, data.len(), &|i| data[i]));
        assert_eq!(masked.used, [false, false, false, true]);
        let counts: Vec<(&str, usize)> = masked.left_out.iter().map(|c| (c.name.as_str(), c.n)).collect();
        assert_eq!(counts, [("near Bragg points", 1), ("stop", 2), ("again", 0)]);
    }

    #[test]
    fn mask_files_leave_out_what_their_bits_say() {
        let own: Vec<Shape> = [
            r#"{"file": "a.npy"}"#,
            r#"{"q": [0, 0.1]}"#,
            r#"{"file": "a.npy", "keep": true, "off": true}"#,
            r#"{"name": "gaps", "file": "b.npy"}"#,
            r#"{"name": "again", "file": "a.npy"}"#,
        ]
        .map(|text| serde_json::from_str(text).unwrap())
        .into();
        assert_eq!(mask_files(&own).len(), 3);
        let lattice = BraggLattice::new(&Matrix3::identity()).unwrap();
        let space = Space { lattice: &lattice, reciprocal: &Matrix3::identity() };
        let at = |marks: u8| Seen { hkl: [0.5; 3], q_norm: 1.0, intensity: 1.0, marks };
        let data = [0, 1, 2, 4, 5].map(at);
        let masked = now(Mask::default().apply(&own, &space, data.len(), &|i| data[i]));
        assert_eq!(masked.used, [true, false, true, false, false]);
        let counts: Vec<(&str, usize)> = masked.left_out.iter().map(|c| (c.name.as_str(), c.n)).collect();
        assert_eq!(counts, [("a.npy", 2), ("range of |Q|", 0), ("gaps", 1), ("again", 0)]);
    }

    #[test]
    fn what_is_no_shape_is_refused_by_its_field() {
        for (shape, part) in [
            ("{}", "not one shape"),
            (r#"{"q": [0, 1], "points": []}"#, "not one shape"),
            (r#"{"q": [2, 1]}"#, "from 2 to 1"),
            (r#"{"bragg": [0.1, 0, 0.1]}"#, "a size of 0"),
            (r#"{"intensity": {}}"#, "neither"),
            (r#"{"cylinder": {"axis": [0, 0, 0], "radius": 1}}"#, "without direction"),
            (
                r#"{"polygon": {"point": [0,0,0], "vectors": [[1,0,0],[2,0,0]], "corners": [[0,0],[1,0],[0,1]]}}"#,
                "no plane",
            ),
            (
                r#"{"polygon": {"point": [0,0,0], "vectors": [[1,0,0],[0,1,0]], "corners": [[0,0],[1,0]]}}"#,
                "2 corners",
            ),
            (r#"{"points": [[1e9, 0, 0]]}"#, "1000000000"),
            (r#"{"q": [0, 1], "keep": true}"#, ".keep: this is q"),
            (r#"{"file": "m.npy", "q": [0, 1]}"#, "not one shape"),
        ] {
            let shape: Shape = serde_json::from_str(shape).unwrap();
            let error = shape.check().of("shapes[3]").in_job("mask").unwrap_err().to_string();
            assert!(error.contains("mask.shapes[3]") && error.contains(part), "{error}");
        }
    }
}
