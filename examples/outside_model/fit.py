"""A potential in Python, fitted through the scattering: fit.py TDS.

The Gupta potential of nickel (second moment; Cleri & Rosato 1993) gives force constants Φ(R; p); `tds gradient` gives the misfit of
the measurement and its derivative to each of them; autograd carries that back to p. The end is compared with `tds fit` of the
same potential that is built in.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import autograd.numpy as np
import numpy
from autograd import value_and_grad

HERE = Path(__file__).parent
A, CELLS, RANGE, R0 = 3.52, 4, 5.7, 2.491
NAMES = ("A", "xi", "p", "q")
START = numpy.array([0.0376, 1.07, 16.999, 1.189])
# Measured elsewhere: energy of an atom (eV) and pressure (GPa), each with its σ.
ENERGY, PRESSURE = (-4.44, 0.02), (0.0, 0.5)
GPA = 160.2176634

# Neighbours of an atom of the infinite crystal.
grid = numpy.array([[i, j, k] for i in range(-8, 9) for j in range(-8, 9) for k in range(-8, 9)])
lattice = grid[grid.sum(axis=1) % 2 == 0] * (A / 2)
distance = numpy.linalg.norm(lattice, axis=1)
NEAR = lattice[(distance > 1e-6) & (distance < RANGE)]


def supercell():
    """Vectors from atom 0 to the nearest image of each atom, in phonopy's order."""
    basis = numpy.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    cells = numpy.array([[i, j, k] for k in range(CELLS) for j in range(CELLS) for i in range(CELLS)])
    places = (basis[:, None, :] + cells[None, :, :]).reshape(-1, 3) / CELLS
    return (places - numpy.round(places)) * A * CELLS


ATOMS = supercell()
REACHED = numpy.flatnonzero((numpy.linalg.norm(ATOMS, axis=1) > 1e-6) & (numpy.linalg.norm(ATOMS, axis=1) < RANGE))


def functions(p, r):
    """Twice the repulsion, and the density, with two derivatives each."""
    a, xi, steep, q = p
    pair = 2 * a * np.exp(-steep * (r / R0 - 1))
    rho = xi**2 * np.exp(-2 * q * (r / R0 - 1))
    k, m = -steep / R0, -2 * q / R0
    return (pair, k * pair, k**2 * pair), (rho, m * rho, m**2 * rho)


def energy_and_pressure(p):
    r = numpy.linalg.norm(NEAR, axis=1)
    (pair, slope, _), (rho, rho_slope, _) = functions(p, r)
    total = np.sum(rho)
    energy = 0.5 * np.sum(pair) - np.sqrt(total)
    virial = 0.5 * np.sum(r * slope) - 0.5 / np.sqrt(total) * np.sum(r * rho_slope)
    return energy, -virial / (3 * A**3 / 4) * GPA


def common_neighbours(vector):
    """Places of the atoms that have both ends of a vector in sight."""
    return numpy.array([k for k in NEAR if 1e-6 < numpy.linalg.norm(k - vector) < RANGE])


COMMON = [common_neighbours(ATOMS[n]) for n in REACHED]


def force_constants(p):
    """Φ(R) of the atoms within the range, eV/Å²: E = Σ ½φ + F(ρ), F = −√ρ."""
    total = np.sum(functions(p, numpy.linalg.norm(NEAR, axis=1))[1][0])
    first, second = -0.5 / np.sqrt(total), 0.25 * total**-1.5
    out = []
    for n, common in zip(REACHED, COMMON):
        r = numpy.linalg.norm(ATOMS[n])
        along = numpy.outer(ATOMS[n], ATOMS[n]) / r**2
        across = numpy.eye(3) - along
        (_, pair1, pair2), (_, rho1, rho2) = functions(p, r)
        phi = -(pair2 + 2 * first * rho2) * along - (pair1 + 2 * first * rho1) / r * across
        to, other = -common, ATOMS[n] - common
        a, b = numpy.linalg.norm(to, axis=1), numpy.linalg.norm(other, axis=1)
        weight = functions(p, a)[1][1] * functions(p, b)[1][1] / (a * b)
        out.append(phi + second * np.sum(weight[:, None, None] * to[:, :, None] * other[:, None, :], axis=0))
    return np.array(out)


def write(path, blocks):
    all_blocks = numpy.zeros((len(ATOMS), 3, 3))
    all_blocks[REACHED] = blocks
    all_blocks[0] = -all_blocks.sum(axis=0)
    with open(path, "w") as out:
        out.write(f"1 {len(ATOMS)}\n")
        for n, block in enumerate(all_blocks):
            out.write(f"1 {n + 1}\n")
            out.writelines(" ".join(f"{x:.16e}" for x in row) + "\n" for row in block)


def misfit(tds, folder, p):
    """Misfit and its derivatives to p: the scattering by tds, all else by autograd."""
    file, slopes = folder / "FORCE_CONSTANTS", folder / "GRADIENT"
    write(file, force_constants(p))
    command = [tds, "gradient", HERE / "nickel.json", "--force-constants", file, "--out", slopes, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return numpy.inf, None
    lines = [line for line in slopes.read_text().splitlines()[1:]]
    blocks = numpy.array([[line.split() for line in lines[4 * n + 1 : 4 * n + 4]] for n in range(len(ATOMS))], float)

    def others(x):
        energy, pressure = energy_and_pressure(x)
        known = ((energy - ENERGY[0]) / ENERGY[1]) ** 2 + ((pressure - PRESSURE[0]) / PRESSURE[1]) ** 2
        # The first of the two has the derivatives of the misfit, but not its value.
        return known + np.sum(blocks[REACHED] * force_constants(x)), known

    total, slope = value_and_grad(lambda x: others(x)[0])(p)
    return json.loads(done.stdout)["misfit"] + others(p)[1], slope


def minimise(function, x, steps=200):
    """BFGS with backtracking."""
    value, slope = function(x)
    inverse = numpy.eye(len(x)) / numpy.linalg.norm(slope) * 0.02
    for step in range(steps):
        direction = -inverse @ slope
        length = 1.0
        while True:
            there = x + length * direction
            new, new_slope = function(there)
            if new < value + 1e-4 * length * direction @ slope:
                break
            length *= 0.4
            if length < 1e-8:
                return x, value, step
        s, y = there - x, new_slope - slope
        fall = value - new
        x, value, slope = there, new, new_slope
        if s @ y > 0:
            left = numpy.eye(len(x)) - numpy.outer(s, y) / (s @ y)
            inverse = left @ inverse @ left.T + numpy.outer(s, s) / (s @ y)
        print(f"{step + 1:3} {value:.6f} {x}", file=sys.stderr)
        if fall < 1e-5:
            break
    return x, value, step + 1


def main():
    tds = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def function(x):
            value, slope = misfit(tds, folder, START * x)
            return value, None if slope is None else slope * START

        x, value, steps = minimise(function, numpy.ones(4))
        command = [tds, "fit", HERE / "built_in.json", "--out", folder / "result.json"]
        subprocess.run(command, capture_output=True, text=True)
        result = json.loads((folder / "result.json").read_text())
    built_in = {p["name"]: p for p in result["potential"]["parameters"]}
    print(f"{steps} steps, misfit {value:.4f}")
    farthest = 0.0
    for name, outside in zip(NAMES, START * x):
        value, sigma = built_in[name]["value"], built_in[name]["sigma"]
        farthest = max(farthest, abs(outside - value) / sigma)
        print(f"{name:3} outside {outside:.6f}   built in {value:.6f} ± {sigma:.6f}")
    print(f"farthest apart: {farthest:.4f} σ")
    return 0 if farthest < 0.1 else 1


if __name__ == "__main__":
    sys.exit(main())
