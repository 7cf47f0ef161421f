import unittest

import program

KEYS = {"kind", "dim", "points", "cells", "sets", "trajectories", "steps", "times", "fields"}
NODE_DATA = """\
$NodeData
1
"heat"
1
0
3
0
1
4
1 0.5
2 -2
3 nan
4 3
$EndNodeData
"""


class Info(program.Case):
    def test_mesh(self):
        self.write("square.msh", program.SQUARE_MSH)
        facts = self.facts("info", "square.msh")
        self.assertLessEqual(KEYS, set(facts))
        self.assertEqual((facts["kind"], facts["dim"], facts["points"]), ("mesh", 2, 4))
        self.assertEqual(facts["cells"], {"triangle": 2})
        self.assertEqual(facts["sets"]["left"], {"size": 1, "on": "side", "number": 1})
        self.assertEqual(facts["sets"]["all"], {"size": 2, "on": "cell", "number": 2})
        self.assertIn("left", self.cotan("info", "square.msh").stdout)

    def test_fields_with_their_extrema(self):
        self.write("square.msh", program.SQUARE_MSH + NODE_DATA)
        (heat,) = self.facts("info", "square.msh")["fields"]
        self.assertEqual(heat, {"name": "heat", "components": 1, "on": "point", "unit": "", "min": -2.0, "max": 3.0,
                                "non_finite": 1})

    def test_case(self):
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", program.CASE)
        facts = self.facts("info", "case.yaml")
        self.assertLessEqual(KEYS, set(facts))
        self.assertEqual((facts["kind"], facts["points"], facts["steps"]), ("case", 4, 2))
        self.assertEqual(facts["times"], {"first": 0.0, "last": 0.2})
        self.assertEqual(facts["boundary"], [{"selector": "left", "role": "inflow", "sides": 1, "points": 2}])
        self.assertEqual(facts["sides_without_condition"], 3)

    def test_a_case_is_shown_as_it_would_run(self):
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", program.CASE)
        self.assertEqual(self.facts("info", "case.yaml", "--set", "time.end=0.5")["steps"], 5)
        if program.features()["gpl"]:
            channel = program.SOURCE / "examples/channel/case.yaml"
            points = [self.facts("info", channel, "--seed", seed)["points"] for seed in (0, 0, 1)]
            self.assertEqual(points[0], points[1])
            self.assertNotEqual(points[0], points[2])

    def test_a_mesh_beside_its_case_is_found_from_elsewhere(self):
        (self.folder / "sub").mkdir()
        self.write("sub/square.msh", program.SQUARE_MSH)
        self.write("sub/case.yaml", program.CASE)
        self.assertEqual(self.facts("info", "sub/case.yaml")["points"], 4)

    def test_bad_cases(self):
        self.write("square.msh", program.SQUARE_MSH)

        def refused(old, new, says):
            self.write("case.yaml", program.CASE.replace(old, new))
            self.refused("info", "case.yaml", says=says)

        refused("problem", "problm", ["case.yaml:2", "did you mean 'problem'", "boundary"])
        refused("mesh: square.msh", "mesh: absent.msh", ["absent.msh"])
        refused("left:", "lft:", ["case.yaml:5", "lft", "did you mean 'left'", "left 1 side"])
        refused("left: {", "far: {where: \"x > 9\", ", ["x > 9", "4 boundary points"])
        refused("left: {", "far: {where: \"x >\", ", ["case.yaml:5", "x >"])
        refused("role: inflow", "role: inflw", ["boundary.left.role", "did you mean 'inflow'"])
        refused("step: 0.1", "step: -0.1", ["case.yaml:3", "time.step", "above 0"])
        refused("step: 0.1", "step: fast", ["case.yaml:3", "time.step", "fast"])
        refused("time:", "time: {}\ntime:", ["case.yaml:4", "time"])
        refused("time: {step", "time: {step: 1, step", ["case.yaml:3", "step"])

    @unittest.skipUnless(program.features()["hdf5"], "writes archives")
    def test_fields_are_compared_by_name(self):
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", program.CASE + "parameters: {diffusivity: 1}\noptions: {velocity: [1, 0]}\n")
        (self.folder / "both").mkdir()
        for name in ("u", "velocity"):
            self.cotan("simulate", "case.yaml", "-o", name, "--set", f"output.fields=[{name}]")
            (self.folder / name / "00000.vtkhdf").rename(self.folder / "both" / f"{name}.vtkhdf")
        self.refused("info", "both", says=["velocity.vtkhdf", "has the fields velocity", "first trajectory u"])

    def test_missing_empty_and_foreign_files(self):
        self.refused("info", "absent.msh", says=["absent.msh", "no such file"])
        for name in ("a.msh", "a.safetensors", "a.yaml"):
            self.write(name, "")
            self.refused("info", name, says=name)
        for name in ("b.msh", "b.safetensors", "b.yaml"):
            (self.folder / name).write_bytes(bytes(range(256)))
            self.refused("info", name, says=name)
        self.write("a.xyz", "1 2 3")
        self.refused("info", "a.xyz", says=["a.xyz", ".msh"])
        (self.folder / "folder").mkdir()
        self.refused("info", "folder", says="folder")

    def test_truncated_anywhere(self):
        for cut in range(0, len(program.SQUARE_MSH) - len("$EndElements\n"), 29):
            self.write("cut.msh", program.SQUARE_MSH[:cut])
            self.refused("info", "cut.msh", says="cut.msh")

    def test_lies(self):
        for old, new, word in (("$Nodes\n4", "$Nodes\n4000000000000", "cut.msh"), ("1 3 4", "1 3 9", "9"),
                               ("2 1 0 0", "2 inf 0 0", "cut.msh"), ("1 1 2 3", "1 1 1 3", "cut.msh")):
            self.write("cut.msh", program.SQUARE_MSH.replace(old, new))
            self.refused("info", "cut.msh", says=word)


if __name__ == "__main__":
    unittest.main()
