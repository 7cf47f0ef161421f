"""What a training takes from its archive, and what it makes of the same archive, another one, or another mesh."""
import signal
import subprocess
import time
import unittest

import learned
import program

FEATURES = program.features()
CASE = """\
mesh: square.msh
problem: advection_diffusion
parameters: {diffusivity: {uniform: [0.01, 0.1]}}
time: {step: 0.01, end: 0.2}
initial: {u: {random_blobs: {count: 2, width: [0.2, 0.4]}}}
boundary:
  left: {role: inflow, u: 0}
  below: {where: "y < 1e-6", role: wall}
"""
TRAIN = """\
archive: data
fields: {u: {}}
parameters: [diffusivity]
split: {validation: 0.25, test: 0.25}
model: {name: mesh_graph_net, width: 8, blocks: 1}
train: {steps: 20, warmup: 5, validate_every: 10, checkpoint_every: 10}
"""


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"], "writes archives and results")
class TrainedOn(learned.Learned):
    files = {"square.msh": program.SQUARE_MSH, "case.yaml": CASE, "train.yaml": TRAIN}

    def given(self, run):
        text = learned.read_safetensors(self.folder / run / "last.safetensors")[0]["trained_on"]
        return text.split("given:\n")[1].strip()

    def tensors(self, path):
        return learned.read_safetensors(self.folder / path)[1]

    def test_the_solver_and_the_network_are_given_the_same(self):
        # The corner is of the wall by its role, and the solver is given u there all the same.
        self.assertEqual(self.given("run"), "u: {inflow: 2, wall: 2}")  # two trajectories to train on
        said = self.cotan("rollout", "run/best.safetensors", "case.yaml", "--reference", "-o", "case.pvd").stderr
        self.assertNotIn("warning", said)
        self.cotan("convert", "data", "copy")
        self.cotan("train", "train.yaml", "--set", "archive=copy", "-o", "of_copy")
        self.assertEqual(self.tensors("of_copy/last.safetensors"), self.tensors("run/last.safetensors"))

    def test_roles_say_what_is_given_where_they_are_named(self):
        self.cotan("train", "train.yaml", "--set", "prescribed={u: [inflow]}", "-o", "by_role")
        self.assertEqual(self.given("by_role"), "u: {inflow: 2}")
        self.cotan("train", "train.yaml", "--set", "prescribed={}", "-o", "free")
        self.assertEqual(self.given("free"), "u: {}")
        said = self.cotan("rollout", "by_role/best.safetensors", "case.yaml", "-o", "case.pvd").stderr
        self.assertIn("case.yaml: 'u' is given at 1 of 2 points of role 'wall'; in training it was free", said)

    def test_a_case_that_differs_from_all_that_was_seen(self):
        self.write("other.yaml", CASE.replace("wall", "airfoil").replace("role: inflow, u: 0", "role: inflow"))
        said = self.cotan("rollout", "run/best.safetensors", "other.yaml", "-o", "other.pvd").stderr
        self.assertIn("other.yaml: 2 points of role 'airfoil', which the network has never seen", said)
        self.assertIn("other.yaml: 'u' is given at 0 of 1 points of role 'inflow'; in training it was given", said)

    def test_roles_that_no_point_has(self):
        self.refused("train", "train.yaml", "--set", "prescribed={u: [airfoil]}", "-o", "none",
                     says=["prescribed.u", "'airfoil'", "inflow: 2"])

    def test_fields_that_are_given_everywhere(self):
        everything = CASE.replace("role: inflow, u: 0", "role: inflow").replace('where: "y < 1e-6"', 'where: "1", u: 0')
        self.write("given.yaml", everything)
        self.cotan("simulate", "given.yaml", "-o", "given", "--count", "3")
        self.refused("train", "train.yaml", "--set", "archive=given", "-o", "none", says=["'u'", "use: input"])
        # Without a free point there is no error on free points, and that is no error of the program.
        self.cotan("rollout", "run/best.safetensors", "given.yaml", "--reference", "-o", "given.pvd")

    def test_resume_asks_for_the_same_numbers_only(self):
        for assignment, says in (("train.steps=30", "train.steps was 20 and is 30 now"),
                                 ("train.batch=2", "train.batch was 1 and is 2 now"), ("stride=2", "stride was absent"),
                                 ("model.width=4", "model.width was 8"), ("seed=3", "seed was 0")):
            self.refused("train", "train.yaml", "-o", "run", "--resume", "--set", assignment,
                         says=["last.safetensors", "another configuration", says])
        self.cotan("simulate", "case.yaml", "-o", "other", "--count", "4", "--seed", "1")
        self.refused("train", "train.yaml", "-o", "run", "--resume", "--set", "archive=other", says="another archive")

    def test_resume_with_more_minutes_and_an_archive_that_moved(self):
        self.cotan("train", "train.yaml", "-o", "cut", "--set", "train.minutes=1.0e-7")
        self.assertEqual(learned.read_safetensors(self.folder / "cut" / "last.safetensors")[0]["step"], "1")
        (self.folder / "data").rename(self.folder / "moved")
        free = ["archive=moved", "train.minutes=10", "train.validate_every=5", "train.checkpoint_every=7", "train.batch=1"]
        self.cotan("train", "train.yaml", "-o", "cut", "--resume", *(x for item in free for x in ("--set", item)))
        self.assertEqual(self.tensors("cut/last.safetensors"), self.tensors("run/last.safetensors"))
        self.assertIn("minutes: 10", (self.folder / "cut" / "config.yaml").read_text())
        self.cotan("evaluate", "cut/best.safetensors")  # the echo leads to the archive's new place

    def test_links_and_odd_names(self):
        (self.folder / "real").mkdir()
        (self.folder / "real" / "runs").mkdir()
        (self.folder / "runs").symlink_to("real/runs")
        odd = self.folder / 'a "b" \\ #c'
        (self.folder / "data").rename(odd)
        self.write("odd.yaml", TRAIN.replace("archive: data", "archive: 'a \"b\" \\ #c'"))
        self.cotan("train", "odd.yaml", "-o", "runs/one")
        self.cotan("evaluate", "runs/one/best.safetensors")
        self.cotan("evaluate", "real/runs/one/best.safetensors")

    def test_units_come_from_the_archive(self):
        self.write("flow.yaml", CASE + 'options: {velocity: ["1", "0"]}\n')
        self.cotan("simulate", "flow.yaml", "-o", "flow", "--count", "3")
        train = TRAIN.replace("{u: {}}", "{u: {unit: K}, velocity: {components: [0], use: input}}")
        self.write("flow_train.yaml", train.replace("archive: data", "archive: flow"))
        self.cotan("train", "flow_train.yaml", "-o", "flow_run")
        facts = self.facts("info", "flow_run/best.safetensors")
        self.assertEqual([field["unit"] for field in facts["fields"] + facts["inputs"]], ["K", "m/s"])

    def test_bad_options_spare_the_run_that_they_would_replace(self):
        before = (self.folder / "run" / "last.safetensors").read_bytes()
        for assignment, says in (("train.learning_rate=1.0e-6", ["train.learning_rate", "1e-06", "final_rate 1e-05"]),
                                 ("symmetry=z", ["symmetry", "z", "2 dimensions"]),
                                 ("symmetry=up", ["symmetry", "'up'", "none, x, y, z"]),
                                 ("train.unroll=30", ["window"]),
                                 ("model.edge_sets=msh", ["model.edge_sets", "'msh'", "mesh"]),
                                 ("model.edge_sets='mesh, world'", ["model.edge_sets", "'world'"])):
            with self.subTest(assignment):
                self.refused("train", "train.yaml", "-o", "run", "--overwrite", "--set", assignment, says=says)
                self.refused("train", "train.yaml", "-o", "new", "--set", assignment, says=says)
                self.assertEqual((self.folder / "run" / "last.safetensors").read_bytes(), before)

    def test_a_loss_that_is_not_finite_leaves_the_state_before_it(self):
        done = self.cotan("train", "train.yaml", "-o", "high", "--set", "train.learning_rate=1.0e30", "--set",
                          "train.clip_norm=0", "--set", "split.validation=0", code=3)
        for word in ("training step", "(epoch ", ".vtkhdf frame ", "high/last.safetensors"):
            self.assertIn(word, done.stderr)
        step = int(done.stderr.split("training step ")[1].split()[0])
        self.assertEqual(learned.read_safetensors(self.folder / "high" / "last.safetensors")[0]["step"], str(step - 1))

    def test_interrupted_in_a_validation(self):
        """Nearly all time is validation here, so that is where the signals arrive."""
        self.cotan("simulate", "case.yaml", "-o", "long", "--count", "4", "--set", "time.end=3")
        self.write("long.yaml", TRAIN.replace("archive: data", "archive: long").replace("validate_every: 10", "validate_every: 1"))
        self.cotan("train", "long.yaml", "-o", "whole")
        for _ in range(20):
            running = subprocess.Popen([program.PROGRAM, "train", "long.yaml", "-o", "parts", "--resume"], cwd=self.folder,
                                       stderr=subprocess.DEVNULL)
            self.addCleanup(running.kill)
            lines = self.lines("parts")
            limit = time.monotonic() + 60
            while self.lines("parts") < lines + 3 and running.poll() is None and time.monotonic() < limit:
                time.sleep(0.01)
            running.send_signal(signal.SIGINT)
            if running.wait(60) == 0:
                break
        for name in ("last.safetensors", "best.safetensors"):
            self.assertEqual((self.folder / "parts" / name).read_bytes(), (self.folder / "whole" / name).read_bytes())

    def test_interrupted_before_the_first_validation(self):
        running = subprocess.Popen([program.PROGRAM, "train", "train.yaml", "-o", "early", "--set", "train.steps=1000000",
                                    "--set", "train.validate_every=1000000", "--set", "train.checkpoint_every=2"],
                                   cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.kill)
        self.addCleanup(running.stderr.close)
        limit = time.monotonic() + 60
        while not (self.folder / "early" / "last.safetensors").exists() and time.monotonic() < limit:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        self.assertEqual(running.wait(60), 130)
        self.assertNotIn("finite", running.stderr.read())
        self.assertFalse((self.folder / "early" / "best.safetensors").exists())

    def lines(self, run):
        path = self.folder / run / "metrics.jsonl"
        return path.read_text().count("\n") if path.exists() else 0


if __name__ == "__main__":
    unittest.main()
