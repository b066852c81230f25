//! The periodic supercell: lattice points, atoms, wave vectors, and which Q fit into it.
//!
//! A supercell of n₁ × n₂ × n₃ input cells holds N primitive cells, c = N/(n₁n₂n₃) of them per input
//! cell. A primitive lattice point is T_t + l: one of the c points of the input cell (`t`) and an input
//! cell l. In the same way each of the N wave vectors is k = G_g + κ/n: one of the c reciprocal vectors
//! of the input cell that the primitive reciprocal lattice tells apart (`g`), and κ_a ∈ 0…n_a − 1.
//!
//! Lattice vectors are kept as whole numbers, in units of 1/c of the input cell's edges, so that no
//! rounding decides which point is which.

use nalgebra::{Matrix3, Vector3};

use super::Crystal;
use crate::{Error, Result};

/// How far h·n may be from a whole number.
const COMMENSURATE: f64 = 1e-6;

/// A vector of whole numbers.
pub type Whole = [i64; 3];

/// How the lattice of the primitive cell stands to that of the input cell.
#[derive(Debug, Clone)]
pub struct Centring {
    /// Lattice points T_t of the input cell, in units of 1/c of its edges, the origin first; c of them.
    pub points: Vec<Whole>,
    /// Reciprocal vectors G_g of the input cell that the primitive reciprocal lattice tells apart, in
    /// its hkl, zero first; c of them.
    pub cosets: Vec<Whole>,
    /// c × primitive lattice vectors (columns) in the input cell's axes.
    primitive: [Whole; 3],
}

impl Centring {
    /// The lattice points in a cell of the input.
    pub fn new(crystal: &Crystal) -> Self {
        let c = (1.0 / crystal.primitive_in_input.determinant().abs()).round() as i64;
        let scaled = crystal.primitive_in_input * c as f64;
        let primitive = std::array::from_fn(|j| std::array::from_fn(|i| scaled[(i, j)].round() as i64));
        let modulo = |w: Whole| w.map(|x| x.rem_euclid(c));
        let points: Vec<Whole> = closure(primitive, |w| modulo(*w)).into_iter().map(modulo).collect();
        let units = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
        let cosets = closure(units, |g| primitive.map(|p| dot(p, *g).rem_euclid(c)));
        Centring { points, cosets, primitive }
    }

    /// c
    pub fn copies(&self) -> i64 {
        self.points.len() as i64
    }

    /// T_t in units of the input cell, from 0 up to 1.
    pub fn point_vectors(&self) -> Vec<Vector3<f64>> {
        self.points.iter().map(|t| Vector3::from(*t).map(|x| x as f64 / self.copies() as f64)).collect()
    }

    /// G_g in hkl of the input cell.
    pub fn coset_vectors(&self) -> Vec<Vector3<f64>> {
        self.cosets.iter().map(|g| Vector3::from(*g).map(|x| x as f64)).collect()
    }
}

/// Geometry of a supercell of a crystal.
#[derive(Debug, Clone)]
pub struct Supercell {
    /// n₁, n₂, n₃: input cells along each axis.
    pub size: [usize; 3],
    /// Supercell vectors as columns, Å.
    pub lattice: Matrix3<f64>,
    /// N, the number of primitive cells.
    pub n_cells: usize,
    /// The lattice points in a cell of the input.
    pub centring: Centring,
    /// Atoms of the primitive cell in the order in which [`Self::sites`] lists them: atoms of one form
    /// factor together.
    pub order: Vec<usize>,
    /// Equilibrium positions, Å: atom after atom of the primitive cell, for each the points T_t, for
    /// each the input cells with the third axis fastest.
    pub sites: Vec<Vector3<f64>>,
    /// Atom of the primitive cell at each site.
    pub types: Vec<usize>,
    reciprocal_input: Matrix3<f64>,
}

impl Supercell {
    /// # Errors
    /// A supercell without cells.
    pub fn new(crystal: &Crystal, size: [usize; 3], order: Vec<usize>) -> Result<Self> {
        if size.contains(&0) {
            return Err(Error::value(
                format!("{} cells", cells(&size)),
                "at least one input cell along each axis",
            ));
        }
        let centring = Centring::new(crystal);
        let n_cells = size.iter().product::<usize>() * centring.points.len();
        let lattice = Matrix3::from_fn(|i, j| crystal.input.lattice[(i, j)] * size[j] as f64);
        let mut supercell = Supercell {
            size,
            lattice,
            n_cells,
            centring,
            order,
            sites: Vec::with_capacity(n_cells * crystal.n_atoms()),
            types: Vec::with_capacity(n_cells * crystal.n_atoms()),
            reciprocal_input: crystal.input.reciprocal(),
        };
        for &s in &supercell.order {
            let tau = crystal.primitive.cartesian(s);
            for t in supercell.centring.point_vectors() {
                for l in supercell.grid() {
                    let frac = Vector3::from_fn(|a, _| t[a] + l[a] as f64);
                    supercell.sites.push(crystal.input.lattice * frac + tau);
                    supercell.types.push(s);
                }
            }
        }
        Ok(supercell)
    }

    /// All (l₁, l₂, l₃), or all κ: the third fastest.
    pub fn grid(&self) -> impl Iterator<Item = Whole> + use<> {
        let [n1, n2, n3] = self.size.map(|n| n as i64);
        (0..n1).flat_map(move |a| (0..n2).flat_map(move |b| (0..n3).map(move |c| [a, b, c])))
    }

    /// Number of input cells.
    pub fn n_grid(&self) -> usize {
        self.size.iter().product()
    }

    /// Index of a cell of the grid, any multiple of the supercell away.
    pub fn grid_index(&self, l: Whole) -> usize {
        let wrapped: [usize; 3] = std::array::from_fn(|a| l[a].rem_euclid(self.size[a] as i64) as usize);
        (wrapped[0] * self.size[1] + wrapped[1]) * self.size[2] + wrapped[2]
    }

    /// Lattice points in units of 1/c of the input cell's edges, in the order of [`Self::index_of`].
    pub fn lattice_points(&self) -> impl Iterator<Item = Whole> + '_ {
        let c = self.centring.copies();
        let at = move |t: &Whole, l: Whole| std::array::from_fn(|a| t[a] + c * l[a]);
        self.centring.points.iter().flat_map(move |t| self.grid().map(move |l| at(t, l)))
    }

    /// Which of the N lattice points one in units of 1/c of the input cell's edges is; the supercell is
    /// periodic.
    pub fn index_of(&self, point: Whole) -> usize {
        let c = self.centring.copies();
        let inside = point.map(|x| x.rem_euclid(c));
        let t = self.centring.points.iter().position(|p| *p == inside).unwrap_or_default();
        let cell: Whole = std::array::from_fn(|a| (point[a] - inside[a]) / c);
        t * self.n_grid() + self.grid_index(cell)
    }

    /// Index, among the N lattice points, of each one moved by `cell` primitive lattice vectors.
    pub fn moved(&self, cell: &Vector3<i32>) -> Vec<usize> {
        let p = &self.centring.primitive;
        let shift: Whole = std::array::from_fn(|i| (0..3).map(|j| p[j][i] * i64::from(cell[j])).sum());
        let to = |point: Whole| self.index_of(std::array::from_fn(|a| point[a] + shift[a]));
        self.lattice_points().map(to).collect()
    }

    /// Wave vector number `index` (coset, then κ), Å⁻¹.
    pub fn wave_vector(&self, g: usize, kappa: Whole) -> Vector3<f64> {
        let hkl = Vector3::from_fn(|a, _| {
            self.centring.cosets[g][a] as f64 + kappa[a] as f64 / self.size[a] as f64
        });
        self.reciprocal_input * hkl
    }

    /// The wave vector that equals −k up to a vector of the primitive reciprocal lattice.
    pub fn opposite(&self, g: usize, kappa: Whole) -> (usize, Whole) {
        let n = self.size.map(|n| n as i64);
        let reduced: Whole = std::array::from_fn(|a| (-kappa[a]).rem_euclid(n[a]));
        let rest: Whole =
            std::array::from_fn(|a| -self.centring.cosets[g][a] + (-kappa[a] - reduced[a]) / n[a]);
        let key = self.coset_key(rest);
        let coset = self.centring.cosets.iter().position(|g| self.coset_key(*g) == key).unwrap_or_default();
        (coset, reduced)
    }

    /// k·T_t/2π, reduced to 0…1 without rounding before the division.
    pub fn turns(&self, g: usize, kappa: Whole, t: usize) -> f64 {
        let c = self.centring.copies();
        let turns: f64 = (0..3)
            .map(|a| {
                let n = self.size[a] as i64;
                let numerator = (self.centring.cosets[g][a] * n + kappa[a]) * self.centring.points[t][a];
                numerator.rem_euclid(c * n) as f64 / (c * n) as f64
            })
            .sum();
        turns.fract()
    }

    /// Which class of input-cell reciprocal vectors, modulo the primitive reciprocal lattice, g is in:
    /// zero for vectors of the latter.
    fn coset_key(&self, g: Whole) -> Whole {
        self.centring.primitive.map(|p| dot(p, g).rem_euclid(self.centring.copies()))
    }

    /// h·n₁, k·n₂, l·n₃ of a point that fits into the supercell and is no reflection.
    ///
    /// # Errors
    /// Any other point, with the nearest that is allowed.
    pub fn orders(&self, row: usize, hkl: &[f64; 3]) -> Result<Whole> {
        let scaled: [f64; 3] = std::array::from_fn(|a| hkl[a] * self.size[a] as f64);
        let place = format!("point {} ({})", row + 1, point(hkl));
        if scaled.iter().any(|x| x.is_nan() || x.abs() > 1e9) {
            return Err(Error::value(place, "numbers of ordinary size"));
        }
        let rounded = scaled.map(|x| x.round() as i64);
        let off = (0..3).any(|a| (scaled[a] - rounded[a] as f64).abs() > COMMENSURATE);
        if !off && !self.is_reflection(rounded) {
            return Ok(rounded);
        }
        let expected = match self.nearest(hkl, rounded) {
            Some(m) => {
                let nearest: [f64; 3] = std::array::from_fn(|a| m[a] as f64 / self.size[a] as f64);
                format!("a point whose waves fit into the supercell, the nearest being {}", point(&nearest))
            }
            None => "a larger supercell: all waves that fit into this one are reflections".to_owned(),
        };
        let what = if off {
            format!("{place} is not commensurate with the supercell of {} cells", cells(&self.size))
        } else {
            format!(
                "{place} is a reflection (Bragg peak), where the supercell of {} cells has no diffuse intensity",
                cells(&self.size)
            )
        };
        Err(Error::value(what, expected))
    }

    /// Whether these orders belong to the primitive reciprocal lattice.
    fn is_reflection(&self, orders: Whole) -> bool {
        let n = self.size.map(|n| n as i64);
        (0..3).all(|a| orders[a] % n[a] == 0)
            && self.coset_key(std::array::from_fn(|a| orders[a] / n[a])) == [0; 3]
    }

    /// The allowed point nearest to `hkl` in reciprocal space.
    fn nearest(&self, hkl: &[f64; 3], around: Whole) -> Option<Whole> {
        let distance = |m: &Whole| {
            let d = Vector3::from_fn(|a, _| m[a] as f64 / self.size[a] as f64 - hkl[a]);
            (self.reciprocal_input * d).norm()
        };
        const STEPS: [i64; 3] = [0, -1, 1];
        let pairs = STEPS.iter().flat_map(|a| STEPS.iter().map(move |b| (a, b)));
        let near = pairs.flat_map(|(a, b)| STEPS.iter().map(move |c| [*a, *b, *c]));
        near.map(|step| std::array::from_fn(|a| around[a] + step[a]))
            .filter(|m| !self.is_reflection(*m))
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// "2 × 2 × 1"
fn cells(size: &[usize; 3]) -> String {
    size.map(|n| n.to_string()).join(" × ")
}

/// "0.25 1 0"
fn point(hkl: &[f64; 3]) -> String {
    hkl.map(|x| x.to_string()).join(" ")
}

fn dot(a: Whole, b: Whole) -> i64 {
    (0..3).map(|i| a[i] * b[i]).sum()
}

/// All sums of the generators that `key` tells apart, zero first.
pub(crate) fn closure(generators: [Whole; 3], key: impl Fn(&Whole) -> Whole) -> Vec<Whole> {
    let mut all = vec![[0; 3]];
    let mut known = vec![key(&all[0])];
    for generator in generators {
        let before = all.clone();
        let mut shift = generator;
        while !known.contains(&key(&shift)) {
            for v in &before {
                let sum = std::array::from_fn(|a| v[a] + shift[a]);
                known.push(key(&sum));
                all.push(sum);
            }
            shift = std::array::from_fn(|a| shift[a] + generator[a]);
        }
    }
    all
}
