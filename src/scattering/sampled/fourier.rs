//! Between the waves of a supercell and the displacements of its atoms:
//! u(R) = N^{-1/2} Σ_k e^{ik·R} û(k), with the periodic phase (lattice vectors R = T_t + l only).
//!
//! For each point T_t of the input cell, the cosets G_g are summed with e^{ik·T_t}, and a Fourier
//! transform over n₁ × n₂ × n₃ does the rest. The displacements are real, so that two components share
//! one complex transform. The adjoint is û = N^{-1/2} Σ_R e^{-ik·R} u(R).

use nalgebra::{Complex, Vector3};

use super::root::C64;
use crate::base::fourier::{Fourier3, Scratch};
use crate::crystal::supercell::Supercell;

/// The transforms of one supercell.
#[derive(Clone)]
pub struct Fourier {
    n_grid: usize,
    n_cells: usize,
    n_atoms: usize,
    /// e^{ik·T_t}/√N, `phases[t * n_cells + k]`.
    phases: Vec<C64>,
    /// Index of −κ.
    opposite: Vec<usize>,
    /// e^{+i…}
    inverse: Fourier3,
    /// e^{−i…}.
    forward: Fourier3,
}

/// One real component of the displacements of one atom at one point T_t: index of the first of its
/// sites, axis, coordinate (3 s + axis) and t.
#[derive(Clone, Copy)]
struct Component {
    site: usize,
    axis: usize,
    coordinate: usize,
    t: usize,
}

impl Fourier {
    pub fn new(supercell: &Supercell) -> Self {
        let root = (supercell.n_cells as f64).sqrt();
        let mut phases = Vec::with_capacity(supercell.centring.points.len() * supercell.n_cells);
        for t in 0..supercell.centring.points.len() {
            for g in 0..supercell.centring.cosets.len() {
                let turns = supercell.grid().map(|kappa| supercell.turns(g, kappa, t));
                phases.extend(turns.map(|x| Complex::cis(std::f64::consts::TAU * x) / root));
            }
        }
        Fourier {
            n_grid: supercell.n_grid(),
            n_cells: supercell.n_cells,
            n_atoms: supercell.order.len(),
            phases,
            opposite: supercell.grid().map(|l| supercell.grid_index(l.map(|x| -x))).collect(),
            inverse: Fourier3::inverse(supercell.size),
            forward: Fourier3::forward(supercell.size),
        }
    }

    /// Components in pairs that share a transform. Atoms in the order of the sites.
    fn pairs(&self) -> Vec<(Component, Option<Component>)> {
        let points = self.n_cells / self.n_grid;
        let n_grid = self.n_grid;
        let components: Vec<Component> = (0..self.n_atoms * points * 3)
            .map(|q| {
                let (axis, t, atom) = (q % 3, q / 3 % points, q / 3 / points);
                let site = (atom * points + t) * n_grid;
                Component { site, axis, coordinate: 3 * atom + axis, t }
            })
            .collect();
        components.chunks(2).map(|pair| (pair[0], pair.get(1).copied())).collect()
    }

    /// Displacements from the waves of all k, `waves[coordinate * n_cells + k]` with û(−k) = û(k)*;
    /// coordinates 3 s + axis with atoms in the order of the sites.
    pub fn synthesise(&self, waves: &[C64], displacements: &mut [Vector3<f64>]) {
        let n_grid = self.n_grid;
        let mut grid = vec![C64::from(0.0); n_grid];
        let mut scratch = Scratch::default();
        for (x, y) in self.pairs() {
            grid.fill(C64::from(0.0));
            self.gather(waves, x, C64::from(1.0), &mut grid);
            if let Some(y) = y {
                self.gather(waves, y, C64::i(), &mut grid);
            }
            self.inverse.run(&mut grid, &mut scratch);
            for (l, z) in grid.iter().enumerate() {
                displacements[x.site + l][x.axis] = z.re;
                if let Some(y) = y {
                    displacements[y.site + l][y.axis] = z.im;
                }
            }
        }
    }

    /// Sums the cosets of one component: grid += factor Σ_g e^{ik·T} û.
    fn gather(&self, waves: &[C64], component: Component, factor: C64, grid: &mut [C64]) {
        let waves = &waves[component.coordinate * self.n_cells..][..self.n_cells];
        let phases = &self.phases[component.t * self.n_cells..][..self.n_cells];
        for (waves, phases) in waves.chunks(grid.len()).zip(phases.chunks(grid.len())) {
            for ((z, w), p) in grid.iter_mut().zip(waves).zip(phases) {
                *z += factor * w * p;
            }
        }
    }

    /// The transpose of [`Self::synthesise`]: waves of real displacements.
    pub fn analyse(&self, displacements: &[Vector3<f64>], waves: &mut [C64]) {
        let n_grid = self.n_grid;
        let mut grid = vec![C64::from(0.0); n_grid];
        let mut scratch = Scratch::default();
        waves.fill(C64::from(0.0));
        for (x, y) in self.pairs() {
            for (l, z) in grid.iter_mut().enumerate() {
                let im = y.map_or(0.0, |y| displacements[y.site + l][y.axis]);
                *z = C64::new(displacements[x.site + l][x.axis], im);
            }
            self.forward.run(&mut grid, &mut scratch);
            let half = C64::from(0.5);
            self.scatter(|kappa| (grid[kappa] + grid[self.opposite[kappa]].conj()) * half, x, waves);
            if let Some(y) = y {
                let half = C64::new(0.0, -0.5);
                self.scatter(|kappa| (grid[kappa] - grid[self.opposite[kappa]].conj()) * half, y, waves);
            }
        }
    }

    fn scatter(&self, spectrum: impl Fn(usize) -> C64, component: Component, waves: &mut [C64]) {
        let n_grid = self.n_grid;
        let waves = &mut waves[component.coordinate * self.n_cells..][..self.n_cells];
        let phases = &self.phases[component.t * self.n_cells..][..self.n_cells];
        for (waves, phases) in waves.chunks_mut(n_grid).zip(phases.chunks(n_grid)) {
            for (kappa, (w, p)) in waves.iter_mut().zip(phases).enumerate() {
                *w += spectrum(kappa) * p.conj();
            }
        }
    }
}
