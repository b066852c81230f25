//! From what a job imposes on the constants and knows of them to conditions and pseudo-data in the constants that are
//! fitted.

use nalgebra::DVector;

use super::{Files, Prepared};
use crate::base::text::quote;
use crate::error::Placed;
use crate::fit::{Pseudo, Quantity};
use crate::formats::table::read_frequencies;
use crate::ifc::{Condition, Imposed, IrreducibleBasis};
use crate::job::{Constraints, Frequencies, Job};
use crate::{Error, Result};

/// The constants that the job leaves free; none where it imposes nothing. `start`: all irreducible ones.
pub(super) fn imposed(basis: &IrreducibleBasis, job: &Job, start: &[f64]) -> Result<Option<Imposed>> {
    let mut all: Vec<(String, Condition)> = vec![];
    let Constraints { rotational_invariance, axially_symmetric, stiffness_alone, fixed, tied, .. } =
        &job.constraints;
    let mut add =
        |field: &str, list: Vec<Condition>| all.extend(list.into_iter().map(|c| (field.to_owned(), c)));
    if *rotational_invariance {
        add("constraints.rotational_invariance", basis.rotational_invariance());
    }
    if *axially_symmetric {
        add("constraints.axially_symmetric", basis.axial_symmetry());
    }
    if *stiffness_alone {
        add("constraints.stiffness_alone", in_ratio(start));
    }
    for (label, value) in fixed {
        let field = format!("constraints.fixed.{label}");
        let coefficients = element(basis, &field, label)?;
        add(&field, vec![Condition { coefficients, value: *value }]);
    }
    for (n, tie) in tied.iter().enumerate() {
        let field = format!("constraints.tied[{n}]");
        let equal = [1.0, -1.0];
        let coefficients = match (tie.coefficients.as_slice(), tie.labels.len()) {
            ([], 2) => &equal,
            (given, n) if given.len() == n && n > 0 => given,
            (given, n) => {
                let what = format!("{} coefficients for {n} labels", given.len());
                return Err(Error::job(&field, what, "one coefficient for each label"));
            }
        };
        let mut sum = vec![0.0; basis.len()];
        for (label, c) in tie.labels.iter().zip(coefficients) {
            let row = element(basis, &field, label)?;
            sum.iter_mut().zip(row).for_each(|(total, x)| *total += c * x);
        }
        add(&field, vec![Condition { coefficients: sum, value: tie.value }]);
    }
    if all.is_empty() {
        return Ok(None);
    }
    let conditions: Vec<Condition> = all.iter().map(|c| c.1.clone()).collect();
    if let Some(found) = basis.imposed(&conditions) {
        return Ok(Some(found));
    }
    // Which one it is that does not go with those before it.
    let first = (1..=all.len()).find(|n| basis.imposed(&conditions[..*n]).is_none()).unwrap_or(1);
    Err(Error::job(
        &all[first - 1].0,
        "contradicts symmetry or another constraint",
        "constraints that can all be met",
    ))
}

/// θ_p s_q = θ_q s_p, with the largest s_q.
fn in_ratio(start: &[f64]) -> Vec<Condition> {
    let n = start.len();
    let largest = (0..n).max_by(|a, b| start[*a].abs().total_cmp(&start[*b].abs())).unwrap_or(0);
    let condition = |p: usize| {
        let mut coefficients = vec![0.0; n];
        (coefficients[p], coefficients[largest]) = (start[largest], -start[p]);
        Condition { coefficients, value: 0.0 }
    };
    (0..n).filter(|p| *p != largest).map(condition).collect()
}

fn element(basis: &IrreducibleBasis, field: &str, label: &str) -> Result<Vec<f64>> {
    basis.element(label).in_job(field)
}

impl Prepared {
    /// A combination of the irreducible constants in those that are fitted.
    fn fitted(&self, row: &[f64]) -> Vec<f64> {
        match &self.imposed {
            Some(imposed) => {
                imposed.matrix.tr_mul(&DVector::from_column_slice(row)).iter().copied().collect()
            }
            None => row.to_vec(),
        }
    }

    /// Reads what is known besides the data, and moves the start into the ranges of the constants.
    pub(super) fn with_knowledge(&mut self, files: &dyn Files) -> Result<()> {
        let Some(basis) = self.basis.clone() else { return Ok(()) };
        let Constraints { bounds, prior, ridge, .. } = self.job.constraints.clone();
        for (label, [least, most]) in &bounds {
            let field = format!("constraints.bounds.{label}");
            let row = self.fitted(&element(&basis, &field, label)?);
            let reached: Vec<usize> = (0..row.len()).filter(|&p| row[p].abs() > 1e-12).collect();
            let free = |p: &usize| self.imposed.as_ref().is_none_or(|i| i.columns[*p].is_some());
            let &[p] = reached.as_slice() else {
                return Err(Error::job(&field, "a constant that follows from others", "bounds of those"));
            };
            if !free(&p) {
                return Err(Error::job(&field, "a constant that is fixed", "one of the two"));
            }
            let ends =
                [least.unwrap_or(f64::NEG_INFINITY), most.unwrap_or(f64::INFINITY)].map(|end| end / row[p]);
            let ends = if row[p] < 0.0 { [ends[1], ends[0]] } else { ends };
            self.theta[p] = self.theta[p].clamp(ends[0], ends[1]);
            match self.bounds.iter_mut().find(|known| known.0 == p) {
                Some((_, known)) => *known = [known[0].max(ends[0]), known[1].min(ends[1])],
                None => self.bounds.push((p, ends)),
            }
        }
        if let Some((p, _)) = self.bounds.iter().find(|(_, [least, most])| least >= most) {
            let label = self.fitted_labels()[*p].clone().unwrap_or_default();
            let field = format!("constraints.bounds.{label}");
            return Err(Error::job(
                &field,
                "symmetry makes two ranges one that is empty",
                "ranges that overlap",
            ));
        }
        for (label, [value, sigma]) in &prior {
            let row = element(&basis, &format!("constraints.prior.{label}"), label)?;
            let quantity = Quantity::Combination(self.fitted(&row));
            self.known.push(Pseudo { names: vec![label.clone()], quantity, values: vec![(*value, *sigma)] });
        }
        if let Some(sigma) = ridge {
            let start = self.all_constants(&self.theta);
            for (p, label) in self.labels().into_iter().enumerate() {
                let quantity = Quantity::Combination(self.row(p));
                let values = vec![(start[p], sigma)];
                self.known.push(Pseudo { names: vec![format!("{label} near its start")], quantity, values });
            }
        }
        self.pseudo_data(files)
    }

    fn pseudo_data(&mut self, files: &dyn Files) -> Result<()> {
        let volume = self.crystal.primitive.volume();
        let given = self.job.pseudo_data.clone();
        for (name, [value, sigma]) in &given.elastic_gpa {
            let digit = |n: usize| name.as_bytes().get(n).map(|b| usize::from(b.wrapping_sub(b'1')));
            let at = match (name.len(), digit(1), digit(2)) {
                (3, Some(i), Some(j)) if name.starts_with('C') && i < 6 && j < 6 => (i, j),
                _ => {
                    let field = format!("pseudo_data.elastic_GPa.{name}");
                    return Err(Error::job(&field, "no elastic constant", "C11 to C66 in Voigt notation"));
                }
            };
            let quantity = Quantity::Elastic { at, volume };
            self.known.push(Pseudo { names: vec![name.clone()], quantity, values: vec![(*value, *sigma)] });
        }
        for (name, [value, sigma]) in &given.u_a2 {
            let symbols = &self.crystal.primitive.symbols;
            let all: Vec<String> = symbols.iter().enumerate().map(|(s, e)| format!("{e}{}", s + 1)).collect();
            let Some(atom) = all.iter().position(|known| known == name) else {
                let field = format!("pseudo_data.U_A2.{name}");
                return Err(Error::job(
                    &field,
                    "no atom of the primitive cell",
                    format!("one of {}", all.join(", ")),
                ));
            };
            let quantity = Quantity::Displacement { atom, set: 0 };
            let names = vec![format!("U of {name}")];
            self.known.push(Pseudo { names, quantity, values: vec![(*value, *sigma)] });
        }
        let rows: Vec<([f64; 3], f64, f64)> = match &given.frequencies {
            None => vec![],
            Some(Frequencies::File(name)) => {
                let rows = read_frequencies(name, &files.read(name)?)?;
                rows.into_iter().map(|row| (row.q, row.frequency, row.sigma)).collect()
            }
            Some(Frequencies::List(list)) => list.iter().map(|f| (f.q, f.thz, f.sigma)).collect(),
        };
        let masses = &self.crystal.primitive.masses;
        for (n, (hkl, frequency, sigma)) in rows.into_iter().enumerate() {
            let fine = hkl.iter().all(|x| x.abs() <= 1e4)
                && (1e-9..1e6).contains(&frequency)
                && (1e-9..1e6).contains(&sigma);
            let field = format!("pseudo_data.frequencies[{n}]");
            if !fine {
                let what = format!("{frequency} ± {sigma} THz at {hkl:?}");
                return Err(Error::job(&field, what, "positive numbers of THz, q up to 10000"));
            }
            let q = self.crystal.q_cart(&hkl);
            let name = format!("ν at {}", hkl.map(crate::base::text::shortest).join(" "));
            let same = self.known.iter_mut().find_map(|known| match &known.quantity {
                Quantity::Frequencies { q: other, .. } if (other - q).norm() < 1e-6 => Some(known),
                _ => None,
            });
            match same {
                Some(known) if known.values.len() == 3 * masses.len() => {
                    let what = format!("more frequencies at {} than there are branches", quote(&name));
                    return Err(Error::job(&field, what, "each branch once"));
                }
                Some(known) => {
                    known.names.push(name);
                    known.values.push((frequency, sigma));
                }
                None => {
                    let quantity = Quantity::Frequencies { q, masses: masses.clone() };
                    self.known.push(Pseudo { names: vec![name], quantity, values: vec![(frequency, sigma)] });
                }
            }
        }
        Ok(())
    }
}
