//! Every number that a job may hold lies in a range in which the rest of the program can calculate: beyond it, floating
//! point gives infinities that look like results.

#[cfg(feature = "chosen")]
use super::DataSpec;
use super::{ConstantsSpec, Job};
use crate::base::text::shortest;
#[cfg(feature = "chosen")]
use crate::data::shape::mask_files;
use crate::fit::{Background, Scale};
use crate::{Error, Result};

/// No bond is stiffer, eV/Å²; the stiffest known have 70.
pub(crate) const STIFFEST: f64 = 1e6;

/// Larger scales and counts lose everything else in rounding.
const LARGEST_SCALE: f64 = 1e30;

/// Larger |h|, |k|, |l| or |Q| (Å⁻¹) are no scattering vectors.
const LARGEST_VECTOR: f64 = 1e4;

/// No atom scatters more, electrons.
const LARGEST_ANOMALOUS: f64 = 1e3;

/// Refuses numbers out of range; what a field means by itself is checked where it is used.
pub(crate) fn check_numbers(job: &Job) -> Result<()> {
    let constants = &job.force_constants;
    for (field, set) in [
        ("force_constants.start", &constants.start),
        ("force_constants.values", &constants.values),
        ("reference", &job.reference),
    ] {
        check_constants(field, set.as_ref())?;
    }
    #[cfg(feature = "chosen")]
    check_constraints(job)?;
    for (element, parts) in &job.anomalous {
        within(&format!("anomalous.{element}"), parts, LARGEST_ANOMALOUS, "electrons")?;
    }
    let mask = &job.mask;
    within("mask.bragg_radius", &[mask.bragg_radius], LARGEST_VECTOR, "reciprocal-lattice units")?;
    within("mask.q_min", &[mask.q_min], LARGEST_VECTOR, "Å⁻¹")?;
    within("mask.q_max", mask.q_max.as_slice(), LARGEST_VECTOR, "Å⁻¹")?;
    check_scale("nuisance.scale", Some(job.nuisance.scale))?;
    check_backgrounds("nuisance.background", &job.nuisance.background)?;
    for (n, data) in job.data.iter().enumerate() {
        let field = |name: &str| format!("data[{n}].{name}");
        check_scale(&field("scale"), data.scale)?;
        check_backgrounds(&field("background"), data.background.as_deref().unwrap_or_default())?;
        within(
            &field("origin"),
            data.origin.as_slice().as_flattened(),
            LARGEST_VECTOR,
            "reciprocal-lattice units",
        )?;
        #[cfg(feature = "chosen")]
        check_voxels(&field, data)?;
        #[cfg(feature = "simulated")]
        if let Some(synthetic) = &data.synthetic {
            check_synthetic(n, synthetic)?;
        }
    }
    Ok(())
}

/// What is imposed on the constants and known of them.
#[cfg(feature = "chosen")]
fn check_constraints(job: &Job) -> Result<()> {
    let constraints = &job.constraints;
    for (label, value) in &constraints.fixed {
        within(&format!("constraints.fixed.{label}"), &[*value], STIFFEST, "eV/Å²")?;
    }
    for (n, tie) in constraints.tied.iter().enumerate() {
        let field = format!("constraints.tied[{n}]");
        within(&field, &[tie.value], STIFFEST, "eV/Å²")?;
        within(&field, &tie.coefficients, STIFFEST, "as a coefficient")?;
    }
    for (label, ends) in &constraints.bounds {
        let field = format!("constraints.bounds.{label}");
        let ends: Vec<f64> = ends.iter().flatten().copied().collect();
        within(&field, &ends, STIFFEST, "eV/Å²")?;
        if let [least, most] = ends[..]
            && least >= most
        {
            let what = format!("[{}, {}]", shortest(least), shortest(most));
            return Err(Error::job(&field, what, "a least value below the largest"));
        }
    }
    for (label, known) in &constraints.prior {
        check_known(&format!("constraints.prior.{label}"), *known, STIFFEST, "eV/Å²")?;
    }
    if let Some(ridge) = constraints.ridge {
        check_known("constraints.ridge", [0.0, ridge], STIFFEST, "eV/Å²")?;
    }
    for (name, known) in &job.pseudo_data.elastic_gpa {
        check_known(&format!("pseudo_data.elastic_GPa.{name}"), *known, STIFFEST, "GPa")?;
    }
    for (name, known) in &job.pseudo_data.u_a2 {
        check_known(&format!("pseudo_data.U_A2.{name}"), *known, 100.0, "Å²")?;
    }
    Ok(())
}

/// A value and its σ.
#[cfg(feature = "chosen")]
fn check_known(field: &str, [value, sigma]: [f64; 2], most: f64, unit: &str) -> Result<()> {
    within(field, &[value, sigma], most, unit)?;
    if sigma > 1e-12 {
        Ok(())
    } else {
        Err(Error::job(field, format!("σ {}", shortest(sigma)), "a positive σ"))
    }
}

/// The numbers of a simulated measurement, data set `n`.
#[cfg(feature = "simulated")]
fn check_synthetic(n: usize, synthetic: &super::SyntheticSpec) -> Result<()> {
    let field = |name: &str| format!("data[{n}].synthetic.{name}");
    check_constants(&field("values"), Some(&synthetic.values))?;
    for (name, (first, last, _)) in [("h", synthetic.h), ("k", synthetic.k)] {
        within(&field(name), &[first, last], LARGEST_VECTOR, "reciprocal-lattice units")?;
    }
    within(&field("l"), &synthetic.l, LARGEST_VECTOR, "reciprocal-lattice units")?;
    check_scale(&field("scale"), Some(Scale::Fixed(synthetic.scale)))?;
    within(&field("background"), &synthetic.background, LARGEST_SCALE, "counts")?;
    if let Some(window) = &synthetic.keep.window {
        within(&field("keep.window"), window.as_flattened(), LARGEST_VECTOR, "reciprocal-lattice units")?;
    }
    if let Some(rotation) = &synthetic.keep.rotation {
        within(&field("keep.rotation"), rotation, 360.0, "degrees")?;
    }
    Ok(())
}

/// The numbers that choose voxels of a volume.
#[cfg(feature = "chosen")]
fn check_voxels(field: &dyn Fn(&str) -> String, data: &DataSpec) -> Result<()> {
    let hkl =
        |name: &str, values: &[f64]| within(&field(name), values, LARGEST_VECTOR, "reciprocal-lattice units");
    if let Some(region) = &data.region {
        for (name, side) in [("h", region.h), ("k", region.k), ("l", region.l)] {
            hkl(&format!("region.{name}"), side.as_slice().as_flattened())?;
        }
    }
    if let Some(plane) = &data.plane {
        hkl("plane.point", &plane.point)?;
        hkl("plane.vectors", plane.vectors.as_flattened())?;
        hkl("plane.thickness", plane.thickness.as_slice())?;
    }
    for (n, axis) in data.axes.iter().flatten().enumerate() {
        let numbers = [axis.first, axis.step].into_iter().flatten();
        let all: Vec<f64> =
            numbers.chain(axis.limits.into_iter().flatten()).chain(axis.along.direction()).collect();
        hkl(&format!("axes[{n}]"), &all)?;
        hkl(&format!("axes[{n}].values"), axis.values.as_deref().unwrap_or_default())?;
    }
    if data.synthetic.is_some() && !mask_files(data.shapes()).is_empty() {
        return Err(Error::job(&field("mask"), "a mask file", "it for the measurement of a file"));
    }
    if data.stride.as_ref().is_some_and(|stride| stride.steps().contains(&0)) {
        return Err(Error::job(&field("stride"), "0", "a whole number from 1 on"));
    }
    Ok(())
}

fn check_constants(field: &str, set: Option<&ConstantsSpec>) -> Result<()> {
    let Some(set) = set else { return Ok(()) };
    if let Some(factor) = set.bonds
        && !(factor > 0.0 && factor <= 100.0)
    {
        return Err(Error::job(
            &format!("{field}.bonds"),
            format!("{factor}"),
            "a factor above 0, up to 100",
        ));
    }
    for (name, values) in [("labels", &set.labels), ("springs", &set.springs)] {
        for (label, value) in values.iter().flatten() {
            within(&format!("{field}.{name}.{label}"), &[*value], STIFFEST, "eV/Å²")?;
        }
    }
    Ok(())
}

/// Shapes of backgrounds that can be calculated and told apart.
fn check_backgrounds(field: &str, list: &[Background]) -> Result<()> {
    let refused = |what: String, expected: &str| Err(Error::job(field, what, expected));
    for shape in list {
        match *shape {
            Background::Exponential(length) if !(0.01..=100.0).contains(&length) => {
                return refused(format!("exponential {}", shortest(length)), "a length from 0.01 to 100 Å⁻¹");
            }
            Background::Ring([centre, width])
                if !(0.0..=LARGEST_VECTOR).contains(&centre) || !(1e-4..=10.0).contains(&width) =>
            {
                let ring = format!("ring [{}, {}]", shortest(centre), shortest(width));
                return refused(ring, "a centre from 0 and a width from 0.0001 to 10 Å⁻¹");
            }
            Background::Radial(n) if !(4..=20).contains(&n) => {
                return refused(format!("radial {n}"), "4 to 20 splines");
            }
            Background::Radial(_) if list.contains(&Background::Constant) => {
                return refused(
                    "constant beside radial".into(),
                    "one of the two: the splines make up a constant",
                );
            }
            Background::Tails(power) if !(1.0..=6.0).contains(&power) => {
                return refused(format!("tails {}", shortest(power)), "a power from 1 to 6");
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_scale(field: &str, scale: Option<Scale>) -> Result<()> {
    match scale {
        Some(Scale::Fixed(s)) if !(s.abs() <= LARGEST_SCALE && s.abs() >= 1.0 / LARGEST_SCALE) => {
            Err(Error::job(field, shortest(s), "\"free\" or a number from 1e-30 to 1e30"))
        }
        _ => Ok(()),
    }
}

/// Refuses what is larger than `most` or no number.
fn within(field: &str, values: &[f64], most: f64, unit: &str) -> Result<()> {
    match values.iter().find(|x| x.is_nan() || x.abs() > most) {
        Some(x) => Err(Error::job(field, shortest(*x), format!("at most {} {unit}", shortest(most)))),
        None => Ok(()),
    }
}
