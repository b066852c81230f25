//! Displacements of a periodic supercell drawn wave by wave: the Hessian is block-circulant, so that a
//! small matrix per k and a Fourier transform give the distribution that the dense path gives.
//!
//! û(k) = A(k) ζ with A Aᴴ = C(k): for k and −k together ζ = (x + iy)/√2, where −k takes the complex
//! conjugate; for a self-conjugate k (2k a reciprocal-lattice vector) ζ = x, since Φ(k) is real in the
//! periodic phase e^{ik·R}. x and y are standard normal. At Γ the uniform translations are removed and
//! the optical modes stay.
//!
//! Reverse mode: û̄(k) from the transposed Fourier transform; Ā(k) = Σ_samples û̄ ζᴴ; the adjoint of the
//! root, once per k; Re tr(Φ̄ ∂Φ/∂θ), summed over k.

use nalgebra::{DMatrix, Vector3};

use super::fourier::Fourier;
use super::root::{C64, Root, Rooting};
use super::translations::Translations;
use crate::crystal::Crystal;
use crate::crystal::supercell::Supercell;
use crate::dynamics::PhaseTable;
use crate::ifc::LinearForceConstants;
use crate::lanes::LANES;
use crate::lanes::{pack, unpack};
use crate::thermal::{Statistics, Thermal};

/// Largest table of phases that is kept, bytes.
const TABLE_BUDGET: usize = 128 << 20;

/// One wave vector of each pair ±k.
#[derive(Debug, Clone, Copy)]
struct Wave {
    k: usize,
    /// Index of −k.
    opposite: usize,
    /// Where its normal numbers begin.
    noise: usize,
}

impl Wave {
    fn is_real(&self) -> bool {
        self.k == self.opposite
    }
}

/// The block path for one crystal, supercell and temperature.
#[derive(Clone)]
pub struct Block {
    n_cells: usize,
    /// 3 × atoms of the primitive cell.
    dimension: usize,
    /// Γ first.
    waves: Vec<Wave>,
    table: PhaseTable,
    rooting: Rooting,
    fourier: Fourier,
    gamma: Gamma,
}

/// A(k) of every wave.
#[derive(Debug)]
pub struct BlockFactor {
    roots: Vec<Root>,
}

impl Block {
    pub fn new(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: &Thermal,
        supercell: &Supercell,
    ) -> Self {
        let n_grid = supercell.n_grid();
        let mut waves = Vec::with_capacity(supercell.n_cells / 2 + 4);
        let mut k_points = Vec::with_capacity(waves.capacity());
        let dimension = 3 * crystal.n_atoms();
        let mut noise = 0;
        for g in 0..supercell.centring.cosets.len() {
            for (index, kappa) in supercell.grid().enumerate() {
                let k = g * n_grid + index;
                let (h, opposite) = supercell.opposite(g, kappa);
                let opposite = h * n_grid + supercell.grid_index(opposite);
                if opposite < k {
                    continue;
                }
                waves.push(Wave { k, opposite, noise });
                noise += if opposite == k { dimension } else { 2 * dimension };
                k_points.push(supercell.wave_vector(g, kappa));
            }
        }
        // Atoms in the order of the sites, and lattice vectors instead of distances: the periodic
        // phase, in which Φ(k) is real where 2k is a reciprocal-lattice vector.
        let mut rank = vec![0; crystal.n_atoms()];
        supercell.order.iter().enumerate().for_each(|(r, s)| rank[*s] = r);
        let mut periodic = family.clone();
        for term in &mut periodic.terms {
            (term.i, term.j) = (rank[term.i], rank[term.j]);
            term.vector = crystal.primitive.lattice * term.cell.map(f64::from);
        }
        periodic.dipoles = family.long_range().map(|part| part.periodic(&supercell.order).into());
        let masses = supercell.order.iter().map(|s| thermal.masses[*s]).collect();
        let thermal = Thermal { masses, ..*thermal };
        Block {
            n_cells: supercell.n_cells,
            dimension,
            waves,
            table: PhaseTable::new(&periodic, k_points, TABLE_BUDGET),
            rooting: Rooting::new(&thermal),
            fourier: Fourier::new(supercell),
            gamma: Gamma::new(&thermal),
        }
    }

    /// Bytes that are held at most while samples are drawn or differentiated, without the samples.
    pub fn bytes(n_cells: u64, n_atoms: u64, copies: u64) -> u64 {
        let (d, waves) = (3 * n_atoms, n_cells / 2 + 4);
        // A, V, Ā and Φ̄ of each wave; phases, waves and grids.
        waves * d * d * 16 * 3 + n_cells * 16 * (copies + 3 * d) + TABLE_BUDGET as u64
    }

    /// `None` when Φ is not positive definite at one of the waves.
    pub fn factor(&self, theta: &[f64]) -> Option<BlockFactor> {
        let mut scratch = Vec::new();
        let mut slots = vec![[0.0; LANES]; self.table.n_slots];
        let mut roots = Vec::with_capacity(self.waves.len());
        for (b, waves) in self.waves.chunks(LANES).enumerate() {
            let block = self.table.block(b, &mut scratch);
            self.table.assemble(b, block, theta, &mut slots);
            for (lane, wave) in waves.iter().enumerate() {
                let mut phi = unpack(&slots, lane, self.dimension);
                if wave.is_real() {
                    phi.iter_mut().for_each(|x| x.im = 0.0);
                }
                let root = match wave.k {
                    0 => self.gamma.root(&phi, &self.rooting)?,
                    _ => self.rooting.root(&phi)?,
                };
                roots.push(root);
            }
        }
        Some(BlockFactor { roots })
    }

    /// Displacements of one sample, Å.
    pub fn displace(&self, factor: &BlockFactor, noise: &[f64], displacements: &mut [Vector3<f64>]) {
        let n = self.n_cells;
        let mut waves = vec![C64::from(0.0); n * self.dimension];
        let mut zeta = vec![C64::from(0.0); self.dimension];
        for (wave, root) in self.waves.iter().zip(&factor.roots) {
            self.zeta(wave, noise, &mut zeta);
            for i in 0..self.dimension {
                let z: C64 = (0..self.dimension).map(|j| root.a[(i, j)] * zeta[j]).sum();
                waves[i * n + wave.opposite] = z.conj();
                waves[i * n + wave.k] = z;
            }
            if wave.k == 0 {
                self.gamma.remove(&mut waves, n);
            }
        }
        self.fourier.synthesise(&waves, displacements);
    }

    /// ζ of one wave.
    fn zeta(&self, wave: &Wave, noise: &[f64], zeta: &mut [C64]) {
        let x = &noise[wave.noise..][..self.dimension];
        if wave.is_real() {
            zeta.iter_mut().zip(x).for_each(|(z, x)| *z = C64::from(*x));
        } else {
            let y = &noise[wave.noise + self.dimension..][..self.dimension];
            let half = std::f64::consts::FRAC_1_SQRT_2;
            zeta.iter_mut().zip(x.iter().zip(y)).for_each(|(z, (x, y))| *z = C64::new(*x, *y) * half);
        }
    }

    /// Adds Ā = û̄ ζᴴ of one sample to `sums`, d × d numbers per wave, rows first. `cotangent` = ∂/∂u.
    pub fn accumulate(&self, noise: &[f64], cotangent: &[Vector3<f64>], sums: &mut [C64]) {
        let (n, d) = (self.n_cells, self.dimension);
        let mut waves = vec![C64::from(0.0); n * d];
        self.fourier.analyse(cotangent, &mut waves);
        self.gamma.remove_transposed(&mut waves, n);
        let mut zeta = vec![C64::from(0.0); d];
        for (wave, sum) in self.waves.iter().zip(sums.chunks_exact_mut(d * d)) {
            self.zeta(wave, noise, &mut zeta);
            for i in 0..d {
                let z = waves[i * n + wave.k];
                // A pair of waves contributes 2 Re(û e^{ik·R}).
                let bar = if wave.is_real() { C64::from(z.re) } else { z * 2.0 };
                for j in 0..d {
                    sum[i * d + j] += bar * zeta[j].conj();
                }
            }
        }
    }

    /// Length of the sums that [`Self::accumulate`] adds to.
    pub fn n_sums(&self) -> usize {
        self.waves.len() * self.dimension * self.dimension
    }

    /// The derivative to θ from Ā of all waves.
    pub fn pullback(&self, factor: &BlockFactor, sums: &[C64]) -> Vec<f64> {
        let d = self.dimension;
        let mut gradient = vec![0.0; self.table.n_parameters];
        let mut rows = vec![[0.0; LANES]; self.table.n_parameters];
        let mut slots = vec![[0.0; LANES]; self.table.n_slots];
        let mut scratch = Vec::new();
        for (b, waves) in self.waves.chunks(LANES).enumerate() {
            slots.fill([0.0; LANES]);
            for (lane, wave) in waves.iter().enumerate() {
                let index = b * LANES + lane;
                let a_bar = DMatrix::from_row_slice(d, d, &sums[index * d * d..][..d * d]);
                let root = &factor.roots[index];
                let adjoint = match wave.k {
                    0 => self.gamma.adjoint(root, &a_bar, &self.rooting),
                    _ => self.rooting.adjoint(root, &a_bar),
                };
                pack(&adjoint, 1.0, lane, &mut slots);
            }
            let block = self.table.block(b, &mut scratch);
            self.table.contract(block, &slots, &mut rows);
            for (total, row) in gradient.iter_mut().zip(&rows) {
                *total += row[..waves.len()].iter().sum::<f64>();
            }
        }
        gradient
    }
}

/// The wave k = 0, whose Φ has three zero modes.
#[derive(Debug, Clone)]
struct Gamma {
    /// In the coordinates x = S⁻¹u, where the matrix is SΦS: S = 1 in classical statistics, M^{-1/2} in
    /// quantum statistics.
    translations: Translations,
    scale: Vec<f64>,
}

impl Gamma {
    fn new(thermal: &Thermal) -> Self {
        let scales = thermal.masses.iter().map(|m| match thermal.statistics {
            Statistics::Classical => 1.0,
            Statistics::Quantum => 1.0 / m.sqrt(),
        });
        let translations = Translations::new(scales.clone().map(|s| 1.0 / s));
        Gamma { translations, scale: scales.flat_map(|s| [s; 3]).collect() }
    }

    fn n(&self) -> usize {
        self.scale.len()
    }

    /// The root of the deflated Φ; nothing moves when the cell has one atom.
    fn root(&self, phi: &DMatrix<C64>, rooting: &Rooting) -> Option<Root> {
        if self.n() == 3 {
            return Some(Root::zero(3));
        }
        let s = &self.scale;
        let mut d = DMatrix::from_fn(self.n(), self.n(), |i, j| phi[(i, j)].re * s[i] * s[j]);
        let sigma = d.trace() / self.n() as f64;
        self.translations.deflate(&mut d, sigma);
        rooting.root(&DMatrix::from_fn(self.n(), self.n(), |i, j| C64::from(d[(i, j)] / (s[i] * s[j]))))
    }

    /// Φ̄ from Ā, through the deflation and its σ = tr(SΦS)/3n.
    fn adjoint(&self, root: &Root, a_bar: &DMatrix<C64>, rooting: &Rooting) -> DMatrix<C64> {
        let n = self.n();
        if n == 3 {
            return DMatrix::zeros(3, 3);
        }
        let s = &self.scale;
        let phi_bar = rooting.adjoint(root, a_bar);
        let mut d_bar = DMatrix::from_fn(n, n, |i, j| phi_bar[(i, j)].re / (s[i] * s[j]));
        let sigma_bar = self.translations.project(&mut d_bar);
        for i in 0..n {
            d_bar[(i, i)] += sigma_bar / n as f64;
        }
        DMatrix::from_fn(n, n, |i, j| C64::from(d_bar[(i, j)] * s[i] * s[j]))
    }

    /// u ← S Π S⁻¹ u for the wave k = 0.
    fn remove(&self, waves: &mut [C64], n_cells: usize) {
        self.apply(waves, n_cells, |s| 1.0 / s);
    }

    /// The transpose of it.
    fn remove_transposed(&self, waves: &mut [C64], n_cells: usize) {
        self.apply(waves, n_cells, |s| s);
    }

    fn apply(&self, waves: &mut [C64], n_cells: usize, to: impl Fn(f64) -> f64) {
        let s = &self.scale;
        let mut x = DMatrix::from_fn(self.n(), 1, |i, _| waves[i * n_cells].re * to(s[i]));
        self.translations.remove(&mut x);
        (0..self.n()).for_each(|i| waves[i * n_cells] = C64::from(x[i] / to(s[i])));
    }
}
