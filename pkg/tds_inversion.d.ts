/* tslint:disable */
/* eslint-disable */

/**
 * One job in progress.
 *
 * Whatever takes long can be done in one go ([`Engine::new`], [`Engine::step`]), or in pieces that leave room for
 * messages and that several engines with the same job can share: [`Engine::opening`] or [`Engine::begin`], then
 * [`Engine::advance`] until it says "done", then [`Engine::commit`]; where it says "sum", [`Engine::make`] makes one piece, and
 * [`Engine::supply`] takes one that another engine made.
 */
export class Engine {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Gives up what was begun.
     */
    abandon(): void;
    /**
     * Goes on with what was begun until it stands still: "rest" (call again), "sum" (see [`Engine::sum`]), or "done".
     */
    advance(): string;
    /**
     * Dispersion of "current", "start" or a set of constants as in a job.
     */
    bands(which: any): any;
    /**
     * Begins an iteration of the fit ("step"), or what is to be seen of it where it stands ("look"). Until that is done
     * and committed everything else is as it was.
     */
    begin(what: string): void;
    /**
     * Where the fit is, with the verdict only where it is known.
     */
    brief(): any;
    /**
     * Puts what was begun and is done in force.
     */
    commit(): void;
    /**
     * Columns of data set `n`.
     */
    data(n: number): any;
    describe(): any;
    export_force_constants(): any;
    /**
     * Whether piece `i` of the sum is there.
     */
    has(i: number): boolean;
    /**
     * Whether all pieces of the sum are there, so that it can be gone on.
     */
    is_complete(): boolean;
    job(): any;
    /**
     * Works on piece `i` of the sum, for a few hundredths of a second at most; the piece once it is made.
     */
    make(i: number): Float64Array | undefined;
    /**
     * s·I + background at every row of data set `n`; NaN on a Bragg point.
     */
    model(n: number): Float64Array;
    /**
     * `files`: contents (Uint8Array) by name of every file that the job names.
     */
    constructor(job: any, files: object);
    /**
     * The same in pieces: nothing but [`Engine::advance`] works before it has said "done".
     */
    static opening(job: any, files: object): Engine;
    /**
     * Where the fit is, with the verdict on it.
     */
    progress(): any;
    /**
     * Back to the start.
     */
    reset(): void;
    result(): any;
    /**
     * One iteration of the fit.
     */
    step(): any;
    /**
     * The sum that what was begun stands at: its number, counted from one, and of how many pieces it consists; empty
     * where it stands at none.
     */
    sum(): Uint32Array;
    /**
     * Takes piece `i` of sum `serial`, which another engine made.
     */
    supply(serial: number, i: number, part: Float64Array | number[]): void;
    /**
     * Rows of data set `n` farther than 5 σ from the model, the worst first; none before the fit has moved.
     */
    suspects(n: number): Uint32Array;
}

/**
 * A raster of data at one value of h, k or l; see `find_planes`.
 */
export class Plane {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * x and y (r.l.u.) of one reciprocal-lattice point of the plane after the other. `primitive`: primitive
     * lattice vectors in units of the input cell, one after the other.
     */
    bragg_points(primitive: Float64Array | number[]): Float64Array;
    /**
     * RGBA of every pixel, top row first; masked and missing pixels are transparent.
     */
    paint(values: Float64Array | number[], used: Uint8Array | number[], lo: number, hi: number, log: boolean, colours: string): Uint8ClampedArray;
    /**
     * Opaque where a pixel is masked or not a number: a stencil for a hatch.
     */
    paint_mask(values: Float64Array | number[], used: Uint8Array | number[]): Uint8ClampedArray;
    /**
     * The two values that leave the fraction `tail` of the plane's used values outside at either
     * end; empty if there are none.
     */
    robust_range(values: Float64Array | number[], used: Uint8Array | number[], tail: number, positive: boolean): Float64Array;
    /**
     * The magnitude that the fraction `tail` of the plane's used values exceeds, or NaN.
     */
    robust_spread(values: Float64Array | number[], used: Uint8Array | number[], tail: number): number;
    /**
     * The axis normal to the plane: 0, 1, 2 for h, k, l.
     */
    readonly axis: number;
    /**
     * Row of the data set at pixel `y · nx + x`, y upwards, or −1.
     */
    readonly index: Int32Array;
    readonly layer: number;
    readonly nx: number;
    readonly ny: number;
    /**
     * Rows of the data set from one end to the other if they lie on a straight line, else empty.
     */
    readonly scan: Int32Array;
    readonly thickness: number;
    readonly value: number;
    readonly x_axis: number;
    /**
     * Centre of the first pixel, r.l.u.
     */
    readonly x_start: number;
    readonly x_step: number;
    readonly y_axis: number;
    readonly y_start: number;
    readonly y_step: number;
}

/**
 * Round values for an axis or a colour bar from `lo` to `hi`, at most about `count`.
 */
export function axis_ticks(lo: number, hi: number, log: boolean, count: number): Float64Array;

/**
 * Phonon dispersion; `path` and `sets` are lists of `PathTick` and `Curves` as objects.
 */
export function draw_dispersion(canvas: HTMLCanvasElement, path: any, sets: any, theme: any): void;

/**
 * Curves above a logarithmic or linear x, with a logarithmic y; `lines` is a list of
 * `render::chart::Line`, `theme` is `render::chart::Theme` as objects.
 */
export function draw_lines(canvas: HTMLCanvasElement, lines: any, log_x: boolean, theme: any): void;

/**
 * Sorts the rows of a data set into planes; `axis` (0, 1, 2) chooses the cutting of a volume.
 */
export function find_planes(h: Float64Array | number[], k: Float64Array | number[], l: Float64Array | number[], axis?: number | null): Plane[];

/**
 * The sets of force constants that come with the program.
 */
export function library(): any;

/**
 * N/m per eV/Å².
 */
export function newtons_per_metre(): number;

/**
 * A colour bar of 256 × 1 RGBA pixels, low end left.
 */
export function paint_bar(colours: string): Uint8ClampedArray;

/**
 * |Q| (Å⁻¹) of hkl, with the vectors a*, b*, c* (with the 2π, Å⁻¹) one after the other; NaN for other
 * numbers of numbers.
 */
export function q_length(reciprocal: Float64Array | number[], hkl: Float64Array | number[]): number;

/**
 * What a file holds, by its content: "job", "result", "phonopy", "crystal", "constants", "data", "cif", "archive" or
 * "binary".
 */
export function recognise(bytes: Uint8Array | number[]): string;

/**
 * The axes along which the data can be cut into well-filled planes.
 */
export function slicing_axes(h: Float64Array | number[], k: Float64Array | number[], l: Float64Array | number[]): Uint32Array;

/**
 * Runs once when the module is instantiated: a panic then reaches the console with its message.
 */
export function start(): void;

/**
 * A short label for a tick.
 */
export function tick_label(value: number): string;

/**
 * The version of this package, as in its Cargo.toml.
 */
export function version(): string;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_engine_free: (a: number, b: number) => void;
    readonly __wbg_plane_free: (a: number, b: number) => void;
    readonly axis_ticks: (a: number, b: number, c: number, d: number) => [number, number];
    readonly draw_dispersion: (a: any, b: any, c: any, d: any) => [number, number];
    readonly draw_lines: (a: any, b: any, c: number, d: any) => [number, number];
    readonly engine_abandon: (a: number) => void;
    readonly engine_advance: (a: number) => [number, number, number, number];
    readonly engine_bands: (a: number, b: any) => [number, number, number];
    readonly engine_begin: (a: number, b: number, c: number) => [number, number];
    readonly engine_brief: (a: number) => [number, number, number];
    readonly engine_commit: (a: number) => void;
    readonly engine_data: (a: number, b: number) => [number, number, number];
    readonly engine_describe: (a: number) => [number, number, number];
    readonly engine_export_force_constants: (a: number) => [number, number, number];
    readonly engine_has: (a: number, b: number) => number;
    readonly engine_is_complete: (a: number) => number;
    readonly engine_job: (a: number) => [number, number, number];
    readonly engine_make: (a: number, b: number) => any;
    readonly engine_model: (a: number, b: number) => [number, number, number];
    readonly engine_new: (a: any, b: any) => [number, number, number];
    readonly engine_opening: (a: any, b: any) => [number, number, number];
    readonly engine_progress: (a: number) => [number, number, number];
    readonly engine_reset: (a: number) => void;
    readonly engine_result: (a: number) => [number, number, number];
    readonly engine_step: (a: number) => [number, number, number];
    readonly engine_sum: (a: number) => [number, number];
    readonly engine_supply: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly engine_suspects: (a: number, b: number) => [number, number];
    readonly find_planes: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number];
    readonly library: () => [number, number, number];
    readonly newtons_per_metre: () => number;
    readonly paint_bar: (a: number, b: number) => [number, number, number, number];
    readonly plane_axis: (a: number) => number;
    readonly plane_bragg_points: (a: number, b: number, c: number) => [number, number];
    readonly plane_index: (a: number) => [number, number];
    readonly plane_layer: (a: number) => number;
    readonly plane_nx: (a: number) => number;
    readonly plane_ny: (a: number) => number;
    readonly plane_paint: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number) => [number, number, number, number];
    readonly plane_paint_mask: (a: number, b: number, c: number, d: number, e: number) => [number, number];
    readonly plane_robust_range: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number];
    readonly plane_robust_spread: (a: number, b: number, c: number, d: number, e: number, f: number) => number;
    readonly plane_scan: (a: number) => [number, number];
    readonly plane_thickness: (a: number) => number;
    readonly plane_value: (a: number) => number;
    readonly plane_x_axis: (a: number) => number;
    readonly plane_x_start: (a: number) => number;
    readonly plane_x_step: (a: number) => number;
    readonly plane_y_axis: (a: number) => number;
    readonly plane_y_start: (a: number) => number;
    readonly plane_y_step: (a: number) => number;
    readonly q_length: (a: number, b: number, c: number, d: number) => number;
    readonly recognise: (a: number, b: number) => [number, number];
    readonly slicing_axes: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number];
    readonly start: () => void;
    readonly tick_label: (a: number) => [number, number];
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
