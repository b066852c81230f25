//! What a job of elastic constants needs, and what has no meaning for it.

use crate::crystal::Crystal;
use crate::ifc::IrreducibleBasis;
use crate::job::{Constraints, Job, PseudoData};
use crate::{Error, Result};

/// The elastic constants of the crystal.
///
/// # Errors
/// Data far from Bragg peaks, a start that is none, and what speaks of force constants.
pub(super) fn basis(job: &Job, crystal: &Crystal) -> Result<IrreducibleBasis> {
    let refused = |field: &str, what: &str, expected: &str| Err(Error::job(field, what, expected));
    let constants = &job.force_constants;
    let given = constants.values.as_ref().or(constants.start.as_ref());
    if given.is_none_or(|spec| spec.labels.is_none()) {
        return refused(
            "force_constants.start",
            "no elastic constants",
            "{\"labels\": {\"C11\": 170, …}} in GPa with the order elastic",
        );
    }
    if !job.data.is_empty() && job.mask.bragg_within.is_none() {
        return refused(
            "mask.bragg_within",
            "missing",
            "a distance in r.l.u., such as 0.15: the order elastic holds near Bragg peaks alone",
        );
    }
    if job.model.supercell.is_some() {
        return refused("model.supercell", "a supercell for elastic constants", "none");
    }
    if let Some(u) = job.model.u_a2.filter(|u| !(0.0..=1.0).contains(u)) {
        return refused("model.U_A2", &format!("{u}"), "0 to 1 Å²");
    }
    let Constraints { ridge, axially_symmetric, rotational_invariance, .. } = &job.constraints;
    if *axially_symmetric || *rotational_invariance || ridge.is_some() {
        return refused(
            "constraints",
            "conditions on force constants",
            "fixed, tied, bounds or prior of C11 to C66",
        );
    }
    if job.pseudo_data != PseudoData::default() {
        return refused(
            "pseudo_data",
            "what is known of force constants",
            "constraints.prior of C11 to C66, in GPa",
        );
    }
    if job.reference.is_some() {
        return refused("reference", "constants to compare with", "none with the order elastic");
    }
    if let Some(n) = job.data.iter().position(|data| data.synthetic.is_some()) {
        return refused(&format!("data[{n}].synthetic"), "simulated data", "a file with the order elastic");
    }
    Ok(IrreducibleBasis::elastic(crystal))
}
