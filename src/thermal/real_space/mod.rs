//! Displacement correlations in real space, C_ss'(R) = N⁻¹ Σ_k C_ss'(k) e^{−ik·(R+τ_s'−τ_s)}, with
//! their derivatives to θ and the adjoint.
//!
//! Only the symmetric Cartesian part is kept (xx yy zz xy xz yz): Qᵀ C Q needs no more.
//!
//! Two meshes. Half-shifted in the primitive axes, for an infinite crystal: the result is averaged
//! over the space group, so that one wave vector of each star is enough, and its offset, a uniform
//! translation that falls like 1/n and is the same for every pair, is replaced by that of the
//! mean-square tensors, C_ss(0) = U_s. Or the wave vectors of a periodic supercell, where only the
//! three uniform translations are left out.

mod lattice_pairs;
mod memory;
mod symmetry;
mod transform;

use std::ops::Range;

use nalgebra::{Complex, Matrix3, Vector3};

use super::Thermal;
use super::grid::{GridPoints, shortest_period};
#[cfg(feature = "sampled")]
use lattice_pairs::pairs_of_supercell;
use lattice_pairs::pairs_within;
use symmetry::Symmetry;
use transform::{Spectra, SpectraPart};

use super::mean_square::MeanSquareValue;
use super::modes::Modes;
use crate::base::fourier::Fourier3;
use crate::base::parallel::{Piece, Pool, rest};
use crate::crystal::Crystal;
#[cfg(feature = "sampled")]
use crate::crystal::supercell::Supercell;
use crate::dynamics::PhaseTable;
use crate::ifc::LinearForceConstants;
use crate::lanes::{LANES, Lanes, PACKED, PACKED_COUNT, Packed, pack, pack_tensor, slot_of, unpack};
use crate::{Error, Result};

pub use lattice_pairs::LatticePair;

type C64 = Complex<f64>;

/// Which wave vectors are summed over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Grid {
    /// (m + ½)/n in the primitive reciprocal axes; pairs up to `range` (Å).
    HalfShifted {
        /// Wave vectors along each axis.
        n: [usize; 3],
        /// Å.
        range: f64,
    },
    /// Those of a periodic supercell of n₁×n₂×n₃ input cells; all its pairs.
    #[cfg(feature = "sampled")]
    Periodic([usize; 3]),
}

/// C_ss'(R) of one crystal at one temperature as a function of θ.
#[derive(Debug, Clone)]
pub struct Correlations {
    thermal: Thermal,
    n_atoms: usize,
    /// The pairs, in the order of the correlations.
    pub pairs: Vec<LatticePair>,
    /// Pairs of atoms (s, s') and the range of `pairs` that belongs to each.
    pub kinds: Vec<(usize, usize, Range<usize>)>,
    /// Vectors τ_s' − τ_s of each kind, Å.
    offsets: Vec<Vector3<f64>>,
    fft: Fourier3,
    n_grid: usize,
    /// One of each ±k; of each star, where the result is averaged over the space group.
    k: Vec<Vector3<f64>>,
    /// How many ±k each stands for.
    weights: Vec<f64>,
    table: PhaseTable,
    /// Where k and −k stand in the grids of the cosets, one grid after the other.
    slots: Vec<(usize, Option<usize>)>,
    /// Index of Γ among `k`.
    gamma: Option<usize>,
    /// e^{−iG·t}: `[centring point][coset]`.
    coset_phase: Vec<Vec<C64>>,
    /// e^{−ik·t} on the grid, per centring point.
    grid_phase: Vec<Vec<C64>>,
    sites: Vec<Site>,
    symmetry: Option<Symmetry>,
    /// Pair (s, s, 0) of each atom.
    origins: Vec<usize>,
}

/// Where the transform of one pair is found.
#[derive(Debug, Clone)]
struct Site {
    centring: usize,
    index: usize,
    /// e^{−iπ Σ R_a/n_a} of the half shift.
    phase: C64,
}

/// The linearisation at one θ.
pub struct Linearised {
    modes: Vec<Modes>,
}

impl Correlations {
    /// Values alone take little; derivatives to `n_parameters` constants much.
    ///
    /// # Errors
    /// More memory than there is.
    pub fn check_memory(crystal: &Crystal, n_parameters: usize, grid: Grid) -> Result<()> {
        memory::check(crystal, n_parameters, grid)
    }

    /// # Errors
    /// A range beyond half the shortest period of the mesh, more memory than there is.
    pub fn new(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        grid: Grid,
    ) -> Result<Self> {
        memory::check(crystal, 0, grid)?;
        let (n, shift, centring, cosets, pairs) = match grid {
            Grid::HalfShifted { n, range } => {
                let period = shortest_period(crystal, n);
                if range > 0.5 * period + 1e-6 {
                    return Err(Error::value(
                        format!("{range:.2} Å with a mesh of period {period:.2} Å"),
                        format!("at most half the period, {:.2} Å, or a finer real_space_mesh", 0.5 * period),
                    ));
                }
                (n, 0.5, vec![Vector3::zeros()], vec![Vector3::zeros()], pairs_within(crystal, range))
            }
            #[cfg(feature = "sampled")]
            Grid::Periodic(n) => {
                let supercell = Supercell::new(crystal, n, vec![])?;
                let pairs = pairs_of_supercell(crystal, &supercell);
                let centring = &supercell.centring;
                (n, 0.0, centring.point_vectors(), centring.coset_vectors(), pairs)
            }
        };
        let half_shifted = shift != 0.0;
        // Coordinates of the grid's axes: primitive or input cell.
        let p = if half_shifted { Matrix3::identity() } else { crystal.primitive_in_input };
        let points = GridPoints::new(n, shift, &cosets, &p);
        let points = if half_shifted { points.folded(crystal, n) } else { points };
        let reciprocal = crystal.primitive.reciprocal();
        let k: Vec<Vector3<f64>> = points.half.iter().map(|i| reciprocal * points.primitive[*i]).collect();
        let gamma = k.iter().position(|k| k.norm() < 1e-9);

        let to_grid = |cell: &Vector3<i32>| p * cell.map(f64::from);
        let sites = pairs
            .iter()
            .map(|pair| {
                let r = to_grid(&pair.cell);
                let rest = r.map(|x| x - (x + 1e-6).floor());
                let centring =
                    centring.iter().position(|t| (rest - t).map(f64::abs).max() < 1e-5).unwrap_or(0);
                let cell = (r - rest).map(|x| x.round() as i64);
                let at: [usize; 3] = std::array::from_fn(|a| cell[a].rem_euclid(n[a] as i64) as usize);
                let turns: f64 = (0..3).map(|a| shift * cell[a] as f64 / n[a] as f64).sum();
                Site {
                    centring,
                    index: (at[0] * n[1] + at[1]) * n[2] + at[2],
                    phase: C64::cis(-std::f64::consts::TAU * turns),
                }
            })
            .collect();
        let cis = |x: f64| C64::cis(-std::f64::consts::TAU * x);
        let coset_phase = centring.iter().map(|t| cosets.iter().map(|g| cis(g.dot(t))).collect()).collect();
        let grid_phase =
            centring.iter().map(|t| points.own.iter().map(|k| cis(k.dot(t))).collect()).collect();

        let mut kinds: Vec<(usize, usize, Range<usize>)> = Vec::new();
        for (i, pair) in pairs.iter().enumerate() {
            match kinds.last_mut() {
                Some((s, s2, range)) if (*s, *s2) == (pair.s, pair.s2) => range.end = i + 1,
                _ => kinds.push((pair.s, pair.s2, i..i + 1)),
            }
        }
        let cell = &crystal.primitive;
        let offsets = kinds.iter().map(|(s, s2, _)| cell.cartesian(*s2) - cell.cartesian(*s)).collect();
        let origins = (0..cell.len())
            .map(|s| pairs.iter().position(|q| q.key() == (s, s, [0; 3])).unwrap_or_default())
            .collect();
        Ok(Correlations {
            n_atoms: crystal.n_atoms(),
            offsets,
            fft: Fourier3::forward(n),
            n_grid: n.iter().product(),
            table: PhaseTable::new(family, k.clone(), TABLE_BUDGET),
            k,
            slots: points.slots,
            weights: points.weights,
            gamma,
            coset_phase,
            grid_phase,
            sites,
            symmetry: half_shifted.then(|| Symmetry::new(crystal, &pairs)),
            origins,
            kinds,
            pairs,
            thermal,
        })
    }

    /// Number of wave vectors of the mesh.
    pub fn n_wave_vectors(&self) -> usize {
        self.n_grid * self.coset_phase[0].len()
    }

    /// C(R) of every pair (Å²), and what its derivatives need; `None` when Φ is not positive definite on the mesh.
    /// `u` are the mean-square tensors that C_ss(0) is to have.
    pub async fn at(
        &self,
        pool: &Pool,
        theta: &[f64],
        u: &MeanSquareValue,
    ) -> Option<(Vec<Packed>, Linearised)> {
        let work = |blocks: Range<usize>| {
            let mut modes = Vec::with_capacity(blocks.len() * LANES);
            let mut spectra = self.no_spectra(blocks.clone());
            let mut failed = false;
            self.each_wave_vector(blocks, theta, PhaseTable::assemble, |i, phi, lane| {
                match self.modes_at(i, phi, lane, &mut spectra) {
                    Some(m) => modes.push(m),
                    None => failed = true,
                }
            });
            (!failed).then_some((modes, spectra))
        };
        let mut modes = Vec::with_capacity(self.k.len());
        let mut spectra = Spectra::default();
        for part in pool.ranges(self.table.n_blocks(), self.cost_of_block(1.0), &work).await {
            let (more, part) = part?;
            modes.extend(more);
            spectra.parts.push(part);
        }
        let mut c = self.to_real_space(pool, &spectra).await;
        let wanted: Vec<Packed> = u.tensors.iter().map(pack_tensor).collect();
        self.shift(&mut c, &wanted);
        Some((c, Linearised { modes }))
    }

    fn modes_at(&self, i: usize, phi: &[Lanes], lane: usize, spectra: &mut SpectraPart) -> Option<Modes> {
        let translations = self.gamma == Some(i);
        if self.n_atoms > 1 {
            let matrix = unpack(phi, lane, 3 * self.n_atoms);
            let (c, modes) = Modes::general(&matrix, &self.thermal, translations)?;
            self.put(i, &c, spectra);
            return Some(modes);
        }
        if translations {
            return Some(Modes::Nothing);
        }
        let (c, modes) = Modes::monatomic(&real_matrix(phi, lane), &self.thermal)?;
        self.put_monatomic(i, &c, spectra);
        Some(modes)
    }

    /// Floating-point operations of all C(R), roughly.
    pub fn cost(&self) -> f64 {
        self.cost_of_block(1.0) * self.table.n_blocks() as f64
            + self.cost_of_transforms() * self.kinds.len() as f64
    }

    /// Floating-point operations for a block of wave vectors, roughly.
    fn cost_of_block(&self, diagonalisations: f64) -> f64 {
        let d = 3.0 * self.n_atoms as f64;
        let solving = if self.n_atoms == 1 { 1500.0 } else { 120.0 * d * d * d };
        LANES as f64
            * (diagonalisations * solving + 40.0 * d * d + 10.0 * d * d * self.table.n_parameters as f64)
    }

    /// ∂C(R)/∂θ_p for every p; `[parameter][pair]`.
    pub async fn derivatives(
        &self,
        pool: &Pool,
        at: &Linearised,
        basis: &[Vec<Matrix3<f64>>],
        u: &MeanSquareValue,
    ) -> Vec<Vec<Packed>> {
        let n_p = self.table.n_parameters;
        let one = |p: usize| async move {
            let unit: Vec<f64> = (0..n_p).map(|other| if other == p { 1.0 } else { 0.0 }).collect();
            let mut spectra = Spectra::default();
            let n_blocks = self.table.n_blocks();
            for first in (0..n_blocks).step_by(STRETCH) {
                let blocks = first..n_blocks.min(first + STRETCH);
                let mut part = self.no_spectra(blocks.clone());
                let slope = |table: &PhaseTable, _, block: &[Lanes], unit: &[f64], g: &mut [Lanes]| {
                    table.assemble_linear(block, unit, g);
                };
                self.each_wave_vector(blocks, &unit, slope, |i, g, lane| {
                    if self.n_atoms == 1 {
                        let c = at.modes[i].apply_monatomic(&real_matrix(g, lane));
                        self.put_monatomic(i, &c, &mut part);
                    } else {
                        let c = at.modes[i].apply(&unpack(g, lane, 3 * self.n_atoms));
                        self.put(i, &c, &mut part);
                    }
                });
                spectra.parts.push(part);
                rest().await;
            }
            let mut c = self.to_real_space_here(&spectra).await;
            let slope = |s: usize| {
                let terms = basis.iter().zip(&u.jacobian);
                pack_tensor(&terms.fold(Matrix3::zeros(), |sum, (e, row)| sum + e[s] * row[p]))
            };
            let wanted: Vec<Packed> = (0..self.n_atoms).map(slope).collect();
            self.shift(&mut c, &wanted);
            c
        };
        let one = &one;
        let work = |range: Range<usize>| -> Piece<'_, Vec<Vec<Packed>>> {
            Box::pin(async move {
                let mut all = Vec::with_capacity(range.len());
                for p in range {
                    all.push(one(p).await);
                }
                all
            })
        };
        let cost = self.cost_of_block(0.5) * self.table.n_blocks() as f64
            + self.cost_of_transforms() * self.kinds.len() as f64;
        pool.stretches(n_p, cost, &work).await.into_iter().flatten().collect()
    }

    /// The adjoint: for `k[pair]` with ∂L = Σ_pair tr(k ∂C), adds ∂L/∂θ to `theta_bar` and what
    /// goes through the mean-square tensors to `u_bar[s]`.
    pub async fn pullback(
        &self,
        pool: &Pool,
        at: &Linearised,
        k: &[Packed],
        u_bar: &mut [Packed],
        theta_bar: &mut [f64],
    ) {
        let mut k = k.to_vec();
        // Transpose of `shift`: the offsets ½(δ_s + δ_s') with δ_s = U_s − C_ss(0).
        let mut delta = vec![[0.0; 6]; self.n_atoms];
        for (pair, k) in self.pairs.iter().zip(&k) {
            for c in 0..6 {
                delta[pair.s][c] += 0.5 * k[c];
                delta[pair.s2][c] += 0.5 * k[c];
            }
        }
        for (s, &origin) in self.origins.iter().enumerate() {
            for c in 0..6 {
                u_bar[s][c] += delta[s][c];
                k[origin][c] -= delta[s][c];
            }
        }
        if let Some(symmetry) = &self.symmetry {
            symmetry.average(&mut k);
        }
        let spectra = self.to_wave_vectors(pool, &k).await;
        let d = 3 * self.n_atoms;
        let n_theta = theta_bar.len();
        let work = |blocks: Range<usize>| {
            let mut packed = vec![[0.0; LANES]; self.table.n_slots];
            let mut rows = vec![[0.0; LANES]; n_theta];
            let mut sums = vec![0.0; n_theta];
            let mut scratch = Vec::new();
            for b in blocks {
                packed.iter_mut().for_each(|slot| *slot = [0.0; LANES]);
                for lane in 0..(self.k.len() - b * LANES).min(LANES) {
                    let i = b * LANES + lane;
                    if self.n_atoms == 1 {
                        let adjoint = at.modes[i].apply_monatomic(&self.take_monatomic(i, &spectra));
                        for (c, (row, column)) in PACKED.into_iter().enumerate() {
                            packed[slot_of(3, row, column).0][lane] =
                                PACKED_COUNT[c] * adjoint[(row, column)];
                        }
                    } else {
                        pack(&at.modes[i].apply(&self.take(i, &spectra, d)), 1.0, lane, &mut packed);
                    }
                }
                let block = self.table.block(b, &mut scratch);
                self.table.contract(block, &packed, &mut rows);
                for (total, row) in sums.iter_mut().zip(&rows) {
                    *total += row.iter().sum::<f64>();
                }
            }
            sums
        };
        for part in pool.ranges(self.table.n_blocks(), self.cost_of_block(0.5), &work).await {
            theta_bar.iter_mut().zip(part).for_each(|(total, x)| *total += x);
        }
    }

    fn each_wave_vector(
        &self,
        blocks: Range<usize>,
        theta: &[f64],
        assemble: impl Fn(&PhaseTable, usize, &[Lanes], &[f64], &mut [Lanes]),
        mut visit: impl FnMut(usize, &[Lanes], usize),
    ) {
        let mut scratch = Vec::new();
        let mut phi = vec![[0.0; LANES]; self.table.n_slots];
        for b in blocks {
            let block = self.table.block(b, &mut scratch);
            assemble(&self.table, b, block, theta, &mut phi);
            for lane in 0..(self.k.len() - b * LANES).min(LANES) {
                visit(b * LANES + lane, &phi, lane);
            }
        }
    }

    /// Adds the offset that makes C_ss(0) what is wanted.
    fn shift(&self, c: &mut [Packed], wanted: &[Packed]) {
        let delta: Vec<Packed> = self
            .origins
            .iter()
            .zip(wanted)
            .map(|(&o, u)| std::array::from_fn(|entry| u[entry] - c[o][entry]))
            .collect();
        for (pair, c) in self.pairs.iter().zip(c) {
            for entry in 0..6 {
                c[entry] += 0.5 * (delta[pair.s][entry] + delta[pair.s2][entry]);
            }
        }
    }
}

/// Blocks of wave vectors between two rests.
const STRETCH: usize = 16;

const TABLE_BUDGET: usize = 64 << 20;

fn real_matrix(phi: &[[f64; LANES]], lane: usize) -> Matrix3<f64> {
    Matrix3::from_fn(|i, j| phi[slot_of(3, i.min(j), i.max(j)).0][lane])
}
