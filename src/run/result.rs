//! The result file of a fit.

use nalgebra::Matrix6;
use serde::{Serialize, Serializer};

use super::LongRangeReport;
use super::higher_orders::HigherOrdersReport;
use super::report::{DatasetDescription, Program};
use super::{FileRecord, Prepared, TracePoint, mean_square_note};
use crate::base::order::sort_by;
use crate::base::parallel::{Pool, now};
use crate::dynamics::{LongWave, elastic_slopes as elastic_derivatives};
use crate::fit::{Quantity, Scale, Session, TerminationReason, Uncertainty};
use crate::ifc::Tie;
use crate::job::Job;

/// One fitted constant.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ParameterValue {
    /// Shell and Cartesian component, as in `labels` of a job.
    pub label: String,
    /// The same in words, “O1–Ti1 at 1.95 Å, along the bond”; absent where the label says what it is, “C11”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// eV/Å²: its value.
    pub value: f64,
    /// eV/Å²: its σ; null when the data do not bound it at all.
    pub sigma: Option<f64>,
    /// eV/Å²: σ times √(χ²/n), where the verdict says that the σ of the data cannot be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma_scaled: Option<f64>,
    /// eV/Å²: what an instrument may have moved it by, as far as the residuals do not exclude it; beside σ. Absent where the
    /// data are ideal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub systematic: Option<f64>,
    /// Unit of its value, “eV/Å²”.
    pub unit: &'static str,
    /// Whether the data determine it.
    pub determined: bool,
    /// What constraints make of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imposed: Option<Tie>,
    /// eV/Å²: value in the job's `reference`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<f64>,
}

/// What the data leave open.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Identifiability {
    /// Eigenvalues of F_ij/√(F_ii F_jj), F the Fisher information, ascending; constants, then scales and backgrounds.
    pub scaled_fisher_eigenvalues: Vec<f64>,
    /// Combinations that the data do not determine.
    pub undetermined: Vec<WeakCombination>,
    /// fraction: a constant is called undetermined when its σ is above this part of the largest constant.
    pub threshold: f64,
}

/// A combination of constants that the data do not determine.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WeakCombination {
    /// Its eigenvalue of the scaled Fisher information.
    pub eigenvalue: f64,
    /// The largest components by name.
    pub weights: Vec<(String, f64)>,
}

/// What there is once for each data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(inline))]
#[serde(untagged)]
pub enum OneOrAll<T> {
    /// Of the only data set.
    One(T),
    /// Of each.
    All(Vec<T>),
}

impl<T> OneOrAll<T> {
    fn new(mut list: Vec<T>) -> Self {
        match list.pop() {
            Some(only) if list.is_empty() => OneOrAll::One(only),
            last => OneOrAll::All(list.into_iter().chain(last).collect()),
        }
    }
}

/// Values by name, each name once; an object in JSON. A list has the smaller code and serves where nothing is looked up.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(inline))]
pub struct ByName<T>(
    /// Name and value.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "std::collections::BTreeMap<String, T>"))]
    pub Vec<(String, T)>,
);

impl<T: Serialize> Serialize for ByName<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// An elastic constant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ElasticConstant {
    /// GPa: its value.
    pub value: f64,
    /// GPa: σ; null where the data do not bound it.
    pub sigma: Option<f64>,
    /// GPa: what an instrument may have moved it by besides, as far as the residuals do not exclude it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub systematic: Option<f64>,
}

/// The result of a fit.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FitResult {
    /// What it may be trusted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<super::Verdict>,
    /// The constants.
    pub parameters: Vec<ParameterValue>,
    /// data units per electron² per primitive cell: scale, or a list when there are several data sets.
    pub scale: OneOrAll<f64>,
    /// data units per electron² per primitive cell: its σ, null where it was held; or a list.
    pub scale_sigma: OneOrAll<Option<f64>>,
    /// Backgrounds by name, `constant` in data units and `q2` in data units Å²; or a list when there are several data sets.
    pub background: OneOrAll<ByName<f64>>,
    /// Their σ; or a list.
    pub background_sigma: OneOrAll<ByName<Option<f64>>>,
    /// Effects of the measurement: slow factors, incoherent scattering, calibration of hkl.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<MeasuredEffect>,
    /// What is known besides the data: priors and pseudo-data with what the constants make of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<KnownValue>,
    /// Misfit: χ², or the deviance of counts.
    pub chi2: f64,
    /// The same per degree of freedom.
    pub chi2_reduced: f64,
    /// Number of data in the fit.
    pub n_data: usize,
    /// Accepted iterations.
    pub iterations: usize,
    /// Why the fit ended; null when it has not.
    pub termination: Option<TerminationReason>,
    /// Names of the rows of `covariance`.
    pub covariance_order: Vec<String>,
    /// Covariance of constants, scales and backgrounds; null where the data bound nothing.
    pub covariance: Vec<Vec<Option<f64>>>,
    /// What the data leave open.
    pub identifiability: Identifiability,
    /// GPa: elastic constants by name in Voigt notation, “C11”.
    #[serde(rename = "elastic_GPa")]
    pub elastic_gpa: ByName<ElasticConstant>,
    /// Å²: mean-square displacement tensors ⟨uuᵀ⟩ of the first data set, Cartesian, one per atom of the primitive cell.
    #[serde(rename = "U_A2")]
    pub u_a2: Vec<[[f64; 3]; 3]>,
    /// seconds: time that the fit took.
    pub seconds: f64,
    /// What a person should know.
    pub notes: Vec<String>,
    /// The potential that the constants follow from; absent where they are fitted themselves.
    #[cfg(feature = "potentials")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub potential: Option<super::PotentialReport>,
    /// The long-range part of a polar crystal; absent where none is in the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_analytical: Option<LongRangeReport>,
    /// What there is beyond one phonon, in a model of all orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub higher_orders: Option<HigherOrdersReport>,
    /// eV/Å²: rms difference from the job's `reference`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// THz: rms difference of the frequencies along the standard path from those of the `reference`.
    #[serde(rename = "dispersion_error_THz", skip_serializing_if = "Option::is_none")]
    pub dispersion_error_thz: Option<f64>,
    /// The course of the fit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<TracePoint>,
    /// What computed it.
    pub program: Program,
    /// When, ISO 8601, UTC.
    pub date: String,
    /// The job as it was used: with the cutoff, wherever that came from.
    pub job: Job,
    /// Every file that was read.
    pub files: Vec<FileRecord>,
    /// The measurements.
    pub data: Vec<DatasetDescription>,
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

/// Elastic constants (GPa) with σ from the covariance of θ.
pub fn elastic(
    prepared: &Prepared,
    theta: &[f64],
    uncertainty: Option<&Uncertainty>,
) -> Vec<(String, f64, Option<f64>)> {
    let all = elastic_slopes(prepared, theta, uncertainty.is_some());
    let sigma = |slopes: &[f64]| uncertainty.and_then(|u| u.sigma_of(slopes));
    all.into_iter().map(|(name, value, slopes)| (name, value, sigma(&slopes))).collect()
}

/// Elastic constants by name, GPa, with their derivatives to the constants where these are wanted.
pub(super) fn elastic_slopes(
    prepared: &Prepared,
    theta: &[f64],
    sloped: bool,
) -> Vec<(String, f64, Vec<f64>)> {
    let volume = prepared.crystal.primitive.volume();
    let (value, slopes) = if sloped {
        elastic_derivatives(&prepared.family, theta, volume)
    } else {
        (LongWave::new(&prepared.family.at(theta)).elastic(volume).voigt, vec![])
    };
    let cubic = (195..=230).contains(&prepared.crystal.space_group.number) && is_cubic(&value);
    let wanted: Vec<(usize, usize)> = if cubic {
        vec![(0, 0), (0, 1), (3, 3)]
    } else {
        (0..6)
            .flat_map(|i| (i..6).map(move |j| (i, j)))
            .filter(|&(i, j)| value[(i, j)].abs() > 1e-3)
            .collect()
    };
    wanted
        .into_iter()
        .map(|(i, j)| {
            (format!("C{}{}", i + 1, j + 1), value[(i, j)], slopes.iter().map(|s| s[(i, j)]).collect())
        })
        .collect()
}

fn is_cubic(c: &Matrix6<f64>) -> bool {
    // The cubic axes of a crystal from a file need not be x, y, z.
    let scale = c.amax();
    let same = |a: (usize, usize), b: (usize, usize)| (c[a] - c[b]).abs() < 1e-6 * scale;
    same((0, 0), (1, 1)) && same((0, 0), (2, 2)) && same((3, 3), (4, 4)) && c[(0, 3)].abs() < 1e-6 * scale
}

/// An effect of the measurement as the fit found it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MeasuredEffect {
    /// What it is, “slow factor x” or “stretch”.
    pub name: String,
    /// Number of its data set, from zero.
    pub data: usize,
    /// In `unit`.
    pub value: f64,
    /// Its σ; none where the data do not bound it.
    pub sigma: Option<f64>,
    /// Empty for a pure number.
    pub unit: &'static str,
}

/// A prior or a pseudo-datum beside the fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct KnownValue {
    /// What it is.
    pub name: String,
    /// The value that was given, in `unit`.
    pub value: f64,
    /// Its σ.
    pub sigma: f64,
    /// What the fitted constants make of it.
    pub model: f64,
    /// Of all three numbers.
    pub unit: &'static str,
}

/// What is known besides the data, where the fit stands; `own`: unit of the constants.
pub(super) fn known(session: &Session, own: &'static str) -> Vec<KnownValue> {
    let problem = &session.problem;
    let found = now(problem.pseudo_data(&Pool::here(), session.current().parameters())).unwrap_or_default();
    let units = problem.known.iter().flat_map(|k| {
        let unit = match k.quantity {
            Quantity::Combination(_) => own,
            Quantity::Elastic { .. } | Quantity::Pressure => "GPa",
            Quantity::Energy => "eV",
            Quantity::Parameter { .. } => "",
            Quantity::Frequencies { .. } => "THz",
            Quantity::Displacement { .. } => "Å²",
        };
        k.names.iter().map(move |name| (name.clone(), unit))
    });
    let all = found.iter().zip(units);
    all.map(|(d, (name, unit))| KnownValue { name, value: d.value, sigma: d.sigma, model: d.model, unit })
        .collect()
}

/// Assembles the result at the session's present point.
pub fn fit_result(prepared: &Prepared, session: &Session, seconds: f64) -> FitResult {
    let at = session.current();
    let uncertainty = session.uncertainty();
    let found = prepared.found(session, &uncertainty);
    let meanings = prepared.meanings();
    let parameters = prepared
        .labels()
        .into_iter()
        .enumerate()
        .map(|(p, label)| ParameterValue {
            label,
            meaning: meanings.get(p).cloned(),
            value: found.values[p],
            sigma: found.sigma[p],
            sigma_scaled: None,
            systematic: None,
            unit: prepared.unit(),
            determined: found.determined[p],
            imposed: found.ties[p],
            reference: None,
        })
        .collect();

    let several = session.problem.terms.len() > 1;
    let mut order: Vec<String> =
        prepared.fitted_labels().into_iter().map(Option::unwrap_or_default).collect();
    let mut effects = vec![];
    let (mut scales, mut scale_sigmas, mut backgrounds, mut background_sigmas) =
        (vec![], vec![], vec![], vec![]);
    for (k, (term, nuisance)) in session.problem.terms.iter().zip(&at.nuisances).enumerate() {
        let suffix = if several { format!(" {}", k + 1) } else { String::new() };
        scales.push(nuisance.scale);
        let owns = session.problem.owns(k);
        let mut next = session.problem.first_nuisance(k);
        let mut sigma_of = |name: String| {
            if owns {
                order.push(name);
            }
            next += 1;
            finite(uncertainty.sigma[next - 1])
        };
        scale_sigmas.push(match term.measurement.scale {
            Scale::Free(_) => sigma_of(format!("scale{suffix}")),
            Scale::Fixed(_) => None,
        });
        let (mut values, mut sigmas) = (vec![], vec![]);
        for (shape, value) in term.measurement.background.iter().zip(&nuisance.background) {
            let (name, _) = shape.what.name();
            sigmas.push((name.clone(), sigma_of(format!("background {name}{suffix}"))));
            values.push((name, *value));
        }
        backgrounds.push(ByName(values));
        background_sigmas.push(ByName(sigmas));
        for (effect, value) in term.measurement.effects.iter().zip(&nuisance.effects) {
            let (name, unit, factor) = effect.what.name();
            let sigma = sigma_of(format!("{name}{suffix}")).map(|s| s * factor);
            effects.push(MeasuredEffect {
                name: name.to_owned(),
                data: k,
                value: value * factor,
                sigma,
                unit,
            });
        }
    }
    let weak = uncertainty
        .weak
        .iter()
        .map(|c| {
            let mut weights: Vec<(String, f64)> =
                order.iter().cloned().zip(c.weights.iter().copied()).collect();
            sort_by(&mut weights, |a, b| b.1.abs().total_cmp(&a.1.abs()));
            weights.retain(|w| w.1.abs() > 0.1);
            WeakCombination { eigenvalue: c.eigenvalue, weights }
        })
        .collect();
    let mut elastic_gpa = ByName(vec![]);
    for (name, value, sigma) in elastic(prepared, &at.theta, Some(&uncertainty)) {
        elastic_gpa.0.push((name, ElasticConstant { value, sigma, systematic: None }));
    }
    // What carries fixed values is no parameter.
    let moving: Vec<usize> = (0..order.len()).filter(|&i| !order[i].is_empty()).collect();
    let n_data = session.problem.n_data();
    let degrees = session.problem.degrees();
    let mut notes = prepared.notes_at(&at.theta);
    for term in &session.problem.terms {
        let note = mean_square_note(prepared, term.model.one_phonon().mean_square(), &at.theta, false);
        notes.extend(note.filter(|note| !notes.contains(note)));
    }
    #[cfg(feature = "potentials")]
    notes.extend(prepared.potential_note(session));
    let elastic_order = prepared.job.model.order.is_elastic();
    let state = (!elastic_order).then(|| session.problem.terms[0].model.state(&at.theta)).flatten();
    let u_a2 = state.map_or(vec![], |s| {
        s.mean_square
            .tensors
            .iter()
            .map(|u| std::array::from_fn(|i| std::array::from_fn(|j| u[(i, j)])))
            .collect()
    });
    FitResult {
        verdict: None,
        parameters,
        scale: OneOrAll::new(scales),
        scale_sigma: OneOrAll::new(scale_sigmas),
        background: OneOrAll::new(backgrounds),
        background_sigma: OneOrAll::new(background_sigmas),
        effects,
        known: known(session, prepared.unit()),
        chi2: at.chi2,
        chi2_reduced: at.chi2 / degrees as f64,
        n_data,
        iterations: session.progress().iteration,
        termination: session.progress().termination,
        covariance: moving
            .iter()
            .map(|&i| moving.iter().map(|&j| finite(uncertainty.covariance[(i, j)])).collect())
            .collect(),
        covariance_order: moving.iter().map(|&i| order[i].clone()).collect(),
        identifiability: Identifiability {
            scaled_fisher_eigenvalues: uncertainty.scaled_eigenvalues.clone(),
            undetermined: weak,
            threshold: crate::fit::UNDETERMINED,
        },
        elastic_gpa,
        u_a2,
        seconds,
        notes,
        #[cfg(feature = "potentials")]
        potential: prepared.potential_report(session, &uncertainty),
        non_analytical: prepared.family.long_range().map(|part| LongRangeReport::new(&part.long_range)),
        higher_orders: None,
        error: None,
        dispersion_error_thz: None,
        trace: vec![],
        program: Program::THIS,
        date: String::new(),
        job: prepared.job_as_used(),
        files: vec![],
        data: vec![],
    }
}
