//! A potential from what a job says of it.

use crate::crystal::Crystal;
use crate::error::Placed;
use crate::formats::setfl::read_setfl;
use crate::ifc::{DipoleDipole, pairs_within, shell_distances};
use crate::job::{PotentialFamily, PotentialSpec};
use crate::potential::{Family, Potential, Surroundings, published_potential};
use crate::run::Files;
use crate::run::prepare::read_text;
use crate::{Error, Result};

/// A potential in its crystal.
pub struct Built {
    pub potential: Potential,
    pub around: Surroundings,
    /// Where its numbers were published.
    pub reference: Option<&'static str>,
    /// Å, and |Φ|² of all pairs at that distance and the largest element: everything that the start gives.
    shells: Vec<(f64, f64, f64)>,
    /// Å: half-way from the last distance with forces to the next one.
    pub reach: f64,
}

/// Of the largest element: less is rounding.
const NOTHING: f64 = 1e-12;

/// # Errors
/// Parameters, files and ranges that cannot be used, with the field or the line of the file.
pub fn build(
    spec: &PotentialSpec,
    field: &str,
    (crystal, dipoles): (&Crystal, Option<&DipoleDipole>),
    cutoff: Option<f64>,
    files: &dyn Files,
) -> Result<Built> {
    let mut elements: Vec<String> = vec![];
    for symbol in &crystal.primitive.symbols {
        if !elements.contains(symbol) {
            elements.push(symbol.clone());
        }
    }
    let mut reference = None;
    let mut potential = match spec.family {
        Some(PotentialFamily::Eam) => tables(spec, field, crystal, &elements, files)?,
        Some(PotentialFamily::Network) => super::network::network(spec, field, crystal, cutoff, files)?,
        _ => {
            refuse(spec, field, "a potential with parameters")?;
            named(spec, field, elements, &mut reference)?
        }
    };
    let by_itself = matches!(spec.family, Some(PotentialFamily::Eam | PotentialFamily::Network));
    if by_itself {
        for (name, value) in &spec.parameters {
            let known = potential.parameters.iter_mut().find(|p| p.name == *name);
            let wrong = |what: String, expected: &str| {
                Error::job(&format!("{field}.parameters.{name}"), what, expected)
            };
            let known = known.ok_or_else(|| wrong("no such parameter".into(), "a name of a result"))?;
            if !value.is_finite() || value.abs() > 1e6 {
                return Err(wrong(format!("{value}"), "a number up to 10⁶"));
            }
            known.value = *value;
        }
    }
    let around = Surroundings::new(&crystal.primitive, &potential).in_job(field)?;
    let shells = shells(&potential, &around, (crystal, dipoles)).in_job(field)?;
    let reach = reach(&shells, crystal, field)?;
    Ok(Built { potential, around, reference, shells, reach })
}

/// Refuses fields of other families.
fn refuse(spec: &PotentialSpec, field: &str, of: &str) -> Result<()> {
    let given =
        [("file", spec.file.is_some()), ("start", spec.start.is_some()), ("layers", spec.layers.is_some())];
    match given.iter().find(|g| g.1) {
        Some((name, _)) => {
            Err(Error::job(&format!("{field}.{name}"), format!("given for {of}"), "nothing here"))
        }
        None => Ok(()),
    }
}

fn named(
    spec: &PotentialSpec,
    field: &str,
    elements: Vec<String>,
    reference: &mut Option<&'static str>,
) -> Result<Potential> {
    let mut parameters = spec.parameters.clone();
    let mut range = spec.range;
    let mut word = spec.family.map(PotentialFamily::word);
    if let Some(id) = &spec.library {
        let place = format!("{field}.library");
        let set = published_potential(id).in_job(&place)?;
        if word.is_some_and(|word| word != set.family) {
            let what = format!("'{id}' is of the family {}", set.family);
            return Err(Error::job(&place, what, "a set of the family that the job names"));
        }
        if elements != [set.element] {
            let what = format!("'{id}' is for {}", set.element);
            return Err(Error::job(&place, what, format!("a set for {}", elements.join(", "))));
        }
        word = Some(set.family);
        range = range.or(Some(set.range));
        *reference = Some(set.reference);
        for (name, value) in set.parameters() {
            parameters.entry(name).or_insert(value);
        }
    }
    let family = word.and_then(Family::named).ok_or_else(|| {
        Error::job(&format!("{field}.family"), "missing", "a family, or the name of a set as `library`")
    })?;
    if matches!(family, Family::StillingerWeber) {
        let own = parameters.get("a").zip(parameters.get("sigma")).map(|(a, sigma)| a * sigma);
        range = own.or(range);
    }
    let range = range.ok_or_else(|| {
        Error::job(&format!("{field}.range"), "missing", "a distance in Å, up to which neighbours count")
    })?;
    Potential::new(family, elements, &parameters, range, spec.smoothing).in_job(field)
}

fn tables(
    spec: &PotentialSpec,
    field: &str,
    crystal: &Crystal,
    elements: &[String],
    files: &dyn Files,
) -> Result<Potential> {
    let only = |name: &str, given: bool| {
        let place = format!("{field}.{name}");
        if given {
            Err(Error::job(&place, "given beside a file", "nothing here: the file has it"))
        } else {
            Ok(())
        }
    };
    only("library", spec.library.is_some())?;
    only("range", spec.range.is_some())?;
    only("smoothing", spec.smoothing != 0.0)?;
    let file = spec.file.as_deref().ok_or_else(|| {
        Error::job(&format!("{field}.file"), "missing", "a setfl or funcfl file with the tables")
    })?;
    let eam = read_setfl(file, &read_text(file, files)?)?;
    let plain = Potential::of_tables(&eam, elements).in_job(field)?;
    let around = Surroundings::new(&crystal.primitive, &plain).in_job(field)?;
    let features = around.features(&plain, &[]);
    let density = |element: &String| {
        let of = crystal.primitive.symbols.iter().zip(&features).filter(|(s, _)| *s == element);
        let all: Vec<f64> = of.map(|(_, f)| f[1]).collect();
        all.iter().sum::<f64>() / all.len() as f64
    };
    let densities: Vec<f64> = elements.iter().map(density).collect();
    if densities.iter().any(|d| !(d.is_finite() && *d > 0.0)) {
        return Err(Error::file(
            file,
            "no density at the atoms of the crystal",
            "tables that reach its neighbours",
        ));
    }
    let shells = shell_distances(crystal, plain.range).in_job(field)?;
    Ok(plain.with_knots(&shells, &densities))
}

/// What the start gives at each distance, charges nearby included.
fn shells(
    potential: &Potential,
    around: &Surroundings,
    (crystal, dipoles): (&Crystal, Option<&DipoleDipole>),
) -> Result<Vec<(f64, f64, f64)>> {
    let near = dipoles.map_or(0.0, DipoleDipole::reach_of_near);
    let pairs = pairs_within(crystal, potential.longest_pair().max(near))?;
    let list: Vec<_> = pairs.iter().map(|p| (p.i, p.j, p.cell)).collect();
    let all = around.force_constants(potential, &potential.values(), &list);
    let mut shells: Vec<(f64, f64, f64)> = vec![];
    for (pair, mut phi) in pairs.iter().zip(all) {
        if let Some(part) = dipoles.filter(|_| pair.vector.norm() <= near) {
            phi += part.near(pair.i, pair.j, &pair.vector);
        }
        let r = pair.vector.norm();
        if shells.last().is_none_or(|last| r - last.0 > 1e-3) {
            shells.push((r, 0.0, 0.0));
        }
        if let Some(last) = shells.last_mut() {
            (last.1, last.2) = (last.1 + phi.norm_squared(), last.2.max(phi.amax()));
        }
    }
    Ok(shells)
}

fn reach(shells: &[(f64, f64, f64)], crystal: &Crystal, field: &str) -> Result<f64> {
    let largest = shells.iter().map(|s| s.2).fold(0.0, f64::max);
    let far = shells.iter().rfind(|s| s.2 > NOTHING * largest && s.2 > 0.0);
    let last = far.map(|s| s.0).filter(|_| largest.is_finite()).ok_or_else(|| {
        Error::job(
            &format!("{field}.parameters"),
            "no forces between atoms",
            "numbers with which there are some",
        )
    })?;
    let unit = crystal.primitive.volume().cbrt() * 1.2;
    let all = shell_distances(crystal, last + unit)?;
    let next = all.iter().find(|r| **r > last + 1e-3).copied().unwrap_or(last + unit);
    Ok(0.5 * (last + next))
}

impl Built {
    /// What constants up to a cutoff leave out of the potential, in words.
    pub fn left_out_note(&self, cutoff: f64) -> Option<String> {
        let total: f64 = self.shells.iter().map(|s| s.1).sum();
        let beyond = self.shells.iter().filter(|s| s.0 > cutoff);
        let (norm, largest) = beyond.fold((0.0, 0.0_f64), |sum, s| (sum.0 + s.1, sum.1.max(s.2)));
        let part = (norm / total).sqrt();
        (part > 1e-6).then(|| {
            format!(
                "The irreducible constants up to {cutoff} Å hold the potential's force constants, which reach to {:.2} Å, to \
                 {:.2} % (largest difference {largest:.4} eV/Å²).",
                self.reach,
                100.0 * part
            )
        })
    }
}
