"""Force constants of a setfl file by finite displacements: ASE's EAM calculator under phonopy.

Writes nickel_like.eam.alloy, a potential of smooth functions that is like nickel, and eam_constants.json, Φ between atom 0 and
others in eV/Å². Run once in a folder of its own; needs ase and phonopy. The numbers are in tests/fixtures/potentials.
"""

import json

import numpy as np
from ase import Atoms
from ase.calculators.eam import EAM
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

A = 3.52
CUTOFF = 4.7
N_R, N_RHO = 400, 400


def switch(r):
    x = np.clip((r - (CUTOFF - 1.2)) / 1.2, 0.0, 1.0)
    return 1.0 - x**3 * (10.0 - 15.0 * x + 6.0 * x**2)


def density(r):
    return np.exp(-2.0 * 1.6 * (r / 2.49 - 1.0)) * switch(r)


def pair(r):
    return 0.17 * np.exp(-11.0 * (r / 2.49 - 1.0)) * switch(r)


def embedding(rho):
    return -1.38 * np.sqrt(rho + 0.05) + 0.004 * rho**2 / 12.0


def numbers(values):
    return "\n".join(" ".join(f"{v:.16e}" for v in values[i : i + 5]) for i in range(0, len(values), 5))


def write(path):
    d_r = CUTOFF / (N_R - 1)
    r = d_r * np.arange(N_R)
    d_rho = 40.0 / N_RHO
    rho = d_rho * np.arange(N_RHO)
    with open(path, "w") as out:
        out.write("Smooth functions that are like nickel, by tests/python/eam_constants.py\n\n\n1 Ni\n")
        out.write(f"{N_RHO} {d_rho:.16e} {N_R} {d_r:.16e} {CUTOFF}\n28 58.6934 {A} fcc\n")
        for values in (embedding(rho), density(r), r * pair(r)):
            out.write(numbers(values) + "\n")


def main():
    write("nickel_like.eam.alloy")
    cell = PhonopyAtoms(
        symbols=["Ni"] * 4,
        cell=np.eye(3) * A,
        scaled_positions=[[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]],
    )
    phonon = Phonopy(cell, supercell_matrix=np.eye(3, dtype=int) * 5, primitive_matrix="F")
    phonon.generate_displacements(distance=0.002, is_plusminus=True)
    forces = []
    for displaced in phonon.supercells_with_displacements:
        atoms = Atoms(displaced.symbols, cell=displaced.cell, scaled_positions=displaced.scaled_positions, pbc=True)
        atoms.calc = EAM(potential="nickel_like.eam.alloy")
        forces.append(atoms.get_forces())
        energy = atoms.get_potential_energy() / len(atoms)
    phonon.forces = forces
    phonon.produce_force_constants()
    supercell = phonon.supercell
    phi = phonon.force_constants
    # Compact or full: the first row is atom 0.
    pairs = []
    for n, place in enumerate(supercell.scaled_positions):
        d = place - supercell.scaled_positions[0]
        vector = (d - np.round(d)) @ supercell.cell
        x, y, z = vector
        if x >= y - 1e-6 and y >= z - 1e-6 and z >= -1e-6 and 1e-3 < np.linalg.norm(vector) < 8.0:
            pairs.append({"vector_A": vector.round(10).tolist(), "phi_eV_A2": phi[0][n].tolist()})
    pairs.sort(key=lambda p: np.linalg.norm(p["vector_A"]))
    out = {
        "made_with": "tests/python/eam_constants.py: ASE EAM, phonopy finite displacements ±0.002 Å, 5×5×5 cells",
        "a_angstrom": A,
        "energy_eV_per_atom": energy,
        "pairs": pairs,
    }
    with open("eam_constants.json", "w") as file:
        json.dump(out, file, indent=1)


if __name__ == "__main__":
    main()
