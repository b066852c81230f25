//! Fields of a job that have no effect beside the others: said, so that nobody believes in them.

use super::{Job, Order};
use crate::fit::{AdamOptions, Coordinates, Method, RandomNumbers};
use crate::scattering::Sampler;
use crate::thermal::{MeshAxes, UMesh};

/// One note with all fields that have no effect, if there are any.
pub(crate) fn unused(job: &Job) -> Option<String> {
    let mut list: Vec<&str> = Vec::new();
    let mut say = |given: bool, field: &'static str| {
        if given {
            list.push(field);
        }
    };
    let (fit, model) = (&job.fit, &job.model);
    let adam = fit.method == Method::Adam;
    let sampled = model.order == Order::Sampled;
    say(!adam && fit.learning_rate != AdamOptions::default().learning_rate, "fit.learning_rate (of adam)");
    say(!adam && fit.coordinates != Coordinates::default(), "fit.coordinates (of adam)");
    let snapshots = adam && sampled;
    say(!snapshots && fit.batch.is_some(), "fit.batch (of adam with sampled intensities)");
    let common = fit.random_numbers != RandomNumbers::default();
    say(!snapshots && common, "fit.random_numbers (of adam with sampled intensities)");
    say(!sampled && model.samples.is_some(), "model.samples (of the order sampled)");
    say(!sampled && model.seed != 0, "model.seed (of the order sampled)");
    say(!sampled && model.sampler != Sampler::default(), "model.sampler (of the order sampled)");
    let periodic = model.supercell.is_some();
    let plain = matches!(model.u_mesh, UMesh::Plain(_));
    say(periodic && plain, "model.u_mesh (a supercell has a mesh of its own)");
    say(
        (periodic || !plain) && model.u_mesh_axes != MeshAxes::default(),
        "model.u_mesh_axes (of a plain u_mesh)",
    );
    #[cfg(feature = "polar")]
    say(
        model.order.is_elastic() && job.non_analytical.is_some(),
        "non_analytical (elastic constants hold it)",
    );
    let real_space = model.order == Order::AllOrder && !periodic;
    say(
        !real_space && model.real_space_range.is_some(),
        "model.real_space_range (of all-order without a supercell)",
    );
    say(
        !real_space && model.real_space_mesh.is_some(),
        "model.real_space_mesh (of all-order without a supercell)",
    );
    let constants = &job.force_constants;
    say(constants.values.is_some() && constants.start.is_some(), "force_constants.start (values are given)");
    let crystal = &job.crystal;
    let named =
        crystal.element.is_some() || crystal.elements.is_some() || crystal.a.is_some() || crystal.c.is_some();
    say(crystal.file.is_some() && named, "crystal.element, elements, a, c (the file has them)");
    let matrix = [&constants.start, &constants.values, &job.reference]
        .into_iter()
        .flatten()
        .any(|set| set.supercell_matrix.is_some() && set.file.is_none());
    say(matrix, "supercell_matrix (of a FORCE_CONSTANTS file)");
    let synthetic = job.data.iter().any(|data| data.synthetic.is_some() && data.origin.is_some());
    say(synthetic, "data[].origin (of a file)");
    #[cfg(feature = "chosen")]
    let chosen =
        job.data.iter().any(|data| data.synthetic.is_some() && data.selection().of_volumes().is_some());
    #[cfg(feature = "chosen")]
    say(chosen, "data[].axes, plane, region, stride, sentinels (of a volume)");
    (!list.is_empty()).then(|| format!("Without effect in this job: {}.", list.join("; ")))
}
