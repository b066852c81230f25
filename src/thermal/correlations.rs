//! Displacement correlations in real space, C_ss'(R) = N⁻¹ Σ_k C_ss'(k) e^{−ik·(R+τ_s'−τ_s)}, with
//! their derivatives to θ and the adjoint.
//!
//! Only the symmetric Cartesian part is kept (xx yy zz xy xz yz): Qᵀ C Q needs no more.
//!
//! Two meshes. Half-shifted in the primitive axes, for an infinite crystal: the result is averaged
//! over the space group and its offset, a uniform translation that falls like 1/n and is the same
//! for every pair, is replaced by that of the mean-square tensors, C_ss(0) = U_s. Or the wave
//! vectors of a periodic supercell, where only the three uniform translations are left out.

use std::collections::HashMap;

use nalgebra::{Complex, DMatrix, Matrix3, Vector3};

use super::Thermal;
use super::grid::{GridPoints, shortest_period};
use super::lattice_pairs::{LatticePair, centring_points, pairs_of_supercell, pairs_within, representative};
use super::mean_square::{MeanSquareValue, pack, unpack};
use super::mesh::cosets;
use super::modes::Modes;
use crate::crystal::Crystal;
use crate::dynamics::{LANES, PhaseTable, slot_of};
use crate::fourier::{Fourier3, Scratch};
use crate::ifc::LinearForceConstants;
use crate::{Error, Result};

type C64 = Complex<f64>;
/// Symmetric tensor: xx yy zz xy xz yz.
pub type Packed = [f64; 6];
/// Row and column of each packed entry.
pub const PACKED: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)];
/// How often each packed entry stands in the tensor.
pub const PACKED_COUNT: Packed = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0];

/// Which wave vectors are summed over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Grid {
    /// (m + ½)/n in the primitive reciprocal axes; pairs up to `range` (Å).
    HalfShifted { n: [usize; 3], range: f64 },
    /// Those of a periodic supercell of n₁×n₂×n₃ input cells; all its pairs.
    Periodic([usize; 3]),
}

/// C_ss'(R) of one crystal at one temperature as a function of θ.
#[derive(Debug, Clone)]
pub struct Correlations {
    thermal: Thermal,
    n_atoms: usize,
    pub pairs: Vec<LatticePair>,
    /// Pairs of atoms (s, s') and the range of `pairs` that belongs to each.
    pub kinds: Vec<(usize, usize, std::ops::Range<usize>)>,
    /// Vectors τ_s' − τ_s of each kind, Å.
    offsets: Vec<Vector3<f64>>,
    fft: Fourier3,
    n_grid: usize,
    /// One of each ±k.
    k: Vec<Vector3<f64>>,
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

/// Average over the space group.
#[derive(Debug, Clone)]
struct Symmetry {
    rotations: Vec<Matrix3<f64>>,
    /// Per orbit: what each operation makes of its first member.
    orbits: Vec<Vec<usize>>,
}

/// C_ss'(R) at one θ.
#[derive(Debug, Clone, Default)]
pub struct CorrelationValue {
    /// One per pair, Å².
    pub c: Vec<Packed>,
}

/// The linearisation at one θ.
pub struct Linearised {
    modes: Vec<Modes>,
}

/// The most that the correlations of a model may hold, bytes.
const MEMORY: f64 = if cfg!(target_arch = "wasm32") { 1.0e9 } else { 2.0e9 };

/// Refuses what would not fit into the memory before any of it is taken.
fn check_memory(crystal: &Crystal, n_parameters: usize, grid: Grid) -> Result<()> {
    let atoms = crystal.n_atoms() as f64;
    let volume = crystal.primitive.volume();
    let points = |n: &[usize; 3]| n.iter().map(|n| *n as f64).product::<f64>();
    let (field, asked, mend, cells, waves) = match &grid {
        Grid::HalfShifted { n, range } => {
            let cells = 4.0 / 3.0 * std::f64::consts::PI * range.powi(3) / volume;
            ("model.real_space_range", format!("{range:.0} Å"), "a shorter range", cells, points(n))
        }
        Grid::Periodic(n) => {
            let cells = points(n) * crystal.input.volume() / volume;
            ("model.supercell", format!("{} × {} × {} cells", n[0], n[1], n[2]), "fewer cells", cells, cells)
        }
    };
    let pairs = 0.5 * cells * atoms * atoms;
    let kinds = 0.5 * atoms * (atoms + 1.0);
    // Derivatives, slopes at a block of points and names of each pair; spectra and modes of each ±k.
    let per_pair = 2.0 * 48.0 * n_parameters as f64 + 256.0 + 200.0;
    let per_wave = 96.0 * kinds + 24.0 * (3.0 * atoms).powi(2) + 16.0 * kinds;
    let bytes = pairs * per_pair + 0.5 * waves * per_wave;
    if bytes <= MEMORY {
        return Ok(());
    }
    Err(Error::job(
        field,
        format!("{asked}: {pairs:.0} pairs of atoms need {:.1} GB of memory", bytes / 1e9),
        format!("at most {:.1} GB: {mend}", MEMORY / 1e9),
    ))
}

impl Correlations {
    /// # Errors
    /// A range beyond half the shortest period of the mesh, more memory than there is.
    pub fn new(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        grid: Grid,
    ) -> Result<Self> {
        check_memory(crystal, family.n_parameters, grid)?;
        let (n, shift, centring, cosets, pairs) = match grid {
            Grid::HalfShifted { n, range } => {
                let period = shortest_period(crystal, n);
                if range > 0.5 * period + 1e-6 {
                    return Err(Error::job(
                        "model.real_space_range",
                        format!("{range:.2} Å with a mesh of period {period:.2} Å"),
                        format!("at most half the period, {:.2} Å, or a finer real_space_mesh", 0.5 * period),
                    ));
                }
                (n, 0.5, vec![Vector3::zeros()], vec![Vector3::zeros()], pairs_within(crystal, range))
            }
            Grid::Periodic(n) => {
                let pairs = pairs_of_supercell(crystal, n);
                (n, 0.0, centring_points(crystal), cosets(&crystal.primitive_in_input), pairs)
            }
        };
        let half_shifted = shift != 0.0;
        // Coordinates of the grid's axes: primitive or input cell.
        let p = if half_shifted { Matrix3::identity() } else { crystal.primitive_in_input };
        let points = GridPoints::new(n, shift, &cosets, &p);
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

        let mut kinds: Vec<(usize, usize, std::ops::Range<usize>)> = Vec::new();
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

    /// C(R), and what its derivatives need; `None` when Φ is not positive definite on the mesh.
    /// `u` are the mean-square tensors that C_ss(0) is to have.
    pub fn at(&self, theta: &[f64], u: &MeanSquareValue) -> Option<(CorrelationValue, Linearised)> {
        let mut spectra = self.no_spectra();
        let mut modes = Vec::with_capacity(self.k.len());
        let mut failed = false;
        self.each_wave_vector(theta, |i, phi, lane| {
            let translations = self.gamma == Some(i);
            if self.n_atoms == 1 {
                if translations {
                    modes.push(Modes::Nothing);
                    return;
                }
                match Modes::cubic(&real_matrix(phi, lane), &self.thermal) {
                    Some((c, m)) => {
                        self.put_cubic(i, &c, &mut spectra);
                        modes.push(m);
                    }
                    None => failed = true,
                }
            } else {
                let matrix = unpack(phi, lane, 3 * self.n_atoms);
                match Modes::general(&matrix, &self.thermal, translations) {
                    Some((c, m)) => {
                        self.put(i, &c, &mut spectra);
                        modes.push(m);
                    }
                    None => failed = true,
                }
            }
        });
        if failed {
            return None;
        }
        let mut c = self.to_real_space(&spectra);
        let wanted: Vec<Packed> = u.tensors.iter().map(pack_tensor).collect();
        self.shift(&mut c, &wanted);
        Some((CorrelationValue { c }, Linearised { modes }))
    }

    /// ∂C(R)/∂θ_p for every p; `[parameter][pair]`.
    pub fn derivatives(
        &self,
        at: &Linearised,
        basis: &[Vec<Matrix3<f64>>],
        u: &MeanSquareValue,
    ) -> Vec<Vec<Packed>> {
        let n_p = self.table.n_parameters;
        let mut unit = vec![0.0; n_p];
        (0..n_p)
            .map(|p| {
                unit[p] = 1.0;
                let mut spectra = self.no_spectra();
                self.each_wave_vector(&unit, |i, g, lane| {
                    if self.n_atoms == 1 {
                        let c = at.modes[i].apply_cubic(&real_matrix(g, lane));
                        self.put_cubic(i, &c, &mut spectra);
                    } else {
                        let c = at.modes[i].apply(&unpack(g, lane, 3 * self.n_atoms));
                        self.put(i, &c, &mut spectra);
                    }
                });
                unit[p] = 0.0;
                let mut c = self.to_real_space(&spectra);
                let wanted: Vec<Packed> = (0..self.n_atoms)
                    .map(|s| {
                        let sum = basis
                            .iter()
                            .zip(&u.jacobian)
                            .fold(Matrix3::zeros(), |sum, (e, row)| sum + e[s] * row[p]);
                        pack_tensor(&sum)
                    })
                    .collect();
                self.shift(&mut c, &wanted);
                c
            })
            .collect()
    }

    /// The adjoint: for `k[pair]` with ∂L = Σ_pair tr(k ∂C), adds ∂L/∂θ to `theta_bar` and what
    /// goes through the mean-square tensors to `u_bar[s]`.
    pub fn pullback(&self, at: &Linearised, k: &[Packed], u_bar: &mut [Packed], theta_bar: &mut [f64]) {
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
        let spectra = self.to_wave_vectors(&k);
        let d = 3 * self.n_atoms;
        let mut packed = vec![[0.0; LANES]; self.table.n_slots];
        let mut rows = vec![[0.0; LANES]; theta_bar.len()];
        let mut scratch = Vec::new();
        for b in 0..self.table.n_blocks() {
            packed.iter_mut().for_each(|slot| *slot = [0.0; LANES]);
            for lane in 0..(self.k.len() - b * LANES).min(LANES) {
                let i = b * LANES + lane;
                if self.n_atoms == 1 {
                    let adjoint = at.modes[i].apply_cubic(&self.take_cubic(i, &spectra));
                    for (c, (row, column)) in PACKED.into_iter().enumerate() {
                        packed[slot_of(3, row, column).0][lane] = PACKED_COUNT[c] * adjoint[(row, column)];
                    }
                } else {
                    pack(&at.modes[i].apply(&self.take(i, &spectra, d)), 1.0, lane, &mut packed);
                }
            }
            let block = self.table.block(b, &mut scratch);
            self.table.contract(block, &packed, &mut rows);
            for (total, row) in theta_bar.iter_mut().zip(&rows) {
                *total += row.iter().sum::<f64>();
            }
        }
    }

    fn each_wave_vector(&self, theta: &[f64], mut visit: impl FnMut(usize, &[[f64; LANES]], usize)) {
        let mut scratch = Vec::new();
        let mut phi = vec![[0.0; LANES]; self.table.n_slots];
        for b in 0..self.table.n_blocks() {
            let block = self.table.block(b, &mut scratch);
            self.table.assemble(block, theta, &mut phi);
            for lane in 0..(self.k.len() - b * LANES).min(LANES) {
                visit(b * LANES + lane, &phi, lane);
            }
        }
    }

    /// `[6 · kind + component][k]`, the periodic phase convention.
    fn no_spectra(&self) -> Vec<Vec<C64>> {
        vec![vec![C64::default(); self.k.len()]; 6 * self.kinds.len()]
    }

    fn put_cubic(&self, i: usize, c: &Matrix3<f64>, spectra: &mut [Vec<C64>]) {
        for (entry, (row, column)) in PACKED.into_iter().enumerate() {
            spectra[entry][i] = C64::from(c[(row, column)]);
        }
    }

    fn put(&self, i: usize, c: &DMatrix<C64>, spectra: &mut [Vec<C64>]) {
        for (kind, (s, s2, _)) in self.kinds.iter().enumerate() {
            let phase = C64::cis(-self.k[i].dot(&self.offsets[kind]));
            for (entry, (a, b)) in PACKED.into_iter().enumerate() {
                let sum = c[(3 * s + a, 3 * s2 + b)] + c[(3 * s + b, 3 * s2 + a)];
                spectra[6 * kind + entry][i] = sum * phase * 0.5;
            }
        }
    }

    /// Transposes of `put_cubic` and `put`: the Hermitian adjoint of C(k), N⁻¹ and the number of
    /// wave vectors that k stands for included.
    fn take_cubic(&self, i: usize, spectra: &[Vec<C64>]) -> Matrix3<f64> {
        let weight = self.share(i);
        let mut m = Matrix3::zeros();
        for (entry, (a, b)) in PACKED.into_iter().enumerate() {
            m[(a, b)] = weight * spectra[entry][i].re;
            m[(b, a)] = m[(a, b)];
        }
        m
    }

    fn take(&self, i: usize, spectra: &[Vec<C64>], d: usize) -> DMatrix<C64> {
        let weight = self.share(i);
        let mut m = DMatrix::zeros(d, d);
        for (kind, (s, s2, _)) in self.kinds.iter().enumerate() {
            let phase = C64::cis(-self.k[i].dot(&self.offsets[kind])) * (0.5 * weight);
            for (entry, (a, b)) in PACKED.into_iter().enumerate() {
                let z = spectra[6 * kind + entry][i] * phase;
                let mut add = |a: usize, b: usize| {
                    m[(3 * s2 + b, 3 * s + a)] += z;
                    m[(3 * s + a, 3 * s2 + b)] += z.conj();
                };
                add(a, b);
                if a != b {
                    add(b, a);
                }
            }
        }
        m
    }

    fn share(&self, i: usize) -> f64 {
        let stands_for = if self.slots[i].1.is_some() { 2.0 } else { 1.0 };
        stands_for / self.n_wave_vectors() as f64
    }

    /// C(R) of every pair, averaged over the space group.
    fn to_real_space(&self, spectra: &[Vec<C64>]) -> Vec<Packed> {
        let n = self.n_wave_vectors();
        let mut out = vec![[0.0; 6]; self.pairs.len()];
        let mut cosets = vec![C64::default(); n];
        let (mut grid, mut scratch) = (vec![C64::default(); self.n_grid], Scratch::default());
        let imaginary = C64::i();
        for (kind, (_, _, range)) in self.kinds.iter().enumerate() {
            // Two real results from one complex transform.
            for entry in [0, 2, 4] {
                let (x, y) = (&spectra[6 * kind + entry], &spectra[6 * kind + entry + 1]);
                for (i, (here, there)) in self.slots.iter().enumerate() {
                    cosets[*here] = x[i] + imaginary * y[i];
                    if let Some(there) = there {
                        cosets[*there] = x[i].conj() + imaginary * y[i].conj();
                    }
                }
                for (j, (phases, own)) in self.coset_phase.iter().zip(&self.grid_phase).enumerate() {
                    for (m, value) in grid.iter_mut().enumerate() {
                        let sum: C64 =
                            phases.iter().enumerate().map(|(g, p)| p * cosets[g * self.n_grid + m]).sum();
                        *value = sum * own[m];
                    }
                    self.fft.run(&mut grid, &mut scratch);
                    for at in range.clone().filter(|at| self.sites[*at].centring == j) {
                        let z = grid[self.sites[at].index] * self.sites[at].phase / n as f64;
                        out[at][entry] = z.re;
                        out[at][entry + 1] = z.im;
                    }
                }
            }
        }
        if let Some(symmetry) = &self.symmetry {
            symmetry.average(&mut out);
        }
        out
    }

    /// Transpose of the transform (without the average and N⁻¹): `[6 · kind + component][k]`.
    fn to_wave_vectors(&self, k: &[Packed]) -> Vec<Vec<C64>> {
        let mut spectra = self.no_spectra();
        let mut cosets = vec![C64::default(); self.n_wave_vectors()];
        let (mut grid, mut scratch) = (vec![C64::default(); self.n_grid], Scratch::default());
        for (kind, (_, _, range)) in self.kinds.iter().enumerate() {
            for entry in [0, 2, 4] {
                cosets.iter_mut().for_each(|z| *z = C64::default());
                for (j, (phases, own)) in self.coset_phase.iter().zip(&self.grid_phase).enumerate() {
                    grid.iter_mut().for_each(|z| *z = C64::default());
                    for at in range.clone().filter(|at| self.sites[*at].centring == j) {
                        let z = C64::new(k[at][entry], k[at][entry + 1]);
                        grid[self.sites[at].index] += z * self.sites[at].phase;
                    }
                    self.fft.run(&mut grid, &mut scratch);
                    for (m, value) in grid.iter().enumerate() {
                        for (g, p) in phases.iter().enumerate() {
                            cosets[g * self.n_grid + m] += value * own[m] * p;
                        }
                    }
                }
                for (i, (here, there)) in self.slots.iter().enumerate() {
                    let f = cosets[*here];
                    // The transform of x + iy, both real: x̂(k) = (f(k) + f(−k)*)/2.
                    let mirror = there.map_or(f, |t| cosets[t]).conj();
                    spectra[6 * kind + entry][i] = (f + mirror) * 0.5;
                    spectra[6 * kind + entry + 1][i] = (f - mirror) * C64::new(0.0, -0.5);
                }
            }
        }
        spectra
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

const TABLE_BUDGET: usize = 64 << 20;

fn real_matrix(phi: &[[f64; LANES]], lane: usize) -> Matrix3<f64> {
    Matrix3::from_fn(|i, j| phi[slot_of(3, i.min(j), i.max(j)).0][lane])
}

pub fn pack_tensor(m: &Matrix3<f64>) -> Packed {
    PACKED.map(|(i, j)| 0.5 * (m[(i, j)] + m[(j, i)]))
}

pub fn unpack_tensor(c: &Packed) -> Matrix3<f64> {
    Matrix3::new(c[0], c[3], c[4], c[3], c[1], c[5], c[4], c[5], c[2])
}

impl Symmetry {
    fn new(crystal: &Crystal, pairs: &[LatticePair]) -> Self {
        let index: HashMap<_, usize> = pairs.iter().enumerate().map(|(i, p)| (p.key(), i)).collect();
        let mut seen = vec![false; pairs.len()];
        let mut orbits = Vec::new();
        for (i, pair) in pairs.iter().enumerate() {
            if seen[i] {
                continue;
            }
            let members: Vec<usize> = crystal
                .operations
                .iter()
                .map(|op| {
                    let ((a, shift_a), (b, shift_b)) = (op.images[pair.s], op.images[pair.s2]);
                    let cell = op.rotation * pair.cell + shift_b - shift_a;
                    index.get(&representative(a, b, cell)).copied().unwrap_or(i)
                })
                .collect();
            members.iter().for_each(|&m| seen[m] = true);
            orbits.push(members);
        }
        Symmetry { rotations: crystal.operations.iter().map(|op| op.cartesian).collect(), orbits }
    }

    /// C(first) = mean over g of gᵀ C(g first) g, and back: an orthogonal projection, so its own
    /// transpose.
    fn average(&self, c: &mut [Packed]) {
        for members in &self.orbits {
            let mut mean = Matrix3::zeros();
            for (g, &m) in self.rotations.iter().zip(members) {
                mean += g.transpose() * unpack_tensor(&c[m]) * g;
            }
            mean /= members.len() as f64;
            for (g, &m) in self.rotations.iter().zip(members) {
                c[m] = pack_tensor(&(g * mean * g.transpose()));
            }
        }
    }
}
