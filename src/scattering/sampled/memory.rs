//! How much memory a supercell takes, said before any of it is taken.

use super::Sampler;
use super::block::Block;
use super::dense::Dense;
use crate::{Error, Result};

/// The most that a sampled model may hold, bytes. A page has 4 GB of addresses at most, and they cannot
/// all be had at once.
pub const LIMIT: u64 = if cfg!(target_arch = "wasm32") { 1_000_000_000 } else { 1_500_000_000 };

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
/// More than [`LIMIT`] for so many points and samples.
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
    if bytes <= LIMIT {
        return Ok(());
    }
    let [a, b, c] = size;
    let (name, other) = match sampler {
        Sampler::Block => ("block", ""),
        Sampler::Dense => ("dense", ", the block sampler"),
    };
    Err(Error::job(
        "model.supercell",
        format!(
            "{a} × {b} × {c} cells ({sites} atoms) with the {name} sampler and samples drawn {samples} at a time need {} of memory",
            written(bytes)
        ),
        format!("at most {}: a smaller supercell{other} or fewer samples", written(LIMIT)),
    ))
}

/// "1.5 GB"
fn written(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}
