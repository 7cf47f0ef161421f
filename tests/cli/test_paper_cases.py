"""The cases of examples/galerkin and examples/mesh_movement at small sizes, against what is known of their solutions."""
import math
import unittest

import program

FEATURES = program.features()


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["gpl"], "makes meshes by Gmsh and CGAL and writes archives")
class PaperCases(program.Case):
    def ranges(self, case, *values):
        """name -> (least, largest) of each field in the case's archive."""
        out = case.replace("/", "_") + str(len(list(self.folder.iterdir())))
        self.cotan("simulate", program.SOURCE / f"examples/{case}.yaml", "-o", out, "--count", "1",
                   *[w for v in values for w in ("--set", v)])
        facts = self.facts("info", out)
        self.assertEqual({f["non_finite"] for f in facts["fields"]}, {0})
        return {f["name"]: (f["min"], f["max"]) for f in facts["fields"]}

    def test_disk(self):
        """u = source (1 - r^2) / 4."""
        low, high = self.ranges("galerkin/disk", "parameters.source=2")["u"]
        self.assertEqual(low, 0)
        self.assertAlmostEqual(high, 0.5, delta=0.002)

    def test_plate(self):
        """On this mesh the longest displacement is 0.1879, at the drawn side's corners."""
        low, high = self.ranges("galerkin/plate", "parameters.traction=0.5")["displacement"]
        self.assertAlmostEqual(math.hypot(low, high), 0.1879, delta=5e-5)

    def test_notched_plate(self):
        """Twice as stiff is half as far."""
        one, two = (self.ranges("galerkin/notched", f"parameters.lambda={k}", f"parameters.mu={k}")["displacement"] for k in (1, 2))
        self.assertGreater(one[1], 0.3)
        self.assertAlmostEqual(one[1], 2 * two[1], delta=1e-6)

    def test_stenosis(self):
        """A reference with nodes a little elsewhere: pressures from -0.517 to 5.433, fastest 1.980."""
        ranges = self.ranges("galerkin/stenosis", "parameters.shape=0")
        self.assertAlmostEqual(ranges["pressure"][0], -0.517, delta=0.01)
        self.assertAlmostEqual(ranges["pressure"][1], 5.433, delta=0.1)
        self.assertAlmostEqual(ranges["velocity"][1], 1.98, delta=0.02)

    def test_cavity(self):
        self.assertEqual(self.ranges("galerkin/cavity", "parameters.reynolds=100")["velocity"][1], 1)

    def test_polygons(self):
        """One bump whose top is inside."""
        names = {"bumps": 1, "z1": 1, "x1": 0.5, "y1": 0.5, "a1": 0.25, "b1": 0.25}
        low, high = self.ranges("mesh_movement/poisson_polygons", *[f"parameters.{k}={v}" for k, v in names.items()])["u"]
        self.assertGreaterEqual(low, -0.01)
        self.assertAlmostEqual(high, 1, delta=0.02)

    def test_bumps(self):
        """Diffusion and steepening do not raise the largest speed."""
        low, high = self.ranges("mesh_movement/burgers_bumps", "time.end=0.1", "mesh.box.cells=[100, 100]", "parameters.viscosity=2e-3")["velocity"]
        self.assertGreater(high, 0.7)
        self.assertLess(high, 1.02)

    def test_swirl(self):
        """The vortex unwinds: at the end the ring is near where it was, and within its bounds but for what a coarse mesh costs."""
        low, high = self.ranges("mesh_movement/swirl", "output.format=archive", "mesh.box.cells=[40, 40]", "time.step=0.005")["u"]
        self.assertGreater(high, 0.9)
        self.assertLess(high, 1.2)
        self.assertGreater(low, -0.3)


if __name__ == "__main__":
    unittest.main()
