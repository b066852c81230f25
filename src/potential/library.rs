//! Published parameters, part of the program.

use std::collections::BTreeMap;

use super::{Family, Potential};
use crate::crystal::Prototype;
use crate::{Error, Result};

/// A published set of parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedPotential {
    /// Its name in a job, `ni_gupta`.
    pub id: &'static str,
    /// Chemical symbol.
    pub element: &'static str,
    /// The structure that it was made for.
    pub lattice: Prototype,
    /// Å: lattice parameter that it was fitted to.
    pub a_angstrom: f64,
    /// eV per atom, that it was fitted to.
    pub cohesive_energy: f64,
    /// The family, as a job names it.
    pub family: &'static str,
    /// Å: neighbours nearer than this count.
    pub range: f64,
    /// Where it was published.
    pub reference: &'static str,
    values: &'static [(&'static str, f64)],
}

const CLERI_ROSATO: &str = "F. Cleri & V. Rosato, Phys. Rev. B 48 (1993) 22";
const SUTTON_CHEN: &str = "A. P. Sutton & J. Chen, Phil. Mag. Lett. 61 (1990) 139";
const GIRIFALCO_WEIZER: &str = "L. A. Girifalco & V. G. Weizer, Phys. Rev. 114 (1959) 687";
const STILLINGER_WEBER: &str = "F. H. Stillinger & T. A. Weber, Phys. Rev. B 31 (1985) 5262";

/// Neighbours up to the fifth shell of fcc.
const FIFTH: f64 = 1.618;
/// Up to the eighth shell of fcc, the twelfth of bcc.
const FAR: f64 = 2.05;

macro_rules! gupta {
    ($id:literal, $element:literal, $a:literal, $energy:literal, $big_a:literal, $xi:literal, $p:literal, $q:literal) => {
        PublishedPotential {
            id: $id,
            element: $element,
            lattice: Prototype::Fcc,
            a_angstrom: $a,
            cohesive_energy: $energy,
            family: "gupta",
            range: FIFTH * $a,
            reference: CLERI_ROSATO,
            values: &[
                ("A", $big_a),
                ("xi", $xi),
                ("p", $p),
                ("q", $q),
                ("r0", $a * std::f64::consts::FRAC_1_SQRT_2),
            ],
        }
    };
}

macro_rules! sutton_chen {
    ($id:literal, $element:literal, $a:literal, $energy:literal, $epsilon:literal, $c:literal, $n:literal, $m:literal) => {
        PublishedPotential {
            id: $id,
            element: $element,
            lattice: Prototype::Fcc,
            a_angstrom: $a,
            cohesive_energy: $energy,
            family: "sutton-chen",
            range: FAR * $a,
            reference: SUTTON_CHEN,
            values: &[("epsilon", $epsilon), ("a", $a), ("c", $c), ("n", $n), ("m", $m)],
        }
    };
}

macro_rules! morse {
    ($id:literal, $element:literal, $lattice:ident, $a:literal, $energy:literal, $d:literal, $alpha:literal, $r0:literal) => {
        PublishedPotential {
            id: $id,
            element: $element,
            lattice: Prototype::$lattice,
            a_angstrom: $a,
            cohesive_energy: $energy,
            family: "morse",
            range: FAR * $a,
            reference: GIRIFALCO_WEIZER,
            values: &[("D", $d), ("alpha", $alpha), ("r0", $r0)],
        }
    };
}

const ALL: &[PublishedPotential] = &[
    gupta!("ni_gupta", "Ni", 3.523, 4.435, 0.0376, 1.070, 16.999, 1.189),
    gupta!("cu_gupta", "Cu", 3.615, 3.544, 0.0855, 1.224, 10.960, 2.278),
    gupta!("rh_gupta", "Rh", 3.803, 5.752, 0.0629, 1.660, 18.450, 1.867),
    gupta!("pd_gupta", "Pd", 3.887, 3.936, 0.1746, 1.718, 10.867, 3.742),
    gupta!("ag_gupta", "Ag", 4.085, 2.960, 0.1028, 1.178, 10.928, 3.139),
    gupta!("ir_gupta", "Ir", 3.839, 6.930, 0.1156, 2.289, 16.980, 2.691),
    gupta!("pt_gupta", "Pt", 3.924, 5.853, 0.2975, 2.695, 10.612, 4.004),
    gupta!("au_gupta", "Au", 4.079, 3.779, 0.2061, 1.790, 10.229, 4.036),
    gupta!("al_gupta", "Al", 4.050, 3.339, 0.1221, 1.316, 8.612, 2.516),
    sutton_chen!("ni_sutton_chen", "Ni", 3.52, 4.44, 1.5707e-2, 39.432, 9.0, 6.0),
    sutton_chen!("cu_sutton_chen", "Cu", 3.61, 3.49, 1.2382e-2, 39.432, 9.0, 6.0),
    sutton_chen!("rh_sutton_chen", "Rh", 3.80, 5.75, 4.9371e-3, 144.41, 12.0, 6.0),
    sutton_chen!("pd_sutton_chen", "Pd", 3.89, 3.89, 4.1790e-3, 108.27, 12.0, 7.0),
    sutton_chen!("ag_sutton_chen", "Ag", 4.09, 2.95, 2.5415e-3, 144.41, 12.0, 6.0),
    sutton_chen!("ir_sutton_chen", "Ir", 3.84, 6.94, 2.4489e-3, 334.94, 14.0, 6.0),
    sutton_chen!("pt_sutton_chen", "Pt", 3.92, 5.84, 1.9833e-2, 34.408, 10.0, 8.0),
    sutton_chen!("au_sutton_chen", "Au", 4.08, 3.81, 1.2793e-2, 34.408, 10.0, 8.0),
    sutton_chen!("pb_sutton_chen", "Pb", 4.95, 2.03, 5.5765e-3, 45.778, 10.0, 7.0),
    sutton_chen!("al_sutton_chen", "Al", 4.05, 3.39, 3.3147e-2, 16.399, 7.0, 6.0),
    morse!("cu_morse", "Cu", Fcc, 3.615, 3.50, 0.3429, 1.3588, 2.866),
    morse!("ag_morse", "Ag", Fcc, 4.086, 2.96, 0.3323, 1.3690, 3.115),
    morse!("ni_morse", "Ni", Fcc, 3.524, 4.38, 0.4205, 1.4199, 2.780),
    morse!("mo_morse", "Mo", Bcc, 3.147, 6.81, 0.8032, 1.5079, 2.976),
    PublishedPotential {
        id: "si_stillinger_weber",
        element: "Si",
        lattice: Prototype::Diamond,
        a_angstrom: 5.431,
        cohesive_energy: 4.3366,
        family: "stillinger-weber",
        range: 1.8 * 2.0951,
        reference: STILLINGER_WEBER,
        values: &[
            ("epsilon", 2.1683),
            ("sigma", 2.0951),
            ("a", 1.8),
            ("A", 7.049_556_277),
            ("B", 0.602_224_558_4),
            ("lambda", 21.0),
            ("gamma", 1.2),
        ],
    },
];

impl PublishedPotential {
    /// Its parameters by name.
    pub fn parameters(&self) -> BTreeMap<String, f64> {
        self.values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    /// With its own range, sharply ended.
    ///
    /// # Errors
    /// None with the sets that there are.
    pub fn potential(&self) -> Result<Potential> {
        let family = Family::named(self.family).ok_or_else(|| Error::value(self.family, "a family"))?;
        Potential::new(family, vec![self.element.into()], &self.parameters(), self.range, 0.0)
    }
}

/// All published sets.
pub fn published() -> &'static [PublishedPotential] {
    ALL
}

/// The published set with a name.
///
/// # Errors
/// A name that none has.
pub fn published_potential(id: &str) -> Result<&'static PublishedPotential> {
    let unknown = || {
        let names = ALL.iter().map(|p| p.id).collect::<Vec<_>>().join(", ");
        Error::value(format!("no set '{id}'"), format!("one of {names}"))
    };
    ALL.iter().find(|p| p.id == id).ok_or_else(unknown)
}
