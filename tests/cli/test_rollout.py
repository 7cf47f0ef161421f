import csv
import math
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import time
import unittest

import learned
import program

FEATURES = program.features()
PREDICTORS = {"model", "nothing changes", "last change goes on", "mean over time"}


def unprivileged():
    """Root may write anywhere: the tests of unwritable folders run as nobody."""
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"], "writes archives and series")
class Rollout(learned.Learned):
    model = "run/best.safetensors"

    def test_evaluate_says_the_same_three_ways(self):
        facts = self.facts("evaluate", self.model, "--csv", "errors.csv")
        self.assertEqual((facts["part"], facts["trajectories"], facts["blown_up"], facts["steps"]), ("test", 1, 0, 9))
        predictors = facts["fields"]["u"]["predictors"]
        self.assertEqual(set(predictors), PREDICTORS)
        self.assertEqual(len(facts["fields"]["u"]["curve"]), 9)
        correlation = facts["fields"]["u"]["correlation"]
        self.assertEqual(len(correlation), 9)
        self.assertTrue(all(-1 <= x <= 1 for x in correlation) and correlation[0] > 0.9, correlation)
        with open(self.folder / "errors.csv") as file:
            rows = {row["predictor"]: row for row in csv.DictReader(file)}
        table = self.cotan("evaluate", self.model).stdout
        for name in PREDICTORS:
            self.assertAlmostEqual(float(rows[name]["relative_l2"]), predictors[name]["relative_l2"], 7)
            self.assertAlmostEqual(float(rows[name]["rmse_free_all"]), predictors[name]["rmse_free"]["all"], 7)
            self.assertIn(f"{predictors[name]['relative_l2']:.4g}", table)

    def test_the_error_at_each_step(self):
        facts = self.facts("evaluate", self.model, "--curve", "new/curve.csv")
        with open(self.folder / "new/curve.csv") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["field"], row["step"]) for row in rows], [("u", str(k)) for k in range(1, 10)])
        for row, expected in zip(rows, facts["fields"]["u"]["curve"]):
            self.assertAlmostEqual(float(row["model"]), expected, 7)
        for name in PREDICTORS:  # the horizons of the table are means over the steps
            squares = [float(row[name]) ** 2 for row in rows]
            found = facts["fields"]["u"]["predictors"][name]["rmse_free"]
            self.assertAlmostEqual(squares[0] ** 0.5, found["1"], 7)
            self.assertAlmostEqual((sum(squares) / 9) ** 0.5, found["all"], 6)

    @unittest.skipUnless(shutil.which("gnuplot"), "needs gnuplot")
    def test_the_error_at_each_step_as_a_diagram(self):
        curve = self.facts("evaluate", self.model, "--plot", "new/curve.svg")["fields"]["u"]["curve"]
        svg = (self.folder / "new/curve.svg").read_text()
        for name in PREDICTORS:
            self.assertIn(f"<text>{name}</text>", svg)
        path = svg.split("<text>model</text>")[1].split(" d='")[1].split("'")[0]
        points = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[\d.]+,[\d.]+", path)]
        points = points[-9:]  # before them stands the line of the key, in some versions
        heights = [(points[0][1] - y) for _, y in points]
        logs = [math.log(error / curve[0]) for error in curve]
        far = max(range(9), key=lambda k: abs(logs[k]))
        for height, log in zip(heights, logs):  # upwards by the logarithm
            self.assertAlmostEqual(height / heights[far], log / logs[far], delta=0.02)
        self.cotan("evaluate", self.model, "--plot", "curve.png")
        self.assertTrue((self.folder / "curve.png").read_bytes().startswith(b"\x89PNG"))
        self.refused("evaluate", self.model, "--plot", "curve.pdf", says=".png or .svg")

    def test_parts_are_disjoint_and_complete(self):
        count = {part: self.facts("evaluate", self.model, "--part", part)["trajectories"]
                 for part in ("train", "validation", "test", "all")}
        self.assertEqual(count, {"train": 2, "validation": 1, "test": 1, "all": 4})
        self.refused("evaluate", self.model, "--part", "tests", says=["unknown part 'tests'", "did you mean 'test'", "validation"])
        self.refused("rollout", self.model, "data", "-o", "a.pvd", "--trajectory", "4", says=["--trajectory 4", "4 trajectories"])
        self.refused("rollout", self.model, "data", "-o", "a.pvd", "--steps", "99", says=["--steps 99", "9 steps"])

    def test_rollout_of_an_archive_and_of_a_case(self):
        self.cotan("rollout", self.model, "data", "-o", "new/archive.pvd", "--part", "test")
        fields = {field["name"] for field in self.facts("info", "new/archive.pvd")["fields"]}
        self.assertEqual(fields, {"u", "u_reference", "u_error", "role"})
        said = self.cotan("rollout", self.model, "case.yaml", "-o", "case.pvd", "--reference").stderr
        self.assertIn("relative L2 on free points", said)
        self.assertEqual(self.facts("info", "case.pvd")["times"], {"first": 0.0, "last": 0.1})

    def test_what_a_case_lacks(self):
        for old, new, says in (("initial: {u:", "initial: {v:", ["'u'", "v"]),
                               ("parameters: {diffusivity: {uniform: [0.01, 0.1]}}\n", "", ["bad.yaml", "diffusivity"]),
                               ("left:", "lefft:", ["bad.yaml:7", "lefft", "did you mean 'left'"]),
                               ("end: 0.1", "end: 0.105", ["bad.yaml:4", "0.105", "0.01"]),
                               ("grid.msh", "absent.msh", ["absent.msh"]),
                               ("problem: advection_diffusion\n", "", ["--reference", "no problem"])):
            with self.subTest(new):
                self.write("bad.yaml", learned.CASE.replace(old, new))
                self.refused("rollout", self.model, "bad.yaml", "-o", "new/a.pvd", "--reference", says=says)

    def test_what_an_archive_lacks(self):
        self.write("coarse.yaml", learned.CASE.replace("step: 0.01", "step: 0.02"))
        self.cotan("simulate", "coarse.yaml", "-o", "coarse")
        self.write("fixed.yaml", learned.CASE.replace("{diffusivity: {uniform: [0.01, 0.1]}}", "{speed: 1}")
                   + "options: {diffusivity: 0.1}\n")
        learned.write_series(self.folder, "s", [0, 0.01, 0.02, 0.03], {"u": lambda k, x, y: x, "w": lambda k, x, y: y}, n=3)
        learned.write_series(self.folder, "w", [0, 0.01, 0.02, 0.03], {"w": lambda k, x, y: y}, n=3)
        learned.write_series(self.folder, "short", [0, 0.01], {"u": lambda k, x, y: x}, n=3)
        for archive, says in (("absent", ["absent"]), ("coarse", ["00000", "0.02 s apart", "0.01 s"]),
                              ("w.pvd", ["w.pvd", "unknown field 'u'", "w"]), ("grid.msh", ["grid.msh"])):
            with self.subTest(archive):
                self.refused("evaluate", self.model, archive, "--csv", "new/a.csv", says=says)
                self.refused("rollout", self.model, archive, "-o", "new/a.pvd", says=says)
        # A network without parameters and given values, so that a bare series fits it.
        self.cotan("train", "train.yaml", "-o", "plain", "--set", "parameters=[]", "--set", "prescribed={}", "--set", "train.steps=2")
        self.cotan("evaluate", "plain/best.safetensors", "s.pvd")
        self.refused("evaluate", "plain/best.safetensors", "short.pvd", says=["short.pvd", "2 frames", "three"])
        self.refused("rollout", "plain/best.safetensors", "short.pvd", "-o", "a.pvd", says=["short.pvd", "2 frames", "three"])

    def test_where_nothing_is_free(self):
        self.write("all.yaml", learned.TRAIN.replace("[inflow]", "[inflow, wall, interior]"))
        self.refused("train", "all.yaml", "-o", "new", says=["'u'", "every point"])

    def test_output_that_exists(self):
        self.write("kept.pvd", "precious")
        self.write("kept.csv", "precious")
        self.refused("rollout", self.model, "data", "-o", "kept.pvd", says=["kept.pvd", "--overwrite"])
        self.refused("evaluate", self.model, "--csv", "kept.csv", says=["kept.csv", "--overwrite"])
        self.refused("rollout", self.model, "data", "-o", "a.vtk", says=["a.vtk", ".pvd"])
        self.refused("rollout", self.model, "data", "-o", "grid.msh/a.pvd", says=["grid.msh"])
        self.cotan("rollout", self.model, "data", "-o", "kept.pvd", "--overwrite")
        self.cotan("evaluate", self.model, "--csv", "kept.csv", "--overwrite")
        self.assertNotIn("precious", (self.folder / "kept.pvd").read_text() + (self.folder / "kept.csv").read_text())

    def test_an_unwritable_folder(self):
        self.folder.chmod(0o755)
        try:
            subprocess.run([program.PROGRAM, "--version"], preexec_fn=unprivileged, capture_output=True)
        except PermissionError:
            self.skipTest("the build lies where only root may run it")
        shut = self.folder / "shut"
        shut.mkdir()
        shut.chmod(0o555)
        for arguments in (("rollout", self.model, "data", "-o", "shut/a.pvd"), ("evaluate", self.model, "--csv", "shut/a.csv"),
                          ("rollout", self.model, "data", "-o", "shut/new/a.pvd"), ("train", "train.yaml", "-o", "shut/run"),
                          ("simulate", "case.yaml", "-o", "shut/data")):
            with self.subTest(arguments):
                self.refused(*arguments, preexec_fn=unprivileged, says="shut/")
                self.assertEqual(list(shut.iterdir()), [])

    def test_no_room(self):
        for arguments in (("rollout", self.model, "data", "-o", "a.pvd"), ("evaluate", self.model, "--csv", "a.csv"),
                          ("simulate", "case.yaml", "-o", "more")):
            limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
            with self.subTest(arguments):
                done = self.cotan(*arguments, code=2, preexec_fn=limit)
                self.assertRegex(done.stderr, "File too large|OutOfDiskSpace")
                self.assertFalse([p for p in self.folder.rglob("*") if p.name.startswith(".part")])
        self.assertFalse((self.folder / "a.csv").exists())
        with open("/dev/full", "w") as full:
            done = subprocess.run([program.PROGRAM, "evaluate", self.model, "--json"], cwd=self.folder, stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("No space left on device", done.stderr)

    def test_interrupted(self):
        """Ctrl-C leaves the steps that were done as a whole series."""
        self.write("long.yaml", learned.CASE.replace("end: 0.1", "end: 1000"))
        running = subprocess.Popen([program.PROGRAM, "rollout", self.model, "long.yaml", "-o", "a.pvd"], cwd=self.folder,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.kill)
        self.addCleanup(running.stderr.close)
        status = pathlib.Path(f"/proc/{running.pid}/status")
        caught = lambda: int(re.search(r"SigCgt:\s*(\w+)", status.read_text()).group(1), 16)
        while running.poll() is None and not caught() & 1 << signal.SIGINT - 1:
            time.sleep(0.05)
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        self.assertEqual(running.wait(60), 130, running.stderr.read())
        self.assertEqual(self.facts("info", "a.pvd")["times"]["first"], 0)


if __name__ == "__main__":
    unittest.main()
