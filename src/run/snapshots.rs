//! Sampled scattering beside the exact one, snapshot by snapshot: the running mean of the diffuse
//! intensity of one plane, how far it is from what it tends to, and the atoms of the last snapshot.

use nalgebra::Vector3;

use super::{Files, Prepared};
use crate::base::parallel::now;
use crate::crystal::Crystal;
use crate::crystal::Equivalence;
use crate::job::Job;
use crate::scattering::{Draw, Sampled};
use crate::{Error, Result};

/// |Q| to which the plane reaches along its axes, Å⁻¹.
const REACH: f64 = 7.2;

/// Layers of atoms that are shown.
const LAYERS: usize = 2;

/// Points of the plane at most: more would be finer than a screen shows.
const MOST_POINTS: usize = 40_000;

/// Snapshots of a job's supercell, drawn one after the other.
pub struct Snapshots {
    sampled: Sampled,
    seed: u64,
    /// Points of the plane l = 0 (input-cell units) that the supercell holds, reflections left out.
    pub hkl: Vec<[f64; 3]>,
    /// What the mean tends to, electron² per primitive cell.
    pub exact: Vec<f64>,
    /// The atoms that are shown.
    pub slab: Slab,
    sum: Vec<f64>,
    square: Vec<f64>,
    done: usize,
    /// The last snapshots, and the factor for the next ones.
    last: Draw,
}

/// The lowest layers of atoms of the supercell, seen along the normal of its first two axes.
#[derive(Debug, Clone, Default)]
pub struct Slab {
    sites: Vec<usize>,
    /// x to the right along the first axis, y upwards; Å.
    pub places: Vec<[f64; 2]>,
    /// Layer of each atom, the lowest first.
    pub layers: Vec<u8>,
    /// Element of each atom, as a number among those of the crystal.
    pub kinds: Vec<u8>,
    /// The first two supercell vectors, Å.
    pub edges: [[f64; 2]; 2],
    /// Unit vectors to the right and upwards, Cartesian.
    axes: [Vector3<f64>; 2],
}

impl Snapshots {
    /// The constants, the supercell, the temperature and the sampler are those of the job; its data
    /// do not matter.
    ///
    /// # Errors
    /// Anything in the job that cannot be used, a supercell that needs too much memory, unstable
    /// constants.
    pub fn new(job: &Job, files: &dyn Files) -> Result<Self> {
        let prepared = Prepared::new(job, files)?;
        let crystal = &prepared.crystal;
        let size = job.model.supercell.unwrap_or([1; 3]);
        let hkl = plane(&prepared, size)?;
        let temperature = job.model.temperature;
        let sampled = prepared.sampled_model(&hkl, temperature)?;
        // Equivalent points have the same mean, though not in any one snapshot.
        let (group, first) = now(Equivalence::new(crystal, Some(size)).groups(&hkl));
        let different: Vec<[f64; 3]> = first.iter().map(|&i| hkl[i]).collect();
        let model = prepared.model(&different, temperature)?;
        let unstable = || Error::Unstable { what: "a wave of the supercell has a negative stiffness".into() };
        let values = model
            .state_for_values(&prepared.theta)
            .and_then(|state| model.intensities(&state))
            .ok_or_else(unstable)?;
        let exact = group.iter().map(|&g| values[g]).collect();
        let seed = job.model.seed;
        let last = sampled.draw(&prepared.theta, seed, 0, 1).ok_or_else(unstable)?;
        let slab = slab(crystal, &sampled, size);
        let empty = vec![0.0; hkl.len()];
        Ok(Snapshots { sampled, seed, exact, slab, sum: empty.clone(), square: empty, hkl, done: 0, last })
    }

    /// Draws so many more snapshots.
    pub fn advance(&mut self, count: usize) {
        self.last = self.sampled.draw_more(&self.last, self.seed, self.done, count);
        let amplitudes = self.sampled.amplitudes(&self.last);
        for sample in 0..count {
            let sums = self.sum.iter_mut().zip(&mut self.square);
            for ((sum, square), i) in sums.zip(amplitudes.intensities(sample)) {
                *sum += i;
                *square += i * i;
            }
        }
        self.done += count;
    }

    /// Forgets all snapshots; the same ones come again.
    pub fn reset(&mut self) {
        self.sum.fill(0.0);
        self.square.fill(0.0);
        self.done = 0;
    }

    /// Snapshots so far.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Atoms of the supercell.
    pub fn n_atoms(&self) -> usize {
        self.sampled.n_displacements()
    }

    /// Mean intensity at each point, electron² per primitive cell.
    pub fn mean(&self) -> Vec<f64> {
        self.sum.iter().map(|sum| sum / self.done as f64).collect()
    }

    /// Root mean square over the points of mean / exact − 1.
    pub fn error(&self) -> f64 {
        self.rms(|sum, _, exact| sum / self.done as f64 / exact - 1.0)
    }

    /// What the scatter of the snapshots lets one expect for [`Self::error`]; NaN for a single one.
    pub fn expected_error(&self) -> f64 {
        let n = self.done as f64;
        self.rms(|sum, square, exact| {
            let variance = (square / n - (sum / n).powi(2)).max(0.0) / (n - 1.0);
            variance.sqrt() / exact
        })
    }

    fn rms(&self, relative: impl Fn(f64, f64, f64) -> f64) -> f64 {
        let points = self.sum.iter().zip(&self.square).zip(&self.exact);
        let total: f64 = points.map(|((sum, square), exact)| relative(*sum, *square, *exact).powi(2)).sum();
        (total / self.sum.len() as f64).sqrt()
    }

    /// Displacements of the slab's atoms in the last snapshot, to the right and upwards, Å.
    pub fn displacements(&self) -> Vec<[f64; 2]> {
        let u = self.last.displacements(self.last.n_samples() - 1);
        self.slab.sites.iter().map(|&site| self.slab.axes.map(|axis| axis.dot(&u[site]))).collect()
    }
}

/// Points of l = 0 out to [`REACH`] that the supercell holds, without reflections.
fn plane(prepared: &Prepared, size: [usize; 3]) -> Result<Vec<[f64; 3]>> {
    let lattice = prepared.bragg_lattice()?;
    let reciprocal = prepared.crystal.input.reciprocal();
    let ends = [0, 1].map(|a| (REACH / reciprocal.column(a).norm()).round().max(1.0) as i64 * size[a] as i64);
    let count = ends.iter().map(|e| 2 * e + 1).product::<i64>();
    if count > MOST_POINTS as i64 {
        return Err(Error::job(
            "model.supercell",
            format!("{} × {} cells, whose plane has {count} points", size[0], size[1]),
            format!("a supercell whose plane has at most {MOST_POINTS}"),
        ));
    }
    let rows = (-ends[1]..=ends[1]).flat_map(|k| (-ends[0]..=ends[0]).map(move |h| (h, k)));
    let points = rows.map(|(h, k)| [h as f64 / size[0] as f64, k as f64 / size[1] as f64, 0.0]);
    let points: Vec<[f64; 3]> = points.filter(|hkl| !lattice.is_bragg(*hkl)).collect();
    if points.is_empty() {
        return Err(Error::job("model.supercell", "a single cell without waves in the plane", "more cells"));
    }
    Ok(points)
}

fn slab(crystal: &Crystal, sampled: &Sampled, size: [usize; 3]) -> Slab {
    let lattice = &crystal.input.lattice;
    let edge = |a: usize| lattice.column(a) * size[a] as f64;
    let right = lattice.column(0).normalize();
    let up = (lattice.column(1) - right * right.dot(&lattice.column(1))).normalize();
    let axes = [right, up];
    let flat = |v: Vector3<f64>| axes.map(|axis| axis.dot(&v));
    let normal = right.cross(&up);
    let (sites, types) = sampled.sites();
    // Heights in thousandths of Å: atoms of one layer differ by rounding only.
    let height = |site: &Vector3<f64>| (normal.dot(site) * 1e3).round() as i64;
    let mut heights: Vec<i64> = sites.iter().map(height).collect();
    crate::base::order::sort_integers(&mut heights);
    heights.dedup_by(|b, a| *b - *a < 50);
    heights.truncate(LAYERS);
    let elements = &crystal.primitive.symbols;
    let kind = |atom: usize| elements.iter().position(|e| *e == elements[atom]).unwrap_or_default();
    let mut slab = Slab { edges: [flat(edge(0)), flat(edge(1))], axes, ..Slab::default() };
    for (index, site) in sites.iter().enumerate() {
        let Some(layer) = heights.iter().position(|h| (height(site) - h).abs() < 50) else { continue };
        slab.sites.push(index);
        slab.places.push(flat(*site));
        slab.layers.push(layer as u8);
        slab.kinds.push(kind(types[index]) as u8);
    }
    slab
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn snapshots(size: [usize; 3], sampler: &str) -> Snapshots {
        let text = format!(
            r#"{{"crystal": {{"prototype": "fcc", "element": "Ni", "a": 3.52}},
            "force_constants": {{"values": {{"library": "ni_298"}}}},
            "model": {{"order": "sampled", "temperature": 298, "supercell": {size:?}, "sampler": "{sampler}"}}}}"#
        );
        Snapshots::new(&Job::parse("job", &text).unwrap(), &BTreeMap::new()).unwrap()
    }

    #[test]
    fn the_mean_of_snapshots_comes_nearer_as_one_over_the_root_of_their_number() {
        for sampler in ["block", "dense"] {
            let mut run = snapshots([4, 4, 3], sampler);
            let mut done = 0;
            for n in [1, 20, 400] {
                run.advance(n - done);
                done = n;
                let relative = run.error() * f64::from(n as u32).sqrt();
                assert!((0.75..1.4).contains(&relative), "{sampler}, {n}: {relative}");
            }
            let expected = run.expected_error() / run.error();
            assert!((0.8..1.25).contains(&expected), "{sampler}: {expected}");
            let before = run.mean();
            run.reset();
            run.advance(400);
            let same = run.mean().iter().zip(&before).all(|(a, b)| (a - b).abs() < 1e-9 * b);
            assert!(same, "the same snapshots come again");
        }
    }

    #[test]
    fn the_slab_is_two_layers_of_the_supercell() {
        let mut run = snapshots([3, 4, 2], "block");
        run.advance(2);
        assert_eq!(run.n_atoms(), 96);
        assert_eq!(run.slab.places.len(), 48);
        assert_eq!(run.displacements().len(), 48);
        assert_eq!(run.slab.layers.iter().filter(|l| **l == 0).count(), 24);
        let [[ax, ay], [bx, by]] = run.slab.edges;
        assert!((ax - 3.0 * 3.52).abs() < 1e-12 && ay.abs() < 1e-12);
        assert!(bx.abs() < 1e-12 && (by - 4.0 * 3.52).abs() < 1e-12);
        let largest = run.displacements().iter().flatten().fold(0.0_f64, |m, u| m.max(u.abs()));
        assert!((0.05..0.5).contains(&largest), "{largest}");
    }

    #[test]
    fn no_point_of_the_plane_is_a_reflection() {
        let run = snapshots([2, 2, 2], "block");
        assert!(run.exact.iter().all(|i| i.is_finite() && *i > 0.0));
        assert!(run.hkl.contains(&[1.0, 0.0, 0.0]) && !run.hkl.contains(&[2.0, 0.0, 0.0]));
    }
}
