//! What an irreducible constant is, in words that need no table: “O1–Ti1 at 1.95 Å, along the bond”.
//!
//! Atoms are called by element and site. Atoms that symmetry makes equivalent are one site; where an element has several,
//! all sites of the crystal are numbered in the order of its atoms. The first atom is the one that feels the force.

use nalgebra::Matrix3;

use super::irreducible::IrreducibleBasis;
use crate::crystal::Crystal;

/// Of unit vectors and of matrix elements that are one at most.
const SAME: f64 = 1e-6;
const AXES: [&str; 3] = ["x", "y", "z"];

/// What each atom of the primitive cell is called: its element, with the number of the site where that is needed.
pub fn site_names(crystal: &Crystal) -> Vec<String> {
    let symbols = &crystal.primitive.symbols;
    let first_of = |s: usize| crystal.operations.iter().map(|op| op.images[s].0).fold(s, usize::min);
    let sites: Vec<usize> = (0..symbols.len()).map(first_of).collect();
    let number =
        |s: usize| 1 + (0..sites[s]).filter(|t| sites[*t] == *t && symbols[*t] == symbols[s]).count();
    let numbered = (0..symbols.len()).any(|s| number(s) > 1);
    (0..symbols.len())
        .map(|s| if numbered { format!("{}{}", symbols[s], number(s)) } else { symbols[s].clone() })
        .collect()
}

impl IrreducibleBasis {
    /// Each constant in words, in the order of θ; nothing where they are elastic ones, whose names say what they are. No two
    /// are the same.
    pub fn meanings(&self, crystal: &Crystal) -> Vec<String> {
        let bonds = self.bond_names(&site_names(crystal));
        let meaning = |p: usize| {
            let parameter = &self.parameters[p];
            let bond = bonds.get(parameter.orbit)?;
            let pair = &self.pairs[self.orbits[parameter.orbit].representative];
            let block = self.block(parameter.orbit, p);
            let direction = (pair.vector / pair.vector.norm()).into();
            Some(format!("{bond}, {}", component(parameter.component, &direction, &block)))
        };
        (0..self.len()).filter_map(meaning).collect()
    }

    /// Atoms and distance of each orbit, with as many digits as tell it from the others.
    fn bond_names(&self, sites: &[String]) -> Vec<String> {
        let with = |digits: usize| -> Vec<String> {
            let name = |orbit: &super::pairs::Orbit| {
                let pair = &self.pairs[orbit.representative];
                format!("{}–{} at {:.digits$} Å", sites[pair.i], sites[pair.j], orbit.distance)
            };
            self.orbits.iter().map(name).collect()
        };
        let (short, long) = (with(2), with(3));
        let alone = |names: &[String], o: usize| names.iter().filter(|name| **name == names[o]).count() == 1;
        (0..short.len())
            .map(|o| {
                if alone(&short, o) {
                    return short[o].clone();
                }
                let (before, all) = (&long[..o], &long[o]);
                if alone(&long, o) {
                    return all.clone();
                }
                // Different bonds of one length between the same sites.
                format!("{all}, kind {}", 1 + before.iter().filter(|name| *name == all).count())
            })
            .collect()
    }
}

/// The directions of force and shift that a matrix element of Φ is for. `direction`: of the bond, a unit vector; `block`: Φ
/// of the bond where this constant is one and all others are zero, which says what symmetry makes equal.
fn component((a, b): (usize, usize), direction: &[f64; 3], block: &Matrix3<f64>) -> String {
    let along = |k: usize| direction[k].abs() > 1.0 - SAME;
    let across = |k: usize| direction[k].abs() < SAME;
    let equal = |k: usize| (block[(k, k)] - block[(a, a)]).abs() < SAME;
    if a != b {
        let name = |k: usize| if along(k) { "the bond" } else { AXES[k] };
        return if (block[(a, b)] - block[(b, a)]).abs() < SAME {
            format!("coupling {} and {}", name(a), name(b))
        } else {
            format!("force along {} by a shift along {}", name(a), name(b))
        };
    }
    if along(a) {
        return "along the bond".into();
    }
    let alike: Vec<&str> = (0..3).filter(|k| equal(*k)).map(|k| AXES[k]).collect();
    let axes = match alike.as_slice() {
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} or {two}"),
        _ => "any axis".to_owned(),
    };
    let others: Vec<usize> = (0..3).filter(|k| across(*k)).collect();
    match others.as_slice() {
        [one, two] if across(a) && equal(*one) && equal(*two) => "across the bond".into(),
        _ if across(a) => format!("across the bond, along {axes}"),
        _ => format!("along {axes}"),
    }
}
