import signal
import subprocess
import time
import unittest

import program

FEATURES = program.features()
CASE = """\
mesh: square.msh
problem: advection_diffusion
parameters: {diffusivity: {uniform: [0.01, 0.1]}}
time: {step: 0.01, end: 0.1}
initial: {u: "sin(3*x)*cos(2*y)"}
boundary:
  left: {role: inflow, u: 0}
"""


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"], "writes archives and reads them by VTK")
class Simulate(program.Case):
    def setUp(self):
        super().setUp()
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", CASE)

    def values_of(self, folder):
        """Every byte of the index and of the trajectories."""
        names = ["archive.yaml", *(f"{i:05}.vtkhdf" for i in range(self.done(folder)))]
        return [(self.folder / folder / name).read_bytes() for name in names]

    def test_draws_differ_and_are_repeated_by_the_seed(self):
        said = self.cotan("simulate", "case.yaml", "-o", "a", "--count", "3").stderr
        self.assertIn("sides that no entry", said)
        time.sleep(1.1)  # more than one tick of what files could carry
        self.cotan("simulate", "case.yaml", "-o", "b", "--count", "3")
        self.assertEqual(self.values_of("a"), self.values_of("b"))
        self.assertEqual(len(set(self.values_of("a"))), 4)
        self.assertIn("archive", self.facts("info", "a")["kind"])

    def test_resume_ends_on_the_same_values(self):
        self.cotan("simulate", "case.yaml", "-o", "whole", "--count", "3")
        self.cotan("simulate", "case.yaml", "-o", "parts", "--count", "1")
        self.refused("simulate", "case.yaml", "-o", "parts", "--resume", "--seed", "1", says="seed")
        self.refused("simulate", "case.yaml", "-o", "parts", "--resume", "--set", "time.end=0.2", says="another case")
        self.cotan("simulate", "case.yaml", "-o", "parts", "--count", "3", "--resume")
        self.assertEqual(self.values_of("whole"), self.values_of("parts"))

    def stop(self, how, after, folder):
        running = subprocess.Popen([program.PROGRAM, "simulate", "case.yaml", "-o", folder, "--count", "100000"],
                                   cwd=self.folder, stderr=subprocess.DEVNULL)
        self.addCleanup(running.kill)
        limit = time.monotonic() + 60
        while not (self.folder / folder / after).exists() and running.poll() is None and time.monotonic() < limit:
            time.sleep(0.005)
        running.send_signal(how)
        return running.wait(60)

    def done(self, folder):
        return sum(p.suffix == ".vtkhdf" and p.stem.isdigit() for p in (self.folder / folder).iterdir())

    def test_killed_or_interrupted_runs_go_on(self):
        for how, after, code in ((signal.SIGKILL, "archive.yaml", -9), (signal.SIGKILL, "00002.vtkhdf", -9),
                                 (signal.SIGINT, "00001.vtkhdf", 130)):
            name = f"{how.name}-{after.split('.')[0]}"
            self.assertEqual(self.stop(how, after, name), code)
            count = self.done(name) + 2
            self.cotan("simulate", "case.yaml", "-o", name, "--count", count, "--resume")
            self.cotan("simulate", "case.yaml", "-o", name + "-whole", "--count", count)
            self.assertEqual(self.values_of(name), self.values_of(name + "-whole"), name)

    def test_output_that_exists(self):
        self.write("kept.pvd", "precious")
        self.refused("simulate", "case.yaml", "-o", "kept.pvd", says=["kept.pvd", "--overwrite"])
        for name in ("square.msh", "result.vtu", "result.vtkhdf"):
            self.refused("simulate", "case.yaml", "-o", name, says=[name, ".pvd"])
        self.refused("simulate", "case.yaml", "-o", "a.pvd", "--resume", says="--resume")
        self.refused("simulate", "case.yaml", "-o", "a.pvd", "--count", "2", says="--count 2")

    def test_bad_cases(self):
        for old, new, says in (("step:", "stepp:", ["bad.yaml:4", "stepp", "did you mean 'step'"]),
                               ("end: 0.1", "end: 0.1, end: 1", ["bad.yaml:4", "end"]),
                               ("step: 0.01", "step: -1", ["bad.yaml:4", "-1"]),
                               ("sin(3*x)", "sin(3*x", ["bad.yaml:5"]),
                               ("sin(3*x)", "1/0", ["u"]),
                               ("left:", "lefft:", ["lefft", "left"]),
                               ("advection_diffusion", "advection", ["advection", "advection_diffusion"])):
            self.write("bad.yaml", CASE.replace(old, new))
            for output in ("a.pvd", "a"):
                with self.subTest(new, output=output):
                    self.refused("simulate", "bad.yaml", "-o", output, says=says)

    def test_a_bad_case_leaves_what_was_there(self):
        self.cotan("simulate", "case.yaml", "-o", "a")
        self.cotan("simulate", "case.yaml", "-o", "b.pvd")
        before = {p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}
        for key in ("time.end=0.155", "problem=advection", "boundary.left.v=1", "output.fields=[w]"):
            for output in ("a", "b.pvd"):
                self.refused("simulate", "case.yaml", "-o", output, "--overwrite", "--set", key)
                self.assertEqual({p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}, before, key)

    def index(self, folder):
        return (self.folder / folder / "archive.yaml").read_text()

    def test_bad_draws_are_recorded_and_drawn_again(self):
        late = CASE.replace("parameters: {", "parameters: {a: {uniform: [0.02, 0.2]}, ") + \
            'options: {source: "sqrt(a - t)"}\n'  # a formula that ends at t = a: of eleven steps, or of none
        early = CASE.replace("parameters: {", "parameters: {a: {uniform: [-1, 1]}, ").replace('"sin', '"sqrt(a)*sin')
        for name, text in (("late", late), ("early", early)):
            with self.subTest(name):
                self.write(f"{name}.yaml", text)
                self.cotan("simulate", f"{name}.yaml", "-o", name, "--count", "8")
                index = self.index(name)
                self.assertEqual(self.done(name), 8)
                self.assertGreaterEqual(index.count("draw:"), 1)
                self.assertIn("sqrt(a", index)
                self.cotan("simulate", f"{name}.yaml", "-o", name + "-parts", "--count", "2")
                self.cotan("simulate", f"{name}.yaml", "-o", name + "-parts", "--count", "8", "--resume")
                self.assertEqual(self.values_of(name + "-parts"), self.values_of(name))
        self.write("never.yaml", early.replace("[-1, 1]", "[-2, -1]"))
        self.refused("simulate", "never.yaml", "-o", "never", says="sqrt(a)")

    def test_a_formula_that_fails_on_the_way(self):
        self.write("late.yaml", CASE + 'options: {source: "sqrt(0.05 - t)"}\n')
        said = self.cotan("simulate", "late.yaml", "-o", "late.pvd", code=3).stderr
        self.assertIn("sqrt(0.05 - t)", said)
        self.assertIn("everything up to there is written", said)
        self.assertGreaterEqual(self.facts("info", "late.pvd")["steps"], 5)

    def test_a_step_without_end(self):
        self.refused("simulate", "case.yaml", "-o", "a", "--set", "time.step=1e-9", "--set", "time.end=10",
                     says=["time.end", "steps"])

    def test_output_of_the_case(self):
        self.write("case.yaml", CASE + "options: {velocity: [1, 0]}\noutput: {format: pvd, fields: [u]}\n")
        self.cotan("simulate", "case.yaml", "-o", "run")
        self.assertEqual([f["name"] for f in self.facts("info", "run.pvd")["fields"]], ["u"])
        self.cotan("simulate", "case.yaml", "-o", "archive/")
        self.assertEqual([f["name"] for f in self.facts("info", "archive")["fields"]], ["u"])
        self.cotan("simulate", "case.yaml", "-o", "many", "--count", "2")
        self.assertEqual(self.facts("info", "many")["trajectories"], 2)
        self.cotan("simulate", "case.yaml", "-o", "data", "--set", "output={format: archive}")
        self.assertEqual([f["name"] for f in self.facts("info", "data")["fields"]], ["u", "velocity"])
        self.refused("simulate", "case.yaml", "-o", "x", "--set", "output.fields=[u, velocty]",
                     says=["output.fields", "did you mean 'velocity'"])
        self.refused("simulate", "case.yaml", "-o", "x", "--set", "output.format=pvdd", says="did you mean 'pvd'")

    def test_notes_are_said_by_each_run(self):
        self.cotan("simulate", "case.yaml", "-o", "a")
        said = self.cotan("simulate", "case.yaml", "-o", "a", "--count", "2", "--resume").stderr
        self.assertIn("sides that no entry", said)


if __name__ == "__main__":
    unittest.main()
