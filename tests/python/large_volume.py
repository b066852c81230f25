"""Makes a volume as large as those of a beamline: large_volume.py FILE [SIZE].

401 × 401 × 401 voxels (h, k, l from −5 to 5), 32-bit floating point, in chunks packed by gzip, NXdata of NeXus: one-phonon
scattering of nickel with springs between nearest neighbours, classical, 298 K, with the noise of its counts.
"""

import json
import sys
from pathlib import Path

import h5py
import numpy as np

A, TEMPERATURE, SPRING, ACROSS = 3.52, 298.0, 2.2, 0.1  # Å, K, eV/Å² along and across a bond
BOLTZMANN = 8.617333262e-5  # eV/K
COUNTS = 400  # where the scattering has its median


def form_factor(s):
    """Electrons at s = sin θ / λ (Å⁻¹), after Waasmaier and Kirfel."""
    table = json.loads((Path(__file__).parent.parent / "fixtures/waasmaier_kirfel.json").read_text())
    nickel = table["ions"]["Ni"]
    return nickel[10] + sum(a * np.exp(-b * s * s) for a, b in zip(nickel[:5], nickel[5:10]))


def inverse(period):
    """Φ(q)⁻¹ at q = (i, j, k) · 2 / period r.l.u., Å²/eV; NaN at Bragg points."""
    bonds = [np.roll([0, x / 2, y / 2], n) for n in range(3) for x in (-1, 1) for y in (-1, 1)]
    x = np.arange(period) * 2 / period
    grid = np.stack(np.meshgrid(x, x, x, indexing="ij"), axis=-1)
    phi = np.zeros((period, period, period, 3, 3))
    for bond in bonds:
        along = np.outer(bond, bond) / (bond @ bond)
        block = SPRING * along + ACROSS * (np.eye(3) - along)
        phi += (1 - np.cos(2 * np.pi * grid @ bond))[..., None, None] * block
    bragg = np.trace(phi, axis1=-2, axis2=-1) < 1e-9
    phi[bragg] = np.eye(3)
    inverted = np.linalg.inv(phi)
    inverted[bragg] = np.nan
    return inverted


def main():
    path, size = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 401
    steps = (size - 1) // 10  # voxels in one r.l.u.
    axis = (np.arange(size) - (size - 1) // 2) / steps
    inverted = inverse(2 * steps)
    # The mean over all waves; that of the sound of longest waves is missing, which matters little.
    u2 = BOLTZMANN * TEMPERATURE * np.nanmean(inverted, axis=(0, 1, 2))[0, 0]
    index = np.rint(axis * steps).astype(int) % (2 * steps)
    reciprocal = 2 * np.pi / A
    random = np.random.default_rng(401)
    scale = None
    partial = path.with_suffix(".part")
    with h5py.File(partial, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs["NX_class"], entry.attrs["default"] = "NXentry", "transform"
        sample = entry.create_group("sample")
        sample["temperature"], sample["unit_cell"] = TEMPERATURE, [A, A, A, 90, 90, 90]
        data = entry.create_group("transform")
        data.attrs["NX_class"], data.attrs["signal"], data.attrs["axes"] = "NXdata", "data", ["Qh", "Qk", "Ql"]
        for name in ("Qh", "Qk", "Ql"):
            data[name] = axis
        chunks = (min(32, size),) * 3
        array = data.create_dataset("data", (size,) * 3, "f4", chunks=chunks, compression="gzip", compression_opts=1)
        q = np.stack(np.meshgrid([0.0], axis, axis, indexing="ij"), axis=-1)[0] * reciprocal
        planes = np.empty((chunks[0], size, size), "f4")
        for n, h in enumerate(axis):
            q[..., 0] = h * reciprocal
            block = inverted[index[n]][index][:, index]
            length = np.linalg.norm(q, axis=-1)
            intensity = form_factor(length / (4 * np.pi)) ** 2 * np.exp(-u2 * length**2)
            intensity *= np.einsum("...i,...ij,...j->...", q, block, q)
            if scale is None:
                scale = COUNTS / np.nanmedian(intensity)
            there = np.isfinite(intensity)
            planes[n % chunks[0]] = np.where(there, random.poisson(np.where(there, scale * intensity, 0)), np.nan)
            if n % chunks[0] == chunks[0] - 1 or n == size - 1:
                first = n // chunks[0] * chunks[0]
                array[first : n + 1] = planes[: n + 1 - first]
    partial.replace(path)
    print(f"{path.name}: {size}³ voxels, {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
