"""The examples of docs/formats.md, line by line, on small files of each format."""
import re
import shutil
import unittest

import program
from test_docs_examples import blocks
from test_mesh_kinds import cube_stl
from test_openfoam import cavity

FEATURES = program.features()
CORPUS = program.SOURCE / "tests/fuzz/corpus"


def polygon_file(kind):
    """The cube of cube_stl in another format, by its triangles' own corners."""
    points = [tuple(map(float, line.split()[1:])) for line in cube_stl(0.2).splitlines() if line.startswith("vertex")]
    corners = sorted(set(points))
    triangles = [[corners.index(p) for p in points[i:i + 3]] for i in range(0, len(points), 3)]
    vertices = ["{} {} {}".format(*p) for p in corners]
    if kind == "off":
        return "\n".join(["OFF", f"{len(corners)} {len(triangles)} 0", *vertices, *("3 {} {} {}".format(*t) for t in triangles)]) + "\n"
    if kind == "ply":
        head = ["ply", "format ascii 1.0", f"element vertex {len(corners)}", *(f"property float {c}" for c in "xyz"),
                f"element face {len(triangles)}", "property list uchar int vertex_indices", "end_header"]
        return "\n".join([*head, *vertices, *("3 {} {} {}".format(*t) for t in triangles)]) + "\n"
    faces = ["f " + " ".join(str(i + 1) for i in t) for t in triangles]
    return "\n".join([*("v " + v for v in vertices), "g half", *faces[:6], "g other", *faces[6:]]) + "\n"


@unittest.skipUnless(all(FEATURES[name] for name in ("gpl", "vtk", "hdf5")), "needs Gmsh, CGAL, VTK and HDF5")
class FormatsPage(program.Case):
    def setUp(self):
        super().setUp()
        for name, source in (("result.vtk", "legacy_vtk/text.vtk"), ("surface.vtp", "vtp/plane.vtp"), ("thermal.e", "exodus/small2.e"),
                             ("wing.su2", "su2/plane.su2"), ("deck.inp", "abaqus/solid.inp")):
            shutil.copy(CORPUS / source, self.folder / name)
        self.write("channel.msh", program.SQUARE_MSH)
        self.write("part.stl", "solid part\n" + cube_stl(0.2) + "endsolid part\n")
        for kind in ("off", "ply", "obj"):
            self.write("part." + kind, polygon_file(kind))
        (self.folder / "cavity").mkdir()
        cavity(self.folder / "cavity")
        self.write("piece.msh", program.SQUARE_MSH.replace("2 1 0 0", "2 -1 0 0").replace("3 1 1 0", "3 -1 1 0"))
        for name, source in (("a", "channel.msh"), ("b", "piece.msh")):
            self.cotan("convert", source, name + ".vtu")
        self.write("result.pvtu", '<VTKFile type="PUnstructuredGrid">\n<PUnstructuredGrid GhostLevel="0">\n<Piece Source="a.vtu"/>\n'
                                  '<Piece Source="b.vtu"/>\n</PUnstructuredGrid>\n</VTKFile>\n')
        self.write("cad.geo", 'SetFactory("OpenCASCADE");\nBox(1) = {0, 0, 0, 1, 1, 1};\nMesh.MeshSizeMax = 1;\nSave "part.step";\n')
        self.cotan("mesh", "cad.geo", "-o", "cad.msh")

    def test_every_line_does_what_it_shows(self):
        lines = [line.split("#")[0].split()[1:] for line in blocks("docs/formats.md", "")[0].splitlines()]
        self.assertGreater(len(lines), 15)
        for line in lines:
            with self.subTest(" ".join(line)):
                self.cotan(*line)
        self.assertEqual(self.facts("info", "result.vtu")["points"], 6)  # two pieces of four, with a side in common
        self.assertEqual(self.facts("info", "channel.xdmf")["cells"], {"triangle": 2})
        self.assertEqual(self.facts("info", "cavity.msh")["dim"], 2)
        self.assertIn("tetra", self.facts("info", "part.msh")["cells"])

    def test_the_table_has_the_formats_that_there_are(self):
        page = (program.SOURCE / "docs/formats.md").read_text()
        table = page[page.index("| format |"):page.index("An example of each")]
        shown = set(re.findall(r"`(\.\w+)`", table)) - {".step", ".brep", ".iges", ".geo", ".gz", ".h5"}
        there = set(self.facts("info")["mesh_formats"])
        self.assertLessEqual({name for name in there if name not in (".hdf", ".openfoam")}, shown)


if __name__ == "__main__":
    unittest.main()
