//! One data set joined with its model and its nuisances.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::likelihood::Datum;
use super::link::Link;
use super::measurement::{Measurement, Nuisances, Place};
use super::sampled_term::SampledTerm;
use crate::base::parallel::{Pool, now, together};
use crate::lanes::LANES;
use crate::scattering::{Exact, Parts, Slope};

/// How misfit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Likelihood {
    /// Weights 1/σ² from the data.
    #[default]
    Gaussian,
    /// Counts; the variance is the model's.
    Poisson,
    /// Weights 1/σ² from the data up to 4 σ; farther away tails that fall off as a power, so that a hot pixel has next to no
    /// weight.
    Robust,
}

impl Likelihood {
    /// Its word in a job.
    pub fn word(self) -> &'static str {
        match self {
            Likelihood::Gaussian => "gaussian",
            Likelihood::Poisson => "poisson",
            Likelihood::Robust => "robust",
        }
    }
}

/// One data set with its model.
#[derive(Clone)]
pub struct DataTerm {
    /// Model at the points that are used, then at those that are only shown. Where intensities are
    /// sampled, this is what their mean tends to.
    pub model: Exact,
    /// The published way to the same intensities, where the job asks for it.
    pub sampled: Option<SampledTerm>,
    /// What was observed at the first points of the model, equivalent pixels pooled where their models are one.
    pub data: Vec<Datum>,
    /// Where the data of each point begin in `data`, and the end of the last; empty where each has one.
    pub first: Vec<usize>,
    /// Where each entry of `data` is; empty where the measurement has no effects.
    pub places: Vec<Place>,
    /// Whether the weights come from the data.
    pub has_sigma: bool,
    /// From the intensity to the data.
    pub measurement: Measurement,
}

/// Gradients of the intensity at the points that are used; empty where the measurement needs none.
pub type Slopes = Vec<Slope>;

/// Columns after the model's rows: intensity, one per background, one per effect, residual.
pub(super) struct Columns {
    pub intensity: usize,
    pub effects: usize,
    pub residual: usize,
    pub n: usize,
}

impl DataTerm {
    /// Number of model points that enter the fit.
    pub fn n_used(&self) -> usize {
        if self.first.is_empty() { self.data.len() } else { self.first.len() - 1 }
    }

    /// Number of data that enter the fit.
    pub fn n_data(&self) -> usize {
        self.data.iter().map(|d| d.count as usize).sum()
    }

    /// The entries of [`Self::data`] at a point that is used.
    pub fn entries(&self, point: usize) -> Range<usize> {
        match self.first.get(point..point + 2) {
            Some(ends) => ends[0]..ends[1],
            None => point..point + 1,
        }
    }

    pub(super) fn n_blocks(&self) -> usize {
        self.n_used().div_ceil(LANES)
    }

    pub(super) fn columns(&self) -> Columns {
        let intensity = self.model.one_phonon().n_rows();
        let residual = intensity + self.measurement.n_columns();
        Columns { intensity, effects: residual - self.measurement.effects.len(), residual, n: residual + 1 }
    }

    /// Number of nuisance parameters that are fitted.
    pub fn n_free(&self) -> usize {
        self.measurement.n_free()
    }

    /// An entry of [`Self::data`] joined with its model; `columns` hold the [`Measurement::shapes`] of its point.
    pub(super) fn join(
        &self,
        point: usize,
        entry: usize,
        intensity: f64,
        slopes: &[Slope],
        nuisances: &Nuisances,
        columns: &mut [f64],
    ) -> Link {
        let slope = slopes.get(point).copied().unwrap_or_default();
        self.measurement.join(point, self.places.get(entry), intensity, &slope, nuisances, columns)
    }

    /// The datum that the model predicts at point `point` of the model, for one at `place`.
    pub(crate) fn predict_at(
        &self,
        point: usize,
        place: Option<&Place>,
        intensity: f64,
        slopes: &[Slope],
        nuisances: &Nuisances,
    ) -> f64 {
        let mut columns = vec![0.0; self.measurement.n_columns()];
        let slope = slopes.get(point).copied().unwrap_or_default();
        self.measurement.link(point, place, intensity, &slope, nuisances, &mut columns).model
    }

    /// s·I + background at point `point` of the model, without effects.
    pub(crate) fn predict_one(&self, point: usize, intensity: f64, nuisances: &Nuisances) -> f64 {
        self.predict_at(point, None, intensity, &[], nuisances)
    }

    /// What the model predicts for rows at the points `point` of the model and at `places`, which only effects need; NaN
    /// where there is no point, or where the crystal is not stable.
    pub fn values(
        &self,
        theta: &[f64],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
    ) -> Vec<f64> {
        now(self.values_in(&Pool::here(), theta, nuisances, point, places))
    }

    /// The same, in pieces.
    pub async fn values_in(
        &self,
        pool: &Pool,
        theta: &[f64],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
    ) -> Vec<f64> {
        let (values, slopes) = self.intensities_in(pool, theta).await.unwrap_or_default();
        self.predict(&values.all(), &slopes, nuisances, point, places).await
    }

    /// Intensities at all points of the model, with their slopes where the measurement needs them; `None` where the
    /// crystal is not stable.
    pub async fn intensities_in(&self, pool: &Pool, theta: &[f64]) -> Option<(Parts, Slopes)> {
        let state = self.model.state_for_values_in(pool, theta).await?;
        let parts = self.model.parts_in(pool, &state).await?;
        let slopes = match self.measurement.moves() {
            true => self.model.slopes_in(pool, &state, self.model.n_points()).await?,
            false => vec![],
        };
        Some((parts, slopes))
    }

    /// What is predicted for rows at the points `point` of the model, where the intensities are `values`, and at
    /// `places`; NaN where there is no point or no intensity.
    pub async fn predict(
        &self,
        values: &[f64],
        slopes: &[Slope],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
    ) -> Vec<f64> {
        self.linked(values, slopes, nuisances, point, places, |link| link.model, f64::NAN).await
    }

    /// The same with its derivative to the intensity.
    pub async fn predict_with_factor(
        &self,
        values: &[f64],
        slopes: &[Slope],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
    ) -> Vec<[f64; 2]> {
        let both = |link: Link| [link.model, nuisances.scale * link.factor];
        self.linked(values, slopes, nuisances, point, places, both, [f64::NAN; 2]).await
    }

    #[allow(clippy::too_many_arguments)]
    async fn linked<T: Copy + Send + Sync>(
        &self,
        values: &[f64],
        slopes: &[Slope],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
        of: impl Fn(Link) -> T + Sync,
        none: T,
    ) -> Vec<T> {
        if places.is_empty() && values.len() < point.len() {
            // Rows at one point are one number.
            let of_points = self.linked_in_blocks(values, nuisances, &of, none).await;
            return point
                .iter()
                .map(|point| point.and_then(|p| of_points.get(p).copied()).unwrap_or(none))
                .collect();
        }
        together(point.len(), 0.2, |range| {
            let mut columns = vec![0.0; self.measurement.n_columns()];
            let mut one = |row: usize| {
                let point = point[row]?;
                let slope = slopes.get(point).copied().unwrap_or_default();
                let (place, intensity) = (places.get(row), *values.get(point)?);
                Some(of(self.measurement.link(point, place, intensity, &slope, nuisances, &mut columns)))
            };
            range.map(|row| one(row).unwrap_or(none)).collect()
        })
        .await
    }

    /// The first points of the model, one after the other.
    async fn linked_in_blocks<T: Copy + Send + Sync>(
        &self,
        values: &[f64],
        nuisances: &Nuisances,
        of: &(impl Fn(Link) -> T + Sync),
        none: T,
    ) -> Vec<T> {
        let blocks = together(values.len().div_ceil(LANES), 1.0, |range| {
            let mut columns = vec![[0.0; LANES]; self.measurement.n_columns()];
            let mut intensity = [0.0; LANES];
            let one = |b: usize| {
                let values = &values[b * LANES..];
                let n = values.len().min(LANES);
                intensity[..n].copy_from_slice(&values[..n]);
                let link = self.measurement.link_block(b, &intensity, nuisances, &mut columns);
                let mut out = [none; LANES];
                for (lane, out) in out.iter_mut().enumerate() {
                    *out = of(Link { model: link.model[lane], factor: link.factor[lane] });
                }
                out
            };
            range.map(one).collect()
        });
        let mut all = blocks.await.into_flattened();
        all.truncate(values.len());
        all
    }

    /// Floating-point operations of all data of a point, roughly, without its intensity.
    pub(super) fn cost_of_links(&self) -> f64 {
        let data = self.data.len() as f64 / self.n_used().max(1) as f64;
        data * (50.0 + 20.0 * self.measurement.n_columns() as f64)
    }

    /// Columns of the free nuisances.
    pub(super) fn free_columns(&self) -> Range<usize> {
        let c = self.columns();
        c.intensity + usize::from(!self.measurement.free_scale())..c.residual
    }
}
