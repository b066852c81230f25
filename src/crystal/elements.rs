//! Chemical symbols, atomic numbers and standard atomic masses, Z = 1 to 103.
//!
//! Masses in amu: the abridged IUPAC values that phonopy uses, so that frequencies agree with it to the last
//! digit. Elements without a standard mass have the mass number of their longest-lived isotope.

/// Symbol and mass (amu) of the element with atomic number `index + 1`.
#[rustfmt::skip]
const ELEMENTS: [(&str, f64); 103] = [
    ("H", 1.00794), ("He", 4.002602), ("Li", 6.941), ("Be", 9.012182), ("B", 10.811),
    ("C", 12.0107), ("N", 14.0067), ("O", 15.9994), ("F", 18.9984032), ("Ne", 20.1797),
    ("Na", 22.98976928), ("Mg", 24.305), ("Al", 26.9815386), ("Si", 28.0855), ("P", 30.973762),
    ("S", 32.065), ("Cl", 35.453), ("Ar", 39.948), ("K", 39.0983), ("Ca", 40.078),
    ("Sc", 44.955912), ("Ti", 47.867), ("V", 50.9415), ("Cr", 51.9961), ("Mn", 54.938045),
    ("Fe", 55.845), ("Co", 58.933195), ("Ni", 58.6934), ("Cu", 63.546), ("Zn", 65.38),
    ("Ga", 69.723), ("Ge", 72.64), ("As", 74.9216), ("Se", 78.96), ("Br", 79.904),
    ("Kr", 83.798), ("Rb", 85.4678), ("Sr", 87.62), ("Y", 88.90585), ("Zr", 91.224),
    ("Nb", 92.90638), ("Mo", 95.96), ("Tc", 98.0), ("Ru", 101.07), ("Rh", 102.9055),
    ("Pd", 106.42), ("Ag", 107.8682), ("Cd", 112.411), ("In", 114.818), ("Sn", 118.71),
    ("Sb", 121.76), ("Te", 127.6), ("I", 126.90447), ("Xe", 131.293), ("Cs", 132.9054519),
    ("Ba", 137.327), ("La", 138.90547), ("Ce", 140.116), ("Pr", 140.90765), ("Nd", 144.242),
    ("Pm", 145.0), ("Sm", 150.36), ("Eu", 151.964), ("Gd", 157.25), ("Tb", 158.92535),
    ("Dy", 162.5), ("Ho", 164.93032), ("Er", 167.259), ("Tm", 168.93421), ("Yb", 173.054),
    ("Lu", 174.9668), ("Hf", 178.49), ("Ta", 180.94788), ("W", 183.84), ("Re", 186.207),
    ("Os", 190.23), ("Ir", 192.217), ("Pt", 195.084), ("Au", 196.966569), ("Hg", 200.59),
    ("Tl", 204.3833), ("Pb", 207.2), ("Bi", 208.9804), ("Po", 209.0), ("At", 210.0),
    ("Rn", 222.0), ("Fr", 223.0), ("Ra", 226.0), ("Ac", 227.0), ("Th", 232.03806),
    ("Pa", 231.03588), ("U", 238.02891), ("Np", 237.0), ("Pu", 244.0), ("Am", 243.0),
    ("Cm", 247.0), ("Bk", 247.0), ("Cf", 251.0), ("Es", 252.0), ("Fm", 257.0),
    ("Md", 258.0), ("No", 259.0), ("Lr", 262.0),
];

/// Covalent radii in 0.01 Å, Z = 1 to 96: B. Cordero et al., Dalton Trans. (2008) 2832 (low spin, sp³ carbon).
#[rustfmt::skip]
const RADII: [u16; 96] = [
    31, 28, 128, 96, 84, 76, 71, 66, 57, 58, 166, 141, 121, 111, 107, 105, 102, 106, 203, 176,
    170, 160, 153, 139, 139, 132, 126, 124, 132, 122, 122, 120, 119, 120, 120, 116, 220, 195, 190, 175,
    164, 154, 147, 146, 142, 139, 145, 144, 142, 139, 139, 138, 139, 140, 244, 215, 207, 204, 203, 201,
    199, 198, 198, 196, 194, 192, 192, 189, 190, 187, 187, 175, 170, 162, 151, 144, 141, 136, 136, 132,
    145, 146, 148, 140, 150, 150, 260, 221, 215, 206, 200, 196, 190, 187, 180, 169,
];

/// Covalent radius of an element, Å; that of curium beyond it, and where the symbol is none.
pub fn covalent_radius(symbol: &str) -> f64 {
    let z = atomic_number(symbol).unwrap_or(RADII.len()).min(RADII.len());
    0.01 * f64::from(RADII[z - 1])
}

/// Atomic number of a chemical symbol such as `"Na"`; the case matters.
pub fn atomic_number(symbol: &str) -> Option<usize> {
    ELEMENTS.iter().position(|(s, _)| *s == symbol).map(|index| index + 1)
}

/// Chemical symbol of an atomic number.
#[cfg(feature = "potentials")]
pub fn symbol_of(number: usize) -> Option<&'static str> {
    ELEMENTS.get(number.checked_sub(1)?).map(|element| element.0)
}

/// Standard atomic mass of an element, amu.
pub fn mass(symbol: &str) -> Option<f64> {
    atomic_number(symbol).map(|z| ELEMENTS[z - 1].1)
}

/// The element in a label that may carry a suffix: `Fe_pv`, `O_s/8a3f`, `Cl1` give `Fe`, `O`, `Cl`.
pub fn element_of(label: &str) -> Option<&'static str> {
    let letters = label.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(label.len());
    ELEMENTS.iter().find(|(s, _)| *s == &label[..letters]).map(|(s, _)| *s)
}

/// amu: mass of deuterium and of tritium, IUPAC.
const HEAVY_HYDROGEN: [(&str, f64); 2] = [("D", 2.014_101_8), ("T", 3.016_049_3)];

/// What stands on a site: its element, and its mass, which an isotope has of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Species {
    /// Chemical symbol; that of deuterium is H, whose form factor it has.
    pub symbol: &'static str,
    /// amu.
    pub mass: f64,
}

/// The species of a label that may carry a suffix; `D` is deuterium, `T` tritium.
pub fn species(label: &str) -> Option<Species> {
    let letters = label.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(label.len());
    if let Some((_, mass)) = HEAVY_HYDROGEN.iter().find(|(symbol, _)| *symbol == &label[..letters]) {
        return Some(Species { symbol: "H", mass: *mass });
    }
    let symbol = element_of(label)?;
    mass(symbol).map(|mass| Species { symbol, mass })
}

/// The symbol by which an atom is written: `D` for hydrogen with the mass of deuterium, `T` with that of tritium.
pub fn isotope_symbol(symbol: &str, mass: f64) -> &str {
    let heavy = HEAVY_HYDROGEN.iter().find(|(_, own)| (own - mass).abs() < 2e-3);
    match heavy {
        Some((isotope, _)) if symbol == "H" => isotope,
        _ => symbol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_distinct_and_numbered_by_the_periodic_table() {
        for (symbol, z) in [("H", 1), ("O", 8), ("Na", 11), ("Ni", 28), ("U", 92), ("Lr", 103)] {
            assert_eq!(atomic_number(symbol), Some(z));
        }
        for (index, (symbol, mass)) in ELEMENTS.iter().enumerate() {
            assert_eq!(atomic_number(symbol), Some(index + 1), "{symbol}");
            assert!(*mass > 0.0, "{symbol}");
        }
    }

    #[test]
    fn masses_are_those_of_phonopy() {
        for (symbol, expected) in
            [("Na", 22.98976928), ("Cl", 35.453), ("Zn", 65.38), ("O", 15.9994), ("Ni", 58.6934)]
        {
            assert_eq!(mass(symbol), Some(expected));
        }
        assert_eq!(mass("na"), None);
        assert_eq!(mass(""), None);
    }

    #[test]
    fn heavy_hydrogen_is_hydrogen_with_its_own_mass() {
        let deuterium = species("D1").unwrap();
        assert_eq!((deuterium.symbol, (deuterium.mass * 1e4).round()), ("H", 20141.0));
        assert_eq!(isotope_symbol("H", deuterium.mass), "D");
        assert_eq!(isotope_symbol("H", 2.014), "D");
        assert_eq!(isotope_symbol("H", 1.00794), "H");
        assert_eq!(species("Dy").unwrap().symbol, "Dy");
        assert_eq!(species("Qq"), None);
    }

    #[test]
    fn suffixes_of_element_labels_are_tolerated() {
        for (label, symbol) in [("Fe_pv", "Fe"), ("O_s/8a3f", "O"), ("Cl1", "Cl"), ("K", "K")] {
            assert_eq!(element_of(label), Some(symbol));
        }
        assert_eq!(element_of("Qq"), None);
        assert_eq!(element_of("1"), None);
        assert_eq!(element_of("é"), None);
    }
}
