//! The data of a job: read or simulated, and each temperature a measurement of its own.

#[cfg(feature = "chosen")]
use super::report::CellParameters;
use super::{Files, Prepared};
use crate::base::parallel::{Pool, now};
use crate::data::Dataset;
use crate::job::{DataSpec, Job};
use crate::{Error, Result};

impl Prepared {
    /// Reads or simulates the data of the job.
    pub fn read_data(&self, files: &dyn Files) -> Result<Vec<Dataset>> {
        now(self.read_data_in(&Pool::here(), files))
    }

    /// The same, in pieces.
    ///
    /// # Errors
    /// As [`Prepared::read_data`].
    pub async fn read_data_in(&self, pool: &Pool, files: &dyn Files) -> Result<Vec<Dataset>> {
        if self.job.data.is_empty() {
            return Err(Error::job("data", "no data files", "at least one {\"file\": …}"));
        }
        let mut all = Vec::with_capacity(self.job.data.len());
        for (n, spec) in self.job.data.iter().enumerate() {
            let field = format!("data[{n}]");
            all.push(match (&spec.synthetic, spec.file.as_str()) {
                (Some(synthetic), "") => synthetic.simulate(&field, self, pool, files).await?,
                (None, file) if !file.is_empty() => {
                    let set = super::measured::read(&field, spec, files).await?;
                    #[cfg(feature = "chosen")]
                    let set =
                        super::background::join(&field, self.with_cell_compared(set), spec, files).await?;
                    at_temperature(set, spec)?
                }
                _ => return Err(Error::job(&field, "not one source of data", "either file or synthetic")),
            });
        }
        Ok(all)
    }

    /// A job with its data, those of each temperature apart.
    ///
    /// # Errors
    /// As those of [`Prepared::new`] and [`Prepared::read_data`].
    pub fn with_data(job: &Job, files: &dyn Files) -> Result<(Self, Vec<Dataset>)> {
        let mut prepared = Prepared::new(job, files)?;
        let data = prepared.read_data(files)?;
        let data = prepared.by_temperature(data)?;
        Ok((prepared, data))
    }

    /// Makes a measurement of its own of each temperature in a table that has several; they share all that stands between
    /// intensity and data.
    pub fn by_temperature(&mut self, data: Vec<Dataset>) -> Result<Vec<Dataset>> {
        const MOST: usize = 1000;
        let mut out = vec![];
        let mut specs = vec![];
        for (n, set) in data.into_iter().enumerate() {
            let spec = self.job.data[n].clone();
            let Some(temperature) = &set.temperature else {
                specs.push(spec);
                out.push(set);
                continue;
            };
            let mut all = temperature.clone();
            crate::base::order::sort_floats(&mut all);
            all.dedup();
            if all.len() > MOST {
                let what = format!("{} temperatures", all.len());
                return Err(Error::file(&set.name, what, format!("at most {MOST}")));
            }
            let word = (all.len() > 1).then(|| spec.shares.clone().unwrap_or_else(|| spec.file.clone()));
            for kelvin in all {
                let spec = DataSpec {
                    temperature: Some(kelvin),
                    shares: word.clone().or_else(|| spec.shares.clone()),
                    ..spec.clone()
                };
                out.push(at_temperature(set.clone(), &spec)?);
                specs.push(spec);
            }
        }
        self.job.data = specs;
        Ok(out)
    }

    #[cfg(feature = "chosen")]
    fn with_cell_compared(&self, mut set: Dataset) -> Dataset {
        set.notes.extend(self.other_cell_note(&set));
        set
    }

    /// What to say where a file states another cell than the crystal of the job has: its hkl may be others as well.
    #[cfg(feature = "chosen")]
    fn other_cell_note(&self, set: &Dataset) -> Option<String> {
        /// Relative: more than heating does, less than another substance.
        const NEAR: f64 = 0.01;
        const NAMES: [&str; 6] = ["a", "b", "c", "α", "β", "γ"];
        let stated = set.unit_cell?;
        let CellParameters { a, b, c, alpha, beta, gamma } = CellParameters::of(&self.crystal.input);
        let own = [a, b, c, alpha, beta, gamma];
        // Numbers that nobody filled in.
        let is_cell = stated.iter().all(|x| x.is_finite() && *x > 0.0) && stated[..3] != [1.0; 3];
        let off = |n: &usize| (stated[*n] / own[*n] - 1.0).abs();
        let worst =
            (0..6).rev().max_by(|a, b| off(a).total_cmp(&off(b))).filter(|n| is_cell && off(n) > NEAR)?;
        let unit = if worst < 3 { " Å" } else { "°" };
        Some(format!(
            "{}: the file states {} = {:.4}{unit}, the crystal has {:.4}{unit} ({:.1} % off): the hkl of the file \
             may be those of another cell.",
            set.name,
            NAMES[worst],
            stated[worst],
            own[worst],
            100.0 * off(&worst)
        ))
    }
}

/// Of a table with a column of temperatures, the rows of the one that is asked for.
fn at_temperature(mut set: Dataset, spec: &DataSpec) -> Result<Dataset> {
    let (Some(all), Some(wanted)) = (&set.temperature, spec.temperature) else { return Ok(set) };
    let keep: Vec<bool> = all.iter().map(|t| (t - wanted).abs() <= 1e-6).collect();
    if !keep.contains(&true) {
        let what = format!("no row at {wanted} K");
        return Err(Error::file(&set.name, what, "a temperature that stands in the file"));
    }
    set.retain(&keep);
    set.temperature = None;
    Ok(set)
}
