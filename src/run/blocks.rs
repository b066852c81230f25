//! Data divided into blocks of reciprocal space: what is wrong with one datum is mostly wrong with its neighbours and
//! equivalents, too, so that whole blocks are left out or drawn, never single data.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::calibrated::Hkl;
use super::{Prepared, Rows};
use crate::Result;
use crate::base::parallel::{Pool, now};
use crate::data::Dataset;
use crate::fit::{Evaluation, Problem, Session};

/// The cell of reciprocal space that holds the first of the equivalents of each row.
pub(super) struct Blocks {
    /// Number of the block of each row of each data set; none for rows that take no part.
    of_row: Vec<Vec<Option<usize>>>,
    /// How many there are.
    pub n: usize,
}

impl Blocks {
    pub fn new(rows: &[Rows]) -> Self {
        let mut known: BTreeMap<[i64; 3], usize> = BTreeMap::new();
        let mut block = |hkl: [f64; 3]| {
            let n = known.len();
            *known.entry(hkl.map(|x| x.round() as i64)).or_insert(n)
        };
        let mut of_row = vec![];
        for rows in rows {
            let places = rows.point.iter().zip(&rows.used);
            of_row.push(places.map(|(p, used)| p.filter(|_| *used).map(|p| block(rows.hkl[p]))).collect());
        }
        Blocks { of_row, n: known.len() }
    }

    /// The data with each block as many times as `count` says.
    pub fn taken(&self, data: &[Dataset], count: &dyn Fn(usize) -> usize) -> Vec<Dataset> {
        let one = |(set, blocks): (&Dataset, &Vec<Option<usize>>)| {
            let times = |row: usize| blocks[row].map_or(0, count);
            let rows: Vec<usize> =
                (0..set.hkl.len()).flat_map(|row| std::iter::repeat_n(row, times(row))).collect();
            let column = |values: &Vec<f64>| rows.iter().map(|&row| values[row]).collect();
            Dataset {
                hkl: rows.iter().map(|&row| set.hkl[row]).collect(),
                intensity: column(&set.intensity),
                sigma: set.sigma.as_ref().map(column),
                exposure: set.exposure.as_ref().map(column),
                #[cfg(feature = "chosen")]
                marks: match set.marks.is_empty() {
                    true => vec![],
                    false => rows.iter().map(|&row| set.marks[row]).collect(),
                },
                ..set.clone()
            }
        };
        data.iter().zip(&self.of_row).map(one).collect()
    }

    /// Mean squared deviation in σ of the data in blocks that `wanted` names, and their number.
    pub fn misfit(
        &self,
        problem: &Problem,
        at: &Evaluation,
        data: &[Dataset],
        rows: &[Rows],
        wanted: &dyn Fn(usize) -> bool,
    ) -> (f64, usize) {
        let (mut sum, mut n) = (0.0, 0);
        let (counted, unit) = (problem.has_sigma(), problem.variance(at));
        for (t, (set, rows)) in data.iter().zip(rows).enumerate() {
            let values = problem.terms[t].values(&at.theta, &at.nuisances[t], &rows.point, &rows.places);
            for (row, block) in self.of_row[t].iter().enumerate() {
                if !block.is_some_and(wanted) || !values[row].is_finite() {
                    continue;
                }
                let variance = rows.variance(set, row, values[row], counted, unit);
                sum += (set.intensity[row] - values[row]).powi(2) / variance;
                n += 1;
            }
        }
        (sum, n)
    }
}

impl Prepared {
    /// A fit of other data, to its end, about the hkl that it finds.
    pub(super) fn fitted_to(&self, data: &[Dataset]) -> Result<(Session, Vec<Rows>)> {
        let (mut session, mut rows) = self.session(data)?;
        session.run();
        let mut own = Cow::Borrowed(self);
        while let Hkl::Again(next) = now(own.about_found(&Pool::here(), &session, data, &rows)) {
            let prepared;
            (prepared, session, rows) = *next;
            own = Cow::Owned(prepared);
            session.run();
        }
        Ok((session, rows))
    }
}
