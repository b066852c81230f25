//! What a job of elastic constants needs, and what has no meaning for it.

use std::collections::BTreeMap;

use super::{Files, Prepared};
use crate::crystal::Crystal;
use crate::dynamics::LongWave;
use crate::ifc::IrreducibleBasis;
use crate::job::{ConstantsSpec, Constraints, Job, Order, PseudoData};
use crate::{Error, Result};

/// The elastic constants of the crystal.
///
/// # Errors
/// Data far from Bragg peaks, a start that is none, and what speaks of force constants.
pub(super) fn basis(job: &Job, crystal: &Crystal) -> Result<IrreducibleBasis> {
    let refused = |field: &str, what: &str, expected: &str| Err(Error::job(field, what, expected));
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
    if let Some(n) = job.data.iter().position(|data| data.synthetic.is_some()) {
        return refused(&format!("data[{n}].synthetic"), "simulated data", "a file with the order elastic");
    }
    Ok(IrreducibleBasis::elastic(crystal))
}

impl Prepared {
    /// The elastic constants to start from: those of the job, or those of its force constants, whose mean-square displacement
    /// is taken, too, where the job has none.
    pub(super) fn elastic_start(
        &mut self,
        given: Option<&ConstantsSpec>,
        files: &dyn Files,
    ) -> Result<Option<ConstantsSpec>> {
        let Some(given) = given else { return Ok(None) };
        let Some(basis) = &self.basis else { return Ok(None) };
        let named = |labels: &BTreeMap<String, f64>| labels.keys().any(|label| basis.reaches(label));
        if given.labels.as_ref().is_some_and(named) {
            return Ok(Some(given.clone()));
        }
        let mut plain = self.job.clone();
        plain.model.order = Order::OnePhonon;
        plain.constraints = Constraints::default();
        let plain = Prepared::new(&plain, files)?;
        let long_wave = LongWave::new(&plain.family.at(&plain.theta));
        if long_wave.softest().0 <= 0.0 {
            return Err(Error::Unstable {
                what: "the force constants that the elastic ones would start from".into(),
            });
        }
        let voigt = long_wave.elastic(self.crystal.primitive.volume()).voigt;
        let value = |p: &crate::ifc::Parameter| (p.label.clone(), voigt[p.component]);
        let labels = basis.parameters.iter().map(value).collect();
        if self.job.model.u_a2.is_none() {
            let at = plain.mean_square_of(&plain.job, plain.job.model.temperature).tensors(&plain.theta);
            let mean = |all: Vec<nalgebra::Matrix3<f64>>| {
                all.iter().map(nalgebra::Matrix3::trace).sum::<f64>() / (3 * all.len()) as f64
            };
            self.job.model.u_a2 = at.map(mean);
        }
        Ok(Some(ConstantsSpec { labels: Some(labels), ..ConstantsSpec::default() }))
    }
}
