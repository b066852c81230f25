//! Force constants of a supercell from irreducible ones, for other programs.

use nalgebra::{Matrix3, Vector3};

use super::phonopy_supercell;
use crate::crystal::Crystal;
use crate::ifc::ForceConstants;
use crate::ifc::supercell::SupercellForceConstants;
use crate::{Error, Result};

/// The constants on a diagonal supercell of input cells that is at least twice their range (Å) wide in
/// every direction; compact, one row block per atom of the primitive cell. The dipole–dipole part of a polar crystal is in
/// them, as in those of any supercell.
///
/// # Errors
/// A supercell that cannot be built.
pub fn to_supercell(
    crystal: &Crystal,
    constants: &ForceConstants,
    range: f64,
) -> Result<SupercellForceConstants> {
    let input = &crystal.input;
    let reciprocal = input.reciprocal() / std::f64::consts::TAU;
    // Distance between opposite faces of n cells is n/|a*|.
    let n = Vector3::from_fn(|k, _| ((2.0 * range * reciprocal.column(k).norm()).ceil() as i32).max(1));
    let matrix = Matrix3::from_diagonal(&n);
    let fail = |what: String| Error::value(what, "a cutoff whose supercell can be written");
    let supercell = phonopy_supercell(input, &matrix).map_err(fail)?;
    let primitive = &crystal.primitive;
    let to_primitive = primitive.lattice.try_inverse().unwrap_or_else(Matrix3::identity);
    let to_supercell = supercell.lattice.try_inverse().unwrap_or_else(Matrix3::identity);
    let same = |a: &Vector3<f64>, b: &Vector3<f64>, inverse: &Matrix3<f64>, lattice: &Matrix3<f64>| {
        let d = (inverse * (a - b)).map(|x| x - x.round());
        (lattice * d).norm() < 1e-3
    };
    let sites: Vec<Vector3<f64>> = (0..supercell.len()).map(|m| supercell.cartesian(m)).collect();
    let rows = (0..primitive.len())
        .map(|s| {
            let home = primitive.cartesian(s);
            sites
                .iter()
                .position(|r| same(r, &home, &to_primitive, &primitive.lattice))
                .ok_or_else(|| fail(format!("atom {} is missing from the supercell", s + 1)))
        })
        .collect::<Result<Vec<usize>>>()?;
    let mut phi = vec![Matrix3::zeros(); rows.len() * sites.len()];
    if let Some(part) = constants.long_range() {
        // What a program that takes it off again, as this one does, expects to find.
        let in_supercell = part.in_supercell(&supercell.lattice);
        for (i, row) in rows.iter().enumerate() {
            for (column, site) in sites.iter().enumerate() {
                let j = (0..primitive.len())
                    .find(|j| same(site, &primitive.cartesian(*j), &to_primitive, &primitive.lattice))
                    .ok_or_else(|| fail("an atom of the supercell is not in the primitive cell".into()))?;
                phi[i * sites.len() + column] = in_supercell.between(i, j, &(site - sites[*row]));
            }
        }
    }
    for (i, _, _, vector, value) in &constants.pairs {
        let target = sites[rows[*i]] + vector;
        let column = sites
            .iter()
            .position(|r| same(r, &target, &to_supercell, &supercell.lattice))
            .ok_or_else(|| fail("a pair leads to no atom of the supercell".into()))?;
        phi[*i * sites.len() + column] += value;
    }
    Ok(SupercellForceConstants {
        unit_cell: input.clone(),
        supercell,
        supercell_matrix: matrix,
        primitive: Some(primitive.clone()),
        rows,
        phi,
    })
}
