"""A potential that `tds` has fitted, as ASE reads its file: lammps.py TDS FOLDER.

Nickel by Gupta and copper by Sutton and Chen are fitted to simulated maps, and two ordered alloys, whose tables have the layout of
Finnis and Sinclair. ASE's EAM calculator reads the file that is written: its energy is that of the result, and its forces around
displaced atoms are those of the exported force constants.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import phonopy
from ase import Atoms
from ase.calculators.eam import EAM

GUPTA = {
    "Ni-Ni": (0.0376, 1.070, 16.999, 1.189, 2.491),
    "Al-Al": (0.1221, 1.316, 8.612, 2.516, 2.864),
    "Al-Ni": (0.0563, 1.2349, 14.997, 1.2823, 2.522),
}
SUTTON_CHEN = {
    "Cu-Cu": (1.2382e-2, 3.61, 39.432, 9.0, 6.0),
    "Au-Au": (1.2793e-2, 4.08, 34.408, 10.0, 8.0),
}
STEP = 0.002


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


def of_library(library, start):
    return {"library": library, "parameters": start, "range": 4.2, "smoothing": 0.4}


def cube(element, a):
    return {"prototype": "fcc", "element": element, "a": a}


# The potential where the fit starts, and what makes the map: force constants of the library, or the potential unchanged.
CASES = [
    ("ni_gupta", cube("Ni", 3.523), of_library("ni_gupta", {"xi": 1.1, "p": 16.0}), {"library": "ni_298"}),
    ("cu_sutton_chen", cube("Cu", 3.61), of_library("cu_sutton_chen", {"c": 37.0}), {"library": "cu_296"}),
    ("ni3al_gupta", ("Al", "Ni", 3.567), gupta({"xi Al-Ni": 1.1, "p Al-Ni": 14.0}), gupta({})),
    ("cu3au_sutton_chen", ("Au", "Cu", 3.75), sutton_chen({"c Cu-Cu": 37.0}), sutton_chen({})),
]


def ordered(few, many, a):
    """Cubes of one element with three of another in the middle of their faces, POSCAR."""
    places = "0 0 0\n0 0.5 0.5\n0.5 0 0.5\n0.5 0.5 0\n"
    return f"{many}3{few}\n{a}\n1 0 0\n0 1 0\n0 0 1\n{few} {many}\n1 3\nDirect\n{places}"


def job(crystal, potential, data):
    return {
        "crystal": crystal,
        "force_constants": {},
        "potential": potential,
        "model": {"order": "one-phonon", "temperature": 298},
        "data": data,
        "mask": {"bragg_radius": 0.15},
        "fit": {"max_iterations": 30},
    }


def simulated(tds, folder, crystal, truth):
    """A map: of force constants the job makes it itself, that of a potential is made beforehand."""
    if "library" in truth and "family" not in truth:
        grid = {"h": [-4, 4, 25], "k": [-4, 4, 25], "l": [0, 0.5]}
        return [{"synthetic": {"values": truth, **grid, "scale": 100, "noise": True, "seed": 3}}]
    random = np.random.default_rng(3)
    points = np.round(random.uniform(0.1, 3.9, (400, 3)), 3)
    points = points[np.linalg.norm(points - np.round(points), axis=1) > 0.2]
    np.savetxt(folder / "points.csv", points, delimiter=",", header="h,k,l", comments="", fmt="%.3f")
    (folder / "truth.json").write_text(json.dumps(job(crystal, truth, [{"file": "data.csv"}])))
    made = [tds, "simulate", folder / "truth.json", "--hkl", folder / "points.csv", "--out", folder / "made.csv"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    table = np.loadtxt(folder / "made.csv", delimiter=",", skiprows=1)
    sigma = 0.02 * table[:, 3]
    table = np.column_stack([table[:, :3], table[:, 3] + sigma * random.normal(size=len(sigma)), sigma])
    np.savetxt(folder / "data.csv", table, delimiter=",", header="h,k,l,intensity,sigma", comments="", fmt="%.9g")
    return [{"file": "data.csv"}]


def check(tds, folder, name, crystal, potential, truth):
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.eam.alloy"), *folder.glob("*.eam.fs")]:
        old.unlink()
    if not isinstance(crystal, dict):
        (folder / "POSCAR").write_text(ordered(*crystal))
        crystal = {"file": "POSCAR"}
    data = simulated(tds, folder, crystal, truth)
    (folder / "job.json").write_text(json.dumps(job(crystal, potential, data)))
    fit = [tds, "fit", folder / "job.json", "--out", folder / "result.json", "--export", folder]
    subprocess.run(fit, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([tds, "potential", folder / "result.json", "--lammps", folder], check=True, stdout=subprocess.DEVNULL)
    found = json.loads((folder / "result.json").read_text())["potential"]
    phonon = phonopy.load(folder / "phonopy.yaml", log_level=0)
    cell = phonon.supercell
    atoms = Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
    [tables] = [*folder.glob("*.eam.alloy"), *folder.glob("*.eam.fs")]
    atoms.calc = EAM(potential=str(tables))
    energy = atoms.get_potential_energy() / len(atoms)
    known = found["energy_eV"]["value"]
    constants = phonon.force_constants
    off = 0
    # The first atom of each element.
    for row, atom in enumerate(phonon.primitive.p2s_map):
        if cell.symbols[atom] in cell.symbols[:atom]:
            continue
        forces = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.positions[atom, 0] += sign * STEP
            moved.calc = EAM(potential=str(tables))
            forces.append(moved.get_forces())
        phi = -(forces[0] - forces[1]) / (2 * STEP)
        off = max(off, np.abs(phi - constants[row][:, 0, :]).max())
    largest = np.abs(constants).max()
    moved = found["parameters"]
    assert any(p["free"] and p["value"] != p["start"] for p in moved)
    print(f"{name}: energy {energy:.8f} eV, {energy - known:+.1e} from the result; Φ to {off:.1e} of {largest:.2f} eV/Å²")
    return bool(abs(energy - known) < 1e-6 and off < 1e-3)


if __name__ == "__main__":
    runs = [check(sys.argv[1], Path(sys.argv[2]), *case) for case in CASES]
    failed = runs.count(False)
    print(f"test result: {'FAILED' if failed else 'ok'}. {runs.count(True)} passed; {failed} failed")
    sys.exit(1 if failed else 0)
