import re
import unittest

import program

FEATURES = program.features()
CASE = re.search(r"^```yaml\n(.*?)^```", (program.SOURCE / "docs/problems/poisson.md").read_text(), re.M | re.S)[1]
OUTLINE = "mesh: {outline: {outer: {rectangle: {low: [0, 0], high: [1, 1]}}, size: 0.2}}"


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"] and FEATURES["gpl"], "meshes by CGAL, writes archives")
class Steady(program.Case):
    """The case of docs/problems/poisson.md, on a mesh made here."""

    def setUp(self):
        super().setUp()
        self.write("case.yaml", CASE.replace("mesh: square.msh", OUTLINE))

    def simulate(self, folder, count, *more):
        return self.cotan("simulate", "case.yaml", "-o", folder, "--count", str(count), *more).stderr

    def fields(self, folder):
        return {field["name"]: field for field in self.facts("info", folder)["fields"]}

    def test_writes_one_frame_a_draw_with_what_a_network_takes(self):
        said = self.simulate("a", 4)
        self.assertRegex(said, r"4 systems solved by gcrodr with ilu: \d+ products with matrices")
        facts = self.facts("info", "a")
        self.assertEqual((facts["trajectories"], facts["steps"], facts["frames"]), (4, 1, 4))
        fields = self.fields("a")
        self.assertEqual(set(fields), {"u", "k", "f"})
        self.assertGreater(fields["k"]["min"], 0)
        self.assertEqual(fields["f"]["max"], 1)

    def test_methods_agree(self):
        self.simulate("recycled", 3)
        for method in ("direct", "gmres"):
            self.simulate(method, 3, "--set", f"options.solver.method={method}")
            for draw in range(3):
                one = self.facts("info", f"recycled/0000{draw}.vtkhdf")["fields"]
                other = self.facts("info", f"{method}/0000{draw}.vtkhdf")["fields"]
                for a, b in zip(one, other):
                    self.assertEqual(a["name"], b["name"])
                    self.assertAlmostEqual(a["max"], b["max"], delta=1e-5 * abs(b["max"]))

    def test_goes_on_where_it_was(self):
        self.simulate("whole", 5)
        self.simulate("parts", 2)
        self.simulate("parts", 5, "--resume")
        whole, parts = self.fields("whole"), self.fields("parts")
        self.assertEqual(whole["k"], parts["k"])
        self.assertAlmostEqual(whole["u"]["max"], parts["u"]["max"], places=5)

    def test_refuses(self):
        for change, said in (("time.step=0.1", "step"), ("initial.u=1", "steady"), ("options.solver.method=lu", "gmres"),
                             ("options.solver.recycle=60", "recycle 60 of a subspace of 60")):
            self.refused("simulate", "case.yaml", "-o", "bad", "--set", change, says=said)
        self.refused("simulate", "case.yaml", "-o", "bad", "--set", "time={step: 0.1, end: 1}", says="no time")

    def test_reports_a_draw_that_does_not_converge(self):
        run = self.cotan("simulate", "case.yaml", "-o", "one.pvd", "--set", "options.solver.most_iterations=5",
                         code=3)
        self.assertRegex(run.stderr, r"GCRO-DR: given up after \d+ products .* it went 1 0\.")


if __name__ == "__main__":
    unittest.main()
