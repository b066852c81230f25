//! Reasons that the data give: single ones that spoil the rest, shapes that the model lacks, the misfit.

use super::words::{brief, capital, count, percent, point};
use super::{SIGNIFICANT, Trust, Writer};
use crate::fit::{Background, Likelihood};
use crate::run::evidence::{Missing, Shape};

/// A significant deviation matters only from so much on, relative: with many data a tenth of a percent is significant and harmless.
const MATTERS: f64 = 0.02;
/// Beyond this excess of χ²/n the σ of the constants mean little.
const BAD: f64 = 0.1;
/// With so many degrees of freedom noise does not leave χ² below one.
const LIKELY_NOISE: usize = 30;
/// The square of what of its structure a model leaves out that follows data without noise.
const EXACT: f64 = 1e-10;

impl Writer<'_> {
    /// Single data that spoil the rest; whether they explain the misfit.
    pub(super) fn data(&mut self) -> bool {
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
        let robust = self.session.problem.likelihood == Likelihood::Robust;
        if robust {
            let share = percent(many as f64 / e.n_data as f64);
            self.say(
                "outliers",
                if many * 50 < e.n_data { Trust::Good } else { Trust::Limited },
                format!("{} of the {} data are beyond 5 σ", count(many), count(e.n_data)),
                format!(
                    "{} of the {} data ({share}) are beyond 5 σ, the worst at {} ({} σ): they have next to no weight.",
                    count(many), count(e.n_data), point(worst.hkl), brief(worst.z)
                ),
            );
            return false;
        }
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
    pub(super) fn missing(&mut self) -> bool {
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
                        _ => "a background",
                    };
                    let key = match background {
                        Background::Constant => "constant",
                        Background::Q2 => "q2, in the page ∝ |Q|²",
                        _ => "nuisance.background",
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

    /// Whether the residuals are so small that they can move no constant by its σ, whatever their course.
    fn without_noise(&mut self) -> bool {
        let e = self.evidence;
        let chi2 = self.session.current().chi2;
        let degrees = self.session.problem.degrees();
        if degrees < LIKELY_NOISE {
            return false;
        }
        let sentence = if e.knows_sigma && chi2 < 1.0 {
            // No combination of constants moves by more than √χ² of its σ.
            format!(
                "The data hold no noise: with their σ it would make χ² {} where it is {}. The σ of the constants are those of \
                 a measurement with such σ.",
                count(degrees),
                brief(chi2)
            )
        } else if !e.knows_sigma && 1.0 - e.structure < EXACT {
            format!(
                "The data hold no noise: the model follows them to {} of their structure.",
                brief((1.0 - e.structure).max(f64::EPSILON).sqrt())
            )
        } else {
            return false;
        };
        self.say("without-noise", Trust::Good, "the data hold no noise", sentence);
        true
    }

    /// The model against the data, and the data against each other.
    pub(super) fn misfit(&mut self, explained: bool) {
        if self.without_noise() {
            return;
        }
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
                let check = if self.prepared.job.model.order.is_elastic() {
                    "Waves far from Bragg peaks are not long: leave out more of them (mask.bragg_within), or check crystal and \
                     element, temperature, background and resolution."
                } else {
                    "Check crystal and element, temperature, cutoff, phonon orders, background and what is left out; if they are \
                     right, start from other constants."
                };
                self.say(
                    "misfit",
                    trust,
                    format!("{what} (χ²/n = {value}, expected {expected})"),
                    format!("{}: χ²/n = {value} where noise alone gives {expected}. {check}", capital(what)),
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
}
