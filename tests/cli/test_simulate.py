import random
import re
import signal
import subprocess
import time
import unittest

import program

FEATURES = program.features()
TIMES = "solver_times.csv"
CASE = """\
mesh: square.msh
problem: advection_diffusion
parameters: {diffusivity: {uniform: [0.01, 0.1]}}
time: {step: 0.01, end: 0.1}
initial: {u: "sin(3*x)*cos(2*y)"}
boundary:
  left: {role: inflow, u: 0}
"""
OUTLINE = """\
outer: {rectangle: {low: [0, 0], high: [1, 1], names: [bottom, right, top, left]}}
size: 0.25
"""


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"], "writes archives and reads them by VTK")
class Simulate(program.Case):
    def setUp(self):
        super().setUp()
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", CASE)

    def bytes_of(self, folder):
        """Every file of an archive but what it took to make: equal trajectories are equal bytes."""
        return {p.name: p.read_bytes() for p in (self.folder / folder).iterdir() if p.name != TIMES}

    def test_draws_differ_and_are_repeated_by_the_seed(self):
        said = self.cotan("simulate", "case.yaml", "-o", "a", "--count", "3").stderr
        self.assertIn("sides that no entry", said)
        time.sleep(1.1)  # more than one tick of what files could carry
        self.cotan("simulate", "case.yaml", "-o", "b", "--count", "3")
        self.assertEqual(self.bytes_of("a"), self.bytes_of("b"))
        self.assertEqual(len(set(self.bytes_of("a").values())), 4)
        self.assertIn("archive", self.facts("info", "a")["kind"])

    def test_resume_ends_on_the_same_values(self):
        self.cotan("simulate", "case.yaml", "-o", "whole", "--count", "3")
        self.cotan("simulate", "case.yaml", "-o", "parts", "--count", "1")
        self.refused("simulate", "case.yaml", "-o", "parts", "--resume", "--seed", "1", says="seed")
        self.refused("simulate", "case.yaml", "-o", "parts", "--resume", "--set", "time.end=0.2", says="another case")
        self.cotan("simulate", "case.yaml", "-o", "parts", "--count", "3", "--resume")
        self.assertEqual(self.bytes_of("whole"), self.bytes_of("parts"))

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
            self.assertEqual(self.bytes_of(name), self.bytes_of(name + "-whole"), name)

    def failures_of(self, folder):
        """Draw -> reason, as the index has them."""
        index = (self.folder / folder / "archive.yaml").read_text()
        return {int(draw): reason for draw, reason in re.findall(r"draw: (\d+), reason: \"(.*)\"", index)}

    # Each fails for a part of the draws: in the initial state, and on a side after a while.
    FAILING = {"initial": ('"sin(3*x)*cos(2*y)"', '"sqrt(0.06 - diffusivity) + x"'), "side": ("u: 0", 'u: "sqrt(2*diffusivity - t)"')}

    def test_failed_draws_are_recorded_and_redrawn(self):
        for name, (old, new) in self.FAILING.items():
            self.write("case.yaml", CASE.replace(old, new))
            said = self.cotan("simulate", "case.yaml", "-o", name, "--count", "4").stderr
            failures = self.failures_of(name)
            self.assertGreater(len(failures), 0)
            self.assertEqual(self.facts("info", name)["trajectories"], 4)
            self.assertEqual(sorted(p.name for p in (self.folder / name).iterdir()),
                             [f"{i:05}.vtkhdf" for i in range(4)] + ["archive.yaml", TIMES])
            for draw, reason in failures.items():
                self.assertIn(f"draw {draw} failed and is drawn again", said)
                self.assertIn("sqrt", reason)
            # Draws are numbered through: the same ones fail however the archive was made.
            for count in (1, 2, 4):
                self.cotan("simulate", "case.yaml", "-o", name + "-parts", "--count", count, "--resume")
            self.assertEqual(self.bytes_of(name), self.bytes_of(name + "-parts"))

    def test_jobs_make_the_same_archive(self):
        """Draws that fail on the way too, and a run that is killed, with what its workers were at, and resumed."""
        old, new = self.FAILING["side"]
        self.write("case.yaml", CASE.replace(old, new))
        self.cotan("simulate", "case.yaml", "-o", "one", "--count", "6")
        self.cotan("simulate", "case.yaml", "-o", "many", "--count", "6", "--jobs", "3")
        self.assertGreater(len(self.failures_of("one")), 0)
        self.assertEqual(self.bytes_of("many"), self.bytes_of("one"))
        lines = (self.folder / "many" / TIMES).read_text().split("\n")
        self.assertEqual([line.split(",")[:3] for line in lines[1:-1]],
                         [line.split(",")[:3] for line in (self.folder / "one" / TIMES).read_text().split("\n")[1:-1]])
        self.assertEqual(len(lines), 8)
        self.assertIn("trajectory,draw,steps,ms_per_step,version", lines[0])

        self.write("case.yaml", CASE)
        for how, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130)):
            name = how.name
            running = subprocess.Popen([program.PROGRAM, "simulate", "case.yaml", "-o", name, "--count", "100000", "--jobs", "2"],
                                       cwd=self.folder, stderr=subprocess.DEVNULL)
            self.addCleanup(running.kill)
            limit = time.monotonic() + 60
            while not (self.folder / name / "00002.vtkhdf").exists() and time.monotonic() < limit:
                time.sleep(0.005)
            running.send_signal(how)
            self.assertEqual(running.wait(60), code)
            count = self.done(name) + 3
            self.cotan("simulate", "case.yaml", "-o", name, "--count", count, "--resume", "--jobs", "2")
            self.cotan("simulate", "case.yaml", "-o", name + "-whole", "--count", count)
            self.assertEqual(self.bytes_of(name), self.bytes_of(name + "-whole"), name)

    def test_what_a_worker_refuses(self):
        old, new = self.FAILING["initial"]
        self.write("case.yaml", CASE.replace(old, '"sqrt(-diffusivity)"'))
        said = self.refused("simulate", "case.yaml", "-o", "none", "--count", "3", "--jobs", "2", says="sqrt(-diffusivity)")
        self.assertEqual(said.stderr.count("cotan: "), 1)
        self.refused("simulate", "case.yaml", "-o", "none", "--jobs", "0", says="--jobs")

    def test_says_what_the_disk_must_hold(self):
        said = self.cotan("simulate", "case.yaml", "-o", "a", "--count", "2").stderr
        self.assertRegex(said, r"2 trajectories of 11 frames take about 0\.\d MB; .* are free")

    def test_designs_share_the_ranges_out(self):
        """Parameters of trajectories, as the archive has them: one in each of eight parts of the range."""
        for design in ("sobol", "{latin_hypercube: 8}"):
            self.write("case.yaml", CASE + f"draws: {design}\n")
            name = design.strip("{").split("_")[0]
            self.cotan("simulate", "case.yaml", "-o", name, "--count", "8")
            parts = sorted(int((self.facts("info", f"{name}/{i:05}.vtkhdf")["parameters"]["diffusivity"] - 0.01) / 0.09 * 8)
                           for i in range(8))
            self.assertEqual(parts, list(range(8)), design)

    def test_a_fine_solution_on_a_coarse_mesh(self):
        self.write("fine.yaml", OUTLINE.replace("0.25", "0.05"))
        self.write("coarse.yaml", OUTLINE)
        for mesh in ("fine", "coarse"):
            self.cotan("mesh", f"{mesh}.yaml", "-o", f"{mesh}.msh")
        self.write("case.yaml", CASE.replace("square.msh", "fine.msh").replace('"sin(3*x)*cos(2*y)"', "x"))
        for by in ("linear", "nearest"):
            self.cotan("simulate", "case.yaml", "-o", by, "--set", f"output={{mesh: coarse.msh, by: {by}}}")
            facts = self.facts("info", by)
            self.assertEqual(facts["points"], self.facts("info", "coarse.msh")["points"])
            self.assertEqual(facts["roles"]["inflow"], self.facts("info", "coarse.msh")["sets"]["left"]["size"] + 1)
        self.refused("simulate", "case.yaml", "-o", "x", "--set", "output={mesh: coarse.msh, by: linar}", says="linear")
        self.refused("simulate", "case.yaml", "-o", "x", "--set", "output={by: linear}", says="output.mesh")

    def test_the_first_draw_may_fail_too(self):
        old, new = self.FAILING["initial"]
        self.write("case.yaml", CASE.replace(old, new))
        first = []
        for seed in range(5):
            self.cotan("simulate", "case.yaml", "-o", f"s{seed}", "--seed", seed)
            first += [0 in self.failures_of(f"s{seed}")]
        self.assertIn(True, first)
        self.assertIn(False, first)

    @unittest.skipUnless(FEATURES["gpl"], "needs Gmsh")
    def test_draws_whose_mesh_fails(self):
        self.write("box.geo", """\
DefineConstant[ n = 1 ];
If (n > 3)
  Error("no such box");
EndIf
SetFactory("Built-in");
Point(1) = {0, 0, 0}; Point(2) = {1, 0, 0}; Point(3) = {1, 1, 0}; Point(4) = {0, 1, 0};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 1};
Curve Loop(1) = {1, 2, 3, 4}; Plane Surface(1) = {1};
Physical Curve("left") = {4}; Physical Surface("all") = {1};
Mesh.MeshSizeMax = 1 / n;
""")
        self.write("case.yaml", CASE.replace("parameters: {", "parameters: {n: {uniform: [1, 5]}, ")
                   .replace("square.msh", "{gmsh: box.geo, parameters: {n: n}}"))
        self.cotan("simulate", "case.yaml", "-o", "boxes", "--count", "4")
        self.assertEqual(self.facts("info", "boxes")["trajectories"], 4)
        failures = self.failures_of("boxes")
        self.assertGreater(len(failures), 0)
        for reason in failures.values():
            self.assertIn("box.geo", reason)

    def test_a_case_without_a_draw_that_works(self):
        """The case is at fault: one message, and no archive; an older one stays as it was."""
        for old, new, says in ((" u: 0}", ' u: "sqrt(-1 - diffusivity)"}', "sqrt(-1 - diffusivity)"),
                               ('"sin(3*x)*cos(2*y)"', '"sqrt(-diffusivity)"', "sqrt(-diffusivity)"),
                               ("left:", "lefft:", "bad.yaml:7")):
            self.write("bad.yaml", CASE.replace(old, new))
            with self.subTest(new):
                said = self.refused("simulate", "bad.yaml", "-o", "none", "--count", "3", says=says).stderr
                self.assertEqual(said.count("cotan: "), 1, said)
        self.cotan("simulate", "case.yaml", "-o", "old")
        before = {p.name: p.read_bytes() for p in (self.folder / "old").iterdir()}
        self.refused("simulate", "bad.yaml", "-o", "old", "--overwrite", says="lefft")
        self.assertEqual({p.name: p.read_bytes() for p in (self.folder / "old").iterdir()}, before)

    def test_killed_between_two_writes(self):
        """What a kill may leave, made by hand: a trajectory that the index does not know, files written aside."""
        self.cotan("simulate", "case.yaml", "-o", "whole", "--count", "3")
        self.cotan("simulate", "case.yaml", "-o", "cut", "--count", "2")
        cut = self.folder / "cut"
        (cut / "00002.vtkhdf").write_bytes((cut / "00000.vtkhdf").read_bytes())
        (cut / ".part-00002.vtkhdf").write_bytes(b"half")
        (cut / ".part-archive.yaml").write_bytes(b"half")
        self.cotan("simulate", "case.yaml", "-o", "cut", "--count", "3", "--resume")
        self.assertEqual(self.bytes_of("cut"), self.bytes_of("whole"))
        self.assertEqual(len(list(cut.iterdir())), 5)
        (self.folder / "begun").mkdir()
        (self.folder / "begun" / ".part-archive.yaml").write_bytes(b"half")
        self.cotan("simulate", "case.yaml", "-o", "begun", "--count", "3", "--resume")
        self.assertEqual(self.bytes_of("begun"), self.bytes_of("whole"))

    def test_killed_at_random_times(self):
        old, new = self.FAILING["initial"]
        self.write("case.yaml", CASE.replace(old, new))
        draw = random.Random(4)
        for attempt in range(6):
            wanted = self.done("cut") + 2 if attempt else 2
            running = subprocess.Popen([program.PROGRAM, "simulate", "case.yaml", "-o", "cut", "--count", "100000", "--resume"],
                                       cwd=self.folder, stderr=subprocess.DEVNULL)
            self.addCleanup(running.kill)
            limit = time.monotonic() + 60
            while not (self.folder / f"cut/{wanted:05}.vtkhdf").exists() and time.monotonic() < limit:
                time.sleep(0.005)
            time.sleep(0.3 * draw.random())
            running.kill()
            running.wait()
        count = self.done("cut")
        # A trajectory that was whole when the index was not yet written is made again: so one more, to have an end.
        self.cotan("simulate", "case.yaml", "-o", "cut", "--count", count + 1, "--resume")
        self.cotan("simulate", "case.yaml", "-o", "whole", "--count", count + 1)
        self.assertEqual(self.bytes_of("cut"), self.bytes_of("whole"))

    def test_a_start_from_a_file(self):
        """The end of one run, on another mesh, is the start of the next; linear functions stay what they are."""
        box = "{box: {low: [0, 0], high: [1, 1], cells: [%d, %d], type: triangle}}"
        plain = CASE.replace("{uniform: [0.01, 0.1]}", "0.05")
        self.write("first.yaml", plain.replace("square.msh", box % (8, 8)).replace('"sin(3*x)*cos(2*y)"', '"2*x + y"')
                   .replace("  left: {role: inflow, u: 0}", "  left: {role: wall}"))
        self.cotan("simulate", "first.yaml", "-o", "first.pvd")
        second = plain.replace("square.msh", box % (5, 7)).replace("  left: {role: inflow, u: 0}", "  left: {role: wall, u: 7}")

        def start(text, name):
            self.write("second.yaml", second.replace('{u: "sin(3*x)*cos(2*y)"}', text))
            said = self.cotan("simulate", "second.yaml", "-o", name + ".pvd").stderr
            self.cotan("convert", name + ".pvd", name + ".vtk", "--frame", "0")
            points, _, fields = program.read_vtk(self.folder / (name + ".vtk"))
            return said, points, [u for u, in fields["u"]]

        def farthest(a, b):
            return max(abs(p - q) for p, q in zip(a, b, strict=True))

        said, points, u = start("{from: {file: first.pvd, time: 0}}", "a")
        self.assertIn("integral", said)
        expected = [2 * x + y if x > 1e-9 else 7 for x, y, _ in points]  # given values stand over the file's
        self.assertLess(farthest(u, expected), 1e-6)
        self.assertNotIn("starts from 0", said)
        _, _, last = start("{from: first.pvd}", "b")
        self.assertGreater(farthest(last, u), 1e-3)
        self.assertLess(farthest(start("{from: {file: first.pvd, time: 0.1}}", "c")[2], last), 1e-12)
        for text, says in (("{from: none.vtu}", ["second.yaml:5", "none.vtu"]), ("{from: square.msh}", ["second.yaml:5", "u"]),
                           ("{from: {file: first.pvd, time: 0.33}}", ["second.yaml:5", "0.33"]),
                           ("{from: {file: first.pvd, tme: 0}}", ["second.yaml:5", "did you mean 'time'"]),
                           ("{from: {file: first.pvd, trajectory: 1}}", ["second.yaml:5", "trajectory 1 of 1"]),
                           ("{from: {file: first.pvd, fields: {u: w}}}", ["second.yaml:5", "w"])):
            with self.subTest(text):
                self.write("second.yaml", second.replace('{u: "sin(3*x)*cos(2*y)"}', text))
                self.refused("simulate", "second.yaml", "-o", "bad.pvd", says=says)

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
                self.assertEqual(self.bytes_of(name + "-parts"), self.bytes_of(name))
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

    def test_the_method_of_the_case(self):
        steady = CASE.replace("{uniform: [0.01, 0.1]}", "0.05")

        def last(method):
            self.write("method.yaml", steady.replace("end: 0.1", f"end: 0.1, method: {method}"))
            self.cotan("simulate", "method.yaml", "-o", method)
            return self.facts("info", method)["fields"][0]["max"]

        self.write("method.yaml", steady)
        self.cotan("simulate", "method.yaml", "-o", "own")
        own = self.facts("info", "own")["fields"][0]["max"]
        for method in ("crank_nicolson", "sdirk2", "radau5", "ars222"):
            self.assertAlmostEqual(last(method), own, places=3)
        for method, said in (("rk5", "did you mean 'rk4'"), ("etdrk4", "does not fit advection_diffusion")):
            self.write("method.yaml", steady.replace("end: 0.1", f"end: 0.1, method: {method}"))
            self.refused("simulate", "method.yaml", "-o", "bad", says=["method.yaml:4", said])

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
