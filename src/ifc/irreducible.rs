//! The independent force constants of a crystal up to a cutoff.
//!
//! They span the null space of the space group (Φ of an image pair = Γ Φ Γᵀ), of exchange
//! (Φ_ss'(R) = Φ_s's(−R)ᵀ) and of the acoustic sum rule with a symmetric self term
//! (Φ_ss(0) = −Σ' Φ). The basis is in reduced row-echelon form, so that each parameter *is* one
//! matrix element of Φ, the one that its label names.

use nalgebra::{DMatrix, Matrix3};

use super::linear::{LinearForceConstants, PairTerm};
use super::pairs::{self, Orbit, Pair};
use crate::Result;
use crate::crystal::Crystal;

/// One independent constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// E.g. "1XX", or "Na1-Cl2 2.845 XX" when the primitive cell holds several atoms.
    pub label: String,
    /// Which orbit it belongs to.
    pub orbit: usize,
    /// (row, column) of Φ at the representative pair.
    pub component: (usize, usize),
}

/// The irreducible force constants of a crystal.
#[derive(Debug, Clone)]
pub struct IrreducibleBasis {
    /// The independent constants, in the order of θ.
    pub parameters: Vec<Parameter>,
    /// The force constants as a family in these parameters, self terms included.
    pub family: LinearForceConstants,
    /// Cutoff, Å.
    pub cutoff: f64,
    pub(super) pairs: Vec<Pair>,
    pub(super) orbits: Vec<Orbit>,
    /// Label of each orbit without the component.
    pub(super) prefixes: Vec<String>,
    /// Where the constants are elastic ones, all elements of the tensor by name, as rows over θ.
    pub(super) elastic: Option<Vec<(String, Vec<f64>)>>,
}

/// Space-group symmetric matrices on the representative of one orbit, before the sum rule.
struct OrbitBasis {
    matrices: Vec<Matrix3<f64>>,
    pivots: Vec<(usize, usize)>,
}

impl IrreducibleBasis {
    /// # Errors
    /// A cutoff that is not positive, reaches no neighbour, falls within 1e-3 Å of a shell, or makes
    /// more constants than can be worked on.
    pub fn new(crystal: &Crystal, cutoff: f64) -> Result<Self> {
        super::estimate::check(crystal, cutoff)?;
        pairs::check_cutoff(crystal, cutoff)?;
        let pair_list = pairs::pairs_within(crystal, cutoff)?;
        let orbit_list = pairs::orbits(crystal, &pair_list);
        let monatomic = crystal.n_atoms() == 1;
        let bases: Vec<OrbitBasis> = orbit_list
            .iter()
            .map(|o| orbit_basis(o, &component_order(monatomic, &pair_list[o.representative])))
            .collect();

        // Numbering of the space-group symmetric parameters, orbit after orbit.
        let mut flat: Vec<(usize, usize)> = Vec::new();
        for (o, basis) in bases.iter().enumerate() {
            flat.extend((0..basis.matrices.len()).map(|k| (o, k)));
        }
        let (free, solution) = sum_rule_solution(crystal, &pair_list, &orbit_list, &bases, &flat);

        let prefixes = super::labels::prefixes(crystal, &pair_list, &orbit_list);
        let parameters: Vec<Parameter> = free
            .iter()
            .map(|&f| {
                let (o, k) = flat[f];
                let component = bases[o].pivots[k];
                let label = super::labels::label(&prefixes[o], component, monatomic);
                Parameter { label, orbit: o, component }
            })
            .collect();

        let mut terms = Vec::with_capacity(pair_list.len() + crystal.n_atoms());
        let mut self_blocks = vec![vec![Matrix3::zeros(); parameters.len()]; crystal.n_atoms()];
        for (o, orbit) in orbit_list.iter().enumerate() {
            let first = flat.iter().position(|&(owner, _)| owner == o).unwrap_or(flat.len());
            for &(n, rotation, exchanged) in &orbit.members {
                let pair = &pair_list[n];
                let mut blocks = Vec::new();
                for (p, total) in self_blocks[pair.i].iter_mut().enumerate() {
                    let mut block = Matrix3::zeros();
                    for (k, matrix) in bases[o].matrices.iter().enumerate() {
                        let weight = solution[(first + k, p)];
                        if weight != 0.0 {
                            block += image(matrix, &rotation, exchanged) * weight;
                        }
                    }
                    // A rotation through √3/2 leaves residues where there is exactly nothing.
                    let block = block.map(|x| if x.abs() < 1e-13 { 0.0 } else { x });
                    if block != Matrix3::zeros() {
                        *total -= block;
                        blocks.push((p, block));
                    }
                }
                terms.push(PairTerm { i: pair.i, j: pair.j, cell: pair.cell, vector: pair.vector, blocks });
            }
        }
        for (s, totals) in self_blocks.into_iter().enumerate() {
            // The sum is symmetric by construction; what rounding left of asymmetry goes.
            let blocks = totals
                .into_iter()
                .enumerate()
                .map(|(p, b)| (p, ((b + b.transpose()) * 0.5).map(|x| if x.abs() < 1e-12 { 0.0 } else { x })))
                .filter(|(_, b)| *b != Matrix3::zeros())
                .collect();
            terms.push(PairTerm {
                i: s,
                j: s,
                cell: nalgebra::Vector3::zeros(),
                vector: nalgebra::Vector3::zeros(),
                blocks,
            });
        }
        let family = LinearForceConstants {
            n_atoms: crystal.n_atoms(),
            n_parameters: parameters.len(),
            lattice: crystal.primitive.lattice,
            terms,
            dipoles: None,
        };
        Ok(IrreducibleBasis {
            parameters,
            family,
            cutoff,
            pairs: pair_list,
            orbits: orbit_list,
            prefixes,
            elastic: None,
        })
    }

    /// Number of independent constants.
    pub fn len(&self) -> usize {
        self.parameters.len()
    }

    /// Whether there are no constants.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// Labels in the order of the parameters.
    pub fn labels(&self) -> Vec<String> {
        self.parameters.iter().map(|p| p.label.clone()).collect()
    }

    /// Length of the pair that parameter `p` belongs to, Å.
    pub fn distance(&self, p: usize) -> f64 {
        self.orbits.get(self.parameters[p].orbit).map_or(0.0, |orbit| orbit.distance)
    }

    /// Number of pairs per primitive cell and the vector (Å) of the representative of parameter `p`.
    pub fn orbit_of(&self, p: usize) -> (usize, [f64; 3]) {
        let Some(orbit) = self.orbits.get(self.parameters[p].orbit) else { return (0, [0.0; 3]) };
        (orbit.members.len(), self.pairs[orbit.representative].vector.into())
    }

    /// Unit of the constants.
    pub fn unit(&self) -> &'static str {
        if self.elastic.is_some() { "GPa" } else { "eV/Å²" }
    }

    /// Number of space-group symmetric constants when the self terms are free, i.e. without the
    /// acoustic sum rule. Used to compare with other programs.
    pub fn count_without_sum_rule(crystal: &Crystal, cutoff: f64) -> Result<usize> {
        pairs::check_cutoff(crystal, cutoff)?;
        let list = pairs::pairs_within(crystal, cutoff)?;
        let between: usize = pairs::orbits(crystal, &list)
            .iter()
            .map(|o| orbit_basis(o, &component_order(false, &list[o.representative])).matrices.len())
            .sum();
        let mut seen = vec![false; crystal.n_atoms()];
        let mut own = 0;
        for s in 0..crystal.n_atoms() {
            if seen[s] {
                continue;
            }
            // A self term is symmetric: exchange maps the pair (s, s, 0) onto itself.
            let mut stabiliser = Vec::new();
            for op in &crystal.operations {
                let image = op.images[s].0;
                seen[image] = true;
                if image == s {
                    stabiliser.extend([(op.cartesian, false), (op.cartesian, true)]);
                }
            }
            let orbit = Orbit { representative: 0, members: vec![], stabiliser, distance: 0.0 };
            own += orbit_basis(&orbit, &ORDER).matrices.len();
        }
        Ok(between + own)
    }

    /// Value of one matrix element at the representative of an orbit, as a row over θ.
    pub(super) fn functional(&self, orbit: usize, component: (usize, usize)) -> Vec<f64> {
        let pair = &self.pairs[self.orbits[orbit].representative];
        let mut row = vec![0.0; self.len()];
        let term = self.family.terms.iter().find(|t| t.i == pair.i && t.j == pair.j && t.cell == pair.cell);
        for (p, block) in term.map(|t| t.blocks.as_slice()).unwrap_or_default() {
            row[*p] = block[component];
        }
        row
    }
}

const ORDER: [(usize, usize); 9] = [(0, 0), (1, 1), (2, 2), (0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)];

/// The order in which components become pivots. With one atom per cell it reproduces the names of
/// the literature, which depend on which of h ≥ k ≥ l are equal (3YZ and 3XZ for 211, but 4XY).
fn component_order(monatomic: bool, representative: &Pair) -> Vec<(usize, usize)> {
    if !monatomic {
        return ORDER.to_vec();
    }
    let v = representative.vector;
    let equal = |a: f64, b: f64| (a - b).abs() < 1e-5;
    let (xy, xz, yz) = ((0, 1), (0, 2), (1, 2));
    let off_diagonal = match (equal(v.x, v.y), equal(v.y, v.z)) {
        (true, _) => [xy, xz, yz],
        (false, _) => [yz, xz, xy],
    };
    let mut order = vec![(0, 0), (1, 1), (2, 2)];
    order.extend(off_diagonal);
    order.extend(off_diagonal.map(|(i, j)| (j, i)));
    order
}

fn image(matrix: &Matrix3<f64>, rotation: &Matrix3<f64>, exchanged: bool) -> Matrix3<f64> {
    let inner = if exchanged { matrix.transpose() } else { *matrix };
    rotation * inner * rotation.transpose()
}

/// Matrices that the stabiliser leaves alone: the image of the group average, row-reduced.
fn orbit_basis(orbit: &Orbit, order: &[(usize, usize)]) -> OrbitBasis {
    let mut rows = DMatrix::zeros(9, 9);
    for (r, &(i, j)) in order.iter().enumerate() {
        let mut unit = Matrix3::zeros();
        unit[(i, j)] = 1.0;
        let mut average = Matrix3::zeros();
        for (rotation, exchanged) in &orbit.stabiliser {
            average += image(&unit, rotation, *exchanged);
        }
        average /= orbit.stabiliser.len() as f64;
        for (c, &component) in order.iter().enumerate() {
            rows[(r, c)] = average[component];
        }
    }
    let pivots = row_reduce(&mut rows);
    let matrices = (0..pivots.len())
        .map(|r| {
            let mut m = Matrix3::zeros();
            for (c, &component) in order.iter().enumerate() {
                m[component] = rows[(r, c)];
            }
            m
        })
        .collect();
    OrbitBasis { matrices, pivots: pivots.into_iter().map(|c| order[c]).collect() }
}

/// Solves "the sum over all partners of an atom is symmetric" for the orbit parameters. Returns
/// which of them stay free and the matrix that gives all of them from the free ones.
fn sum_rule_solution(
    crystal: &Crystal,
    pairs: &[Pair],
    orbits: &[Orbit],
    bases: &[OrbitBasis],
    flat: &[(usize, usize)],
) -> (Vec<usize>, DMatrix<f64>) {
    let n = flat.len();
    let mut constraints = DMatrix::<f64>::zeros(3 * crystal.n_atoms(), n);
    for (column, &(o, k)) in flat.iter().enumerate() {
        for &(pair, rotation, exchanged) in &orbits[o].members {
            let m = image(&bases[o].matrices[k], &rotation, exchanged);
            let row = 3 * pairs[pair].i;
            constraints[(row, column)] += m[(0, 1)] - m[(1, 0)];
            constraints[(row + 1, column)] += m[(0, 2)] - m[(2, 0)];
            constraints[(row + 2, column)] += m[(1, 2)] - m[(2, 1)];
        }
    }
    null_space(&constraints)
}

/// Solves `constraints` · θ = 0: which θ stay free, and the matrix that gives all of them from the free ones.
pub(super) fn null_space(constraints: &DMatrix<f64>) -> (Vec<usize>, DMatrix<f64>) {
    let n = constraints.ncols();
    let scale = constraints.amax();
    if scale < 1e-9 {
        return ((0..n).collect(), DMatrix::identity(n, n));
    }
    // Reduced with the columns reversed, the constraints eliminate the last possible parameters,
    // so that the free ones are the first: the pivots of the row-reduced solution space.
    let mut reversed = DMatrix::from_fn(constraints.nrows(), n, |r, c| constraints[(r, n - 1 - c)] / scale);
    let eliminated: Vec<usize> = row_reduce(&mut reversed).into_iter().map(|c| n - 1 - c).collect();
    let free: Vec<usize> = (0..n).filter(|c| !eliminated.contains(c)).collect();
    let mut solution = DMatrix::zeros(n, free.len());
    for (p, &f) in free.iter().enumerate() {
        solution[(f, p)] = 1.0;
        for (row, &e) in eliminated.iter().enumerate() {
            solution[(e, p)] = -reversed[(row, n - 1 - f)];
        }
    }
    (free, solution)
}

/// Reduced row-echelon form in place; returns the pivot columns. Entries are of order one.
pub(super) fn row_reduce(m: &mut DMatrix<f64>) -> Vec<usize> {
    const TOLERANCE: f64 = 1e-8;
    let mut pivots = Vec::new();
    for column in 0..m.ncols() {
        let row = pivots.len();
        if row == m.nrows() {
            break;
        }
        let best = (row..m.nrows()).max_by(|&a, &b| m[(a, column)].abs().total_cmp(&m[(b, column)].abs()));
        let Some(best) = best.filter(|&b| m[(b, column)].abs() > TOLERANCE) else { continue };
        m.swap_rows(row, best);
        let pivot = m[(row, column)];
        m.row_mut(row).iter_mut().for_each(|x| *x /= pivot);
        for other in 0..m.nrows() {
            let factor = m[(other, column)];
            if other != row && factor != 0.0 {
                for c in 0..m.ncols() {
                    let subtract = factor * m[(row, c)];
                    m[(other, c)] -= subtract;
                }
            }
        }
        pivots.push(column);
    }
    for x in m.iter_mut() {
        let rounded = (*x * 2.0).round() / 2.0;
        if (*x - rounded).abs() < 1e-12 {
            *x = rounded;
        }
    }
    pivots
}
