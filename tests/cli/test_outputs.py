"""Nothing that is not the program's own is ever replaced or removed."""
import re
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
TRAIN = """\
archive: data
fields: {u: {}}
prescribed: {u: [inflow]}
split: {by: trajectory, validation: 0, test: 0}
model: {name: mesh_graph_net, width: 4, blocks: 1}
train: {steps: 2, learning_rate: 1.0e-3, final_rate: 1.0e-4}
"""


def contents(folder):
    """Every file below, with its bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"], "writes archives and series")
class Outputs(program.Case):
    def setUp(self):
        super().setUp()
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", CASE)

    def folder_of_another(self, name):
        (self.folder / name).mkdir()
        self.write(f"{name}/precious.cpp", "years of work")
        return self.folder / name

    def untouched(self, folder, *arguments, says=()):
        before = contents(folder)
        self.refused(*arguments, says=says)
        self.assertEqual(contents(folder), before)

    def test_convert_replaces_archives_only(self):
        self.cotan("simulate", "case.yaml", "-o", "a")
        self.folder_of_another("src")
        self.folder_of_another("b.partial")
        self.write("notes", "one file")
        for name in ("src", "notes"):
            self.untouched(self.folder, "convert", "a", name, "--overwrite", says=[name, "not replaced"])
        self.cotan("convert", "a", "b")
        self.assertEqual(contents(self.folder / "b.partial"), {"precious.cpp": b"years of work"})
        self.write("b/notes.txt", "mine")
        self.untouched(self.folder, "convert", "a", "b", "--overwrite", says=["notes.txt", "not ours"])
        (self.folder / "b/notes.txt").unlink()
        (self.folder / "link").symlink_to("b")
        self.cotan("convert", "a", "link", "--overwrite")
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertEqual(sorted(contents(self.folder / "b")), ["00000.vtkhdf", "archive.yaml"])
        self.assertEqual(self.names(), ["a", "b", "b.partial", "case.yaml", "link", "notes", "square.msh", "src"])

    def test_simulate_removes_its_own_files_only(self):
        self.cotan("simulate", "case.yaml", "-o", "a", "--count", 3)
        self.write("a/notes.txt", "mine")
        self.untouched(self.folder, "simulate", "case.yaml", "-o", "a", says=["a: exists", "--overwrite"])
        self.cotan("simulate", "case.yaml", "-o", "a", "--overwrite")
        self.assertEqual(sorted(contents(self.folder / "a")), ["00000.vtkhdf", "archive.yaml", "notes.txt", "solver_times.csv"])
        self.folder_of_another("src")
        self.write("src/archive.yaml", "my own archive: tapes\n")
        for flag in ("--overwrite", "--resume"):
            self.untouched(self.folder, "simulate", "case.yaml", "-o", "src", flag, says="src")

    def test_a_run_killed_at_its_very_start_goes_on(self):
        (self.folder / "a").mkdir()
        self.write("a/.part-archive.yaml", "# An arch")
        self.cotan("simulate", "case.yaml", "-o", "a", "--resume")
        self.assertEqual(self.facts("info", "a")["trajectories"], 1)

    def test_series(self):
        self.cotan("simulate", "case.yaml", "-o", "run.pvd")
        self.assertEqual(len(contents(self.folder / "run")), 11)
        (self.folder / "run.pvd").rename(self.folder / "other.pvd")
        self.untouched(self.folder, "simulate", "case.yaml", "-o", "run.pvd", says=["run exists", "--overwrite"])
        self.untouched(self.folder, "convert", "other.pvd", "run.pvd", "--overwrite", says=["run.pvd", "other.pvd"])
        self.write("run/notes.txt", "mine")
        short = ("--set", "time.end=0.03")
        self.cotan("simulate", "case.yaml", "-o", "run.pvd", "--overwrite", *short)
        self.assertEqual(sorted(contents(self.folder / "run")), [f"{k:04}.vtu" for k in range(4)] + ["notes.txt"])
        self.folder_of_another("src")  # without a frame in it, there is nothing to lose
        self.cotan("simulate", "case.yaml", "-o", "src.pvd", *short)
        self.assertIn("precious.cpp", contents(self.folder / "src"))
        self.write("flat", "a file")
        self.untouched(self.folder, "simulate", "case.yaml", "-o", "flat.pvd", "--overwrite", says="flat")

    def series(self, name):
        """The frames that NAME.pvd lists, and those that there are."""
        pvd = self.folder / f"{name}.pvd"
        listed = re.findall(r'file="([^"]+)"', pvd.read_text()) if pvd.exists() else []
        return listed, sorted(f"{name}/{p.name}" for p in (self.folder / name).iterdir() if not p.name.startswith("."))

    def begin(self, frames):
        """A run without end, once so many frames are there."""
        self.write("long.yaml", CASE.replace("end: 0.1", "end: 1000"))
        command = [program.PROGRAM, "simulate", "long.yaml", "-o", "run.pvd", "--overwrite"]
        running = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.kill)
        while running.poll() is None and not (self.folder / f"run/{frames - 1:04}.vtu").exists():
            time.sleep(0.005)
        return running

    def test_a_series_that_cannot_go_on_keeps_the_frames_before(self):
        running = self.begin(3)
        (self.folder / "run/0400.vtu").mkdir()  # a frame that cannot be written
        stderr = running.communicate(timeout=120)[1]
        self.assertEqual(running.returncode, 2, stderr)
        self.assertIn("run/0400.vtu", stderr)
        (self.folder / "run/0400.vtu").rmdir()
        listed, there = self.series("run")
        self.assertEqual(listed, [f"run/{k:04}.vtu" for k in range(400)])
        self.assertEqual(listed, there)
        self.assertEqual(self.facts("info", "run.pvd")["steps"], 400)

    def test_a_series_that_is_killed_lists_its_frames(self):
        for frames in (1, 20, 60):
            running = self.begin(frames)
            running.kill()
            running.communicate()
            listed, there = self.series("run")
            self.assertGreaterEqual(len(listed), frames - 1)
            self.assertEqual(listed, there[:len(listed)])
            self.assertLessEqual(len(there) - len(listed), 1)  # the frame that was to be listed next
            if listed:
                self.assertEqual(self.facts("info", "run.pvd")["steps"], len(listed))
        self.cotan("simulate", "case.yaml", "-o", "run.pvd", "--overwrite")
        self.assertEqual(self.series("run")[0], self.series("run")[1])
        self.assertFalse([name for name in self.names() if name.startswith(".part")])

    def test_train(self):
        self.cotan("simulate", "case.yaml", "-o", "data")
        self.write("config.yaml", TRAIN)
        for flag in ("--resume", "--overwrite"):
            self.untouched(self.folder, "train", "config.yaml", "-o", ".", flag, says="config.yaml")
        self.cotan("train", "config.yaml", "-o", "run")
        self.write("run/notes.txt", "mine")
        self.untouched(self.folder, "train", "config.yaml", "-o", "run", says=["--resume", "--overwrite"])
        self.cotan("train", "config.yaml", "-o", "run", "--resume")
        (self.folder / "run/last.safetensors").unlink()
        self.untouched(self.folder, "train", "config.yaml", "-o", "run", "--resume", says="last.safetensors")
        self.cotan("train", "config.yaml", "-o", "run", "--overwrite")
        self.assertIn("notes.txt", contents(self.folder / "run"))
        for name in ("best", "last"):  # as after a kill before the first checkpoint
            (self.folder / f"run/{name}.safetensors").unlink()
        self.cotan("train", "config.yaml", "-o", "run", "--resume")
        self.assertIn("best.safetensors", contents(self.folder / "run"))

    def test_inputs_are_looked_at_before_folders_are_made(self):
        self.refused("rollout", "absent.safetensors", "case.yaml", "-o", "new/x.pvd", says="absent.safetensors")
        self.refused("evaluate", "absent.safetensors", "--csv", "new/x.csv", says="absent.safetensors")
        self.refused("convert", "square.msh", "new/a", says="one time only")
        self.write("broken.msh", "$MeshFormat")
        self.refused("convert", "broken.msh", "new/b.msh", says="broken.msh")
        self.refused("partition", "broken.msh", "-n", 2, "-o", "new/b.msh", says="broken.msh")


if __name__ == "__main__":
    unittest.main()
