//! Where a fit is, in numbers and words.

use super::imposed::Found;
use super::report::{ElasticReport, NuisanceReport, ProgressReport};
use super::result::elastic;
use super::verdict::Trust;
use super::{Files, Run};
use crate::fit::TerminationReason;

impl<F: Files> Run<F> {
    /// Where the fit is, with the uncertainties at this point and the verdict on it.
    pub fn progress(&self) -> ProgressReport {
        let mut report = self.brief();
        report.verdict = self.verdict();
        let (systematic, elastic) = self.systematic(report.verdict.as_ref());
        report.systematic = systematic;
        for (constant, moved) in report.elastic.iter_mut().zip(elastic) {
            constant.systematic = Some(moved);
        }
        if let (Some(verdict), Some(reason)) = (&report.verdict, report.termination) {
            let found = self.prepared.found(&self.session, &self.uncertainty());
            let words = self.message(Some(reason), report.chi2_reduced, &found);
            report.message =
                if verdict.trust == Trust::Good { words } else { format!("{words} {}", verdict.sentence) };
        }
        report
    }

    /// Where the fit is, without a verdict unless it has ended.
    pub fn brief(&self) -> ProgressReport {
        let at = self.session.current();
        let p = self.session.progress();
        let uncertainty = self.uncertainty();
        let finite = |x: f64| x.is_finite().then_some(x);
        let n_data = self.session.problem.n_data();
        let degrees = self.session.problem.degrees() as f64;
        let mut scale_sigma = Vec::new();
        let mut reports = Vec::new();
        let problem = &self.session.problem;
        for (t, (term, nuisances)) in problem.terms.iter().zip(&at.nuisances).enumerate() {
            let first = problem.first_nuisance(t);
            let mut sigma = uncertainty.sigma[first..first + term.n_free()].iter().map(|s| finite(*s));
            let free_scale = term.measurement.free_scale();
            scale_sigma.push(if free_scale { sigma.next().flatten() } else { None });
            let named = term.measurement.named(nuisances).into_iter();
            let report = named.map(|(name, value, unit, factor)| NuisanceReport {
                name,
                value: value * factor,
                sigma: sigma.next().flatten().map(|s| s * factor),
                unit,
            });
            reports.push(report.collect());
        }
        let chi2_reduced = at.chi2 / degrees;
        let elastic: Vec<ElasticReport> = elastic(&self.prepared, &at.theta, Some(&uncertainty))
            .into_iter()
            .map(|(name, value, sigma)| ElasticReport { name, value, sigma, systematic: None })
            .collect();
        let found = self.prepared.found(&self.session, &uncertainty);
        let message = self.message(p.termination, chi2_reduced, &found);
        let along = |step: nalgebra::DVector<f64>| {
            let of = |p: usize| self.prepared.row(p).iter().zip(&step).map(|(r, d)| r * d).sum();
            (0..found.values.len()).map(of).collect()
        };
        let step = problem.promised_step(at).map_or(vec![], |step| along(at.of_constants(&step)));
        ProgressReport {
            iteration: p.iteration,
            n_data,
            chi2: at.chi2,
            chi2_reduced,
            accepted: p.accepted,
            rejected_steps: p.rejected_steps,
            values: found.values,
            sigma: found.sigma,
            systematic: vec![],
            determined: found.determined,
            step,
            imposed: found.ties,
            scale: at.nuisances.iter().map(|n| n.scale).collect(),
            scale_sigma,
            nuisances: reports,
            termination: p.termination,
            message,
            elastic,
            error: self.error(),
            higher_orders: self.higher_orders.clone(),
            verdict: self.verdict.clone(),
            #[cfg(feature = "potentials")]
            potential: self.prepared.potential_report(&self.session, &uncertainty),
        }
    }

    fn message(&self, termination: Option<TerminationReason>, chi2_reduced: f64, found: &Found) -> String {
        let n = found.determined.len();
        let open = found.determined.iter().filter(|d| !**d).count();
        let found = match open {
            0 => format!("{n} constants, χ²/n = {chi2_reduced:.2}"),
            _ => format!("{} of {n} constants determined, χ²/n = {chi2_reduced:.2}", n - open),
        };
        let iteration = self.session.progress().iteration;
        match termination {
            None if iteration == 0 => format!("Start: χ²/n = {chi2_reduced:.1}."),
            None => format!("Iteration {iteration}: χ²/n = {chi2_reduced:.2}."),
            Some(TerminationReason::Converged) => format!("Converged after {iteration} iterations: {found}."),
            Some(TerminationReason::Flat) => {
                format!(
                    "Converged after {iteration} iterations with combinations of constants held: {found}."
                )
            }
            Some(_) => format!("Stopped after {iteration} iterations: {found}."),
        }
    }
}
