//! Potentials of embedded atoms from tables, whose values at knots are the parameters.

use super::eam::{Eam, Table, pair_index};
use super::family::{Family, Parameter, Potential};
use crate::{Error, Result};

/// Å: shells nearer to each other than this share a knot.
const NEAR: f64 = 0.15;

impl Potential {
    /// The potential of tables, without parameters, for the elements of a crystal.
    ///
    /// # Errors
    /// An element that the tables do not have.
    pub fn of_tables(eam: &Eam, elements: &[String]) -> Result<Self> {
        let mut order = vec![];
        for element in elements {
            let found = eam.elements.iter().position(|e| e == element);
            let known = || format!("tables for {}", eam.elements.join(", "));
            order.push(
                found.ok_or_else(|| Error::value(format!("no tables for {element}"), known()).of("file"))?,
            );
        }
        let by_element = |all: &[Table]| order.iter().map(|&i| all[i].clone()).collect::<Vec<_>>();
        let pairs = (0..order.len()).flat_map(|a| (0..=a).map(move |b| (a, b)));
        let pair: Vec<Table> = pairs.map(|(a, b)| eam.pair[pair_index(order[a], order[b])].clone()).collect();
        let n_pairs = pair.len();
        let own = Eam {
            elements: elements.to_vec(),
            embedding: by_element(&eam.embedding),
            density: by_element(&eam.density),
            pair,
            cutoff: eam.cutoff,
        };
        Ok(Potential {
            range: own.cutoff,
            smoothing: 0.0,
            family: Family::Eam(Box::new(own)),
            elements: elements.to_vec(),
            parameters: vec![],
            pairs: vec![Some(0); n_pairs],
        })
    }

    /// Makes parameters of the values of tables at the distances of neighbours (`shells`, Å, ascending) and around the density
    /// at the atoms of each element. Other families stay as they are.
    #[must_use]
    pub fn with_knots(mut self, shells: &[f64], densities: &[f64]) -> Self {
        let Family::Eam(eam) = &mut self.family else { return self };
        let mut points: Vec<f64> = vec![];
        for &r in shells.iter().filter(|r| **r < eam.cutoff - NEAR) {
            if points.last().is_none_or(|last| r - last > NEAR) {
                points.push(r);
            }
        }
        let nearest = points.first().copied().unwrap_or(eam.cutoff);
        let points: Vec<f64> = [0.8 * nearest].into_iter().chain(points).chain([eam.cutoff]).collect();
        let mut all = vec![];
        let elements = &self.elements;
        let named =
            |what: &str, of: &str| if elements.len() > 1 { format!("{what} {of}") } else { what.to_owned() };
        for a in 0..elements.len() {
            knots(&mut eam.density[a], points.clone(), &named("rho", &elements[a]), "", &mut all);
            let around = [0.5, 0.75, 1.0, 1.25, 1.5].map(|f| f * densities[a]).to_vec();
            knots(&mut eam.embedding[a], around, &named("F", &elements[a]), "eV", &mut all);
            for b in 0..=a {
                let name = named("phi", &format!("{}-{}", elements[b], elements[a]));
                knots(&mut eam.pair[pair_index(a, b)], points.clone(), &name, "eV", &mut all);
            }
        }
        self.parameters = all;
        self
    }
}

/// Parameters of the values of a table at knots.
fn knots(table: &mut Table, points: Vec<f64>, name: &str, unit: &'static str, all: &mut Vec<Parameter>) {
    table.with_knots(points, all.len());
    let own = table.knots();
    let largest = own.iter().map(|k| k.1.abs()).fold(0.0, f64::max);
    all.extend(own.into_iter().map(|(x, value)| Parameter {
        name: format!("{name}({x:.3})"),
        unit,
        value,
        // A value may be small where the function passes through zero.
        size: value.abs().max(0.1 * largest).max(1e-6),
        is_energy: unit == "eV",
        is_free: true,
    }));
}
