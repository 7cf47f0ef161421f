"""examples/cylinder_flow/similar_flows.py: copies of an exact solution of the Navier-Stokes equations are exact."""
import json
import subprocess
import sys
import unittest

import program

sys.path[:0] = [str(program.SOURCE / "tests/python"), str(program.SOURCE / "examples/cylinder_flow")]
import tfrecord  # noqa: E402

try:
    import numpy
    import similar_flows
except ImportError:
    numpy = None

DT, FRAMES, PIECE, NU = 0.05, 40, 20, 0.02
A, K = 1.5, 4.0  # speed, wave number


def taylor_green(place, t, speed, k):
    """Velocity and pressure of the decaying vortices of Taylor and Green."""
    x, y = place[..., 0], place[..., 1]
    fall = numpy.exp(-2 * NU * k**2 * t)
    velocity = speed * fall * numpy.stack([numpy.cos(k * x) * numpy.sin(k * y), -numpy.sin(k * x) * numpy.cos(k * y)], -1)
    return velocity, -(speed * fall) ** 2 / 4 * (numpy.cos(2 * k * x) + numpy.cos(2 * k * y))[..., None]


@unittest.skipUnless(numpy, "needs numpy")
class SimilarFlows(program.Case):
    def setUp(self):
        super().setUp()
        points, cells = tfrecord.grid(7, 5)
        place = numpy.array(points) * 0.2
        frames = [taylor_green(place, DT * j, A, K) for j in range(FRAMES)]
        record = {"cells": numpy.array(cells, "<i4"), "mesh_pos": place.astype("<f4"),
                  "node_type": numpy.zeros(len(points), "<i4"),
                  "velocity": numpy.array([v for v, _ in frames], "<f4"), "pressure": numpy.array([p for _, p in frames], "<f4")}
        feature = lambda kind, columns, dtype: {"type": kind, "dtype": dtype,
                                                "shape": [FRAMES if kind == "dynamic" else 1, -1, columns]}
        self.meta = {"simulator": "test", "dt": DT, "trajectory_length": FRAMES, "field_names": list(record),
                     "features": {"cells": feature("static", 3, "int32"), "mesh_pos": feature("static", 2, "float32"),
                                  "node_type": feature("static", 1, "int32"), "velocity": feature("dynamic", 2, "float32"),
                                  "pressure": feature("dynamic", 1, "float32")}}
        data = self.folder / "data"
        data.mkdir()
        (data / "meta.json").write_text(json.dumps(self.meta))
        for split in ("train", "valid"):
            (data / f"{split}.tfrecord").write_bytes(tfrecord.record({n: v.tobytes() for n, v in record.items()}))
        done = subprocess.run([sys.executable, "-B", program.SOURCE / "examples/cylinder_flow/similar_flows.py", "data", "out",
                               "--copies", "6", "--least", "0.8", "--most", "1.25", "--frames", str(PIECE)],
                              cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.written = json.loads((self.folder / "out/meta.json").read_text())
        self.records = list(similar_flows.read_trajectories(self.folder / "out/train.tfrecord", self.written))

    def test_copies_solve_the_equations(self):
        sizes = set()
        for flow in self.records:
            place = flow["mesh_pos"][0].astype(float)
            s = place.max() / 1.2
            sizes.add(round(s, 4))
            # Which of the vortices' frames a piece begins with shows in its first velocity.
            fall = abs(flow["velocity"][0]).max() / abs(taylor_green(place, 0, A / s, K / s)[0]).max()
            start = -numpy.log(fall) / (2 * NU * (K / s) ** 2)
            self.assertAlmostEqual(start / DT, round(start / DT), delta=1e-3)
            for j in range(PIECE):
                velocity, pressure = taylor_green(place, start + DT * j, A / s, K / s)
                self.assertLess(abs(flow["velocity"][j] - velocity).max(), 2e-5)
                self.assertLess(abs(flow["pressure"][j] - pressure).max(), 2e-5)
        self.assertEqual(len(sizes), 7)
        self.assertTrue(all(0.8 <= s <= 1.25 for s in sizes), sizes)

    def test_the_archive_is_one_of_ours(self):
        self.assertEqual(sum(len(flow["velocity"]) == PIECE for flow in self.records), len(self.records))
        facts = self.facts("info", "out")
        self.assertEqual(facts["trajectories"], len(self.records) + 2)  # checksums and shapes hold
        self.assertEqual(facts["steps"], PIECE)


if __name__ == "__main__":
    unittest.main()
