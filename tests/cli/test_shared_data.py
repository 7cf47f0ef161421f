"""Every file of the shared data that can be read: the counts, names, times and ranges that its README states.

The folder is COTAN_SHARED_DATA, or ../shared/data beside the repository; without it the tests are skipped, saying so.
"""
import os
import pathlib
import unittest

import program

DATA = pathlib.Path(os.environ.get("COTAN_SHARED_DATA", program.SOURCE / "../shared/data"))


def row(needs="", **expected):
    """What `cotan info` has to say of a file: `points`, `cells`, and of `sets` (name -> size) and `fields` (name ->
    (components, place)) those that are named."""
    return {"needs": needs, **expected}


MESHES = {
    "gmsh/north_sea_coast.msh": row(points=6565, cells={"triangle": 10920}, dim=2),
    "gmsh/tidal_lagoon.msh": row(points=3816, cells={"triangle": 7342}),
    "gmsh/tidal_lagoon_bin22.msh": row(points=3816, cells={"triangle": 7342}),
    "gmsh/tidal_lagoon_bin41.msh": row(points=3816, cells={"triangle": 7342}),
    "gmsh/cylinder_channel_fine.msh": row(points=10856, cells={"triangle": 21158}),
    "gmsh/cylinder_channel_dfg_tri6.msh": row(points=1905, cells={"triangle6": 900}),
    "gmsh/sphere_in_channel_tet.msh": row(points=1986, cells={"tetra": 8436}, sets={"Sphere": 390}),
    "gmsh/wheel_tet10.msh": row(points=1822, cells={"tetra10": 895}),
    "gmsh/pipe_elbow_wedge.msh": row(points=180, cells={"wedge": 160}, sets={"outer": 96, "opening": 20}),
    "gmsh/stokes_mixed_tri_quad.msh": row(points=183, cells={"triangle": 148, "quad": 81}, sets={"boundary": 54}),
    "gmsh/msre_lattice_quad.msh": row(points=2115, cells={"quad": 1960}, sets={"outer_wall": 14}),
    "gmsh/geolayers_2d.msh": row(points=1389, cells={"triangle": 2520}, sets={"Top": 120}),
    "gmsh/hollow_cylinder_hex.msh": row(points=3780, cells={"hexa": 1800}),
    "gmsh/embedded_faults_tet.msh": row(points=1261, cells={"tetra": 5238}, sets={"oval_fault": 105}),
    "gmsh/footing_tri.msh": row(points=192, cells={"triangle": 330}),
    "su2/wedge_supersonic.su2": row(points=3750, cells={"quad": 3626}, dim=2,
                                    sets={"inlet": 49, "lower": 74, "outlet": 49, "upper": 74}),
    "su2/cylinder_laminar.su2": row(points=13336, cells={"triangle": 26192}, sets={"cylinder": 400, "farfield": 80}),
    "su2/rae2822_hybrid.su2": row(points=13937, cells={"triangle": 18042, "quad": 4800},
                                  sets={"AIRFOIL": 192, "FARFIELD": 40}),
    "su2/sphere_sector_mixed_3d.su2": row(
        points=5652, cells={"tetra": 342, "wedge": 7758, "pyramid": 354}, dim=3,
        sets={"symmetry_left": 2818, "symmetry_right": 2818, "farfield": 138, "wall": 60}),
    "su2/beam_hex_3d.su2": row(
        points=3445, cells={"hexa": 2496}, dim=3,
        sets={"symleft": 624, "symright": 624, "left": 48, "lower": 208, "upper": 208, "right": 48}),
    "su2/venturi_quad.su2": row(
        points=3510, cells={"quad": 3364},
        sets={"gas_inlet": 29, "air_axial_inlet": 29, "outlet": 29, "axis": 87, "wall": 116}),
    "su2/naca64a010_hybrid.su2": row(points=6532, cells={"triangle": 5729, "quad": 3584},
                                     sets={"airfoil": 128, "farfield": 39}),
    "su2_series/cylinder_urans/mesh_cylinder.su2": row(points=3226, cells={"triangle": 1218, "quad": 2565},
                                                       sets={"Cylinder": 76, "Farfield": 28}),
    "abaqus/heated_plate_hex.inp": row(points=16848, cells={"hexa": 8211}, dim=3,
                                       sets={"interface": 324, "fix1": 324, "interfaceF2": 161, "sinterface": 161}),
    "abaqus/elastic_tube_tet10.inp": row(points=8072, cells={"tetra10": 3946}, sets={"Eall": 3946}),
    "abaqus/baffle_shell_quad.inp": row(points=7418, cells={"quad": 6778}, sets={"ALL": 6778, "CANALS": 532, "IN": 360, "OUT": 398, "IN-S3": 95}),
    "abaqus/dam_section.inp": row(points=475, cells={"quad8": 138}, dim=2, sets={"PART0_elements": 138}),
    # its hexahedra and wedges have the nodes of second order, under the types of linear ones
    "vtk/notch_stress_hex.vtk": row(points=12717, cells={"hexa20": 2188, "wedge15": 4}, fields={
        "Nodal Stress-0": (1, "point"), "Nodal Stress": (6, "point"), "Nodal Stress-normed": (1, "point")},
        non_finite={"Nodal Stress": 0, "Nodal Stress-normed": 9180}),
    # 687 points, one of them unused
    "vtk/blow_molding_10steps.vtk": row(
        kind="archive", points=686, cells={"quad": 129, "triangle": 928}, steps=10,
        fields={"displacement": (3, "point"), "thickness": (1, "point")}),
    # 11036 triangles, three of them without an area
    "surface/idgh_part.stl": row(points=5500, cells={"triangle": 11033}, dim=3),
    "surface/box_ascii.stl": row(points=8, cells={"triangle": 12}),
    "surface/box_binary.stl": row(points=8, cells={"triangle": 12}),
    "surface/bunny_adaptive.off": row(points=5884, cells={"triangle": 11764}),
    "openfoam/cavity/constant/polyMesh": row(points=882, cells={"hexa": 400}, dim=3,
                                             sets={"movingWall": 20, "fixedWalls": 60, "frontAndBack": 800}),
    "openfoam/cylinder": row(
        kind="archive", points=4222, cells={"hexa": 2000}, steps=1, fields={"U": (3, "cell")},
        sets={"left": 30, "right": 30, "up": 60, "down": 60, "cylinder": 40, "defaultFaces": 4000}),
    "openfoam/binary_64bit": row(kind="archive", points=12, cells={"hexa": 2}, steps=1,
                                 fields={"U": (3, "cell"), "p": (1, "cell")}),
    "vtk/rock_section_tri.vtu": row("vtk", points=1235, cells={"triangle": 2320}, fields={
        "HeatFlowRate": (1, "point"), "NodalForces": (2, "point"), "T0": (1, "point"), "displacement": (2, "point"),
        "epsilon": (4, "point"), "sigma": (4, "point"), "temperature": (1, "point"), "MaterialIDs": (1, "cell")}),
}


@unittest.skipUnless(DATA.is_dir(), f"{DATA} is not there (COTAN_SHARED_DATA names the data)")
class SharedData(program.Case):
    def check(self, file, needs, sets=(), fields=(), non_finite=(), **expected):
        facts = self.facts("info", DATA / file)
        self.assertEqual(facts["kind"], expected.pop("kind", "mesh"))
        for key, value in expected.items():
            self.assertEqual(facts[key], value, key)
        sizes = {name: entry["size"] for name, entry in facts["sets"].items()}
        for name in sets:
            self.assertEqual(sizes.get(name), sets[name], f"set {name} of {sorted(sizes)}")
        found = {field["name"]: (field["components"], field["on"]) for field in facts["fields"]}
        for name in fields:
            self.assertEqual(found.get(name), fields[name], f"field {name} of {sorted(found)}")
        for field in facts["fields"]:
            if field["name"] in non_finite:
                self.assertEqual(field["non_finite"], non_finite[field["name"]], field["name"])

    def test_meshes(self):
        features = program.features()
        for file, expected in MESHES.items():
            with self.subTest(file):
                if features.get(expected["needs"], True):
                    self.check(file, **expected)


if __name__ == "__main__":
    unittest.main(verbosity=1)
