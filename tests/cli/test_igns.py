import shutil
import unittest

import program

FEATURES = program.features()
SMALL = {"kuramoto_sivashinsky": ["time.end=1", "initial.simulate=0.5", "mesh.parameters.n=40", "output.mesh.parameters.n=20"],
         "wave_balls": ["time.end=10", "mesh.parameters.n=24", "output.mesh.parameters.n=12"]}


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["gpl"], "makes meshes by Gmsh and writes archives")
class Examples(program.Case):
    def test_each_case_at_a_small_size(self):
        """The solver runs, what is written is finite, on the coarse mesh, and moves."""
        for name in ("igns", "phympgn"):
            shutil.copytree(program.SOURCE / "examples" / name, self.folder / name)
        for case, values in SMALL.items():
            with self.subTest(case):
                self.cotan("simulate", f"igns/{case}.yaml", "-o", case, *[w for v in values for w in ("--set", v)])
                facts = self.facts("info", case)
                self.assertEqual([(f["name"], f["non_finite"]) for f in facts["fields"]], [("u", 0)])
                self.assertEqual(facts["frames"], 11)
                self.assertLess(facts["points"], 500)
                self.assertGreater(facts["fields"][0]["max"], 0.01)


if __name__ == "__main__":
    unittest.main()
