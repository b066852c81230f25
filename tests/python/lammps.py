"""A potential that `tds` has fitted, as ASE reads its file: lammps.py TDS FOLDER.

Nickel by Gupta and copper by Sutton and Chen are fitted to simulated maps. ASE's EAM calculator reads the setfl file that is written:
its energy is that of the result, and its forces around a displaced atom are those of the exported force constants.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import phonopy
from ase import Atoms
from ase.calculators.eam import EAM

CASES = [
    ("Ni", 3.523, "ni_gupta", {"xi": 1.1, "p": 16.0}, "ni_298"),
    ("Cu", 3.61, "cu_sutton_chen", {"c": 37.0}, "cu_296"),
]
STEP = 0.002


def job(element, a, library, start, values):
    return {
        "crystal": {"prototype": "fcc", "element": element, "a": a},
        "force_constants": {},
        "potential": {"library": library, "parameters": start, "range": 4.2, "smoothing": 0.4},
        "model": {"order": "one-phonon", "temperature": 298},
        "data": [
            {
                "synthetic": {
                    "values": {"library": values},
                    "h": [-4, 4, 25],
                    "k": [-4, 4, 25],
                    "l": [0, 0.5],
                    "scale": 100,
                    "noise": True,
                    "seed": 3,
                }
            }
        ],
        "mask": {"bragg_radius": 0.15},
        "fit": {"max_iterations": 30},
    }


def check(tds, folder, element, a, library, start, values):
    folder = folder / library
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text(json.dumps(job(element, a, library, start, values)))
    fit = [tds, "fit", folder / "job.json", "--out", folder / "result.json", "--export", folder]
    subprocess.run(fit, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([tds, "potential", folder / "result.json", "--lammps", folder], check=True, stdout=subprocess.DEVNULL)
    found = json.loads((folder / "result.json").read_text())["potential"]
    phonon = phonopy.load(folder / "phonopy.yaml", log_level=0)
    cell = phonon.supercell
    atoms = Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
    [setfl] = folder.glob("*.eam.alloy")
    atoms.calc = EAM(potential=str(setfl))
    energy = atoms.get_potential_energy() / len(atoms)
    forces = []
    for sign in (1, -1):
        moved = atoms.copy()
        moved.positions[0, 0] += sign * STEP
        moved.calc = EAM(potential=str(setfl))
        forces.append(moved.get_forces())
    phi = -(forces[0] - forces[1]) / (2 * STEP)
    constants = phonon.force_constants
    row = constants[0][:, 0, :]
    off = np.abs(phi - row).max()
    print(f"{library}: energy {energy:.6f} eV, {found['energy_eV']['value']:.6f} in the result; Φ to {off:.1e} of {np.abs(row).max():.2f} eV/Å²")
    return bool(abs(energy - found["energy_eV"]["value"]) < 1e-5 and off < 1e-3)


if __name__ == "__main__":
    runs = [check(sys.argv[1], Path(sys.argv[2]), *case) for case in CASES]
    failed = runs.count(False)
    print(f"test result: {'FAILED' if failed else 'ok'}. {runs.count(True)} passed; {failed} failed")
    sys.exit(1 if failed else 0)
