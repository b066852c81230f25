//! Where the σ of a datum comes from: its column, or what the data themselves tell of their noise.

use super::problem::Points;
use crate::base::order::sort_floats;
use crate::base::parallel::resting;
use crate::data::noise::{Grouped, Noise, Weighing, at};
use crate::data::{Dataset, Members};
use crate::fit::{Likelihood, Method};
use crate::job::{Job, Order};
use crate::{Error, Result};

/// Where σ of a data set comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Weights {
    /// The file's own column, or the job's Poisson likelihood.
    #[default]
    Column,
    /// The file's own column are square roots of its own counts: the mean of equivalent data stands for these.
    OwnCounts,
    /// Taken for counts.
    Counts {
        /// Scatter of equivalent data over their mean, where there are enough.
        dispersion: Option<f64>,
        /// Whether the file says what they were divided by.
        exposed: bool,
    },
    /// A function of the intensity, from the scatter of equivalent data.
    Equivalents {
        /// How many differences between equivalent data it comes from.
        degrees: usize,
    },
    /// One weight for all.
    Equal,
}

/// Chooses where σ comes from for every data set and with it the likelihood.
pub(super) async fn choose(job: &Job, data: &[Dataset], points: &mut [Points]) -> Result<Likelihood> {
    if job.fit.likelihood == Likelihood::Poisson {
        return Ok(Likelihood::Poisson);
    }
    for (n, (set, points)) in data.iter().zip(points.iter_mut()).enumerate() {
        if let Some(sigma) = &set.sigma {
            let found = job.fit.weighing == Weighing::Auto && are_of_own_counts(set, sigma, points).await;
            let own = found || job.fit.weighing == Weighing::Counts;
            // Who asks for it knows.
            points.weights = if found { Weights::OwnCounts } else { Weights::Column };
            points.sigma = Some(if own { of_mean_counts(set, sigma, points).await } else { sigma.clone() });
        } else {
            points.weights = of_one(job.fit.weighing, n, set, points).await?;
        }
    }
    let is_counts = |p: &Points| matches!(p.weights, Weights::Counts { .. });
    let exact = job.model.order != Order::Sampled && job.fit.method != Method::Adam;
    if exact && points.iter().all(is_counts) {
        points.iter_mut().for_each(|p| p.sigma = None);
        return Ok(Likelihood::Poisson);
    }
    let equal = |p: &Points| p.weights == Weights::Equal;
    if points.iter().any(equal) && !points.iter().all(equal) {
        let name = |wanted: bool| {
            let found = data.iter().zip(points.iter()).find(|(_, p)| equal(p) == wanted);
            found.map_or("", |(set, _)| set.name.as_str())
        };
        return Err(Error::file(
            name(true),
            format!("no sigma column, while the σ of {} are known", name(false)),
            "σ in all data sets or in none, so that they can be weighed against each other",
        ));
    }
    let robust = job.fit.likelihood == Likelihood::Robust;
    if robust && points.iter().any(|p| p.sigma.is_none()) {
        return Err(Error::job(
            "fit.likelihood",
            "robust, and no σ",
            "a σ column, or fit.weighing \"counts\" or \"equivalents\": what is far is counted in σ",
        ));
    }
    Ok(if robust { Likelihood::Robust } else { Likelihood::Gaussian })
}

/// Equivalent data with σ, group by group.
struct Equivalents<'a> {
    set: &'a Dataset,
    sigma: &'a [f64],
    rows: Members,
}

impl<'a> Equivalents<'a> {
    async fn new(set: &'a Dataset, sigma: &'a [f64], points: &Points) -> Self {
        let rows = Members::new(&points.group, &|i| points.used[i] && set.intensity[i] > 0.0).await;
        Equivalents { set, sigma, rows }
    }

    /// What a count was divided by, where σ is its square root divided by the same.
    fn exposure(&self, i: usize) -> f64 {
        self.set.intensity[i] / (self.sigma[i] * self.sigma[i])
    }

    /// The members of each group that is large enough, hot pixels left out.
    async fn each(&self, with: &mut dyn FnMut(&[usize])) {
        let mut one = |members: &[usize]| {
            let mut values: Vec<f64> = members.iter().map(|&i| self.set.intensity[i]).collect();
            sort_floats(&mut values);
            let middle = values[values.len() / 2];
            let is_near =
                |i: usize| (self.set.intensity[i] - middle).abs() < 8.0 * (middle / self.exposure(i)).sqrt();
            let near: Vec<usize> = members.iter().copied().filter(|&i| is_near(i)).collect();
            with(&near);
        };
        let enough = |g: &usize| self.rows.of(*g).len() >= LEAST_EQUIVALENTS;
        resting(self.rows.n_groups(), 0.1 + 0.5 * self.rows.mean(), &mut |range| {
            range.filter(enough).for_each(|g| one(self.rows.of(g)))
        })
        .await;
    }
}

/// Whether the σ of data are square roots of their own counts, whatever the exposure: then ln σ² goes with ln y among
/// equivalent data, where σ of what is expected would be alike. Where equivalents differ by much more than noise, both would go
/// with them.
async fn are_of_own_counts(set: &Dataset, sigma: &[f64], points: &Points) -> bool {
    // Σ a², Σ a b, Σ b², what noise makes of the first, and how many differences; a of ln y, b of ln σ².
    let mut sums = [0.0; 5];
    let mut add = |near: &[usize]| {
        let n = near.len() as f64;
        if n < 2.0 {
            return;
        }
        let logs = |i: &usize| [set.intensity[*i].ln(), 2.0 * sigma[*i].ln()];
        let mean = near.iter().map(logs).fold([0.0; 2], |m, x| [m[0] + x[0] / n, m[1] + x[1] / n]);
        for i in near {
            let [a, b] = [logs(i)[0] - mean[0], logs(i)[1] - mean[1]];
            let noise = (sigma[*i] / set.intensity[*i]).powi(2) * (1.0 - 1.0 / n);
            for (sum, x) in sums.iter_mut().zip([a * a, a * b, b * b, noise, 1.0 - 1.0 / n]) {
                *sum += x;
            }
        }
    };
    Equivalents::new(set, sigma, points).await.each(&mut add).await;
    let [aa, ab, bb, noise, degrees] = sums;
    let slope = ab / aa;
    let uncertain = ((bb - slope * ab).max(0.0) / (degrees * aa)).sqrt();
    degrees >= 100.0 && aa < 2.0 * noise && slope - 3.0 * uncertain > 0.5 && slope + 3.0 * uncertain < 1.5
}

/// σ of data whose σ are square roots of their own counts n, whatever the exposure: the weight 1/n prefers what was
/// counted too low by chance and makes every mean about one count too small. The mean of equivalent data in the place
/// of n does not. Hot pixels keep theirs.
async fn of_mean_counts(set: &Dataset, sigma: &[f64], points: &Points) -> Vec<f64> {
    let equivalents = Equivalents::new(set, sigma, points).await;
    let mut out = sigma.to_vec();
    let mut weigh = |near: &[usize]| {
        let counts: f64 = near.iter().map(|&i| set.intensity[i] * equivalents.exposure(i)).sum();
        let exposures: f64 = near.iter().map(|&i| equivalents.exposure(i)).sum();
        for &i in near {
            out[i] = (counts / exposures / equivalents.exposure(i)).sqrt();
        }
    };
    equivalents.each(&mut weigh).await;
    out
}

/// Equivalent data from which on their mean stands for the counts of each.
const LEAST_EQUIVALENTS: usize = 4;

/// Where σ of a set without a column comes from; puts it into `points`.
async fn of_one(wish: Weighing, n: usize, set: &Dataset, points: &mut Points) -> Result<Weights> {
    let grouped = Grouped { intensity: &set.intensity, used: &points.used, group: &points.group };
    let means = grouped.means();
    if let (Some(exposure), Weighing::Auto | Weighing::Column | Weighing::Counts) = (&set.exposure, wish) {
        refuse_negative(set, points)?;
        let sigma = |(m, e): (&f64, &f64)| (m.max(1.0 / e) / e).sqrt();
        points.sigma = Some(means.iter().zip(exposure).map(sigma).collect());
        let dispersion = over_exposure(exposure, set, points);
        return Ok(Weights::Counts { dispersion, exposed: true });
    }
    let noise = grouped.noise().await;
    let (weights, variance): (Weights, Vec<f64>) = match (wish, noise) {
        (Weighing::Equal, _) | (Weighing::Auto | Weighing::Column, Noise::Unknown) => {
            return Ok(Weights::Equal);
        }
        (Weighing::Auto | Weighing::Column, Noise::Counts { dispersion, .. }) => {
            (Weights::Counts { dispersion, exposed: false }, means.iter().map(|m| m.max(1.0)).collect())
        }
        (Weighing::Counts, noise) => {
            refuse_negative(set, points)?;
            let dispersion = if let Noise::Counts { dispersion, .. } = noise { dispersion } else { None };
            (Weights::Counts { dispersion, exposed: false }, means.iter().map(|m| m.max(1.0)).collect())
        }
        (Weighing::Auto | Weighing::Column | Weighing::Equivalents, _) => {
            let Some((variance, degrees)) = grouped.scatter().await else {
                let what = "too few equivalent points that differ".to_owned();
                return Err(Error::job(
                    &format!("data[{n}]"),
                    what,
                    "30 differences at least, or a σ column",
                ));
            };
            let typical = means.iter().map(|m| at(&variance, *m)).sum::<f64>() / means.len() as f64;
            let floor = 1e-6 * typical;
            (Weights::Equivalents { degrees }, means.iter().map(|m| at(&variance, *m).max(floor)).collect())
        }
    };
    points.sigma = Some(variance.into_iter().map(f64::sqrt).collect());
    Ok(weights)
}

/// Counts are zero or more.
fn refuse_negative(set: &Dataset, points: &Points) -> Result<()> {
    let Some(row) = (0..set.intensity.len()).find(|&i| points.used[i] && set.intensity[i] < 0.0) else {
        return Ok(());
    };
    let what = format!("row {} has the intensity {}", row + 1, set.intensity[row]);
    Err(Error::file(&set.name, what, "counts (zero or more) to weigh them as counts"))
}

/// Scatter of equivalent counts over exposures around their common mean, in units of what counting makes of it.
fn over_exposure(exposure: &[f64], set: &Dataset, points: &Points) -> Option<f64> {
    let n = points.group.iter().max().map_or(0, |m| m + 1);
    // Of each group: number, Σ e, Σ e y, Σ e y².
    let mut sums = vec![[0.0; 4]; n];
    for i in (0..exposure.len()).filter(|&i| points.used[i]) {
        let (e, y) = (exposure[i], set.intensity[i]);
        for (total, x) in sums[points.group[i]].iter_mut().zip([1.0, e, e * y, e * y * y]) {
            *total += x;
        }
    }
    let (mut sum, mut degrees) = (0.0, 0.0);
    for [count, e, y, square] in sums.into_iter().filter(|s| s[0] > 1.0 && s[2] > 0.0) {
        let mean = y / e;
        sum += (square - mean * y) / mean;
        degrees += count - 1.0;
    }
    (degrees >= 30.0).then(|| sum / degrees)
}
