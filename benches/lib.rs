//! The work that the benchmarks measure, the same native and as WebAssembly.
//!
//! [`Pass`] is what one step of a fit does for each pixel: intensity, derivatives, normal matrix.
//! [`multiply_adds`] is work that has nothing to do with this project; the ratio of the two says how
//! many multiply-adds a pixel costs, which moves less from machine to machine than seconds do.

mod polyatomic;
#[cfg(target_arch = "wasm32")]
mod wasm;

use std::sync::Arc;

use nalgebra::{Matrix3, Vector3};
pub use polyatomic::{Polyatomic, diagonalise};
use tds_inversion::Result;
use tds_inversion::crystal::{Cell, LongRange};
use tds_inversion::dynamics::PhaseTable;
use tds_inversion::fit::{Background, DataTerm, Datum, Likelihood, Measurement, Nuisances, Scale};
use tds_inversion::ifc::{DipoleDipole, IrreducibleBasis, LinearForceConstants, library_entry};
use tds_inversion::lanes::{LANES, Lanes};
use tds_inversion::scattering::{Exact, ModelState, OnePhonon, Sampled, Sampler, default_range};
pub use tds_inversion::thermal::Statistics;
use tds_inversion::thermal::{Converged, MeanSquare, MeshAxes, Thermal, UMesh, default_grid};

/// The dipole–dipole part of a crystal of ten atoms without symmetry at blocks of wave vectors, none of it kept.
pub struct Dipoles {
    table: PhaseTable,
    slots: Vec<Lanes>,
}

impl Dipoles {
    /// # Errors
    /// None: the crystal is part of the benchmark.
    pub fn new(n_points: usize) -> Result<Self> {
        let lattice = Matrix3::new(8.0, 0.3, -0.6, 0.1, 7.2, 0.8, 0.2, -0.3, 6.0);
        let at = |s: usize, x: f64| (s as f64 * x).fract();
        let cell = Cell {
            lattice,
            symbols: (0..10).map(|s| ["Al", "O"][s % 2].to_owned()).collect(),
            positions: (0..10).map(|s| Vector3::new(at(s, 0.618), at(s, 0.414), at(s, 0.732))).collect(),
            masses: vec![20.0; 10],
        };
        let charge =
            |s: usize| Matrix3::new(2.5, 0.2, 0.1, -0.1, 2.2, 0.0, 0.3, 0.1, 2.4) * [1.0, -1.0][s % 2];
        let charges = LongRange {
            born: (0..10).map(charge).collect(),
            dielectric: Matrix3::identity() * 3.1,
            factor: None,
            total: Matrix3::zeros(),
            changed: 0.0,
        };
        let dipoles = DipoleDipole::new(&cell, &charges)?.map(Arc::new);
        let family = LinearForceConstants { n_atoms: 10, n_parameters: 0, lattice, terms: vec![], dipoles };
        let q =
            (0..n_points).map(|n| cell.reciprocal() * Vector3::new(at(n, 0.618), at(n, 0.414), at(n, 0.732)));
        let table = PhaseTable::new(&family, q.collect(), 0);
        let slots = vec![[0.0; LANES]; table.n_slots];
        Ok(Dipoles { table, slots })
    }

    /// Φ at all wave vectors.
    pub fn run(&mut self) -> f64 {
        let mut sum = 0.0;
        for b in 0..self.table.n_blocks() {
            self.table.assemble(b, &[], &[], &mut self.slots);
            sum += self.slots[0][0];
        }
        sum
    }
}

/// One pass over the pixels of nickel, 16 constants to the fifth shell, one-phonon scattering, free
/// scale and two backgrounds.
pub struct Pass {
    term: DataTerm,
    state: ModelState,
    nuisances: Nuisances,
}

impl Pass {
    /// # Errors
    /// None for the set of constants that is part of the program.
    pub fn new(statistics: Statistics, n_pixels: usize) -> Result<Self> {
        let entry = library_entry("Ni_u3")?;
        let crystal = entry.crystal()?;
        let basis = IrreducibleBasis::new(&crystal, entry.cutoff(&crystal)?)?;
        let theta = basis.values_from_labels(&entry.labels()?)?;
        let masses = crystal.primitive.masses.clone();
        let thermal = Thermal { statistics, temperature_k: 298.0, masses };
        let mesh = UMesh::Named(Converged::Converged);
        let mean_square =
            MeanSquare::new(&crystal, &basis.family, thermal.clone(), &mesh, MeshAxes::Primitive);
        let q: Vec<Vector3<f64>> = (0..n_pixels).map(|n| pixel(n, &crystal)).collect();
        let q_squared = q.iter().map(|q| q.norm_squared()).collect();
        let model = OnePhonon::new(&crystal, &basis.family, thermal, mean_square, q);
        let state = model.state(&theta).unwrap_or_default();
        let background = [Background::Constant, Background::Q2];
        let nuisances = Nuisances { scale: 150.0, background: vec![100.0, 2.0], effects: vec![] };
        let term = DataTerm {
            model: model.into(),
            sampled: None,
            data: vec![Datum::single(2000.0, 1.0 / 2000.0); n_pixels],
            first: vec![],
            places: vec![],
            has_sigma: true,
            measurement: Measurement::plain(Scale::FREE, &background, q_squared),
        };
        Ok(Pass { term, state, nuisances })
    }

    /// Length of θ.
    pub fn n_parameters(&self) -> usize {
        self.term.model.n_parameters()
    }

    /// Intensity, derivatives and normal matrix of every pixel; a number that depends on all of them.
    pub fn run(&mut self) -> f64 {
        let sums = self.term.sums(&self.state, &self.nuisances, Likelihood::Gaussian);
        sums.map_or(f64::NAN, |sums| sums.sum())
    }

    /// U and its derivatives, which a step of a fit computes once for all pixels.
    pub fn mean_square(&self) -> f64 {
        let state = self.term.model.state(&self.state.theta);
        state.map_or(f64::NAN, |state| state.mean_square.coordinates.iter().sum())
    }
}

/// What one step of a fit of the sampled model does: 16 snapshots of 256 atoms of nickel (4 × 4 × 4
/// cells), intensities at 961 points of a plane, and the derivative to the 16 constants.
pub struct Sampling {
    model: Sampled,
    theta: Vec<f64>,
}

impl Sampling {
    /// # Errors
    /// None for the set of constants that is part of the program.
    pub fn new(sampler: Sampler) -> Result<Self> {
        let entry = library_entry("Ni_u3")?;
        let crystal = entry.crystal()?;
        let basis = IrreducibleBasis::new(&crystal, entry.cutoff(&crystal)?)?;
        let theta = basis.values_from_labels(&entry.labels()?)?;
        let masses = crystal.primitive.masses.clone();
        let thermal = Thermal { statistics: Statistics::Classical, temperature_k: 298.0, masses };
        let along = |n: i32| f64::from(n - 15) / 4.0;
        let hkl: Vec<[f64; 3]> = (0..961).map(|n| [along(n / 31), along(n % 31), 0.25]).collect();
        let model = Sampled::new(&crystal, &basis.family, thermal, [4; 3], sampler, &hkl)?;
        Ok(Sampling { model, theta })
    }

    /// Snapshots, mean intensities and the derivative of their sum of squares.
    pub fn run(&self) -> f64 {
        const SAMPLES: usize = 16;
        let Some(draw) = self.model.draw(&self.theta, 1, 0, SAMPLES) else { return f64::NAN };
        let amplitudes = self.model.amplitudes(&draw);
        let mut mean = vec![0.0; self.model.n_points()];
        for sample in 0..SAMPLES {
            mean.iter_mut().zip(amplitudes.intensities(sample)).for_each(|(m, i)| *m += i / SAMPLES as f64);
        }
        let gradient = self.model.pullback_with(&draw, &amplitudes, &|_, point| 2.0 * mean[point]);
        gradient.iter().sum()
    }
}

/// Points that fill three planes of reciprocal space and meet no reflection.
fn pixel(n: usize, crystal: &tds_inversion::crystal::Crystal) -> Vector3<f64> {
    // Two irrational steps spread the points evenly, without a lattice of their own.
    let along = |step: f64| 1.0 + 4.0 * (n as f64 * step).fract();
    crystal.q_cart(&[along(0.754_877_666), along(0.569_840_291), 0.25 + 0.5 * (n % 3) as f64])
}

/// All phonon orders of nickel at 298 K, quantum statistics, default range: what an iteration of a fit
/// does.
pub struct AllOrders {
    model: Exact,
    theta: Vec<f64>,
    weights: Vec<f64>,
}

impl AllOrders {
    /// # Errors
    /// None for the set of constants that is part of the program.
    pub fn new(n_pixels: usize) -> Result<Self> {
        let entry = library_entry("ni_298")?;
        let crystal = entry.crystal()?;
        let family = IrreducibleBasis::new(&crystal, entry.cutoff(&crystal)?)?;
        let theta = family.values_from_labels(&entry.labels()?)?;
        let family = family.family;
        let masses = crystal.primitive.masses.clone();
        let thermal = Thermal { statistics: Statistics::Quantum, temperature_k: 298.0, masses };
        let mesh = UMesh::Named(Converged::Converged);
        let u = MeanSquare::new(&crystal, &family, thermal.clone(), &mesh, MeshAxes::Primitive);
        let q = (0..n_pixels).map(|n| pixel(n, &crystal)).collect();
        let one = OnePhonon::new(&crystal, &family, thermal, u, q);
        let range = default_range(&crystal);
        let mesh = default_grid(&crystal, range);
        let model = Exact::all_orders(&crystal, &family, one, range, mesh, None)?;
        Ok(AllOrders { model, theta, weights: vec![1.0; n_pixels] })
    }

    /// Terms of the sum over pairs, all pixels together.
    pub fn n_terms(&self) -> usize {
        self.model.n_terms().map_or(0, |(pairs, _)| pairs * self.weights.len())
    }

    /// Correlations and intensities: a trial of a fit.
    pub fn values(&self) -> f64 {
        let state = self.model.state(&self.theta);
        state.and_then(|s| self.model.intensities(&s)).map_or(f64::NAN, |i| i.iter().sum())
    }

    /// The same with the gradient by reverse mode.
    pub fn gradient(&self) -> f64 {
        let state = self.model.state(&self.theta);
        state.map_or(f64::NAN, |s| self.model.higher_pullback(&s, &self.weights).iter().sum())
    }

    /// The derivatives of every pixel.
    pub fn jacobian(&self) -> f64 {
        let n_blocks = self.weights.len().div_ceil(LANES);
        let state = self.model.state(&self.theta);
        state.map_or(f64::NAN, |s| self.model.higher_jacobian(&s, n_blocks).rows[0][0])
    }
}

/// `n` blocks of [`LANES`] × 8 multiply-adds in registers and the nearest cache.
pub fn multiply_adds(n: usize) -> f64 {
    let mut x = [1.0_f64; LANES];
    let factors: Lanes = std::array::from_fn(|l| 1.0 - 1e-9 * l as f64);
    for _ in 0..n {
        for _ in 0..8 {
            for l in 0..LANES {
                x[l] = x[l] * factors[l] + 1e-9;
            }
        }
    }
    x.iter().sum()
}
