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
