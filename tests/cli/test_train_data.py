"""What a training configuration asks for and its archive lacks."""
import unittest

import learned
import program

FEATURES = program.features()


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["vtk"], "writes archives, reads series")
class TrainData(learned.Learned):
    def train_refused(self, *assignments, says, config=learned.TRAIN):
        self.write("bad.yaml", config)
        sets = [word for assignment in assignments for word in ("--set", assignment)]
        with self.subTest(assignments or says):
            self.refused("train", "bad.yaml", "-o", "new/run", *sets, says=says)

    def test_what_the_archive_lacks(self):
        for assignment, says in (
                ("archive=absent", ["absent"]),
                ("archive=grid.msh", ["grid.msh"]),
                (("fields={v: {}}", "prescribed={}"), ["00000", "unknown field 'v'", "there are: ", "u"]),
                (("fields={heat: {from: uu}}", "prescribed={}"), ["00000", "unknown field 'uu'", "did you mean 'u'"]),
                ("fields={u: {components: [1]}}", ["00000", "'u' has 1 components", "component 1"]),
                ("parameters=[viscosity]", ["00000", "unknown parameter 'viscosity'", "diffusivity"]),
                ("prescribed={u: [outflow]}", ["prescribed.u", "'outflow'", "interior: 8"]),
                ("boundary={far: {role: inflow}}", ["far", "left"]),
                ("boundary={right: {where: \"x > 2\", role: inflow}}", ["x > 2"]),
                ("stride=11", ["00000", "frames", "at least two"]),
                ("split={validation: 0.6, test: 0.39}", ["4 trajectories"]),
                ("split={by: time, validation: 0.1}", ["split.validation", "at least three"])):
            self.train_refused(*([assignment] if isinstance(assignment, str) else assignment), says=says)

    def test_what_no_archive_could_have(self):
        for old, new, says in (("fields:", "field:", ["bad.yaml:2", "field", "did you mean 'fields'"]),
                               ("fields: {u: {}}", "fields: {u: {use: input}}", ["bad.yaml:2", "no field is state"]),
                               ("fields: {u: {}}", "fields: {u: {components: [-1]}}", ["bad.yaml:2", "-1"]),
                               ("u: [inflow]", "u: [inflw]", ["bad.yaml:4", "inflw", "did you mean 'inflow'"]),
                               ("u: [inflow]", "v: [inflow]", ["bad.yaml:4", "unknown state field 'v'", "u"]),
                               ("validation: 0.25", "validation: 0.75", ["bad.yaml:5", "nothing to train on"]),
                               ("test: 0.25", "test: 2", ["bad.yaml:5", "2"]),
                               ("mesh_graph_net", "mesh_net", ["mesh_net", "mesh_graph_net"]),
                               ("width: 8", "width: 0", ["width", "0"]),
                               ("blocks: 1", "depth: 1", ["depth", "blocks"]),
                               ("steps: 60", "steps: many", ["bad.yaml:7", "steps", "many"]),
                               ("noise: 0.01", "noise: -1", ["bad.yaml:7", "noise", "-1"]),
                               ("noise: 0.01", "final_rate: 1", ["final_rate", "learning_rate"]),
                               ("archive: data", "archive: data\ndt: 0", ["bad.yaml:2", "dt", "above 0"]),
                               ("archive: data", "archive: data\narchive: data", ["bad.yaml:2", "archive"])):
            self.train_refused(config=learned.TRAIN.replace(old, new), says=says)

    def test_series_of_other_programs(self):
        series = learned.TRAIN.replace("archive: data", "archive: s.pvd").replace("parameters: [diffusivity]\n", "")
        series = series.replace("{validation: 0.25, test: 0.25}", "{by: time, validation: 0, test: 0}")
        free = series.replace("prescribed: {u: [inflow]}\n", "")
        rising = {"u": lambda k, x, y: x + 0.1 * k * y}
        even = [0.1 * k for k in range(6)]

        def refused(config, says, times=even, fields=rising, **options):
            learned.write_series(self.folder, "s", times, fields, **options)
            self.train_refused(config=config, says=says)

        refused(series, ["s.pvd", "no roles", "boundary", "bad.yaml"])
        refused(free, ["s.pvd", "frames 2 and 3", "0.3 s apart", "0.1 s", "dt"], times=[0, 0.1, 0.2, 0.5, 0.6])
        refused(free, ["s.pvd", "1 frames"], times=[0])
        learned.write_series(self.folder, "s", even, rising, cell_fields=["c"])
        self.write("cells.yaml", free.replace("u: {}", "c: {}"))
        said = self.cotan("train", "cells.yaml", "-o", "cells", "--set", "train.steps=2").stderr
        self.assertIn("field 'c' is on cells: the network sees its means at points", said)
        for bad in ("nan", "inf"):
            spoilt = {"u": lambda k, x, y: float(bad) if k == 4 and x == y == 1 else x}
            refused(free, ["s.pvd", "'u'", "not finite", "frames"], fields=spoilt)
        # The frames that are kept for the test are not looked at: they may be what they are.
        self.write("good.yaml", free.replace("test: 0", "test: 0.5"))
        self.cotan("train", "good.yaml", "-o", "tested", "--set", "train.steps=2")
        self.refused("evaluate", "tested/best.safetensors", says=["s.pvd", "'u'", "not finite"])

    def test_meshes_of_other_dimensions(self):
        self.write("tetrahedron.msh", learned.TETRAHEDRON_MSH)
        self.write("solid.yaml", learned.CASE.replace("grid.msh", "tetrahedron.msh").replace("  rest: {role: wall}\n", ""))
        self.cotan("simulate", "solid.yaml", "-o", "solid")
        self.refused("evaluate", "run/best.safetensors", "solid", says=["00000", "3 dimensions", "trained in 2"])
        self.refused("rollout", "run/best.safetensors", "solid", "-o", "a.pvd", says=["00000", "3 dimensions", "trained in 2"])
        self.refused("rollout", "run/best.safetensors", "solid.yaml", "-o", "a.pvd", says=["solid.yaml", "3 dimensions", "trained in 2"])
        for name in ("00001", "00002", "00003"):  # a folder of both
            (self.folder / "data" / f"{name}.vtkhdf").write_bytes((self.folder / "solid" / "00000.vtkhdf").read_bytes())
        self.train_refused(says=["00001", "3 dimensions", "00000"])

    def test_a_validation_that_never_is_finite(self):
        """Its input overflows the network in the frames to validate: null in the metrics, the last state is the best."""
        learned.write_series(self.folder, "s", [0.1 * k for k in range(20)],
                             {"u": lambda k, x, y: x + 0.1 * k * y, "wind": lambda k, x, y: 1e30 * (x + 1) if k > 12 else x})
        config = learned.TRAIN.replace("archive: data", "archive: s.pvd").replace("u: {}", "u: {}, wind: {use: input}")
        config = config.replace("parameters: [diffusivity]\nprescribed: {u: [inflow]}\n", "")
        self.write("blown.yaml", config.replace("{validation: 0.25, test: 0.25}", "{by: time, validation: 0.4, test: 0}"))
        said = self.cotan("train", "blown.yaml", "-o", "whole").stderr
        self.assertIn("no validation rollout is known to have stayed finite", said)
        metrics = (self.folder / "whole" / "metrics.jsonl").read_text().splitlines()
        self.assertIn('{"step": 7, ', metrics[1])
        self.assertTrue(all('"validation": null' in line for line in metrics))
        self.cotan("train", "blown.yaml", "-o", "whole", "--resume")
        self.assertEqual(self.facts("info", "whole/best.safetensors")["fields"], self.facts("info", "whole/last.safetensors")["fields"])


if __name__ == "__main__":
    unittest.main()
