//! What belongs to a dispersion curve: the first Brillouin zone with its points, the path through it, the density of states,
//! and frequencies that were published.

use nalgebra::Vector3;
use serde::Serialize;

use super::path::{label_of, place_along, read_path, written_path, written_point};
use super::{Files, Prepared};
use crate::base::parallel::{Pool, now};
use crate::crystal::{BrillouinZone, Crystal};
use crate::dynamics::{BandStructure, Levels, PathPoint, bands, mesh_for, standard_path};
use crate::formats::table::{PublishedWave, read_published};
use crate::ifc::ForceConstants;
use crate::job::Job;
use crate::{Error, Result};

/// Points of a mesh along an axis at most.
const MOST_ALONG: usize = 400;
/// Of the shortest vector of the zone: points of the zone nearer to each other are shown as one.
const SAME_POINT: f64 = 1e-3;
/// Of the shortest reciprocal vector of the input cell: so near to the path a published wave vector lies on it.
const ON_PATH: f64 = 5e-3;

/// A job's crystal with the force constants that the job gives.
pub struct Dispersion {
    prepared: Prepared,
    fc: ForceConstants,
}

/// The first Brillouin zone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ZoneReport {
    /// Å⁻¹: x, y, z of its corners.
    pub corners: Vec<[f64; 3]>,
    /// Numbers of the corners of each face, counter-clockwise as seen from outside.
    pub faces: Vec<Vec<usize>>,
    /// Its middle, the middles of faces and edges, and the corners.
    pub points: Vec<ZonePoint>,
    /// Å⁻¹: x, y, z of a*, b*, c* of the input cell.
    pub axes: [[f64; 3]; 3],
    /// The usual path, as it can be typed.
    pub usual: String,
    /// Names that can be typed.
    pub names: Vec<String>,
}

/// A point of the zone that a path can go to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ZonePoint {
    /// Its name, or h k l.
    pub label: String,
    /// How it is written in a path.
    pub written: String,
    /// Å⁻¹: x, y, z.
    pub place: [f64; 3],
}

/// A path through reciprocal space.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PathReport {
    /// As it can be typed.
    pub text: String,
    /// Its points.
    pub points: Vec<PathPlace>,
}

/// A point of a path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PathPlace {
    /// What it is called.
    pub label: String,
    /// How it is written in a path.
    pub written: String,
    /// r.l.u.: h, k, l of the input cell.
    pub hkl: [f64; 3],
    /// Å⁻¹: x, y, z.
    pub place: [f64; 3],
    /// Whether the path leads here from the point before.
    pub joined: bool,
}

/// The density of states.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct DensityReport {
    /// THz: where the first interval begins; imaginary frequencies are negative.
    pub from: f64,
    /// THz: width of an interval.
    pub step: f64,
    /// Modes per THz and primitive cell: the mean over each interval. They add up to three for each atom.
    pub values: Vec<f64>,
    /// Points of the mesh along the primitive reciprocal axes.
    pub mesh: [usize; 3],
    /// Wave vectors whose frequencies were computed.
    pub computed: usize,
    /// fraction: of the modes that lie elsewhere on a mesh of every second point.
    pub unsettled: Option<f64>,
}

/// Published frequencies on a path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PublishedReport {
    /// Where they lie on the path; one that lies on several parts of it stands there several times.
    pub points: Vec<PublishedPoint>,
    /// How many there are.
    pub total: usize,
    /// How many of them lie on the path.
    pub on_path: usize,
}

/// A published frequency.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PublishedPoint {
    /// Å⁻¹: length of the path so far.
    pub distance: f64,
    /// THz: the frequency.
    pub frequency: f64,
    /// THz: its standard deviation.
    pub sigma: Option<f64>,
}

impl Dispersion {
    /// The crystal and the constants are those of the job; its data do not matter.
    ///
    /// # Errors
    /// Anything in the job that cannot be used, elastic constants instead of force constants.
    pub fn new(job: &Job, files: &dyn Files) -> Result<Self> {
        let prepared = Prepared::new(&Job { data: vec![], ..job.clone() }, files)?;
        prepared.check_has_force_constants()?;
        let fc = prepared.family.at(&prepared.theta);
        Ok(Dispersion { prepared, fc })
    }

    /// The first Brillouin zone of the primitive cell.
    pub fn zone(&self) -> ZoneReport {
        let crystal = &self.prepared.crystal;
        let zone = BrillouinZone::new(&crystal.primitive.reciprocal());
        let faces = zone.faces.iter().map(|face| face.vector * 0.5);
        let edges = zone.edges().into_iter().map(|[a, b]| (zone.corners[a] + zone.corners[b]) * 0.5);
        let unit = zone.faces.iter().map(|face| face.vector.norm()).fold(f64::INFINITY, f64::min);
        let mut places = vec![Vector3::zeros()];
        for place in faces.chain(zone.corners.iter().copied()).chain(edges) {
            if places.iter().all(|known: &Vector3<f64>| (known - place).norm() > SAME_POINT * unit) {
                places.push(place);
            }
        }
        let point = |place: &Vector3<f64>| {
            let hkl = hkl_of(crystal, place);
            let label = label_of(crystal, &hkl);
            ZonePoint { written: written_point(crystal, &label, &hkl), label, place: (*place).into() }
        };
        let axes = crystal.input.reciprocal();
        ZoneReport {
            points: places.iter().map(point).collect(),
            corners: zone.corners.iter().map(|corner| (*corner).into()).collect(),
            faces: zone.faces.into_iter().map(|face| face.corners).collect(),
            axes: std::array::from_fn(|k| axes.column(k).into_owned().into()),
            usual: written_path(crystal, &standard_path(crystal)),
            names: crate::dynamics::named_points(crystal)
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
        }
    }

    /// The path that a text means; the usual one for a text of blanks.
    ///
    /// # Errors
    /// As [`read_path`].
    pub fn path(&self, text: &str) -> Result<PathReport> {
        let crystal = &self.prepared.crystal;
        let path = self.points(text)?;
        let point = |point: &PathPoint| PathPlace {
            label: point.label.clone(),
            written: written_point(crystal, &point.label, &point.hkl),
            hkl: point.hkl.into(),
            place: crystal.q_cart(&point.hkl.into()).into(),
            joined: point.joined,
        };
        Ok(PathReport { text: written_path(crystal, &path), points: path.iter().map(point).collect() })
    }

    fn points(&self, text: &str) -> Result<Vec<PathPoint>> {
        let crystal = &self.prepared.crystal;
        if text.trim().is_empty() { Ok(standard_path(crystal)) } else { read_path(crystal, text) }
    }

    /// Frequencies along a path, with about `n` points.
    ///
    /// # Errors
    /// As [`read_path`].
    pub fn bands(&self, text: &str, n: usize) -> Result<BandStructure> {
        let Prepared { crystal, family, theta, .. } = &self.prepared;
        Ok(bands(crystal, family, theta, &self.points(text)?, n, None))
    }

    /// The density of states in `n` intervals, on a mesh of so many points along the primitive reciprocal axes; without it on
    /// one as fine as is done in a moment.
    ///
    /// # Errors
    /// A mesh of fewer than two points along an axis or of more than 400, frequencies that are not finite.
    pub fn density(&self, n: usize, mesh: Option<[usize; 3]>) -> Result<DensityReport> {
        let crystal = &self.prepared.crystal;
        let mesh = mesh.unwrap_or_else(|| mesh_for(crystal));
        if mesh.iter().any(|n| !(2..=MOST_ALONG).contains(n)) {
            let expected = format!("2 to {MOST_ALONG} points along each axis");
            return Err(Error::value(format!("{mesh:?}"), expected).of("mesh"));
        }
        let levels = now(Levels::new(&Pool::here(), crystal, &self.fc, mesh));
        let (low, high) = levels.ends();
        if !(low.is_finite() && high.is_finite()) {
            let what = "a frequency is no finite number";
            return Err(Error::value(what, "constants and masses of finite frequencies").of("density"));
        }
        let n = n.max(1);
        let density = levels.density(n);
        Ok(DensityReport {
            from: density.from,
            step: density.step,
            values: density.values,
            mesh,
            computed: levels.levels.len(),
            unsettled: levels.unsettled(n),
        })
    }

    /// Where the published frequencies of a table lie on a path, themselves or a wave vector that symmetry makes equivalent.
    ///
    /// # Errors
    /// A table that cannot be read, a path that cannot.
    pub fn published(&self, name: &str, bytes: &[u8], path: &str) -> Result<PublishedReport> {
        let crystal = &self.prepared.crystal;
        let path = self.points(path)?;
        let rows = read_published(name, bytes)?;
        let total = rows.len();
        let (mut points, mut on_path) = (vec![], 0);
        for row in rows {
            let hkl = match row.wave {
                PublishedWave::Hkl(hkl) => Vector3::from(hkl),
                PublishedWave::Along(direction, zeta) => {
                    place_along(crystal, &direction, zeta).map_err(|error| at_line(name, row.line, error))?
                }
            };
            if hkl.amax() > 1e4 {
                return Err(Error::at(name, row.line, "a wave vector beyond 10000", "h, k, l in r.l.u."));
            }
            let places = places_on(crystal, &path, &hkl);
            on_path += usize::from(!places.is_empty());
            let point = |distance| PublishedPoint { distance, frequency: row.frequency, sigma: row.sigma };
            points.extend(places.into_iter().map(point));
        }
        Ok(PublishedReport { points, total, on_path })
    }
}

/// An error of a value as one of a line of a file.
fn at_line(name: &str, line: usize, error: Error) -> Error {
    match error {
        Error::Value { what, expected, .. } => Error::at(name, line, what, expected),
        other => other,
    }
}

/// h, k, l of the input cell without what rounding leaves.
fn hkl_of(crystal: &Crystal, q: &Vector3<f64>) -> Vector3<f64> {
    let hkl = crystal.input.lattice.tr_mul(q) / std::f64::consts::TAU;
    hkl.map(|x| (x * 1e9).round() / 1e9 + 0.0)
}

/// Distances along a path at which wave vectors lie that symmetry makes equivalent to `hkl`.
fn places_on(crystal: &Crystal, path: &[PathPoint], hkl: &Vector3<f64>) -> Vec<f64> {
    let unit = crystal.input.reciprocal();
    let near = ON_PATH * (0..3).map(|k| unit.column(k).norm()).fold(f64::INFINITY, f64::min);
    let reciprocal = crystal.primitive.reciprocal();
    let turns = |q: &Vector3<f64>| crystal.primitive.lattice.tr_mul(q) / std::f64::consts::TAU;
    let q = unit * hkl;
    let images: Vec<Vector3<f64>> = crystal
        .operations
        .iter()
        .flat_map(|op| [op.cartesian * q, -(op.cartesian * q)])
        .map(|q| turns(&q).map(|x| x - x.round()))
        .collect();
    let mut found: Vec<f64> = Vec::new();
    let mut passed = 0.0;
    for n in (1..path.len()).filter(|&n| path[n].joined) {
        let [from, to] = [n - 1, n].map(|n| unit * path[n].hkl);
        let leg = to - from;
        // In primitive reciprocal cells, one after the other along the axis where the leg passes most of them.
        let (start, way) = (turns(&from), turns(&leg));
        let axis = way.iamax();
        let [first, last] = [start[axis].min((start + way)[axis]), start[axis].max((start + way)[axis])];
        for image in &images {
            let (first, last) = ((first - image[axis]).floor() as i64, (last - image[axis]).ceil() as i64);
            for cell in first..=last {
                let at = (image[axis] + cell as f64 - start[axis]) / way[axis];
                // The image that is nearest to the leg there.
                let cells = (start + way * at - image).map(f64::round);
                let p = reciprocal * (image + cells) - from;
                let along = (p.dot(&leg) / leg.norm_squared()).clamp(0.0, 1.0);
                let distance = passed + along * leg.norm();
                let is_new = found.iter().all(|known| (known - distance).abs() > near);
                if is_new && (p - leg * along).norm() < near {
                    found.push(distance);
                }
            }
        }
        passed += leg.norm();
    }
    found
}
