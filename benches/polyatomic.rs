//! One-phonon intensities with their derivatives for crystals with several atoms per cell.

use nalgebra::{Complex, DMatrix, Matrix3, Vector3};
use tds_inversion::Result;
use tds_inversion::crystal::{Cell, Crystal};
use tds_inversion::ifc::{LinearForceConstants, PairTerm};
use tds_inversion::lanes::{LANES, Lanes};
use tds_inversion::scattering::{ModelState, OnePhonon, Workspace};
use tds_inversion::thermal::{MeanSquare, MeshAxes, Statistics, Thermal, UMesh};

/// As many as a crystal of some symmetry has.
const CONSTANTS: usize = 30;
/// Å between neighbours, about.
const SPACING: f64 = 2.5;
/// Å; the longest springs.
const REACH: f64 = 4.3;

/// A crystal without symmetry whose atoms are held by springs to all neighbours, which share thirty constants.
pub struct Polyatomic {
    model: OnePhonon,
    mean_square: MeanSquare,
    state: ModelState,
    work: Workspace,
    rows: Vec<Lanes>,
}

impl Polyatomic {
    /// `shape`: atoms along the axes of the cell. At `temperature_k` K.
    ///
    /// # Errors
    /// None: the crystal is part of the benchmark.
    pub fn new(
        shape: [usize; 3],
        statistics: Statistics,
        temperature_k: f64,
        n_points: usize,
    ) -> Result<Self> {
        let (crystal, family) = crystal(shape)?;
        let theta: Vec<f64> = (0..CONSTANTS).map(|p| 1.0 + 0.05 * p as f64).collect();
        let thermal = Thermal { statistics, temperature_k, masses: crystal.primitive.masses.clone() };
        let mesh = UMesh::Plain([6, 6, 6]);
        let mean_square = MeanSquare::new(&crystal, &family, thermal.clone(), &mesh, MeshAxes::Primitive);
        // The first would be a reflection.
        let along = |n: usize, step: f64| 1.0 + 4.0 * ((n + 1) as f64 * step).fract();
        let q = (0..n_points)
            .map(|n| crystal.q_cart(&[along(n, 0.754_877_666), along(n, 0.569_840_291), along(n, 0.618)]))
            .collect();
        let model = OnePhonon::new(&crystal, &family, thermal, mean_square.clone(), q);
        let state = model.state(&theta).unwrap_or_default();
        let rows = vec![[0.0; LANES]; model.n_rows()];
        Ok(Polyatomic { model, mean_square, state, work: Workspace::default(), rows })
    }

    /// As many points as are measured with `atoms`.
    pub fn pixels(atoms: usize) -> usize {
        LANES * (4800 / (atoms * atoms)).clamp(2, 64)
    }

    /// Length of θ.
    pub const CONSTANTS: usize = CONSTANTS;

    /// Intensities and derivatives of every point; a number that depends on all of them.
    pub fn run(&mut self) -> f64 {
        (0..self.blocks()).map(|b| self.block(b)).sum()
    }

    /// Blocks of points, each with [`LANES`] of them.
    pub fn blocks(&self) -> usize {
        self.model.n_blocks()
    }

    /// The same of the points of one block.
    pub fn block(&mut self, b: usize) -> f64 {
        let mut intensity = [0.0; LANES];
        if !self.model.block(b, &self.state, &mut self.work, &mut intensity, Some(&mut self.rows)) {
            return f64::NAN;
        }
        intensity.iter().sum::<f64>() + self.rows.iter().map(|row| row[0]).sum::<f64>()
    }

    /// Intensities alone.
    pub fn values(&self) -> f64 {
        self.model.intensities(&self.state).map_or(f64::NAN, |all| all.iter().sum())
    }

    /// U and its derivatives.
    pub fn mean_square(&self) -> f64 {
        self.mean_square.at(&self.state.theta).map_or(f64::NAN, |u| u.coordinates.iter().sum())
    }
}

/// Eigenvalues and vectors of `n` complex matrices of 3 × `atoms` rows, to compare with.
pub fn diagonalise(atoms: usize, n: usize) -> f64 {
    let d = 3 * atoms;
    let number = |i: usize, j: usize, x: f64| ((i * d + j + 1) as f64 * x).fract() - 0.5;
    let half = DMatrix::from_fn(d, d, |i, j| Complex::new(number(i, j, 0.618), number(i, j, 0.755)));
    let matrix = &half * half.adjoint() + DMatrix::identity(d, d);
    (0..n).map(|_| std::hint::black_box(&matrix).clone().symmetric_eigen().eigenvalues[0]).sum()
}

fn crystal([nx, ny, nz]: [usize; 3]) -> Result<(Crystal, LinearForceConstants)> {
    let lattice =
        Matrix3::new(nx as f64, 0.06, -0.1, 0.02, ny as f64, 0.13, 0.03, -0.04, nz as f64) * SPACING;
    let n_atoms = nx * ny * nz;
    let shaken = |s: usize, x: f64| 0.12 * ((s as f64 * x).fract() - 0.5);
    let positions: Vec<Vector3<f64>> = (0..n_atoms)
        .map(|s| {
            let (x, y, z) = (s % nx, s / nx % ny, s / (nx * ny));
            Vector3::new(
                (x as f64 + shaken(s, 0.618)) / nx as f64,
                (y as f64 + shaken(s, 0.414)) / ny as f64,
                (z as f64 + shaken(s, 0.732)) / nz as f64,
            )
        })
        .collect();
    let of_two = |s: usize| (s % nx + s / nx % ny + s / (nx * ny)) % 2;
    let cell = Cell {
        lattice,
        symbols: (0..n_atoms).map(|s| ["Al", "O"][of_two(s)].to_owned()).collect(),
        positions: positions.clone(),
        masses: (0..n_atoms).map(|s| [26.98, 16.0][of_two(s)]).collect(),
    };
    let crystal = Crystal::new(cell.clone(), Some(cell))?;
    let mut terms = Vec::new();
    let mut bonds = 0;
    for i in 0..n_atoms {
        for j in i..n_atoms {
            for cell in (0..343).map(|n| Vector3::new(n % 7, n / 7 % 7, n / 49).map(|x| x - 3)) {
                let vector = lattice * (positions[j] - positions[i] + cell.map(f64::from));
                let length = vector.norm();
                // Of the two bonds of an atom to its own images, one.
                let counted = i < j || (cell.x, cell.y, cell.z) > (0, 0, 0);
                if !counted || length > REACH {
                    continue;
                }
                let along = vector * vector.transpose() / (length * length);
                let spring = (along * 0.85 + Matrix3::identity() * 0.15) * (SPACING / length).powi(4);
                let p = bonds % CONSTANTS;
                bonds += 1;
                let mut add = |i, j, cell, vector, block| {
                    terms.push(PairTerm { i, j, cell, vector, blocks: vec![(p, block)] });
                };
                add(i, j, cell, vector, -spring);
                add(j, i, -cell, -vector, -spring);
                add(i, i, Vector3::zeros(), Vector3::zeros(), spring);
                add(j, j, Vector3::zeros(), Vector3::zeros(), spring);
            }
        }
    }
    let family = LinearForceConstants { n_atoms, n_parameters: CONSTANTS, lattice, terms, dipoles: None };
    Ok((crystal, family))
}
