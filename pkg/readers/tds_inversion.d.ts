/* tslint:disable */
/* eslint-disable */
// Types of what crosses the boundary. `cargo xtask docs` writes this file from the Rust types.

/** Agreement of equivalent data of one measurement, before any model. */
export interface Agreement {
    /** Data that have an equivalent. */
    n: number;
    /** Points of reciprocal space that symmetry makes different. */
    unique: number;
    /** Σ|I − ⟨I⟩| / Σ|I| over data that have an equivalent, ⟨I⟩ the mean of the equivalents. */
    r_int: number;
    /** Σ (I − ⟨I⟩)²/σ² per degree of freedom, where σ is known; ⟨I⟩ is weighed by 1/σ². */
    chi2_int?: number | null;
    /** How many they are. */
    n_suspects: number;
}

/** A direction in hkl. */
export type Along = Letter | [number, number, number];

/** An atom in fractional coordinates. */
export interface AtomPlace {
    /** Chemical symbol; D for deuterium. */
    element: string;
    /** Along a. */
    x: number;
    /** Along b. */
    y: number;
    /** Along c. */
    z: number;
}

/** One axis of an array that comes without any, in the file's order: the slowest first; of a picture the rows, from the top, then the columns. Exactly one of `limits`, `values`, or `first` with `step`. */
export interface AxisSpec {
    /** r.l.u.: Direction in hkl, `"h"`, `"k"`, `"l"`, or three numbers such as `[1, 1, 0]`. */
    along: Along;
    /** r.l.u.: Coordinates of the first and the last voxel's centre; the second is the smaller one where the array runs backwards. */
    limits?: [number, number] | null;
    /** r.l.u.: Coordinate of the first voxel's centre. */
    first?: number | null;
    /** r.l.u.: From one voxel to the next; negative where the array runs backwards. */
    step?: number | null;
    /** r.l.u.: Coordinate of every voxel's centre. */
    values?: number[] | null;
}

/** One axis. */
export interface AxisSummary {
    /** As the file calls it, or h, k, l. */
    name: string;
    /** hkl of one unit along it. */
    direction: [number, number, number];
    /** Voxels along it. */
    count: number;
    /** Coordinate of the first and the last centre. */
    range: [number, number];
    /** From centre to centre; none where that changes, or of a single layer. */
    step: number | null;
}

/** A background shape, in data units. */
export type Background = "constant" | "q2" | object | object | object | object;

/** What one branch scatters. */
export interface BranchReport {
    /** “longitudinal acoustic”: in words. */
    character: string;
    /** THz: Its frequency. */
    frequency: number;
    /** Its one-phonon intensity, in units of the data. */
    intensity: number;
}

/** Errors of hkl, to first order about those that the fit found. What is not given is not fitted; a number is the standard deviation before the measurement. */
export interface Calibration {
    /** fraction: By which all Q may be too short, 10⁻⁶ to 0.05. */
    stretch?: number | null;
    /** degrees: Angle by which the crystal may be turned around each axis, 10⁻⁴ to 5. */
    rotation_deg?: number | null;
    /** Å⁻¹: Shift of the origin along each Cartesian axis, 10⁻⁶ to 0.5. */
    origin?: number | null;
}

/** A value that may mark voxels without a measurement: they are kept unless a person says so. */
export interface Candidate {
    /** The value. */
    value: number;
    /** How many voxels have exactly this value. */
    voxels: number;
}

/** A cell by its lengths and angles. */
export interface CellParameters {
    /** Å: Length of a. */
    a: number;
    /** Å: Length of b. */
    b: number;
    /** Å: Length of c. */
    c: number;
    /** degrees: Angle between b and c. */
    alpha: number;
    /** degrees: Angle between a and c. */
    beta: number;
    /** degrees: Angle between a and b. */
    gamma: number;
}

/** Born charges and the dielectric tensor. */
export interface Charges {
    /** e: Born effective charge Z* of each atom of the primitive cell, or of those that symmetry does not give, in the order of the cell, or of each atom of the input cell; three rows of three, Cartesian, rows by the direction of the field. Up to 100 in magnitude. What they are not neutral by is taken off all alike. */
    born_charges: [[number, number, number], [number, number, number], [number, number, number]][];
    /** Dielectric tensor at frequencies above those of the atoms, ε∞ of vacuum, Cartesian; positive definite. */
    dielectric: [[number, number, number], [number, number, number], [number, number, number]];
}

/** A file with Born charges and the dielectric tensor. */
export interface ChargesFile {
    /** A BORN of phonopy, a phonopy.yaml, or force constants of Quantum ESPRESSO. */
    file: string;
}

/** How incoherent scattering is taken into account: neutral atoms after Hubbell, with the scale of the diffuse scattering. */
export type Compton = "none" | "absolute" | "free" | object;

/** A set of constants: exactly one of `library`, `labels`, `file`, `springs`, `bonds`. */
export interface ConstantsSpec {
    /** Name of a published set that comes with the program, e.g. `ni_298`. */
    library?: string | null;
    /** eV/Å²: The independent constants by label, as `tds params` lists them; a label that is left out is zero. At most 10⁶ in magnitude. */
    labels?: Record<string, number> | null;
    /** A phonopy.yaml with force constants, or FORCE_CONSTANTS or force_constants.hdf5 with `supercell_matrix` beside them; force constants of Quantum ESPRESSO (`q2r.x`) or TDEP; any of them packed by xz or gzip. */
    file?: string | null;
    /** The supercell of a FORCE_CONSTANTS, in input cells; without it, that of the crystal's phonopy.yaml. */
    supercell_matrix?: SupercellMatrix | null;
    /** eV/Å²: Stiffness k of a longitudinal spring by shell of neighbours (`"1"` is the nearest), Φ(R) = −k R̂R̂ᵀ; a shell that is left out has none. At most 10⁶ in magnitude. */
    springs?: Record<string, number> | null;
    /** Springs along and across all pairs of atoms up to the cutoff, estimated from distances and covalent radii, times this factor (usually 1), above 0, up to 100: a stable start for any crystal. */
    bonds?: number | null;
}

/** What is imposed on the force constants beyond symmetry and the acoustic sum rule. Constants are named by label, as `tds params` lists them; every matrix element of Φ within the cutoff has one. */
export interface Constraints {
    /** No forces under rotation and no stress (Born & Huang): fewer constants in polar, chiral and layered crystals, and sound that is real at every wave number. Default: false. */
    rotational_invariance?: boolean;
    /** A spring along each pair of atoms and one across it, Φ(R) = −k_l R̂R̂ᵀ − k_t (1 − R̂R̂ᵀ), and nothing else. Default: false. */
    axially_symmetric?: boolean;
    /** All constants keep the ratios that they have at the start: one factor is fitted, the stiffness of the crystal. Default: false. */
    stiffness_alone?: boolean;
    /** eV/Å²: Constants that have a value and keep it, by label. At most 10⁶ in magnitude. */
    fixed?: Record<string, number>;
    /** Combinations of constants that have a value. */
    tied?: Tied[];
    /** eV/Å²: Least and largest value, by label; null where there is no such end. A constant that is fixed or follows from others has none. */
    bounds?: Record<string, [number | null, number | null]>;
    /** eV/Å²: What is known of a constant, `[value, σ]` by label. It counts as a datum does. */
    prior?: Record<string, [number, number]>;
    /** eV/Å²: Σ with which every constant is expected where the fit starts. It keeps what the data leave open from running away, and is in the σ of the result. A result with a ridge starts again where its fit did. */
    ridge?: number | null;
}

/** The word for the mesh that is found by refining. */
export type Converged = "converged";

/** What Adam takes for the coordinates of the space it moves in. */
export type Coordinates = "constants" | "decorrelated";

/** A crystal as it was understood. */
export interface CrystalDescription {
    /** Formula or prototype, for people. */
    title: string;
    /** Hermann–Mauguin symbol. */
    space_group: string;
    /** Number in the International Tables. */
    space_group_number: number;
    /** The cell that hkl refers to. */
    input_cell: CellParameters;
    /** Å⁻¹: Reciprocal vectors a*, b*, c* of the input cell with the 2π, Cartesian. */
    reciprocal: [[number, number, number], [number, number, number], [number, number, number]];
    /** Primitive lattice vectors in units of the input cell. */
    primitive: [[number, number, number], [number, number, number], [number, number, number]];
    /** Atoms in a primitive cell. */
    atoms_per_primitive_cell: number;
    /** Chemical symbols, each once. */
    elements: string[];
}

/** A crystal as a person checks it. */
export interface CrystalReport {
    /** Atoms of the cell of the file, e.g. `Ti2O4`. */
    formula: string;
    /** Atoms of the cell of the file. */
    n_atoms: number;
    /** Atoms of the primitive cell. */
    n_primitive: number;
    /** Its type. */
    space_group: GroupTitle;
    /** Lengths and angles of the cell of the file. */
    cell: CellParameters;
    /** Å: Shortest distance between two atoms. */
    shortest_distance: number;
    /** Every atom of the cell of the file. */
    atoms: AtomPlace[];
    /** The long-range part of a polar crystal, where the file holds Born charges. */
    non_analytical?: LongRangeReport | null;
    /** What a person should know. */
    notes: string[];
}

/** Either a prototype with its element and lattice parameters, or a file. */
export interface CrystalSpec {
    /** Structure type of a crystal that needs no file. */
    prototype?: Prototype | null;
    /** Chemical symbol, for a prototype with one element. */
    element?: string | null;
    /** Chemical symbols, for a prototype with two elements, e.g. `["Na", "Cl"]`. */
    elements?: string[] | null;
    /** Å: Lattice parameter of the conventional cell of a prototype; positive. */
    a?: number | null;
    /** Å: Second lattice parameter, of the prototype `hcp` only; positive. Without it, √(8/3) `a`. */
    c?: number | null;
    /** A POSCAR, CIF or phonopy.yaml, force constants of Quantum ESPRESSO (they hold their crystal), or one of these packed by xz or gzip. Its cell is the one that hkl refers to. */
    file?: string | null;
    /** Å: Positions of a file that are symmetric within this distance, say because they were rounded, are made so; 10⁻⁶ to 0.1. Without it they are taken as they are, and count as symmetric within 10⁻⁵ Å. */
    tolerance?: number | null;
    /** Moves the atoms and the cell of a file onto the symmetric places of the largest group that is found within 0.02 Å, and a note says by how much. `tolerance` wins. Default: false. */
    snap?: boolean;
}

/** One function of a potential. */
export interface CurveReport {
    /** What it is, such as “φ(r)”, with the elements where there are several. */
    name: string;
    /** The same in words. */
    meaning: string;
    /** What stands along the axis, with its unit. */
    across: string;
    /** Unit of the values; empty for pure numbers. */
    unit: string;
    /** Places along the axis, ascending. */
    x: number[];
    /** The function with the present parameters. */
    value: number[];
    /** With those of the start. */
    start: number[];
    /** σ of each value; null before a fit, and where the data do not bound one of them. */
    sigma: number[] | null;
    /** Where the crystal is: the distances of its neighbours, the density at its atoms, its angles. */
    marks: number[];
}

/** A cylinder without ends. */
export interface Cylinder {
    /** r.l.u.: Direction of its axis in hkl. */
    axis: [number, number, number];
    /** r.l.u.: A point of the axis; without it, the origin. */
    through?: [number, number, number] | null;
    /** Å⁻¹: Its radius. */
    radius: number;
}

/** One measurement: a file, or data simulated on the spot. What is given here wins over the job's own. */
export interface DataSpec {
    /** A table h, k, l, intensity and, where it is known, σ; hkl in units of the input cell. A column `exposure` says what counts were divided by, a column `temperature` in K makes measurements at several. Or a volume or plane of voxels: NeXus, Mantid or Yell in HDF5, NumPy, TIFF. */
    file?: string;
    /** What happens to rows of the file that are no measurement. Default: "leave-out". */
    invalid?: Invalid;
    /** r.l.u.: Where the coordinates of the file are zero; it is added to hkl. It gives a plane without a column l its l, e.g. `[0, 0, 0.5]`. At most 10⁴ in magnitude. */
    origin?: [number, number, number] | null;
    /** The axes of an array of voxels that comes without any (NumPy, TIFF), one for each index, the slowest first. */
    axes?: AxisSpec[] | null;
    /** Of a volume, the voxels nearest to a plane. */
    plane?: PlaneSpec | null;
    /** Of a volume, the voxels with hkl inside these limits. */
    region?: Region | null;
    /** Of a volume, one of so many voxels along each axis: a whole number from 1 on, or three. */
    stride?: Stride | null;
    /** data units: Values that mark voxels without a measurement, e.g. `[-1]`. They are left out; NaN and what the file masks always are. */
    sentinels?: number[];
    /** Parts of reciprocal space that are left out of this measurement, besides those of the job's mask. */
    mask?: Shape[];
    /** Instead of `file`: the job simulates its own measurement of known constants. */
    synthetic?: SyntheticSpec | null;
    /** K: Temperature of this measurement; without it, that of `model`. Where a table has a column of temperatures, its rows of this one; without it, each temperature is a measurement, and all share scale, backgrounds and effects. */
    temperature?: number | null;
    /** data units per electron² per primitive cell: Scale of this measurement; without it, as in `nuisance`. */
    scale?: Scale | null;
    /** Backgrounds of this measurement; without it, those of `nuisance`. */
    background?: Background[] | null;
    /** What was measured without the crystal. */
    measured_background?: MeasuredBackground | null;
    /** Measurements with the same word here have one scale, one set of backgrounds and one of effects, which have to be of the same kinds. */
    shares?: string | null;
    /** The data hold nothing but the diffuse scattering, its scale and the backgrounds: simulated so, or corrected for all that an instrument adds. Default: false. */
    ideal?: boolean;
    /** The instrument of this measurement; without it, that of the job. */
    measurement?: MeasurementSpec | null;
    /** Phonon orders in the data where that is known otherwise: a measurement holds all. */
    holds?: Order | null;
}

/** A measurement as it was read. */
export interface DatasetDescription {
    /** Name of its file, or of its place in the job. */
    name: string;
    /** Number of data. */
    n: number;
    /** Number of data that take part in the fit. */
    n_used: number;
    /** Whether the file gives σ. */
    has_sigma: boolean;
    /** Å⁻¹: Largest |Q|. */
    q_max: number;
    /** K: Temperature of the measurement. */
    temperature_k: number;
    /** Rows of the file that are not among the `n`. */
    left_out?: LeftOut[];
    /** What leaves data out of the fit, and how many; the rest of the `n` lies on Bragg points. */
    masked?: MaskCount[];
    /** How well data agree that symmetry makes equivalent. */
    agreement: Agreement;
}

/** The density of states. */
export interface DensityReport {
    /** THz: Where the first interval begins; imaginary frequencies are negative. */
    from: number;
    /** THz: Width of an interval. */
    step: number;
    /** Modes per THz and primitive cell: the mean over each interval. They add up to three for each atom. */
    values: number[];
    /** Points of the mesh along the primitive reciprocal axes. */
    mesh: [number, number, number];
    /** Wave vectors whose frequencies were computed. */
    computed: number;
    /** fraction: Of the modes that lie elsewhere on a mesh of every second point. */
    unsettled: number | null;
}

/** What a job turned out to be. */
export interface Description {
    /** The crystal. */
    crystal: CrystalDescription;
    /** The independent force constants. */
    parameters: ParameterDescription[];
    /** The measurements. */
    datasets: DatasetDescription[];
    /** What a person should know although it is no error. */
    warnings: string[];
    /** How the intensity is computed. */
    model: ModelDescription;
}

/** An elastic constant. */
export interface ElasticConstant {
    /** GPa: Its value. */
    value: number;
    /** GPa: Σ; null where the data do not bound it. */
    sigma: number | null;
    /** GPa: What an instrument may have moved it by besides, as far as the residuals do not exclude it. */
    systematic?: number | null;
}

/** An elastic constant. */
export interface ElasticReport {
    /** Voigt notation, “C11”. */
    name: string;
    /** GPa: Its value. */
    value: number;
    /** GPa: Σ; null where the data do not bound it. */
    sigma: number | null;
    /** GPa: What an instrument may have moved it by besides; null where that was not looked for. */
    systematic: number | null;
}

/** An element of the crystal. */
export interface ElementReport {
    /** Chemical symbol. */
    symbol: string;
    /** Å: Covalent radius. */
    radius: number;
}

/** An ellipsoid with its axes along h, k and l. */
export interface Ellipsoid {
    /** r.l.u.: Its centre. */
    centre: [number, number, number];
    /** r.l.u.: Half axes along h, k, l. */
    radii: [number, number, number];
}

/** The fitted constants as other programs read them. */
export interface Export {
    /** Force constants in phonopy's format. */
    FORCE_CONSTANTS: string;
    /** The supercell that they are for. */
    POSCAR: string;
    /** Both in one file. */
    phonopy_yaml: string;
}

/** What a file says beside its voxels. */
export interface Facts {
    /** Title of the measurement. */
    title?: string | null;
    /** K: Temperature of the sample. */
    temperature?: number | null;
    /** Unit cell: a, b, c in Å, α, β, γ in degrees. */
    unit_cell?: [number, number, number, number, number, number] | null;
    /** Å: Wavelength. */
    wavelength?: number | null;
}

/** What a person chooses a family of potentials by. */
export interface FamilyTitle {
    /** Its form, as a job names it. */
    family: string;
    /** The same for people. */
    name: string;
    /** Whether it may be between several elements, with parameters for each pair of them. */
    of_pairs: boolean;
    /** Whether a pair of two elements without numbers follows from those of each alone; else it has no forces. */
    mixes: boolean;
    /** Its parameters. */
    parameters: ParameterTitle[];
}

/** A file that was read. */
export interface FileRecord {
    /** As the job calls it. */
    name: string;
    /** Its length. */
    bytes: number;
    /** SHA-256 of its bytes, hexadecimal. */
    sha256: string;
}

/** The result of a fit. */
export interface FitResult {
    /** What it may be trusted for. */
    verdict?: Verdict | null;
    /** The constants. */
    parameters: ParameterValue[];
    /** data units per electron² per primitive cell: Scale, or a list when there are several data sets. */
    scale: number | number[];
    /** data units per electron² per primitive cell: Its σ, null where it was held; or a list. */
    scale_sigma: number | null | (number | null)[];
    /** Backgrounds by name, `constant` in data units and `q2` in data units Å²; or a list when there are several data sets. */
    background: Record<string, number> | Record<string, number>[];
    /** Their σ; or a list. */
    background_sigma: Record<string, number | null> | Record<string, number | null>[];
    /** Effects of the measurement: slow factors, incoherent scattering, calibration of hkl. */
    effects?: MeasuredEffect[];
    /** What is known besides the data: priors and pseudo-data with what the constants make of them. */
    known?: KnownValue[];
    /** Misfit: χ², or the deviance of counts. */
    chi2: number;
    /** The same per degree of freedom. */
    chi2_reduced: number;
    /** Number of data in the fit. */
    n_data: number;
    /** Accepted iterations. */
    iterations: number;
    /** Why the fit ended; null when it has not. */
    termination: TerminationReason | null;
    /** Names of the rows of `covariance`. */
    covariance_order: string[];
    /** Covariance of constants, scales and backgrounds; null where the data bound nothing. */
    covariance: (number | null)[][];
    /** What the data leave open. */
    identifiability: Identifiability;
    /** GPa: Elastic constants by name in Voigt notation, “C11”. */
    elastic_GPa: Record<string, ElasticConstant>;
    /** Å²: Mean-square displacement tensors ⟨uuᵀ⟩ of the first data set, Cartesian, one per atom of the primitive cell. */
    U_A2: [[number, number, number], [number, number, number], [number, number, number]][];
    /** seconds: Time that the fit took. */
    seconds: number;
    /** What a person should know. */
    notes: string[];
    /** The potential that the constants follow from; absent where they are fitted themselves. */
    potential?: PotentialReport | null;
    /** The long-range part of a polar crystal; absent where none is in the model. */
    non_analytical?: LongRangeReport | null;
    /** What there is beyond one phonon, in a model of all orders. */
    higher_orders?: HigherOrdersReport | null;
    /** eV/Å²: Rms difference from the job's `reference`. */
    error?: number | null;
    /** THz: Rms difference of the frequencies along the standard path from those of the `reference`. */
    dispersion_error_THz?: number | null;
    /** The course of the fit. */
    trace?: TracePoint[];
    /** What computed it. */
    program: Program;
    /** When, ISO 8601, UTC. */
    date: string;
    /** The job as it was used: with the cutoff, wherever that came from. */
    job: Job;
    /** Every file that was read. */
    files: FileRecord[];
    /** The measurements. */
    data: DatasetDescription[];
}

/** How the misfit is counted and reduced. */
export interface FitSpec {
    /** Optimizer. Default: "lm". */
    method?: Method;
    /** Distribution of the data around the model. Default: "gaussian". */
    likelihood?: Likelihood;
    /** Where σ comes from. Default: "auto". */
    weighing?: Weighing;
    /** Most iterations, 1 to 100000. Default: 100. */
    max_iterations?: number;
    /** fraction: With `adam`, most that a constant moves in the first step, of the largest constant; above 0, up to 1. Default: 0.003. */
    learning_rate?: number;
    /** With `adam` and sampled intensities, new random numbers for every step, or the same. Default: "fresh". */
    random_numbers?: RandomNumbers;
    /** With `adam` and sampled intensities, points of each data set that a step looks at, 1 or more; without it, all. */
    batch?: number | null;
    /** With `adam`, moves in the constants themselves, or in combinations that are independent at the start. Default: "constants". */
    coordinates?: Coordinates;
}

/** Range and numbers of the force constants Φ = ∂²E/∂u∂u. At least one of the three fields is there. */
export interface ForceConstantsSpec {
    /** Å: Atoms no farther apart than this have force constants; 10⁻³ Å away from every shell of neighbours. Without it, the range of the set of constants. */
    cutoff?: number | null;
    /** Where a fit starts. */
    start?: ConstantsSpec | null;
    /** Constants of a calculation in which nothing is fitted; wins over `start`. */
    values?: ConstantsSpec | null;
}

/** The word for a scale that is fitted. */
export type FreeWord = "free";

/** Measured frequencies. */
export type Frequencies = string | Frequency[];

/** A measured frequency. */
export interface Frequency {
    /** r.l.u.: Wave vector, of the input cell. */
    q: [number, number, number];
    /** THz: Frequency ν, positive. */
    THz: number;
    /** THz: Its standard deviation, positive. */
    sigma: number;
}

/** A space-group type. */
export interface GroupTitle {
    /** Number in the International Tables, 1–230. */
    number: number;
    /** Short Hermann–Mauguin symbol without blanks. */
    symbol: string;
}

/** What a hand holds, the fit staying where it is. */
export interface Hand {
    /** eV/Å²: All constants (GPa in the elastic limit); where they follow from a potential, all its parameters in their units. */
    values: number[];
    /** K: Temperature of all data sets that have none of their own; null where the job's stays. Default: null. */
    temperature: number | null;
    /** Factor of all lengths of the crystal, 0.5 to 2; null where they stay. Default: null. */
    stretch: number | null;
    /** Scale, backgrounds and effects of each data set that stay at a number, in the order and the units of the progress; null where one goes to its best. Default: []. */
    held: (number | null)[][];
    /** Whether orders beyond one phonon follow; they stay those of where the fit stands at another temperature or size of the crystal, and where intensities are sampled. Default: false. */
    all_orders: boolean;
}

/** Higher orders over the data of a fit. */
export interface HigherOrdersReport {
    /** Smallest, median and largest ratio of the higher orders to one phonon. */
    over_one_phonon: [number, number, number];
    /** Whether the fit's model has them. */
    modelled: boolean;
    /** What the finite range leaves out, where the fit's model has higher orders. */
    truncation?: Truncation | null;
}

/** Voxels without a measurement, by reason. */
export interface Holes {
    /** Why they hold none. */
    reason: LeftOutReason;
    /** How many. */
    voxels: number;
    /** The value that stands there, where a value marks them. */
    value?: number | null;
}

/** What the data leave open. */
export interface Identifiability {
    /** Eigenvalues of F_ij/√(F_ii F_jj), F the Fisher information, ascending; constants, then scales and backgrounds. */
    scaled_fisher_eigenvalues: number[];
    /** Combinations that the data do not determine. */
    undetermined: WeakCombination[];
    /** fraction: A constant is called undetermined when its σ is above this part of the largest constant. */
    threshold: number;
}

/** What happens to rows that are no measurement. Whatever is no number can never be kept. */
export type Invalid = "leave-out" | "keep" | "refuse";

/** A whole run: a crystal, its force constants, how the intensity is computed, what was measured, and how the constants are fitted to that. */
export interface Job {
    /** What scatters. */
    crystal: CrystalSpec;
    /** How far the forces reach, and the constants that a fit starts from or a calculation uses. */
    force_constants: ForceConstantsSpec;
    /** A potential that the force constants follow from, in the place of `force_constants.start`: its parameters are fitted. */
    potential?: PotentialSpec | null;
    /** The dipole–dipole part of the force constants of a polar crystal, which no cutoff holds: Born charges and the dielectric tensor. Without it, those that the file of the crystal holds. With it, the constants of `force_constants` are what is left without that part; it is taken off those that a file holds. */
    non_analytical?: NonAnalytical | null;
    /** What is imposed on the constants beyond what holds for every crystal. */
    constraints?: Constraints;
    /** What other measurements say of the constants. */
    pseudo_data?: PseudoData;
    /** How the intensity is computed. */
    model?: ModelSpec;
    /** The measurements; several are fitted together, each with its own scale and backgrounds. A fit needs one at least. */
    data?: DataSpec[];
    /** Which points are left out of the fit. */
    mask?: Mask;
    /** Scale and backgrounds of data that do not give their own. */
    nuisance?: NuisanceSpec;
    /** The instrument, of data that do not give their own. */
    measurement?: MeasurementSpec;
    /** How the misfit is counted and reduced. */
    fit?: FitSpec;
    /** Ion whose form factor an element takes, by element, e.g. `{"Na": "Na1+"}`; without it, the neutral atom's. */
    form_factors?: Record<string, string>;
    /** electrons: Anomalous scattering `[f′, f″]` at the wavelength of the measurement, by element; zero where an element is not named. From -1000 to 1000. */
    anomalous?: Record<string, [number, number]>;
    /** Constants to compare with while a fit runs; they never enter it. */
    reference?: ConstantsSpec | null;
}

/** Which of the points are measured. */
export interface Keep {
    /** r.l.u.: Least and largest h, least and largest k. */
    window?: [[number, number], [number, number]] | null;
    /** fraction: A random part of the points; above 0, up to 1. */
    fraction?: number | null;
    /** degrees: Least and largest angle, from a* towards b*, that a rotation reached; -360 to 360. */
    rotation?: [number, number] | null;
}

/** A prior or a pseudo-datum beside the fit. */
export interface KnownValue {
    /** What it is. */
    name: string;
    /** The value that was given, in `unit`. */
    value: number;
    /** Its σ. */
    sigma: number;
    /** What the fitted constants make of it. */
    model: number;
    /** Of all three numbers. */
    unit: string;
}

/** Rows that were left out for one reason. */
export interface LeftOut {
    /** Why they were left out. */
    reason: LeftOutReason;
    /** How many. */
    rows: number;
    /** The first lines, one-based. */
    first_lines: number[];
    /** What is wrong with the first, and what stands there. */
    example: string;
    /** The value that marks masked pixels. */
    value?: number | null;
}

/** Why a row is left out. */
export type LeftOutReason = "unreadable" | "not-finite" | "out-of-range" | "sigma-not-positive" | "sentinel" | "masked" | "empty";

/** An axis of reciprocal space. */
export type Letter = "h" | "k" | "l";

/** What a person chooses a set by. */
export interface LibraryTitle {
    /** Its name in a job. */
    id: string;
    /** Chemical symbol. */
    element: string;
    /** Structure type. */
    lattice: Prototype;
    /** Å: Lattice parameter. */
    a_angstrom: number;
    /** K: Temperature of the measurement; null for a model. */
    temperature_k: number | null;
    /** Where it was published. */
    reference: string;
    /** For people. */
    title: string;
}

/** How misfit is counted. */
export type Likelihood = "gaussian" | "poisson" | "robust";

/** The long-range part of a polar crystal as it is used, in the words of a job. */
export interface LongRangeReport {
    /** e: Born charges of the atoms of the primitive cell, Cartesian, as symmetric as the crystal and neutral together; rows: direction of the field. */
    born_charges: [[number, number, number], [number, number, number], [number, number, number]][];
    /** High-frequency dielectric tensor, Cartesian, as symmetric as the crystal. */
    dielectric: [[number, number, number], [number, number, number], [number, number, number]];
    /** e: Sum of the charges of a primitive cell as they were given; an equal part of it was taken off each atom. */
    charge_sum: [[number, number, number], [number, number, number], [number, number, number]];
}

/** Which points are left out of the fit; the page shows them hatched. */
export interface Mask {
    /** r.l.u.: Points nearer than this to a reciprocal-lattice point are left out; Euclidean distance in hkl of the input cell, each axis counted in its own reciprocal-lattice unit. Zero leaves none out. Default: 0.0. */
    bragg_radius?: number;
    /** r.l.u.: Points farther than this from every reciprocal-lattice point are left out, as `elastic` needs it; without it, none are. */
    bragg_within?: number | null;
    /** Å⁻¹: Smallest |Q| used. Default: 0.0. */
    q_min?: number;
    /** Å⁻¹: Largest |Q| used; without it, or null, there is no limit. Default: null. */
    q_max?: number | null;
    /** Further parts of reciprocal space that are left out, of all measurements. */
    shapes?: Shape[];
}

/** How many data one part of a mask leaves out. */
export interface MaskCount {
    /** The part of the mask. */
    name: string;
    /** Data that it leaves out and none before it does. */
    n: number;
}

/** What one mask file does. */
export interface MaskSummary {
    /** Its name. */
    file: string;
    /** Voxels or points with a measurement that it leaves out, whether another does so too or not. */
    n: number;
}

/** A measurement without the crystal, at the same points, as a background with a factor of its own. */
export interface MeasuredBackground {
    /** A file as those of data, with a value at hkl of every datum, in the same units. Of a volume, the same voxels are read. Its σ are added to those of the data. Default: "". */
    file?: string;
    /** fraction: Standard deviation of the factor around one before the measurement, 10⁻⁶ to 10; without it, nothing is known of it. */
    factor_within?: number | null;
}

/** An effect of the measurement as the fit found it. */
export interface MeasuredEffect {
    /** What it is, “slow factor x” or “stretch”. */
    name: string;
    /** Number of its data set, from zero. */
    data: number;
    /** In `unit`. */
    value: number;
    /** Its σ; none where the data do not bound it. */
    sigma: number | null;
    /** Empty for a pure number. */
    unit: string;
}

/** What an instrument does to the intensity besides scale and backgrounds. */
export interface MeasurementSpec {
    /** The part of reciprocal space that a pixel averages over. */
    resolution?: ResolutionSpec | null;
    /** keV: Photon energy, 4 to 150. Gives f′ + i f″ of the elements that `anomalous` does not name, after Chantler, and the scattering angle to `polarization`. */
    energy_kev?: number | null;
    /** Incoherent (Compton) scattering of the atoms, in the same units as their diffuse scattering. Default: "none". */
    compton?: Compton;
    /** The polarization of the beam, where the data are not corrected for it; it needs `energy_kev`. */
    polarization?: Polarization | null;
    /** A factor that changes slowly, as by absorption or by the incident flux. */
    smooth_factor?: SmoothFactor | null;
    /** How far hkl may be from where they should be. */
    calibration?: Calibration | null;
}

/** The reciprocal axes that a plain mesh divides. */
export type MeshAxes = "primitive" | "conventional";

/** How the misfit is reduced. */
export type Method = "lm" | "gauss-newton" | "lbfgs" | "adam";

/** One mode. */
export interface ModeReport {
    /** THz: Frequency; an imaginary one is negative. */
    frequency: number;
    /** meV: Energy; that of an imaginary frequency is negative. */
    energy: number;
    /** Electron² per primitive cell: one-phonon intensity. Of modes of equal frequency, the first is the combination that scatters at Q, and the others do not. */
    intensity: number | null;
    /** fraction: Of the one-phonon intensity. */
    share: number | null;
    /** Number of the set of modes of equal frequency that it is one of, counted from 0. */
    set: number;
    /** fraction: Of Σ|e|² along q; none at a Bragg peak. */
    longitudinal: number | null;
    /** fraction: Of Σ|e|² in which the atoms of a cell move together. */
    together: number;
    /** In words. */
    character: string;
    /** fraction: Of Σ|e|² by element, in the order of the elements. */
    elements: number[];
    /** The vector e by atom of the primitive cell and x, y, z, each as real and imaginary part: orthonormal, mass-weighted; atom s of the cell at R moves by Re{e_s/√m_s exp(i Q·(R + τ_s) − iωt)}. */
    vector: [[number, number], [number, number], [number, number]][];
}

/** How the intensity is computed. */
export interface ModelDescription {
    /** Which phonon orders. */
    order: Order;
    /** How the vibrations are counted. */
    statistics: Statistics;
    /** K: Temperature of the crystal. */
    temperature_k: number;
}

/** Which intensity is computed. */
export interface ModelSpec {
    /** Which phonon orders the intensity has, and how they are computed. Default: "one-phonon". */
    order?: Order;
    /** How the vibrations are counted. Default: "quantum". */
    statistics?: Statistics;
    /** K: Temperature of the crystal; 0.01 to 100000, or 0 with quantum statistics. Default: 298.0. */
    temperature?: number;
    /** Mesh of wave vectors that the mean-square displacements (Debye–Waller factors) are summed on: `"converged"` refines it until they are right to 10⁻³, or a note says how far they are; or three numbers of wave vectors. Default: "converged". */
    u_mesh?: UMesh;
    /** The reciprocal axes that a `u_mesh` of three numbers divides. Default: "primitive". */
    u_mesh_axes?: MeshAxes;
    /** Å: With `all-order`, pairs of atoms up to this distance are summed for what is beyond one phonon; above 0, up to 10000. Without it, 12 times the cube root of the volume per atom. The result reports what it leaves out. */
    real_space_range?: number | null;
    /** With `all-order`, numbers of wave vectors along the primitive reciprocal axes that the correlations in real space are summed from. Without it, as many as twice the range needs. */
    real_space_mesh?: [number, number, number] | null;
    /** Periodic supercell in input cells, each 1 to 1024: required for `sampled`; with `all-order`, the exact form of that supercell instead of the infinite crystal. */
    supercell?: [number, number, number] | null;
    /** Å²: With `elastic`, the mean-square displacement of the atoms along any direction, 0 to 1; without it, that of the force constants that are given as a start, or zero. */
    U_A2?: number | null;
    /** With `sampled`, snapshots for each evaluation of the intensity, 1 to 16777216; without it, 16. */
    samples?: number | null;
    /** With `sampled`, which random numbers are drawn: the same seed gives the same snapshots. Default: 0. */
    seed?: number;
    /** With `sampled`, how displacements are drawn. Default: "block". */
    sampler?: Sampler;
}

/** The modes at one Q. */
export interface ModesReport {
    /** r.l.u.: The scattering vector Q. */
    hkl: [number, number, number];
    /** r.l.u.: Q, from the nearest Bragg peak to Q. */
    reduced: [number, number, number];
    /** Å⁻¹: Q along x, y, z, with the 2π. */
    direction: [number, number, number];
    /** Å⁻¹: Length of the scattering vector. */
    q_norm: number;
    /** Electron² per primitive cell: the one-phonon intensity, the sum over the modes; none where it is not finite. */
    intensity: number | null;
    /** Why there is no intensity. */
    note: string | null;
    /** One for each branch, ascending; at a Bragg peak the three translations first. */
    modes: ModeReport[];
}

/** Where Born charges and the dielectric tensor come from. */
export type NonAnalytical = boolean | ChargesFile | Charges;

/** A background or an effect of the measurement of one data set. */
export interface NuisanceReport {
    /** What it is, “background q2”. */
    name: string;
    /** Backgrounds in units of the data, by `unit` where there is one. */
    value: number;
    /** Its σ; none where the data do not bound it. */
    sigma: number | null;
    /** Besides the unit of the data. */
    unit: string;
}

/** What stands between the intensity and the data: data = scale · intensity + backgrounds. */
export interface NuisanceSpec {
    /** data units per electron² per primitive cell: A number that is held, 10⁻³⁰ to 10³⁰ in magnitude, or `"free"`: fitted. Default: "free". */
    scale?: Scale;
    /** Backgrounds that are fitted. Default: []. */
    background?: Background[];
}

/** Phonon orders of an intensity. */
export type Order = "one-phonon" | "all-order" | "sampled" | "elastic";

/** What is below one intensity or above another, in units of the data. */
export interface Outside {
    /** data units: Smaller intensities are left out. */
    below?: number | null;
    /** data units: Larger ones are left out. */
    above?: number | null;
}

/** An independent force constant. */
export interface ParameterDescription {
    /** Shell and Cartesian component, as in `labels` of a job. */
    label: string;
    /** The same in words, “O1–Ti1 at 1.95 Å, along the bond”; null where the label says what it is, “C11”. */
    meaning: string | null;
    /** Unit of its value, “eV/Å²”. */
    unit: string;
    /** Value that the fit starts from. */
    start: number;
    /** What constraints make of it; null where it is free. */
    imposed: Tie | null;
    /** Å: Length of the pair. */
    distance: number;
    /** Number of pairs per primitive cell. */
    pairs: number;
    /** Å: Representative vector, Cartesian. */
    vector: [number, number, number];
    /** eV/Å²: Value in the job's `reference`; null where that has none. */
    reference: number | null;
}

/** A parameter of a potential. */
export interface ParameterReport {
    /** As in `parameters` of a job's potential. */
    name: string;
    /** Its value, in `unit`. */
    value: number;
    /** Its σ; null for what is not fitted, and where the data do not bound it. */
    sigma: number | null;
    /** Empty for a pure number. */
    unit: string;
    /** In `unit`: where the fit started. */
    start: number;
    /** Whether the fit moved it. */
    free: boolean;
    /** Whether the data determine it, to a tenth of its size. */
    determined: boolean;
    /** Whether it rests at the end of the range that it may have. */
    at_bound: boolean;
    /** In `unit`: by how much gradient and curvature would move it from here (the Gauss–Newton step); null where that is not known, and for what is not fitted. */
    step: number | null;
}

/** A parameter of a family. */
export interface ParameterTitle {
    /** What it is called; between several elements with a pair of them behind, “A Na-Cl”. */
    name: string;
    /** Empty for a pure number. */
    unit: string;
    /** Whether a fit moves it unless it is told otherwise. */
    free: boolean;
    /** Whether it is of each element alone: there is none between two. */
    alone: boolean;
}

/** One fitted constant. */
export interface ParameterValue {
    /** Shell and Cartesian component, as in `labels` of a job. */
    label: string;
    /** The same in words, “O1–Ti1 at 1.95 Å, along the bond”; absent where the label says what it is, “C11”. */
    meaning?: string | null;
    /** eV/Å²: Its value. */
    value: number;
    /** eV/Å²: Its σ; null when the data do not bound it at all. */
    sigma: number | null;
    /** eV/Å²: Σ times √(χ²/n), where the verdict says that the σ of the data cannot be right. */
    sigma_scaled?: number | null;
    /** eV/Å²: What an instrument may have moved it by, as far as the residuals do not exclude it; beside σ. Absent where the data are ideal. */
    systematic?: number | null;
    /** Unit of its value, “eV/Å²”. */
    unit: string;
    /** Whether the data determine it. */
    determined: boolean;
    /** What constraints make of it. */
    imposed?: Tie | null;
    /** eV/Å²: Value in the job's `reference`. */
    reference?: number | null;
}

/** χ² of a part of the data and its degrees of freedom. */
export interface Part {
    /** χ² of the part. */
    chi2: number;
    /** Its degrees of freedom. */
    degrees: number;
}

/** A point of a path. */
export interface PathPlace {
    /** What it is called. */
    label: string;
    /** How it is written in a path. */
    written: string;
    /** r.l.u.: H, k, l of the input cell. */
    hkl: [number, number, number];
    /** Å⁻¹: X, y, z. */
    place: [number, number, number];
    /** Whether the path leads here from the point before. */
    joined: boolean;
}

/** A path through reciprocal space. */
export interface PathReport {
    /** As it can be typed. */
    text: string;
    /** Its points. */
    points: PathPlace[];
}

/** What is known of the crystal before a Q is chosen. */
export interface PhononsReport {
    /** Its elements, in the order of the atoms. */
    elements: ElementReport[];
    /** Springs by kind, the shortest first. */
    shells: Shell[];
    /** Whether there are longer ones, which are not listed. */
    has_more_shells: boolean;
    /** Å: Root mean square along one direction of the displacement of an atom, of the atom that moves most; none where the crystal is unstable. */
    rms: number | null;
    /** K: Temperature of the thermal motion. */
    temperature: number;
    /** Whether fields of moving charges act besides the springs. */
    has_dipoles: boolean;
}

/** A plane through a volume, at any angle. */
export interface PlaneSpec {
    /** r.l.u.: A point of the plane. */
    point: [number, number, number];
    /** r.l.u.: Two directions in the plane. */
    vectors: [[number, number, number], [number, number, number]];
    /** r.l.u.: Voxels up to half of this away, along the axis that the plane crosses most steeply, belong to it too; without it, the nearest voxel of each column. */
    thickness?: number | null;
}

/** A measurement that might be made, and what it would tell beside all that are made already. */
export interface PlannedMeasurement {
    /** Its place in the list `data` of the job, from zero. */
    data: number;
    /** How many data it would give. */
    n_data: number;
    /** Constants that would be determined, of all of them. */
    determined: [number, number];
    /** Geometric mean over all combinations of constants of the factor by which σ would shrink. */
    gain: number;
    /** eV/Å²: Expected σ of each constant by label, with it and all before it in the list. */
    sigma: [string, number | null][];
    /** GPa: Expected σ of the elastic constants. */
    elastic: [string, number | null][];
}

/** P = 1 − sin²2θ (1 + f cos 2ψ)/2, with the part f of the light polarized linearly at the angle ψ from the plane of scattering. The default, f = 0, is the mean over all azimuths, too. */
export interface Polarization {
    /** fraction: Part of the light that is polarized linearly, 0 to 1. Default: 0.0. */
    fraction?: number;
    /** degrees: Its angle from the plane of scattering, -360 to 360; 90 at a synchrotron with a vertical plane. Default: 0.0. */
    angle_deg?: number;
}

/** A polygon in a plane, and how far it reaches to both sides. */
export interface Polygon {
    /** r.l.u.: A point of the plane, where both coordinates of a corner are zero. */
    point: [number, number, number];
    /** r.l.u.: The two directions in hkl that the coordinates of a corner count. */
    vectors: [[number, number, number], [number, number, number]];
    /** Units of the two directions: its corners in order; the last is joined with the first. */
    corners: [number, number][];
    /** r.l.u.: How far it reaches, from one side to the other along the normal of the plane; without it, without end. */
    thickness?: number | null;
}

/** The potentials that a job can name by numbers alone. */
export interface PotentialChoice {
    /** Published sets. */
    published: PotentialTitle[];
    /** Families whose parameters have names. */
    families: FamilyTitle[];
}

/** Both fits. */
export interface PotentialCost {
    /** The potential as it was found. */
    potential: PotentialReport | null;
    /** Fitted with the potential. */
    with_potential: PotentialRow;
    /** Fitted with free constants, from those that the potential gives. */
    free_constants: PotentialRow;
    /** What the two say, in words. */
    conclusion: string;
}

/** The form of a potential. */
export type PotentialFamily = "lennard-jones" | "morse" | "buckingham" | "stillinger-weber" | "sutton-chen" | "gupta" | "eam" | "network";

/** What there is to save of a potential. */
export interface PotentialFiles {
    /** What LAMMPS reads: lines for its input, and the tables that they name; none where it has no such potential. */
    lammps: TextFile[];
    /** Why there are none, in words; empty where there are some. */
    without: string;
    /** The functions of the potential, `curve,x,value,sigma,start`. */
    curves: TextFile;
}

/** A potential as a fit found it. */
export interface PotentialReport {
    /** Its form, as a job names it. */
    family: string;
    /** Where the numbers of the start were published. */
    reference?: string | null;
    /** Å: Neighbours nearer than this count. */
    range: number;
    /** Å: Width of the switch before that. */
    smoothing: number;
    /** All parameters. */
    parameters: ParameterReport[];
    /** eV: Energy of an atom, without zero-point and thermal motion; null with charges. */
    energy_eV: WithSigma | null;
    /** GPa: Pressure at the cell of the job, likewise. */
    pressure_GPa: WithSigma | null;
}

/** One of the two fits. */
export interface PotentialRow {
    /** Number of parameters without nuisances. */
    parameters: number;
    /** Why the fit ended. */
    termination: TerminationReason | null;
    /** χ² per degree of freedom. */
    chi2_reduced: number;
    /** Akaike's criterion. */
    aic: number;
    /** The Bayesian criterion. */
    bic: number;
    /** GPa: Elastic constants by name with σ. */
    elastic: [string, number, number | null][];
}

/** A potential whose parameters are fitted instead of the force constants, which follow from them. It stands in the place of `force_constants.start`; `force_constants.cutoff` may be left out, and then everything that the potential gives is kept. */
export interface PotentialSpec {
    /** The form of the potential; without it, that of `library`. */
    family?: PotentialFamily | null;
    /** Name of a published set of parameters that comes with the program, e.g. `ni_gupta`; `parameters` beside it take the place of its values. */
    library?: string | null;
    /** The parameters by name, where a fit starts; lengths in Å, energies in eV. Lennard-Jones: `epsilon`, `sigma`. Morse: `D`, `alpha`, `r0`. Buckingham: `A`, `rho`, `C`. Stillinger–Weber: `epsilon`, `sigma`, `a`, `A`, `B`, `lambda`, `gamma`. Sutton–Chen: `epsilon`, `a`, `c`, `n`, `m`. Gupta: `A`, `xi`, `p`, `q`, `r0`. Between several elements by pair, `"A Na-Cl"`; a pair of which there is none has no forces. In alloys by Gupta and Sutton–Chen every element has its own, `"A Ni-Ni"`, and what is not given between two follows from both: of Gupta the start (the geometric mean of `A` and `xi`, else the mean), of Sutton–Chen at any time the geometric mean of `epsilon` and `a` and the mean of `n` and `m` (Rafii-Tabar & Sutton 1991; `c` is of one element). Of tables and networks: values other than those of the start, by the names that a result has. */
    parameters?: Record<string, number>;
    /** Of the family `eam`: a file of LAMMPS, setfl (`eam/alloy`) or funcfl (`eam`). */
    file?: string | null;
    /** Of the family `network`: the potential that its weights are first fitted to. */
    start?: PotentialSpec | null;
    /** Of the family `network`: neurons of its two layers, 1 to 40 each; without it, 8 and 6. */
    layers?: [number, number] | null;
    /** Å: Neighbours nearer than this count; up to 30. Without it, that of the library, of the file, of the start of a network, or `a` times `sigma` of Stillinger–Weber. */
    range?: number | null;
    /** Å: Over this distance before the end of the range all functions of the distance are switched off by a polynomial with two continuous derivatives. Without it, they end sharply; tables, Stillinger–Weber and networks end by themselves. Default: 0.0. */
    smoothing?: number;
    /** Names of the parameters that a fit moves. Without it, all but those that others make up for: lengths in which distances are measured (`r0` of Gupta, `a` of Sutton–Chen), the exponents of Sutton–Chen, which are whole numbers, and `a`, `A`, `B`, `gamma` of Stillinger–Weber. */
    free?: string[] | null;
    /** What is known of a parameter, `[value, σ]` by name, in its unit. It counts as a datum does. */
    prior?: Record<string, [number, number]>;
    /** fraction: Σ with which every parameter that is fitted is expected where the fit starts, of its size there; above 0, up to 1000. It keeps what the data leave open from running away, as they do much of tables, and is in the σ of the result. */
    ridge?: number | null;
    /** Least and largest value of a parameter, by name; null where there is no such end. Without a range, a parameter that has a name of its family stays between a twentieth and twenty times its start. */
    bounds?: Record<string, [number | null, number | null]>;
}

/** What a person chooses a published potential by. */
export interface PotentialTitle {
    /** Its name, as `library` of a job's potential. */
    id: string;
    /** Chemical symbol. */
    element: string;
    /** The structure that it was made for. */
    lattice: Prototype;
    /** Å: Lattice parameter that it was fitted to. */
    a_angstrom: number;
    /** Its form, as a job names it. */
    family: string;
    /** Å: Neighbours nearer than this count. */
    range: number;
    /** Where it was published. */
    reference: string;
    /** Its parameters by name. */
    parameters: Record<string, number>;
}

/** What computed a result. */
export interface Program {
    /** Its name. */
    name: string;
    /** Its version. */
    version: string;
}

/** Where a fit is, in numbers. */
export interface ProgressReport {
    /** Accepted iterations so far. */
    iteration: number;
    /** Number of data in the fit. */
    n_data: number;
    /** Misfit: χ², or the deviance of counts. */
    chi2: number;
    /** The same per degree of freedom. */
    chi2_reduced: number;
    /** Whether the last iteration moved. */
    accepted: boolean;
    /** Steps rejected in the last iteration. */
    rejected_steps: number;
    /** eV/Å²: The constants, in the order of the parameters. */
    values: number[];
    /** eV/Å²: Σ of each; null for a constant that the data do not bound at all. */
    sigma: (number | null)[];
    /** eV/Å²: What an instrument may have moved each by besides; none where that was not looked for. */
    systematic: number[];
    /** Whether the data determine each. */
    determined: boolean[];
    /** eV/Å²: Where gradient and curvature would put each, by how much from here (the Gauss–Newton step); empty where that is not known. */
    step: number[];
    /** What constraints make of each; null where it is free. */
    imposed: (Tie | null)[];
    /** data units per electron² per primitive cell: Scale of each data set. */
    scale: number[];
    /** data units per electron² per primitive cell: Σ of each scale; null where it is held. */
    scale_sigma: (number | null)[];
    /** Backgrounds and effects of each data set. */
    nuisances: NuisanceReport[][];
    /** Why the fit ended; null while it runs. */
    termination: TerminationReason | null;
    /** Where the fit is, for people. */
    message: string;
    /** Elastic constants. */
    elastic: ElasticReport[];
    /** eV/Å²: Rms difference from the job's `reference`; null without one. */
    error: number | null;
    /** What there is beyond one phonon; null until the fit has ended. */
    higher_orders: HigherOrdersReport | null;
    /** What the fit may be trusted for; null at the start and while it runs. */
    verdict: Verdict | null;
    /** The potential that the constants follow from; absent where they are fitted themselves. */
    potential?: PotentialReport | null;
}

/** A structure type whose cell follows from its lattice parameters alone. */
export type Prototype = "fcc" | "bcc" | "hcp" | "diamond" | "rocksalt" | "cscl" | "zincblende";

/** Results of other measurements, `[value, σ]` each. They count as data do, and the result says how far off they are. */
export interface PseudoData {
    /** GPa: Elastic constants in Voigt notation, `{"C11": [169, 2]}`. */
    elastic_GPa?: Record<string, [number, number]>;
    /** Frequencies of phonons: a table with columns h, k, l, THz and sigma, or a list. Those at one wave vector belong to different branches, in the order of their frequencies. */
    frequencies?: Frequencies | null;
    /** Å²: Mean-square displacements along one direction, averaged over directions, by atom, `{"Cu1": [0.0071, 0.0002]}`; at the temperature of the first measurement. */
    U_A2?: Record<string, [number, number]>;
    /** eV: Energy of an atom in the crystal, apart from its vibrations, by which a `potential` is held; minus the cohesive energy. */
    energy_eV?: [number, number] | null;
    /** GPa: Pressure at the cell of the job, apart from vibrations, by which a `potential` is held; zero for a crystal at rest. */
    pressure_GPa?: [number, number] | null;
}

/** A published frequency. */
export interface PublishedPoint {
    /** Å⁻¹: Length of the path so far. */
    distance: number;
    /** THz: The frequency. */
    frequency: number;
    /** THz: Its standard deviation. */
    sigma: number | null;
}

/** Published frequencies on a path. */
export interface PublishedReport {
    /** Where they lie on the path; one that lies on several parts of it stands there several times. */
    points: PublishedPoint[];
    /** How many there are. */
    total: number;
    /** How many of them lie on the path. */
    on_path: number;
}

/** Which random numbers the samples of successive steps use. */
export type RandomNumbers = "fresh" | "common";

/** One thing that was seen, and its mend. */
export interface Reason {
    /** A stable name for programs. */
    code: string;
    /** How far this reason lets the constants be trusted. */
    trust: Trust;
    /** What was seen and what to do about it, for people. */
    sentence: string;
}

/** Voxels with their centres inside these limits, which belong to the region. */
export interface Region {
    /** r.l.u.: Least and largest h. */
    h?: [number, number] | null;
    /** r.l.u.: Least and largest k. */
    k?: [number, number] | null;
    /** r.l.u.: Least and largest l. */
    l?: [number, number] | null;
}

/** The spread of Q in a pixel: what is given adds up. */
export interface ResolutionSpec {
    /** r.l.u.: Edges of a voxel along h, k, l, 0 to 1 each; or `true` for the distance between neighbouring points of the data. */
    voxel?: VoxelSpec | null;
    /** r.l.u.: Full width at half maximum of a Gaussian along h, k and l, 0 to 1: one number or three. */
    fwhm?: Widths | null;
    /** fraction: Standard deviation of the relative error of `fwhm` before the measurement, 10⁻⁴ to 1; with it the width is fitted, to first order. */
    fwhm_within?: number | null;
    /** degrees: Full width at half maximum of the mosaic, a spread at right angles to Q, 0 to 20. Default: 0.0. */
    mosaic_deg?: number;
    /** fraction: Full width at half maximum of Δλ/λ, a spread along Q, 0 to 0.2. Default: 0.0. */
    bandwidth?: number;
}

/** How displacements are drawn. Both give the same distribution, but different samples. */
export type Sampler = "block" | "dense";

/** How the overall scale is treated. */
export type Scale = number | FreeWord;

/** What the model of one datum consists of, in units of the data. */
export interface ScatteredReport {
    /** One phonon, by branch, the slowest first; where Q is averaged over voxels or a resolution, in the shares of its centre. */
    branches: BranchReport[];
    /** Two phonons. */
    two: number;
    /** Three phonons and more. */
    more: number;
    /** What the crystal's vibrations do not scatter: backgrounds, and Compton scattering where it is in the model. */
    rest: number;
}

/** A part that is left out: exactly one of the shapes, and what it is called. */
export interface Shape {
    /** What it is called where the data that it leaves out are counted, such as "beam stop". */
    name?: string;
    /** Switched off: it leaves nothing out. */
    off?: boolean;
    /** An ellipsoid. */
    ellipsoid?: Ellipsoid | null;
    /** r.l.u.: Half axes along h, k, l of an ellipsoid around every reciprocal-lattice point. */
    bragg?: [number, number, number] | null;
    /** A box in hkl, its faces included. */
    box?: Region | null;
    /** Å⁻¹: From one |Q| to another, such as a powder ring. */
    q?: [number, number] | null;
    /** Intensities out of range. */
    intensity?: Outside | null;
    /** A cylinder around an axis through the origin or another point: the shadow of a beam stop. */
    cylinder?: Cylinder | null;
    /** A polygon, as drawn on a plane. */
    polygon?: Polygon | null;
    /** r.l.u.: Single data, such as hot pixels, by their hkl. */
    points?: [number, number, number][] | null;
    /** A mask file of this measurement. Of a volume or plane: an array (NumPy, TIFF, HDF5) with as many voxels along each index; of a table: a table h, k, l, mask. What is not zero is left out. */
    file?: string;
    /** The mask file has it the other way round: what is not zero is kept, and all else left out. */
    keep?: boolean;
    /** Which array of the mask file is meant, e.g. `"entry/mask"`; without it, the only one that fits, or the one that is called a mask. */
    dataset?: string;
}

/** Springs of one kind: equally long, between the same elements, equally stiff. */
export interface Shell {
    /** Number by distance among all shells of the crystal, counted from 1. */
    number: number;
    /** The elements at its ends. */
    elements: [string, string];
    /** Å: Distance of the two atoms. */
    distance: number;
    /** eV/Å²: Longitudinal stiffness −b̂ᵀΦb̂, without the forces of charges in a polar crystal. */
    stiffness: number;
}

/** A model among others. */
export interface ShellsRow {
    /** Shells of neighbours with force constants. */
    shells: number;
    /** Å: Their cutoff. */
    cutoff: number;
    /** Constants that are fitted. */
    constants: number;
    /** Why the fit ended; none where no start was stable. */
    termination: TerminationReason | null;
    /** Misfit per degree of freedom. */
    chi2_reduced: number;
    /** Akaike's criterion above the lowest in the table: misfit + 2 k for k parameters. */
    aic: number;
    /** The Bayesian criterion above the lowest: misfit + k ln n. */
    bic: number;
    /** Mean squared deviation in σ of data that were left out, block by block, from the fit to the rest; none without such fits. */
    cross_validation: number | null;
    /** GPa: Elastic constants with σ. */
    elastic: [string, number, number | null][];
}

/** The models beside each other. */
export interface ShellsTable {
    /** One for each number of shells. */
    rows: ShellsRow[];
    /** Which is best, in words. */
    conclusion: string;
}

/** 1 + Σ a S: |Q|², and polynomials of the direction of Q, each with its amplitude. */
export interface SmoothFactor {
    /** Whether it may change with |Q|². Default: true. */
    radial?: boolean;
    /** Degree in the direction of Q: 0, 1 (three terms) or 2 (eight). Default: 2. */
    degree?: number;
    /** fraction: Standard deviation of each amplitude around zero before the measurement, 10⁻⁴ to 1: 0.03 for what is known to three percent. Default: 0.03. */
    within?: number;
}

/** How the vibrations are counted. */
export type Statistics = "classical" | "quantum";

/** Every so many voxels along each axis of the volume one is taken. */
export type Stride = number | [number, number, number];

/** What a file was understood as. */
export interface Summary {
    /** Name of the file. */
    file: string;
    /** `volume`, `plane` or `points`. */
    kind: string;
    /** Format and place inside the file. */
    layout: string;
    /** Voxels along each index as the file has them; the number of points of a list. */
    shape: number[];
    /** Kind of the numbers, as NumPy calls it. */
    stored: string;
    /** The axes that were read, the slowest first; none before they are known. */
    axes: AxisSummary[];
    /** hkl where all coordinates are zero. */
    origin: [number, number, number];
    /** Whether axes have to be given. */
    needs_axes: boolean;
    /** Whether there are standard uncertainties. */
    has_sigma: boolean;
    /** Voxels or points that hold a measurement; none before they are read. */
    used: number | null;
    /** Voxels without one. */
    holes: Holes[];
    /** Values that may mark more of them. */
    candidates: Candidate[];
    /** What mask files leave out of what holds a measurement. */
    masks: MaskSummary[];
    /** What the file says besides. */
    facts: Facts;
    /** What a person should know of how the file was read. */
    notes: string[];
}

/** Three multiples, or the matrix in phonopy's convention (columns are the supercell vectors). */
export type SupercellMatrix = [number, number, number] | [[number, number, number], [number, number, number], [number, number, number]];

/** A measurement of known force constants on a grid of points; reciprocal-lattice points are left out. */
export interface SyntheticSpec {
    /** The constants that are measured. */
    values?: ConstantsSpec;
    /** How the intensity is computed; without it, as the fit's. */
    model?: ModelSpec | null;
    /** r.l.u.: First value, last value, number of values of h. Default: [0.0,0.0,0]. */
    h?: [number, number, number];
    /** r.l.u.: First value, last value, number of values of k. Default: [0.0,0.0,0]. */
    k?: [number, number, number];
    /** r.l.u.: The planes, one value of l each. Default: []. */
    l?: number[];
    /** Which of the points are measured; without it, all. */
    keep?: Keep;
    /** counts per electron² per primitive cell: What the intensity is multiplied with; positive. Default: 0.0. */
    scale?: number;
    /** counts: Constant background and, in counts Å², background that goes with |Q|². Default: [0.0,0.0]. */
    background?: [number, number];
    /** fraction: What a detector adds to the counting noise, of the count; from 0 to below 1. Default: 0.0. */
    relative_error?: number;
    /** Whether the noise is there, or only its σ: that of the expected count, of the relative error and, for a sampled intensity (whose own noise is always there), of the mean over snapshots. Default: false. */
    noise?: boolean;
    /** Which random numbers the noise is drawn from. Default: 0. */
    seed?: number;
}

/** Why a fit stopped. */
export type TerminationReason = "converged" | "flat" | "noise" | "stuck" | "border" | "max-iterations";

/** A file of text. */
export interface TextFile {
    /** Its name. */
    name: string;
    /** What is in it. */
    text: string;
}

/** What is imposed on one constant. */
export type Tie = "held" | "tied" | "bound";

/** Σ coefficient · constant = value. */
export interface Tied {
    /** Labels of the constants, each once. */
    labels: string[];
    /** One for each label. Without them two constants are made equal, `[1, -1]`. */
    coefficients?: number[];
    /** eV/Å²: What the combination amounts to. Default: 0.0. */
    value?: number;
}

/** The model at constants that a hand moved, in numbers. */
export interface TouchReport {
    /** eV/Å²: The constants, those that follow from others included. */
    values: number[];
    /** Misfit per degree of freedom, scale and backgrounds at their best unless held; null for a crystal that is not stable, and where there is none: of a negative factor, of a mean of counts that is not positive. */
    chi2_reduced: number | null;
    /** Name and value (GPa) of each elastic constant. */
    elastic: [string, number][];
    /** Scale, backgrounds and effects of each data set, in the order and the units of the progress; empty for a crystal that is not stable. */
    nuisances: number[][];
    /** Floating-point operations that orders beyond one phonon would take to follow, roughly; zero where they do or there are none, infinite where they cannot. */
    beyond: number;
}

/** The fit after one iteration. */
export interface TracePoint {
    /** Accepted iterations so far. */
    iteration: number;
    /** seconds: Time since the start. */
    seconds: number;
    /** Misfit: χ², or the deviance of counts. */
    chi2: number;
    /** eV/Å²: Rms difference from the job's `reference`. */
    error?: number | null;
}

/** What the finite range of the real-space sum leaves out, estimated with a range 1.6 times as long at some of the points. */
export interface Truncation {
    /** Å: Pairs of atoms up to this distance are summed. */
    real_space_range: number;
    /** Pairs of atoms that are summed over. */
    pairs: number;
    /** Wave vectors that are summed over. */
    wave_vectors: number;
    /** fraction: Rms of the difference, relative to the intensity. */
    rms_relative: number;
    /** rms of the difference in units of σ of a datum. */
    rms_sigma: number;
}

/** How far the constants can be trusted. */
export type Trust = "good" | "limited" | "none";

/** Which mesh the mean-square displacements are summed on. */
export type UMesh = Converged | [number, number, number];

/** What a fit may be trusted for. */
export interface Verdict {
    /** The worst of the reasons. */
    trust: Trust;
    /** The verdict for people. */
    sentence: string;
    /** What was seen, the worst first. */
    reasons: Reason[];
    /** The numbers that it rests on. */
    statistics: VerdictStatistics;
    /** √(χ²/n), where the σ of the data cannot be right: with it the σ of the constants follow the scatter that is seen. */
    sigma_factor?: number | null;
}

/** The numbers behind a verdict. */
export interface VerdictStatistics {
    /** χ² per degree of freedom. */
    chi2_reduced: number;
    /** How far from one noise alone carries it. */
    expected_spread: number;
    /** Data farther than 5 σ from the model. */
    beyond_5_sigma: number;
    /** Data farther than 100 σ from the model. */
    beyond_100_sigma: number;
    /** Correlation of the residuals of neighbouring data. */
    neighbour_correlation: number;
    /** Pairs of neighbours that the correlation comes from. */
    neighbour_pairs: number;
    /** Differences between equivalent data, which no model changes; with `model`, all of χ². */
    equivalents: Part;
    /** Means of equivalent data against the model. */
    model: Part;
}

/** The edges of a voxel, or that they are those of the data. */
export type VoxelSpec = boolean | [number, number, number];

/** A combination of constants that the data do not determine. */
export interface WeakCombination {
    /** Its eigenvalue of the scaled Fisher information. */
    eigenvalue: number;
    /** The largest components by name. */
    weights: [string, number][];
}

/** How data are weighed: those without a σ column, and those whose σ are square roots of their own counts. */
export type Weighing = "auto" | "column" | "counts" | "equivalents" | "equal";

/** One width, or one along each axis. */
export type Widths = number | [number, number, number];

/** A number with its σ. */
export interface WithSigma {
    /** Its value. */
    value: number;
    /** Its σ; null where the data do not bound it. */
    sigma: number | null;
}

/** A point of the zone that a path can go to. */
export interface ZonePoint {
    /** Its name, or h k l. */
    label: string;
    /** How it is written in a path. */
    written: string;
    /** Å⁻¹: X, y, z. */
    place: [number, number, number];
}

/** The first Brillouin zone. */
export interface ZoneReport {
    /** Å⁻¹: X, y, z of its corners. */
    corners: [number, number, number][];
    /** Numbers of the corners of each face, counter-clockwise as seen from outside. */
    faces: number[][];
    /** Its middle, the middles of faces and edges, and the corners. */
    points: ZonePoint[];
    /** Å⁻¹: X, y, z of a*, b*, c* of the input cell. */
    axes: [[number, number, number], [number, number, number], [number, number, number]];
    /** The usual path, as it can be typed. */
    usual: string;
    /** Names that can be typed. */
    names: string[];
}


// What src/wasm puts together itself: columns of numbers as typed arrays.

/** Where a fit is, and how long it has taken. */
export interface Progress extends ProgressReport {
    /** seconds: time spent in steps. */
    seconds: number;
}

/** Columns of a data set, one entry per row. */
export interface Columns {
    /** r.l.u. */
    h: Float64Array;
    /** r.l.u. */
    k: Float64Array;
    /** r.l.u. */
    l: Float64Array;
    /** Data units. */
    intensity: Float64Array;
    /** Data units; null where the file gives none. */
    sigma: Float64Array | null;
    /** 1 where the row takes part in the fit. */
    used: Uint8Array;
}

/** Phonon dispersion along the standard path of the crystal, or another one. */
export interface Bands {
    /** Å⁻¹: length of the path so far, one entry per point. */
    distance: Float64Array;
    /** r.l.u.: h, k, l of one point after the other. */
    hkl: Float64Array;
    /** Points with a name, by their distance. */
    ticks: { at: number; label: string }[];
    /** THz: frequency at each point, one array per branch; imaginary ones are negative. */
    branches: Float64Array[];
    /** THz: their σ, where it is known. */
    sigma: Float64Array[] | null;
}

/** A piece of a crystal, from its middle. */
export interface Piece {
    /** Å: x, y, z of each atom at rest. */
    places: Float64Array;
    /** Element of each atom, as a number among those of the crystal. */
    kinds: Uint8Array;
    /** Springs: both atoms and the shell, as numbers. */
    springs: Uint32Array;
    /** Å: x, y, z of both ends of each edge of a cell. */
    edges: Float64Array;
    /** Input cells along each axis. */
    cells: Uint32Array;
    /** Å: x, y, z of one vector of the input cell after the other. */
    axes: Float64Array;
}

/** What does not change while snapshots are drawn. */
export interface Scene {
    /** r.l.u.: points of the plane. */
    h: Float64Array;
    /** r.l.u. */
    k: Float64Array;
    /** r.l.u. */
    l: Float64Array;
    /** Electron² per primitive cell: exact intensity at each point. */
    exact: Float64Array;
    /** Å: x and y of each site of the slab. */
    places: Float64Array;
    /** Layer of each site, the lowest first. */
    layers: Uint8Array;
    /** Element of each site, as a number among those of the crystal. */
    kinds: Uint8Array;
    /** Å: x and y of the first two supercell vectors. */
    edges: Float64Array;
    /** Atoms in the supercell. */
    atoms: number;
}

/** A picture of a plane through a volume: value of pixel (x, y) at `y · width + x`, NaN where nothing was measured. */
export interface VolumeSlice {
    width: number;
    height: number;
    values: Float32Array;
    /** Along the lines: hkl of one unit, and the centres of the pixels in those units. */
    x: { direction: Float64Array; centres: Float64Array };
    /** From line to line. */
    y: { direction: Float64Array; centres: Float64Array };
    /** hkl where both coordinates are zero. */
    origin: Float64Array;
}

/** Every number of one snapshot of six atoms between walls, and of the way back. Matrices row by row. */
export interface ChainFilm {
    /** EV/Å²: H. */
    hessian: Float64Array;
    /** √eV/Å: L, lower triangle. */
    factor: Float64Array;
    /** Normal numbers. */
    drawn: Float64Array;
    /** Å: u. */
    displacements: Float64Array;
    /** Of one electron on each atom, divided by the number of atoms. */
    intensity: number;
    /** 1/Å: ∂I/∂u. */
    of_displacements: Float64Array;
    /** L⁻¹ ∂I/∂u. */
    solved: Float64Array;
    /** ∂I/∂L, lower triangle. */
    of_factor: Float64Array;
    /** ∂I/∂H, symmetric. */
    of_hessian: Float64Array;
    /** Å²/eV: ∂I/∂k of the springs between neighbours, and between second neighbours. */
    of_springs: Float64Array;
}



/**
 * A file in the engine's form.
 */
export class CanonicalFile {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Its content: a POSCAR, a phonopy.yaml, a FORCE_CONSTANTS, or what was packed.
     */
    get bytes(): Uint8Array;
    /**
     * Its content: a POSCAR, a phonopy.yaml, a FORCE_CONSTANTS, or what was packed.
     */
    set bytes(value: Uint8Array | number[]);
    /**
     * The name that the foreign file has, which a job calls it by.
     */
    name: string;
    /**
     * What a person should know of the reading.
     */
    notes: string[];
}

/**
 * Files that belong together, and the volume in them: [`Reader::open`], then [`Reader::load`], then
 * [`Reader::advance`] until it says 1.
 */
export class Reader {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Goes on reading for about so many milliseconds; what part is done, 1 at the end.
     */
    advance(milliseconds: number): number;
    /**
     * Goes on with the fingerprints of the file and of its masks for about so many milliseconds; what part is done, 1 at the end. It is
     * needed for [`Reader::points`].
     */
    fingerprint(milliseconds: number): number;
    /**
     * Pictures do not show what the mask files with these bits leave out.
     */
    hide(bits: number): void;
    /**
     * Begins to read the voxels that are wanted; the options are those of an entry of the list `data` of a job. What
     * was read before is given up, unless the options cannot be used.
     */
    load(options: Partial<DataSpec>): void;
    /**
     * Gives the mask files that [`Reader::load`] may ask for: as the files of [`Reader::open`].
     */
    masks(files: { name: string, size: number }[], read: (file: number, offset: number, length: number) => Uint8Array): void;
    /**
     * The name of a file that is needed as well: open all of them together.
     */
    missing(): string | undefined;
    /**
     * A picture of a plane at any angle with so many pixels, interpolated.
     */
    oblique(plane: PlaneSpec, width: number, height: number): VolumeSlice;
    /**
     * Opens files: name and size of each, and a function that gives so many bytes (Uint8Array) of file number n from
     * an offset on.
     */
    static open(files: { name: string, size: number }[], read: (file: number, offset: number, length: number) => Uint8Array): Reader;
    /**
     * What was measured, for an engine that is given a job with these options: the bytes that it takes as the file. Of
     * a volume with a plane among its options, the nearest voxels.
     */
    points(): Uint8Array;
    /**
     * A picture of the plane of two axes at a value along the third (0, 1, 2), averaged over a thickness.
     */
    slice(axis: number, value: number, thickness: number): VolumeSlice;
    /**
     * What the files were understood as.
     */
    summary(): Summary;
}

/**
 * Turns a foreign or packed file of a crystal or of force constants into what the engine reads; any other file stays as
 * it is. `others` are files beside it by name: force constants of TDEP need their crystal.
 */
export function canonical(name: string, bytes: Uint8Array | number[], others: object): CanonicalFile;

/**
 * The crystal of a file: formula, space group, cell, atoms and notes, as `tds crystal --json` prints them.
 */
export function crystalReport(name: string, bytes: Uint8Array | number[], tolerance?: number | null): CrystalReport;

/**
 * Whether a file is one that the package of the readers translates for the engine.
 */
export function is_foreign(bytes: Uint8Array | number[]): boolean;

/**
 * What a file holds, by its content: "job", "result", "phonopy", "crystal", "constants", "data", "volume", "cif",
 * "quantum-espresso", "tdep", "born", "constants-hdf5", "archive" or "binary".
 */
export function recognise(bytes: Uint8Array | number[]): string;

/**
 * What a file holds, as `recognise` says it, also where it is packed by xz or gzip.
 */
export function recogniseWithin(bytes: Uint8Array | number[]): string;

/**
 * Runs once when the module is instantiated: a panic then reaches the console with its message.
 */
export function start(): void;

/**
 * The version of this package, as in its Cargo.toml.
 */
export function version(): string;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_canonicalfile_free: (a: number, b: number) => void;
    readonly __wbg_get_canonicalfile_bytes: (a: number) => [number, number];
    readonly __wbg_get_canonicalfile_name: (a: number) => [number, number];
    readonly __wbg_get_canonicalfile_notes: (a: number) => [number, number];
    readonly __wbg_reader_free: (a: number, b: number) => void;
    readonly __wbg_set_canonicalfile_bytes: (a: number, b: number, c: number) => void;
    readonly __wbg_set_canonicalfile_name: (a: number, b: number, c: number) => void;
    readonly __wbg_set_canonicalfile_notes: (a: number, b: number, c: number) => void;
    readonly canonical: (a: number, b: number, c: number, d: number, e: any) => [number, number, number];
    readonly crystalReport: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly is_foreign: (a: number, b: number) => number;
    readonly reader_advance: (a: number, b: number) => [number, number, number];
    readonly reader_fingerprint: (a: number, b: number) => [number, number, number];
    readonly reader_hide: (a: number, b: number) => void;
    readonly reader_load: (a: number, b: any) => [number, number];
    readonly reader_masks: (a: number, b: any, c: any) => [number, number];
    readonly reader_missing: (a: number) => [number, number];
    readonly reader_oblique: (a: number, b: any, c: number, d: number) => [number, number, number];
    readonly reader_open: (a: any, b: any) => [number, number, number];
    readonly reader_points: (a: number) => [number, number, number];
    readonly reader_slice: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly reader_summary: (a: number) => [number, number, number];
    readonly recognise: (a: number, b: number) => [number, number];
    readonly recogniseWithin: (a: number, b: number) => [number, number];
    readonly start: () => void;
    readonly version: () => [number, number];
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __externref_drop_slice: (a: number, b: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
