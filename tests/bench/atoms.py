"""What phonopy and Euphonic take for one wave vector: run by `cargo xtask bench atoms`, which gives the shapes of the cells.

The crystals are those of benches/polyatomic.rs: atoms on a distorted lattice, springs to all neighbours. One JSON object for
each on the standard output, seconds for each wave vector, the fastest of several runs, in one thread.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import json
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import phonopy
from euphonic import ForceConstants
from phonopy.structure.atoms import PhonopyAtoms

SPACING, REACH, RUNS = 2.5, 4.3, 15


def cell(shape):
    """Lattice (rows, Å), fractional positions and symbols."""
    nx, ny, nz = shape
    lattice = SPACING * np.array([[nx, 0.06, -0.1], [0.02, ny, 0.13], [0.03, -0.04, nz]]).T
    shaken = lambda s, x: 0.12 * ((s * x) % 1 - 0.5)
    positions, symbols = [], []
    for s in range(nx * ny * nz):
        x, y, z = s % nx, s // nx % ny, s // (nx * ny)
        positions.append([(x + shaken(s, 0.618)) / nx, (y + shaken(s, 0.414)) / ny, (z + shaken(s, 0.732)) / nz])
        symbols.append(["Al", "O"][(x + y + z) % 2])
    return lattice, np.array(positions), symbols


def with_springs(shape):
    lattice, positions, symbols = cell(shape)
    times = [int(np.ceil(2 * REACH / (SPACING * n))) for n in shape]
    phonon = phonopy.Phonopy(
        PhonopyAtoms(cell=lattice, scaled_positions=positions, symbols=symbols),
        supercell_matrix=np.diag(times),
        primitive_matrix=np.eye(3),
        is_symmetry=False,
        log_level=0,
    )
    small = phonon.supercell
    at, n = small.positions, len(small)
    constants = np.zeros((n, n, 3, 3))
    images = np.array(np.meshgrid(*[(-1, 0, 1)] * 3, indexing="ij")).reshape(3, -1).T @ small.cell
    for i in range(n):
        vectors = at[None] - at[i] + images[:, None]
        lengths = np.linalg.norm(vectors, axis=2)
        for m, j in zip(*np.nonzero((lengths > 0.1) & (lengths < REACH))):
            v, r = vectors[m, j], lengths[m, j]
            spring = (0.85 * np.outer(v, v) / r**2 + 0.15 * np.eye(3)) * (SPACING / r) ** 4
            constants[i, j] -= spring
            constants[i, i] += spring
    phonon.force_constants = constants
    return phonon


def fastest(work, count):
    """Seconds for each of `count`."""
    best = np.inf
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best / count


def measure(shape):
    phonon = with_springs(shape)
    atoms = int(np.prod(shape))
    count = int(np.clip(4000 // atoms**2, 20, 1000))
    q = np.random.default_rng(1).random((count, 3))
    dynamical = phonon.dynamical_matrix
    dynamical.run(q[0])
    matrices = [dynamical.dynamical_matrix.copy() for _ in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        phonon.save(Path(folder) / "phonopy.yaml", settings={"force_constants": True})
        constants = ForceConstants.from_phonopy(path=folder, summary_name="phonopy.yaml")
    modes = lambda: constants.calculate_qpoint_phonon_modes(q, asr=None, use_c=True, n_threads=1)
    return {
        "atoms": atoms,
        "eigh": fastest(lambda: [np.linalg.eigh(m) for m in matrices], count),
        "phonopy": fastest(lambda: phonon.run_qpoints(q, with_eigenvectors=True), count),
        "euphonic": fastest(modes, count),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for shape in json.loads(sys.argv[1]):
        print(json.dumps(measure(shape)), flush=True)
