"""A network on a case: what the case says is used, or refused."""
import unittest

import program

FEATURES = program.features()
CASE = """\
mesh: square.msh
problem: advection_diffusion
parameters: {diffusivity: 0.05}
time: {step: 0.01, end: 0.1}
initial: {u: "sin(3*x)*cos(2*y)"}
boundary:
  left: {role: inflow, u: "5 + t"}
options: {velocity: [1, 0]}
"""
TRAIN = """\
archive: data
fields:
  temperature: {from: u}
  wind: {from: velocity, components: [1], use: input}
prescribed: {temperature: [inflow]}
split: {by: trajectory, validation: 0, test: 0}
model: {name: mesh_graph_net, width: 4, blocks: 1}
train: {steps: 2, learning_rate: 1.0e-3, final_rate: 1.0e-4}
"""
FREE_CASE = """\
mesh: square.msh
time: {step: 0.01, end: 0.1}
initial: {temperature: "x", wind: "0"}
boundary:
  left: {role: inflow, temperature: "5 + t"}
"""


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"], "writes archives and series")
class LearnedCase(program.Case):
    def setUp(self):
        super().setUp()
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", CASE)
        self.write("free.yaml", FREE_CASE)
        self.write("train.yaml", TRAIN)
        self.cotan("simulate", "case.yaml", "-o", "data")
        self.cotan("train", "train.yaml", "-o", "run")

    def rollout(self, case, *arguments):
        return self.cotan("rollout", "run/best.safetensors", case, "-o", "out.pvd", "--overwrite", *arguments)

    def refuses(self, case, says, *arguments):
        self.refused("rollout", "run/best.safetensors", case, "-o", "refused.pvd", *arguments, says=says)

    def test_values_are_given_under_the_networks_name_or_the_solvers(self):
        for case in ("case.yaml", "free.yaml"):
            with self.subTest(case):
                self.rollout(case)
                (field,) = [f for f in self.facts("info", "out.pvd")["fields"] if f["name"] == "temperature"]
                self.assertAlmostEqual(field["max"], 5.1, places=6)  # 5 + t at the end; all else lies far below

    def test_a_condition_that_no_one_reads_is_refused(self):
        self.write("slip.yaml", FREE_CASE.replace("temperature: \"5", "temperatur: \"5"))
        self.refuses("slip.yaml", ["slip.yaml:5", "did you mean 'temperature'"])

    def test_a_field_that_the_problem_does_not_give(self):
        self.write("still.yaml", CASE.replace("options: {velocity: [1, 0]}\n", ""))
        self.refuses("still.yaml", ["still.yaml", "'velocity'", "the problem gives u", "without `problem`"])
        self.write("free.yaml", FREE_CASE.replace(', wind: "0"', ""))
        self.refuses("free.yaml", ["free.yaml", "'wind'", "temperature", "`initial`"])

    def test_notes(self):
        for case in ("case.yaml", "free.yaml"):
            self.assertIn("3 sides that no entry", self.rollout(case).stderr)

    def test_messages_name_the_line(self):
        for case in ("case.yaml", "free.yaml"):
            self.write("bad.yaml", (self.folder / case).read_text().replace("5 + t", "1/t"))
            self.refuses("bad.yaml", ["bad.yaml:", "boundary.left", "t = 0"])
        self.write("timeless.yaml", CASE.replace("time: {step: 0.01, end: 0.1}\n", ""))
        self.refuses("timeless.yaml", ["timeless.yaml", "`time`"], "--reference", "--steps", "3")
        self.refuses("free.yaml", ["free.yaml:2", "1e8"], "--set", "time.step=1", "--set", "time.end=1e7")


if __name__ == "__main__":
    unittest.main()
