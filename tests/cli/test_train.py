import json
import random
import resource
import shutil
import signal
import subprocess
import time
import unittest

import learned
import program

FEATURES = program.features()
LONG = learned.TRAIN.replace("steps: 60", "steps: 400").replace("_every: 7", "_every: 70").replace("_every: 5", "_every: 50")


@unittest.skipUnless(FEATURES["hdf5"], "writes archives")
class Train(learned.Learned):
    def outcome(self, run):
        """What must be the same however a run got to its end: checkpoints' bits, and metrics without wall times."""
        folder = self.folder / run
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        for line in lines:
            del line["seconds"]
        files = [(folder / name).read_bytes() for name in ("best.safetensors", "last.safetensors", "config.yaml")]
        return sorted(p.name for p in folder.iterdir()), lines, files

    def start(self, *arguments):
        running = subprocess.Popen([program.PROGRAM, *arguments], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.kill)
        self.addCleanup(running.stderr.close)
        return running

    def wait_for(self, path, running):
        limit = time.monotonic() + 60
        while not (self.folder / path).exists() and running.poll() is None and time.monotonic() < limit:
            time.sleep(0.002)

    def test_each_step_once_in_metrics(self):
        names, lines, _ = self.outcome("run")
        self.assertEqual(names, ["best.safetensors", "config.yaml", "last.safetensors", "metrics.jsonl"])
        steps = [line["step"] for line in lines]
        self.assertEqual(steps, [k for k in range(1, 61) if k % 7 == 0 or k % 5 == 0])
        self.assertEqual([line["step"] for line in lines if line["validation"] is not None],
                         [k for k in range(1, 61) if k % 7 == 0 or k == 60])

    def test_killed_at_any_time_ends_on_the_same_bits(self):
        self.write("train.yaml", LONG)
        began = time.monotonic()
        self.cotan("train", "train.yaml", "-o", "whole")
        duration = time.monotonic() - began
        draw, kills = random.Random(1), 0
        for number in range(4):
            for attempt in range(30):
                running = self.start("train", "train.yaml", "-o", f"killed{number}", "--resume")
                try:
                    self.assertEqual(running.wait(duration * draw.random() if attempt < 29 else 60), 0, running.stderr)
                    break
                except subprocess.TimeoutExpired:
                    running.kill()
                    running.wait()
                    kills += 1
            self.assertEqual(self.outcome(f"killed{number}"), self.outcome("whole"))
        self.assertGreaterEqual(kills, 3)

    def test_killed_between_two_writes(self):
        """The states that a kill can leave, made by hand: a line that the checkpoint does not know of, half a line, a file
        that was written aside, a folder with nothing else."""
        whole = self.outcome("run")
        at_20 = self.folder / "at20"
        running = self.start("train", "train.yaml", "-o", "at20")
        self.wait_for("at20/last.safetensors", running)
        running.kill()
        running.wait()
        with open(at_20 / "metrics.jsonl", "a") as file:
            file.write('{"step": 59, "loss": 1, "validation": null, "learning_rate": 1, "seconds": 1}\n{"step": 6')
        (at_20 / ".part-last.safetensors").write_bytes(b"half")
        self.cotan("train", "train.yaml", "-o", "at20", "--resume")
        self.assertEqual(self.outcome("at20"), whole)
        (self.folder / "begun").mkdir()
        (self.folder / "begun" / ".part-config.yaml").write_text("arch")
        self.cotan("train", "train.yaml", "-o", "begun", "--resume")
        self.assertEqual(self.outcome("begun"), whole)

    def test_interrupted_goes_on(self):
        self.write("train.yaml", LONG)
        running = self.start("train", "train.yaml", "-o", "stopped")
        self.wait_for("stopped/config.yaml", running)
        running.send_signal(signal.SIGINT)
        self.assertEqual(running.wait(60), 130)
        said = running.stderr.read()
        self.assertIn("--resume", said)
        self.assertNotIn("finite", said)
        self.assertTrue((self.folder / "stopped" / "last.safetensors").exists())
        self.cotan("train", "train.yaml", "-o", "stopped", "--resume")
        self.cotan("train", "train.yaml", "-o", "whole")
        self.assertEqual(self.outcome("stopped"), self.outcome("whole"))

    def test_resume_of_a_whole_run_changes_nothing(self):
        before = self.outcome("run")
        self.cotan("train", "train.yaml", "-o", "run", "--resume")
        self.assertEqual(self.outcome("run"), before)

    def test_a_best_that_is_gone_is_found_again(self):
        """With and without a validation that is still to come: what the run says that it wrote is there."""
        best = self.folder / "run" / "best.safetensors"
        best.unlink()
        self.assertIn("best.safetensors is gone", self.cotan("train", "train.yaml", "-o", "run", "--resume").stderr)
        self.assertTrue(best.exists())
        self.write("train.yaml", LONG)
        running = self.start("train", "train.yaml", "-o", "half")
        best = self.folder / "half" / "best.safetensors"
        self.wait_for("half/best.safetensors", running)
        running.send_signal(signal.SIGINT)
        self.assertEqual(running.wait(60), 130)
        best.unlink()
        self.assertIn("best.safetensors is gone", self.cotan("train", "train.yaml", "-o", "half", "--resume").stderr)
        self.assertTrue(best.exists())

    def test_resume_wants_the_same_configuration(self):
        for assignment in ("train.steps=70", "model.width=4", "seed=3"):
            self.refused("train", "train.yaml", "-o", "run", "--resume", "--set", assignment,
                         says=["last.safetensors", "another configuration"])

    def test_output_that_exists(self):
        self.refused("train", "train.yaml", "-o", "run", says=["run", "--resume", "--overwrite"])
        self.refused("train", "train.yaml", "-o", "data", "--overwrite", says=["data", "config.yaml"])
        self.refused("train", "train.yaml", "-o", "data", "--resume", says=["data", "config.yaml"])
        self.refused("train", "train.yaml", "-o", "train.yaml", "--overwrite", says=["train.yaml", "not a folder"])
        self.refused("train", "train.yaml", "-o", "train.yaml/run", says=["train.yaml"])
        self.cotan("train", "train.yaml", "-o", "run", "--overwrite", "--set", "train.steps=5")
        self.assertEqual([line["step"] for line in self.outcome("run")[1]], [5])

    def test_a_bad_configuration_spares_the_run_that_it_would_replace(self):
        self.refused("train", "train.yaml", "-o", "run", "--overwrite", "--set", "fields.v={}", says="v")
        self.write_nan()
        self.refused("train", "train.yaml", "-o", "new", "--set", "archive=nan.pvd", "--set", "parameters=[]", "--set",
                     "prescribed={}", "--set", "split={by: time, validation: 0, test: 0}", says=["nan.pvd", "'u'", "not finite"])

    def write_nan(self):
        learned.write_series(self.folder, "nan", [0, 0.1, 0.2, 0.3, 0.4],
                             {"u": lambda k, x, y: float("nan") if k == 3 and x == 1 else x + 0.1 * k})

    def test_no_room(self):
        """A file that may not grow: the limit stands for a full disk."""
        sizes = [p.stat().st_size for p in (self.folder / "run").glob("*.safetensors")]

        def limit(size):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # write() then fails with EFBIG
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        self.refused("train", "train.yaml", "-o", "none", preexec_fn=lambda: limit(0), says="none/config.yaml: File too large")
        done = self.cotan("train", "train.yaml", "-o", "some", code=2, preexec_fn=lambda: limit(min(sizes) - 1))
        self.assertIn("is the disk full?", done.stderr)
        left = set(p.name for p in (self.folder / "some").iterdir()) if (self.folder / "some").exists() else set()
        self.assertLessEqual(left, {"config.yaml", "metrics.jsonl"})
        self.cotan("train", "train.yaml", "-o", "some", "--resume")
        self.assertEqual(self.outcome("some"), self.outcome("run"))


if __name__ == "__main__":
    unittest.main()
