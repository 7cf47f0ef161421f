"""navier_stokes by the program: steady flows, runs that start from the solver's state, what is refused."""
import unittest

import program

FEATURES = program.features()
CASE = """\
mesh: square.msh
problem: navier_stokes
parameters: {viscosity: 0.1}
time: {step: 0.1, end: 0.4}
initial: {velocity: ["y", "0"]}
boundary:
  left: {role: inflow, velocity: ["y*(1 - y) + t", "0"]}
options: {forces: [left]}
"""


@unittest.skipUnless(FEATURES["vtk"], "reads and writes series")
class Flow(program.Case):
    def setUp(self):
        super().setUp()
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", CASE)

    def fields(self, file):
        return {f["name"]: f for f in self.facts("info", file)["fields"]}

    def test_steps_in_time(self):
        said = self.cotan("simulate", "case.yaml", "-o", "run.pvd").stderr
        self.assertIn("3 sides that no entry", said)
        self.assertEqual(self.facts("info", "run.pvd")["steps"], 5)
        fields = self.fields("run.pvd")
        self.assertEqual(fields["velocity"]["components"], 2)
        self.assertEqual(fields["pressure"]["unit"] if fields["pressure"].get("unit") else "m^2/s^2", "m^2/s^2")
        self.assertEqual(fields["force_left"]["on"], "global")

    def test_steady(self):
        self.write("steady.yaml", CASE.replace("time: {step: 0.1, end: 0.4}\ninitial: {velocity: [\"y\", \"0\"]}\n", "")
                   .replace("forces: [left]", "steady: true"))
        self.cotan("simulate", "steady.yaml", "-o", "steady.pvd")
        self.assertEqual(self.facts("info", "steady.pvd")["steps"], 1)
        self.refused("simulate", "steady.yaml", "-o", "a.pvd", "--set", "time.step=1", "--set", "time.end=2", says="steady")

    def test_a_run_in_two_parts_is_one_run(self):
        """The state after 0.2 s as a start, and the rest of the time: the same end, with formulas of t going on."""
        self.cotan("simulate", "case.yaml", "-o", "whole.pvd")
        self.cotan("simulate", "case.yaml", "-o", "rest.pvd", "--set", "initial.simulate=0.2", "--set", "time.end=0.2")
        self.assertEqual(self.facts("info", "rest.pvd")["times"], {"first": 0, "last": 0.2})
        whole, rest = self.fields("whole/0004.vtu"), self.fields("rest/0002.vtu")
        for name in ("velocity", "pressure", "force_left"):
            for extreme in ("min", "max"):
                self.assertAlmostEqual(whole[name][extreme], rest[name][extreme], places=7, msg=name)
        self.assertGreater(whole["velocity"]["max"], 0.3)

    def test_starts_that_cannot_be(self):
        for value, says in (("0.25", "whole number of steps"), ("-1", "above 0"), ("soon", "soon")):
            self.refused("simulate", "case.yaml", "-o", "a.pvd", "--set", f"initial.simulate={value}", says=["simulate", says])

    def test_what_is_no_flow(self):
        for key, says in (("parameters.viscosity=-1", "viscosity"), ("boundary.left.u=1", "velocity_normal"),
                          ("options.forces=[right]", "right"), ("boundary.left.velocity=[1]", "2 expected")):
            self.refused("simulate", "case.yaml", "-o", "a.pvd", "--set", key, says=says)

    def test_a_flow_that_newton_does_not_find(self):
        self.write("hard.yaml", "mesh: square.msh\nproblem: navier_stokes\nparameters: {viscosity: 1.0e-12}\noptions: {steady: true, "
                   "body_force: ['1000*sin(9*y)', '1000*cos(7*x)']}\nboundary: {left: {velocity: [1, 0]}}\n")
        done = self.cotan("simulate", "hard.yaml", "-o", "a.pvd", code=3)
        self.assertIn("residuals:", done.stderr)


if __name__ == "__main__":
    unittest.main()
