"""Numbers of polar crystals for tests/polar.rs: run it as `python tests/python/polar.py` to write the fixtures anew.

lo_to.json: frequencies at Γ seen along some directions, by phonopy's Gonze-Lee dynamical matrix.
supercell_nac.json: exact all-order intensities of NaCl in a periodic supercell of 3 × 3 × 3 input cells with the
dipole-dipole term, by numpy alone: the dense Hessian of 216 atoms, the dipoles as a sum over the reciprocal vectors of the
supercell, the sum over all pairs of atoms.
"""

import json
from pathlib import Path

import numpy as np
import phonopy

FIXTURES = Path(__file__).parent.parent / "fixtures"
BOLTZMANN = 8.617333262145179e-5
THZ = 15.633304239856193


def splitting(name):
    phonon = phonopy.load(FIXTURES / name / "phonopy_nac.yaml", log_level=0, symmetrize_fc=False)
    rows = []
    for direction in ([1, 0, 0], [0, 0, 1], [1, 1, 1], [1, 2, -3]):
        # In hkl of the input cell: phonopy wants those of the primitive one.
        along = phonon.primitive_matrix.T @ np.array(direction, float)
        phonon.run_qpoints([[0, 0, 0]], nac_q_direction=along)
        rows.append({"direction_hkl": direction, "frequencies_THz": phonon.qpoints.frequencies[0].tolist()})
    return rows


def dipoles(lattice, positions, charges, epsilon, factor, width, accuracy=32.0):
    """Φ of dipoles in a periodic cell without mean field, eV/Å², self terms by the sum rule; width: 4Λ², Å⁻²."""
    reciprocal = 2 * np.pi * np.linalg.inv(lattice)  # columns
    reach = np.sqrt(accuracy * width / np.linalg.eigvalsh(epsilon)[0])
    span = np.ceil(reach * np.linalg.norm(lattice, axis=1) / (2 * np.pi)).astype(int)
    grid = np.mgrid[tuple(slice(-n, n + 1) for n in span)].reshape(3, -1)
    g = (reciprocal @ grid).T
    x = np.einsum("ka,ab,kb->k", g, epsilon, g)
    g, x = g[(x > 1e-12) & (x < accuracy * width)], x[(x > 1e-12) & (x < accuracy * width)]
    weight = 4 * np.pi * factor / abs(np.linalg.det(lattice)) * np.exp(-x / width) / x
    n = len(positions)
    phi = np.zeros((3 * n, 3 * n))
    for part in np.array_split(np.arange(len(g)), max(1, len(g) // 2000)):
        turns = np.exp(1j * g[part] @ positions.T)
        fields = np.einsum("sab,ka->ksb", charges, g[part]) * turns[:, :, None]
        fields = fields.reshape(len(part), 3 * n) * np.sqrt(weight[part])[:, None]
        phi += (fields.T @ fields.conj()).real
    blocks = phi.reshape(n, 3, n, 3)
    for s in range(n):
        total = blocks[s].sum(axis=1)
        blocks[s, :, s, :] -= 0.5 * (total + total.T)
    return phi


def supercell(name="NaCl", times=3, temperature=300.0):
    phonon = phonopy.load(FIXTURES / name / "phonopy_nac.yaml", log_level=0, symmetrize_fc=False)
    small, primitive, unit = phonon.supercell, phonon.primitive, phonon.unitcell
    nac = phonon.nac_params
    charges = nac["born"] - nac["born"].mean(axis=0)
    epsilon, factor = nac["dielectric"], nac["factor"]
    # Where the short-ranged constants end: phonopy's choice.
    cutoff = 2 * np.pi * (3 * 300 / (4 * np.pi) / primitive.volume) ** (1 / 3)
    width = cutoff**2 * np.trace(epsilon) / 3 / np.log(1e10)
    kinds = [primitive.p2p_map[i] for i in primitive.s2p_map]
    own = dipoles(small.cell, small.positions, charges[kinds], epsilon, factor, width)
    rows = own.reshape(len(small), 3, len(small), 3)[primitive.p2s_map].transpose(0, 2, 1, 3)
    short = phonon.force_constants[: len(primitive)] - rows
    assert phonon.force_constants.shape[0] == len(primitive)
    # The large supercell: every short-ranged constant at the nearest images of its pair, images summed.
    shifts = np.array(np.meshgrid(*[range(times)] * 3, indexing="ij")).reshape(3, -1).T
    lattice = unit.cell * times
    positions = (unit.positions[:, None, :] + (shifts @ unit.cell)[None, :, :]).reshape(-1, 3)
    inverse = np.linalg.inv(lattice)
    key = lambda r: tuple(np.round(r @ inverse * 1e5).astype(int) % 100000)
    index = {key(r): i for i, r in enumerate(positions)}
    to_primitive = np.linalg.inv(primitive.cell)
    n = len(positions)
    def kind_of(r):
        for s, at in enumerate(primitive.positions):
            d = (r - at) @ to_primitive
            if np.allclose(d, np.round(d), atol=1e-5):
                return s
        raise ValueError
    types = np.array([kind_of(r) for r in positions])
    h = dipoles(lattice, positions, charges[types], epsilon, factor, width)
    images = np.array(np.meshgrid(*[(-2, -1, 0, 1, 2)] * 3, indexing="ij")).reshape(3, -1).T @ small.cell
    for s, row in enumerate(primitive.p2s_map):
        for j in range(len(small)):
            vectors = small.positions[j] - small.positions[row] + images
            lengths = np.linalg.norm(vectors, axis=1)
            nearest = vectors[lengths < lengths.min() + 1e-5]
            for i in np.flatnonzero(types == s):
                for vector in nearest:
                    other = index[key(positions[i] + vector)]
                    h[3 * i : 3 * i + 3, 3 * other : 3 * other + 3] += short[s, j] / len(nearest)
    h = 0.5 * (h + h.T)
    levels, vectors = np.linalg.eigh(h)
    assert np.abs(levels[:3]).max() < 1e-6 * levels[-1] and levels[3] > 1e-3, levels[:5]
    c = BOLTZMANN * temperature * (vectors[:, 3:] / levels[3:]) @ vectors[:, 3:].T
    # Displacements from the centre of mass: all orders together do not feel it, one phonon does.
    masses = primitive.masses[types]
    rest = np.kron(np.eye(n) - np.outer(np.ones(n), masses / masses.sum()), np.eye(3))
    c = (rest @ c @ rest.T).reshape(n, 3, n, 3)
    ions = json.loads((FIXTURES / "waasmaier_kirfel.json").read_text())["ions"]
    def f0(symbol, q):
        *ab, constant = ions[symbol]
        s2 = (np.linalg.norm(q) / (4 * np.pi)) ** 2
        return constant + sum(a * np.exp(-b * s2) for a, b in zip(ab[:5], ab[5:]))
    random = np.random.default_rng(7)
    rows = []
    while len(rows) < 24:
        m = random.integers(-9, 10, 3)
        parities = (m // times) % 2
        if np.all(m % times == 0) and len(set(parities)) == 1:
            continue
        hkl = m / times
        q = 2 * np.pi * np.linalg.inv(unit.cell) @ hkl
        factors = np.array([f0(primitive.symbols[s], q) for s in types])
        along = np.einsum("a,iajb,b->ij", q, c, q)
        w = 0.5 * np.diag(along)
        amplitude = factors * np.exp(1j * positions @ q - w)
        pairs = np.outer(amplitude.conj(), amplitude).real
        rows.append({
            "hkl": hkl.tolist(),
            "one_phonon": float((pairs * along).sum() / (n // 2)),
            "all_order": float((pairs * np.expm1(along)).sum() / (n // 2)),
        })
    u = [c[np.flatnonzero(types == s)[0], :, np.flatnonzero(types == s)[0], :].tolist() for s in range(2)]
    return {"supercell": [times] * 3, "temperature_K": temperature, "statistics": "classical", "U_A2": u, "points": rows}


def rigid(lattice, positions, charges, epsilon, q, alat, alpha=1.0):
    """What q2r takes off, eV/Å²: rgd_blk of rigid.f90 (G up to K·ε·K/4α = 14), phases of lattice vectors alone."""
    unit = (2 * np.pi / alat) ** 2
    reciprocal = 2 * np.pi * np.linalg.inv(lattice)
    grid = np.mgrid[-12:13, -12:13, -12:13].reshape(3, -1)
    all_g, n = (reciprocal @ grid).T, len(positions)
    factor = 4 * np.pi * 14.399645478425668 / abs(np.linalg.det(lattice))
    def terms(k):
        x = np.einsum("ka,ab,kb->k", k, epsilon, k) / unit
        keep = (x > 1e-12) & (x / 4 / alpha < 14)
        return k[keep], factor * np.exp(-x[keep] / 4 / alpha) / (x[keep] * unit), keep
    phi = np.zeros((n, 3, n, 3), complex)
    k, weight, _ = terms(all_g)
    for a in range(n):
        for b in range(n):
            cosine = np.cos(k @ (positions[a] - positions[b]))
            phi[a, :, a, :] -= np.einsum("k,ki,kj->ij", weight * cosine, k @ charges[a], k @ charges[b])
    k, weight, _ = terms(all_g + q)
    for a in range(n):
        for b in range(n):
            turn = np.exp(1j * (k @ (positions[a] - positions[b])))
            phi[a, :, b, :] += np.einsum("k,ki,kj->ij", weight * turn, k @ charges[a], k @ charges[b])
    return phi


def q2r(name="NaCl", times=2):
    """A file of q2r.x for the crystal with charges: the force constants of phonopy on a grid of q without `rigid`."""
    phonon = phonopy.load(FIXTURES / name / "phonopy_nac.yaml", log_level=0, symmetrize_fc=False)
    primitive, nac = phonon.primitive, phonon.nac_params
    charges, epsilon, n = nac["born"] - nac["born"].mean(axis=0), nac["dielectric"], len(primitive)
    lattice, positions = primitive.cell, primitive.positions
    bohr, rydberg = 0.529177210903, 13.605693122994
    alat = np.linalg.norm(lattice[0]) * np.sqrt(2)
    masses = np.sqrt(primitive.masses)
    points = np.array(np.meshgrid(*[range(times)] * 3, indexing="ij")).reshape(3, -1).T
    constants = np.zeros((len(points), n, 3, n, 3))
    table = []
    for m in points:
        reduced = m / times
        # Seen from Γ; q2r has no term of a direction there.
        reduced = reduced - np.round(reduced - 1e-9)
        phonon.dynamical_matrix.run(reduced)
        if not m.any():
            phonon.dynamical_matrix._run_without_NAC(reduced)
        d = phonon.dynamical_matrix.dynamical_matrix.reshape(n, 3, n, 3) * masses[:, None, None, None] * masses[None, None, :, None]
        q = 2 * np.pi * np.linalg.inv(lattice) @ reduced
        levels = np.linalg.eigvalsh(phonon.dynamical_matrix.dynamical_matrix)
        table.append({"q_cart": q.tolist(), "frequencies_THz": (np.sign(levels) * np.sqrt(abs(levels)) * THZ).tolist()})
        turn = np.exp(1j * (positions[:, None, :] - positions[None, :, :]) @ q)
        # From e^{iq·(R+τ'-τ)} of the formulas here to e^{iq·R}, as rigid has it with G in its phases.
        d = d * turn[:, None, :, None]
        d -= rigid(lattice, positions, charges, epsilon, q, alat)
        for i, r in enumerate(points):
            constants[i] += (d * np.exp(-2j * np.pi * (m @ r) / times)).real / len(points)
    lines = [f"  {n}    {n}   0 {alat / bohr:.12f} 0.0 0.0 0.0 0.0 0.0"]
    lines += ["  " + " ".join(f"{x / alat:.14f}" for x in row) for row in lattice]
    lines += [f"  {s + 1} '{symbol} ' {mass * 911.4442431:.10f}" for s, (symbol, mass) in enumerate(zip(primitive.symbols, primitive.masses))]
    lines += [f"  {s + 1} {s + 1} " + " ".join(f"{x / alat:.14f}" for x in r) for s, r in enumerate(positions)]
    lines += [" T"] + ["  " + " ".join(f"{x:.12f}" for x in row) for row in epsilon]
    for s in range(n):
        lines += [f"  {s + 1}"] + ["  " + " ".join(f"{x:.12f}" for x in row) for row in charges[s]]
    lines.append(f"  {times} {times} {times}")
    for i in range(3):
        for j in range(3):
            for a in range(n):
                for b in range(n):
                    lines.append(f"  {i + 1} {j + 1} {a + 1} {b + 1}")
                    for m3 in range(times):
                        for m2 in range(times):
                            for m1 in range(times):
                                # Atom a in cell m, atom b in cell 0.
                                cell = -np.array([m1, m2, m3]) % times
                                index = int(np.flatnonzero((points == cell).all(axis=1))[0])
                                value = constants[index, a, i, b, j] * bohr**2 / rydberg
                                lines.append(f"  {m1 + 1} {m2 + 1} {m3 + 1} {value:.14E}")
    return "\n".join(lines) + "\n", table


if __name__ == "__main__":
    for name in ("NaCl", "ZnO"):
        text = json.dumps(splitting(name), indent=1)
        (FIXTURES / name / "lo_to.json").write_text(text + "\n")
    text, table = q2r()
    (FIXTURES / "NaCl" / "q2r_nac.fc").write_text(text)
    (FIXTURES / "NaCl" / "q2r_nac.json").write_text(json.dumps(table, indent=1) + "\n")
    (FIXTURES / "NaCl" / "supercell_nac.json").write_text(json.dumps(supercell(), indent=1) + "\n")
