//! A crystal: the cell the user gave, the primitive cell, the space group and the form factors.

use nalgebra::{Matrix3, Vector3};

use super::symmetry::{self, Moved, Nearly, Operation, SYMMETRY_TOLERANCE, SpaceGroup, Symmetry};
use super::{Cell, FormFactor, FormFactorTable, Prototype};
use crate::base::order::sort_by;
use crate::{Error, Result};

/// A crystal, valid once built.
#[derive(Debug, Clone)]
pub struct Crystal {
    /// The cell the user gave; `hkl` refers to it.
    pub input: Cell,
    /// The primitive cell; force constants and intensities refer to it.
    pub primitive: Cell,
    /// Primitive lattice vectors as columns, in fractional coordinates of the input cell.
    pub primitive_in_input: Matrix3<f64>,
    /// Space-group operations of the primitive cell.
    pub operations: Vec<Operation>,
    /// Symbol and number.
    pub space_group: SpaceGroup,
    /// Form factor of each atom of the primitive cell.
    pub form_factors: Vec<FormFactor>,
}

impl Crystal {
    /// Rotations of the numbers m of wave vectors m/n, in units of the primitive reciprocal vectors, that map a mesh of
    /// n₁×n₂×n₃ of them around Γ onto itself, as the operations of the space group make them. Time reversal adds their
    /// opposites.
    pub fn turns_of_mesh(&self, n: [usize; 3]) -> Vec<Matrix3<i64>> {
        let n = n.map(|n| n as i64);
        let mut turns: Vec<Matrix3<i64>> = Vec::new();
        for op in &self.operations {
            // k' = W⁻ᵀ k; the transpose alone runs through the same group.
            let w = op.rotation.transpose().map(i64::from);
            let whole = (0..3).all(|i| (0..3).all(|j| n[i] * w[(i, j)] % n[j] == 0));
            let turn = Matrix3::from_fn(|i, j| n[i] * w[(i, j)] / n[j]);
            if whole && !turns.contains(&turn) {
                turns.push(turn);
            }
        }
        turns
    }

    /// Reduces `input` to its primitive cell by the usual centring matrix (P, A, C, I, F, R as in
    /// phonopy), or keeps the primitive cell that came with it, if it is one.
    ///
    /// # Errors
    /// Unusable cells, a primitive cell that does not belong to the input cell, unknown elements.
    pub fn new(input: Cell, primitive: Option<Cell>) -> Result<Self> {
        check(&input)?;
        let primitive = match primitive {
            Some(p) => {
                check(&p)?;
                // A file may call a conventional cell primitive.
                let several = Symmetry::find(&p, SYMMETRY_TOLERANCE)?.translations.len() > 1;
                if several { reduce(&p)? } else { p }
            }
            None => reduce(&input)?,
        };
        let inverse = input.lattice.try_inverse().ok_or_else(flat)?;
        let primitive_in_input = inverse * primitive.lattice;
        let back = primitive.lattice.try_inverse().ok_or_else(flat)? * input.lattice;
        let foreign = back.iter().any(|x| (x - x.round()).abs() > 1e-4);
        let copies = back.determinant().abs().round() as usize;
        if foreign || copies * primitive.len() != input.len() {
            return Err(Error::Symmetry { what: "the primitive cell does not tile the unit cell".into() });
        }
        let symmetry = Symmetry::find(&primitive, SYMMETRY_TOLERANCE)?;
        let operations = symmetry.operations();
        let table = FormFactorTable::waasmaier_kirfel();
        let form_factors =
            primitive.symbols.iter().map(|symbol| table.get(symbol)).collect::<Result<Vec<_>>>()?;
        Ok(Crystal {
            input,
            primitive,
            primitive_in_input,
            operations,
            space_group: symmetry.space_group,
            form_factors,
        })
    }

    /// The same of a cell whose lattice and positions are symmetric within `tolerance` (Å) only: they are moved to
    /// where the space group found there has them.
    ///
    /// # Errors
    /// As [`Crystal::new`].
    pub fn symmetrised(input: Cell, primitive: Option<Cell>, tolerance: f64) -> Result<Self> {
        check(&input)?;
        let better = symmetry::symmetrise(&input, tolerance)?;
        let primitive = match primitive {
            None => None,
            Some(given) => {
                // The same atoms of the cell that was made symmetric, along the same vectors.
                let inverse = input.lattice.try_inverse().ok_or_else(flat)?;
                let columns = (inverse * given.lattice).map(|x| {
                    let r = (x * 24.0).round() / 24.0;
                    if (x - r).abs() < 1e-3 { r } else { x }
                });
                let to_primitive = columns.try_inverse().ok_or_else(flat)?;
                let mut cell = Cell { lattice: better.lattice * columns, ..given };
                for position in &mut cell.positions {
                    let known = columns * *position;
                    let off = |i: &usize| {
                        let d = known - input.positions[*i];
                        (input.lattice * d.map(|x| x - x.round())).norm()
                    };
                    let nearest = (0..input.len()).min_by(|a, b| off(a).total_cmp(&off(b)));
                    let Some(atom) = nearest.filter(|i| off(i) < 10.0 * tolerance) else {
                        let what = "an atom of the primitive cell is not in the unit cell".into();
                        return Err(Error::Symmetry { what });
                    };
                    let shift = (known - input.positions[atom]).map(f64::round);
                    *position = to_primitive * (better.positions[atom] + shift);
                }
                Some(cell)
            }
        };
        Self::new(better, primitive)
    }

    /// The same, which is known to be of a type: where nothing else names space groups, its group is that of the type.
    ///
    /// # Errors
    /// [`Error::NeedsWhole`] for a crystal that may have a larger group.
    pub fn named_as(self, prototype: Prototype) -> Result<Self> {
        if cfg!(feature = "groups") {
            return Ok(self);
        }
        let symbols = &self.primitive.symbols;
        let n_elements = symbols.iter().enumerate().filter(|(i, s)| !symbols[..*i].contains(s)).count();
        if n_elements != prototype.n_elements() {
            return Err(Error::NeedsWhole);
        }
        Ok(Crystal { space_group: prototype.space_group(), ..self })
    }

    /// The space group that the crystal has within 0.02 Å, where that has more operations.
    pub fn nearly(&self) -> Option<Nearly> {
        symmetry::nearly(&self.primitive, self.operations.len())
    }

    /// How far the input cell of this crystal is from `cell`, which has the same atoms.
    pub fn moved_from(&self, cell: &Cell) -> Moved {
        symmetry::moved(cell, &self.input)
    }

    /// Number of atoms in the primitive cell.
    pub fn n_atoms(&self) -> usize {
        self.primitive.len()
    }

    /// The atoms of the primitive cell that symmetry does not give: the first of each set of equivalent ones.
    pub fn independent_atoms(&self) -> Vec<usize> {
        let first = |s: &usize| self.operations.iter().all(|op| op.images[*s].0 >= *s);
        (0..self.n_atoms()).filter(first).collect()
    }

    /// Whether a wave vector (Å⁻¹) belongs to the reciprocal lattice.
    pub fn is_reciprocal_point(&self, q: &Vector3<f64>) -> bool {
        let turns = self.primitive.lattice.tr_mul(q) / std::f64::consts::TAU;
        turns.iter().all(|x| (x - x.round()).abs() < 1e-6)
    }

    /// Scattering vector of `hkl` (input cell), Å⁻¹, with the 2π.
    pub fn q_cart(&self, hkl: &[f64; 3]) -> Vector3<f64> {
        self.input.reciprocal() * Vector3::from(*hkl)
    }

    /// Replaces the form factors of some elements by those of their ions, `element → ion`.
    ///
    /// # Errors
    /// Elements that the crystal does not contain, ions that the table does not contain.
    pub fn set_ions<'a>(&mut self, ions: impl IntoIterator<Item = (&'a String, &'a String)>) -> Result<()> {
        let table = FormFactorTable::waasmaier_kirfel();
        for (element, ion) in ions {
            let atoms = self.atoms_of(element)?;
            let factor = table.get(ion)?;
            for s in atoms {
                let (f1, f2) = (self.form_factors[s].f1, self.form_factors[s].f2);
                self.form_factors[s] = FormFactor { f1, f2, ..factor.clone() };
            }
        }
        Ok(())
    }

    /// Sets the anomalous part f′ + i f″ of an element's form factor.
    ///
    /// # Errors
    /// An element that the crystal does not contain.
    pub fn set_anomalous(&mut self, element: &str, f1: f64, f2: f64) -> Result<()> {
        for s in self.atoms_of(element)? {
            self.form_factors[s].f1 = f1;
            self.form_factors[s].f2 = f2;
        }
        Ok(())
    }

    fn atoms_of(&self, element: &str) -> Result<Vec<usize>> {
        let atoms: Vec<usize> =
            (0..self.n_atoms()).filter(|&s| self.primitive.symbols[s] == element).collect();
        if atoms.is_empty() {
            let present = self.primitive.symbols.join(", ");
            return Err(Error::value(format!("no {element} in this crystal"), format!("one of {present}")));
        }
        Ok(atoms)
    }

    /// Whether the atoms may carry Born charges: an element that forms anions (groups 15 to 17, carbon
    /// beside silicon, hydrogen beside a metal that gives its electrons away) stands beside another one. Elements have none by symmetry or screen them, and metals
    /// of metals (MgB2, NiAl) screen them; a metallic nitride or pnictide is taken for polar.
    pub fn may_be_polar(&self) -> bool {
        const ANIONS: [&str; 12] = ["N", "P", "As", "Sb", "O", "S", "Se", "Te", "F", "Cl", "Br", "I"];
        let symbols = &self.primitive.symbols;
        let has = |element: &str| symbols.iter().any(|s| s == element);
        let compound = symbols.iter().any(|s| s != &symbols[0]);
        let hydride = has("H") && ["Li", "Na", "K", "Rb", "Cs", "Mg", "Ca", "Sr", "Ba"].into_iter().any(has);
        compound && (ANIONS.into_iter().any(has) || (has("C") && has("Si")) || hydride)
    }
}

fn flat() -> Error {
    Error::Symmetry { what: "the lattice vectors lie in one plane".into() }
}

fn check(cell: &Cell) -> Result<()> {
    if cell.is_empty() {
        return Err(Error::Symmetry { what: "no atoms".into() });
    }
    let finite = cell.lattice.iter().all(|x| x.is_finite())
        && cell.positions.iter().all(|p| p.iter().all(|x| x.is_finite()))
        && cell.masses.iter().all(|m| m.is_finite() && *m > 0.0);
    if !finite {
        return Err(Error::Symmetry {
            what: "a lattice vector, position or mass is not a usable number".into(),
        });
    }
    let usual = cell.lattice.iter().all(|x| x.abs() < 1e4)
        && cell.positions.iter().all(|p| p.amax() < 1e4)
        && cell.masses.iter().all(|m| (0.1..1e4).contains(m));
    if !usual {
        return Err(Error::Symmetry {
            what: "a lattice vector is longer than 10000 Å, a position farther than 10000 cells, or a mass not between \
                   0.1 and 10000 amu"
                .into(),
        });
    }
    let longest = (0..3).map(|k| cell.lattice.column(k).norm()).fold(0.0, f64::max);
    if cell.volume() < 1e-6 * longest.powi(3) || cell.volume() < 1e-3 {
        return Err(flat());
    }
    for i in 0..cell.len() {
        for j in 0..i {
            let d = (cell.positions[i] - cell.positions[j]).map(|x| x - x.round());
            let distance = (cell.lattice * d).norm();
            if distance < 0.1 {
                return Err(Error::Symmetry {
                    what: format!("atoms {} and {} are {distance:.3} Å apart", j + 1, i + 1),
                });
            }
        }
    }
    Ok(())
}

/// The primitive cell by phonopy's centring matrices; for a cell that no centring describes (a
/// supercell), by the shortest independent lattice translations.
fn reduce(input: &Cell) -> Result<Cell> {
    let mut translations: Vec<Vector3<f64>> = Symmetry::find(input, SYMMETRY_TOLERANCE)?
        .translations
        .iter()
        .map(|op| op.translation.map(|x| snap(x - (x - 1e-9).floor()) % 1.0))
        .collect();
    let columns = match translations.len() {
        1 => Matrix3::identity(),
        n => match CENTRINGS.iter().find(|(points, _)| {
            points.len() == n - 1
                && points.iter().all(|p| translations.iter().any(|t| (t - Vector3::from(*p)).norm() < 1e-4))
        }) {
            Some((_, rows)) => Matrix3::from_fn(|i, j| rows[i][j]),
            None => shortest_basis(input, &mut translations),
        },
    };
    let lattice = input.lattice * columns;
    let inverse = columns.try_inverse().ok_or_else(flat)?;
    let mut cell = Cell { lattice, symbols: vec![], positions: vec![], masses: vec![] };
    for i in 0..input.len() {
        let p = (inverse * input.positions[i]).map(|x| snap(x - (x + 1e-7).floor()));
        let known = cell.positions.iter().any(|q| {
            let d = (p - q).map(|x| x - x.round());
            (lattice * d).norm() < 10.0 * SYMMETRY_TOLERANCE
        });
        if !known {
            cell.symbols.push(input.symbols[i].clone());
            cell.positions.push(p);
            cell.masses.push(input.masses[i]);
        }
    }
    Ok(cell)
}

/// Restores a fraction such as 1/3 or 1/4 that rounding has touched.
fn snap(x: f64) -> f64 {
    let r = (x * 24.0).round() / 24.0;
    if (x - r).abs() < 1e-10 { r } else { x }
}

type Rows = [[f64; 3]; 3];
const T: f64 = 1.0 / 3.0;
/// Extra lattice points of each centring and the primitive vectors as columns (phonopy's choice).
const CENTRINGS: [(&[[f64; 3]], Rows); 5] = [
    (
        &[[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]],
        [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]],
    ),
    (&[[0.5, 0.5, 0.5]], [[-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.5, 0.5, -0.5]]),
    (&[[0.5, 0.5, 0.0]], [[0.5, 0.5, 0.0], [-0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]),
    (&[[0.0, 0.5, 0.5]], [[1.0, 0.0, 0.0], [0.0, 0.5, -0.5], [0.0, 0.5, 0.5]]),
    (&[[2.0 * T, T, T], [T, 2.0 * T, 2.0 * T]], [[2.0 * T, -T, -T], [T, T, -2.0 * T], [T, T, T]]),
];

fn shortest_basis(input: &Cell, translations: &mut [Vector3<f64>]) -> Matrix3<f64> {
    let n_points = translations.len() as f64;
    // Each translation in the 27 cells around the origin.
    let mut candidates: Vec<Vector3<f64>> = Vec::new();
    for t in translations.iter() {
        for n in 0..27 {
            let v = t + Vector3::new((n / 9 - 1) as f64, (n / 3 % 3 - 1) as f64, (n % 3 - 1) as f64);
            if v.norm() > 1e-6 {
                candidates.push(v);
            }
        }
    }
    let length = |v: &Vector3<f64>| (input.lattice * v).norm();
    sort_by(&mut candidates, |a, b| length(a).total_cmp(&length(b)));
    let mut best = Matrix3::identity();
    for (i, a) in candidates.iter().enumerate() {
        for (j, b) in candidates[..i].iter().enumerate() {
            for c in &candidates[..j] {
                let m = Matrix3::from_columns(&[*c, *b, *a]);
                let volume = m.determinant() * n_points;
                if (volume.abs() - 1.0).abs() < 1e-3 {
                    best = if volume > 0.0 { m } else { -m };
                    return best;
                }
            }
        }
    }
    best
}
