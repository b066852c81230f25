//! How much memory a supercell takes, said before any of it is taken.

use super::Sampler;
use super::block::Block;
use super::dense::Dense;
use crate::Result;

/// What the memory depends on, beside the samples.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Input cells along each axis.
    pub size: [usize; 3],
    /// Primitive cells per input cell.
    pub copies: u64,
    /// Atoms per primitive cell.
    pub n_atoms: u64,
    pub sampler: Sampler,
}

/// # Errors
/// More memory than there is for so many points and samples.
pub fn check(extent: &Extent, points: usize, samples: usize) -> Result<()> {
    let Extent { size, copies, n_atoms, sampler } = *extent;
    let cells = size.iter().fold(copies, |product, n| product.saturating_mul(*n as u64));
    // Beyond this nothing fits, and the products below do not overflow.
    let sites = cells.saturating_mul(n_atoms).min(1 << 28);
    let model = match sampler {
        Sampler::Block => Block::bytes(cells.min(1 << 28), n_atoms, copies),
        Sampler::Dense => Dense::bytes(sites),
    };
    // Displacements, normal numbers and derivatives of each sample; amplitude and weight of each point.
    let per_sample = sites * 24 * 3 + points as u64 * 48;
    let per_point = 16 * n_atoms + 160;
    let bytes = model
        .saturating_add(sites * 100)
        .saturating_add(per_point.saturating_mul(points as u64))
        .saturating_add(per_sample.saturating_mul(samples as u64));
    let [a, b, c] = size;
    let (name, mend) = match sampler {
        Sampler::Block => ("block", "a smaller supercell or fewer samples"),
        Sampler::Dense => ("dense", "a smaller supercell, the block sampler or fewer samples"),
    };
    let what = format!(
        "{a} × {b} × {c} cells ({sites} atoms) with the {name} sampler and samples drawn {samples} at a time"
    );
    crate::base::memory::check(bytes as f64, &what, mend)
}
