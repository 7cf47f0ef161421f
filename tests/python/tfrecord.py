"""TFRecord files of tf.train.Example in plain Python, written apart from io/tfrecord.cpp to check it.

tfrecord.py write FOLDER   the small archives of tests/data: FOLDER/tfrecord and FOLDER/tfrecord_remeshed
tfrecord.py check FOLDER   whether these files are what `write` writes
tfrecord.py sums FILE      a line for each record and feature: record, name, bytes, MD5 of the bytes
"""
import array
import hashlib
import json
import pathlib
import struct
import sys

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, data):
    return bytes([number << 3 | 2]) + varint(len(data)) + data


def record(features):
    entries = b"".join(field(1, field(1, name.encode()) + field(2, field(1, field(1, data))))
                       for name, data in features.items())
    payload = field(1, entries)
    length = struct.pack("<Q", len(payload))
    return length + struct.pack("<I", masked_crc(length)) + payload + struct.pack("<I", masked_crc(payload))


def fields_of(data):
    """(number, bytes) of each field of a message that has blocks only."""
    at = 0
    while at < len(data):
        numbers = []
        for _ in range(2):
            value = shift = 0
            while True:
                value |= (data[at] & 127) << shift
                shift += 7
                at += 1
                if data[at - 1] < 128:
                    break
            numbers.append(value)
        assert numbers[0] & 7 == 2, "not a block"
        yield numbers[0] >> 3, data[at:at + numbers[1]]
        at += numbers[1]


def records(path, check=True):
    data = memoryview(pathlib.Path(path).read_bytes())
    while data:
        (length, mask) = struct.unpack("<QI", data[:12])
        assert masked_crc(data[:8]) == mask
        payload = data[12:12 + length]
        if check:
            assert masked_crc(payload) == struct.unpack("<I", data[12 + length:16 + length])[0]
        ((_, entries),) = fields_of(payload)
        features = {}
        for _, entry in fields_of(entries):
            entry = dict(fields_of(entry))
            ((_, values),) = fields_of(entry[2])
            ((_, features[bytes(entry[1]).decode()]),) = fields_of(values)
        yield features
        data = data[16 + length:]


def f32(values):
    return array.array("f", values).tobytes()


def i32(values):
    return array.array("i", values).tobytes()


def grid(nx, ny):
    points = [(x, y) for y in range(ny) for x in range(nx)]
    cells = []
    for y in range(ny - 1):
        for x in range(nx - 1):
            a, b, c, d = (y * nx + x, y * nx + x + 1, (y + 1) * nx + x + 1, (y + 1) * nx + x)
            cells += [(a, b, c), (a, c, d)]
    return points, cells


def flow(nx, ny, flaw=False, frames=4):
    """velocity = (k + i/16, 100 + k + i/16), pressure = k - i, drag = k/2, material = c % 3: frame k, point i, cell c."""
    points, cells = grid(nx, ny)
    if flaw:  # a point that no cell uses stands first, and the first cell runs clockwise
        points, cells = [(9, 9)] + points, [tuple(i + 1 for i in cell) for cell in cells]
        cells[0] = cells[0][::-1]
    n = range(len(points))
    codes = {0: 4, nx - 1: 5}  # by x: inflow, outflow
    return {
        "cells": i32(i for cell in cells for i in cell),
        "mesh_pos": f32(x / 4 for point in points for x in point),
        "node_type": i32(codes.get(x, 6 if y in (0, ny - 1) else 0) for x, y in points),
        "velocity": f32(v + k + i / 16 for k in range(frames) for i in n for v in (0, 100)),
        "pressure": f32(k - i for k in range(frames) for i in n),
        "drag": f32(k / 2 for k in range(frames)),
        "material": i32(c % 3 for c in range(len(cells))),
    }


FLOW_META = {
    "simulator": "tests/python/tfrecord.py", "dt": 0.25, "collision_radius": None,
    "features": {
        "cells": {"type": "static", "shape": [1, -1, 3], "dtype": "int32"},
        "mesh_pos": {"type": "static", "shape": [1, -1, 2], "dtype": "float32"},
        "node_type": {"type": "static", "shape": [1, -1, 1], "dtype": "int32"},
        "velocity": {"type": "dynamic", "shape": [4, -1, 2], "dtype": "float32"},
        "pressure": {"type": "dynamic", "shape": [4, -1, 1], "dtype": "float32"},
        "drag": {"type": "dynamic", "shape": [4, 1, 1], "dtype": "float32"},
        "material": {"type": "static", "shape": [1, -1, 1], "dtype": "int32"},
    },
    "field_names": ["cells", "mesh_pos", "node_type", "velocity", "pressure", "drag", "material"],
    "trajectory_length": 4,
}


def cloth(sizes):
    """Another grid in each frame: world_pos = (x, y, k); all handles but the first point, which is interior."""
    parts = {"cells": [], "mesh_pos": [], "world_pos": [], "node_type": []}
    lengths = {name: [] for name in parts}
    for k, (nx, ny) in enumerate(sizes):
        points, cells = grid(nx, ny)
        frame = {"cells": cells, "mesh_pos": points, "world_pos": [(x, y, k) for x, y in points],
                 "node_type": [(3 if i else 0,) for i in range(len(points))]}
        for name, rows in frame.items():
            parts[name] += [value for row in rows for value in row]
            lengths[name].append(len(rows))
    out = {name: (f32 if name.endswith("pos") else i32)(values) for name, values in parts.items()}
    return {**out, **{"length_" + name: i32(values) for name, values in lengths.items()}}


CLOTH_META = {
    "simulator": "tests/python/tfrecord.py", "dt": 0.02,
    "features": {name: {"type": "dynamic_varlen", "shape": [-1, columns], "dtype": dtype}
                 for name, columns, dtype in (("cells", 3, "int32"), ("mesh_pos", 2, "float32"),
                                              ("world_pos", 3, "float32"), ("node_type", 1, "int32"))},
    "field_names": ["cells", "mesh_pos", "node_type", "world_pos", "length_cells", "length_mesh_pos",
                    "length_node_type", "length_world_pos"],
    "trajectory_length": 3,
}


def samples():
    """(path, bytes) of each file."""
    for name, meta, files in (
            ("tfrecord", FLOW_META, {"train": [flow(3, 3), flow(4, 4, flaw=True)], "valid": [flow(3, 5)]}),
            ("tfrecord_remeshed", CLOTH_META, {"train": [cloth([(2, 2), (3, 2), (3, 2)])]})):
        yield f"{name}/meta.json", (json.dumps(meta, indent=1) + "\n").encode()
        for split, trajectories in files.items():
            yield f"{name}/{split}.tfrecord", b"".join(map(record, trajectories))


def write(folder):
    for name, data in samples():
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def check(folder):
    differ = [name for name, data in samples() if pathlib.Path(folder, name).read_bytes() != data]
    sys.exit(f"not what this script writes: {differ}" if differ else 0)


def sums(path):
    for number, features in enumerate(records(path, check=False)):
        for name, data in features.items():
            print(number, name, len(data), hashlib.md5(data).hexdigest())


if __name__ == "__main__":
    {"write": write, "check": check, "sums": sums}[sys.argv[1]](sys.argv[2])
