/**
 * Everything that passes between the page and its worker, in one place. The worker owns the engine;
 * the page only draws. `run` numbers the opened jobs: messages of an older run are ignored.
 */

/**
 * What the engine reads and says; the types come with it, from the Rust sources.
 * @typedef {import("../../pkg/tds_inversion.js").Job} WrittenJob  docs/job.md describes it.
 * @typedef {WrittenJob & {model: NonNullable<WrittenJob["model"]>, data: NonNullable<WrittenJob["data"]>}} Job  As the page holds it.
 * @typedef {import("../../pkg/tds_inversion.js").Order} Order
 * @typedef {[number, number, number]} Cells
 * @typedef {import("../../pkg/tds_inversion.js").LibraryTitle} LibraryEntry
 * @typedef {import("../../pkg/tds_inversion.js").CellParameters} CellLengths
 * @typedef {[number, number, number]} Vector
 * @typedef {import("../../pkg/tds_inversion.js").ParameterDescription} Parameter
 * @typedef {import("../../pkg/tds_inversion.js").Description} Description
 * @typedef {import("../../pkg/tds_inversion.js").ElasticReport} Elastic
 * @typedef {import("../../pkg/tds_inversion.js").Progress} Progress
 * @typedef {import("../../pkg/tds_inversion.js").Trust} Trust
 * @typedef {import("../../pkg/tds_inversion.js").Verdict} Verdict
 * @typedef {import("../../pkg/tds_inversion.js").HigherOrdersReport} HigherOrders
 * @typedef {import("../../pkg/tds_inversion.js").Columns} Columns
 * @typedef {import("../../pkg/tds_inversion.js").Bands} Bands
 */

/** One picture of the fit. `models` is null where the page is still drawing the one before; `suspects` are the
 * rows of each data set beyond 5 σ, the worst first, where there is a verdict.
 * @typedef {{progress: Progress, course: number[], models: Float64Array[] | null, bands: Bands | null, suspects: Uint32Array[] | null, playing: boolean}} Frame
 * @typedef {{code: string, message: string}} Trouble
 * @typedef {"result" | "job" | "constants" | "models" | "curves" | "potential" | "choice"} Saveable  The last three: functions of the job's potential,
 *   its files, and what potentials there are to choose from.
 * @typedef {import("../../pkg/tds_inversion.js").TouchReport & {models: Float64Array[] | null}} Touched  The model with constants that are
 *   not in force; null where there is none.
 * @typedef {{start: Bands | null, current: Bands | null, truth: Bands | null}} Followed  The dispersion along another path.
 * @typedef {import("../../pkg/tds_inversion.js").Hand} Hand  What a hand holds.
 * @typedef {import("../../pkg/tds_inversion.js").ScatteredReport} Scattered  What the model of a datum consists of.
 * @typedef {{touch: Hand} | {bands: number[]} | {follow: {labels: string[], points: number[][]}} | {says: {set: number, row: number}} | {scattered: {set: number, row: number}}
 *   | {knows: {constant: number, what: "slope" | "knowledge"}} | {mixtures: true} | {bent: number[]}} Question  `touch`: what a hand holds; `bands`: of constants that are not in force; `follow`: of each point of a
 *   path h, k, l, and 1 where a leg leads there, none for the usual path; `says`: what a datum says of each
 *   constant; `knows`: what each datum says of one, a list for every data set, or by the numbers after the constants of an elastic constant or
 *   a sum; `mixtures`: sums of constants whose errors are independent; `bent`: the functions of a potential with these parameters.
 */

/** From the page to the worker.
 * @typedef {{type: "start", module: WebAssembly.Module}} Start
 * @typedef {{type: "open", run: number, job: Job, files: Record<string, Uint8Array>, first: boolean}} Open  `first`: nothing is in sight yet.
 * @typedef {{type: "play" | "pause" | "step" | "reset" | "drawn", run: number}} Command
 * @typedef {{type: "pace", milliseconds: number}} Pace  Least time from one iteration to the next.
 * @typedef {{type: "cores", count: number}} Cores  How many workers the next job may have.
 * @typedef {{type: "place", run: number, values: number[]}} Place  The fit goes on from these constants.
 * @typedef {{type: "save", run: number, what: Saveable | Question, ticket: number}} Save
 * @typedef {{type: "close"}} Close  The job is in force no more.
 * @typedef {Start | Open | Command | Place | Pace | Cores | Save | Close} ToWorker
 */

/** From the worker to the page.
 * @typedef {{type: "ready", library: LibraryEntry[]}} Ready
 * @typedef {{type: "measured", run: number, columns: Columns[], description: Description, models: Float64Array[] | null}} Measured  Before the model is calculated; of one with all orders
 * one phonon alone, which is there at once.
 * @typedef {{type: "doing", run: number, words: string}} Doing  What the job that is being opened turned out to be, such as “89 constants at 1408 points”.
 * @typedef {{type: "opened", run: number, job: Job, description: Description, columns: Columns[], disagreeing: Uint32Array[], start: Bands | null, truth: Bands | null, frame: Frame}} Opened  `job` with what the engine fills in;
 * `disagreeing` are the rows of each data set far from their equivalents, the farthest first.
 * @typedef {{type: "refused", run: number, trouble: Trouble}} Refused  The job was not opened.
 * @typedef {{type: "closed"}} Closed
 * @typedef {{type: "frame", run: number, frame: Frame}} FrameMessage
 * @typedef {{type: "saved", run: number, ticket: number, value: any}} Saved
 * @typedef {{type: "unsaved", run: number, ticket: number, trouble: Trouble}} Unsaved
 * @typedef {{type: "failed", run: number, trouble: Trouble}} Failed  The fit stopped, the engine lives on.
 * @typedef {{type: "crashed", run: number, trouble: Trouble}} Crashed  The engine is dead.
 * @typedef {Ready | Measured | Doing | Opened | Refused | Closed | FrameMessage | Saved | Unsaved | Failed | Crashed} FromWorker
 */

/** The view “Atoms in motion” and its worker. The plane is l = 0; `places` and `displacements` are
 * x and y of each atom of the slab, `edges` x and y of the first two supercell vectors, Å.
 * @typedef {import("../../pkg/tds_inversion.js").Scene} Scene
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

/** The view “Compare and plan” and its worker. `doing` says what is done next, nothing once all is done.
 * @typedef {import("../../pkg/tds_inversion.js").ShellsTable} ShellsTable
 * @typedef {import("../../pkg/tds_inversion.js").PlannedMeasurement} Candidate
 * @typedef {{type: "shells", run: number, job: Job, files: Record<string, Uint8Array>, most: number | undefined, folds: number}} AskShells
 * @typedef {{type: "plan", run: number, job: Job, files: Record<string, Uint8Array>}} AskPlan
 * @typedef {Start | AskShells | AskPlan} ToCompare
 * @typedef {{type: "shells", run: number, doing: string, table: ShellsTable}} ShellsMessage
 * @typedef {{type: "planning", run: number, doing: string}} PlanningMessage
 * @typedef {{type: "plan", run: number, list: Candidate[]}} PlanMessage
 * @typedef {ShellsMessage | PlanningMessage | PlanMessage | Refused | Failed | Crashed} FromCompare
 */

/** The view “Crystal” and its worker.
 * @typedef {import("../../pkg/whole/tds_inversion.js").PhononsReport} PhononsReport
 * @typedef {import("../../pkg/whole/tds_inversion.js").ModesReport} ModesReport
 * @typedef {import("../../pkg/whole/tds_inversion.js").Piece} Piece
 * @typedef {{type: "open", run: number, job: Job, files: Record<string, Uint8Array>}} OpenCrystal
 * @typedef {{type: "look", run: number, hkl: Vector, cells: Cells | null}} LookCrystal  `cells`: of the piece that is drawn, without them as the wave needs.
 * @typedef {{type: "move", run: number, hkl: Vector, mode: number}} MoveCrystal
 * @typedef {Start | OpenCrystal | LookCrystal | MoveCrystal} ToCrystal
 * @typedef {{type: "phonons", run: number, report: PhononsReport, bands: Bands}} PhononsMessage
 * @typedef {{type: "modes", run: number, modes: ModesReport, place: number | null, piece: Piece | null}} ModesMessage  `place`: number of the point of the
 * dispersion that Q is equivalent to; `piece` where it is another one than before.
 * @typedef {{type: "pattern", run: number, mode: number, pattern: Float64Array}} PatternMessage
 * @typedef {PhononsMessage | ModesMessage | PatternMessage | Refused | Failed | Crashed} FromCrystal
 */

/** What belongs to a dispersion curve, and its worker.
 * @typedef {import("../../pkg/whole/tds_inversion.js").ZoneReport} Zone
 * @typedef {import("../../pkg/whole/tds_inversion.js").ZonePoint} ZonePoint
 * @typedef {import("../../pkg/whole/tds_inversion.js").PathReport} Path
 * @typedef {import("../../pkg/whole/tds_inversion.js").DensityReport} Density
 * @typedef {import("../../pkg/whole/tds_inversion.js").PublishedReport} Published
 * @typedef {{path: string} | {density: number} | {published: {name: string, bytes: Uint8Array, path: string}}} DispersionQuestion  `path`: as it is
 *   typed; `density`: intervals.
 * @typedef {{type: "open", run: number, job: Job, files: Record<string, Uint8Array>}} OpenDispersion
 * @typedef {{type: "ask", run: number, ticket: number, what: DispersionQuestion}} AskDispersion
 * @typedef {Start | OpenDispersion | AskDispersion} ToDispersion
 * @typedef {{type: "zone", run: number, zone: Zone}} ZoneMessage
 * @typedef {{type: "answer", run: number, ticket: number, value: any}} AnswerMessage
 * @typedef {{type: "unanswered", run: number, ticket: number, trouble: Trouble}} UnansweredMessage
 * @typedef {ZoneMessage | AnswerMessage | UnansweredMessage | Refused | Failed | Crashed} FromDispersion
 */

/** The view “Lessons” and its worker: one job on the bench, and questions to it.
 * @typedef {import("../../pkg/whole/tds_inversion.js").ChainFilm} ChainFilm
 * @typedef {import("../../pkg/whole/tds_inversion.js").WeakCombination} WeakCombination
 * @typedef {{description: Description, columns: Columns, progress: Progress, model: Float64Array}} OnBench  Of the first data set.
 * @typedef {{type: "misfits", points: number[][]} | {type: "touch", values: number[]} | {type: "step"} | {type: "place", values: number[]}
 *   | {type: "reset"} | {type: "scattered"} | {type: "mixtures"} | {type: "chain", springs: number[], seed: number}} BenchQuestion  `misfits`: χ²/n
 *   at lists of constants; `scattered`: parts of one phonon in the model of every row; `mixtures`: of constants, that the data leave open.
 * @typedef {{type: "open", run: number, job: WrittenJob, files: Record<string, Uint8Array>}} OpenBench
 * @typedef {{type: "ask", run: number, ticket: number, question: BenchQuestion}} AskBench
 * @typedef {Start | OpenBench | AskBench} ToBench
 * @typedef {{type: "bench", run: number, bench: OnBench}} BenchMessage
 * @typedef {{type: "answer", run: number, ticket: number, value: any}} BenchAnswer
 * @typedef {BenchMessage | BenchAnswer | Refused | Failed | Crashed} FromBench
 */

export {};
