"""The learned verbs under mpirun: the same answers on one rank and on two, and an end with the code of what failed."""
import json
import os
import shutil
import signal
import subprocess
import time
import unittest

import learned
import program

FEATURES = program.features()
MPIRUN = shutil.which("mpirun")
OPTIONS = ["--allow-run-as-root", "--oversubscribe"]
DOUBLE = learned.TRAIN + "precision: float64\n"
ENVIRONMENT = dict(os.environ, OMPI_MCA_mpi_yield_when_idle="1", OMP_NUM_THREADS="1")


@unittest.skipUnless(FEATURES.get("mpi") and MPIRUN and FEATURES["hdf5"] and FEATURES["vtk"], "runs mpirun")
class Ranks(learned.Learned):
    def ranks(self, *programs, count=2, code=0):
        """mpirun of one rank a program, or of `count` of the same one."""
        count = count if len(programs) == 1 else 1
        command = [MPIRUN, *OPTIONS]
        for k, arguments in enumerate(programs):
            command += [*([":"] if k else []), "-n", str(count), program.PROGRAM, *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def close(self, a, b, tolerance):
        """Two JSON values, equal but for wall times and round-off."""
        if isinstance(a, dict):
            self.assertEqual(set(a), set(b))
            for key in set(a) - {"seconds", "ms_per_step"}:
                self.close(a[key], b[key], tolerance)
        elif isinstance(a, list):
            self.assertEqual(len(a), len(b))
            for x, y in zip(a, b):
                self.close(x, y, tolerance)
        elif isinstance(a, float):
            self.assertLessEqual(abs(a - b), tolerance * max(abs(a), abs(b)))
        else:
            self.assertEqual(a, b)

    def metrics(self, run):
        return [json.loads(line) for line in (self.folder / run / "metrics.jsonl").read_text().splitlines()]

    def test_train_evaluate_and_rollout_agree(self):
        self.write("double.yaml", DOUBLE)
        self.cotan("train", "double.yaml", "-o", "one", env=ENVIRONMENT)
        self.ranks(("train", "double.yaml", "-o", "two"))
        self.close(self.metrics("one"), self.metrics("two"), 1e-6)
        on_one = self.facts("evaluate", "one/best.safetensors", "--part", "all")
        self.close(on_one, json.loads(self.ranks(("evaluate", "one/best.safetensors", "--part", "all", "--json")).stdout), 1e-9)
        self.close(on_one, self.facts("evaluate", "two/best.safetensors", "--part", "all"), 1e-5)
        for given in ("data", "case.yaml"):
            self.cotan("rollout", "one/best.safetensors", given, "-o", "one.pvd", "--overwrite")
            self.ranks(("rollout", "one/best.safetensors", given, "-o", "two.pvd", "--overwrite"))
            self.close(self.facts("info", "one.pvd")["fields"], self.facts("info", "two.pvd")["fields"], 1e-9)

    def test_edges_between_points_that_move_agree(self):
        self.write("moving.yaml", DOUBLE.replace("fields: {u: {}}", "fields: {u: {position: true}}").replace(
            "blocks: 1", 'blocks: 2, edge_sets: "mesh, world", world_radius: 0.003').replace("steps: 60", "steps: 7"))
        self.cotan("train", "moving.yaml", "-o", "one", env=ENVIRONMENT)
        self.ranks(("train", "moving.yaml", "-o", "two"))
        self.close(self.metrics("one"), self.metrics("two"), 1e-6)
        self.close(self.facts("evaluate", "one/best.safetensors", "--part", "all"),
                   json.loads(self.ranks(("evaluate", "one/best.safetensors", "--part", "all", "--json")).stdout), 1e-9)

    def test_resumes_on_the_ranks_that_it_began_on(self):
        self.ranks(("train", "train.yaml", "-o", "whole"))
        running = subprocess.Popen([MPIRUN, *OPTIONS, "-n", "2", program.PROGRAM, "train", "train.yaml", "-o", "cut"],
                                   cwd=self.folder, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        self.addCleanup(running.kill)
        limit = time.monotonic() + 60
        while not (self.folder / "cut" / "last.safetensors").exists() and time.monotonic() < limit:
            time.sleep(0.002)
        running.send_signal(signal.SIGTERM)  # which mpirun hands on
        running.wait(60)
        self.ranks(("train", "train.yaml", "-o", "cut", "--resume"))
        for name in ("best.safetensors", "last.safetensors"):
            self.assertEqual((self.folder / "cut" / name).read_bytes(), (self.folder / "whole" / name).read_bytes())

    def test_a_rank_that_fails_ends_all(self):
        good = ("train", "train.yaml", "-o", "a")
        for failing in (("train", "absent.yaml", "-o", "a"), ("train", "train.yaml", "-o", "a", "--set", "fields.v={}")):
            for programs in ((good, failing), (failing, good)):
                self.assertIn("cotan: ", self.ranks(*programs, code=2).stderr)
        self.write("kept.pvd", "precious")
        self.assertIn("--overwrite", self.ranks(("rollout", "run/best.safetensors", "data", "-o", "kept.pvd"), code=2).stderr)
        self.assertIn("absent", self.ranks(("evaluate", "run/best.safetensors", "absent"), code=2).stderr)
        self.assertIn("one rank", self.ranks(("simulate", "case.yaml", "-o", "new"), code=2).stderr)
        self.assertEqual((self.folder / "kept.pvd").read_text(), "precious")

    def test_what_all_ranks_fail_for_is_said_once(self):
        for arguments, word in ((("train", "absent.yaml", "-o", "a"), "absent.yaml"),
                                (("train", "train.yaml", "-o", "a", "--set", "fields.v={}"), "'v'"),
                                (("rollout", "run/best.safetensors", "absent", "-o", "b.pvd"), "absent"),
                                (("train", "train.yaml", "-o", "a", "--no-such"), "--no-such"),
                                (("tarin", "train.yaml"), "tarin")):
            error = self.ranks(arguments, count=3, code=2).stderr
            self.assertEqual(error.count("cotan: "), 1, error)
            self.assertIn(word, error)
        self.assertEqual(self.ranks(("train", "--help"), count=3).stdout.count("--overwrite"), 1)

    def test_a_warning_is_said_once(self):
        (self.folder / "run" / "best.safetensors").unlink()
        error = self.ranks(("train", "train.yaml", "-o", "run", "--resume"), count=3).stderr
        self.assertEqual(error.count("best.safetensors is gone"), 1, error)

    def test_ranks_that_fail_for_several_reasons_say_each(self):
        error = self.ranks(("train", "absent.yaml", "-o", "a"), ("train", "train.yaml", "-o", "a", "--threads", "x"), code=2).stderr
        self.assertEqual((error.count("cotan: "), error.count("absent.yaml"), error.count("--threads")), (2, 1, 1), error)

    def test_a_rank_that_is_killed_ends_all(self):
        self.write("long.yaml", learned.TRAIN.replace("steps: 60", "steps: 1000000"))
        running = subprocess.Popen([MPIRUN, *OPTIONS, "-n", "2", program.PROGRAM, "train", "long.yaml", "-o", "long"],
                                   cwd=self.folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(running.kill)
        limit = time.monotonic() + 60
        while not (self.folder / "long" / "config.yaml").exists() and time.monotonic() < limit:
            time.sleep(0.01)
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(running.pid)], capture_output=True, text=True).stdout.split()
        os.kill(int(children[-1]), signal.SIGKILL)
        self.assertNotEqual(running.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
