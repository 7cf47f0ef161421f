import json
import shutil
import unittest

import program

FEATURES = program.features()
SMALL = {"burgers": ["time.end=0.01"], "fitzhugh_nagumo": ["time.end=0.04", "initial.simulate=0.1", "mesh.parameters.h=4", "output.mesh.parameters.h=8"],
         "gray_scott": ["time.end=5", "mesh.parameters.n=24", "output.mesh.parameters.n=8"],
         "cylinder": ["time.end=1", "initial.simulate=0.5", "mesh.parameters.size=1.6", "output.mesh.parameters.size=1.6"]}


@unittest.skipUnless(FEATURES["hdf5"] and FEATURES["gpl"], "makes meshes by Gmsh and writes archives")
class Examples(program.Case):
    def test_each_case_at_a_small_size(self):
        """Meshes are made and glued, the solver runs, what is written is finite and on the coarse mesh."""
        folder = program.SOURCE / "examples/phympgn"
        cases = sorted(folder.glob("*.yaml"))
        self.assertEqual(len(cases), 7)
        for path in cases:
            system = next(name for name in SMALL if path.stem.startswith(name))
            values = SMALL[system] + (["mesh.parameters.h=0.04", "output.mesh.parameters.h=0.1"] if system == "burgers" else [])
            with self.subTest(path.stem):
                said = self.cotan("simulate", path, "-o", path.stem, *[w for v in values for w in ("--set", v)]).stderr
                self.assertNotIn("Gmsh", said)
                facts = self.facts("info", path.stem)
                self.assertEqual({f["non_finite"] for f in facts["fields"]}, {0})
                self.assertEqual(facts["frames"], 11)
                self.assertLess(facts["points"], 1200)
                self.assertGreater(max(f["max"] for f in facts["fields"]), 0.1)

    SIZES = {"burgers_a": ["time.end=0.08", "mesh.parameters.h=0.05", "output.mesh.parameters.h=0.12"],
             "gray_scott": ["time.end=40", "time.every=8", "mesh.parameters.length=0.5", "mesh.parameters.n=24",
                            "output.mesh.parameters.length=0.5", "output.mesh.parameters.n=8"]}
    FRACTIONS = ["split.validation=0.34", "split.test=0.34", "train.steps=4", "train.warmup=3"]

    def archive_of(self, system):
        """Three small trajectories of a case."""
        folder = program.SOURCE / "examples/phympgn"
        self.cotan("simulate", folder / f"{system}.yaml", "-o", f"{system}_data", "--count", "3",
                   *[w for v in self.SIZES[system] for w in ("--set", v)])
        return [w for v in [f"archive={self.folder}/{system}_data", *self.FRACTIONS] for w in ("--set", v)]

    def test_trainings_at_a_small_size(self):
        """Each training configuration runs on a small archive of its case, goes on to the next, and is evaluated."""
        for system in self.SIZES:
            sets = self.archive_of(system)
            for name in ("phympgn", "windows", "mesh_graph_net"):
                with self.subTest(f"{system} {name}"):
                    more = ["--set", f"start_from={self.folder}/{system}_phympgn/best.safetensors"] if name == "windows" else []
                    self.cotan("train", program.SOURCE / f"examples/phympgn/{system}/{name}.yaml", "-o", f"{system}_{name}", *sets, *more)
                    table = json.loads(self.cotan("evaluate", f"{system}_{name}/best.safetensors", "--part", "test", "--json").stdout)
                    self.assertEqual(table["trajectories"], 1)

    def test_what_cannot_be_trained(self):
        sets = self.archive_of("burgers_a")
        for name in ("phympgn", "mesh_graph_net"):
            shutil.copy(program.SOURCE / f"examples/phympgn/burgers_a/{name}.yaml", self.folder)
        # With a hundred times the diffusion steps would not stay bounded: said before any time is lost.
        unstable = self.cotan("train", "phympgn.yaml", "-o", "unstable", *sets, "--set", "model.diffusion=100*viscosity", code=2)
        for setting, says in {"integrator=hein": "did you mean 'heun'", "train.loss=stats": "end_states", "train.regularise=error": "regularise needs a loss on states and an integrator with tolerances",
                              "train.regularise=eror": "did you mean 'error'",
                              "model.diffusion=viscositty": "viscosity", "model.known=velocity_x": "one for each of velocity_x, velocity_y",
                              "model.coordinates=true": "glued sides", "parameters=[]": "viscosity"}.items():
            self.refused("train", "phympgn.yaml", "-o", "refused", *sets, "--set", setting, says=says)
        for value, says in {"{method: heun, substeps: 0}": "at least 1", "{method: rk4, relative: 1e-4}": "estimates its error",
                            "{method: tsitouras, relativ: 1e-4}": "relative"}.items():
            self.refused("train", "phympgn.yaml", "-o", "refused", *sets, "--set", f"integrator={value}", says=says)
        self.refused("train", "mesh_graph_net.yaml", "-o", "refused", *sets, "--set", "integrator=heun", says="predicts increments")
        self.assertRegex(unstable.stderr, "are too long: .* expected substeps: [0-9]+ or more")

    def test_a_flux_through_sides(self):
        """Trains on turned samples and is evaluated; without a role or parameter of that name refused."""
        folder = program.SOURCE / "examples/phympgn"
        sizes = ["time.end=0.1", "mesh.parameters.h=0.06"]
        self.cotan("simulate", folder / "flux/disc.yaml", "-o", "data", "--count", "3", *[w for v in sizes for w in ("--set", v)])
        values = ["archive=data", "split.validation=0.34", "split.test=0.34", "train.steps=4", "train.warmup=3", "train.validate_every=4"]
        sets = [w for v in values for w in ("--set", v)]
        shutil.copy(folder / "flux/train.yaml", self.folder)
        self.cotan("train", "train.yaml", "-o", "run", *sets, "--set", "train.turn=180")
        command = ("evaluate", "run/best.safetensors", "--part", "test", "--json")
        alone = json.loads(self.cotan(*command).stdout)["fields"]["u"]["predictors"]["model"]["relative_l2"]
        self.assertGreater(alone, 0)
        for setting, says in {"model.flux=q * is_obstacl": "is_obstacle", "model.flux=qq * is_obstacle": "'q'", "model.edges=mesh_maximum": "length_scale"}.items():
            self.refused("train", "train.yaml", "-o", "refused", *sets, "--set", setting, says=says)


if __name__ == "__main__":
    unittest.main()
