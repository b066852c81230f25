"""Files written by h5py, numpy, tifffile and phonopy, read back by `tds`: round_trips.py TDS FOLDER [SEED [ROUNDS]].

Each round makes one file of each kind with its own shape, type of numbers, axes and packing. Numbers come back bit for
bit in their type, frequencies to 1e-6 of phonopy's. The seed is printed; the same seed makes the same files. A file that
came back otherwise stays in FOLDER.
"""

import json
import subprocess
import sys
import time
import traceback
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
import tifffile

import constants
import dipoles


class Volume:
    """Intensities of a random grid: `values[h, k, l]`, its centres, perhaps σ and holes."""

    def __init__(self, random, kinds, most=9, plane=False):
        self.kind = str(random.choice(kinds))
        self.shape = tuple(int(n) for n in random.integers(2, most, 3))
        if plane:
            self.shape = (*self.shape[:2], 1)
        self.step = [float(random.choice([0.05, 0.1, 0.125, 0.25, 0.3, 1.0])) for _ in range(3)]
        self.first = [float(np.round(random.uniform(-3, 2), 3)) for _ in range(3)]
        self.axes = [
            np.array([round(first + step * n, 9) for n in range(count)])
            for first, step, count in zip(self.first, self.step, self.shape)
        ]
        dtype = np.dtype(self.kind)
        if dtype.kind == "f":
            size = {2: 100, 4: 1e6, 8: 1e12}[dtype.itemsize]
            values = random.normal(size=self.shape) * size * random.uniform(0, 1, self.shape)
        else:
            # Doubles hold whole numbers to 2⁵³.
            about = np.iinfo(dtype)
            low, high = max(about.min, -(2**53)), min(about.max, 2**53)
            values = random.integers(low, high, self.shape, endpoint=True)
        self.values = values.astype(dtype)
        if dtype.kind == "f" and random.random() < 0.5:
            self.values[random.random(self.shape) < 0.2] = np.nan
            self.values[0, 0, 0] = 1
        self.sigma = random.uniform(0.1, 5, self.shape) if random.random() < 0.5 else None
        self.holes = np.zeros(self.shape, bool)

    def expected(self, sigma):
        """h, k, l and the numbers of every voxel that holds a measurement, h the slowest."""
        there = ~self.holes
        if self.values.dtype.kind == "f":
            there &= np.isfinite(self.values)
        h, k, l = (grid[there] for grid in np.meshgrid(*self.axes, indexing="ij"))
        columns = [h, k, l, self.values[there]]
        return columns + ([sigma[there]] if sigma is not None else [])

    def spec(self, order=(0, 1, 2)):
        """The axes for an array without any, whose indices are these axes."""
        letters = "hkl"
        axes = [
            {"along": letters[n], "values": self.axes[n].tolist()} for n in order if n < 2 or self.shape[2] > 1
        ]
        origin = [0, 0, float(self.axes[2][0])] if self.shape[2] == 1 else [0, 0, 0]
        return {"axes": axes, "origin": origin}


FLOATS = [end + kind for end in "<>" for kind in ("f2", "f4", "f8")]
WHOLE = [end + kind for end in "<>" for kind in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")]


def same(name, found, expected):
    """A column as text has the bits of the numbers in their own type."""
    back = found.astype(expected.dtype) if expected.dtype.kind == "f" else found.astype(np.float64)
    wanted = expected if expected.dtype.kind == "f" else expected.astype(np.float64)
    assert len(back) == len(wanted), f"{name}: {len(back)} values instead of {len(wanted)}"
    bad = np.flatnonzero(back != wanted)
    assert not bad.size, f"{name}: {found[bad[0]]} instead of {wanted[bad[0]]}, {bad.size} differ"


class Tds:
    """The program."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, f"tds {' '.join(map(str, arguments))}: {done.stderr.strip()}"
        return done.stdout

    def columns(self, files, spec=None):
        """The points of a measurement by h, k, l."""
        more = ["--as", json.dumps(spec)] if spec else []
        self.run("data", *files, "--out", "points.csv", *more)
        table = np.loadtxt(self.folder / "points.csv", delimiter=",", skiprows=1, ndmin=2)
        return table.T

    def reads(self, files, volume, sigma=None, spec=None):
        found, expected = self.columns(files, spec), volume.expected(sigma)
        assert len(found) == len(expected), f"{len(found)} columns instead of {len(expected)}"
        place = np.lexsort(np.round(found[2::-1], 6)), np.lexsort([np.round(x, 6) for x in expected[2::-1]])
        for n, name in enumerate(["h", "k", "l", "intensity", "sigma"][: len(expected)]):
            a, b = found[n][place[0]], np.asarray(expected[n])[place[1]]
            if n < 3:
                assert len(a) == len(b) and np.abs(a - b).max() < 1e-9, f"{name}: {a} instead of {b}"
            else:
                same(name, a, b)


BLOSC_CODECS = ["lz4", "zstd", "zlib", "blosclz", "lz4hc", "snappy"]


def h5_packing(random, shape, dtype):
    """Arguments of create_dataset: chunks and filters."""
    if random.random() < 0.3:
        return {}
    options = {"chunks": tuple(int(random.integers(1, n + 1)) for n in shape)}
    filters = [
        {},
        {"compression": "gzip", "compression_opts": int(random.integers(0, 10))},
        {"compression": "lzf"},
        {**hdf5plugin.Bitshuffle(cname=str(random.choice(["none", "lz4", "zstd"])))},
        {**hdf5plugin.LZ4()},
        {**hdf5plugin.Zstd()},
        {**hdf5plugin.Blosc(cname=str(random.choice(BLOSC_CODECS)),
                            shuffle=int(random.integers(0, 3)))},
        {**hdf5plugin.Blosc2(cname=str(random.choice(["lz4", "zstd", "zlib", "blosclz", "lz4hc"])),
                             filters=int(random.integers(0, 3)))},
    ]
    chosen = filters[random.integers(len(filters))]
    if "compression" not in chosen or isinstance(chosen["compression"], str):
        options["shuffle"] = bool(random.random() < 0.5)
        options["fletcher32"] = bool(random.random() < 0.3)
    if random.random() < 0.3:
        options["maxshape"] = tuple(None if random.random() < 0.5 else int(n) for n in shape)
    return {**options, **chosen}


def h5_file(random, path):
    libver = [None, "earliest", "latest", ("earliest", "v108"), ("v108", "v110"), ("v110", "latest")]
    options = {"libver": libver[random.integers(len(libver))]}
    if random.random() < 0.2:
        options["userblock_size"] = int(random.choice([512, 1024]))
    return h5py.File(path, "w", **options)


def nexus(random, tds):
    volume = Volume(random, FLOATS + WHOLE)
    order = [int(n) for n in random.permutation(3)]
    names = [["Qh", "Qk", "Ql"], ["h", "k", "l"], ["H", "K", "L"]][random.integers(3)]
    turned = volume.values.transpose(order)
    group, signal = str(random.choice(["data", "transform", "a/b"])), str(random.choice(["v", "signal", "counts"]))
    with h5_file(random, tds.folder / "volume.nxs") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        data = entry.create_group(group)
        data.attrs["NX_class"] = "NXdata"
        if random.random() < 0.5:
            file.attrs["default"], entry.attrs["default"] = "entry", group
        data.create_dataset(signal, data=turned, **h5_packing(random, turned.shape, turned.dtype))
        for n in order:
            axis, step = volume.axes[n], volume.step[n]
            edges = random.random() < 0.3
            numbers = np.append(axis - step / 2, axis[-1] + step / 2) if edges else axis
            kind = str(random.choice(["<f8", ">f8"]))
            data.create_dataset(names[n], data=numbers.astype(kind))
        listed = [names[n] for n in order]
        if random.random() < 0.7:
            data.attrs["signal"] = np.bytes_(signal) if random.random() < 0.3 else signal
            data.attrs["axes"] = np.array(listed, "S") if random.random() < 0.3 else listed
        else:
            data[signal].attrs["signal"] = [1, "1"][random.integers(2)]
            data[signal].attrs["axes"] = ":".join(listed)
        if volume.sigma is not None:
            title = f"{signal}_errors" if random.random() < 0.5 else "errors"
            errors = volume.sigma.transpose(order)
            data.create_dataset(title, data=errors, **h5_packing(random, errors.shape, errors.dtype))
    tds.reads(["volume.nxs"], volume, volume.sigma)


def several(random, tds):
    """Several groups with data and no default: the first by name is taken, the others are named."""
    volume = Volume(random, ["<f4"])
    volume.sigma = None
    paths = [f"entry/{name}" for name in ("a", "b/inside", "c")][: int(random.integers(2, 4))]
    with h5_file(random, tds.folder / "several.nxs") as file:
        for n, path in enumerate(paths):
            data = file.create_group(path)
            data.attrs["NX_class"], data.attrs["signal"], data.attrs["axes"] = "NXdata", "v", ["h", "k", "l"]
            data["v"] = volume.values if n == 0 else np.zeros_like(volume.values)
            for name, axis in zip("hkl", volume.axes):
                data[name] = axis
    tds.reads(["several.nxs"], volume)
    notes = json.loads(tds.run("data", "several.nxs", "--json"))["notes"]
    others = ", ".join(f"/{path}" for path in paths[1:])
    wanted = f"/entry/a is taken, beside it there are {others}"
    assert any(wanted in note for note in notes), notes
    with h5py.File(tds.folder / "several.nxs", "a") as file:
        file.attrs["default"], file["entry"].attrs["default"] = "entry", "a"
    notes = json.loads(tds.run("data", "several.nxs", "--json"))["notes"]
    assert not any("is taken" in note for note in notes), notes


def missing_chunks(random, tds):
    """Chunks that were never written hold the fill value."""
    volume = Volume(random, ["<f4", "<f8"])
    volume.sigma = None
    chunks = tuple(int(random.integers(1, n + 1)) for n in volume.shape)
    with h5_file(random, tds.folder / "volume.nxs") as file:
        data = file.create_group("data")
        data.attrs["NX_class"], data.attrs["signal"], data.attrs["axes"] = "NXdata", "v", ["h", "k", "l"]
        array = data.create_dataset("v", volume.shape, volume.kind, chunks=chunks, fillvalue=np.nan, compression="gzip")
        half = volume.shape[0] // 2
        array[:half] = volume.values[:half]
        volume.values[half:] = np.nan
        for name, axis in zip("hkl", volume.axes):
            data[name] = axis
    tds.reads(["volume.nxs"], volume)


def external(random, tds):
    """A link into another file, as nxrefine writes."""
    volume = Volume(random, FLOATS)
    volume.sigma = None
    with h5_file(random, tds.folder / "transform.nxs") as file:
        packing = h5_packing(random, volume.shape, volume.values.dtype)
        file.create_dataset("entry/data/v", data=volume.values, **packing)
    with h5_file(random, tds.folder / "parent.nxs") as file:
        data = file.create_group("entry/transform")
        data.attrs["NX_class"], data.attrs["signal"], data.attrs["axes"] = "NXdata", "data", ["Qh", "Qk", "Ql"]
        data["data"] = h5py.ExternalLink("transform.nxs", "/entry/data/v")
        for name, axis in zip(["Qh", "Qk", "Ql"], volume.axes):
            data[name] = axis
    tds.reads(["parent.nxs", "transform.nxs"], volume)


def yell(random, tds):
    volume = Volume(random, FLOATS + WHOLE)
    volume.sigma = None
    with h5_file(random, tds.folder / "volume.h5") as file:
        file.create_dataset("data", data=volume.values, **h5_packing(random, volume.shape, volume.values.dtype))
        file["lower_limits"], file["step_sizes"] = np.array(volume.first), np.array(volume.step)
        file["unit_cell"] = np.array([3.52, 3.52, 3.52, 90, 90, 90])
        file["is_direct"] = [False, np.uint8(0), np.int32(0)][random.integers(3)]
        file["format"] = "Yell 1.0"
    tds.reads(["volume.h5"], volume)


def npy(random, tds):
    volume = Volume(random, FLOATS + WHOLE, plane=random.random() < 0.3)
    volume.sigma = None
    values = volume.values if volume.shape[2] > 1 else volume.values[:, :, 0]
    values = np.asarray(values, order="F" if random.random() < 0.5 else "C")
    with open(tds.folder / "array.npy", "wb") as file:
        version = [(1, 0), (2, 0), (3, 0), None][random.integers(4)]
        np.lib.format.write_array(file, values, version=version)
    tds.reads(["array.npy"], volume, spec=volume.spec())


def npz(random, tds):
    volume = Volume(random, FLOATS + WHOLE)
    arrays = {str(random.choice(["data", "intensity", "I", "V"])): volume.values}
    if random.random() < 0.3:
        mesh = np.meshgrid(*volume.axes, indexing="ij")
        arrays.update(zip("HKL", mesh))
    else:
        arrays.update(zip("hkl", volume.axes))
    if volume.sigma is not None:
        arrays["sigma"] = volume.sigma
    if random.random() < 0.5:
        volume.holes = random.random(volume.shape) < 0.2
        volume.holes[0, 0, 0] = False
        arrays["mask"] = volume.holes
    names = list(arrays)
    random.shuffle(names)
    arrays = {name: np.asarray(arrays[name], order="F" if random.random() < 0.3 else "C") for name in names}
    (np.savez if random.random() < 0.5 else np.savez_compressed)(tds.folder / "arrays.npz", **arrays)
    tds.reads(["arrays.npz"], volume, volume.sigma)


def points(random, tds):
    """Lists of h, k, l, intensity, σ: one array, a structured array, an archive, a text by numpy.savetxt."""
    count = int(random.integers(10, 40))
    kind = str(random.choice(["<f8", ">f8"]))
    hkl = np.round(random.uniform(-4, 4, (count, 3)), 3)
    columns = [*hkl.T, random.uniform(1, 1e6, count), random.uniform(1, 100, count)]
    columns = columns if random.random() < 0.5 else columns[:4]
    names = ["h", "k", "l", "intensity", "sigma"][: len(columns)]
    table = np.array(columns).T.astype(kind)
    how = int(random.integers(4))
    if how == 0:
        name = "points.npy"
        np.save(tds.folder / name, np.asarray(table, order="F" if random.random() < 0.5 else "C"))
    elif how == 1:
        name = "points.npy"
        np.save(tds.folder / name, np.rec.fromarrays(table.T, names=names))
    elif how == 2:
        name = "points.npz"
        np.savez(tds.folder / name, **dict(zip(names, table.T)))
    else:
        name = "points.txt"
        separator = str(random.choice([" ", ",", "\t", ";"]))
        header = separator.join(names)
        np.savetxt(tds.folder / name, table, fmt="%.17g", delimiter=separator, header=header)
    found = tds.columns([name])
    assert found.shape == (len(columns), count), found.shape
    for title, a, b in zip(names, found, columns):
        same(title, a, b)


def tiff(random, tds):
    kinds = [end + kind for end in "<>" for kind in ("u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8")]
    stack = random.random() < 0.5
    volume = Volume(random, kinds, most=40 if not stack else 12, plane=not stack)
    volume.sigma = None
    # Pages are l, rows k, columns h.
    values = np.ascontiguousarray(volume.values.transpose(2, 1, 0))
    order = (2, 1, 0) if stack else (1, 0)
    options = {
        "bigtiff": bool(random.random() < 0.3),
        "byteorder": volume.kind[0],
        "photometric": "minisblack",
        "compression": [None, "deflate", "adobe_deflate", "lzw", "packbits"][random.integers(5)],
        "metadata": None if random.random() < 0.5 else {},
    }
    if options["compression"] in ("deflate", "adobe_deflate", "lzw") and random.random() < 0.5:
        # The horizontal predictor is for whole numbers, the other for floating-point numbers.
        options["predictor"] = True
    if random.random() < 0.4:
        options["tile"] = (16, 16 * int(random.integers(1, 3)))
    elif random.random() < 0.5:
        options["rowsperstrip"] = int(random.integers(1, values.shape[1] + 1))
    tifffile.imwrite(tds.folder / "picture.tif", values if stack else values[0], **options)
    tds.reads(["picture.tif"], volume, spec=volume.spec(order))


def masks(random, tds):
    """Arrays that leave out voxels of a volume, in every format and either way round."""
    volume = Volume(random, FLOATS)
    volume.sigma = None
    if random.random() < 0.5:
        spec, name = volume.spec(), "volume.npy"
        np.save(tds.folder / name, np.asarray(volume.values, order="F" if random.random() < 0.5 else "C"))
    else:
        spec, name = {}, "volume.h5"
        with h5_file(random, tds.folder / name) as file:
            file.create_dataset("data", data=volume.values, **h5_packing(random, volume.shape, volume.values.dtype))
            file["lower_limits"], file["step_sizes"] = np.array(volume.first), np.array(volume.step)
    spec["mask"] = []
    for n in range(int(random.integers(1, 4))):
        left_out, keep = random.random(volume.shape) < 0.2, bool(random.random() < 0.5)
        left_out[0, 0, 0] = False
        volume.holes |= left_out
        marks = left_out != keep
        kind = str(random.choice(["?", "u1", "<i4", ">i2", "<f4", ">f8"]))
        array = marks.astype(kind) * (1 if kind == "?" else np.array(random.integers(1, 100), kind))
        array = np.asarray(array, order="F" if random.random() < 0.5 else "C")
        shape = {"keep": keep} if keep or random.random() < 0.5 else {}
        how = int(random.integers(4))
        if how == 0:
            file = f"mask{n}.npy"
            np.save(tds.folder / file, array)
        elif how == 1:
            file = f"mask{n}.npz"
            others = {"weights": np.ones(volume.shape)} if random.random() < 0.5 else {}
            (np.savez if random.random() < 0.5 else np.savez_compressed)(tds.folder / file, Mask=array, **others)
        elif how == 2:
            file = f"mask{n}.tif"
            pages = np.ascontiguousarray(array.astype("u1" if kind == "?" else kind))
            tifffile.imwrite(tds.folder / file, pages, photometric="minisblack")
        else:
            file = f"mask{n}.h5"
            path = str(random.choice(["mask", "entry/instrument/pixel_mask", "a/b"]))
            with h5_file(random, tds.folder / file) as out:
                out.create_dataset(path, data=array, **h5_packing(random, array.shape, array.dtype))
                if path == "a/b":
                    out["a/c"] = np.ones(volume.shape)
                    shape["dataset"] = path
        spec["mask"].append({"file": file, **shape})
    tds.reads([name], volume, spec=spec)


KINDS = [nexus, several, missing_chunks, external, yell, npy, npz, points, tiff, masks, *constants.KINDS, *dipoles.KINDS]


def main():
    program, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else time.time_ns() % 1_000_000
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 20
    print(f"seed {seed}, {rounds} rounds", flush=True)
    passed, failed = 0, 0
    for kind_number, kind in enumerate(KINDS):
        start, wrong = time.time(), 0
        for n in range(max(1, round(rounds * getattr(kind, "share", 1)))):
            place = folder / f"{kind.__name__}-{n}"
            place.mkdir(parents=True, exist_ok=True)
            try:
                kind(np.random.default_rng([seed, kind_number, n]), Tds(program, place))
            except Exception as error:
                wrong += 1
                if not isinstance(error, AssertionError):
                    traceback.print_exc()
                print(f"{kind.__name__} {n}: {error}\n  {place}", flush=True)
                continue
            passed += 1
            for file in place.iterdir():
                file.unlink()
            place.rmdir()
        failed += wrong
        print(f"{kind.__name__:<20} {wrong} wrong, {time.time() - start:.1f} s", flush=True)
    print(f"test result: {'ok' if not failed else 'FAILED'}. {passed} passed; {failed} failed; seed {seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
