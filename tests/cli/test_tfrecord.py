import json
import shutil
import unittest

import program

DATA = program.SOURCE / "tests/data/tfrecord"
TRAIN = """\
archive: data
fields: {velocity: {unit: m/s}, pressure: {}}
prescribed: {velocity: [inflow, wall]}
model: {name: mesh_graph_net, width: 4, blocks: 1}
train: {steps: 4, warmup: 1}
"""


class Archives(program.Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(DATA, self.folder / "data")

    def test_info(self):
        facts = self.facts("info", "data")
        self.assertEqual((facts["kind"], facts["trajectories"], facts["steps"], facts["frames"]), ("archive", 3, 4, 12))
        self.assertEqual(facts["times"], {"first": 0.0, "last": 0.75})
        self.assertEqual(facts["splits"], {"train": 2, "valid": 1})
        on = {f["name"]: (f["on"], f["components"]) for f in facts["fields"]}
        self.assertEqual(on, {"velocity": ("point", 2), "pressure": ("point", 1), "drag": ("global", 1),
                              "material": ("cell", 1)})
        self.assertEqual(self.facts("info", "data", "--split", "valid")["trajectories"], 1)
        self.assertEqual(self.facts("info", "data/train.tfrecord")["trajectories"], 2)
        self.refused("info", "data", "--split", "vaild", says=["vaild", "did you mean 'valid'"])
        (self.folder / "data/meta.json").unlink()
        self.refused("info", "data", says="meta.json")

    def test_there_and_back(self):
        done = self.cotan("convert", "data", "out/all.tfrecord")
        self.assertIn("splits are joined", done.stderr)
        for file in ("train", "valid"):
            self.cotan("convert", "data", f"parts/{file}.tfrecord", "--split", file)
        facts = {name: self.facts("info", name) for name in ("data", "out", "parts")}
        for key in ("points", "cells", "trajectories", "steps", "times", "fields", "roles"):
            self.assertEqual(facts["out"][key], facts["data"][key], key)
        self.assertEqual(facts["parts"], facts["data"])
        self.refused("convert", "data", "out/all.tfrecord", says="--overwrite")
        self.refused("convert", "data", "data/all.tfrecords", says=".tfrecords")

    def test_damage(self):
        path = self.folder / "data/train.tfrecord"
        whole = path.read_bytes()
        path.write_bytes(whole[:-20])
        self.refused("info", "data", says=["train.tfrecord", "record 1", "cut"])
        path.write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])
        self.refused("info", "data", says=["train.tfrecord", "record 1", "checksum"])

    def test_the_parts_of_a_training_are_the_splits(self):
        def trajectories(part):
            done = self.cotan("evaluate", "run/best.safetensors", "--part", part, "--json")
            return json.loads(done.stdout)["trajectories"]

        self.write("train.yaml", TRAIN)
        self.cotan("train", "train.yaml", "-o", "run")
        self.assertEqual([trajectories(part) for part in ("train", "validation", "all")], [2, 1, 3])
        self.refused("evaluate", "run/best.safetensors", "--part", "test", says=["'test' is empty", "validation"])

    def test_a_split_of_the_configuration_comes_first(self):
        self.write("train.yaml", TRAIN + "split: {validation: 0.7, test: 0}\n")
        self.cotan("train", "train.yaml", "-o", "run")
        done = self.cotan("evaluate", "run/best.safetensors", "--part", "train", "--json")
        self.assertEqual(json.loads(done.stdout)["trajectories"], 1)
        self.refused("evaluate", "run/best.safetensors", "--part", "test", says="'test' is empty")


if __name__ == "__main__":
    unittest.main()
