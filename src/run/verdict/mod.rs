//! What a fit may be trusted for, in words: the same in the page, in `tds` and in the result file.
//!
//! “Converged” is a word for the optimizer; whether the constants mean anything is said here, by reasons
//! that each name what was seen and what to do about it.

mod against_data;
mod ending;
#[cfg(feature = "chosen")]
mod instrument;
mod words;

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::Prepared;
use super::evidence::Evidence;
use super::higher_orders::HigherOrdersReport;
use crate::fit::residuals::Outlier;
use crate::fit::{Session, Uncertainty};

/// How far the constants can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// Within their σ.
    Good,
    /// With a reservation that the reasons name.
    Limited,
    /// Not at all.
    None,
}

/// One thing that was seen, and its mend.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Reason {
    /// A stable name for programs.
    pub code: &'static str,
    /// How far this reason lets the constants be trusted.
    pub trust: Trust,
    /// What was seen and what to do about it, for people.
    pub sentence: String,
    /// The same as a part of a sentence.
    #[serde(skip)]
    pub clause: String,
}

/// χ² of a part of the data and its degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Part {
    /// χ² of the part.
    pub chi2: f64,
    /// Its degrees of freedom.
    pub degrees: usize,
}

/// The numbers behind a verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(rename = "VerdictStatistics"))]
pub struct Statistics {
    /// χ² per degree of freedom.
    pub chi2_reduced: f64,
    /// How far from one noise alone carries it.
    pub expected_spread: f64,
    /// Data farther than 5 σ from the model.
    pub beyond_5_sigma: usize,
    /// Data farther than 100 σ from the model.
    pub beyond_100_sigma: usize,
    /// Correlation of the residuals of neighbouring data.
    pub neighbour_correlation: f64,
    /// Pairs of neighbours that the correlation comes from.
    pub neighbour_pairs: usize,
    /// Differences between equivalent data, which no model changes; with `model`, all of χ².
    pub equivalents: Part,
    /// Means of equivalent data against the model.
    pub model: Part,
}

/// What a fit may be trusted for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The worst of the reasons.
    pub trust: Trust,
    /// The verdict for people.
    pub sentence: String,
    /// What was seen, the worst first.
    pub reasons: Vec<Reason>,
    /// The numbers that it rests on.
    pub statistics: Statistics,
    /// √(χ²/n), where the σ of the data cannot be right: with it the σ of the constants follow the scatter
    /// that is seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma_factor: Option<f64>,
    /// Data beyond 5 σ, the worst first.
    #[serde(skip)]
    pub outliers: Vec<Outlier>,
    /// What may have moved the constants; none where nothing of it was looked for.
    #[serde(skip)]
    pub moved: Option<Moved>,
}

/// Changes of the fitted constants (eV/Å²) by what is not in the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// By each thing, as much of it as the residuals do not exclude.
    pub(super) causes: Vec<Vec<f64>>,
    /// To the optimum of each part of the data.
    pub(super) parts: Vec<Vec<f64>>,
    /// Covariance of what has no name, as far as it makes the misfit larger than noise does.
    pub(super) unexplained: DMatrix<f64>,
}

impl Moved {
    /// What a number with these derivatives to the fitted constants may have moved by: the things taken together, or a part
    /// of the data where that asks for more; and what the residuals hold without a name, as if it were noise.
    pub fn of(&self, slopes: &[f64]) -> f64 {
        let by = |bias: &Vec<f64>| slopes.iter().zip(bias).map(|(s, b)| s * b).sum::<f64>();
        let causes = self.causes.iter().map(|bias| by(bias).powi(2)).sum::<f64>().sqrt();
        let named = self.parts.iter().map(|bias| by(bias).abs()).fold(causes, f64::max);
        let slopes = DVector::from_column_slice(slopes);
        let unexplained = slopes.dot(&(&self.unexplained * &slopes));
        named.hypot(unexplained.max(0.0).sqrt())
    }
}

/// A deviation counts when it is beyond so many of its own standard deviations.
const SIGNIFICANT: f64 = 5.0;

struct Writer<'a> {
    prepared: &'a Prepared,
    session: &'a Session,
    evidence: &'a Evidence,
    reasons: Vec<Reason>,
    scaled: bool,
}

impl Verdict {
    pub(super) fn new(
        prepared: &Prepared,
        session: &Session,
        evidence: Evidence,
        uncertainty: &Uncertainty,
        higher: Option<&HigherOrdersReport>,
    ) -> Self {
        let mut w = Writer { prepared, session, evidence: &evidence, reasons: vec![], scaled: false };
        let single = w.data();
        w.model(higher);
        let explained = w.missing() | single;
        w.misfit(explained);
        w.weights();
        #[cfg(feature = "chosen")]
        w.instrument();
        w.ending();
        w.determined(uncertainty);
        #[cfg(feature = "chosen")]
        w.imposed(uncertainty);
        let Writer { mut reasons, scaled, .. } = w;
        let trust = reasons.iter().map(|r| r.trust).max().unwrap_or(Trust::Good);
        crate::base::order::sort_by(&mut reasons, |a, b| b.trust.cmp(&a.trust));
        let clause = reasons.first().map_or("", |r| r.clause.as_str());
        let sentence = match trust {
            Trust::Good => {
                "The model describes the data within their noise: the constants hold within their σ.".into()
            }
            Trust::Limited => format!("Use with care: {clause}."),
            Trust::None => format!("Do not trust these constants: {clause}."),
        };
        // σ that are too small have their own factor.
        #[cfg(feature = "chosen")]
        let excess =
            if evidence.model_excess.is_high() && !scaled { evidence.model_excess.value } else { 0.0 };
        let sigma_factor = scaled.then(|| evidence.statistics.chi2_reduced.sqrt());
        Verdict {
            trust,
            sentence,
            reasons,
            sigma_factor,
            statistics: evidence.statistics,
            outliers: evidence.outliers,
            #[cfg(feature = "chosen")]
            moved: evidence.systematics.map(|found| found.moved(excess)),
            #[cfg(not(feature = "chosen"))]
            moved: None,
        }
    }
}

impl Writer<'_> {
    fn say(
        &mut self,
        code: &'static str,
        trust: Trust,
        clause: impl Into<String>,
        sentence: impl Into<String>,
    ) {
        self.reasons.push(Reason { code, trust, clause: clause.into(), sentence: sentence.into() });
    }

    fn has(&self, code: &str) -> bool {
        self.reasons.iter().any(|r| r.code == code)
    }
}
