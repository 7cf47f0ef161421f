#!/usr/bin/env python3
"""More flows from those that there are: the same Reynolds number, another size.

Usage: similar_flows.py FOLDER OUT [--copies 4] [--least 0.75] [--most 1.15] [--frames 75] [--seed 0]

FOLDER and OUT hold meta.json, train.tfrecord and valid.tfrecord in the format of MeshGraphNets. With x a solution of the
incompressible Navier-Stokes equations, so is its copy of s times the size at 1/s times the speed and s^2 times the time,
for the same viscosity (pressure over density goes with the square of the speed). Each training trajectory is written as
it is and in --copies sizes, s drawn from [least, most] evenly in its logarithm; cubic splines in time give the copies'
frames at the archive's own times. All are cut into records of --frames frames, as many as a trajectory has, because
meta.json gives all records one length. Needs numpy.
"""
import argparse
import json
import math
import pathlib
import struct

import numpy

POWER = {"mesh_pos": 1, "velocity": -1, "pressure": -2}  # of s, by which a field's values go


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        size, at = varint(data, at)
        yield key >> 3, data[at : at + size]
        at += size


def read_trajectories(path, meta):
    data = memoryview(path.read_bytes())
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        out = {}
        for _, features in fields(data[at + 12 : at + 12 + size]):
            for _, entry in fields(features):
                named = dict(fields(entry))
                name = bytes(named[1]).decode()
                about = meta["features"][name]
                raw = dict(fields(dict(fields(named[2]))[1]))[1]
                out[name] = numpy.frombuffer(raw, about["dtype"]).reshape(about["shape"])
        yield out
        at += size + 16


def with_length(key, data):
    """A field of a protocol buffer whose value is bytes."""
    out, size = bytes([key << 3 | 2]), len(data)
    while size > 127:
        out, size = out + bytes([size & 127 | 128]), size >> 7
    return out + bytes([size]) + data


def crc_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


CRC = list(crc_table())  # Castagnoli's polynomial, reflected


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def write_record(file, trajectory):
    entries = b""
    for name, values in sorted(trajectory.items()):
        feature = with_length(1, with_length(1, numpy.ascontiguousarray(values).tobytes()))
        entries += with_length(1, with_length(1, name.encode()) + with_length(2, feature))
    example = with_length(1, entries)
    length = struct.pack("<Q", len(example))
    file.write(length + masked_crc(length) + example + masked_crc(example))


def spline(values, times):
    """The cubic spline through values (K, …) at 0, 1, …, K - 1, its third derivative continuous at the second knots
    from the ends, at times within them."""
    count = len(values)
    y = values.reshape(count, -1).astype(float)
    matrix = numpy.zeros((count, count))
    right = numpy.zeros_like(y)
    for i in range(1, count - 1):
        matrix[i, i - 1 : i + 2] = 1 / 6, 2 / 3, 1 / 6
        right[i] = y[i + 1] - 2 * y[i] + y[i - 1]
    matrix[0, :3] = matrix[-1, -3:] = 1, -2, 1
    bend = numpy.linalg.solve(matrix, right)
    k = numpy.minimum(times.astype(int), count - 2)
    b = (times - k)[:, None]
    a = 1 - b
    out = a * y[k] + b * y[k + 1] + ((a**3 - a) * bend[k] + (b**3 - b) * bend[k + 1]) / 6
    return out.reshape(len(times), *values.shape[1:])


def similar(trajectory, meta, s):
    """The flow s times as large, at the archive's own time step."""
    out = {}
    for name, values in trajectory.items():
        power = s ** POWER.get(name, 0)
        if meta["features"][name]["type"] == "dynamic":
            count = len(values)
            values = spline(values, numpy.arange(math.floor((count - 1) * s**2 + 1e-9) + 1) / s**2)
        out[name] = (values * power).astype(meta["features"][name]["dtype"])
    return out


def pieces(trajectory, meta, frames):
    """As many records of that length as it has, spread evenly: their ends overlap where it is no multiple."""
    dynamic = {name for name, about in meta["features"].items() if about["type"] == "dynamic"}
    total = len(trajectory["velocity"])
    count = math.ceil(total / frames) if total >= frames else 0
    for k in range(count):
        start = round(k * (total - frames) / max(count - 1, 1))
        yield {n: v[start : start + frames] if n in dynamic else v for n, v in trajectory.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    for name, value in dict(copies=4, frames=75, seed=0).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, value in dict(least=0.75, most=1.15).items():
        parser.add_argument(f"--{name}", type=float, default=value)
    options = parser.parse_args()
    meta = json.loads((options.folder / "meta.json").read_text())
    random = numpy.random.default_rng(options.seed)
    options.out.mkdir(parents=True)
    records = 0
    with open(options.out / "train.tfrecord", "wb") as file:
        for trajectory in read_trajectories(options.folder / "train.tfrecord", meta):
            sizes = numpy.exp(random.uniform(*numpy.log([options.least, options.most]), options.copies))
            for flow in [trajectory] + [similar(trajectory, meta, s) for s in sizes]:
                for piece in pieces(flow, meta, options.frames):
                    write_record(file, piece)
                    records += 1
    with open(options.out / "valid.tfrecord", "wb") as file:
        for trajectory in read_trajectories(options.folder / "valid.tfrecord", meta):
            for piece in pieces(trajectory, meta, options.frames):
                write_record(file, piece)
    for about in meta["features"].values():
        if about["type"] == "dynamic":
            about["shape"][0] = options.frames
    meta["trajectory_length"] = options.frames
    (options.out / "meta.json").write_text(json.dumps(meta, indent=1))
    print(f"{records} training records of {options.frames} frames")


if __name__ == "__main__":
    main()
