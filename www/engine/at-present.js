/** What the fit is about, as a job without data: the crystal with its constants where they are now. */

/** @typedef {import("./protocol.js").Job} Job */
/** @typedef {import("../views/registry.js").Present} Present */

/** @param {Present} present @returns {Job} */
export function jobAtPresent({ job, description, progress }) {
  const { cutoff, start, values } = job.force_constants;
  // Constants as a file gives them have no names.
  const isNamed = description.parameters.every(({ label }) => label !== "as read");
  const labels = Object.fromEntries(description.parameters.map(({ label }, i) => [label, progress.values[i] ?? 0]));
  const { statistics, temperature, u_mesh, u_mesh_axes, order } = job.model;
  return {
    crystal: job.crystal,
    force_constants: {
      ...(cutoff ? { cutoff } : {}),
      ...(isNamed ? { values: { labels } } : { ...(start ? { start } : {}), ...(values ? { values } : {}) }),
    },
    ...(job.non_analytical ? { non_analytical: job.non_analytical } : {}),
    model: {
      order: order === "elastic" ? "elastic" : "one-phonon",
      ...(statistics ? { statistics } : {}),
      ...(temperature === undefined ? {} : { temperature }),
      ...(u_mesh ? { u_mesh } : {}),
      ...(u_mesh_axes ? { u_mesh_axes } : {}),
    },
    data: [],
    ...(job.measurement?.energy_kev ? { measurement: { energy_kev: job.measurement.energy_kev } } : {}),
    ...(job.form_factors ? { form_factors: job.form_factors } : {}),
    ...(job.anomalous ? { anomalous: job.anomalous } : {}),
  };
}
