//! What files say of the long-range part of the force constants of a polar crystal.

use nalgebra::{Matrix3, Vector3};

use super::{Cell, Crystal};
use crate::{Error, Result};

/// Born effective charges and the dielectric tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct LongRange {
    /// Z_s of each atom of the primitive cell, e; rows: direction of the field.
    pub born: Vec<Matrix3<f64>>,
    /// High-frequency dielectric tensor ε∞, Cartesian.
    pub dielectric: Matrix3<f64>,
    /// The factor of the unit, where a file gives one: e²/4πε₀ in the units of the program that made it.
    pub factor: Option<f64>,
    /// Sum of the charges of a primitive cell before they were made neutral together, e; zero where they were not.
    pub total: Matrix3<f64>,
    /// The most that symmetry changed of a charge, e.
    pub changed: f64,
}

/// What the charges of a list belong to.
#[derive(Debug, Clone, Copy)]
pub enum ChargesOf<'a> {
    /// The atoms of a cell of the crystal, in its order.
    Cell(&'a Cell),
    /// The atoms of the primitive cell, or those of them that symmetry does not give, in the order of the cell, as in a
    /// BORN of phonopy; or the atoms of the input cell.
    AnyAtoms,
}

/// Å: atoms of two cells of a crystal are the same where they are nearer than this.
const SAME_PLACE: f64 = 0.05;

/// Part of all charges, whatever their sign, that their sum may be for a calculation that was not converged, and no mistake.
const NEUTRAL: f64 = 0.1;

/// Charges beyond this are no charges, e.
const LARGEST_CHARGE: f64 = 100.0;

impl LongRange {
    /// The same with a charge for each atom of the primitive cell, all as symmetric as the crystal and neutral together:
    /// Z of an image is R Z Rᵀ, the mean charge is taken off every atom.
    ///
    /// # Errors
    /// Charges for another number of atoms or far from neutral, numbers that are none, a dielectric tensor that is not
    /// positive.
    pub fn complete(&self, crystal: &Crystal, of: ChargesOf) -> Result<LongRange> {
        let symmetric = self.check()?;
        let mut sums = vec![Matrix3::zeros(); crystal.n_atoms()];
        let mut counts = vec![0.0; crystal.n_atoms()];
        let atoms = self.atoms(crystal, of)?;
        for (z, &s) in self.born.iter().zip(&atoms) {
            for op in &crystal.operations {
                let image = op.images[s].0;
                sums[image] += op.cartesian * z * op.cartesian.transpose();
                counts[image] += 1.0;
            }
        }
        if let Some(s) = counts.iter().position(|n| *n == 0.0) {
            let what = format!(
                "no charge of atom {} ({}) of the primitive cell",
                s + 1,
                crystal.primitive.symbols[s]
            );
            return Err(Error::value(what, "one of each atom that symmetry does not give").of("born_charges"));
        }
        let mut born: Vec<Matrix3<f64>> = sums.iter().zip(&counts).map(|(sum, n)| sum / *n).collect();
        let changed = self.born.iter().zip(&atoms).map(|(z, &s)| (z - born[s]).amax()).fold(0.0, f64::max);
        let total = born.iter().sum::<Matrix3<f64>>();
        let mean = total / born.len() as f64;
        let all: f64 = born.iter().map(Matrix3::amax).sum();
        if born.len() > 1 && total.amax() > NEUTRAL * all {
            let what =
                format!("the charges of the primitive cell add up to {:.2} e", total[total.iamax_full()]);
            let expected = "next to nothing, one charge for each atom in the order of the cell";
            return Err(Error::value(what, expected).of("born_charges"));
        }
        born.iter_mut().for_each(|z| *z -= mean);
        let turned = crystal.operations.iter().map(|op| op.cartesian * symmetric * op.cartesian.transpose());
        let dielectric = turned.sum::<Matrix3<f64>>() / crystal.operations.len() as f64;
        Ok(LongRange { born, dielectric, factor: self.factor, total, changed })
    }

    /// The symmetric part of the dielectric tensor, where it and the charges are usable.
    ///
    /// # Errors
    /// Numbers that are none, a dielectric tensor that is not positive.
    pub fn check(&self) -> Result<Matrix3<f64>> {
        let finite = |m: &Matrix3<f64>, most: f64| m.iter().all(|x| x.is_finite() && x.abs() <= most);
        if let Some(n) = self.born.iter().position(|z| !finite(z, LARGEST_CHARGE)) {
            let what = "a number that is no charge";
            return Err(Error::value(what, format!("charges up to {LARGEST_CHARGE} e"))
                .of(&format!("born_charges[{n}]")));
        }
        let symmetric = (self.dielectric + self.dielectric.transpose()) * 0.5;
        let least = if finite(&symmetric, 1e6) { symmetric.symmetric_eigenvalues().min() } else { f64::NAN };
        if least.is_nan() || least <= 0.0 {
            let what = if least.is_nan() {
                "numbers beyond all measure".to_owned()
            } else {
                format!("a principal value of {least}")
            };
            return Err(Error::value(what, "a positive definite tensor (ε∞, 1 and more)").of("dielectric"));
        }
        Ok(symmetric)
    }

    /// Which atom of the primitive cell each charge belongs to.
    fn atoms(&self, crystal: &Crystal, of: ChargesOf) -> Result<Vec<usize>> {
        let (n, given) = (crystal.n_atoms(), self.born.len());
        let cell = match of {
            ChargesOf::Cell(cell) => cell,
            ChargesOf::AnyAtoms if given == n => return Ok((0..n).collect()),
            ChargesOf::AnyAtoms => {
                let independent = crystal.independent_atoms();
                if given == independent.len() {
                    return Ok(independent);
                }
                &crystal.input
            }
        };
        if given != cell.len() {
            let independent = crystal.independent_atoms().len();
            let others = if independent < n {
                format!(", or {independent} that symmetry does not give")
            } else {
                String::new()
            };
            return Err(Error::value(
                format!("{given} charges"),
                format!("one for each of the {n} atoms of the primitive cell{others}"),
            )
            .of("born_charges"));
        }
        let primitive = &crystal.primitive;
        let inverse = primitive.lattice.try_inverse().unwrap_or_else(Matrix3::identity);
        let place = |atom: usize| {
            let off = |s: usize| -> f64 {
                let d: Vector3<f64> = inverse * cell.cartesian(atom) - primitive.positions[s];
                (primitive.lattice * d.map(|x| x - x.round())).norm()
            };
            let near = |s: &usize| cell.symbols[atom] == primitive.symbols[*s] && off(*s) < SAME_PLACE;
            (0..n).find(near).ok_or_else(|| {
                let what =
                    format!("a charge of {} {}, which is not in the crystal", cell.symbols[atom], atom + 1);
                Error::value(what, "charges of the atoms of this crystal").of("born_charges")
            })
        };
        (0..cell.len()).map(place).collect()
    }
}
