"""Crystals and force constants that phonopy wrote, in every form that it has."""

import json

import h5py
import numpy as np
from phonopy import Phonopy
from phonopy.file_IO import (
    parse_FORCE_CONSTANTS,
    read_force_constants_hdf5,
    write_FORCE_CONSTANTS,
    write_force_constants_to_hdf5,
)
from phonopy.interface.vasp import write_vasp
from phonopy.structure.atoms import PhonopyAtoms


def crystals(random):
    """Conventional cells with lattice parameters of their own, and the primitive cell that phonopy is told."""
    a, ratio = random.uniform(3, 6), random.uniform(1.2, 1.8)
    cube, fcc = np.eye(3) * a, [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    hexagonal = np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, a * ratio]])
    u = random.uniform(0.36, 0.39)
    triclinic = np.array([[a, 0, 0], [0.3, a * 1.1, 0], [0.2, -0.4, a * 1.3]])
    return [
        ("F", cube, ["Ni"] * 4, fcc),
        # From 0 to below 1, as a POSCAR has them whatever the cell had: the order of a supercell depends on it.
        ("F", cube, ["Mg"] * 4 + ["O"] * 4, fcc + [[(x + 0.5) % 1, y, z] for x, y, z in fcc]),
        ("F", cube, ["Si"] * 8, fcc + [[x + 0.25, y + 0.25, z + 0.25] for x, y, z in fcc]),
        ("I", cube, ["Fe"] * 2, [[0, 0, 0], [0.5, 0.5, 0.5]]),
        ("P", cube, ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        ("P", hexagonal, ["Mg"] * 2, [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]),
        ("P", hexagonal, ["Zn", "Zn", "S", "S"],
         [[1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0.5], [1 / 3, 2 / 3, u], [2 / 3, 1 / 3, u + 0.5]]),
        ("P", triclinic, ["C", "N"], [[0, 0, 0], [0.31, 0.42, 0.57]]),
    ]


def reach(phonon):
    """Å: springs end here."""
    return np.cbrt(phonon.unitcell.volume / len(phonon.unitcell)) * 1.5


def springs(phonon, random):
    """Force constants, eV/Å²: springs along and across the bonds, by kinds of atoms and distance."""
    cell = phonon.supercell
    lattice, positions = cell.cell, cell.scaled_positions
    shifts = np.array([[i, j, k] for i in (-2, -1, 0, 1, 2) for j in (-2, -1, 0, 1, 2) for k in (-2, -1, 0, 1, 2)])
    n = len(cell)
    far = reach(phonon)
    numbers = random.uniform(0.5, 1.5, 1000)
    fc = np.zeros((n, n, 3, 3))
    for i in range(n):
        for j in range(n):
            bonds = (positions[j] - positions[i] + shifts) @ lattice
            lengths = np.linalg.norm(bonds, axis=1)
            for bond, length in zip(bonds, lengths):
                if 1e-3 < length < far:
                    kinds = cell.numbers[i] * cell.numbers[j]
                    strength = 8 * numbers[kinds % 1000] * np.exp(-1.5 * length / far)
                    block = strength * (np.outer(bond, bond) / length**2 + 0.15 * np.eye(3))
                    fc[i, j] -= block
                    fc[i, i] += block
    return fc


def made(random):
    kinds = crystals(random)
    primitive, lattice, symbols, positions = kinds[random.integers(len(kinds))]
    unit = PhonopyAtoms(symbols=symbols, cell=lattice, scaled_positions=positions)
    if len(unit) > 4:
        matrix = np.eye(3, dtype=int) * 2 if random.random() < 0.7 else np.diag([2, 2, 1])
    elif random.random() < 0.3:
        matrix = np.array([[3, 1, 0], [0, 2, 0], [1, 0, 2]])
    else:
        matrix = np.diag([int(n) for n in random.integers(2, 4, 3)])
    phonon = Phonopy(unit, supercell_matrix=matrix, primitive_matrix=primitive)
    phonon.force_constants = springs(phonon, random)
    return phonon


def frequencies(phonon, points):
    """THz at points in the unit cell's reciprocal vectors."""
    phonon.run_qpoints(points @ np.array(phonon.primitive_matrix))
    return phonon.qpoints.frequencies


def constants(random, tds):
    phonon = made(random)
    fc, p2s = phonon.force_constants, phonon.primitive.p2s_map
    compact = random.random() < 0.5
    if compact:
        fc = fc[p2s]
    matrix = phonon.supercell_matrix.tolist()
    form = str(random.choice(["text", "hdf5", "yaml", "yaml.xz", "text beside yaml", "hdf5 beside yaml"]))
    crystal, values = "POSCAR", None
    write_vasp(tds.folder / "POSCAR", phonon.unitcell, direct=bool(random.random() < 0.8))
    if form.startswith("text"):
        write_FORCE_CONSTANTS(fc, filename=tds.folder / "FORCE_CONSTANTS", p2s_map=p2s if compact else None)
        values = {"file": "FORCE_CONSTANTS", "supercell_matrix": matrix}
    elif form.startswith("hdf5"):
        name = str(tds.folder / "force_constants.hdf5")
        unit = "eV/angstrom^2" if random.random() < 0.7 else None
        packing = [None, "gzip", "lzf", 4][random.integers(4)]
        write_force_constants_to_hdf5(fc, filename=name, p2s_map=p2s, physical_unit=unit, compression=packing)
        values = {"file": "force_constants.hdf5", "supercell_matrix": matrix}
    else:
        if compact:
            phonon.force_constants = fc
        name = tds.folder / "phonopy_params.yaml"
        written = phonon.save(name, settings={"force_constants": True}, compression=form == "yaml.xz")
        crystal = str(written).rsplit("/", 1)[-1]
        values = {"file": crystal}
    if form.endswith("beside yaml"):
        phonon.save(tds.folder / "phonopy.yaml", settings={"force_constants": False})
        crystal = "phonopy.yaml"
        del values["supercell_matrix"]
    points = np.round(random.uniform(-1.5, 1.5, (8, 3)), 4)
    np.savetxt(tds.folder / "q.csv", points, delimiter=",", header="h,k,l", comments="", fmt="%.6f")
    job = {"crystal": {"file": crystal}, "force_constants": {"values": values}}
    (tds.folder / "job.json").write_text(json.dumps(job))
    tds.run("phonons", "job.json", "--q", "q.csv", "--out", "f.csv")
    found = np.loadtxt(tds.folder / "f.csv", delimiter=",", skiprows=1, ndmin=2)[:, 3:]
    expected = frequencies(phonon, points)
    assert found.shape == expected.shape, f"{form}: {found.shape} frequencies instead of {expected.shape}"
    off = np.abs(found - expected).max() / np.abs(expected).max()
    assert off < 1e-6, f"{form}, {phonon.unitcell.formula}, {matrix}: off by {off:.1e}"


def crystal(random, tds):
    phonon = made(random)
    unit = phonon.unitcell
    if random.random() < 0.6:
        name = "POSCAR"
        write_vasp(tds.folder / name, unit, direct=bool(random.random() < 0.5))
    else:
        name = "phonopy.yaml"
        phonon.save(tds.folder / name)
    said = json.loads(tds.run("crystal", name, "--json"))
    expected = phonon.symmetry.dataset.number
    assert said["space_group"]["number"] == expected, f"{said['space_group']} instead of {expected}"
    assert (said["n_atoms"], said["n_primitive"]) == (len(unit), len(phonon.primitive))
    places = sorted((a["element"], *np.round([a["x"] % 1, a["y"] % 1, a["z"] % 1], 9) % 1) for a in said["atoms"])
    wanted = sorted((s, *np.round(x % 1, 9) % 1) for s, x in zip(unit.symbols, unit.scaled_positions))
    assert [p[0] for p in places] == [w[0] for w in wanted]
    off = np.abs(np.array([p[1:] for p in places]) - np.array([w[1:] for w in wanted])).max()
    assert off < 1e-8, f"atoms off by {off}"


def gradient(random, tds):
    """The derivative of the misfit to each constant, in the layout of the constants: text and HDF5 that phonopy reads."""
    phonon = made(random)
    p2s = phonon.primitive.p2s_map
    compact = random.random() < 0.5
    fc = phonon.force_constants[p2s] if compact else phonon.force_constants
    write_vasp(tds.folder / "POSCAR", phonon.unitcell, direct=True)
    write_force_constants_to_hdf5(fc, filename=str(tds.folder / "fc.hdf5"), p2s_map=p2s, physical_unit="eV/angstrom^2")
    start = {"file": "fc.hdf5", "supercell_matrix": phonon.supercell_matrix.tolist()}
    job = {
        "crystal": {"file": "POSCAR"},
        "force_constants": {"cutoff": float(reach(phonon)), "start": start},
        "model": {"order": "one-phonon", "temperature": 300},
        "data": [{"file": "data.csv"}],
    }
    (tds.folder / "job.json").write_text(json.dumps(job))
    points = np.round(random.uniform(0.1, 2.4, (60, 3)), 3)
    intensity = random.uniform(50, 100, len(points))
    table = np.column_stack([points, intensity, np.sqrt(intensity)])
    np.savetxt(tds.folder / "data.csv", table, delimiter=",", header="h,k,l,intensity,sigma", comments="", fmt="%.9g")
    for name in ("G", "G.hdf5"):
        tds.run("gradient", "job.json", "--force-constants", "fc.hdf5", "--out", name)
    name = str(tds.folder / "G.hdf5")
    found, unit = read_force_constants_hdf5(name, p2s_map=p2s, return_physical_unit=True)
    assert unit == "angstrom^2/eV", unit
    assert found.shape == fc.shape and found.dtype == np.float64, (found.shape, found.dtype)
    expected = parse_FORCE_CONSTANTS(tds.folder / "G", p2s_map=p2s)
    largest = np.abs(expected).max()
    # Text ends fifteen digits behind the point.
    off = np.abs(found - expected).max()
    assert largest > 0 and off < 1e-15 + 1e-14 * largest, f"off by {off:.1e} of {largest:.1e}"
    with h5py.File(name) as file:
        assert (file["force_constants"][()] == found).all()
        assert ("p2s_map" in file) == (len(fc) < len(phonon.supercell)), list(file)
        if "p2s_map" in file:
            assert file["p2s_map"].dtype == np.int64 and (file["p2s_map"][()] == p2s).all()


# Each takes longer than a volume.
constants.share = 1.0
gradient.share = 0.3
KINDS = [constants, crystal, gradient]
