//! Potentials of a job: built from what it names, as constants that a fit moves by their parameters, and in the result.

mod build;
mod chart;
mod cost;
mod curves;
mod files;
mod network;
mod report;

pub use chart::Refined;
pub(super) use chart::follow;
pub use cost::{PotentialCost, PotentialRow, cost_and_files, cost_of_potential};
pub use curves::CurveReport;
pub use files::{PotentialFiles, TextFile};
pub use report::{
    FamilyTitle, ParameterReport, ParameterTitle, PotentialChoice, PotentialReport, PotentialTitle,
    WithSigma, potential_choice, potential_titles,
};

use super::{Files, Prepared};
use crate::fit::{Pseudo, Quantity};
use crate::ifc::DipoleDipole;
use crate::job::Job;
use crate::{Error, Result};

const FIELD: &str = "potential";

impl Prepared {
    /// Puts the potential of the job in force: its constants, what is known of its parameters, their ranges.
    pub(super) fn with_potential(&mut self, built: Option<build::Built>) -> Result<()> {
        let given = &self.job.pseudo_data;
        let energetic = [("energy_eV", given.energy_ev), ("pressure_GPa", given.pressure_gpa)];
        let Some(built) = built else {
            return match energetic.iter().find(|e| e.1.is_some()) {
                Some((name, _)) => {
                    let field = format!("pseudo_data.{name}");
                    Err(Error::job(&field, "nothing that gives it", "a potential in the job"))
                }
                None => Ok(()),
            };
        };
        let Some(basis) = &self.basis else { return Ok(()) };
        self.warnings.extend(built.left_out_note(basis.cutoff));
        let refined = Refined::new(&self.job, built, basis)?;
        self.theta = refined.theta_at_start()?;
        for (name, [value, sigma]) in self.job.potential.iter().flat_map(|p| &p.prior) {
            let (number, size) = refined.free_parameter(name, "prior")?;
            if !(value.is_finite() && sigma.is_finite() && *sigma > 0.0) {
                let field = format!("{FIELD}.prior.{name}");
                return Err(Error::job(&field, format!("{value} ± {sigma}"), "a number and a positive σ"));
            }
            let quantity = Quantity::Parameter { number, size };
            self.known.push(Pseudo { names: vec![name.clone()], quantity, values: vec![(*value, *sigma)] });
        }
        for (name, ends) in self.job.potential.iter().flat_map(|p| &p.bounds) {
            let (number, size) = refined.free_parameter(name, "bounds")?;
            let [least, most] =
                [ends[0].unwrap_or(f64::NEG_INFINITY), ends[1].unwrap_or(f64::INFINITY)].map(|x| x / size);
            let start = refined.start()[number];
            if !(least < most && least <= start && start <= most) {
                let field = format!("{FIELD}.bounds.{name}");
                return Err(Error::job(&field, "a range without the start", "a range that holds the start"));
            }
            self.bounds.push((number, [least, most]));
        }
        for (number, ends) in refined.usual_ranges() {
            if self.bounds.iter().all(|known| known.0 != number) {
                self.bounds.push((number, ends));
            }
        }
        if let Some(ridge) = self.job.potential.as_ref().and_then(|p| p.ridge) {
            if !(ridge > 0.0 && ridge <= 1000.0) {
                let field = format!("{FIELD}.ridge");
                return Err(Error::job(&field, format!("{ridge}"), "a fraction above 0, up to 1000"));
            }
            for (number, (name, start)) in refined.names().into_iter().zip(refined.start()).enumerate() {
                let quantity = Quantity::Parameter { number, size: 1.0 };
                let names = vec![format!("{name} near its start")];
                self.known.push(Pseudo { names, quantity, values: vec![(*start, ridge)] });
            }
        }
        let quantities = [Quantity::Energy, Quantity::Pressure];
        for ((name, value), quantity) in energetic.into_iter().zip(quantities) {
            let Some([value, sigma]) = value else { continue };
            let field = format!("pseudo_data.{name}");
            if self.family.long_range().is_some() {
                let what = "charges, whose energy is not counted";
                return Err(Error::job(&field, what, "a potential without them"));
            }
            if !(value.is_finite() && sigma.is_finite() && sigma > 0.0) {
                return Err(Error::job(&field, format!("{value} ± {sigma}"), "a number and a positive σ"));
            }
            self.known.push(Pseudo { names: vec![name.to_owned()], quantity, values: vec![(value, sigma)] });
        }
        self.refined = Some(std::sync::Arc::new(refined));
        Ok(())
    }

    /// Refuses what only force constants that are fitted themselves allow.
    ///
    /// # Errors
    /// A job with a potential.
    pub fn check_without_potential(&self) -> Result<()> {
        without_potential(&self.job)
    }
}

/// The same of a job.
pub(super) fn without_potential(job: &Job) -> Result<()> {
    match job.potential {
        Some(_) => Err(Error::job(FIELD, "a potential", "a job whose force constants are fitted, for this")),
        None => Ok(()),
    }
}

/// The potential of a job with the crystal around it.
pub(super) fn built(
    job: &Job,
    crystal: &crate::crystal::Crystal,
    dipoles: Option<&DipoleDipole>,
    files: &dyn Files,
) -> Result<Option<build::Built>> {
    let Some(spec) = &job.potential else { return Ok(None) };
    let refused = |field: &str, what: &str, expected: &str| Err(Error::job(field, what, expected));
    if job.force_constants.start.is_some() || job.force_constants.values.is_some() {
        return refused("force_constants", "constants beside a potential that gives them", "one of the two");
    }
    if job.constraints != crate::job::Constraints::default() {
        let what = "constraints of constants that follow from a potential";
        return refused("constraints", what, "potential.prior or potential.bounds");
    }
    if job.model.order.is_elastic() {
        return refused("model.order", "elastic constants beside a potential", "another order");
    }
    build::build(spec, FIELD, (crystal, dipoles), job.force_constants.cutoff, files).map(Some)
}
