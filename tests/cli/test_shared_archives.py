"""Every time series of the shared data: the counts, names, times and ranges that its README states, and for one of each kind
that it converts, trains and rolls out. Skipped, saying so, where the data are not there."""
import unittest

import program
import test_shared_data as shared

DATA, row = shared.DATA, shared.row

FRACTURE = {"temperature": (1, "point"), "pressure": (1, "point"), "darcy_velocity": (2, "point")}
SU2_FIELDS = {"Density": (1, "point"), "Momentum": (2, "point"), "Velocity": (2, "point"), "Pressure": (1, "point"), "Mach": (1, "point")}
THERMAL = dict(points=202, cells={"quad": 100}, steps=251, times=(0, 0.5), sets={"left": 1, "top": 100}, fields={"T": (1, "point")})

ARCHIVES = {
    "pvd/fracture_heat/2D_single_fracture_HT_2D_single_fracture.pvd": row(
        "vtk", points=190, cells={"quad": 162}, steps=97, times=(0, 86400), fields=FRACTURE),
    "pvd/block_loading/mesh.pvd": row(
        "vtk", points=169, cells={"quad": 144}, steps=5, times=(0, 4),
        fields={"displacement": (2, "point"), "sigma": (4, "point"), "epsilon": (4, "point"), "NodalForces": (2, "point")}),
    "pvd/block_loading/mesh_ts_*.vtu": row("vtk", points=169, cells={"quad": 144}, steps=5, times=(0, 4)),
    "pvd/lshape_navier_stokes/velocity.pvd": row(
        "vtk", points=137, cells={"triangle": 232}, steps=300, times=(0, 299), fields={"f_13288": (3, "point")}),
    "pvd/lshape_navier_stokes/pressure*.vtu": row(
        "vtk", points=137, cells={"triangle": 232}, steps=300, times=(0, 299), fields={"f_13291": (1, "point")}),
    "vtkhdf/can_crush": row(
        "hdf5", points=6724, cells={"hexa": 4800}, steps=3, times=(0, 0.0042),
        fields={"DISPL": (3, "point"), "VEL": (3, "point"), "ACCL": (3, "point"), "EQPS": (1, "cell"), "displacement": (3, "point")}),
    "vtkhdf/point_data_3steps.vtkhdf": row(
        "hdf5", points=36, cells={"triangle": 50}, steps=3, times=(0, 2), fields={"u": (1, "point")}, ranges={"u": (0, 35)}),
    "vtkhdf/cell_data_3steps.vtkhdf": row(
        "hdf5", points=36, cells={"triangle": 50}, steps=3, times=(0, 2), fields={"u": (3, "cell")}, ranges={"u": (0, 149)}),
    "xdmf/fracture_heat/2D_single_fracture_HT_2D_single_fracture.xdmf": row(
        "hdf5", points=190, cells={"quad": 162}, steps=97, times=(0, 86400), sets={"sides": 9}, fields=FRACTURE),
    "xdmf/poisson_series/poisson_time_series_2d.xdmf": row(
        "hdf5", points=121, cells={"triangle": 200}, steps=1, times=(0, 0), fields={"f": (1, "point")}),
    "exodus/mug_convection_diffusion.e": row(
        points=3774, cells={"hexa": 2476}, dim=3, steps=21, times=(0, 2),
        sets={"bottom": 478, "top": 76, "physical_76": 760, "physical_2": 114},
        fields={"convected": (1, "point"), "diffused": (1, "point"), "aux_elem": (1, "cell"), "func_pp": (1, "global")}),
    "exodus/annulus_elastic_pulse.e": row(
        points=1248, cells={"hexa": 576}, steps=21, times=(0, 0.005), sets={"rmin": 48, "rmax": 48, "zmin": 576, "zmax": 576},
        fields={"accel_x": (1, "point"), "disp_z": (1, "point"), "stress_yy": (1, "cell"), "disp_x_rmax_max": (1, "global")}),
    "exodus/concrete_heat_moisture.e": row(
        points=5151, cells={"quad": 5000}, dim=2, steps=6, times=(0, 500), sets={"physical_1": 100, "physical_2": 100},
        fields={"T": (1, "point"), "rh": (1, "point"), "water_content": (1, "cell")}),
    "exodus/thermal_front_1.e": row(**THERMAL),
    "exodus/thermal_front_*.e": row(trajectories=3, **THERMAL),
    "exodus/thin_plate_contact.e": row(
        points=2178, cells={"hexa": 1326}, steps=22, times=(0, 0.0001), sets={"block_1": 720, "block_2": 606, "physical_1": 1179},
        fields={"displacement_x": (1, "point"), "contact_force_z": (1, "point")}),
    "exodus/footing_damage_tri.e": row(
        points=192, cells={"triangle": 330}, steps=11, times=(0, 0.001), sets={"bottom": 4, "top_pressure": 10},
        fields={"damage": (1, "point"), "stress_xx": (1, "point"), "stress_xx_cell": (1, "cell"),
                "stress_xx_global": (1, "global"), "ydisp": (1, "global")}),
    "exodus/boussinesq_square_quad9.e": row(
        points=1681, cells={"quad9": 400}, steps=5, times=(0.01, 0.05), sets={"left": 20, "corner": 1},
        fields={name: (1, "point") for name in ("deltaT", "p", "temp", "ux", "uy")}),
    "exodus/wedge_mesh_8_sidesets.exo": row(
        kind="mesh", points=1000, cells={"wedge": 1344}, sets={"physical_1": 336, "physical_5": 96, "physical_8": 6}),
    "openfoam/cavity": row(
        points=882, cells={"hexa": 400}, dim=3, steps=6, times=(0, 2.5),
        sets={"movingWall": 20, "fixedWalls": 60, "frontAndBack": 800}, fields={"U": (3, "cell"), "p": (1, "cell")}),
    "su2_series/cylinder_urans": row(
        points=3226, cells={"triangle": 1218, "quad": 2565}, steps=10, times=(0, 9), sets={"Cylinder": 76, "Farfield": 28},
        fields=SU2_FIELDS),
}

TRAIN = """\
archive: {path}
dt: 1
fields: {fields}
split: {{by: time, validation: 0, test: 0}}
model: {{name: mesh_graph_net, width: 8, blocks: 1}}
train: {{steps: 2, warmup: 2}}
"""

# A field, on points or cells, of one file of each kind; frames.
LEARNED = {
    "pvd/lshape_navier_stokes/velocity.pvd": ("vtk", "f_13288"),
    "pvd/block_loading/mesh_ts_*.vtu": ("vtk", "displacement"),
    "vtkhdf/can_crush": ("hdf5", "EQPS"),
    "vtkhdf/point_data_3steps.vtkhdf": ("hdf5", "u"),
    "xdmf/fracture_heat/2D_single_fracture_HT_2D_single_fracture.xdmf": ("hdf5", "temperature"),
    "exodus/footing_damage_tri.e": ("", "mises_stress_cell"),
    "exodus/thermal_front_*.e": ("", "T"),
    "su2_series/cylinder_urans": ("", "Velocity"),
    "openfoam/cavity": ("", "U"),
}


@unittest.skipUnless(DATA.is_dir(), f"{DATA} is not there (COTAN_SHARED_DATA names the data)")
class SharedArchives(program.Case):
    features = program.features()
    check = shared.SharedData.check

    def check_archive(self, file, needs, times=None, ranges=(), **expected):
        self.check(file, needs, **{"kind": "archive", **expected})
        facts = self.facts("info", DATA / file) if times or ranges else {}
        if times:
            self.assertAlmostEqual(facts["times"]["first"], times[0], delta=1e-3 * max(abs(times[1]), 1e-9))
            self.assertAlmostEqual(facts["times"]["last"], times[1], delta=1e-2 * max(abs(times[1]), 1e-9))
        for field in facts.get("fields", []):
            self.assertEqual(field["non_finite"], 0, field["name"])
            if field["name"] in ranges:
                self.assertEqual((field["min"], field["max"]), ranges[field["name"]])

    def test_counts_names_times_and_ranges(self):
        for file, expected in ARCHIVES.items():
            with self.subTest(file):
                if self.features.get(expected["needs"], True):
                    self.check_archive(file, **expected)

    def test_one_of_each_kind_trains_and_rolls_out(self):
        for number, (file, (needs, field)) in enumerate(LEARNED.items()):
            with self.subTest(file):
                if not self.features.get(needs, True) or not self.features["vtk"]:
                    continue
                self.write(f"{number}.yaml", TRAIN.format(path=f'"{DATA / file}"', fields="{u: {from: %s}}" % field))
                said = self.cotan("train", f"{number}.yaml", "-o", f"run{number}").stderr
                self.assertEqual("is on cells: the network sees its means" in said, field in ("EQPS", "mises_stress_cell", "U"))
                self.cotan("rollout", f"run{number}/last.safetensors", DATA / file, "-o", f"{number}.pvd", "--steps", "1")
                self.assertTrue((self.folder / f"{number}.pvd").exists())


if __name__ == "__main__":
    unittest.main(verbosity=1)
