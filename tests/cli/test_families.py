"""The families of the MeshGraphNets paper, each from a small archive in its published layout to errors below those of
predictors that know nothing."""
import json
import math
import sys
import unittest

import program

sys.path.insert(0, str(program.SOURCE / "tests/python"))
import tfrecord  # noqa: E402

NORMAL, OBSTACLE, AIRFOIL, HANDLE, INFLOW, OUTFLOW, WALL = range(7)
FRAMES = 24
TRAIN = """\
archive: data
model: {{name: mesh_graph_net, width: 16, blocks: 2, {model}}}
train: {{steps: {steps}, learning_rate: 3.0e-3, final_rate: 1.0e-4, schedule: cosine, warmup: 40, validate_every: 1000{train}}}
{rest}
"""


def meta(dt, **features):
    return {"simulator": "test", "dt": dt, "field_names": list(features), "trajectory_length": FRAMES,
            "features": {name: {"type": kind, "shape": [FRAMES if kind == "dynamic" else 1, -1, columns], "dtype": dtype}
                         for name, (kind, columns, dtype) in features.items()}}


TRIANGLES = {"cells": ("static", 3, "int32"), "mesh_pos": ("static", 2, "float32"), "node_type": ("static", 1, "int32")}


def triangles(nx, ny, types):
    points, cells = tfrecord.grid(nx, ny)
    places = [(x / (nx - 1), y / (nx - 1)) for x, y in points]
    return places, {"cells": tfrecord.i32(i for cell in cells for i in cell),
                    "mesh_pos": tfrecord.f32(c for place in places for c in place),
                    "node_type": tfrecord.i32(types(x, y, nx, ny) for x, y in points)}


def dynamic(places, value):
    """Rows of all frames; value(k, x, y, …) -> components."""
    return tfrecord.f32(c for k in range(FRAMES) for place in places for c in value(k, *place))


def channel(obstacle):
    def types(x, y, nx, ny):
        if y in (0, ny - 1):
            return WALL
        if (x, y) == (nx // 2, ny // 2):
            return obstacle
        return {0: INFLOW, nx - 1: OUTFLOW}.get(x, NORMAL)
    return types


def wave(k, x, phase):
    return math.sin(6 * x - 0.35 * k + phase)


def cylinder(number):
    """Waves that run down the channel, with a pressure that follows from the velocity."""
    places, out = triangles(8, 5, channel(WALL))
    speed = lambda k, x, y: (1 + 0.5 * wave(k, x, number), 0.3 * wave(k, x, number + 1))
    out["velocity"] = dynamic(places, speed)
    out["pressure"] = dynamic(places, lambda k, x, y: (-0.5 * sum(v * v for v in speed(k, x, y)),))
    return out


def airfoil(number):
    """Of the size of air's: 200 m/s, 1e5 Pa, 1.2 kg/m^3."""
    places, out = triangles(8, 5, channel(AIRFOIL))
    out["velocity"] = dynamic(places, lambda k, x, y: (200 + 60 * wave(k, x, number), 30 * wave(k, x, number + 1)))
    out["density"] = dynamic(places, lambda k, x, y: (1.2 + 0.2 * wave(k, x, number),))
    out["pressure"] = dynamic(places, lambda k, x, y: (1e5 * (1.2 + 0.2 * wave(k, x, number)) ** 1.4,))
    return out


def flag(number):
    """A sheet between two handles, thrown out of its plane and slowed down by the air: z'' = -c z'."""
    places, out = triangles(8, 5, lambda x, y, nx, ny: HANDLE if x in (0, nx - 1) else NORMAL)
    throw = lambda x, y: 0.05 * (1 + 0.3 * number) * math.sin(math.pi * x) * (1 + y)
    out["world_pos"] = dynamic(places, lambda k, x, y: (x, y, throw(x, y) * (1 - 0.85 ** k) / 0.15))
    return out


def plate(number):
    """Bricks of tetrahedra on a fixed floor; a tetrahedron above comes down and what is under it gives way."""
    nx, nz = 6, 2
    node = lambda i, j, k: i + (nx + 1) * (j + 2 * k)
    places = [(i / nx, j / nx, k / nx) for k in range(nz + 1) for j in range(2) for i in range(nx + 1)]
    types = [HANDLE if place[2] == 0 else NORMAL for place in places]
    cells = []
    for k in range(nz):
        for i in range(nx):
            a, b, c, d = node(i, 0, k), node(i + 1, 0, k), node(i + 1, 1, k), node(i, 1, k)
            e, f, g, h = node(i, 0, k + 1), node(i + 1, 0, k + 1), node(i + 1, 1, k + 1), node(i, 1, k + 1)
            cells += [(a, b, d, e), (b, c, d, g), (b, e, f, g), (d, e, g, h), (b, d, e, g)]
    top, tip = nz / nx, len(places)
    above = 0.3 + 0.1 * number
    places += [(above, 0.08, top + 0.02), (above + 0.2, 0, top + 0.3), (above + 0.2, 0.16, top + 0.3), (above - 0.2, 0.08, top + 0.3)]
    types += [OBSTACLE] * 4
    cells.append((tip, tip + 1, tip + 2, tip + 3))
    down = lambda k: 0.14 * (k / (FRAMES - 1)) ** 2
    sink = lambda k, x, z: down(k) * (z / top) * math.exp(-((x - above) / 0.2) ** 2)

    def moved(k, x, y, z):
        return (x, y, z - down(k)) if z > top else (x, y, z - sink(k, x, z))

    def stress(k, x, y, z):
        return (0.0 if z > top else 100 * sink(k, x, z),)

    return {"cells": tfrecord.i32(i for cell in cells for i in cell), "mesh_pos": tfrecord.f32(c for p in places for c in p),
            "node_type": tfrecord.i32(types), "world_pos": dynamic(places, moved), "stress": dynamic(places, stress)}


class Families(program.Case):
    def check(self, layout, trajectory, seen=(0, 1, 3), **keys):
        """Trains on the trajectories with these numbers, rolls out number 2."""
        (self.folder / "data").mkdir()
        self.write("data/meta.json", json.dumps(layout))
        for split, numbers in (("train", seen), ("valid", (2,))):
            (self.folder / f"data/{split}.tfrecord").write_bytes(b"".join(tfrecord.record(trajectory(n)) for n in numbers))
        self.write("train.yaml", TRAIN.format(**{"train": "", "steps": 300, **keys}))
        self.cotan("train", "train.yaml", "-o", "run")
        facts = json.loads(self.cotan("evaluate", "run/last.safetensors", "--part", "validation", "--json").stdout)
        self.assertEqual((facts["trajectories"], facts["blown_up"]), (1, 0))
        for name, field in facts["fields"].items():
            errors = {predictor: found["relative_l2"] for predictor, found in field["predictors"].items()}
            self.assertLess(errors.pop("model"), 0.8 * min(errors.values()), f"{name}: {field}")

    def test_cylinder(self):
        self.check(meta(0.01, **TRIANGLES, velocity=("dynamic", 2, "float32"), pressure=("dynamic", 1, "float32")),
                   cylinder, model="prescribed: none",
                   rest="fields: {velocity: {noise: 0.02}, pressure: {order: 0}}\n"
                   "prescribed: {velocity: [inflow, wall]}")

    def test_airfoil(self):
        self.check(meta(0.008, **TRIANGLES, velocity=("dynamic", 2, "float32"), density=("dynamic", 1, "float32"),
                   pressure=("dynamic", 1, "float32")), airfoil, model="prescribed: none",
                   rest="fields: {velocity: {noise: 10}, density: {noise: 0.01}, pressure: {order: 0}}\n"
                   "prescribed: {velocity: [inflow, wall, airfoil], density: [inflow]}")

    def test_flag(self):
        self.check(meta(0.02, **TRIANGLES, world_pos=("dynamic", 3, "float32")), flag, model="prescribed: none",
                   train=", noise_correction: 0.1",
                   rest="fields: {world_pos: {order: 2, position: true, noise: 0.001}}\n"
                   "prescribed: {world_pos: [handle]}")

    def test_plate(self):
        layout = meta(0, **TRIANGLES, world_pos=("dynamic", 3, "float32"), stress=("dynamic", 1, "float32"))
        layout["features"]["cells"]["shape"][2] = 4
        layout["features"]["mesh_pos"]["shape"][2] = 3
        layout["collision_radius"] = 0.1
        self.check(layout, plate, seen=(0, 0.5, 1, 1.5, 2.5, 3), steps=1200, model='activation: silu, prescribed: change, edge_sets: "mesh, world", world_radius: 0.1',
                   rest="fields: {world_pos: {position: true, noise: 0.0005}, stress: {order: 0}}\n"
                   "prescribed: {world_pos: [handle, obstacle]}")


if __name__ == "__main__":
    unittest.main()
