"""Meshes by a YAML file: Gmsh's sizes, layers and kinds of cells, filled surfaces, boxes, families drawn by seed."""
import math
import unittest

import program

FEATURES = program.features()

PLATE_GEO = """\
SetFactory("OpenCASCADE");
Rectangle(1) = {0, 0, 0, 2, 1};
Disk(2) = {0.5, 0.5, 0, 0.1};
BooleanDifference(3) = { Surface{1}; Delete; }{ Surface{2}; Delete; };
Physical Surface("plate") = {3};
Physical Curve("hole") = {5};
Physical Curve("outside") = {1, 2, 3, 4};
Mesh.MeshSizeMax = 0.2;
"""
BALL_GEO = 'SetFactory("OpenCASCADE");\nSphere(1) = {0, 0, 0, 1};\nMesh.MeshSizeMax = 0.8;\n'

FAMILY = """\
outer: {rectangle: {low: [0, 0], high: [2, 1]}}
holes:
  - {random: {count: [1, 3], radius: [0.05, 0.1], gap: 0.05, name: obstacles}}
size: 0.1
"""


def cube_stl(half, shift=0.0):
    """The cube of that half width in triangles, outward, as a text STL without the head."""
    corner = [[shift + half * (1 if i >> k & 1 else -1) for k in range(3)] for i in range(8)]
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    lines = []
    for a, b, c, d in quads:
        for triangle in ((a, b, c), (a, c, d)):
            lines += ["facet normal 0 0 0", "outer loop"]
            lines += ["vertex {} {} {}".format(*corner[i]) for i in triangle]
            lines += ["endloop", "endfacet"]
    return "\n".join(lines) + "\n"


def volume_of_tetrahedra(points, cells):
    total = 0.0
    for cell in cells:
        a, b, c = ([points[cell[k]][i] - points[cell[0]][i] for i in range(3)] for k in (1, 2, 3))
        total += (a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0])) / 6
    return total


@unittest.skipUnless(FEATURES["gpl"], "needs Gmsh and CGAL")
class ByGmsh(program.Case):
    def made(self, text, name="spec"):
        self.write("plate.geo", PLATE_GEO)
        self.write("ball.geo", BALL_GEO)
        self.write(name + ".yaml", text)
        return self.facts("mesh", name + ".yaml", "-o", name + ".msh", "--overwrite")

    def test_sizes_by_name_and_number(self):
        plain = self.made("gmsh: plate.geo\n")
        fine = self.made("gmsh: plate.geo\nsizes: {hole: 0.01}\ngrading: 0.3\n")
        self.assertGreaterEqual(fine["sets"]["hole"]["size"], 2 * math.pi * 0.1 / 0.0125)
        self.assertGreater(fine["points"], 3 * plain["points"])
        self.assertLess(fine["sets"]["outside"]["size"], 2 * plain["sets"]["outside"]["size"])
        numbered = self.made("gmsh: plate.geo\nsizes: {curve_5: 0.01}\ngrading: 0.3\n")
        self.assertEqual(numbered["points"], fine["points"])
        self.refused("mesh", "spec.yaml", "-o", "a.msh", "--set", "sizes.hoel=0.1", says=["hoel", "did you mean 'hole'"])

    def test_curvature(self):
        plain = self.made("gmsh: ball.geo\n")
        curved = self.made("gmsh: ball.geo\ncurvature: 48\n")
        self.assertGreater(curved["points"], 3 * plain["points"])

    def test_background(self):
        plain = self.made("gmsh: plate.geo\n")
        graded = self.made('gmsh: plate.geo\nbackground: "0.02 + 0.2*x"\n')
        self.assertGreater(graded["points"], 3 * plain["points"])
        self.refused("mesh", "spec.yaml", "-o", "a.msh", "--set", "background=x - 1", says="above 0")
        self.write("sizes.msh", program.SQUARE_MSH)
        self.refused("mesh", "spec.yaml", "-o", "a.msh", "--set", "background={file: sizes.msh, field: h}", says="field")

    def test_boundary_layer(self):
        made = self.made("gmsh: plate.geo\nboundary_layer: {on: hole, first: 0.002, ratio: 1.3, thickness: 0.02}\n")
        self.assertGreater(made["cells"]["quad"], 3 * made["sets"]["hole"]["size"])
        self.refused("mesh", "spec.yaml", "-o", "a.msh", "--set", "boundary_layer.thickness=0.001", says="thickness")

    def test_quads_and_hexes(self):
        self.assertEqual(list(self.made("gmsh: plate.geo\ncells: quads\n")["cells"]), ["quad"])
        self.assertEqual(list(self.made("gmsh: ball.geo\ncells: hexes\n")["cells"]), ["hexa"])
        second = self.made("gmsh: plate.geo\ncells: quads\ndegree: 2\n")
        self.assertEqual(list(second["cells"]), ["quad9"])

    def test_periodic_sides_of_gmsh(self):
        """As Gmsh writes them, in both versions and both forms."""
        self.write("box.geo", """\
SetFactory("OpenCASCADE");
Rectangle(1) = {0, 0, 0, 2, 1};
Periodic Curve {2} = {4} Translate {2, 0, 0};
Physical Surface("all") = {1};
Physical Curve("left") = {4};
Physical Curve("right") = {2};
Mesh.MeshSizeMax = 0.3;
Mesh 2;
Mesh.MshFileVersion = 2.2; Save "text22.msh";
Mesh.MshFileVersion = 4.1; Save "text41.msh";
Mesh.Binary = 1; Save "binary41.msh";
Mesh.MshFileVersion = 2.2; Save "binary22.msh";
""")
        self.cotan("mesh", "box.geo", "-o", "out.msh")
        for name in ("text22", "text41", "binary41", "binary22"):
            found = self.facts("info", name + ".msh")["periodic"]
            self.assertEqual([(p["from"], p["to"]) for p in found], [("right", "left")], name)
            self.assertAlmostEqual(found[0]["shift"][0], -2)
            self.assertEqual(found[0]["shift"][1], 0)

    def test_unknown_keys(self):
        self.write("plate.geo", PLATE_GEO)
        self.write("a.yaml", "gmsh: plate.geo\nsizess: {hole: 0.1}\n")
        self.refused("mesh", "a.yaml", "-o", "a.msh", says=["a.yaml:2", "did you mean 'sizes'"])


@unittest.skipUnless(FEATURES["gpl"], "needs Gmsh and CGAL")
class Volumes(program.Case):
    def volume(self, name):
        self.cotan("convert", name, name + ".vtk")
        return volume_of_tetrahedra(*program.read_vtk(self.folder / (name + ".vtk"))[:2])

    def test_a_cube_is_filled(self):
        self.write("cube.stl", "solid cube\n" + cube_stl(1) + "endsolid cube\n")
        made = self.facts("mesh", "cube.stl", "-o", "cube.msh", "--size", "0.4")
        self.assertEqual(list(made["cells"]), ["tetra"])
        self.assertEqual(list(made["sets"]), ["surface"])
        self.assertAlmostEqual(self.volume("cube.msh"), 8, delta=1e-9)  # flat sides and sharp edges are kept
        self.cotan("mesh", "cube.stl", "-o", "again.msh", "--size", "0.4")
        self.assertAlmostEqual(self.volume("again.msh"), 8, delta=1e-9)  # not always by the same points

    def test_solids_name_sides_and_shells_bound_voids(self):
        inner = cube_stl(0.5)
        self.write("hollow.stl", f"solid out\n{cube_stl(1)}endsolid out\nsolid in\n{inner}endsolid in\n")
        self.write("spec.yaml", "surface: hollow.stl\nsize: 0.3\n")
        made = self.facts("mesh", "spec.yaml", "-o", "hollow.msh")
        self.assertEqual(sorted(made["sets"]), ["in", "out"])
        self.assertAlmostEqual(self.volume("hollow.msh"), 7, delta=1e-9)

    def test_what_cannot_be_filled(self):
        facets = cube_stl(1).split("facet normal")
        self.write("open.stl", "solid a\n" + "facet normal".join(facets[:-1]) + "endsolid a\n")
        self.refused("mesh", "open.stl", "-o", "a.msh", "--size", "0.5", says=["open.stl", "not closed", "3 edges"])
        self.write("two.stl", "solid a\n" + cube_stl(1) + cube_stl(1, 0.5) + "endsolid a\n")
        self.refused("mesh", "two.stl", "-o", "a.msh", "--size", "0.5", says=["two.stl", "cuts itself"])
        self.write("cube.stl", "solid a\n" + cube_stl(1) + "endsolid a\n")
        self.refused("mesh", "cube.stl", "-o", "a.msh", says="--size")
        self.refused("mesh", "cube.stl", "-o", "a.msh", "--size", "1e-4", says=["size", "cells"])
        self.write("spec.yaml", "surface: cube.stl\nsize: 0.5\nfacet_angel: 3\n")
        self.refused("mesh", "spec.yaml", "-o", "a.msh", says=["spec.yaml:3", "did you mean 'facet_angle'"])


class Boxes(program.Case):
    def test_cells_of_each_type(self):
        for cells, low, high, kind, count in (("[4, 3]", "[0, 0]", "[2, 1]", "quad", 12), ("[4, 3]", "[0, 0]", "[2, 1]", "triangle", 24),
                                              ("[2, 3, 4]", "[-1, 0, 0]", "[1, 1, 1]", "hexa", 24),
                                              ("[2, 3, 4]", "[-1, 0, 0]", "[1, 1, 1]", "tetra", 144)):
            self.write("box.yaml", f"box: {{low: {low}, high: {high}, cells: {cells}, type: {kind}}}\n")
            made = self.facts("mesh", "box.yaml", "-o", f"{kind}.msh")
            self.assertEqual(made["cells"], {kind: count})
            self.assertIn("left", made["sets"])
        self.write("box.yaml", "box: {low: [0, 0], high: [0, 1], cells: [1, 1]}\n")
        self.refused("mesh", "box.yaml", "-o", "a.msh", says=["box.yaml:1", "low below high"])
        self.write("box.yaml", "box: {low: [0, 0], high: [1, 1], cells: [100000, 100000]}\n")
        self.refused("mesh", "box.yaml", "-o", "a.msh", says=["box.yaml:1", "50 million"])


@unittest.skipUnless(FEATURES["gpl"] and FEATURES["hdf5"], "needs CGAL, writes archives")
class Families(program.Case):
    def test_a_draw_is_repeated(self):
        self.write("family.yaml", FAMILY)
        facts = [self.facts("mesh", "family.yaml", "-o", f"{k}.msh", "--seed", seed, "--draw", draw)
                 for k, (seed, draw) in enumerate(((1, 0), (1, 0), (1, 1), (2, 0)))]
        data = [(self.folder / f"{k}.msh").read_bytes() for k in range(4)]
        self.assertEqual(data[0], data[1])
        self.assertEqual(len(set(data)), 3)
        self.assertTrue(all("obstacles" in f["sets"] for f in facts))

    def test_simulate_makes_a_family(self):
        self.write("case.yaml", f"""\
mesh:
  outline:
    {FAMILY.strip().replace(chr(10), chr(10) + "    ")}
problem: advection_diffusion
parameters: {{diffusivity: 0.1}}
time: {{step: 0.05, end: 0.1}}
boundary:
  obstacles: {{role: obstacle, u: 1}}
""")
        self.cotan("simulate", "case.yaml", "-o", "data", "--count", "3", "--seed", "4")
        points = [self.facts("info", f"data/{k:05}.vtkhdf")["points"] for k in range(3)]
        self.assertGreater(len(set(points)), 1)
        # The same numbers as by `cotan mesh`
        self.write("family.yaml", FAMILY)
        for k in range(3):
            made = self.facts("mesh", "family.yaml", "-o", f"{k}.msh", "--seed", 4, "--draw", k, "--order", "none")
            self.assertEqual(made["points"], points[k])


if __name__ == "__main__":
    unittest.main()
