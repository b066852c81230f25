//! The intensity models that a job asks for.

use nalgebra::Vector3;

use super::{Prepared, mean_square_note};
use crate::base::parallel::{Pool, now, rest, restfully};
use crate::error::Placed;
use crate::fit::{Likelihood, Method};
use crate::job::{Job, Order};
#[cfg(feature = "sampled")]
use crate::scattering::check_commensurate;
use crate::scattering::{Exact, OnePhonon, Orders, Resolution, Sampled, check_range, default_range};
use crate::thermal::{Correlations, Grid, MeanSquare, Statistics, Thermal, UMesh, default_grid};
use crate::{Error, Result};

/// Snapshots where a job does not say how many.
pub const DEFAULT_SAMPLES: usize = 16;

/// Where a job says what a model of its kind depends on.
pub(super) const SUPERCELL: &str = "model.supercell";
const RANGE: &str = "model.real_space_range";

/// Intensities at a list of points, electron² per primitive cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// Electron² per primitive cell, one entry per point.
    pub intensity: Vec<f64>,
    /// What a person should know although it is no error.
    pub notes: Vec<String>,
    /// The orders apart, where the model can tell.
    pub orders: Option<Orders>,
    /// Standard error of the mean over samples.
    pub standard_error: Option<Vec<f64>>,
}

impl Prepared {
    /// Temperature of data set `n`, K: its own, or that of the job.
    pub(super) fn temperature_of(&self, n: usize) -> f64 {
        let own = self.job.data.get(n).and_then(|d| d.temperature);
        own.unwrap_or(self.job.model.temperature)
    }

    /// No data set has an instrument of its own.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "chosen"))]
    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn at_energy_of(&self, _n: usize) -> Result<std::borrow::Cow<'_, Prepared>> {
        Ok(std::borrow::Cow::Borrowed(self))
    }

    pub(super) fn thermal(&self, temperature_k: f64) -> Thermal {
        let masses = self.crystal.primitive.masses.clone();
        Thermal { statistics: self.job.model.statistics, temperature_k, masses }
    }

    /// The noise-free model at `hkl`: for sampled intensities, what their mean tends to.
    ///
    /// # Errors
    /// A real-space range that the mesh cannot hold, points that a supercell cannot hold, too much
    /// memory.
    pub fn model(&self, hkl: &[[f64; 3]], temperature_k: f64) -> Result<Exact> {
        now(self.model_of(&self.job, hkl, temperature_k, None))
    }

    /// The same with the settings of another job for this crystal, averaged over the spread of Q in a pixel.
    pub(super) async fn model_of(
        &self,
        job: &Job,
        hkl: &[[f64; 3]],
        temperature_k: f64,
        resolution: Option<&Resolution>,
    ) -> Result<Exact> {
        let first = self.first_model_of(job, hkl, temperature_k, resolution).await?;
        self.with_all_orders(job, first, resolution).await
    }

    /// What [`Self::with_all_orders`] makes the whole model of: one phonon, but in a supercell.
    pub(super) async fn first_model_of(
        &self,
        job: &Job,
        hkl: &[[f64; 3]],
        temperature_k: f64,
        #[cfg_attr(not(feature = "chosen"), allow(unused_variables))] resolution: Option<&Resolution>,
    ) -> Result<Exact> {
        super::cost::check(self, job, hkl.len())?;
        let spec = &job.model;
        let (crystal, family) = (&self.crystal, &self.family);
        let thermal = self.thermal(temperature_k);
        let q: Vec<Vector3<f64>> = hkl.iter().map(|p| crystal.q_cart(p)).collect();
        #[cfg(not(feature = "sampled"))]
        if spec.supercell.is_some() {
            return Err(Error::NeedsWhole);
        }
        #[cfg(feature = "sampled")]
        if let Some(supercell) = spec.supercell {
            check_commensurate(crystal, supercell, hkl).in_job(SUPERCELL)?;
            return Exact::periodic(crystal, family, thermal, supercell, q).in_job(SUPERCELL);
        }
        rest().await;
        #[cfg(feature = "chosen")]
        if spec.order.is_elastic() {
            let u = spec.u_a2.unwrap_or(0.0);
            let one = OnePhonon::acoustic_in_pieces(crystal, family, thermal, q, u).await;
            let Some(resolution) = resolution else { return Ok(one.into()) };
            return Ok(one.spread_out(crystal, family, resolution, Some(&self.theta)).await.into());
        }
        let mean_square = self.mean_square_of(job, temperature_k);
        rest().await;
        #[cfg_attr(not(feature = "chosen"), allow(unused_mut))]
        let mut one = OnePhonon::in_pieces(crystal, family, thermal, mean_square, q).await;
        #[cfg(feature = "chosen")]
        if let Some(resolution) = resolution {
            one = one.spread_out(crystal, family, resolution, Some(&self.theta)).await;
        }
        Ok(one.into())
    }

    /// The model with the orders that the job wants.
    pub(super) async fn with_all_orders(
        &self,
        job: &Job,
        model: Exact,
        resolution: Option<&Resolution>,
    ) -> Result<Exact> {
        let wanted = matches!(job.model.order, Order::AllOrder | Order::Sampled);
        if !wanted || model.has_higher_orders() {
            return Ok(model);
        }
        let (range, mesh) = self.range_and_mesh(job);
        model.with_all_orders(&self.crystal, &self.family, range, mesh, resolution).await.in_job(RANGE)
    }

    /// How far in real space the higher orders are summed (Å), and on which mesh.
    fn range_and_mesh(&self, job: &Job) -> (f64, [usize; 3]) {
        let range = job.model.real_space_range.unwrap_or_else(|| default_range(&self.crystal));
        let mesh = job.model.real_space_mesh.unwrap_or_else(|| default_grid(&self.crystal, range));
        (range, mesh)
    }

    /// Whether there is memory for the derivatives that a fit of all orders needs; intensities alone take
    /// far less.
    ///
    /// # Errors
    /// More than there is.
    pub(super) fn check_derivatives(&self) -> Result<()> {
        let model = &self.job.model;
        let (grid, field) = match (model.supercell, model.order) {
            #[cfg(not(feature = "sampled"))]
            (Some(_), _) => return Err(Error::NeedsWhole),
            #[cfg(feature = "sampled")]
            (Some(n), _) => (Grid::Periodic(n), SUPERCELL),
            (None, Order::OnePhonon) => return Ok(()),
            #[cfg(feature = "chosen")]
            (None, Order::Elastic) => return Ok(()),
            (None, _) => {
                let (range, n) = self.range_and_mesh(&self.job);
                (Grid::HalfShifted { n, range }, RANGE)
            }
        };
        Correlations::check_memory(&self.crystal, self.family.n_parameters, grid).in_job(field)
    }

    /// U of the infinite crystal as the job wants it, on a mesh that is right for the start.
    pub(super) fn mean_square_of(&self, job: &Job, temperature_k: f64) -> MeanSquare {
        let (crystal, family, thermal) = (&self.crystal, &self.family, self.thermal(temperature_k));
        match &job.model.u_mesh {
            UMesh::Named(_) => MeanSquare::converged(crystal, family, thermal, &self.theta),
            plain => MeanSquare::new(crystal, family, thermal, plain, job.model.u_mesh_axes),
        }
    }

    /// The sampled model at `hkl`.
    ///
    /// # Errors
    /// No supercell in the job, points that it cannot hold, too much memory.
    pub fn sampled_model(&self, hkl: &[[f64; 3]], temperature_k: f64) -> Result<Sampled> {
        let spec = &self.job.model;
        let supercell = spec.supercell.ok_or_else(|| {
            Error::job(SUPERCELL, "missing", "three numbers of input cells, e.g. [8, 8, 8]")
        })?;
        let thermal = self.thermal(temperature_k);
        Sampled::new(&self.crystal, &self.family, thermal, supercell, spec.sampler, hkl).in_job(SUPERCELL)
    }

    /// Intensities at `hkl`.
    ///
    /// # Errors
    /// A point on a reciprocal-lattice point (`place` names it by index), unstable constants.
    pub fn simulate(&self, hkl: &[[f64; 3]], place: &dyn Fn(usize) -> Error) -> Result<Simulation> {
        now(self.simulate_in(&Pool::here(), hkl, place))
    }

    /// The same, in pieces.
    ///
    /// # Errors
    /// As [`Prepared::simulate`].
    pub async fn simulate_in(
        &self,
        pool: &Pool,
        hkl: &[[f64; 3]],
        place: &dyn Fn(usize) -> Error,
    ) -> Result<Simulation> {
        let lattice = self.bragg_lattice()?;
        let is_bragg = restfully(hkl.len(), 1.0, |n| lattice.is_bragg(hkl[n])).await;
        if let Some(n) = is_bragg.iter().position(|is| *is) {
            return Err(place(n));
        }
        if hkl.is_empty() {
            return Ok(Simulation { intensity: vec![], notes: vec![], orders: None, standard_error: None });
        }
        let temperature = self.job.model.temperature;
        let unstable = |what: &str| Error::Unstable { what: what.into() };
        let on_mesh = "a vibration on the mesh of wave vectors has a negative stiffness";
        if self.job.model.order == Order::Sampled {
            let model = self.sampled_model(hkl, temperature)?;
            let samples = self.job.model.samples.unwrap_or(DEFAULT_SAMPLES);
            let (mean, error) =
                model.mean(&self.theta, self.job.model.seed, samples).ok_or_else(|| unstable(on_mesh))?;
            return Ok(Simulation {
                intensity: mean,
                notes: vec![],
                orders: None,
                standard_error: Some(error),
            });
        }
        let model = self.model_of(&self.job, hkl, temperature, None).await?;
        let state = model.state_for_values_in(pool, &self.theta).await.ok_or_else(|| unstable(on_mesh))?;
        let orders = model
            .orders_in(pool, &state)
            .await
            .ok_or_else(|| unstable("a vibration at one of the points has a negative stiffness"))?;
        rest().await;
        let intensity: Vec<f64> =
            (0..hkl.len()).map(|i| orders.one[i] + orders.two[i] + orders.higher[i]).collect();
        // The sum over pairs balances exp(x) against exp(−2W): beyond this, one of them is lost.
        let exponent = |i: usize| {
            let q = self.crystal.q_cart(&hkl[i]);
            (0..state.mean_square.tensors.len())
                .map(|s| 2.0 * state.mean_square.debye_waller(s, &q))
                .fold(0.0, f64::max)
        };
        let largest = restfully(hkl.len(), 0.3, exponent).await.into_iter().fold(0.0, f64::max);
        if model.has_higher_orders() && (largest > 600.0 || intensity.iter().any(|i| !i.is_finite())) {
            return Err(Error::job(
                "model.temperature",
                format!("displacements so large that exp(−2W) is exp(−{largest:.0}) at one of the points"),
                "2W up to 600: a lower temperature, smaller |Q| or stiffer constants",
            ));
        }
        let notes =
            mean_square_note(self, model.one_phonon().mean_square(), &self.theta, true).into_iter().collect();
        Ok(Simulation { intensity, notes, orders: Some(orders), standard_error: None })
    }
}

/// Whether the settings of a job's model and fit can be used together.
pub(super) fn check_model(job: &Job) -> Result<()> {
    let model = &job.model;
    check_temperature("model.temperature", model.temperature, model.statistics)?;
    let points = |n: &[usize; 3]| n.iter().try_fold(1usize, |p, &k| p.checked_mul(k)).unwrap_or(usize::MAX);
    if let UMesh::Plain(n) = model.u_mesh
        && (n.contains(&0) || points(&n) > 1 << 22)
    {
        return Err(Error::job(
            "model.u_mesh",
            format!("{n:?}"),
            "\"converged\" or three numbers from 1 to about 160",
        ));
    }
    if let Some(range) = model.real_space_range {
        check_range(range).in_job(RANGE)?;
    }
    if let Some(n) = model.real_space_mesh
        && (n.contains(&0) || points(&n) > 1 << 22)
    {
        return Err(Error::job(
            "model.real_space_mesh",
            format!("{n:?}"),
            "three numbers from 1 to about 160",
        ));
    }
    if let Some(n) = model.supercell {
        if n.contains(&0) || n.iter().any(|n| *n > 1024) || points(&n) > 1 << 20 {
            return Err(Error::job(
                "model.supercell",
                format!("{n:?}"),
                "three numbers of input cells from 1 to 1024, a million cells together at most",
            ));
        }
        if model.order == Order::OnePhonon {
            return Err(Error::job(
                "model.supercell",
                "a supercell for one-phonon scattering",
                "none, or the order \"all-order\" or \"sampled\"",
            ));
        }
    }
    if let Some(n) = model.samples
        && !(1..=1 << 24).contains(&n)
    {
        return Err(Error::job("model.samples", format!("{n}"), "1 to 16777216"));
    }
    let fit = &job.fit;
    if fit.max_iterations == 0 || fit.max_iterations > 100_000 {
        return Err(Error::job("fit.max_iterations", format!("{}", fit.max_iterations), "1 to 100000"));
    }
    if fit.batch == Some(0) {
        return Err(Error::job("fit.batch", "0", "at least one point, or none for all of them"));
    }
    if !(fit.learning_rate.is_finite() && fit.learning_rate > 0.0 && fit.learning_rate <= 1.0) {
        return Err(Error::job(
            "fit.learning_rate",
            format!("{}", fit.learning_rate),
            "a fraction of the largest constant, above 0 and up to 1",
        ));
    }
    Ok(())
}

/// What only a fit asks of the settings.
pub(super) fn check_fit(job: &Job) -> Result<()> {
    if job.fit.method == Method::Adam && cfg!(not(feature = "sampled")) {
        return Err(Error::NeedsWhole);
    }
    if job.fit.method == Method::Adam && job.fit.likelihood != Likelihood::Gaussian {
        return Err(Error::job(
            "fit.likelihood",
            format!(
                "{} with adam, which leaves scale and backgrounds to a linear fit",
                job.fit.likelihood.word()
            ),
            "gaussian, or the method lm or lbfgs",
        ));
    }
    if job.model.order != Order::Sampled {
        return Ok(());
    }
    if job.fit.method == Method::Lm {
        return Err(Error::job(
            "fit.method",
            "lm with sampled intensities, whose noise it cannot follow",
            "adam or lbfgs, or the order \"all-order\"",
        ));
    }
    if job.fit.likelihood != Likelihood::Gaussian {
        return Err(Error::job(
            "fit.likelihood",
            format!("{} with sampled intensities", job.fit.likelihood.word()),
            "gaussian, or the order \"all-order\"",
        ));
    }
    Ok(())
}

pub(super) fn check_temperature(field: &str, t: f64, statistics: Statistics) -> Result<()> {
    if !(t.is_finite() && (0.0..=1e5).contains(&t)) {
        return Err(Error::job(field, format!("{t} K"), "a temperature from 0 to 100000 K"));
    }
    if t == 0.0 && statistics == Statistics::Classical {
        return Err(Error::job(
            field,
            "0 K with classical statistics",
            "a positive temperature, or quantum statistics",
        ));
    }
    if t > 0.0 && t < 0.01 {
        return Err(Error::job(field, format!("{t} K"), "0, or at least 0.01 K"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reference_names_the_number_of_snapshots() {
        let schema = crate::schema::job().to_value();
        let text = schema["$defs"]["ModelSpec"]["properties"]["samples"]["description"].as_str().unwrap();
        assert!(text.ends_with(&format!("without it, {}.", super::DEFAULT_SAMPLES)), "{text}");
    }
}
