//! Planes through a volume: the nearest voxels for a fit, interpolated for drawing.

use nalgebra::Vector3;

use super::{Grid, GridAxis, inverse};
use crate::data::selection::PlaneSpec;
use crate::{Error, Result};

/// One axis of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceAxis {
    /// hkl of one unit along it.
    pub direction: [f64; 3],
    /// Centres of the pixels in those units.
    pub centres: Vec<f64>,
}

/// A picture of a plane: value of pixel (x, y) at `y · width + x`; NaN where nothing was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Along the lines.
    pub x: SliceAxis,
    /// From line to line.
    pub y: SliceAxis,
    /// hkl where both coordinates are zero.
    pub origin: [f64; 3],
    /// Intensity, in the units of the file.
    pub values: Vec<f32>,
}

impl Grid {
    /// The plane of two axes at `value` along the third, averaged over layers up to `thickness` / 2 away; the nearest
    /// layer is always among them.
    pub fn slice(&self, axis: usize, value: f64, thickness: f64) -> Slice {
        let axis = axis.min(2);
        let centres = &self.axes[axis].centres;
        let nearest = nearest(centres, value).unwrap_or(0);
        let layers: Vec<usize> = (0..centres.len())
            .filter(|&n| n == nearest || (centres[n] - value).abs() <= thickness / 2.0)
            .collect();
        // Of the two axes that remain the first is drawn along the lines: hk0 has h to the right.
        let (x, y) = [(1, 2), (0, 2), (0, 1)][axis];
        let shape = self.shape();
        let mut values = Vec::with_capacity(shape[x] * shape[y]);
        for row in 0..shape[y] {
            for column in 0..shape[x] {
                let mut voxel = [0; 3];
                (voxel[x], voxel[y]) = (column, row);
                let (mut sum, mut count) = (0.0, 0);
                for &layer in &layers {
                    voxel[axis] = layer;
                    let value = self.shown(self.at(voxel));
                    if value.is_finite() {
                        (sum, count) = (sum + value, count + 1);
                    }
                }
                values.push(if count > 0 { (sum / f64::from(count)) as f32 } else { f32::NAN });
            }
        }
        let of =
            |n: usize| SliceAxis { direction: self.axes[n].direction, centres: self.axes[n].centres.clone() };
        let mut origin = self.origin;
        for n in 0..3 {
            origin[n] += self.axes[axis].direction[n] * centres[nearest];
        }
        Slice { x: of(x), y: of(y), origin, values }
    }

    /// A plane at any angle with so many pixels, interpolated between the eight voxels around each; it covers the
    /// whole volume.
    ///
    /// # Errors
    /// Two directions that are one.
    pub fn oblique(&self, plane: &PlaneSpec, [width, height]: [usize; 2]) -> Result<Slice> {
        let (point, u, v) = spanned(&self.name, plane)?;
        let Some(inverse) = inverse(&self.axes) else {
            return Err(Error::file(&self.name, "the axes span no volume", "three independent directions"));
        };
        // Every corner of the volume, at its nearest point of the plane.
        let (uu, uv, vv) = (u.dot(&u), u.dot(&v), v.dot(&v));
        let mut limits = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
        let shape = self.shape();
        for corner in 0..8 {
            let voxel = [0, 1, 2].map(|n| if corner >> n & 1 == 1 { shape[n] - 1 } else { 0 });
            let d = Vector3::from(self.hkl(voxel)) - point;
            let (du, dv) = (d.dot(&u), d.dot(&v));
            let determinant = uu * vv - uv * uv;
            let places = [(du * vv - dv * uv) / determinant, (dv * uu - du * uv) / determinant];
            for (limit, x) in limits.iter_mut().zip(places) {
                *limit = [limit[0].min(x), limit[1].max(x)];
            }
        }
        let centres = |[low, high]: [f64; 2], n: usize| -> Vec<f64> {
            (0..n).map(|i| low + (high - low) * i as f64 / (n.max(2) - 1) as f64).collect()
        };
        let (x, y) = (centres(limits[0], width.max(1)), centres(limits[1], height.max(1)));
        let origin = Vector3::from(self.origin);
        let mut values = Vec::with_capacity(x.len() * y.len());
        for t in &y {
            for s in &x {
                let at = inverse * (point + u * *s + v * *t - origin);
                values.push(self.between(at.into()) as f32);
            }
        }
        Ok(Slice {
            x: SliceAxis { direction: u.into(), centres: x },
            y: SliceAxis { direction: v.into(), centres: y },
            origin: point.into(),
            values,
        })
    }

    /// The value at coordinates along the axes, by linear interpolation; holes lend no weight, and where less than
    /// half of it is left there is no value.
    fn between(&self, coordinates: [f64; 3]) -> f64 {
        let mut brackets = [(0, 0, 0.0); 3];
        for n in 0..3 {
            let Some(found) = bracket(&self.axes[n].centres, coordinates[n]) else { return f64::NAN };
            brackets[n] = found;
        }
        let (mut sum, mut weight) = (0.0, 0.0);
        for corner in 0..8 {
            let mut voxel = [0; 3];
            let mut share = 1.0;
            for n in 0..3 {
                let (low, high, part) = brackets[n];
                let upper = corner >> n & 1 == 1;
                voxel[n] = if upper { high } else { low };
                share *= if upper { part } else { 1.0 - part };
            }
            let value = self.shown(self.at(voxel));
            if share > 0.0 && value.is_finite() {
                (sum, weight) = (sum + share * value, weight + share);
            }
        }
        if weight > 0.5 - 1e-9 { sum / weight } else { f64::NAN }
    }

    /// Places of the measured voxels nearest to a plane: one of each column along the axis that the plane crosses most
    /// steeply, or all within its thickness.
    ///
    /// # Errors
    /// Two directions that are one, or a plane that misses the volume.
    pub fn on_plane(&self, plane: &PlaneSpec) -> Result<Vec<usize>> {
        let (point, u, v) = spanned(&self.name, plane)?;
        let normal = u.cross(&v);
        let slope = [0, 1, 2].map(|n| normal.dot(&Vector3::from(self.axes[n].direction)));
        // How far the plane's coordinate moves from voxel to voxel decides, not the length of a direction.
        let steep = |n: usize| slope[n].abs() * step(&self.axes[n]);
        let axis = (0..3).fold(0, |best, n| if steep(n) > steep(best) { n } else { best });
        let (a, b) = [(1, 2), (0, 2), (0, 1)][axis];
        let from = normal.dot(&(point - Vector3::from(self.origin)));
        let centres = &self.axes[axis].centres;
        let half = plane.thickness.map(|t| t / 2.0);
        let mut places = Vec::new();
        for (i, x) in self.axes[a].centres.iter().enumerate() {
            for (j, y) in self.axes[b].centres.iter().enumerate() {
                let at = (from - slope[a] * x - slope[b] * y) / slope[axis];
                let layers: Vec<usize> = match half {
                    Some(half) => {
                        (0..centres.len()).filter(|&n| (centres[n] - at).abs() <= half + 1e-9).collect()
                    }
                    None => nearest(centres, at).into_iter().collect(),
                };
                for layer in layers {
                    let mut voxel = [0; 3];
                    (voxel[a], voxel[b], voxel[axis]) = (i, j, layer);
                    places.push(self.at(voxel));
                }
            }
        }
        places.sort_unstable();
        places.retain(|&at| self.values.get(at).is_finite());
        if places.is_empty() {
            let what = "the plane holds no measured voxel";
            return Err(Error::file(&self.name, what, "a plane through the volume"));
        }
        Ok(places)
    }
}

fn spanned(name: &str, plane: &PlaneSpec) -> Result<(Vector3<f64>, Vector3<f64>, Vector3<f64>)> {
    let [u, v] = plane.vectors.map(Vector3::from);
    let point = Vector3::from(plane.point);
    let sine = u.cross(&v).norm() / (u.norm() * v.norm());
    let far = point.iter().chain(&u).chain(&v).any(|x| x.is_nan() || x.abs() > 1e4);
    if far || sine.is_nan() || sine < 1e-6 || plane.thickness.is_some_and(|t| t.is_nan() || t < 0.0) {
        return Err(Error::file(
            name,
            "the plane has no area",
            "a point, two different directions and a thickness of zero or more",
        ));
    }
    Ok((point, u, v))
}

/// Mean distance of voxels along an axis.
fn step(axis: &GridAxis) -> f64 {
    match axis.centres[..] {
        [first, .., last] => (last - first).abs() / (axis.centres.len() - 1) as f64,
        // A single layer is crossed wherever the others leave it open.
        _ => 1.0,
    }
}

/// The centre nearest to `x`, unless `x` is more than half a step beyond the ends.
fn nearest(centres: &[f64], x: f64) -> Option<usize> {
    let up = centres.first() <= centres.last();
    let after = centres.partition_point(|c| if up { *c < x } else { *c > x });
    let candidates = [after.checked_sub(1), (after < centres.len()).then_some(after)];
    let distance = |n: &usize| (centres[*n] - x).abs();
    let best =
        candidates.into_iter().flatten().reduce(|a, b| if distance(&b) < distance(&a) { b } else { a })?;
    let beside = if best == 0 { 1 } else { best - 1 };
    let half = centres.get(beside).map_or(1e-6, |c| (c - centres[best]).abs() / 2.0);
    let inside = after > 0 && after < centres.len();
    (inside || distance(&best) <= half + 1e-9).then_some(best)
}

/// The two centres around `x` and how far it is from the first to the second; half a voxel beyond the ends is
/// the end.
fn bracket(centres: &[f64], x: f64) -> Option<(usize, usize, f64)> {
    let near = nearest(centres, x)?;
    let last = centres.len() - 1;
    let toward = (x - centres[near]) * (centres[last] - centres[0]);
    let other = if toward > 0.0 { near + 1 } else { near.wrapping_sub(1) };
    match centres.get(other) {
        Some(c) if toward != 0.0 => Some((near, other, (x - centres[near]) / (c - centres[near]))),
        _ => Some((near, near, 0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Values;
    use super::*;

    /// 100 h + 10 k + l, which is linear: interpolation must be exact.
    fn grid() -> Grid {
        let centres = [
            (0..7).map(|i| -1.5 + 0.5 * f64::from(i)).collect::<Vec<_>>(),
            vec![1.0, 0.4, 0.1, -0.2, -1.0],
            (0..4).map(|i| 0.25 * f64::from(i)).collect(),
        ];
        let mut n = 0;
        let axes = centres.map(|centres| {
            let mut direction = [0.0; 3];
            direction[n] = 1.0;
            n += 1;
            GridAxis { name: ["h", "k", "l"][n - 1].into(), direction, centres }
        });
        let mut values = Vec::new();
        for h in &axes[0].centres {
            for k in &axes[1].centres {
                for l in &axes[2].centres {
                    values.push(100.0 * h + 10.0 * k + l);
                }
            }
        }
        Grid::new("g", axes, [0.0; 3], Values::F64(values), None).unwrap()
    }

    fn value([h, k, l]: [f64; 3]) -> f64 {
        100.0 * h + 10.0 * k + l
    }

    #[test]
    fn slices_have_the_values_of_their_hkl() {
        let grid = grid();
        for (axis, at) in [(0, 0.5), (1, 0.1), (2, 0.75)] {
            let slice = grid.slice(axis, at, 0.0);
            for (j, y) in slice.y.centres.iter().enumerate() {
                for (i, x) in slice.x.centres.iter().enumerate() {
                    let hkl = [0, 1, 2]
                        .map(|n| slice.origin[n] + slice.x.direction[n] * x + slice.y.direction[n] * y);
                    let found = f64::from(slice.values[j * slice.x.centres.len() + i]);
                    assert!((found - value(hkl)).abs() < 1e-4, "{axis} {hkl:?} {found}");
                }
            }
        }
        let mean = grid.slice(2, 0.25, 0.5).values[0];
        assert!((f64::from(mean) - value([-1.5, 1.0, 0.25])).abs() < 1e-4);
    }

    #[test]
    fn an_oblique_plane_of_a_linear_function_is_exact() {
        let grid = grid();
        let plane = PlaneSpec {
            point: [0.1, 0.05, 0.3],
            vectors: [[1.0, 1.0, 0.2], [0.0, 0.3, 1.0]],
            thickness: None,
        };
        let slice = grid.oblique(&plane, [41, 37]).unwrap();
        let mut seen = 0;
        for (j, y) in slice.y.centres.iter().enumerate() {
            for (i, x) in slice.x.centres.iter().enumerate() {
                let found = f64::from(slice.values[j * 41 + i]);
                let hkl =
                    [0, 1, 2].map(|n| slice.origin[n] + slice.x.direction[n] * x + slice.y.direction[n] * y);
                let inside = hkl[0].abs() < 1.5 && hkl[1].abs() < 1.0 && (0.0..0.75).contains(&hkl[2]);
                if inside {
                    seen += 1;
                    assert!((found - value(hkl)).abs() < 1e-4, "{hkl:?} {found}");
                }
            }
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn the_nearest_voxels_of_a_plane_are_one_of_each_column() {
        let grid = grid();
        let plane =
            PlaneSpec { point: [0.0; 3], vectors: [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], thickness: None };
        let places = grid.on_plane(&plane).unwrap();
        for &at in &places {
            let [h, k, _] = grid.hkl(grid.voxel(at));
            assert!((h - k).abs() <= 0.4 + 1e-9, "{h} {k}");
        }
        assert!(places.len() >= 5 * 4);
        let flat =
            PlaneSpec { point: [0.0, 0.0, 0.26], vectors: [[1., 0., 0.], [0., 1., 0.]], thickness: None };
        assert_eq!(grid.on_plane(&flat).unwrap().len(), 35);
        let thick = PlaneSpec { thickness: Some(0.6), ..flat };
        assert_eq!(grid.on_plane(&thick).unwrap().len(), 105);
        let nothing = PlaneSpec { vectors: [[1., 0., 0.], [2., 0., 0.]], ..flat };
        assert!(grid.on_plane(&nothing).is_err());
    }
}
