//! Reasons that lie in the weights, the model, the end of the fit and what the data leave open.

#[cfg(feature = "chosen")]
use super::words::capital;
use super::words::{brief, combination, count, percent, times};
use super::{SIGNIFICANT, Trust, Writer};
use crate::fit::{TerminationReason, Uncertainty};
#[cfg(feature = "chosen")]
use crate::ifc::Tie;
use crate::job::Order;
use crate::run::Weights;
use crate::run::higher_orders::HigherOrdersReport;

impl Writer<'_> {
    /// What was done about σ.
    pub(super) fn weights(&mut self) {
        let sets: Vec<(Weights, String)> = self.evidence.weights.clone();
        for (weights, name) in sets {
            let (trust, clause, sentence) = match weights {
                Weights::Column => continue,
                Weights::OwnCounts => {
                    self.say(
                        "own-counts",
                        Trust::Good,
                        "σ were square roots of the data's own counts",
                        format!(
                            "The σ of {name} are square roots of its own counts: the mean of equivalent data stands for each \
                             (fit.weighing)."
                        ),
                    );
                    continue;
                }
                Weights::Counts { dispersion, exposed: true } => (
                    Trust::Good,
                    "the data are counts over an exposure",
                    format!(
                        "{name} has no σ. Its intensities are counts over the exposure that it gives{}, and are weighed as such.",
                        dispersion.map_or(String::new(), |d| format!(
                            " (equivalent ones scatter {} times as counts do)",
                            brief(d)
                        ))
                    ),
                ),
                Weights::Counts { dispersion: Some(d), .. } => (
                    Trust::Good,
                    "the data were taken for counts",
                    format!(
                        "{name} has no σ. Its intensities are counts (whole numbers whose equivalents scatter {} times as \
                         counts do) and are weighed as such.",
                        brief(d)
                    ),
                ),
                Weights::Counts { dispersion: None, .. } => (
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
    pub(super) fn model(&mut self, higher: Option<&HigherOrdersReport>) {
        let model = self.prepared.job.model.order;
        for spec in &self.prepared.job.data {
            let inside = spec.synthetic.as_ref().map(|s| s.order().unwrap_or(model));
            let holds = spec.holds.or(inside).unwrap_or(Order::AllOrder);
            let name = if spec.file.is_empty() { "The data" } else { spec.file.as_str() };
            if model == Order::OnePhonon && holds != Order::OnePhonon {
                let Some(report) = higher else { continue };
                let [_, median, most] = report.over_one_phonon;
                let seen = match self.evidence.higher_orders {
                    // Simulated data may well lack them: then the data say so themselves.
                    Some((amplitude, sigma))
                        if amplitude.abs() < 3.0 * sigma
                            && amplitude + SIGNIFICANT * sigma < 1.0
                            && !self.evidence.model_excess.is_high() =>
                    {
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
                    format!("the model leaves out the higher phonon orders, up to {} the first here", times(most)),
                    format!(
                        "The model has one phonon only, a measurement all orders: the higher ones reach {} the first at these \
                         data (half of them above {}) and bias the constants by as much.{seen} Choose all orders.",
                        times(most), percent(median)
                    ),
                );
                return;
            }
            if !model.is_elastic() && model != Order::OnePhonon && holds == Order::OnePhonon {
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
    pub(super) fn ending(&mut self) {
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
        if let (Some(_), Some((fall, conditions))) =
            (progress.termination, self.session.pull_from_invariance())
        {
            let n = conditions as f64;
            let noise = fall <= n + SIGNIFICANT * (2.0 * n).sqrt();
            let held = "they were not followed there. A job can impose the invariance \
                        (constraints.rotational_invariance): then the σ count it";
            let (trust, why) = if noise {
                (Trust::Good, "which their noise explains".to_owned())
            } else {
                let fall = count(fall.round() as usize);
                let why = format!(
                    "by more than noise explains (χ² would fall by {fall}, where about {conditions} is expected): the \
                     crystal, the model or the cutoff may be wrong"
                );
                (Trust::Limited, why)
            };
            self.say(
                "rotational-invariance",
                trust,
                "the data pull towards constants that are not invariant under rotation",
                format!(
                    "The data pull towards constants that are not invariant under rotation, with which long sound waves \
                     would grow, {why}; {held}."
                ),
            );
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
    pub(super) fn determined(&mut self, uncertainty: &Uncertainty) {
        let labels = self.prepared.labels();
        let found = self.prepared.found(self.session, uncertainty);
        let all = labels.iter().zip(&found.determined);
        let open: Vec<&str> = all.filter(|(_, d)| !**d).map(|(l, _)| l.as_str()).collect();
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
        let fitted: Vec<String> =
            self.prepared.fitted_labels().into_iter().map(Option::unwrap_or_default).collect();
        if let Some((weights, [up, down])) = &self.evidence.curved {
            let names = combination(&fitted, weights);
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
                uncertainty.weak.iter().take(3).map(|c| combination(&fitted, &c.weights)).collect();
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

    /// What was known besides the data, and the ranges that constants were given.
    #[cfg(feature = "chosen")]
    pub(super) fn imposed(&mut self, uncertainty: &Uncertainty) {
        /// σ: what agrees less is worth a word.
        const FAR: f64 = 3.5;
        let known = crate::run::result::known(self.session, self.prepared.unit());
        let pull = |k: &crate::run::result::KnownValue| (k.model - k.value) / k.sigma;
        let mut far: Vec<_> = known.iter().filter(|k| pull(k).abs() > FAR).collect();
        crate::base::order::sort_by(&mut far, |a, b| pull(b).abs().total_cmp(&pull(a).abs()));
        if let Some(worst) = far.first() {
            let more = match far.len() - 1 {
                0 => String::new(),
                n => format!(" {n} more of the {} values are off by more than {FAR} σ.", known.len()),
            };
            self.say(
                "known-values",
                Trust::Limited,
                format!("the data contradict what is known besides ({})", worst.name),
                format!(
                    "{} was given as {} ± {} {}; the constants found make it {}, {} σ off.{more} One of the two is wrong, or its σ \
                     too small.",
                    capital(&worst.name), brief(worst.value), brief(worst.sigma), worst.unit, brief(worst.model),
                    brief(pull(worst).abs())
                ),
            );
        }
        if self.prepared.calibration_open {
            self.say(
                "calibration",
                Trust::Limited,
                "hkl are farther off than the fit can follow",
                "The calibration of hkl (stretch, rotation, origin) is so large that the intensity is not linear in it, and the fit \
                 about the hkl found does not settle: correct the hkl of the data by what was found, and fit again.",
            );
        }
        let ties = self.prepared.found(self.session, uncertainty).ties;
        let labels = self.prepared.labels();
        let all = labels.iter().zip(&ties).filter(|(_, tie)| **tie == Some(Tie::Bound));
        let names: Vec<&str> = all.map(|(label, _)| label.as_str()).collect();
        if !names.is_empty() {
            let names = names.join(", ");
            self.say(
                "at-bound",
                Trust::Limited,
                format!("constants are at the bounds that were set ({names})"),
                format!(
                    "The data pull {names} over the bounds that were set: the other constants and their σ hold only if the bounds \
                     do."
                ),
            );
        }
    }
}
