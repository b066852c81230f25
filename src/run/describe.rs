//! What a job turned out to be, for people.

use super::report::{
    CellParameters, CrystalDescription, DatasetDescription, Description, ModelDescription,
    ParameterDescription,
};
use super::{Files, Prepared, Rows, Run};
use crate::data::Dataset;
use crate::fit::Problem;

/// A job as far as it is known what it is.
#[derive(Clone, Copy)]
pub(super) struct Described<'a> {
    pub prepared: &'a Prepared,
    /// Constants at the start.
    pub theta: &'a [f64],
    pub problem: &'a Problem,
    pub data: &'a [Dataset],
    pub rows: &'a [Rows],
    /// Constants to compare with.
    pub reference: Option<&'a [Option<f64>]>,
    /// What can be said before the fit.
    pub hints: &'a [String],
}

impl<F: Files> Run<F> {
    /// What the job turned out to be.
    pub fn describe(&self) -> Description {
        self.described().description()
    }

    pub(super) fn datasets(&self) -> Vec<DatasetDescription> {
        self.described().datasets()
    }

    fn described(&self) -> Described<'_> {
        Described {
            prepared: &self.prepared,
            theta: &self.session.start().theta,
            problem: &self.session.problem,
            data: &self.data,
            rows: &self.rows,
            reference: self.reference.as_deref(),
            hints: &self.hints,
        }
    }
}

impl Described<'_> {
    pub fn description(&self) -> Description {
        let crystal = &self.prepared.crystal;
        let cell = &crystal.input;
        let mut elements = crystal.primitive.symbols.clone();
        elements.dedup();
        let reciprocal = cell.reciprocal();
        let start = self.prepared.all_constants(self.theta);
        let ties = self.prepared.ties(&[]);
        let start = &start;
        let ties = &ties;
        let meanings = &self.prepared.meanings();
        let parameters = self.prepared.basis.iter().flat_map(|basis| {
            basis.parameters.iter().enumerate().map(move |(p, parameter)| {
                let (pairs, vector) = basis.orbit_of(p);
                ParameterDescription {
                    label: parameter.label.clone(),
                    meaning: meanings.get(p).cloned(),
                    unit: basis.unit(),
                    start: start[p],
                    imposed: ties[p],
                    distance: basis.distance(p),
                    pairs,
                    vector,
                    reference: self.reference.and_then(|r| r[p]),
                }
            })
        });
        Description {
            crystal: CrystalDescription {
                title: title(&crystal.primitive.symbols),
                space_group: crystal.space_group.symbol.clone(),
                space_group_number: crystal.space_group.number,
                input_cell: CellParameters::of(cell),
                reciprocal: std::array::from_fn(|k| reciprocal.column(k).into_owned().into()),
                primitive: std::array::from_fn(|k| crystal.primitive_in_input.column(k).into_owned().into()),
                atoms_per_primitive_cell: crystal.n_atoms(),
                elements,
            },
            parameters: parameters.collect(),
            datasets: self.datasets(),
            warnings: [self.prepared.warnings.as_slice(), self.hints].concat(),
            model: ModelDescription {
                order: self.prepared.job.model.order,
                statistics: self.prepared.job.model.statistics,
                temperature_k: self.prepared.job.model.temperature,
            },
        }
    }

    fn datasets(&self) -> Vec<DatasetDescription> {
        let describe = |(n, set): (usize, &Dataset)| {
            let term = &self.problem.terms[n];
            DatasetDescription {
                name: set.name.clone(),
                n: set.hkl.len(),
                n_used: term.n_data(),
                has_sigma: term.has_sigma,
                q_max: term.measurement.q_squared.iter().copied().fold(0.0, f64::max).sqrt(),
                temperature_k: self.prepared.temperature_of(n),
                left_out: set.left_out.clone(),
                masked: self.rows[n].masked.clone(),
                agreement: self.rows[n].agreement.clone(),
            }
        };
        self.data.iter().enumerate().map(describe).collect()
    }
}

/// “Ni”, “NaCl”, “Zn2O2”.
fn title(symbols: &[String]) -> String {
    match symbols {
        [first, rest @ ..] if rest.iter().all(|symbol| symbol == first) => first.clone(),
        _ => formula(symbols.iter().map(String::as_str)),
    }
}

/// Symbols and numbers in the order in which the elements appear.
pub(super) fn formula<'a>(symbols: impl Iterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for symbol in symbols {
        match counts.iter_mut().find(|(known, _)| *known == symbol) {
            Some((_, n)) => *n += 1,
            None => counts.push((symbol, 1)),
        }
    }
    counts
        .iter()
        .map(|(symbol, n)| if *n == 1 { (*symbol).to_owned() } else { format!("{symbol}{n}") })
        .collect()
}
