"""Training that starts from another network: `start_from`."""
import shutil
import unittest

import learned
import program

FEATURES = program.features()
# A step so small that nothing moves: what is left is what the run started from.
STILL = learned.TRAIN.replace("steps: 60, learning_rate: 5.0e-3", "steps: 1, learning_rate: 1.0e-30, final_rate: 1.0e-30")


def tensors(path):
    return learned.read_safetensors(path)[1]


@unittest.skipUnless(FEATURES["hdf5"], "writes archives")
class StartFrom(learned.Learned):
    def test_parameters_and_statistics_are_those_of_the_network(self):
        shutil.copy(self.folder / "run/best.safetensors", self.folder / "start.safetensors")
        self.write("still.yaml", STILL + "start_from: start.safetensors\n")
        self.cotan("train", "still.yaml", "-o", "still", "--seed", "7")
        self.assertEqual(tensors(self.folder / "still/best.safetensors"), tensors(self.folder / "start.safetensors"))
        self.write("fresh.yaml", STILL)
        self.cotan("train", "fresh.yaml", "-o", "fresh", "--seed", "7")
        self.assertNotEqual(tensors(self.folder / "fresh/best.safetensors"), tensors(self.folder / "start.safetensors"))

    def test_another_loss_moves_the_parameters_and_keeps_the_statistics(self):
        self.write("more.yaml", learned.TRAIN.replace("noise: 0.01", "noise: 0.02, unroll: 2")
                   + "start_from: run/best.safetensors\n")
        self.cotan("train", "more.yaml", "-o", "more")
        start, end = (tensors(self.folder / run / "best.safetensors") for run in ("run", "more"))
        moved = {name for name in start if start[name] != end[name]}
        self.assertTrue(moved and all(".weight" in name or ".bias" in name for name in moved), moved)

    def test_resume_does_not_need_it_again(self):
        text = learned.TRAIN + "start_from: start.safetensors\n"
        shutil.copy(self.folder / "run/best.safetensors", self.folder / "start.safetensors")
        self.write("more.yaml", text)
        self.cotan("train", "more.yaml", "-o", "whole")
        self.cotan("train", "more.yaml", "-o", "cut", "--set", "train.minutes=1.0e-6")
        (self.folder / "start.safetensors").unlink()
        self.cotan("train", "more.yaml", "-o", "cut", "--resume")
        self.assertEqual((self.folder / "cut/last.safetensors").read_bytes(),
                         (self.folder / "whole/last.safetensors").read_bytes())
        self.cotan("evaluate", "cut/best.safetensors", "data")

    def test_another_network_is_refused(self):
        start = "start_from: run/best.safetensors\n"
        for change, says in (
                (("width: 8", "width: 16"), ["more.yaml:8", "another network", "width: 8", "width: 16"]),
                (("fields: {u: {}}", "fields: {u: {order: 0}}"), ["more.yaml:8", "order 1", "order 0"]),
                (("parameters: [diffusivity]\n", ""), ["more.yaml:7", "diffusivity (parameter)"]),
                (("archive: data", "archive: data\nstride: 2"), ["more.yaml:9", "steps of 0.01 s", "0.02 s apart"])):
            self.write("more.yaml", learned.TRAIN.replace(*change) + start)
            self.refused("train", "more.yaml", "-o", "more", says=says)
        self.write("tetrahedron.msh", learned.TETRAHEDRON_MSH)
        self.write("solid.yaml", learned.CASE.replace("grid.msh", "tetrahedron.msh").replace("  rest: {role: wall}\n", ""))
        self.cotan("simulate", "solid.yaml", "-o", "solid", "--count", "4")
        self.write("more.yaml", learned.TRAIN.replace("archive: data", "archive: solid") + start)
        self.refused("train", "more.yaml", "-o", "more", says=["more.yaml:8", "found 2-D", "expected 3-D"])
        self.write("more.yaml", learned.TRAIN + "start_from: nowhere.safetensors\n")
        self.refused("train", "more.yaml", "-o", "more", says=["nowhere.safetensors"])


if __name__ == "__main__":
    unittest.main()
