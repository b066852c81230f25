//! Refuses settings that would take minutes before any of the work is done: a page is locked by them.

use super::Prepared;
use crate::job::{Job, Order};
use crate::scattering::default_range;
use crate::thermal::{MeshAxes, UMesh};
use crate::{Error, Result};

/// Most wave vectors × (3 × atoms)³ of one sum over a mesh: about a minute.
const MOST_ON_MESH: f64 = 1e9;
/// Most points of a mesh × operations that they are compared by.
const MOST_COMPARISONS: f64 = 1e8;
/// Most pairs of atoms × points of the higher orders: a minute or two for each step of a fit.
const MOST_TERMS: f64 = 1e10;

/// Whether a model at `n_points` different points can be computed in sensible time.
///
/// # Errors
/// Meshes, ranges and supercells that cost too much; the sentence names the cost.
pub(super) fn check(prepared: &Prepared, job: &Job, n_points: usize) -> Result<()> {
    let crystal = &prepared.crystal;
    let (model, atoms) = (&job.model, crystal.n_atoms() as f64);
    let operations = crystal.operations.len().max(1) as f64;
    let copies = (crystal.input.volume() / crystal.primitive.volume()).round();
    let product = |n: &[usize; 3]| n.iter().map(|n| *n as f64).product::<f64>();
    let written = |n: &[usize; 3]| format!("[{}, {}, {}]", n[0], n[1], n[2]);
    let size = 3.0 * atoms;
    let on_mesh = |field: &str, n: &[usize; 3], different: f64| {
        if different * size.powi(3) <= MOST_ON_MESH {
            return Ok(());
        }
        let most = MOST_ON_MESH / size.powi(3);
        Err(Error::job(
            field,
            format!(
                "{}: about {different:.0} different wave vectors with {size} × {size} matrices",
                written(n)
            ),
            format!("at most {most:.0} of them, which take about a minute"),
        ))
    };
    if let Some(n) = model.supercell {
        let waves = product(&n) * copies;
        on_mesh("model.supercell", &n, 0.5 * waves)?;
        // Samples need no pairs, but their mean does.
        return terms("model.supercell", &written(&n), 0.5 * waves * atoms * atoms, n_points, "fewer cells");
    }
    if let UMesh::Plain(n) = model.u_mesh {
        let points = product(&n) * if model.u_mesh_axes == MeshAxes::Conventional { copies } else { 1.0 };
        on_mesh("model.u_mesh", &n, points / operations)?;
        if points * operations > MOST_COMPARISONS {
            return Err(Error::job(
                "model.u_mesh",
                format!(
                    "{}: {points:.0} wave vectors with {operations} operations to fold them by",
                    written(&n)
                ),
                format!("at most {:.0} wave vectors, or \"converged\"", MOST_COMPARISONS / operations),
            ));
        }
    }
    if model.order == Order::OnePhonon || model.order.is_elastic() {
        return Ok(());
    }
    if let Some(n) = model.real_space_mesh {
        on_mesh("model.real_space_mesh", &n, 0.5 * product(&n))?;
    }
    let range = model.real_space_range.unwrap_or_else(|| default_range(crystal));
    let cells = 4.0 / 3.0 * std::f64::consts::PI * range.powi(3) / crystal.primitive.volume();
    let field = "model.real_space_range";
    terms(field, &format!("{range:.0} Å"), 0.5 * cells * atoms * atoms, n_points, "a shorter range")
}

fn terms(field: &str, asked: &str, pairs: f64, n_points: usize, mend: &str) -> Result<()> {
    if pairs * n_points as f64 <= MOST_TERMS {
        return Ok(());
    }
    Err(Error::job(
        field,
        format!("{asked}: {pairs:.0} pairs of atoms at {n_points} points"),
        format!(
            "at most {:.0} pairs at so many, a minute or two for each step: {mend}",
            MOST_TERMS / n_points as f64
        ),
    ))
}
