//! Constants that a hand moves: what is seen at once, and what each datum says of them.

use nalgebra::DMatrix;

use super::ahead::Computed;
use super::models::check_temperature;
use super::report::{Hand, TouchReport};
use super::result::{elastic, elastic_slopes};
use super::{Files, Run};
use crate::base::order::order_by;
use crate::base::parallel::{Pool, now};
use crate::dynamics::BandStructure;
use crate::fit::{DataTerm, Nuisances, Slopes, Spectrum, UNDETERMINED};
use crate::scattering::Exact;
use crate::{Error, Result};

/// The model at constants that are not in force.
pub struct Touched {
    /// What is seen of it in numbers.
    pub report: TouchReport,
    /// What it predicts at every row of each data set; none where the crystal is not stable.
    pub models: Option<Vec<Vec<f64>>>,
}

/// The models of all data sets at another temperature and size of the crystal, one phonon alone.
#[derive(Clone)]
pub(super) struct Elsewhere {
    temperature: Option<f64>,
    stretch: Option<f64>,
    models: Vec<Exact>,
}

/// What of the data is asked for when a constant, or a combination of constants, is pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// By how many σ of the datum its model changes for each eV/Å², all else as it is: of a combination, along its weights.
    Slope,
    /// The part of the datum in what is known of it, with its sign; all squares add up to one where nothing but the data
    /// tells.
    Knowledge,
}

impl<F: Files> Run<F> {
    /// What a fit moves, of which `values` are all irreducible constants, eV/Å² (GPa in the elastic limit), or all parameters of
    /// a potential; what conditions tie follows, what they hold stays.
    fn fitted(&self, values: &[f64]) -> Result<Vec<f64>> {
        #[cfg(feature = "potentials")]
        if let Some(refined) = &self.prepared.refined {
            return refined.fitted(values);
        }
        let n = self.prepared.labels().len();
        if values.len() != n || values.iter().any(|v| !v.is_finite()) {
            return Err(Error::value(
                format!("{} numbers", values.len()),
                format!("{n} finite numbers, one for each constant"),
            ));
        }
        let now = &self.session.current().theta;
        Ok(match &self.prepared.imposed {
            None => values.to_vec(),
            Some(imposed) => {
                imposed.columns.iter().zip(now).map(|(column, t)| column.map_or(*t, |p| values[p])).collect()
            }
        })
    }

    /// The constants of what a fit moves.
    fn constants_of(&self, fitted: Vec<f64>) -> Result<Vec<f64>> {
        #[cfg(feature = "potentials")]
        if let Some(refined) = &self.prepared.refined {
            return refined.constants(&fitted);
        }
        Ok(fitted)
    }

    /// How something moves with what is fitted: number `p` of what a hand holds, then the elastic constants, then the sums of
    /// [`Self::mixtures`].
    fn row_of(&self, p: usize) -> Option<Vec<f64>> {
        let Some(beyond) = p.checked_sub(self.n_held()) else {
            #[cfg(feature = "potentials")]
            if let Some(refined) = &self.prepared.refined {
                return Some(refined.direction(p));
            }
            return Some(self.prepared.row(p));
        };
        let at = self.session.current();
        let mut elastic = elastic_slopes(&self.prepared, &at.theta, true);
        if beyond < elastic.len() {
            let slopes = elastic.swap_remove(beyond).2;
            return Some(at.tangent().map_or(slopes.clone(), |tangent| tangent.pulled(&slopes)));
        }
        let mixtures = self.mixtures();
        let row = mixtures.chunks(1 + self.n_held()).nth(beyond - elastic.len())?;
        Some((0..at.theta.len()).map(|q| self.constant(q).map_or(0.0, |p| row[1 + p])).collect())
    }

    /// Which constant number `q` of what is fitted is; none where it carries fixed values.
    fn constant(&self, q: usize) -> Option<usize> {
        match &self.prepared.imposed {
            // Nothing is imposed where only the package with everything knows how.
            Some(imposed) if cfg!(feature = "chosen") => imposed.columns[q],
            _ => Some(q),
        }
    }

    /// Sums of constants whose errors are independent of each other, scale and backgrounds at their best: the principal axes
    /// of what the data say, what they know best first. Of each its σ (eV/Å²) as the variance of the data makes it, infinite
    /// where they leave it open; then the weight of every constant, zero where it is held or follows from others: their
    /// squares add up to one. None of a potential, whose parameters have no common unit.
    pub fn mixtures(&self) -> Vec<f64> {
        let (problem, at) = (&self.session.problem, self.session.current());
        if problem.has_chart() {
            return vec![];
        }
        let n = problem.n_theta();
        let moving: Vec<usize> = (0..n).filter(|q| self.constant(*q).is_some()).collect();
        // What is left of the information where scale and backgrounds follow.
        let others = problem.n_free() - n;
        let own = at.fisher.view((n, n), (others, others)).into_owned();
        let across = DMatrix::from_fn(moving.len(), others, |i, j| at.fisher[(moving[i], n + j)]);
        let taken = &across * Spectrum::new(&own, 0, 1.0, 1.0).inverse() * &across.transpose();
        let left = |i: usize, j: usize| at.fisher[(moving[i], moving[j])] - taken[(i, j)];
        let eigen = DMatrix::from_fn(moving.len(), moving.len(), left).symmetric_eigen();
        let most = UNDETERMINED * problem.largest(&at.theta);
        let order = order_by(moving.len(), &mut |a, b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        let mut out = vec![];
        for k in order {
            let sigma = (problem.variance(at) / eigen.eigenvalues[k].max(0.0)).sqrt();
            out.push(if sigma <= most { sigma } else { f64::INFINITY });
            let first = out.len();
            out.resize(first + self.n_held(), 0.0);
            for (i, &q) in moving.iter().enumerate() {
                self.constant(q).into_iter().for_each(|p| out[first + p] = eigen.eigenvectors[(i, k)]);
            }
        }
        out
    }

    /// σ of what a hand holds.
    fn sigma_held(&self) -> Vec<Option<f64>> {
        let uncertainty = self.uncertainty();
        #[cfg(feature = "potentials")]
        if let Some(report) = self.prepared.potential_report(&self.session, &uncertainty) {
            return report.parameters.iter().map(|p| p.sigma).collect();
        }
        self.prepared.found(&self.session, &uncertainty).sigma
    }

    /// How many numbers a hand holds.
    fn n_held(&self) -> usize {
        #[cfg(feature = "potentials")]
        if let Some(refined) = &self.prepared.refined {
            return refined.potential.parameters.len();
        }
        self.prepared.labels().len()
    }

    /// The model of what a hand holds, while the fit stays where it is. Orders beyond one phonon are those of where it
    /// stands unless the hand wants them to follow: they change little and may take long; so is what an instrument adds that
    /// depends on |Q|. Scale and backgrounds that are not held follow the data where the likelihood is Gaussian.
    ///
    /// # Errors
    /// Values that are not one finite number for each constant, or parameter of a potential, a temperature that there is not, a crystal of other size where
    /// dipoles or a continuum feel that.
    pub fn touch(&self, hand: &Hand) -> Result<Touched> {
        self.touch_of(hand, &[self.touch_share(hand, 0, 1)?])
    }

    /// Intensities of share `i` of `n` of the points of each data set, one after the other, for the model of what a hand holds:
    /// so several engines with one job share the work. Of one phonon, and of each data set those beyond it behind them where
    /// they follow. Fewer where the crystal is not stable.
    ///
    /// # Errors
    /// As [`Self::touch`].
    pub fn touch_share(&self, hand: &Hand, i: usize, n: usize) -> Result<Vec<f64>> {
        let theta = self.constants_of(self.fitted(&hand.values)?)?;
        self.look_elsewhere(hand)?;
        let mut share = vec![];
        let elsewhere = self.elsewhere.borrow();
        for (t, term) in self.session.problem.terms.iter().enumerate() {
            let model = elsewhere.as_ref().map_or(&term.model, |at| &at.models[t]);
            let beyond = self.follows(t, hand);
            match now(model.parts_of_share(&Pool::here(), &theta, (i, n.max(1)), beyond)) {
                Some(parts) => share.extend(parts.one.into_iter().chain(parts.higher)),
                None => break,
            }
        }
        Ok(share)
    }

    /// [`Self::touch`] with the intensities of all `shares`.
    ///
    /// # Errors
    /// The same.
    pub fn touch_of(&self, hand: &Hand, shares: &[Vec<f64>]) -> Result<Touched> {
        let theta = self.constants_of(self.fitted(&hand.values)?)?;
        let values = self.prepared.all_constants(&theta);
        let elastic = elastic(&self.prepared, &theta, None);
        let elastic = elastic.into_iter().map(|(name, value, _)| (name, value)).collect();
        let terms = &self.session.problem.terms;
        let cost = |t: usize| match () {
            () if self.follows(t, hand) || !terms[t].model.has_higher_orders() => 0.0,
            () if !self.may_follow(t, hand) => f64::INFINITY,
            () => terms[t].model.cost_beyond(),
        };
        let beyond = (0..terms.len()).map(cost).fold(0.0, |sum, cost| sum + cost);
        let mut report = TouchReport { values, chi2_reduced: None, elastic, nuisances: vec![], beyond };
        let models = now(self.touched(shares, hand, &mut report));
        Ok(Touched { report, models })
    }

    /// Whether the model of data set `t` has orders beyond one phonon that could be those of what a hand holds.
    fn may_follow(&self, t: usize, hand: &Hand) -> bool {
        let term = &self.session.problem.terms[t];
        let elsewhere = hand.temperature.is_some() || hand.stretch.is_some();
        !elsewhere && term.sampled.is_none() && term.model.has_higher_orders()
    }

    fn follows(&self, t: usize, hand: &Hand) -> bool {
        hand.all_orders && self.may_follow(t, hand)
    }

    /// Has the models at the temperature and the size that a hand holds at hand.
    fn look_elsewhere(&self, hand: &Hand) -> Result<()> {
        let mut elsewhere = self.elsewhere.borrow_mut();
        if hand.temperature.is_none() && hand.stretch.is_none() {
            *elsewhere = None;
            return Ok(());
        }
        if elsewhere
            .as_ref()
            .is_some_and(|at| (at.temperature, at.stretch) == (hand.temperature, hand.stretch))
        {
            return Ok(());
        }
        let model = &self.prepared.job.model;
        if let Some(t) = hand.temperature {
            check_temperature("temperature", t, model.statistics)?;
        }
        let stretch = hand.stretch.unwrap_or(1.0);
        let feels = self.prepared.family.long_range().is_some() || model.order.is_elastic();
        if !(0.5..=2.0).contains(&stretch) || (hand.stretch.is_some() && feels) {
            let what =
                if feels { "another size of a crystal that feels it".into() } else { format!("{stretch}") };
            return Err(
                Error::value(what, "a factor from 0.5 to 2, of a crystal of springs alone").of("stretch")
            );
        }
        let terms = &self.session.problem.terms;
        let models = terms.iter().enumerate().map(|(n, term)| {
            let own = self.prepared.job.data.get(n).and_then(|d| d.temperature);
            let t = own.or(hand.temperature).unwrap_or(term.model.one_phonon().thermal().temperature_k);
            let prepared = self.prepared.at_energy_of(n)?;
            Ok(term.model.one_phonon_elsewhere(&prepared.crystal, t, stretch))
        });
        let models = models.collect::<Result<_>>()?;
        *elsewhere = Some(Elsewhere { temperature: hand.temperature, stretch: hand.stretch, models });
        Ok(())
    }

    async fn touched(
        &self,
        shares: &[Vec<f64>],
        hand: &Hand,
        report: &mut TouchReport,
    ) -> Option<Vec<Vec<f64>>> {
        let problem = &self.session.problem;
        let pool = Pool::here();
        let at = self.session.current();
        let mut intensities = Vec::with_capacity(problem.terms.len());
        let beyond = self.beyond.get_or_init(|| {
            let apart = self.apart(Pool::here());
            (0..problem.terms.len()).map(|n| now(apart.model(&self.session, n)).1).collect()
        });
        let mut shares: Vec<&[f64]> = shares.iter().map(Vec::as_slice).collect();
        let n = shares.len();
        for (t, (term, known)) in problem.terms.iter().zip(beyond).enumerate() {
            let (follows, mut followed) = (self.follows(t, hand), vec![]);
            let mut values = Vec::with_capacity(term.model.n_points());
            for (i, share) in shares.iter_mut().enumerate() {
                let mut take = |length: usize| {
                    let (part, rest) = share.split_at_checked(length)?;
                    *share = rest;
                    Some(part)
                };
                values.extend(take(term.model.share((i, n)).len())?);
                if follows {
                    followed.extend(take(term.model.share_beyond((i, n)))?);
                }
            }
            let beyond = if follows { &term.model.beyond_of_shares(&followed) } else { known };
            values.iter_mut().zip(beyond).for_each(|(value, more)| *value += more);
            intensities.push(values);
        }
        let units = self.units();
        let held = hand.held.iter().zip(&units).map(|(held, units)| {
            held.iter().zip(units).map(|(value, unit)| value.map(|value| value / unit)).collect()
        });
        let held: Vec<Vec<Option<f64>>> = held.collect();
        let nuisances = problem.holding(at, &held);
        let misfit = problem.misfit_of(&pool, at, &intensities, &nuisances, &held).await;
        report.chi2_reduced = misfit.as_ref().map(|(chi2, _)| chi2 / problem.degrees() as f64);
        // Without a misfit, as of a negative scale, the model is that of what is held.
        let nuisances = misfit.map_or(nuisances, |(_, best)| best);
        let found = nuisances.iter().cloned().zip(&units);
        let found =
            found.map(|(mut n, units)| n.all_mut().zip(units).map(|(value, unit)| *value * unit).collect());
        report.nuisances = found.collect();
        let mut models = Vec::with_capacity(intensities.len());
        for (t, (term, values)) in problem.terms.iter().zip(&intensities).enumerate() {
            models.push(self.predicted(t, term, values, &nuisances[t]).await);
        }
        Some(models)
    }

    /// What one is in the units of the progress, of the scale, the backgrounds and the effects of each data set.
    fn units(&self) -> Vec<Vec<f64>> {
        let nuisances = &self.session.current().nuisances;
        let of = |(term, nuisances): (&DataTerm, &Nuisances)| {
            let named = term.measurement.named(nuisances).into_iter().map(|(_, _, _, unit)| unit);
            std::iter::once(1.0).chain(named).collect()
        };
        self.session.problem.terms.iter().zip(nuisances).map(of).collect()
    }

    async fn predicted(&self, t: usize, term: &DataTerm, values: &[f64], nuisances: &Nuisances) -> Vec<f64> {
        // Where hkl is calibrated the rows that only are shown keep to where they are.
        let slopes: &Slopes = &self.session.problem.slopes(self.session.current(), t).to_vec();
        term.predict(values, slopes, nuisances, &self.rows[t].point, &self.rows[t].places).await
    }

    /// Dispersion at constants that are not in force; empty in the elastic limit.
    ///
    /// # Errors
    /// Values that are not one finite number for each constant.
    pub fn touched_bands(&self, values: &[f64]) -> Result<BandStructure> {
        Ok(self.bands_at(&self.constants_of(self.fitted(values)?)?, None))
    }

    /// Puts constants in force, as if the fit had begun there.
    ///
    /// # Errors
    /// As [`Run::placing`].
    pub fn place(&mut self, values: &[f64]) -> Result<()> {
        let computed = now(self.placing(Pool::here(), values))?;
        self.take(computed, 0.0);
        Ok(())
    }

    /// The same in pieces while the run stays as it is.
    ///
    /// # Errors
    /// Values that are not one finite number for each constant; a crystal that is not stable.
    pub fn placing(
        &self,
        pool: Pool,
        values: &[f64],
    ) -> impl Future<Output = Result<Computed>> + 'static + use<F> {
        let theta = self.fitted(values);
        let apart = self.apart(pool);
        let session = self.session.clone();
        async move {
            let session = session.placed(apart.pool(), &theta?).await?;
            Ok(apart.look(session, None, false).await)
        }
    }

    /// What the rows of data set `n` say of number `p` of what a hand holds, or beyond these of an elastic constant (GPa in the
    /// place of eV/Å²) or of one of the [mixtures](Self::mixtures), row by row; NaN where a row takes no part.
    ///
    /// # Errors
    /// No such data set or number.
    pub fn shares(&self, n: usize, p: usize, share: Share) -> Result<Vec<f64>> {
        let Some(row) = self.row_of(p).filter(|_| n < self.data.len()) else {
            return Err(Error::value(
                format!("data set {n}, constant {p}"),
                "numbers of one data set and one constant",
            ));
        };
        let (problem, at) = (&self.session.problem, self.session.current());
        let n_free = problem.n_free();
        let mut direction = DMatrix::zeros(n_free, 1);
        let length: f64 = row.iter().map(|r| r * r).sum();
        for (k, r) in row.iter().enumerate() {
            direction[(k, 0)] = if length > 0.0 { r / length } else { 0.0 };
        }
        if share == Share::Knowledge {
            // What the weights of the data stand for, which adds up over them.
            let covariance = problem.spectrum(at).inverse() * problem.variance(at);
            let known = covariance * DMatrix::from_fn(n_free, 1, |k, _| row.get(k).copied().unwrap_or(0.0));
            let variance: f64 = row.iter().enumerate().map(|(k, r)| r * known[(k, 0)]).sum();
            direction = if variance > 0.0 { known / variance.sqrt() } else { known * 0.0 };
        }
        let rows: Vec<usize> = (0..self.data[n].hkl.len()).collect();
        Ok(self.along(n, &rows, &direction).unwrap_or_else(|| vec![f64::NAN; rows.len()]))
    }

    /// By how many of its σ the model of row `row` of data set `n` changes when each constant, or parameter of a potential, moves by its σ; NaN where
    /// that is not known.
    ///
    /// # Errors
    /// No such row.
    pub fn row_says(&self, n: usize, row: usize) -> Result<Vec<f64>> {
        if self.data.get(n).is_none_or(|set| row >= set.hkl.len()) {
            return Err(Error::value(format!("data set {n}, row {row}"), "a row of a data set"));
        }
        let problem = &self.session.problem;
        let sigma = self.sigma_held();
        let rows: Vec<Vec<f64>> = (0..sigma.len()).filter_map(|p| self.row_of(p)).collect();
        let directions = DMatrix::from_fn(problem.n_free(), sigma.len(), |k, p| {
            rows[p].get(k).map_or(0.0, |r| r * sigma[p].unwrap_or(f64::NAN))
        });
        Ok(self.along(n, &[row], &directions).unwrap_or_else(|| vec![f64::NAN; sigma.len()]))
    }

    /// Changes of the model at rows along directions, in σ of each row: its own, that of its count, or that of all data. What
    /// a robust fit takes off the weight of a row is not in it.
    fn along(&self, n: usize, rows: &[usize], directions: &DMatrix<f64>) -> Option<Vec<f64>> {
        let own = &self.rows[n];
        let point: Vec<_> = rows.iter().map(|&row| own.point[row].filter(|_| own.used[row])).collect();
        let places: Vec<_> = rows.iter().filter_map(|&row| own.places.get(row).cloned()).collect();
        let (problem, at) = (&self.session.problem, self.session.current());
        let mut all = now(problem.along(&Pool::here(), at, n, (&point, &places), directions))?;
        let (counted, unit) = (problem.has_sigma(), problem.variance(at));
        // Only the variance of a count asks for the model.
        let model = if own.sigma.is_none() && counted { self.model(n) } else { vec![] };
        for (&row, values) in rows.iter().zip(all.chunks_mut(directions.ncols().max(1))) {
            let mean = model.get(row).copied().unwrap_or_default();
            let sigma = own.variance(&self.data[n], row, mean, counted, unit).sqrt();
            values.iter_mut().for_each(|x| *x /= sigma);
        }
        Some(all)
    }
}
