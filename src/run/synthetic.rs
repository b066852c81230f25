//! Data that a job simulates itself: known constants, a grid of points, counting noise.

use std::collections::HashMap;

use rand_distr::{Distribution, Poisson, StandardNormal};
use rand_pcg::Pcg64;

use super::models::DEFAULT_SAMPLES;
use super::{Files, Prepared};
use crate::base::parallel::{Pool, rest, restfully, resting};
use crate::data::Dataset;
use crate::job::{ForceConstantsSpec, Order, SyntheticSpec};
use crate::{Error, Result};

/// More points than this are refused.
const MOST_POINTS: usize = 1_000_000;

impl SyntheticSpec {
    /// The data; `name` is shown to people.
    ///
    /// # Errors
    /// A grid of no or too many points, unusable constants or settings of the model.
    pub(super) async fn simulate(
        &self,
        name: &str,
        prepared: &Prepared,
        pool: &Pool,
        files: &dyn Files,
    ) -> Result<Dataset> {
        let field = format!("{name}.synthetic");
        let count = self.h.2.saturating_mul(self.k.2).saturating_mul(self.l.len());
        if count == 0 || count > MOST_POINTS {
            return Err(Error::job(
                &field,
                format!("{count} points"),
                format!(
                    "h and k as [first, last, number] and a list of l, 1 to {MOST_POINTS} points together"
                ),
            ));
        }
        if !(self.scale.is_finite() && self.scale > 0.0) {
            return Err(Error::job(
                &format!("{field}.scale"),
                format!("{}", self.scale),
                "a positive number",
            ));
        }
        if !(0.0..1.0).contains(&self.relative_error) {
            return Err(Error::job(
                &format!("{field}.relative_error"),
                format!("{}", self.relative_error),
                "a fraction from 0 to below 1",
            ));
        }
        if self.keep.fraction.is_some_and(|f| !(f > 0.0 && f <= 1.0)) {
            return Err(Error::job(
                &format!("{field}.keep.fraction"),
                "not a fraction",
                "above 0 and up to 1",
            ));
        }
        let mut random = Pcg64::new(u128::from(self.seed), 0xda7a);
        let mut hkl = self.points(prepared, &mut random).await?;
        if hkl.is_empty() {
            return Err(Error::job(&format!("{field}.keep"), "no point is left", "a wider choice"));
        }
        let mut job = prepared.job.clone();
        job.data.clear();
        // What is imposed on the fit need not be true.
        #[cfg(feature = "chosen")]
        {
            (job.constraints, job.pseudo_data) = Default::default();
        }
        #[cfg(feature = "potentials")]
        {
            job.potential = None;
        }
        job.model = self.model.clone().unwrap_or_else(|| job.model.clone());
        job.force_constants = ForceConstantsSpec { values: Some(self.values.clone()), ..Default::default() };
        let sampled = job.model.order == Order::Sampled;
        if sampled {
            // A snapshot scatters alike at Q and −Q: the second would be the same number again.
            let key = |p: [f64; 3]| p.map(|x| (x * 1e5).round() as i64);
            // A map as elsewhere: one copy of its code.
            let mut seen: HashMap<[i64; 3], usize> = HashMap::new();
            hkl.retain(|p| !seen.contains_key(&key(p.map(|x| -x))) && seen.insert(key(*p), 0).is_none());
        }
        let on_bragg = |_| Error::job(&field, "a point on a reciprocal-lattice point", "points between them");
        let found = Prepared::new(&job, files)?.simulate_in(pool, &hkl, &on_bragg).await?;
        // The standard error of the mean over snapshots is the exact intensity over √n: an observed one
        // would favour the points that came out low.
        let sampling = match sampled {
            true => {
                let samples = job.model.samples.unwrap_or(DEFAULT_SAMPLES) as f64;
                job.model.order = Order::AllOrder;
                let exact = Prepared::new(&job, files)?.simulate_in(pool, &hkl, &on_bragg).await?.intensity;
                exact.iter().map(|i| self.scale * i / samples.sqrt()).collect()
            }
            false => vec![0.0; hkl.len()],
        };
        let mean = |i: usize| {
            let q2 = prepared.crystal.q_cart(&hkl[i]).norm_squared();
            self.scale * found.intensity[i] + self.background[0] + self.background[1] * q2
        };
        let mean = restfully(hkl.len(), 0.1, mean).await;
        if mean.iter().any(|m| !(m.is_finite() && *m > 0.0)) {
            return Err(Error::job(
                &format!("{field}.background"),
                "a negative count",
                "positive counts everywhere",
            ));
        }
        let sigma =
            |(i, m): (usize, &f64)| (m + (self.relative_error * m).powi(2) + sampling[i].powi(2)).sqrt();
        let sigma = mean.iter().enumerate().map(sigma).collect();
        let intensity = if self.noise {
            // The mean is positive and finite; one beyond 1e19 has no noise that a number could hold.
            let mut draw = |m: &f64| Poisson::new(*m).map_or(*m, |p| p.sample(&mut random));
            let mut counts = Vec::with_capacity(mean.len());
            resting(mean.len(), 1.0, &mut |range| counts.extend(mean[range].iter().map(&mut draw))).await;
            if self.relative_error > 0.0 {
                for (count, m) in counts.iter_mut().zip(&mean) {
                    let x: f64 = StandardNormal.sample(&mut random);
                    *count += self.relative_error * m * x;
                }
            }
            counts
        } else {
            mean
        };
        Ok(Dataset { name: name.to_owned(), hkl, intensity, sigma: Some(sigma), ..Dataset::default() })
    }

    async fn points(&self, prepared: &Prepared, random: &mut Pcg64) -> Result<Vec<[f64; 3]>> {
        use rand_distr::StandardUniform;
        let lattice = prepared.bragg_lattice()?;
        let at = |(first, last, n): (f64, f64, usize), i: usize| {
            if n > 1 { first + (last - first) * i as f64 / (n - 1) as f64 } else { first }
        };
        let inside = |x: f64, [low, high]: [f64; 2]| (low - 1e-9..=high + 1e-9).contains(&x);
        let (mut hkl, mut looked_at) = (Vec::new(), 0_usize);
        for &l in &self.l {
            for i in 0..self.h.2 {
                for j in 0..self.k.2 {
                    looked_at += 1;
                    if looked_at % 10_000 == 0 {
                        rest().await;
                    }
                    let p = [at(self.h, i), at(self.k, j), l];
                    let kept = self.keep.window.is_none_or(|w| inside(p[0], w[0]) && inside(p[1], w[1]))
                        && self.keep.rotation.is_none_or(|range| {
                            let q = prepared.crystal.q_cart(&[p[0], p[1], 0.0]);
                            let a = prepared.crystal.q_cart(&[1.0, 0.0, 0.0]).normalize();
                            let c = a.cross(&prepared.crystal.q_cart(&[0.0, 1.0, 0.0])).normalize();
                            let angle = q.dot(&c.cross(&a)).atan2(q.dot(&a)).to_degrees();
                            inside(angle, range) || inside(angle + 360.0, range)
                        })
                        && self.keep.fraction.is_none_or(|f| {
                            let x: f64 = StandardUniform.sample(random);
                            x < f
                        });
                    if kept && !lattice.is_bragg(p) {
                        hkl.push(p);
                    }
                }
            }
        }
        Ok(hkl)
    }
}
