//! Potentials for LAMMPS: lines of its input, and the files that they name. Units `metal`: eV, Å.
//!
//! lj/cut, morse, buck, buck/coul/long and sw take the parameters themselves; pairs that are switched off smoothly become tables
//! (pair_style table), embedded atoms and Sutton–Chen and Gupta, which are such, a setfl file (pair_style eam/alloy). In alloys of
//! the latter two the density that an atom adds depends on where it does so, which is the layout of Finnis and Sinclair
//! (pair_style eam/fs).
//! <https://docs.lammps.org/pair_style.html>

use std::fmt::Write as _;

use crate::crystal::elements::atomic_number;
use crate::potential::{CurveKind, Family, Potential, Surroundings};
use crate::{Error, Result};

/// A parameter as it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noted {
    /// Its value.
    pub value: f64,
    /// σ, where it is known.
    pub sigma: Option<f64>,
}

/// What LAMMPS wants to know of the atoms of an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atoms {
    /// u.
    pub mass: f64,
    /// e, as charges in vacuum; none where there are none.
    pub charge: Option<f64>,
}

/// Names and texts of files, or why there are none.
pub type Written = std::result::Result<Vec<(String, String)>, String>;

/// Spacing of tables of the distance, Å, at most: force constants follow from second derivatives, which a spline has to Å²/10⁸.
const SPACING: f64 = 2.5e-4;
/// Points of a table of the embedding.
const DENSITIES: usize = 5001;
/// Tables of the density end here, in units of the largest at an atom.
const DENSEST: f64 = 3.0;
/// Below this part of the shortest distance the functions go on as parabolas: they need not be finite at zero.
const INNERMOST: f64 = 0.5;
/// Points of a pair table.
const PAIR_POINTS: usize = 10_000;

/// Writes a potential whose files begin with `stem`. `noted`: all parameters; `atoms`: by element; `around`: the crystal, which
/// says where tables have to be good; `reference`: where the start was published.
///
/// # Errors
/// Functions that are not finite where tables need them.
pub fn write_lammps(
    potential: &Potential,
    noted: &[Noted],
    atoms: &[Atoms],
    around: &Surroundings,
    stem: &str,
    reference: &str,
) -> Result<Written> {
    let writer = Writer { potential, noted, atoms, around, p: noted.iter().map(|n| n.value).collect() };
    let mut lines = writer.head(reference);
    let mut files = vec![];
    match potential.family {
        Family::Network(_) => {
            return Ok(Err("LAMMPS itself has no pair_style for a network of these symmetry functions: its weights are in \
                           the result, its curve in the table."
                .into()));
        }
        Family::LennardJones | Family::Morse | Family::Buckingham => {
            if potential.smoothing > 0.0 {
                let name = format!("{stem}.table");
                writer.tabulated(&mut lines, &name);
                files.push((name, writer.pair_tables()?));
            } else {
                writer.pairs(&mut lines);
            }
        }
        Family::StillingerWeber => {
            let name = format!("{stem}.sw");
            let _ = writeln!(lines, "pair_style sw\npair_coeff * * {name} {}", potential.elements.join(" "));
            files.push((name, writer.stillinger_weber()));
        }
        Family::SuttonChen | Family::Gupta | Family::Eam(_) => {
            let end = if writer.has_densities_by_pair() { "fs" } else { "alloy" };
            let name = format!("{stem}.eam.{end}");
            let elements = potential.elements.join(" ");
            let _ = writeln!(lines, "pair_style eam/{end}\npair_coeff * * {name} {elements}");
            files.push((name, writer.setfl()?));
        }
    }
    files.insert(0, (format!("{stem}.lammps"), lines));
    Ok(Ok(files))
}

/// Tables of the forces of charges have steps in their slopes, 4·10⁻⁴ of Φ.
const FINE: &str = "pair_modify table 0\n";

struct Writer<'a> {
    potential: &'a Potential,
    noted: &'a [Noted],
    atoms: &'a [Atoms],
    around: &'a Surroundings,
    p: Vec<f64>,
}

impl Writer<'_> {
    /// Comments with all parameters, and the masses.
    fn head(&self, reference: &str) -> String {
        let potential = self.potential;
        let mut out = format!(
            "# {} for {}, fitted to diffuse scattering by TDS Inversion; units metal (eV, Å)\n",
            potential.family.word(),
            potential.elements.join(", ")
        );
        if !reference.is_empty() {
            let _ = writeln!(out, "# the start: {reference}");
        }
        let (range, smoothing) = (potential.range, potential.smoothing);
        let end = if smoothing > 0.0 {
            format!("switched off over the last {smoothing} Å")
        } else {
            "sharp".into()
        };
        let _ = writeln!(out, "# range {range} Å, {end}");
        if !matches!(potential.family, Family::Network(_)) {
            for (parameter, noted) in potential.parameters.iter().zip(self.noted) {
                let sigma = noted.sigma.map_or(String::new(), |s| format!(" ± {s:.3e}"));
                let _ = writeln!(out, "# {} = {}{sigma} {}", parameter.name, noted.value, parameter.unit);
            }
        }
        let style = if self.has_charges() { ", atom_style charge" } else { "" };
        let _ = writeln!(
            out,
            "# to be included, in this folder, once there is a box; the script begins with: units metal{style}"
        );
        for (n, atoms) in self.atoms.iter().enumerate() {
            let _ = writeln!(out, "mass {} {}  # {}", n + 1, atoms.mass, potential.elements[n]);
        }
        out
    }

    /// Charges and the sum of their forces.
    fn charges(&self, lines: &mut String) -> bool {
        if !self.has_charges() {
            return false;
        }
        for (n, atoms) in self.atoms.iter().enumerate() {
            let _ = writeln!(lines, "set type {} charge {}", n + 1, atoms.charge.unwrap_or(0.0));
        }
        *lines += "kspace_style ewald 1e-10\n";
        true
    }

    fn has_charges(&self) -> bool {
        self.atoms.iter().any(|a| a.charge.is_some())
    }

    /// Each pair of types with its first parameter.
    fn each(&self) -> Vec<([usize; 2], Option<usize>)> {
        let n = self.potential.elements.len();
        let all = (0..n).flat_map(|high| (0..=high).map(move |low| [low, high]));
        all.map(|[low, high]| ([low, high], self.potential.first_of(low, high))).collect()
    }

    /// Families of pairs that LAMMPS has.
    fn pairs(&self, lines: &mut String) {
        let range = self.potential.range;
        let has_charges = self.charges(lines);
        let style = match self.potential.family {
            Family::LennardJones => format!("lj/cut {range}"),
            Family::Morse => format!("morse {range}"),
            _ if has_charges => format!("buck/coul/long {range} {}", range.max(10.0)),
            _ => format!("buck {range}"),
        };
        let _ = writeln!(lines, "pair_style {style}");
        if has_charges {
            *lines += FINE;
        }
        for ([low, high], first) in self.each() {
            let (types, p) = (format!("{} {}", low + 1, high + 1), &self.p);
            let numbers = match (&self.potential.family, first) {
                (Family::LennardJones, Some(f)) => format!("{} {}", p[f], p[f + 1]),
                (Family::LennardJones, None) => "0.0 1.0".into(),
                (Family::Morse, None) | (Family::Buckingham, None) => "0.0 1.0 0.0".into(),
                (_, Some(f)) => format!("{} {} {}", p[f], p[f + 1], p[f + 2]),
                (_, None) => continue,
            };
            let _ = writeln!(lines, "pair_coeff {types} {numbers}");
        }
    }

    /// Families of pairs as tables.
    fn tabulated(&self, lines: &mut String, file: &str) {
        let range = self.potential.range;
        let style = format!("table spline {PAIR_POINTS}");
        let has_charges = self.charges(lines);
        if has_charges {
            let _ = writeln!(
                lines,
                "pair_style hybrid/overlay coul/long {} {style}\n{FINE}pair_coeff * * coul/long",
                range.max(10.0)
            );
        } else {
            let _ = writeln!(lines, "pair_style {style}");
        }
        let table = if has_charges { "table " } else { "" };
        for ([low, high], first) in self.each() {
            let keyword = self.keyword(low, high);
            let types = format!("{} {}", low + 1, high + 1);
            match first {
                Some(_) => {
                    let _ = writeln!(lines, "pair_coeff {types} {table}{file} {keyword} {range}");
                }
                // coul/long speaks for it.
                None if has_charges => {
                    let _ = writeln!(lines, "# {keyword} has no forces but those of charges");
                }
                None => {
                    let _ = writeln!(lines, "pair_coeff {types} {file} {keyword} {range}  # no forces");
                }
            }
        }
    }

    fn keyword(&self, low: usize, high: usize) -> String {
        format!("{}_{}", self.potential.elements[low], self.potential.elements[high])
    }

    fn pair_tables(&self) -> Result<String> {
        let (from, range) = (INNERMOST * self.around.nearest(), self.potential.range);
        let mut out = format!(
            "# r (Å), energy (eV), force (eV/Å) of {}, by TDS Inversion\n",
            self.potential.family.word()
        );
        let has_charges = self.has_charges();
        for ([low, high], first) in self.each().into_iter().filter(|pair| pair.1.is_some() || !has_charges) {
            let _ = writeln!(out, "\n{}\nN {PAIR_POINTS} R {from} {range}\n", self.keyword(low, high));
            for k in 0..PAIR_POINTS {
                let r = from + (range - from) * k as f64 / (PAIR_POINTS - 1) as f64;
                let [energy, slope, _] = match first {
                    Some(_) => self.finite(CurveKind::Pair, [low, high], r)?,
                    None => [0.0; 3],
                };
                let _ = writeln!(out, "{} {r:.12} {energy:.15e} {:.15e}", k + 1, -slope);
            }
        }
        Ok(out)
    }

    /// Value, slope and curvature.
    fn finite(&self, kind: CurveKind, elements: [usize; 2], x: f64) -> Result<[f64; 3]> {
        let found = self.potential.function(&self.p, kind, elements, x);
        let is_finite = found.iter().all(|v| v.is_finite());
        let wrong = || Error::value(format!("no finite energy at {x:.4}"), "one that a table can hold");
        is_finite.then_some(found).ok_or_else(wrong)
    }

    fn stillinger_weber(&self) -> String {
        let element = &self.potential.elements[0];
        let [epsilon, sigma, a, big_a, big_b, lambda, gamma] = [0, 1, 2, 3, 4, 5, 6].map(|k| self.p[k]);
        format!(
            "# Stillinger–Weber, by TDS Inversion; units metal\n\
             # element 1, 2, 3, epsilon, sigma, a, lambda, gamma, costheta0, A, B, p, q, tol\n\
             {element} {element} {element} {epsilon} {sigma} {a} {lambda} {gamma} {} {big_a} {big_b} 4.0 0.0 0.0\n",
            -1.0 / 3.0
        )
    }

    /// Number and spacing of a table of the distance, the same of the density at atoms.
    fn grids(&self) -> (usize, f64, usize, f64) {
        if let Some((d_rho, last_rho, d_r, last_r)) = self.potential.grids_of_tables() {
            // Where the points of a spline are among those of another one, both are the same.
            let finer = (d_r / SPACING).ceil().max(1.0);
            let denser = (DENSITIES as f64 * d_rho / last_rho).ceil().max(1.0);
            let count = |last: f64, d: f64| (last / d + 0.5).floor() as usize + 1;
            let (d_rho, d_r) = (d_rho / denser, d_r / finer);
            return (count(last_rho, d_rho), d_rho, count(last_r, d_r), d_r);
        }
        let n_r = (self.potential.range / SPACING).ceil() as usize + 1;
        let most = self.around.features(self.potential, &self.p).iter().map(|s| s[1]).fold(0.0, f64::max);
        let d_rho = DENSEST * most / (DENSITIES - 1) as f64;
        (DENSITIES, d_rho, n_r, self.potential.range / (n_r - 1) as f64)
    }

    /// Whether what an atom adds to a density depends on the element that it adds it at.
    fn has_densities_by_pair(&self) -> bool {
        self.potential.elements.len() > 1 && !matches!(self.potential.family, Family::Eam(_))
    }

    fn setfl(&self) -> Result<String> {
        let potential = self.potential;
        let elements = &potential.elements;
        let (n_rho, d_rho, n_r, d_r) = self.grids();
        let words = format!("{} for {}", potential.family.word(), elements.join(" "));
        let mut out = format!(
            "{words}, fitted to diffuse scattering by TDS Inversion\nunits metal: eV, Å\nparameters in the file of lines beside this one\n\
             {} {}\n{n_rho} {d_rho:.17e} {n_r} {d_r:.17e} {:.12}\n",
            elements.len(),
            elements.join(" "),
            potential.range
        );
        for (n, element) in elements.iter().enumerate() {
            let number = atomic_number(element).unwrap_or(0);
            let _ = writeln!(out, "{number} {} {:.6} none", self.atoms[n].mass, self.around.nearest());
            let embedding: Result<Vec<f64>> =
                (0..n_rho).map(|k| Ok(self.embedding(n, d_rho * k as f64))).collect();
            list(&mut out, &embedding?)?;
            let at = if self.has_densities_by_pair() { 0..elements.len() } else { n..n + 1 };
            for at in at {
                let density = self.by_distance(n_r, d_r, |r| self.finite(CurveKind::Density, [at, n], r))?;
                list(&mut out, &density)?;
            }
        }
        for high in 0..elements.len() {
            for low in 0..=high {
                let times_r = |r: f64| {
                    let [v, d, b] = self.finite(CurveKind::Pair, [low, high], r)?;
                    Ok([r * v, v + r * d, 2.0 * d + r * b])
                };
                list(&mut out, &self.by_distance(n_r, d_r, times_r)?)?;
            }
        }
        Ok(out)
    }

    fn embedding(&self, n: usize, rho: f64) -> f64 {
        // The root of a density has no slope at zero, but a value.
        self.potential.function(&self.p, CurveKind::Embedding, [n, n], rho)[0]
    }

    /// A function from zero, as a parabola where it need not be finite.
    fn by_distance(&self, n: usize, d: f64, of: impl Fn(f64) -> Result<[f64; 3]>) -> Result<Vec<f64>> {
        let inner = INNERMOST * self.around.nearest();
        let [value, slope, bend] = of(inner)?;
        let at = |k: usize| {
            let r = d * k as f64;
            let off = r - inner;
            if off < 0.0 { Ok(value + off * (slope + 0.5 * off * bend)) } else { Ok(of(r)?[0]) }
        };
        (0..n).map(at).collect()
    }
}

/// Numbers, five on a line.
fn list(out: &mut String, values: &[f64]) -> Result<()> {
    if values.iter().any(|v| !v.is_finite()) {
        return Err(Error::value("no finite energy", "one that a table can hold"));
    }
    for line in values.chunks(5) {
        let words: Vec<String> = line.iter().map(|v| format!("{v:.16e}")).collect();
        let _ = writeln!(out, "{}", words.join(" "));
    }
    Ok(())
}
