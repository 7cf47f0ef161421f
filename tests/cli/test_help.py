import json
import re
import unittest

import program


class Help(program.Case):
    def verbs(self):
        return re.findall(r"^  (\w+) ", self.cotan("--help").stdout.split("Subcommands:")[1], re.M)

    def test_every_verb_explains_its_options(self):
        self.assertLessEqual({"info", "mesh", "convert", "partition"}, set(self.verbs()))
        for verb in self.verbs():
            text = self.cotan(verb, "--help").stdout
            for option in ("--threads", "--quiet"):
                self.assertIn(option, text, verb)

    def test_what_a_verb_would_not_read_is_refused(self):
        self.write("square.msh", program.SQUARE_MSH)
        self.refused("convert", "square.msh", "b.msh", "--set", "x=1", says="--set")
        self.refused("partition", "square.msh", "-n", "2", "-o", "b.msh", "--set", "x=1", says="--set")
        self.refused("simulate", "case.yaml", "-o", "a", "--device", "cuda", says="--device")
        self.refused("info", "square.msh", "--set", "x=1", says=["--set", "square.msh"])

    def test_version(self):
        self.assertRegex(self.cotan("--version").stdout, r"^\d+\.\d+\.\d+$")

    def test_wrong_use(self):
        self.refused()
        self.refused("mehs", "a.geo", says="mehs")
        self.refused("mesh", says="spec")
        self.refused("mesh", "a.geo", "-o", "a.msh", "--order", "random", says="hilbert")
        self.refused("mesh", "a.geo", "-o", "a.msh", "--size", "-1", says="--size")
        self.refused("mesh", "a.geo", "-o", "a.msh", "--threads", "-1", says="--threads")
        self.refused("partition", "a.msh", "-n", "0", "-o", "b.vtu", says="--parts")
        self.refused("info", "--colour", says="--colour")

    def test_what_this_build_has(self):
        facts = json.loads(self.cotan("info", "--json").stdout)
        for key in ("models", "problems", "integrators", "mesh_formats", "archive_formats", "features", "licence"):
            self.assertIn(key, facts)
        self.assertIn("rk4", facts["integrators"])
        self.assertIn(".msh", facts["mesh_formats"])
        self.assertEqual(".vtu" in facts["mesh_formats"], facts["features"]["vtk"])
        self.assertEqual("pvd" in facts["archive_formats"], facts["features"]["vtk"])
        self.assertEqual({"cotan", "vtkhdf"} <= set(facts["archive_formats"]), facts["features"]["hdf5"])
        self.assertIn("tfrecord", facts["archive_formats"])
        self.assertEqual("GPL" in facts["licence"], facts["features"]["gpl"])
        self.assertIn("rk4", self.cotan("info").stdout)


if __name__ == "__main__":
    unittest.main()
