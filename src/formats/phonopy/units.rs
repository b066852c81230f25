//! The units that phonopy keeps for each calculator, as its files name them.
//!
//! <https://phonopy.github.io/phonopy/interfaces.html>, under “Default physical units”.

use crate::units::{BOHR, HARTREE};

/// Calculators for which phonopy keeps Å and eV/Å².
pub(super) const CALCULATORS_IN_EV_ANGSTROM: [&str; 6] =
    ["vasp", "crystal", "aims", "castep", "lammps", "pwmat"];

/// Å of a unit of length as phonopy writes it.
pub(super) fn length_unit(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().as_str() {
        "angstrom" => Some(1.0),
        "au" | "bohr" => Some(BOHR),
        _ => None,
    }
}

/// eV/Å² of a unit of force constants as phonopy writes it: an energy, a stroke, two lengths.
pub(super) fn force_constants_unit(text: &str) -> Option<f64> {
    let (energy, lengths) = text.split_once('/')?;
    let energy = match energy.to_ascii_lowercase().as_str() {
        "ev" => 1.0,
        "hartree" => HARTREE,
        "ry" => HARTREE / 2.0,
        "mry" => HARTREE / 2000.0,
        _ => return None,
    };
    let area = match (lengths.strip_suffix("^2"), lengths.split_once('.')) {
        (Some(length), _) => length_unit(length)?.powi(2),
        (_, Some((a, b))) => length_unit(a)? * length_unit(b)?,
        _ => return None,
    };
    Some(energy / area)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_all_calculators_are_known() {
        // Ry/bohr² and hartree/bohr² in eV/Å², CODATA 2018.
        let cases = [
            ("eV/angstrom^2", 1.0),
            ("eV/angstrom.au", 1.889_726_124_626),
            ("Ry/au^2", 48.586_812_146),
            ("mRy/au^2", 0.048_586_812_146),
            ("hartree/au^2", 97.173_624_292),
            ("hartree/angstrom.au", 51.422_067_476),
        ];
        for (name, expected) in cases {
            let found = force_constants_unit(name).unwrap();
            assert!((found / expected - 1.0).abs() < 1e-8, "{name}: {found}");
        }
        for unknown in ["", "eV", "eV/", "J/m^2", "eV/angstrom", "eV/inch^2"] {
            assert_eq!(force_constants_unit(unknown), None, "{unknown}");
        }
    }
}
