"""Polar crystals: charges in every form against phonopy's dynamical matrices, and exports that phonopy reads."""

import json
import warnings
from pathlib import Path

import constants
import numpy as np
import phonopy
from phonopy.file_IO import get_BORN_lines, write_FORCE_CONSTANTS
from phonopy.interface.vasp import write_vasp
from phonopy.structure.brillouin_zone import BrillouinZone
from phonopy.structure.symmetry import symmetrize_borns_and_epsilon

# That random charges have little symmetry is meant.
warnings.filterwarnings("ignore", message="Symmetry of Born")

FIXTURES = Path(__file__).parent.parent / "fixtures"


def made(random):
    """A crystal of several elements with charges of its symmetry, neutral."""
    while True:
        phonon = constants.made(random)
        if len(set(phonon.unitcell.symbols)) > 1:
            break
    unit = phonon.unitcell
    charge = {symbol: random.uniform(-1.5, 1.5) for symbol in sorted(set(unit.symbols))}
    born = np.array([np.eye(3) * charge[s] + random.uniform(-0.3, 0.3, (3, 3)) for s in unit.symbols])
    root = np.eye(3) + random.uniform(-0.2, 0.2, (3, 3))
    born, epsilon = symmetrize_borns_and_epsilon(
        born, root @ root.T * random.uniform(1.5, 6), unit, primitive_matrix=phonon.primitive_matrix,
        supercell_matrix=phonon.supercell_matrix,
    )
    born -= born.mean(axis=0)
    phonon.nac_params = {"born": born, "dielectric": epsilon, "factor": 14.4}
    return phonon


def frequencies(phonon, points):
    """THz at points in the unit cell's reciprocal vectors: phonopy's sum holds in the first zone."""
    zone = BrillouinZone(np.linalg.inv(phonon.primitive.cell))
    zone.run(points @ np.array(phonon.primitive_matrix))
    phonon.run_qpoints([found[0] for found in zone.shortest_qpoints])
    return phonon.qpoints.frequencies


def compared(tds, job, phonon, points, tolerance):
    np.savetxt(tds.folder / "q.csv", points, delimiter=",", header="h,k,l", comments="", fmt="%.6f")
    tds.run("phonons", job, "--q", "q.csv", "--out", "f.csv")
    found = np.loadtxt(tds.folder / "f.csv", delimiter=",", skiprows=1, ndmin=2)[:, 3:]
    expected = frequencies(phonon, points)
    assert found.shape == expected.shape, f"{found.shape} frequencies instead of {expected.shape}"
    # Of what is imaginary or small the square is what counts.
    squares = [np.sign(f) * f**2 for f in (found, expected)]
    off = np.abs(squares[0] - squares[1]).max() / np.abs(squares[1]).max()
    assert off < tolerance, f"{phonon.unitcell.formula}, {phonon.supercell_matrix.tolist()}: off by {off:.1e}"


def charges(random, tds):
    phonon = made(random)
    nac = phonon.nac_params
    write_vasp(tds.folder / "POSCAR", phonon.unitcell, direct=True)
    write_FORCE_CONSTANTS(phonon.force_constants, filename=tds.folder / "FORCE_CONSTANTS")
    values = {"file": "FORCE_CONSTANTS", "supercell_matrix": phonon.supercell_matrix.tolist()}
    job = {"crystal": {"file": "POSCAR"}, "force_constants": {"values": values}}
    form = str(random.choice(["yaml", "BORN", "numbers"]))
    if form == "yaml":
        phonon.save(tds.folder / "phonopy_params.yaml", settings={"force_constants": True})
        job = {"crystal": {"file": "phonopy_params.yaml"}, "force_constants": {"values": {"file": "phonopy_params.yaml"}}}
    elif form == "BORN":
        every = [phonon.primitive.s2p_map[i] for i in phonon.supercell.u2s_map]
        born = nac["born"][[phonon.primitive.p2p_map[i] for i in every]]
        lines = get_BORN_lines(
            phonon.unitcell, born, nac["dielectric"], primitive_matrix=phonon.primitive_matrix,
            supercell_matrix=phonon.supercell_matrix,
        )
        (tds.folder / "BORN").write_text("\n".join(["14.4", *lines[1:]]) + "\n")
        job["non_analytical"] = {"file": "BORN"}
    else:
        scale = np.sqrt(14.4 / 14.399645478425668)
        job["non_analytical"] = {"born_charges": (nac["born"] * scale).tolist(), "dielectric": nac["dielectric"].tolist()}
    (tds.folder / "job.json").write_text(json.dumps(job))
    points = np.round(random.uniform(-1.5, 1.5, (8, 3)), 4)
    compared(tds, "job.json", phonon, points, 1e-5 if form != "BORN" else 1e-4)


def exported(random, tds):
    name, cutoffs = [("NaCl", [3.0, 4.5, 5.0]), ("ZnO", [3.5, 4.0])][random.integers(2)]
    file = {"file": "phonopy_nac.yaml"}
    (tds.folder / "phonopy_nac.yaml").write_bytes((FIXTURES / name / "phonopy_nac.yaml").read_bytes())
    job = {
        "crystal": file,
        "force_constants": {"cutoff": float(random.choice(cutoffs)), "start": file},
        "constraints": {"rotational_invariance": True},
        "model": {"order": "one-phonon", "u_mesh": [4, 4, 4]},
        "data": [],
    }
    points = random.uniform(-3, 3, (200, 3))
    np.savetxt(tds.folder / "hkl.csv", points, delimiter=",", header="h,k,l", comments="", fmt="%.6f")
    (tds.folder / "job.json").write_text(json.dumps(job))
    tds.run("simulate", "job.json", "--hkl", "hkl.csv", "--out", "data.csv")
    job["data"] = [{"file": "data.csv", "ideal": True}]
    (tds.folder / "job.json").write_text(json.dumps(job))
    tds.run("fit", "job.json", "--out", "result.json", "--export", ".")
    compared(tds, "result.json", phonopy.load(tds.folder / "phonopy.yaml", log_level=0, symmetrize_fc=False),
             np.round(random.uniform(-1.5, 1.5, (8, 3)), 4), 1e-6)


# Each takes longer than a volume.
charges.share = 1.0
exported.share = 0.3
KINDS = [charges, exported]
