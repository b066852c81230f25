//! The functions of a potential as curves: where the fit stands and where it started, with the σ of every value.

use std::fmt::Write as _;

use serde::Serialize;

use super::Refined;
use crate::fit::{Session, Uncertainty};
use crate::potential::{Curve, CurveKind};
use crate::run::{Files, Prepared, Run};
use crate::{Error, Result};

/// One function of a potential.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CurveReport {
    /// What it is, such as “φ(r)”, with the elements where there are several.
    pub name: String,
    /// The same in words.
    pub meaning: &'static str,
    /// What stands along the axis, with its unit.
    pub across: &'static str,
    /// Unit of the values; empty for pure numbers.
    pub unit: &'static str,
    /// Places along the axis, ascending.
    pub x: Vec<f64>,
    /// The function with the present parameters.
    pub value: Vec<f64>,
    /// With those of the start.
    pub start: Vec<f64>,
    /// σ of each value; null before a fit, and where the data do not bound one of them.
    pub sigma: Option<Vec<f64>>,
    /// Where the crystal is: the distances of its neighbours, the density at its atoms, its angles.
    pub marks: Vec<f64>,
}

/// Values of a curve.
const PLACES: usize = 121;

fn words(
    curve: &Curve,
    family: &str,
    elements: &[String],
) -> (String, &'static str, &'static str, &'static str) {
    let [a, b] = curve.elements;
    let several = elements.len() > 1;
    let pair = if several { format!(" {}–{}", elements[a], elements[b]) } else { String::new() };
    let one = if several { format!(" {}", elements[b]) } else { String::new() };
    const R: &str = "r (Å)";
    match curve.kind {
        CurveKind::Pair if family == "buckingham" => {
            (format!("φ(r){pair}"), "energy of a pair by its distance, apart from charges", R, "eV")
        }
        CurveKind::Pair => (format!("φ(r){pair}"), "energy of a pair by its distance", R, "eV"),
        CurveKind::Density => {
            let meaning = "what a neighbour adds to the density at an atom";
            let unit = if family == "gupta" { "eV²" } else { "" };
            (format!("ρ(r){}", if family == "eam" { one } else { pair }), meaning, R, unit)
        }
        CurveKind::Embedding => {
            let meaning = "energy of an atom by the density at it";
            let across = if family == "gupta" { "ρ (eV²)" } else { "ρ" };
            (format!("F(ρ){one}"), meaning, across, "eV")
        }
        CurveKind::Angle => {
            let meaning = "energy of two shortest bonds by the angle between them";
            ("h(θ)".into(), meaning, "θ (degrees)", "eV")
        }
        CurveKind::Stretch => {
            let meaning = "energy of an atom while the crystal is stretched on all sides: a network has no function of one distance";
            ("E(a)".into(), meaning, "a / a of the job", "eV")
        }
    }
}

impl Refined {
    fn curve_report(
        &self,
        curve: &Curve,
        x: &[f64],
        uncertainty: Option<(&Uncertainty, &[usize])>,
    ) -> CurveReport {
        let (potential, around) = (&self.potential, &self.around);
        let (name, meaning, across, unit) = words(curve, potential.family.word(), &potential.elements);
        let p = self.parameters(x);
        let places = around.places(curve, PLACES);
        let sigma = uncertainty.and_then(|(uncertainty, resting)| {
            let slopes = around.curve_slopes(potential, &p, self.directions(), curve, &places);
            let of = |k: usize| -> Option<f64> {
                // What rests at the end of its range does not move.
                let moves = |d: usize, slope: f64| if resting.contains(&d) { 0.0 } else { slope };
                let along: Vec<f64> = slopes.iter().enumerate().map(|(d, all)| moves(d, all[k])).collect();
                uncertainty.sigma_of_parameters(&along)
            };
            (0..places.len()).map(of).collect()
        });
        let value = around.curve(potential, &p, curve, &places);
        let start = around.curve(potential, &potential.values(), curve, &places);
        let marks = curve.marks.clone();
        CurveReport { name, meaning, across, unit, x: places, value, start, sigma, marks }
    }

    /// All curves at parameters x; with `uncertainty`, and the numbers of the parameters that rest at the ends of their ranges,
    /// with σ.
    pub(super) fn curve_reports(
        &self,
        x: &[f64],
        uncertainty: Option<(&Uncertainty, &[usize])>,
    ) -> Vec<CurveReport> {
        let mut all = self.around.curves(&self.potential, &self.potential.values());
        // The density is where it is now, and the curve reaches from there to where it was.
        for (curve, now) in all.iter_mut().zip(self.around.curves(&self.potential, &self.parameters(x))) {
            let ends = [curve.ends[0].min(now.ends[0]), curve.ends[1].max(now.ends[1])];
            *curve = Curve { ends, ..now };
        }
        all.iter().map(|curve| self.curve_report(curve, x, uncertainty)).collect()
    }
}

impl Prepared {
    /// The curves of the potential where a fit stands; none where the job has none.
    pub(super) fn potential_curves(
        &self,
        session: &Session,
        uncertainty: Option<&Uncertainty>,
    ) -> Option<Vec<CurveReport>> {
        let resting = session.problem.at_the_end(session.current());
        let known = uncertainty.map(|u| (u, &resting[..]));
        Some(self.refined.as_ref()?.curve_reports(session.current().parameters(), known))
    }
}

impl<F: Files> Run<F> {
    /// The functions of the job's potential where the fit stands, with σ once it has moved; none where the job has none.
    pub fn potential_curves(&self) -> Option<Vec<CurveReport>> {
        self.prepared.refined.as_ref()?;
        let moved = self.session.progress().iteration > 0;
        let uncertainty = moved.then(|| self.uncertainty());
        self.prepared.potential_curves(&self.session, uncertainty.as_ref())
    }
}

impl<F: Files> Run<F> {
    /// The functions with parameters that a hand holds, without σ.
    ///
    /// # Errors
    /// A job without a potential; not one finite number for each parameter.
    pub fn touched_curves(&self, values: &[f64]) -> Result<Vec<CurveReport>> {
        let none = || Error::job("potential", "missing", "a potential to move");
        let refined = self.prepared.refined.as_ref().ok_or_else(none)?;
        Ok(refined.curve_reports(&refined.fitted(values)?, None))
    }
}

/// Curves as a table: one line for each value, the name of the curve first.
pub fn curves_csv(curves: &[CurveReport]) -> String {
    let mut out =
        "# Functions of a potential by TDS Inversion; sigma is empty where the data do not bound it.\n"
            .to_owned();
    for curve in curves {
        let unit = if curve.unit.is_empty() { "a pure number" } else { curve.unit };
        let _ =
            writeln!(out, "# {}: {}; x is {}, values are {unit}", curve.name, curve.meaning, curve.across);
    }
    out += "curve,x,value,sigma,start\n";
    for curve in curves {
        for (k, x) in curve.x.iter().enumerate() {
            let sigma = curve.sigma.as_ref().map_or(String::new(), |s| format!("{:e}", s[k]));
            let _ = writeln!(out, "{},{x},{:e},{sigma},{:e}", curve.name, curve.value[k], curve.start[k]);
        }
    }
    out
}
