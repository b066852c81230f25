/**
 * Everything that passes between the page and its worker, in one place. The worker owns the engine;
 * the page only draws. `run` numbers the opened jobs: messages of an older run are ignored.
 */

/** The job file: see the README. Unknown fields travel along untouched.
 * @typedef {{file?: string, library?: string, labels?: Record<string, number>, springs?: Record<string, number>}} ConstantSet
 * @typedef {"one-phonon" | "all-order" | "sampled"} Order
 * @typedef {[number, number, number]} Cells
 * @typedef {{
 *   crystal: {prototype?: string, element?: string, elements?: string[], a?: number, c?: number, file?: string},
 *   force_constants: {cutoff?: number | null, start?: ConstantSet, [more: string]: unknown},
 *   model: {order: Order, statistics: string, temperature?: number, [more: string]: unknown},
 *   data: {file?: string, synthetic?: unknown, [more: string]: unknown}[],
 *   mask?: {bragg_radius?: number, q_min?: number | null, q_max?: number | null, [more: string]: unknown},
 *   nuisance?: {scale?: unknown, background?: unknown, [more: string]: unknown},
 *   fit?: Record<string, unknown>, reference?: ConstantSet,
 *   [more: string]: unknown,
 * }} Job
 */

/** What the engine says.
 * @typedef {{id: string, element: string, lattice: string, a_angstrom: number, temperature_k: number | null, reference: string, title: string}} LibraryEntry
 * @typedef {{a: number, b: number, c: number, alpha: number, beta: number, gamma: number}} CellLengths
 * @typedef {[number, number, number]} Vector
 * @typedef {{label: string, unit: string, start: number, reference: number | null}} Parameter
 * @typedef {{
 *   crystal: {title: string, space_group: string, input_cell: CellLengths, reciprocal: Vector[], primitive: Vector[], atoms_per_primitive_cell: number, elements: string[]},
 *   parameters: Parameter[],
 *   datasets: {name: string, n: number, n_used: number, has_sigma: boolean, q_max: number}[],
 *   warnings: string[],
 *   model: {order: Order, statistics: string, temperature_k: number},
 * }} Description
 * @typedef {{name: string, value: number, sigma: number | null}} Elastic
 * @typedef {{
 *   iteration: number, n_data: number, chi2: number, chi2_reduced: number, accepted: boolean,
 *   rejected_steps: number, values: number[], sigma: (number | null)[], determined: boolean[],
 *   scale: number[], scale_sigma: (number | null)[], background: {constant: number, q2: number}[],
 *   termination: string | null, message: string, elastic: Elastic[], seconds: number, error: number | null,
 *   higher_orders: HigherOrders | null, verdict?: Verdict | null,
 * }} Progress  `higher_orders` is there once the fit has ended, `verdict` once it has moved and stands still.
 * @typedef {"good" | "limited" | "none"} Trust
 * @typedef {{
 *   trust: Trust, sentence: string, reasons: {code: string, trust: Trust, sentence: string}[],
 *   statistics: {chi2_reduced: number, expected_spread: number, beyond_5_sigma: number, beyond_100_sigma: number},
 *   sigma_factor?: number,
 * }} Verdict  What the fit may be trusted for; `sigma_factor` where the σ of the data cannot be right.
 * @typedef {{
 *   over_one_phonon: [number, number, number], modelled: boolean,
 *   truncation?: {real_space_range: number, rms_sigma: number, rms_relative: number},
 * }} HigherOrders  Smallest, median and largest ratio to one phonon; what the range leaves out.
 * @typedef {{h: Float64Array, k: Float64Array, l: Float64Array, intensity: Float64Array, sigma: Float64Array | null, used: Uint8Array}} Columns
 * @typedef {{distance: Float64Array, ticks: {at: number, label: string}[], branches: Float64Array[], sigma: Float64Array[] | null}} Bands
 */

/** One picture of the fit. `models` is null where the page is still drawing the one before; `suspects` are the
 * rows of each data set beyond 5 σ, the worst first, where there is a verdict.
 * @typedef {{progress: Progress, course: number[], models: Float64Array[] | null, bands: Bands | null, suspects: Uint32Array[] | null, playing: boolean}} Frame
 * @typedef {{code: string, message: string}} Trouble
 * @typedef {"result" | "job" | "constants" | "models"} Saveable
 */

/** From the page to the worker.
 * @typedef {{type: "start", module: WebAssembly.Module}} Start
 * @typedef {{type: "open", run: number, job: Job, files: Record<string, Uint8Array>, first: boolean}} Open  `first`: nothing is in sight yet.
 * @typedef {{type: "play" | "pause" | "step" | "reset" | "drawn", run: number}} Command
 * @typedef {{type: "pace", milliseconds: number}} Pace  Least time from one iteration to the next.
 * @typedef {{type: "cores", count: number}} Cores  How many workers the next job may have.
 * @typedef {{type: "save", run: number, what: Saveable, ticket: number}} Save
 * @typedef {{type: "close"}} Close  The job is in force no more.
 * @typedef {Start | Open | Command | Pace | Cores | Save | Close} ToWorker
 */

/** From the worker to the page.
 * @typedef {{type: "ready", library: LibraryEntry[]}} Ready
 * @typedef {{type: "measured", run: number, columns: Columns[], description: Description}} Measured  Before the model is calculated.
 * @typedef {{type: "opened", run: number, job: Job, description: Description, columns: Columns[], start: Bands | null, truth: Bands | null, frame: Frame}} Opened  `job` with what the engine fills in.
 * @typedef {{type: "refused", run: number, trouble: Trouble}} Refused  The job was not opened.
 * @typedef {{type: "closed"}} Closed
 * @typedef {{type: "frame", run: number, frame: Frame}} FrameMessage
 * @typedef {{type: "saved", run: number, ticket: number, value: any}} Saved
 * @typedef {{type: "unsaved", run: number, ticket: number, trouble: Trouble}} Unsaved
 * @typedef {{type: "failed", run: number, trouble: Trouble}} Failed  The fit stopped, the engine lives on.
 * @typedef {{type: "crashed", run: number, trouble: Trouble}} Crashed  The engine is dead.
 * @typedef {Ready | Measured | Opened | Refused | Closed | FrameMessage | Saved | Unsaved | Failed | Crashed} FromWorker
 */

/** The view “Atoms in motion” and its worker. The plane is l = 0; `places` and `displacements` are
 * x and y of each atom of the slab, `edges` x and y of the first two supercell vectors, Å.
 * @typedef {{
 *   h: Float64Array, k: Float64Array, l: Float64Array, exact: Float64Array,
 *   places: Float64Array, layers: Uint8Array, kinds: Uint8Array, edges: Float64Array, atoms: number,
 * }} Scene
 * @typedef {{
 *   done: number, error: number, expected: number, seconds: number, playing: boolean,
 *   course: {done: number[], error: number[]},
 *   picture: {mean: Float64Array, displacements: Float64Array} | null,
 * }} Snapshot  Errors are relative, root mean square over the plane; `picture` is null where the page is still drawing.
 * @typedef {{type: "open", run: number, job: Job, files: Record<string, Uint8Array>}} OpenSnapshots
 * @typedef {{type: "play", run: number, still: boolean}} PlaySnapshots  `still`: pictures at powers of ten only.
 * @typedef {{type: "pause" | "reset" | "drawn", run: number}} CommandSnapshots
 * @typedef {Start | OpenSnapshots | PlaySnapshots | CommandSnapshots} ToSnapshots
 * @typedef {{type: "scene", run: number, scene: Scene}} SceneMessage
 * @typedef {{type: "snapshot", run: number, snapshot: Snapshot}} SnapshotMessage
 * @typedef {SceneMessage | SnapshotMessage | Refused | Failed | Crashed} FromSnapshots
 */

/** The view “Three methods” and its worker: prepared jobs, fitted one after the other.
 * @typedef {{job: Job, files: Record<string, Uint8Array>}} Prepared
 * @typedef {{
 *   state: "waiting" | "running" | "done", ended: string,
 *   iterations: number[], seconds: number[], error: number[],
 * }} Course  One run; `error` is the rms distance of the constants from the reference, eV/Å², the start first.
 * @typedef {{courses: Course[], playing: boolean}} Contest
 * @typedef {{type: "open", run: number, jobs: Prepared[]}} OpenContest
 * @typedef {{type: "play" | "pause" | "reset" | "drawn", run: number}} CommandContest
 * @typedef {Start | OpenContest | CommandContest} ToContest
 * @typedef {{type: "contest", run: number, contest: Contest}} ContestMessage
 * @typedef {ContestMessage | Refused | Failed | Crashed} FromContest
 */

export {};
