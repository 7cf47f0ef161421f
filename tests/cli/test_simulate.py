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
            name = f"{how.name}-{after}"
            self.assertEqual(self.stop(how, after, name), code)
            count = self.done(name) + 2
            self.cotan("simulate", "case.yaml", "-o", name, "--count", count, "--resume")
            self.cotan("simulate", "case.yaml", "-o", name + "-whole", "--count", count)
            self.assertEqual(self.values_of(name), self.values_of(name + "-whole"), name)

    def test_output_that_exists(self):
        self.write("kept.pvd", "precious")
        for name in ("kept.pvd", "square.msh"):
            self.refused("simulate", "case.yaml", "-o", name, says=[name, "--overwrite"])

    def test_bad_cases(self):
        for old, new, says in (("step:", "stepp:", ["bad.yaml:4", "stepp", "did you mean 'step'"]),
                               ("end: 0.1", "end: 0.1, end: 1", ["bad.yaml:4", "end"]),
                               ("step: 0.01", "step: -1", ["bad.yaml:4", "-1"]),
                               ("sin(3*x)", "sin(3*x", ["bad.yaml:5"]),
                               ("sin(3*x)", "1/0", ["u"]),
                               ("left:", "lefft:", ["lefft", "left"]),
                               ("advection_diffusion", "advection", ["advection", "advection_diffusion"])):
            self.write("bad.yaml", CASE.replace(old, new))
            with self.subTest(new):
                self.refused("simulate", "bad.yaml", "-o", "a.pvd", says=says)


if __name__ == "__main__":
    unittest.main()
