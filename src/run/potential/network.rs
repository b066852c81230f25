//! A network whose weights are first fitted to another potential.

use nalgebra::DVector;

use super::build::{Built, build};
use crate::crystal::Crystal;
use crate::error::Placed;
use crate::ifc::{IrreducibleBasis, shell_distances};
use crate::job::{PotentialFamily, PotentialSpec};
use crate::potential::{Network, Potential, Wanted, fit_network};
use crate::run::Files;
use crate::{Error, Result};

/// Neurons of the two layers, where a job does not say.
const LAYERS: [usize; 2] = [8, 6];
/// Nearest-neighbour distances: how far the symmetry functions reach at most where a job does not say; five shells of fcc.
const RANGE: f64 = 2.3;

/// The network of a job, with the constants up to `cutoff` (Å), the energy and the pressure of its start.
pub(super) fn network(
    spec: &PotentialSpec,
    field: &str,
    crystal: &Crystal,
    cutoff: Option<f64>,
    files: &dyn Files,
) -> Result<Potential> {
    let place = |name: &str| format!("{field}.{name}");
    let refused = |name: &str, what: &str, expected: &str| Err(Error::job(&place(name), what, expected));
    if spec.library.is_some() || spec.file.is_some() {
        return refused("start", "a network beside a library or a file", "the other potential as `start`");
    }
    let symbols = &crystal.primitive.symbols;
    let element = &symbols[0];
    if symbols.iter().any(|s| s != element) {
        return refused("family", "a network for several elements", "another family for this crystal");
    }
    let Some(start) = &spec.start else {
        return refused("start", "missing", "the potential that the weights are fitted to first");
    };
    if start.family == Some(PotentialFamily::Network) {
        return refused("start.family", "another network", "a potential with parameters, or tables");
    }
    let layers = spec.layers.unwrap_or(LAYERS);
    if layers.iter().any(|n| !(1..=40).contains(n)) {
        return refused("layers", &format!("{layers:?}"), "two numbers of neurons from 1 to 40");
    }
    let Built { potential, around, reach, .. } = build(start, &place("start"), (crystal, None), None, files)?;
    let shells = shell_distances(crystal, potential.range).in_job(field)?;
    let nearest = shells.first().copied().unwrap_or(potential.range);
    let range = spec.range.unwrap_or(potential.range.min(RANGE * nearest));
    let network = Network::new(range, nearest, layers);
    // No more than both of them have.
    let far = cutoff.unwrap_or(reach).min(reach);
    let basis = IrreducibleBasis::new(crystal, far).in_job("force_constants")?;
    let pairs: Vec<_> = basis.representatives().into_iter().map(|r| (r.i, r.j, r.cell)).collect();
    let p = potential.values();
    let phi = around.force_constants(&potential, &p, &pairs);
    let elements = phi.iter().flat_map(|m| m.transpose().iter().copied().collect::<Vec<_>>());
    let projection = basis.from_representatives();
    let theta = &projection * DVector::from_iterator(9 * phi.len(), elements);
    let (energy, pressure) = around.energy_and_pressure(&potential, &p);
    let theta = theta.iter().copied().collect();
    let wanted = Wanted { theta, projection, pairs, energy, pressure };
    fit_network(network, element, &crystal.primitive, &wanted).in_job(field)
}
