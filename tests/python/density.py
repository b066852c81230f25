"""Densities of states for tests/dispersion.rs: run it as `python tests/python/density.py` to write the fixtures anew.

density.json: the total density of states of NaCl and ZnO on small meshes through Γ by phonopy's linear tetrahedron method, from the
force constants as published, without non-analytical term.
"""

import json
from pathlib import Path

import phonopy

FIXTURES = Path(__file__).parent.parent / "fixtures"


def density(name, mesh, points):
    phonon = phonopy.load(FIXTURES / name / "phonopy.yaml", log_level=0, symmetrize_fc=False, is_nac=False)
    phonon.run_mesh(mesh, is_gamma_center=True)
    irreducible = len(phonon.mesh.qpoints)
    # With the symmetry of the mesh, phonopy also turns the tetrahedra, which are not symmetric.
    phonon.run_mesh(mesh, is_gamma_center=True, is_mesh_symmetry=False)
    highest = float(phonon.mesh.frequencies.max())
    phonon.run_total_dos(
        freq_min=0.0, freq_max=highest, freq_pitch=highest / points, use_tetrahedron_method=True
    )
    dos = phonon.total_dos
    return {
        "mesh": mesh,
        "irreducible": irreducible,
        "frequency_THz": [round(float(x), 9) for x in dos.frequency_points],
        "modes_per_THz": [round(float(x), 9) for x in dos.dos],
    }


if __name__ == "__main__":
    for name, mesh in (("NaCl", [8, 8, 8]), ("ZnO", [8, 8, 6])):
        text = json.dumps(density(name, mesh, 120))
        (FIXTURES / name / "density.json").write_text(text + "\n")
