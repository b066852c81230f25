//! The numbers that a verdict is made of: residuals, how χ² splits, what the residuals ask for.

use super::higher_orders::HigherOrdersReport;
use super::verdict::{Part, Statistics};
use super::{Prepared, Rows, Weights};
use crate::base::parallel::{Pool, rest};
use crate::data::Dataset;
use crate::fit::residuals::{Normalised, Outlier, neighbours, outliers};
use crate::fit::{Background, Evaluation, Likelihood, Problem, ScoreTest, Session, TerminationReason};

/// A relative deviation of χ² per degree of freedom from one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Excess {
    pub value: f64,
    /// Its standard deviation; infinite where σ is not known.
    pub spread: f64,
    pub degrees: usize,
}

impl Excess {
    /// Beyond noise, and by enough to matter.
    pub fn is_high(&self) -> bool {
        (self.value > 5.0 * self.spread && self.value > 0.02) || self.is_unlikely()
    }

    /// Of few data: so large that one fit in a thousand has more by chance, and half of it again too much. The cube root of χ²
    /// is nearly normal (E. B. Wilson & M. M. Hilferty, PNAS 17 (1931) 684).
    fn is_unlikely(&self) -> bool {
        let width = 2.0 / (9.0 * self.degrees.max(1) as f64);
        let normal = ((1.0 + self.value).max(0.0).cbrt() - 1.0 + width) / width.sqrt();
        self.value > 0.5 && self.spread.is_finite() && normal > 3.1
    }

    pub fn is_low(&self) -> bool {
        self.value < -5.0 * self.spread && self.value < -0.05
    }
}

/// A datum with more than half of all the weight.
pub(super) struct Heavy {
    pub set: String,
    pub row: usize,
    pub hkl: [f64; 3],
    pub sigma: f64,
    pub share: f64,
}

/// The datum farthest from the model.
pub(super) struct Worst {
    pub hkl: [f64; 3],
    pub z: f64,
}

/// What may stand beside the scaled intensity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    Background(Background),
    /// I |Q|²: the beginning of any smooth factor, such as that of another element, of absorption or of
    /// polarization.
    Factor,
}

/// A shape that is not in the model and that the residuals ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Missing {
    pub shape: Shape,
    /// What χ² would fall by.
    pub drop: f64,
    pub amplitude: f64,
}

pub(super) struct Evidence {
    pub statistics: Statistics,
    pub outliers: Vec<Outlier>,
    pub worst: Option<Worst>,
    pub heavy: Option<Heavy>,
    pub n_data: usize,
    /// χ² per datum of those within 5 σ.
    pub chi2_without_outliers: f64,
    pub missing: Vec<Missing>,
    pub model_excess: Excess,
    pub equivalents_excess: Excess,
    /// Part of the structure in the data (beyond their noise) that the model follows.
    pub structure: f64,
    pub weights: Vec<(Weights, String)>,
    pub knows_sigma: bool,
    /// In standard deviations.
    pub correlation_significance: f64,
    /// The combination, of those that the data bound least, along which χ² does not rise as the covariance says,
    /// and its rises one σ to either side, where one is expected.
    pub curved: Option<(Vec<f64>, [f64; 2])>,
    /// What the data may hold and the model does not.
    #[cfg(feature = "chosen")]
    pub systematics: Option<super::systematics::Systematics>,
    /// How much of the higher phonon orders that the model leaves out the data hold: zero to one, and σ.
    pub higher_orders: Option<(f64, f64)>,
}

/// Beyond so many σ a datum is an outlier.
const OUTLIER: f64 = 5.0;

impl Evidence {
    /// `models`: the model at every row of each data set.
    pub async fn new(
        pool: &Pool,
        prepared: &Prepared,
        session: &Session,
        data: &[Dataset],
        rows: &[Rows],
        models: &[Vec<f64>],
        higher: Option<&HigherOrdersReport>,
    ) -> Self {
        let (problem, at) = (&session.problem, session.current());
        let variance = problem.variance(at);
        let mut sets = Vec::new();
        let mut heavy: Option<Heavy> = None;
        let (mut weight_sum, mut total) = (0.0, [0.0; 3]);
        let mut residual = 0.0;
        for ((set, rows), model) in data.iter().zip(rows).zip(models) {
            let sigma = |i: usize| match (&rows.sigma, problem.likelihood) {
                (_, Likelihood::Poisson) => (model[i] / set.exposure_of(i)).sqrt(),
                (Some(sigma), _) => sigma[i],
                (None, _) => variance.sqrt(),
            };
            let mut z = vec![f64::NAN; set.hkl.len()];
            for i in (0..z.len()).filter(|&i| rows.used[i]) {
                let (y, m, s) = (set.intensity[i], model[i], sigma(i));
                z[i] = (y - m) / s;
                let weight = (m / s).powi(2);
                weight_sum += weight;
                if heavy.as_ref().is_none_or(|h| weight > h.share) {
                    heavy = Some(Heavy {
                        set: set.name.clone(),
                        row: i,
                        hkl: set.hkl[i],
                        sigma: s,
                        share: weight,
                    });
                }
                if z[i].abs() <= OUTLIER {
                    residual += z[i] * z[i];
                    for (sum, x) in total.iter_mut().zip([1.0, y, y * y]) {
                        *sum += x / (s * s);
                    }
                }
            }
            sets.push(Normalised { hkl: &set.hkl, z });
            rest().await;
        }
        let n_data = problem.n_data();
        rest().await;
        let found = outliers(&sets, OUTLIER);
        rest().await;
        let inside = (n_data - found.len()).max(1) as f64;
        let noise = if problem.has_sigma() { inside } else { 0.0 };
        let structure = (total[2] - total[1] * total[1] / total[0]) - noise;
        let neighbours = neighbours(&sets);
        rest().await;
        let heavy = heavy.and_then(|h| {
            let share = h.share / weight_sum;
            (share > 0.5 && n_data > 10 && problem.has_sigma()).then_some(Heavy { share, ..h })
        });

        let (equivalents, model, kurtosis) = split(problem, at, data, rows, models);
        let degrees = problem.degrees();
        let unit =
            if problem.has_sigma() { 1.0 } else { equivalents.chi2 / equivalents.degrees.max(1) as f64 };
        let spread = |part: Part, unit: f64, kurtosis: f64| {
            let degrees = part.degrees.max(1) as f64;
            Excess {
                value: part.chi2 / (unit * degrees) - 1.0,
                spread: (2.0 / degrees + kurtosis / (degrees * degrees)).sqrt(),
                degrees: part.degrees,
            }
        };
        let mut model_excess = spread(model, unit, kurtosis);
        let mut equivalents_excess = spread(equivalents, unit, kurtosis);
        if !problem.has_sigma() {
            equivalents_excess.value = 0.0;
            let from = equivalents.degrees as f64;
            model_excess.spread =
                if from < 30.0 { f64::INFINITY } else { model_excess.spread.hypot((2.0 / from).sqrt()) };
        }
        let statistics = Statistics {
            chi2_reduced: at.chi2 / degrees as f64,
            expected_spread: spread(Part { chi2: at.chi2, degrees }, 1.0, kurtosis).spread,
            beyond_5_sigma: found.len(),
            beyond_100_sigma: found.iter().filter(|o| o.z.abs() > 100.0).count(),
            neighbour_correlation: neighbours.correlation,
            neighbour_pairs: neighbours.pairs,
            equivalents,
            model,
        };
        #[cfg(feature = "chosen")]
        let systematics = match session.progress().termination {
            Some(
                TerminationReason::Converged | TerminationReason::Flat | TerminationReason::MaxIterations,
            ) => super::systematics::Systematics::new(pool, prepared, session, data, rows, models).await,
            _ => None,
        };
        #[cfg(not(feature = "chosen"))]
        let _ = prepared;
        Evidence {
            #[cfg(feature = "chosen")]
            systematics,
            curved: curved(pool, session).await,
            higher_orders: match higher {
                Some(report) => amplitude(pool, problem, at, report).await,
                None => None,
            },
            missing: if model_excess.is_high() { missing(pool, problem, at, &model).await } else { vec![] },
            worst: found.first().map(|o| Worst { hkl: data[o.set].hkl[o.row], z: o.z }),
            weights: rows.iter().zip(data).map(|(r, d)| (r.weights.clone(), d.name.clone())).collect(),
            statistics,
            outliers: found,
            heavy,
            n_data,
            chi2_without_outliers: residual / inside,
            model_excess,
            equivalents_excess,
            structure: if structure > 0.0 { 1.0 - (residual - noise).max(0.0) / structure } else { 1.0 },
            knows_sigma: problem.has_sigma(),
            correlation_significance: neighbours.significance(),
        }
    }
}

/// χ² between equivalent data and of their means against the model, and what the shape of the Poisson
/// distribution adds to the variance of χ².
fn split(
    problem: &Problem,
    at: &Evaluation,
    data: &[Dataset],
    rows: &[Rows],
    models: &[Vec<f64>],
) -> (Part, Part, f64) {
    let (mut scatter, mut points, mut kurtosis) = (0.0, 0, 0.0);
    let poisson = problem.likelihood == Likelihood::Poisson;
    for (((term, rows), model), set) in problem.terms.iter().zip(rows).zip(models).zip(data) {
        // Of each point: Σ w, Σ w r, Σ w r² over its data, which for one model is the scatter around their mean.
        let mut sums = vec![[0.0; 3]; term.n_used()];
        for i in (0..model.len()).filter(|&i| rows.used[i]) {
            let Some(sum) = rows.point[i].and_then(|p| sums.get_mut(p)) else { continue };
            let weight = match &rows.sigma {
                _ if poisson => set.exposure_of(i) / model[i],
                Some(sigma) => 1.0 / (sigma[i] * sigma[i]),
                None => 1.0,
            };
            let residual = set.intensity[i] - model[i];
            if problem.likelihood == Likelihood::Robust && weight * residual * residual > OUTLIER * OUTLIER {
                continue;
            }
            for (total, x) in sum.iter_mut().zip([1.0, residual, residual * residual]) {
                *total += weight * x;
            }
            if poisson {
                kurtosis += 1.0 / (set.exposure_of(i) * model[i]);
            }
        }
        points += term.n_used();
        scatter +=
            sums.iter().map(|[w, r, r2]| if *w > 0.0 { (r2 - r * r / w).max(0.0) } else { 0.0 }).sum::<f64>();
    }
    let n_data = problem.n_data();
    let equivalents = Part { chi2: scatter, degrees: n_data - points };
    let model = Part { chi2: at.chi2 - scatter, degrees: points.saturating_sub(problem.n_fitted()).max(1) };
    (equivalents, model, kurtosis)
}

/// Combinations whose valley is looked at.
const PROFILES: usize = 2;

/// Whether the valley around the optimum bends within its σ, as where two sublattices nearly interchange.
async fn curved(pool: &Pool, session: &Session) -> Option<(Vec<f64>, [f64; 2])> {
    let ended = session.progress().termination;
    if !matches!(ended, Some(TerminationReason::Converged | TerminationReason::Flat)) {
        return None;
    }
    let (problem, at) = (&session.problem, session.current());
    let spectrum = problem.spectrum(at);
    let bounded = (0..spectrum.eigenvalues.len()).filter(|&k| !spectrum.open[k]).take(PROFILES);
    let mut profiles = Vec::new();
    for k in bounded {
        if let Some(rises) = problem.rise(pool, at, &spectrum, k).await {
            profiles.push((k, rises));
        }
    }
    let off = |rises: &[f64; 2]| rises.iter().any(|r| !(0.5..2.0).contains(r));
    let profiles = profiles.into_iter();
    let (k, rises) = profiles.filter(|(_, rises)| off(rises)).max_by(|a, b| a.1[0].total_cmp(&b.1[0]))?;
    Some((spectrum.vectors.column(k).iter().copied().collect(), rises))
}

/// How much of the higher orders, left out of the model, the data hold. The orders are known at some of the
/// points only; zero elsewhere makes a shape as good as any for a test.
async fn amplitude(
    pool: &Pool,
    problem: &Problem,
    at: &Evaluation,
    report: &HigherOrdersReport,
) -> Option<(f64, f64)> {
    let test = ScoreTest::new(pool, problem, at).await?;
    let unit = problem.tolerant_variance(at).sqrt();
    let (mut sum, mut weight) = (0.0, 0.0);
    for (t, term) in problem.terms.iter().enumerate() {
        let mut shape = vec![0.0; term.n_used()];
        for (_, point, value) in report.left_out.iter().filter(|l| l.0 == t) {
            shape[*point] = at.nuisances[t].scale * value;
        }
        if let Some(score) = test.of(t, &shape).await {
            let information = 1.0 / (score.sigma * unit).powi(2);
            sum += score.amplitude * information;
            weight += information;
        }
    }
    (weight > 0.0).then(|| (sum / weight, 1.0 / weight.sqrt()))
}

/// The background, or the smooth factor, that the residuals ask for most.
async fn missing(pool: &Pool, problem: &Problem, at: &Evaluation, model: &Part) -> Vec<Missing> {
    let shapes = [Shape::Background(Background::Constant), Shape::Background(Background::Q2), Shape::Factor];
    let Some(test) = ScoreTest::new(pool, problem, at).await else { return vec![] };
    let unit = problem.tolerant_variance(at);
    let excess = model.chi2 - model.degrees as f64;
    let mut best: Option<Missing> = None;
    for (t, term) in problem.terms.iter().enumerate() {
        for shape in shapes {
            let has = |b: Background| term.measurement.background.iter().any(|known| known.what == b);
            if matches!(shape, Shape::Background(b) if has(b)) {
                continue;
            }
            let value = |point: usize| match shape {
                Shape::Background(background) => term.measurement.shape(background, point, None),
                Shape::Factor => {
                    at.nuisances[t].scale * test.intensity[t][point] * term.measurement.q_squared[point]
                }
            };
            let values: Vec<f64> = (0..term.n_used()).map(value).collect();
            let Some(score) = test.of(t, &values).await else { continue };
            // A factor says less than a background: it has to explain more.
            let (needed, ahead) = if shape == Shape::Factor { (0.3, 1.5) } else { (0.2, 1.0) };
            let better = best.is_none_or(|b| score.drop > ahead * b.drop);
            if score.drop > 25.0 * unit && score.drop > needed * excess && better {
                best = Some(Missing { shape, drop: score.drop, amplitude: score.amplitude });
            }
        }
    }
    best.into_iter().collect()
}
