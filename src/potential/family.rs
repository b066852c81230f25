//! A potential with numbers: its family, its parameters and how far it reaches.

use super::eam::{Eam, pair_index};
use super::network::Network;
use super::{Number, pair};
use crate::{Error, Result};

/// The form of a potential. What its parameters are called: [`Potential::parameters`].
#[derive(Debug, Clone)]
pub enum Family {
    /// 4ε [(σ/r)¹² − (σ/r)⁶].
    LennardJones,
    /// D [e^(−2α(r−r0)) − 2 e^(−α(r−r0))].
    Morse,
    /// A e^(−r/ρ) − C r⁻⁶.
    Buckingham,
    /// ε [Σ_j A (B (σ/r)⁴ − 1) e^(1/(r/σ−a)) / 2 + Σ_jj' λ (cos θ + ⅓)² e^(γ/(r/σ−a)) e^(γ/(r'/σ−a))].
    StillingerWeber,
    /// ½ Σ ε (a/r)ⁿ − ε c √Σ (a/r)ᵐ; ε and c of the root are those of the atom's own element.
    SuttonChen,
    /// Σ A e^(−p(r/r0−1)) − √Σ ξ² e^(−2q(r/r0−1)): second moment of the density of states.
    Gupta,
    /// Tables of pair energy, density and embedding.
    Eam(Box<Eam>),
    /// A neural network on symmetry functions.
    Network(Box<Network>),
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// "A", between two elements "A Na-Cl".
    pub name: String,
    /// "eV", "Å"; empty for a pure number.
    pub unit: &'static str,
    /// In `unit`.
    pub value: f64,
    /// What it is measured in while it is fitted: its size, or what is usual where it is zero.
    pub size: f64,
    /// Whether the energy is proportional to all parameters of this kind together.
    pub is_energy: bool,
    /// Whether a fit moves it unless it is told otherwise.
    pub is_free: bool,
}

/// (name, unit, scales the energy, free by default)
type Kind = (&'static str, &'static str, bool, bool);

/// A potential of the elements of a crystal.
#[derive(Debug, Clone)]
pub struct Potential {
    /// Its form.
    pub family: Family,
    /// Elements of the crystal that it knows, in the order that atoms' numbers of kind refer to.
    pub elements: Vec<String>,
    /// All parameters.
    pub parameters: Vec<Parameter>,
    /// Å: neighbours nearer than this count.
    pub range: f64,
    /// Å: over this distance before `range` everything is switched off smoothly.
    pub smoothing: f64,
    /// First parameter of each pair of elements, in the order of [`pair_index`]; none for pairs without forces, and for those
    /// whose forces follow from each of the two.
    pub(super) pairs: Vec<Option<usize>>,
}

impl Family {
    /// The family that a job names; not those that need a file or a start.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "lennard-jones" => Family::LennardJones,
            "morse" => Family::Morse,
            "buckingham" => Family::Buckingham,
            "stillinger-weber" => Family::StillingerWeber,
            "sutton-chen" => Family::SuttonChen,
            "gupta" => Family::Gupta,
            _ => return None,
        })
    }

    /// What it is called in a job.
    pub fn word(&self) -> &'static str {
        match self {
            Family::LennardJones => "lennard-jones",
            Family::Morse => "morse",
            Family::Buckingham => "buckingham",
            Family::StillingerWeber => "stillinger-weber",
            Family::SuttonChen => "sutton-chen",
            Family::Gupta => "gupta",
            Family::Eam(_) => "eam",
            Family::Network(_) => "network",
        }
    }

    /// What its parameters are, of one pair of elements. Lengths that only say where others are measured from are not free.
    fn kinds(&self) -> &'static [Kind] {
        match self {
            Family::LennardJones => &[("epsilon", "eV", true, true), ("sigma", "Å", false, true)],
            Family::Morse => {
                &[("D", "eV", true, true), ("alpha", "Å⁻¹", false, true), ("r0", "Å", false, true)]
            }
            Family::Buckingham => {
                &[("A", "eV", true, true), ("rho", "Å", false, true), ("C", "eV Å⁶", true, true)]
            }
            Family::StillingerWeber => &[
                ("epsilon", "eV", true, true),
                ("sigma", "Å", false, true),
                ("a", "", false, false),
                ("A", "", false, false),
                ("B", "", false, false),
                ("lambda", "", false, true),
                ("gamma", "", false, false),
            ],
            Family::SuttonChen => &[
                ("epsilon", "eV", true, true),
                ("a", "Å", false, false),
                ("c", "", false, true),
                ("n", "", false, false),
                ("m", "", false, false),
            ],
            Family::Gupta => &[
                ("A", "eV", true, true),
                ("xi", "eV", true, true),
                ("p", "", false, true),
                ("q", "", false, true),
                ("r0", "Å", false, false),
            ],
            Family::Eam(_) | Family::Network(_) => &[],
        }
    }

    /// What its parameters are called, with their units, and whether a fit moves each unless it is told otherwise; none of those
    /// that need a file or a start.
    pub fn parameter_kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        self.kinds().iter().map(|kind| (kind.0, kind.1, kind.3))
    }

    /// Whether it is a sum over pairs, which may be of different elements.
    pub fn is_of_pairs(&self) -> bool {
        matches!(self, Family::LennardJones | Family::Morse | Family::Buckingham)
    }

    /// Whether it may be between several elements, with parameters for each pair of them.
    pub fn is_for_several(&self) -> bool {
        self.is_of_pairs() || self.mixes()
    }

    /// Whether two elements have forces between them, too, where there are no numbers but those of each alone.
    pub fn mixes(&self) -> bool {
        matches!(self, Family::SuttonChen | Family::Gupta)
    }

    /// Whether a parameter is of an atom and not of a pair, so that there is none between two elements.
    pub fn is_of_atoms(&self, kind: &str) -> bool {
        matches!(self, Family::SuttonChen) && kind == "c"
    }

    /// Number of features of an atom.
    pub fn n_features(&self) -> usize {
        match self {
            Family::SuttonChen | Family::Gupta | Family::Eam(_) => 2,
            Family::Network(network) => network.n_features(),
            _ => 1,
        }
    }

    /// Whether features are sums over pairs of neighbours, too.
    pub(super) fn has_angles(&self) -> bool {
        matches!(self, Family::StillingerWeber | Family::Network(_))
    }

    /// Whether its functions vanish at the end of their range by themselves.
    pub(super) fn ends_by_itself(&self) -> bool {
        matches!(self, Family::StillingerWeber | Family::Network(_))
    }

    /// Whether features do not depend on the parameters.
    pub(super) fn has_fixed_features(&self) -> bool {
        matches!(self, Family::Network(_))
    }
}

impl Potential {
    /// A potential whose parameters have names. `given`: their values; with several elements by “name El-El”, where pairs of
    /// which there is none have no forces, or in families that mix those that follow from each of the two elements: of
    /// Sutton–Chen whatever the parameters become, of Gupta where they start.
    ///
    /// # Errors
    /// Parameters that are missing, unknown or no finite numbers; a range that is not positive; several elements in a family
    /// for one.
    pub fn new(
        family: Family,
        elements: Vec<String>,
        given: &std::collections::BTreeMap<String, f64>,
        range: f64,
        smoothing: f64,
    ) -> Result<Self> {
        let kinds = family.kinds();
        if elements.len() > 1 && !family.is_for_several() {
            let what = format!("{} elements", elements.len());
            return Err(Error::value(what, "one element, or a family of pairs or tables").of("family"));
        }
        check_range(range, smoothing)?;
        let (mut parameters, mut pairs) = (vec![], vec![]);
        let mut known = 0;
        for high in 0..elements.len() {
            for low in 0..=high {
                let name = |kind: &Kind, a: usize, b: usize| match elements.len() {
                    1 => kind.0.to_owned(),
                    _ => format!("{} {}-{}", kind.0, elements[a], elements[b]),
                };
                let find = |kind: &Kind, a: usize, b: usize| {
                    let names = [name(kind, a, b), name(kind, b, a)];
                    names.iter().find_map(|n| given.get(n).copied())
                };
                let own = kinds.iter().filter(|kind| low == high || !family.is_of_atoms(kind.0));
                let values: Vec<(&Kind, Option<f64>)> =
                    own.map(|kind| (kind, find(kind, low, high))).collect();
                let is_silent = values.iter().all(|(_, value)| value.is_none());
                let is_mixed = family.mixes() && low != high;
                let has_to_be = elements.len() == 1
                    || (family.mixes() && !(is_mixed && matches!(family, Family::SuttonChen)));
                if is_silent && !has_to_be {
                    pairs.push(None);
                    continue;
                }
                pairs.push(Some(parameters.len()));
                for (kind, value) in values {
                    known += usize::from(value.is_some());
                    let all = kinds.iter().map(|k| k.0).collect::<Vec<_>>().join(", ");
                    let missing = |a: usize, b: usize| {
                        let field = format!("parameters.{}", name(kind, a, b));
                        Error::value("missing", format!("numbers for {all}")).of(&field)
                    };
                    let alone = |element: usize| {
                        find(kind, element, element).ok_or_else(|| missing(element, element))
                    };
                    let value = match value {
                        Some(value) => value,
                        None if is_mixed => mixed(kind.0, alone(low)?, alone(high)?),
                        None => return Err(missing(low, high)),
                    };
                    let (name, (_, unit, is_energy, is_free)) = (name(kind, low, high), *kind);
                    let field = format!("parameters.{name}");
                    if !value.is_finite()
                        || value.abs() > LARGEST
                        || (value <= 0.0 && kind.0 != "C" && kind.0 != "A")
                    {
                        return Err(
                            Error::value(format!("{value}"), "a positive number up to 10⁶").of(&field)
                        );
                    }
                    let size = if value == 0.0 { 1.0 } else { value.abs() };
                    parameters.push(Parameter { name, unit, value, size, is_energy, is_free });
                }
            }
        }
        if known < given.len() {
            let is_known = |name: &str| {
                parameters.iter().any(|p| p.name == name || Some(&p.name) == swapped(name).as_ref())
            };
            let twice = |name: &&String| swapped(name).is_some_and(|s| s != **name && given.contains_key(&s));
            let Some(unknown) = given.keys().find(|name| !is_known(name)) else {
                let name = given.keys().find(twice).cloned().unwrap_or_default();
                let what = "given again, with its two elements the other way round";
                return Err(Error::value(what, "each parameter once").of(&format!("parameters.{name}")));
            };
            let all = parameters.iter().map(|p| p.name.clone()).collect::<Vec<_>>().join(", ");
            return Err(Error::value("no such parameter", format!("one of {all}"))
                .of(&format!("parameters.{unknown}")));
        }
        if parameters.is_empty() {
            return Err(Error::value("none", "a parameter of one pair of elements at least").of("parameters"));
        }
        Ok(Potential { family, elements, parameters, range, smoothing, pairs })
    }

    /// A network with its weights.
    pub fn of_network(network: Network, element: &str, weights: &[f64]) -> Self {
        let parameters = weights.iter().enumerate().map(|(k, &value)| Parameter {
            name: format!("w{}", k + 1),
            unit: "",
            value,
            size: 1.0,
            is_energy: false,
            is_free: true,
        });
        Potential {
            range: network.cutoff,
            smoothing: 0.0,
            elements: vec![element.to_owned()],
            parameters: parameters.collect(),
            family: Family::Network(Box::new(network)),
            pairs: vec![Some(0)],
        }
    }

    /// The values of all parameters.
    pub fn values(&self) -> Vec<f64> {
        self.parameters.iter().map(|p| p.value).collect()
    }

    /// Whether atoms of two elements have forces between them.
    pub(super) fn has_forces_between(&self, a: usize, b: usize) -> bool {
        self.first_of(a, b).is_some() || self.family.mixes()
    }

    /// Number of the first parameter of two elements; none where they have none of their own.
    pub fn first_of(&self, a: usize, b: usize) -> Option<usize> {
        self.pairs[pair_index(a, b)]
    }

    /// Å: no pair farther apart than this has forces, with parameters near the present ones.
    pub fn longest_pair(&self) -> f64 {
        if self.family.is_of_pairs() { self.range } else { 2.0 * self.horizon() }
    }

    /// Å: how far the neighbours have to be known, whatever the parameters become near the present ones.
    pub(super) fn horizon(&self) -> f64 {
        match self.family {
            Family::StillingerWeber => self.range * 1.15,
            _ => self.range,
        }
    }

    /// The share of a neighbour of kind `b` at `r` in all features of an atom of kind `a`.
    pub(super) fn radial<D: Number>(&self, p: &[D], a: usize, b: usize, r: D, out: &mut [D]) {
        if !self.has_forces_between(a, b) {
            return out.fill(D::zero());
        }
        let own = &p[self.first_of(a, b).unwrap_or(0).min(p.len())..];
        match &self.family {
            Family::LennardJones => out[0] = pair::lennard_jones([own[0], own[1]], r) * 0.5,
            Family::Morse => out[0] = pair::morse([own[0], own[1], own[2]], r) * 0.5,
            Family::Buckingham => out[0] = pair::buckingham([own[0], own[1], own[2]], r) * 0.5,
            Family::StillingerWeber => {
                out[0] = pair::stillinger_weber([own[1], own[2], own[3], own[4]], r);
            }
            Family::SuttonChen => out.copy_from_slice(&pair::sutton_chen(self.sutton_chen(p, a, b), r)),
            Family::Gupta => out.copy_from_slice(&pair::gupta([own[0], own[1], own[2], own[3], own[4]], r)),
            Family::Eam(eam) => out.copy_from_slice(&eam.radial(p, a, b, r)),
            Family::Network(network) => {
                out.fill(D::zero());
                network.radial(r, out);
            }
        }
        if self.smoothing > 0.0 {
            let factor = pair::switch(r, self.range, self.smoothing);
            out.iter_mut().for_each(|x| *x *= factor);
        }
    }

    /// ε, a, n and m of Sutton–Chen between two elements.
    fn sutton_chen<D: Number>(&self, p: &[D], a: usize, b: usize) -> [D; 4] {
        let alone = |element: usize| {
            let own = &p[self.first_of(element, element).unwrap_or(0)..];
            [own[0], own[1], own[3], own[4]]
        };
        if a == b {
            return alone(a);
        }
        // Between two elements there is no c.
        if let Some(first) = self.first_of(a, b) {
            return [p[first], p[first + 1], p[first + 2], p[first + 3]];
        }
        let (one, other) = (alone(a), alone(b));
        let names = ["epsilon", "a", "n", "m"];
        std::array::from_fn(|k| mixed(names[k], one[k], other[k]))
    }

    /// The share of two neighbours at `r` and `other` under an angle.
    pub(super) fn angular<D: Number>(&self, p: &[D], r: D, other: D, cos: D, out: &mut [D]) {
        out.fill(D::zero());
        match &self.family {
            Family::StillingerWeber => {
                out[0] = pair::stillinger_weber_angle([p[1], p[2], p[5], p[6]], r, other, cos);
            }
            Family::Network(network) => network.angular(r, other, cos, out),
            _ => {}
        }
    }

    /// The energy of an atom of kind `a` with the features `s`, eV.
    pub(super) fn site<D: Number>(&self, p: &[D], a: usize, s: &[D]) -> D {
        match &self.family {
            Family::LennardJones | Family::Morse | Family::Buckingham => s[0],
            Family::StillingerWeber => p[0] * s[0],
            Family::SuttonChen => {
                let own = &p[self.first_of(a, a).unwrap_or(0)..];
                s[0] - own[0] * own[2] * s[1].sqrt()
            }
            Family::Gupta => s[0] - s[1].sqrt(),
            Family::Eam(eam) => s[0] + eam.embedding[a].at(p, s[1]),
            Family::Network(network) => network.site(p, s),
        }
    }
}

/// What a parameter of two elements is where nothing is said of it, by those of each alone: the geometric mean of energies and of
/// the length of Sutton and Chen, the mean of exponents and else.
///
/// H. Rafii-Tabar & A. P. Sutton, Phil. Mag. Lett. 63 (1991) 217.
fn mixed<D: Number>(kind: &str, one: D, other: D) -> D {
    match kind {
        "epsilon" | "a" | "A" | "xi" if (one * other).re() >= 0.0 => (one * other).sqrt(),
        _ => (one + other) * 0.5,
    }
}

/// “A Cl-Na” of “A Na-Cl”.
fn swapped(name: &str) -> Option<String> {
    let (kind, pair) = name.split_once(' ')?;
    let (a, b) = pair.split_once('-')?;
    Some(format!("{kind} {b}-{a}"))
}

/// Numbers beyond this are no parameters.
const LARGEST: f64 = 1e6;
pub(super) fn check_range(range: f64, smoothing: f64) -> Result<()> {
    if !(range > 0.0 && range <= 30.0) {
        return Err(Error::value(format!("{range} Å"), "a positive distance up to 30 Å").of("range"));
    }
    if !(0.0..range).contains(&smoothing) {
        return Err(Error::value(format!("{smoothing} Å"), "a distance below the range").of("smoothing"));
    }
    Ok(())
}
