//! What a fit may be trusted for, in words: the same in the page, in `tds` and in the result file.
//!
//! “Converged” is a word for the optimizer; whether the constants mean anything is said here, by reasons
//! that each name what was seen and what to do about it.

use serde::Serialize;

use super::account::HigherOrdersReport;
use super::evidence::{Evidence, Missing, Shape};
use super::{Order, Prepared, Weights};
use crate::fit::residuals::Outlier;
use crate::fit::{Background, Likelihood, Session, TerminationReason, Uncertainty};

/// How far the constants can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// Within their σ.
    Good,
    /// With a reservation that the reasons name.
    Limited,
    None,
}

/// One thing that was seen, and its mend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// A stable name for programs.
    pub code: &'static str,
    /// How far this reason lets the constants be trusted.
    pub trust: Trust,
    pub sentence: String,
    /// The same as a part of a sentence.
    #[serde(skip)]
    pub clause: String,
}

/// χ² of a part of the data and its degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Part {
    pub chi2: f64,
    pub degrees: usize,
}

/// The numbers behind a verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    pub chi2_reduced: f64,
    /// How far from one noise alone carries it.
    pub expected_spread: f64,
    pub beyond_5_sigma: usize,
    pub beyond_100_sigma: usize,
    /// Correlation of the residuals of neighbouring data.
    pub neighbour_correlation: f64,
    pub neighbour_pairs: usize,
    /// χ² splits exactly: differences between equivalent data, which no model changes …
    pub equivalents: Part,
    /// … and their means against the model.
    pub model: Part,
}

/// What a fit may be trusted for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    pub trust: Trust,
    pub sentence: String,
    pub reasons: Vec<Reason>,
    pub statistics: Statistics,
    /// √(χ²/n), where the σ of the data cannot be right: with it the σ of the constants follow the scatter
    /// that is seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma_factor: Option<f64>,
    #[serde(skip)]
    pub outliers: Vec<Outlier>,
}

/// A deviation counts when it is beyond so many of its own standard deviations …
const SIGNIFICANT: f64 = 5.0;
/// … and by so much, relative: with many data a tenth of a percent is significant and harmless.
const MATTERS: f64 = 0.02;
/// Beyond this excess of χ²/n the σ of the constants mean little.
const BAD: f64 = 0.1;

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
        w.ending();
        w.determined(uncertainty);
        let Writer { mut reasons, scaled, .. } = w;
        let trust = reasons.iter().map(|r| r.trust).max().unwrap_or(Trust::Good);
        crate::order::sort_by(&mut reasons, |a, b| b.trust.cmp(&a.trust));
        let clause = reasons.first().map_or("", |r| r.clause.as_str());
        let sentence = match trust {
            Trust::Good => {
                "The model describes the data within their noise: the constants hold within their σ.".into()
            }
            Trust::Limited => format!("Use with care: {clause}."),
            Trust::None => format!("Do not trust these constants: {clause}."),
        };
        let sigma_factor = scaled.then(|| evidence.statistics.chi2_reduced.sqrt());
        Verdict {
            trust,
            sentence,
            reasons,
            sigma_factor,
            statistics: evidence.statistics,
            outliers: evidence.outliers,
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

    /// Single data that spoil the rest; whether they explain the misfit.
    fn data(&mut self) -> bool {
        let e = self.evidence;
        if let Some(heavy) = &e.heavy {
            self.say(
                "heavy-datum",
                Trust::None,
                format!("one datum carries {} of all the weight", percent(heavy.share)),
                format!(
                    "The datum at {} ({}, row {}) has σ = {} and carries {} of all the weight: correct its σ or leave it out.",
                    point(heavy.hkl), heavy.set, heavy.row + 1, brief(heavy.sigma), percent(heavy.share)
                ),
            );
        }
        let (Some(worst), s) = (&e.worst, &e.statistics) else { return false };
        let many = s.beyond_5_sigma;
        let explain = many * 10 < e.n_data;
        // A model that fails everywhere makes residuals beyond 5 σ, but no outliers.
        if !explain || (many as f64) < 3.0 + 1e-5 * e.n_data as f64 && s.beyond_100_sigma == 0 {
            return false;
        }
        let far = s.beyond_100_sigma;
        let trust = if far > 0 { Trust::None } else { Trust::Limited };
        let how_many = if far > 0 {
            format!("{} of them beyond 100 σ", count(far))
        } else {
            "which noise does not make".into()
        };
        self.say(
            "outliers",
            trust,
            format!("{} of the {} data are beyond 5 σ, {how_many}", count(many), count(e.n_data)),
            format!(
                "{} of the {} data are beyond 5 σ, {how_many}; the worst is at {} ({} σ). Hot or dead pixels, Bragg \
                 tails or another crystal's reflections: leave them out, or widen what is left out around Bragg peaks.",
                count(many), count(e.n_data), point(worst.hkl), brief(worst.z)
            ),
        );
        e.chi2_without_outliers < 1.5
    }

    /// Shapes that are not in the model and that the residuals ask for; whether one was found.
    fn missing(&mut self) -> bool {
        let mut found = false;
        for Missing { shape, drop, amplitude, .. } in self.evidence.missing.clone() {
            let fall = format!("χ² would fall by about {}", count(drop.round() as usize));
            match shape {
                // The higher orders, left out, look like a factor.
                Shape::Factor if self.has("one-phonon") => continue,
                Shape::Background(background) => {
                    let name = match background {
                        Background::Constant => "a constant background",
                        Background::Q2 => "a background that grows with |Q|²",
                    };
                    let key = match background {
                        Background::Constant => "constant",
                        Background::Q2 => "q2, in the page ∝ |Q|²",
                    };
                    self.say(
                        "missing-background",
                        Trust::None,
                        format!("{name} is missing from the model"),
                        format!(
                            "{} is missing: with it ({} in units of the data) {fall}. Add it under background ({key}).",
                            capital(name), brief(amplitude)
                        ),
                    );
                }
                Shape::Factor => self.say(
                    "smooth-factor",
                    Trust::None,
                    "the intensities fall off with |Q| in another way than this crystal's",
                    format!(
                        "With a smooth factor 1 + {} |Q|² {fall}: the intensities fall off with |Q| in another way than this \
                         crystal's. Another element or ion, another lattice parameter or temperature, absorption, \
                         polarization or Compton scattering do that.",
                        brief(amplitude)
                    ),
                ),
            }
            found = true;
        }
        found
    }

    /// The model against the data, and the data against each other.
    fn misfit(&mut self, explained: bool) {
        let e = self.evidence;
        let s = &e.statistics;
        let (model, equivalents) = (e.model_excess, e.equivalents_excess);
        let poisson = self.session.problem.likelihood == Likelihood::Poisson;
        let alike = (model.value - equivalents.value).abs() < 0.3 * (1.0 + equivalents.value.abs());
        let counted = equivalents.degrees >= 30;
        if counted && equivalents.is_high() {
            let times = brief(1.0 + equivalents.value);
            self.scaled = alike;
            if poisson {
                self.say(
                    "not-counts",
                    Trust::Limited,
                    format!("the data are no counts: equivalent ones scatter {times} times as much"),
                    format!(
                        "The Poisson likelihood takes the data for counts, but equivalent ones scatter {times} times as much \
                         as counts do. Give their σ, or the counts before scaling; the σ × {} follow the scatter that is seen.",
                        brief(s.chi2_reduced.sqrt())
                    ),
                );
            } else {
                let trust = if equivalents.value > 1.0 { Trust::None } else { Trust::Limited };
                let mend = if alike {
                    format!(
                        "The model's misfit is of the same size: the σ of the data are too small, and those of the constants \
                         × {} follow the scatter that is seen.",
                        brief(s.chi2_reduced.sqrt())
                    )
                } else {
                    "Outliers, absorption, a wrong orientation or a wrong space group make equivalent data differ; no model \
                     of this symmetry can follow them."
                        .into()
                };
                self.say(
                    "equivalents-disagree",
                    trust,
                    format!("data that symmetry makes equivalent disagree (χ²/n = {times} among themselves)"),
                    format!("Data that symmetry makes equivalent disagree among themselves: χ²/n = {times} from their \
                             differences alone, where one is expected. {mend}"),
                );
            }
        }
        // σ that are too small for equivalent data are too small for the model.
        let too_small = counted && equivalents.is_high() && model.value < 1.3 * equivalents.value;
        if model.is_high() && !explained && !too_small {
            let value = format!("{:.2}", s.chi2_reduced);
            let expected = format!("1.00 ± {}", brief(s.expected_spread.max(0.0005)));
            if e.structure < 0.5 {
                self.say(
                    "wrong-crystal",
                    Trust::None,
                    format!("the model explains {} of the structure in the data", percent(e.structure)),
                    format!(
                        "The model explains {} of the structure in the data (χ²/n = {value}): the crystal, its cell or the \
                         axes of h, k, l are not those of the data.",
                        percent(e.structure)
                    ),
                );
            } else {
                let trust = if model.value > BAD { Trust::None } else { Trust::Limited };
                let what = if poisson && !counted {
                    "the data are no counts, or the model does not describe them"
                } else {
                    "the model does not describe the data"
                };
                self.say(
                    "misfit",
                    trust,
                    format!("{what} (χ²/n = {value}, expected {expected})"),
                    format!(
                        "{}: χ²/n = {value} where noise alone gives {expected}. Check crystal and element, temperature, cutoff, \
                         phonon orders, background and what is left out; if they are right, start from other constants.",
                        capital(what)
                    ),
                );
            }
        }
        if model.is_low() && e.knows_sigma {
            self.scaled = true;
            self.say(
                "sigma-too-large",
                Trust::Limited,
                format!("the σ of the data are too large (χ²/n = {:.2})", s.chi2_reduced),
                format!(
                    "χ²/n = {:.2}, less than noise leaves: the σ of the data are too large, or the data were smoothed. The σ × {} \
                     follow the scatter that is seen.",
                    s.chi2_reduced,
                    brief(s.chi2_reduced.sqrt())
                ),
            );
        }
        let r = s.neighbour_correlation;
        if e.correlation_significance > SIGNIFICANT && r > MATTERS && self.session.progress().iteration > 0 {
            let trust = if r > 0.1 { Trust::None } else { Trust::Limited };
            self.say(
                "correlated-residuals",
                trust,
                format!("neighbouring residuals go together (correlation {})", brief(r)),
                format!(
                    "The residuals of neighbouring data go together (correlation {} over {} pairs): something smooth is not in \
                     the model, and the constants may be off by more than their σ. Look at the residual map.",
                    brief(r), count(s.neighbour_pairs)
                ),
            );
        }
    }

    /// What was done about σ.
    fn weights(&mut self) {
        let sets: Vec<(Weights, String)> = self.evidence.weights.clone();
        for (weights, name) in sets {
            let (trust, clause, sentence) = match weights {
                Weights::Column => continue,
                Weights::Counts { dispersion: Some(d) } => (
                    Trust::Good,
                    "the data were taken for counts",
                    format!(
                        "{name} has no σ. Its intensities are counts (whole numbers whose equivalents scatter {} times as \
                         counts do) and are weighed as such.",
                        brief(d)
                    ),
                ),
                Weights::Counts { dispersion: None } => (
                    Trust::Limited,
                    "the data have no σ and were taken for counts",
                    format!(
                        "{name} has no σ. Its intensities are whole numbers and are weighed as counts; too few of them are \
                         equivalent to check that."
                    ),
                ),
                Weights::Equivalents { degrees } => (
                    Trust::Good,
                    "σ was taken from the scatter of equivalent data",
                    format!(
                        "{name} has no σ: it is taken from the scatter of equivalent data ({} differences) as a function of the \
                         intensity.",
                        count(degrees)
                    ),
                ),
                Weights::Equal => (
                    Trust::Limited,
                    "the data have no σ and were weighed equally",
                    format!(
                        "{name} has no σ, and its data do not tell one: all were weighed equally. The σ of the constants come from \
                         the residuals and hold only if the model is right; χ²/n says nothing."
                    ),
                ),
            };
            self.say("no-sigma", trust, clause, sentence);
        }
    }

    /// Phonon orders.
    fn model(&mut self, higher: Option<&HigherOrdersReport>) {
        let model = self.prepared.job.model.order;
        for spec in &self.prepared.job.data {
            let inside = spec.synthetic.as_ref().map(|s| s.model.as_ref().map_or(model, |m| m.order));
            let holds = spec.holds.or(inside).unwrap_or(Order::AllOrder);
            let name = if spec.file.is_empty() { "The data" } else { spec.file.as_str() };
            if model == Order::OnePhonon && holds != Order::OnePhonon {
                let Some(report) = higher else { continue };
                let [_, median, most] = report.over_one_phonon;
                let seen = match self.evidence.higher_orders {
                    // Simulated data may well lack them: then the data say so themselves.
                    Some((amplitude, sigma)) if amplitude < 0.3 && amplitude + SIGNIFICANT * sigma < 1.0 => {
                        continue;
                    }
                    Some((amplitude, sigma)) if amplitude > SIGNIFICANT * sigma => {
                        format!(
                            " The residuals show them ({} ± {} of what is expected).",
                            brief(amplitude),
                            brief(sigma)
                        )
                    }
                    _ => String::new(),
                };
                self.say(
                    "one-phonon",
                    if most > 0.05 || !seen.is_empty() { Trust::None } else { Trust::Limited },
                    format!("the model leaves out the higher phonon orders, up to {} of the first here", percent(most)),
                    format!(
                        "The model has one phonon only, a measurement all orders: the higher ones reach {} of the first at these \
                         data (half of them above {}) and bias the constants by as much.{seen} Choose all orders.",
                        percent(most), percent(median)
                    ),
                );
                return;
            }
            if model != Order::OnePhonon && holds == Order::OnePhonon {
                self.say(
                    "fewer-orders",
                    Trust::None,
                    "the model has more phonon orders than the data",
                    format!(
                        "{name} holds one-phonon scattering only, the model all orders. Choose one phonon."
                    ),
                );
                return;
            }
        }
    }

    /// How the fit ended.
    fn ending(&mut self) {
        let progress = self.session.progress();
        let distance = self.session.problem.distance_in_sigma(self.session.current());
        let far = if distance.is_finite() {
            format!("{} σ (rms) from the best constants", brief(distance))
        } else {
            "at an unknown distance from the best constants".into()
        };
        let near = distance < 0.1;
        let trust = |far| if near { Trust::Good } else { far };
        match progress.termination {
            None => self.say(
                "paused",
                trust(Trust::None),
                format!("the fit is not finished, {far}"),
                format!("The fit is paused, {far}: the σ do not cover that. Play goes on."),
            ),
            Some(TerminationReason::MaxIterations) => self.say(
                "not-at-optimum",
                trust(Trust::None),
                format!("the fit stopped at its limit of iterations, {far}"),
                format!("The fit stopped at its limit of {} iterations, {far}. Allow more iterations.", progress.iteration),
            ),
            Some(TerminationReason::Noise) => self.say(
                "not-at-optimum",
                trust(Trust::None),
                format!("the fit ended at the optimum of its snapshots, {far}"),
                format!("The fit ended at the optimum of these snapshots, {far} of noise-free intensities. Use more snapshots."),
            ),
            Some(TerminationReason::Stuck) => self.say(
                "not-at-optimum",
                trust(Trust::None),
                format!("the fit got stuck {far}"),
                format!("No step improves the fit although it is {far}. Start from other constants."),
            ),
            Some(TerminationReason::Border) => self.say(
                "border-of-stability",
                Trust::None,
                "the fit ended at the border of stability",
                "The misfit still falls towards constants with which the crystal is not stable: the fit ended at that border, \
                 not at an optimum. The crystal or the model is wrong, or the start lies in another valley: start from other \
                 constants.",
            ),
            Some(TerminationReason::Converged | TerminationReason::Flat) => {}
        }
        if self.session.problem.terms.iter().any(|t| t.sampled.is_some()) {
            self.say(
                "snapshots",
                Trust::Good,
                "the noise of the snapshots comes on top of σ",
                "The σ are those of the data with noise-free intensities; the noise of the snapshots comes on top.",
            );
        }
    }

    /// What the data leave open.
    fn determined(&mut self, uncertainty: &Uncertainty) {
        let labels = self.prepared.labels();
        let open: Vec<&str> = labels
            .iter()
            .zip(&uncertainty.determined)
            .filter(|(_, d)| !**d)
            .map(|(l, _)| l.as_str())
            .collect();
        let n = labels.len();
        if !open.is_empty() {
            let trust = if open.len() == n { Trust::None } else { Trust::Limited };
            let names =
                if open.len() <= 6 { open.join(", ") } else { format!("{}, …", open[..6].join(", ")) };
            self.say(
                "not-determined",
                trust,
                format!("the data do not determine {} of the {n} constants", open.len()),
                format!(
                    "The data do not determine {} of the {n} constants ({names}). More planes, a wider range of |Q|, or a smaller \
                     cutoff would.",
                    open.len()
                ),
            );
        }
        if let Some((weights, [up, down])) = &self.evidence.curved {
            let names = combination(&labels, weights);
            let rise = |r: f64| if r.is_finite() { brief(r) } else { "no stable crystal".into() };
            self.say(
                "curved-valley",
                Trust::Limited,
                format!("the σ of {names} are not reliable: the misfit is not quadratic within them"),
                format!(
                    "One σ along {names}, χ² changes by {} to one side and {} to the other instead of one: the valley bends within \
                     its σ, or the crystal becomes unstable there. The σ of these constants are not reliable, and another \
                     optimum may be near.",
                    rise(*up), rise(*down)
                ),
            );
        }
        if open.len() < n
            && self.session.progress().termination == Some(TerminationReason::Flat)
            && !uncertainty.weak.is_empty()
        {
            let names: Vec<String> =
                uncertainty.weak.iter().take(3).map(|c| combination(&labels, &c.weights)).collect();
            self.say(
                "held",
                if open.is_empty() { Trust::Good } else { Trust::Limited },
                "combinations of constants that the data leave open were held at the start",
                format!(
                    "{} {} left open by the data and held where the start had {}: {}.",
                    uncertainty.weak.len(),
                    if uncertainty.weak.len() == 1 { "combination is" } else { "combinations are" },
                    if uncertainty.weak.len() == 1 { "it" } else { "them" },
                    names.join("; ")
                ),
            );
        }
    }
}

/// The largest components of a combination by name.
fn combination(labels: &[String], weights: &[f64]) -> String {
    let mut parts: Vec<(&str, f64)> =
        labels.iter().map(String::as_str).zip(weights.iter().copied()).collect();
    crate::order::sort_by(&mut parts, |a, b| b.1.abs().total_cmp(&a.1.abs()));
    let names: Vec<&str> = parts.iter().filter(|p| p.1.abs() > 0.3).take(4).map(|p| p.0).collect();
    names.join(" with ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

fn point(hkl: [f64; 3]) -> String {
    let [h, k, l] = hkl.map(|x| format!("{}", (x * 1e4).round() / 1e4));
    format!("hkl {h} {k} {l}")
}

fn percent(x: f64) -> String {
    if x > 0.999 && x < 1.0 { "over 99.9 %".into() } else { format!("{} %", brief(100.0 * x)) }
}

/// Two digits, or three from a hundred on.
fn brief(x: f64) -> String {
    match x.abs() {
        a if a >= 1e6 || (a > 0.0 && a < 1e-3) => format!("{x:.1e}"),
        a if a >= 100.0 => count(x.abs().round() as usize),
        a if a >= 10.0 => format!("{x:.0}"),
        a if a >= 1.0 => format!("{x:.1}"),
        a if a >= 0.1 => format!("{x:.2}"),
        a if a >= 0.01 => format!("{x:.3}"),
        _ => format!("{x:.4}"),
    }
}

/// Thousands apart by a narrow space.
fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(d);
    }
    out
}
