//! How much memory correlations take, said before any of it is taken.

use super::Grid;
use crate::Result;
use crate::crystal::Crystal;

/// Refuses what would not fit into the memory before any of it is taken: values, with derivatives to
/// `n_parameters` constants.
pub(super) fn check(crystal: &Crystal, n_parameters: usize, grid: Grid) -> Result<()> {
    let atoms = crystal.n_atoms() as f64;
    let volume = crystal.primitive.volume();
    let points = |n: &[usize; 3]| n.iter().map(|n| *n as f64).product::<f64>();
    let (asked, mend, cells, waves) = match &grid {
        Grid::HalfShifted { n, range } => {
            let cells = 4.0 / 3.0 * std::f64::consts::PI * range.powi(3) / volume;
            (format!("{range:.0} Å"), "a shorter range", cells, points(n))
        }
        #[cfg(feature = "sampled")]
        Grid::Periodic(n) => {
            let cells = points(n) * crystal.input.volume() / volume;
            (format!("{} × {} × {} cells", n[0], n[1], n[2]), "fewer cells", cells, cells)
        }
    };
    let pairs = 0.5 * cells * atoms * atoms;
    let kinds = 0.5 * atoms * (atoms + 1.0);
    // Derivatives, slopes at four blocks of points and names of each pair; spectra and modes of each ±k.
    let per_pair = 48.0 * n_parameters as f64 + 4.0 * 256.0 + 200.0;
    let per_wave = 96.0 * kinds + 24.0 * (3.0 * atoms).powi(2) + 16.0 * kinds;
    let bytes = pairs * per_pair + 0.5 * waves * per_wave;
    let to = if n_parameters > 0 {
        format!(" with derivatives to {n_parameters} constants")
    } else {
        String::new()
    };
    crate::base::memory::check(bytes, &format!("{asked}: {pairs:.0} pairs of atoms{to}"), mend)
}
