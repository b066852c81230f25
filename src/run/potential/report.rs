//! What a result says of a potential.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Refined;
use crate::crystal::Prototype;
use crate::fit::{Chart, Session, UNDETERMINED, Uncertainty};
use crate::potential::{Family, PublishedPotential, published};
use crate::run::Prepared;

/// A potential as a fit found it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PotentialReport {
    /// Its form, as a job names it.
    pub family: &'static str,
    /// Where the numbers of the start were published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<&'static str>,
    /// Å: neighbours nearer than this count.
    pub range: f64,
    /// Å: width of the switch before that.
    pub smoothing: f64,
    /// All parameters.
    pub parameters: Vec<ParameterReport>,
    /// eV: energy of an atom, without zero-point and thermal motion; null with charges.
    #[serde(rename = "energy_eV")]
    pub energy_ev: Option<WithSigma>,
    /// GPa: pressure at the cell of the job, likewise.
    #[serde(rename = "pressure_GPa")]
    pub pressure_gpa: Option<WithSigma>,
}

/// What a person chooses a published potential by.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PotentialTitle {
    /// Its name, as `library` of a job's potential.
    pub id: &'static str,
    /// Chemical symbol.
    pub element: &'static str,
    /// The structure that it was made for.
    pub lattice: Prototype,
    /// Å: lattice parameter that it was fitted to.
    pub a_angstrom: f64,
    /// Its form, as a job names it.
    pub family: &'static str,
    /// Å: neighbours nearer than this count.
    pub range: f64,
    /// Where it was published.
    pub reference: &'static str,
    /// Its parameters by name.
    pub parameters: BTreeMap<String, f64>,
}

/// The potentials that come with the program.
pub fn potential_titles() -> Vec<PotentialTitle> {
    let title = |set: &PublishedPotential| PotentialTitle {
        id: set.id,
        element: set.element,
        lattice: set.lattice,
        a_angstrom: set.a_angstrom,
        family: set.family,
        range: set.range,
        reference: set.reference,
        parameters: set.parameters(),
    };
    published().iter().map(title).collect()
}

/// What a person chooses a family of potentials by.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FamilyTitle {
    /// Its form, as a job names it.
    pub family: &'static str,
    /// The same for people.
    pub name: &'static str,
    /// Whether it may be between several elements, with parameters for each pair of them.
    pub of_pairs: bool,
    /// Whether a pair of two elements without numbers follows from those of each alone; else it has no forces.
    pub mixes: bool,
    /// Its parameters.
    pub parameters: Vec<ParameterTitle>,
}

/// A parameter of a family.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ParameterTitle {
    /// What it is called; between several elements with a pair of them behind, “A Na-Cl”.
    pub name: &'static str,
    /// Empty for a pure number.
    pub unit: &'static str,
    /// Whether a fit moves it unless it is told otherwise.
    pub free: bool,
    /// Whether it is of each element alone: there is none between two.
    pub alone: bool,
}

/// The potentials that a job can name by numbers alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PotentialChoice {
    /// Published sets.
    pub published: Vec<PotentialTitle>,
    /// Families whose parameters have names.
    pub families: Vec<FamilyTitle>,
}

/// What there is to choose from.
pub fn potential_choice() -> PotentialChoice {
    const NAMED: [(&str, &str); 6] = [
        ("gupta", "Gupta"),
        ("sutton-chen", "Sutton–Chen"),
        ("morse", "Morse"),
        ("lennard-jones", "Lennard-Jones"),
        ("buckingham", "Buckingham"),
        ("stillinger-weber", "Stillinger–Weber"),
    ];
    let families = NAMED.iter().filter_map(|(word, name)| {
        let family = Family::named(word)?;
        let title = |(name, unit, free)| {
            let alone = family.is_of_atoms(name);
            ParameterTitle { name, unit, free, alone }
        };
        let parameters = family.parameter_kinds().map(title).collect();
        let (of_pairs, mixes) = (family.is_for_several(), family.mixes());
        Some(FamilyTitle { family: family.word(), name, of_pairs, mixes, parameters })
    });
    PotentialChoice { published: potential_titles(), families: families.collect() }
}

/// A number with its σ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WithSigma {
    /// Its value.
    pub value: f64,
    /// Its σ; null where the data do not bound it.
    pub sigma: Option<f64>,
}

/// A parameter of a potential.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ParameterReport {
    /// As in `parameters` of a job's potential.
    pub name: String,
    /// Its value, in `unit`.
    pub value: f64,
    /// Its σ; null for what is not fitted, and where the data do not bound it.
    pub sigma: Option<f64>,
    /// Empty for a pure number.
    pub unit: &'static str,
    /// In `unit`: where the fit started.
    pub start: f64,
    /// Whether the fit moved it.
    pub free: bool,
    /// Whether the data determine it, to a tenth of its size.
    pub determined: bool,
    /// Whether it rests at the end of the range that it may have.
    pub at_bound: bool,
    /// In `unit`: by how much gradient and curvature would move it from here (the Gauss–Newton step); null where that is not
    /// known, and for what is not fitted.
    pub step: Option<f64>,
}

impl Prepared {
    /// Parameters that rest at the ends of their ranges, in words.
    pub(in crate::run) fn potential_note(&self, session: &Session) -> Option<String> {
        let names = self.refined.as_ref()?.names();
        let resting = session.problem.at_the_end(session.current());
        let list: Vec<&str> = resting.iter().map(|&k| names[k].as_str()).collect();
        (!list.is_empty()).then(|| {
            format!(
                "At the end of what the potential's parameters may be: {}. The data ask for a form that the family takes only \
                 beyond it: other bounds, pressure and energy as pseudo-data, or another family.",
                list.join(", ")
            )
        })
    }

    /// The potential where a fit stands; none where the job has none.
    pub fn potential_report(&self, session: &Session, uncertainty: &Uncertainty) -> Option<PotentialReport> {
        let refined: &Refined = self.refined.as_ref()?;
        let x = session.current().parameters();
        let values = refined.parameters(x);
        let potential = &refined.potential;
        let resting = session.problem.at_the_end(session.current());
        let promised = session.problem.promised_step(session.current());
        let parameters =
            potential.parameters.iter().zip(values).enumerate().map(|(p, (parameter, value))| {
                let direction = refined.direction(p);
                let free = direction.iter().any(|d| *d != 0.0);
                let at_bound = resting.iter().any(|&k| direction[k] != 0.0);
                let moves = free && !at_bound;
                let sigma = if moves { uncertainty.sigma_of_parameters(&direction) } else { None };
                let along = |step: &nalgebra::DVector<f64>| -> f64 {
                    direction.iter().zip(step).map(|(d, s)| d * s).sum()
                };
                let step = promised.as_ref().filter(|_| free).map(along);
                let determined = sigma.is_some_and(|s| s <= UNDETERMINED * parameter.size.max(value.abs()));
                ParameterReport {
                    name: parameter.name.clone(),
                    value,
                    sigma,
                    unit: parameter.unit,
                    start: parameter.value,
                    free,
                    determined: determined || !free,
                    at_bound,
                    step,
                }
            });
        let with_sigma = |(value, slopes): (f64, Vec<f64>)| WithSigma {
            value,
            sigma: uncertainty.sigma_of_parameters(&slopes),
        };
        let found = refined.energy_and_pressure(x);
        let (energy_ev, pressure_gpa) = match found {
            Some([energy, pressure]) => (Some(with_sigma(energy)), Some(with_sigma(pressure))),
            None => (None, None),
        };
        Some(PotentialReport {
            family: potential.family.word(),
            reference: refined.reference,
            range: potential.range,
            smoothing: potential.smoothing,
            parameters: parameters.collect(),
            energy_ev,
            pressure_gpa,
        })
    }
}
