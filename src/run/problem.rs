//! Data and models joined into a fit.

use std::borrow::Cow;

use super::Prepared;
use super::models::{DEFAULT_SAMPLES, SUPERCELL, check_temperature};
use super::weights::{self, Weights};
#[cfg(feature = "chosen")]
use crate::base::order::order_of_many;
use crate::base::parallel::{now, rest, restfully, resting};
use crate::crystal::Equivalence;
use crate::data::agreement::{Agreement, agreement};
use crate::data::mask::{MaskCount, Masked, check_shapes};
use crate::data::shape::{Seen, Space};
use crate::data::{Dataset, Members};
use crate::error::Placed;
#[cfg(not(feature = "chosen"))]
use crate::fit::{Background, Measurement};
use crate::fit::{DataTerm, Datum, Likelihood, Place, Problem, SampledTerm, Scale};
use crate::job::{DataSpec, Order};
use crate::scattering::Resolution;
#[cfg(feature = "chosen")]
use crate::scattering::from_nearest_peak;
use crate::{Error, Result};

/// Where the rows of a data set stand in its model.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Point of the model; none on a reciprocal-lattice point.
    pub point: Vec<Option<usize>>,
    /// Whether the row takes part in the fit.
    pub used: Vec<bool>,
    /// hkl of each point of the model.
    pub hkl: Vec<[f64; 3]>,
    /// Where each row is, where effects of the measurement need it.
    pub places: Vec<Place>,
    /// Where σ comes from.
    pub weights: Weights,
    /// σ of each row where it does not depend on the model.
    pub sigma: Option<Vec<f64>>,
    /// What left rows out of the fit, and how many.
    pub masked: Vec<MaskCount>,
    /// How well equivalent rows agree.
    pub agreement: Agreement,
}

impl Rows {
    /// Variance of a row: of σ; of a count with the mean `model` where the weights are of counts (`counted`: there are weights);
    /// else `unit`, that of all data.
    pub(super) fn variance(&self, set: &Dataset, row: usize, model: f64, counted: bool, unit: f64) -> f64 {
        match &self.sigma {
            Some(sigma) => sigma[row] * sigma[row],
            None if counted => {
                let exposure = set.exposure_of(row);
                model.max(1.0 / exposure) / exposure
            }
            None => unit,
        }
    }
}

/// Data joined with one phonon of their model.
pub(super) struct LaidOut {
    pub problem: Problem,
    pub rows: Vec<Rows>,
    /// What each data set is averaged over.
    pub resolutions: Vec<Option<Resolution>>,
}

/// The rows of a data set before they are joined with a model.
pub(super) struct Points {
    pub used: Vec<bool>,
    /// Not on a reciprocal-lattice point.
    pub possible: Vec<bool>,
    /// Number of the group of equivalent rows of each row, and the first row of each group.
    pub group: Vec<usize>,
    first: Vec<usize>,
    pub resolution: Option<Resolution>,
    equivalence: Equivalence,
    pub weights: Weights,
    pub sigma: Option<Vec<f64>>,
    masked: Vec<MaskCount>,
    agreement: Agreement,
}

/// Intensities without what was measured without the crystal, so that those of equivalent rows are comparable.
pub(super) fn net(set: &Dataset) -> Cow<'_, [f64]> {
    let shown = (0..set.intensity.len()).any(|i| set.empty_at(i) != 0.0);
    if shown {
        set.intensity.iter().enumerate().map(|(i, y)| y - set.empty_at(i)).collect()
    } else {
        Cow::Borrowed(&set.intensity)
    }
}

impl Prepared {
    /// Joins data and model, equivalent points pooled.
    pub fn problem(&self, data: &[Dataset]) -> Result<(Problem, Vec<Rows>)> {
        now(self.problem_in_pieces(data))
    }

    pub(super) async fn problem_in_pieces(&self, data: &[Dataset]) -> Result<(Problem, Vec<Rows>)> {
        let LaidOut { mut problem, rows, resolutions } = self.laid_out(data).await?;
        self.add_all_orders(&mut problem, &resolutions).await?;
        Ok((problem, rows))
    }

    /// Adds what a problem lacks that was just laid out.
    pub(super) async fn add_all_orders(
        &self,
        problem: &mut Problem,
        resolutions: &[Option<Resolution>],
    ) -> Result<()> {
        let mut terms = Vec::with_capacity(problem.terms.len());
        for (n, term) in std::mem::take(&mut problem.terms).into_iter().enumerate() {
            let own = self.at_energy_of(n)?;
            let model = own.with_all_orders(&self.job, term.model, resolutions[n].as_ref()).await?;
            terms.push(DataTerm { model, ..term });
        }
        problem.terms = terms;
        Ok(())
    }

    /// Joins data and one phonon of the model.
    pub(super) async fn laid_out(&self, data: &[Dataset]) -> Result<LaidOut> {
        let mut points = Vec::with_capacity(data.len());
        for (n, set) in data.iter().enumerate() {
            points.push(self.at_energy_of(n)?.points(n, set).await?);
        }
        let likelihood = weights::choose(&self.job, data, &mut points).await?;
        let (mut terms, mut rows, mut resolutions) = (vec![], vec![], vec![]);
        #[cfg_attr(not(feature = "chosen"), allow(unused_mut))]
        for (n, (set, mut points)) in data.iter().zip(points).enumerate() {
            #[cfg(feature = "chosen")]
            let calibrated = self.calibrated(n, set);
            #[cfg(not(feature = "chosen"))]
            let calibrated = None::<Dataset>;
            if let Some(moved) = &calibrated {
                // Points that were equivalent need not be so where they are now.
                (points.group, points.first) = points.equivalence.groups(&moved.hkl).await;
            }
            let moved = calibrated.as_ref().unwrap_or(set);
            let own = self.at_energy_of(n)?;
            let (term, row, resolution) = own.term(n, moved, &set.hkl, points, likelihood).await?;
            terms.push(term);
            rows.push(row);
            resolutions.push(resolution);
        }
        let shares = self.shares(&terms)?;
        let mut problem = Problem::new(self.family.clone(), terms, likelihood).sharing(shares);
        #[cfg(feature = "potentials")]
        super::potential::follow(&mut problem, self.refined.as_ref());
        problem.known.clone_from(&self.known);
        problem.bounds.clone_from(&self.bounds);
        problem.fixed = self.imposed.as_ref().is_some_and(|imposed| imposed.fixed.is_some());
        if !problem.known.is_empty() && !problem.has_sigma() {
            return Err(Error::file(
                &data[0].name,
                "no σ, against which a prior, a ridge or pseudo-data would count",
                "a σ column, or fit.weighing \"counts\" or \"equivalents\"",
            ));
        }
        Ok(LaidOut { problem, rows, resolutions })
    }

    /// The first data set that each one shares its nuisances with.
    fn shares(&self, terms: &[DataTerm]) -> Result<Vec<usize>> {
        let word = |n: usize| self.job.data.get(n).and_then(|spec| spec.shares.as_ref());
        let mut out: Vec<usize> = vec![];
        for n in 0..terms.len() {
            let first = (0..n).find(|&other| word(n).is_some() && word(other) == word(n)).unwrap_or(n);
            let refused =
                |what: &str, expected: &str| Err(Error::job(&format!("data[{n}].shares"), what, expected));
            let (own, shared) = (&terms[n].measurement, &terms[first].measurement);
            let same = own.scale == shared.scale
                && own.background == shared.background
                && own.effects == shared.effects;
            if !same {
                return refused(
                    &format!("another scale, background or instrument than that of data[{first}]"),
                    "the same kinds in all measurements that share them",
                );
            }
            if first < n && terms[n].sampled.is_some() {
                return refused("sampled intensities", "a model without noise");
            }
            out.push(first);
        }
        Ok(out)
    }

    /// Which rows are used, and which are equivalent.
    async fn points(&self, n: usize, set: &Dataset) -> Result<Points> {
        let lattice = self.bragg_lattice()?;
        let reciprocal = self.crystal.input.reciprocal();
        let space = Space { lattice: &lattice, reciprocal: &reciprocal };
        let own = self.job.data.get(n).map_or(&[][..], |spec| spec.shapes());
        check_shapes(own).in_job(&format!("data[{n}].mask"))?;
        let n_rows = set.hkl.len();
        let seen = |i: usize| Seen {
            hkl: set.hkl[i],
            q_norm: self.crystal.q_cart(&set.hkl[i]).norm(),
            intensity: set.intensity[i],
            marks: set.marks_of(i),
        };
        let masked = self.job.mask.apply(own, &space, n_rows, &seen).await;
        let Masked { mut used, left_out: masked } = masked;
        let possible = restfully(n_rows, 1.0, |i| !lattice.is_bragg(set.hkl[i])).await;
        used.iter_mut().zip(&possible).for_each(|(u, p)| *u &= p);
        if !used.contains(&true) {
            return Err(Error::file(
                &set.name,
                format!("the mask leaves none of the {} points", set.hkl.len()),
                "a smaller bragg_radius or a wider range of |Q|",
            ));
        }
        let mut equivalence = Equivalence::new(&self.crystal, self.job.model.supercell);
        #[cfg(feature = "chosen")]
        let resolution = self.resolution(n, set).await?;
        #[cfg(not(feature = "chosen"))]
        let resolution = None::<Resolution>;
        if let Some(resolution) = &resolution {
            equivalence = equivalence.kept_by(|rotation| resolution.is_kept_by(rotation));
        }
        let (group, first) = equivalence.groups(&set.hkl).await;
        let agreement = agreement(&net(set), set.sigma.as_deref(), &used, &group).await;
        let (weights, sigma) = (Weights::Column, None);
        Ok(Points {
            used,
            possible,
            group,
            first,
            resolution,
            equivalence,
            weights,
            sigma,
            masked,
            agreement,
        })
    }

    /// `named`: hkl as the file has them.
    async fn term(
        &self,
        n: usize,
        set: &Dataset,
        named: &[[f64; 3]],
        points: Points,
        likelihood: Likelihood,
    ) -> Result<(DataTerm, Rows, Option<Resolution>)> {
        let Points {
            used,
            possible,
            group,
            first,
            resolution,
            equivalence,
            weights,
            sigma,
            masked,
            agreement,
        } = points;
        let default = DataSpec::default();
        let spec = self.job.data.get(n).unwrap_or(&default);
        let temperature = self.temperature_of(n);
        check_temperature(&format!("data[{n}].temperature"), temperature, self.job.model.statistics)?;
        let scale = spec.scale.unwrap_or(self.job.nuisance.scale);
        if let Scale::Fixed(s) = scale
            && !(s.is_finite() && s > 0.0)
        {
            let field =
                if spec.scale.is_some() { format!("data[{n}].scale") } else { "nuisance.scale".into() };
            return Err(Error::job(&field, format!("{s}"), "\"free\" or a positive number"));
        }
        let background = spec.background.clone().unwrap_or_else(|| self.job.nuisance.background.clone());
        if (1..background.len()).any(|i| background[..i].contains(&background[i])) {
            return Err(Error::job("nuisance.background", "the same shape twice", "each shape once"));
        }
        if likelihood == Likelihood::Poisson
            && let Some(i) = (0..used.len()).find(|&i| used[i] && set.intensity[i] < 0.0)
        {
            return Err(Error::file(
                &set.name,
                format!("row {} has the intensity {}", i + 1, set.intensity[i]),
                "counts (zero or more) for the Poisson likelihood",
            ));
        }

        // Points of the model: groups of equivalent rows, those with data in the fit first.
        let weight = |i: usize| match (&sigma, likelihood) {
            (_, Likelihood::Poisson) => set.exposure_of(i),
            (Some(s), _) => 1.0 / (s[i] * s[i]),
            (None, _) => 1.0,
        };
        let members = Members::new(&group, &|i| used[i]).await;
        let shown = (0..first.len()).filter(|&g| members.of(g).is_empty() && possible[first[g]]);
        let mut order: Vec<usize> = (0..first.len()).filter(|&g| !members.of(g).is_empty()).collect();
        let n_used = order.len();
        order.extend(shown);
        #[cfg(feature = "chosen")]
        if resolution.is_some() {
            // A block of points takes as many nodes as the one that needs most.
            let distance =
                |g: usize| from_nearest_peak(&self.crystal, &self.crystal.q_cart(&set.hkl[first[g]])).norm();
            let distance = restfully(first.len(), 1.0, distance).await;
            let (fitted, others) = order.split_at_mut(n_used);
            for part in [fitted, others] {
                let by = |a: usize, b: usize| distance[part[a]].total_cmp(&distance[part[b]]);
                let sorted = order_of_many(part.len(), &by).await;
                let sorted: Vec<usize> = sorted.into_iter().map(|at| part[at]).collect();
                part.copy_from_slice(&sorted);
            }
        }
        let mut point = vec![None; first.len()];
        order.iter().enumerate().for_each(|(at, &g)| point[g] = Some(at));
        let hkl: Vec<[f64; 3]> = order.iter().map(|&g| set.hkl[first[g]]).collect();

        rest().await;
        self.check_derivatives()?;
        #[cfg(feature = "chosen")]
        let mut measurement = self.measurement(n, &hkl, n_used, scale, &background).await?;
        #[cfg(not(feature = "chosen"))]
        let mut measurement = self.plain_measurement(&hkl, scale, &background);
        // What is known beforehand is weighed against σ of the data.
        let known = measurement.effects.iter().any(|e| e.prior.is_some())
            || measurement.background.iter().any(|b| b.prior.is_some());
        if known && sigma.is_none() && likelihood != Likelihood::Poisson {
            return Err(Error::file(
                &set.name,
                "no σ, against which the width of a slow factor, of a calibration or of a background would count",
                "a σ column, or fit.weighing \"counts\" or \"equivalents\"",
            ));
        }
        let moves = measurement.moves();
        if !matches!(self.job.model.order, Order::OnePhonon) && !self.job.model.order.is_elastic() {
            let (points, constants) = (hkl.len(), self.family.n_parameters);
            let what = format!("the derivatives at {points} different points by {constants} constants");
            let bytes = 8.0 * points as f64 * constants as f64;
            crate::base::memory::check(bytes, &what, "fewer points, or one-phonon scattering")
                .in_job(&format!("data[{n}]"))?;
        }
        let model = self.first_model_of(&self.job, &hkl, temperature, resolution.as_ref()).await?;
        #[cfg(feature = "chosen")]
        let model = if moves { model.with_slopes(&self.crystal, &self.family).await } else { model };
        let sampled = (self.job.model.order == Order::Sampled)
            .then(|| {
                let samples = self.job.model.samples.unwrap_or(DEFAULT_SAMPLES);
                let model = self.sampled_model(&hkl, temperature)?;
                model.check_memory(samples).in_job(SUPERCELL)?;
                Ok::<_, Error>(SampledTerm { model, samples, seed: self.job.model.seed })
            })
            .transpose()?;
        let pair = |&i: &usize| (set.intensity[i], weight(i));
        let mut places = vec![];
        if measurement.needs_places() {
            measurement.rotations = equivalence.turns();
            let place = |i: usize| Place {
                empty: set.empty_at(i),
                #[cfg(feature = "chosen")]
                beyond: self.beyond.get(n).map_or(0.0, |beyond| beyond[i]),
                #[cfg(not(feature = "chosen"))]
                beyond: 0.0,
                q: self.crystal.q_cart(&named[i]),
                rotation: if moves { equivalence.turn(&set.hkl[first[group[i]]], &set.hkl[i]) } else { 0 },
            };
            places = restfully(set.hkl.len(), 1.0, place).await;
        }
        // A datum has to be told from its equivalents where its model is another, or where it alone may be wrong.
        let apart = measurement.breaks_symmetry() || likelihood == Likelihood::Robust;
        let (mut entries, mut begins, mut entry_places) = (vec![], vec![], vec![]);
        let mut add = |members: &[usize]| {
            if apart {
                begins.push(entries.len());
                entries.extend(members.iter().map(|i| Datum::pooled(&[pair(i)])));
                entry_places.extend(members.iter().filter_map(|&i| places.get(i)));
            } else {
                entries.push(Datum::pooled(&members.iter().map(pair).collect::<Vec<_>>()));
                entry_places.extend(places.get(members[0]));
            }
        };
        resting(n_used, 1.0, &mut |range| order[range].iter().for_each(|&g| add(members.of(g)))).await;
        if apart {
            begins.push(entries.len());
        }
        let term = DataTerm {
            model,
            sampled,
            data: entries,
            first: begins,
            places: entry_places,
            has_sigma: sigma.is_some(),
            measurement,
        };
        let point = group.iter().map(|&g| point[g]).collect();
        Ok((term, Rows { point, used, hkl, places, weights, sigma, masked, agreement }, resolution))
    }

    /// Scale and backgrounds alone.
    #[cfg(not(feature = "chosen"))]
    fn plain_measurement(&self, hkl: &[[f64; 3]], scale: Scale, background: &[Background]) -> Measurement {
        let q_squared = hkl.iter().map(|p| self.crystal.q_cart(p).norm_squared()).collect();
        Measurement::plain(scale, background, q_squared)
    }
}
