"""How much memory training takes on an archive that is larger than it: makes one of so many gigabytes and trains on it.

Usage: big_archive.py BUILD_DIR/bin/cotan [GIGABYTES] [FOLDER]      (needs h5py; 20 GB, in a folder that is removed)

A square of 100,000 points carries a velocity in 32-bit floats over as many times as the size asks for, in two HDF5 files named by a
mapping (docs/archive.md). A wave runs through it in a block of frames that is written over and over. Printed are the archive's size, the
peak memory of a training of 20 steps, and that of the same training on an archive of a few frames: the
difference is what the data take.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import h5py
import numpy

SIDE = 316
BLOCK = 64  # frames
MAPPING = """\
arrays: "{folder}/run_*.h5"
points: points
cells: {{triangle: cells}}
dt: 0.01
fields: {{velocity: {{from: velocity, on: point}}}}
"""
TRAIN = """\
archive: {mapping}
fields: {{velocity: {{}}}}
boundary: {{walls: {{where: "x < 1e-9 || x > 1 - 1e-9 || y < 1e-9 || y > 1 - 1e-9"}}}}
split: {{by: time, validation: 0, test: 0}}
model: {{name: mesh_graph_net, width: 8, blocks: 1}}
train: {{steps: 20, warmup: 50, validate_every: 1000000, checkpoint_every: 1000000}}
"""


def write_file(path, frames):
    x, y = (v.reshape(-1) for v in numpy.meshgrid(*2 * [numpy.linspace(0, 1, SIDE)], indexing="ij"))
    i, j = (v.reshape(-1) for v in numpy.meshgrid(*2 * [numpy.arange(SIDE - 1)], indexing="ij"))
    a = i * SIDE + j
    wave = 2 * numpy.pi * (x[None] + y[None] - numpy.arange(BLOCK)[:, None] / BLOCK)
    block = numpy.stack([numpy.sin(wave), numpy.cos(wave)], -1).astype("f4")
    with h5py.File(path, "w") as out:
        out["points"] = numpy.stack([x, y], -1)
        out["cells"] = numpy.concatenate([numpy.stack([a, a + SIDE, a + SIDE + 1], -1), numpy.stack([a, a + SIDE + 1, a + 1], -1)]).astype("i4")
        data = out.create_dataset("velocity", (frames, len(x), 2), "f4")
        for first in range(0, frames, BLOCK):
            data[first:first + BLOCK] = block[:frames - first]


def peak(command, folder):
    """Of a process alone, in megabytes, and its time."""
    start = time.monotonic()
    done = subprocess.run(["/usr/bin/time", "-f", "peak %M", *command], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return int(done.stderr.split("peak ")[-1]) / 1024, time.monotonic() - start


def measure(program, folder, name, frames):
    (folder / name).mkdir()
    for k in range(2):
        write_file(folder / name / f"run_{k}.h5", frames)
    (folder / f"{name}.yaml").write_text(MAPPING.format(folder=name))
    (folder / f"{name}_train.yaml").write_text(TRAIN.format(mapping=f"{name}.yaml"))
    size = sum(p.stat().st_size for p in (folder / name).iterdir()) / 1e9
    train, train_time = peak([program, "train", f"{name}_train.yaml", "-o", f"{name}_run", "--threads", "1"], folder)
    print(f"{size:.2f} GB: training {train:.0f} MB in {train_time:.0f} s", flush=True)
    shutil.rmtree(folder / name)
    return train


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    gigabytes = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if len(sys.argv) > 3 else None) as folder:
        frames = int(gigabytes * 1e9 / 2 / (SIDE * SIDE * 8))
        small = measure(program, pathlib.Path(folder), "small", BLOCK)
        big = measure(program, pathlib.Path(folder), "big", frames)
    print(f"what more data take: {big - small:.0f} MB")


if __name__ == "__main__":
    main()
