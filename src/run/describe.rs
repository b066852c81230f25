//! What a job turned out to be, for people.

use super::report::{
    CellParameters, CrystalDescription, DatasetDescription, Description, ModelDescription,
    ParameterDescription,
};
use super::{Files, Run};
use crate::data::Dataset;

impl<F: Files> Run<F> {
    /// What the job turned out to be.
    pub fn describe(&self) -> Description {
        let crystal = &self.prepared.crystal;
        let cell = &crystal.input;
        let length = |k: usize| cell.lattice.column(k).norm();
        let angle = |i: usize, j: usize| {
            let cosine = cell.lattice.column(i).dot(&cell.lattice.column(j)) / (length(i) * length(j));
            cosine.clamp(-1.0, 1.0).acos().to_degrees()
        };
        let mut elements = crystal.primitive.symbols.clone();
        elements.dedup();
        let reciprocal = cell.reciprocal();
        let parameters = self.prepared.basis.iter().flat_map(|basis| {
            basis.parameters.iter().enumerate().map(|(p, parameter)| {
                let (pairs, vector) = basis.orbit_of(p);
                ParameterDescription {
                    label: parameter.label.clone(),
                    unit: "eV/Å²",
                    start: self.session.start().theta[p],
                    distance: basis.distance(p),
                    pairs,
                    vector,
                    reference: self.reference.as_ref().and_then(|r| r[p]),
                }
            })
        });
        Description {
            crystal: CrystalDescription {
                title: formula(&crystal.primitive.symbols),
                space_group: crystal.space_group.symbol.clone(),
                space_group_number: crystal.space_group.number,
                input_cell: CellParameters {
                    a: length(0),
                    b: length(1),
                    c: length(2),
                    alpha: angle(1, 2),
                    beta: angle(0, 2),
                    gamma: angle(0, 1),
                },
                reciprocal: std::array::from_fn(|k| reciprocal.column(k).into_owned().into()),
                primitive: std::array::from_fn(|k| crystal.primitive_in_input.column(k).into_owned().into()),
                atoms_per_primitive_cell: crystal.n_atoms(),
                elements,
            },
            parameters: parameters.collect(),
            datasets: self.datasets(),
            warnings: [self.prepared.warnings.as_slice(), self.hints.as_slice()].concat(),
            model: ModelDescription {
                order: self.prepared.job.model.order,
                statistics: self.prepared.job.model.statistics,
                temperature_k: self.prepared.job.model.temperature,
            },
        }
    }

    pub(super) fn datasets(&self) -> Vec<DatasetDescription> {
        let describe = |(n, set): (usize, &Dataset)| {
            let term = &self.session.problem.terms[n];
            DatasetDescription {
                name: set.name.clone(),
                n: set.hkl.len(),
                n_used: term.n_data(),
                has_sigma: term.has_sigma,
                q_max: term.q_squared.iter().copied().fold(0.0, f64::max).sqrt(),
                temperature_k: self.prepared.temperature_of(n),
                left_out: set.left_out.clone(),
                masked: self.rows[n].masked.clone(),
                agreement: self.rows[n].agreement.clone(),
            }
        };
        self.data.iter().enumerate().map(describe).collect()
    }
}

/// "Ni", "NaCl", "Zn2O2".
fn formula(symbols: &[String]) -> String {
    let mut out = String::new();
    let mut seen: Vec<&String> = Vec::new();
    for s in symbols {
        if !seen.contains(&s) {
            seen.push(s);
            let count = symbols.iter().filter(|t| *t == s).count();
            out.push_str(s);
            if count > 1 && symbols.len() > count {
                out.push_str(&count.to_string());
            }
        }
    }
    out
}
