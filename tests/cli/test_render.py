"""cotan render: the pictures' colours where they are known, and what is refused."""
import os
import shutil
import struct
import unittest
import zlib

import program

GRID = """<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian"><UnstructuredGrid>
<Piece NumberOfPoints="4" NumberOfCells="2">
<Points><DataArray type="Float64" NumberOfComponents="3" format="ascii">0 0 0 2 0 0 2 1 0 0 1 0</DataArray></Points>
<Cells><DataArray type="Int64" Name="connectivity" format="ascii">0 1 2 0 2 3</DataArray>
<DataArray type="Int64" Name="offsets" format="ascii">3 6</DataArray>
<DataArray type="UInt8" Name="types" format="ascii">5 5</DataArray></Cells>
<PointData>
<DataArray type="Float64" Name="u" format="ascii">0 2 2 0</DataArray>
<DataArray type="Float64" Name="u_reference" format="ascii">1 1 1 1</DataArray>
<DataArray type="Float64" Name="u_error" format="ascii">-1 1 1 -1</DataArray>
<DataArray type="Float64" Name="v" NumberOfComponents="3" format="ascii">3 4 0 3 4 0 3 4 0 3 4 0</DataArray>
</PointData><CellData><DataArray type="Float64" Name="k" format="ascii">1 5</DataArray></CellData>
</Piece></UnstructuredGrid></VTKFile>"""
SERIES = """<VTKFile type="Collection" version="1.0"><Collection>
<DataSet timestep="0" file="a.vtu"/><DataSet timestep="0.5" file="b.vtu"/></Collection></VTKFile>"""
CUBE = """\
$MeshFormat
2.2 0 8
$EndMeshFormat
$Nodes
8
1 0 0 0
2 1 0 0
3 1 1 0
4 0 1 0
5 0 0 1
6 1 0 1
7 1 1 1
8 0 1 1
$EndNodes
$Elements
1
1 5 2 1 1 1 2 3 4 5 6 7 8
$EndElements
$NodeData
1
"z"
1
0
3
0
1
8
1 0
2 0
3 0
4 0
5 1
6 1
7 1
8 1
$EndNodeData
"""
DARK, MIDDLE, BRIGHT = (0x44, 0x01, 0x54), (0x21, 0x91, 0x8C), (0xFD, 0xE7, 0x25)  # viridis
BLUE, WHITE, RED, GREY = (59, 76, 192), (221, 221, 221), (180, 4, 38), (153, 153, 153)


class Png:
    """Rows of red, green, blue; undoes PNG's filters by hand, so that no library is needed."""

    def __init__(self, path):
        data = path.read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        at, packed = 8, b""
        while at < len(data):
            (size,) = struct.unpack_from(">I", data, at)
            kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
            if kind == b"IHDR":
                self.width, self.height, depth, colour = struct.unpack(">IIBB", body[:10])
                assert (depth, colour) == (8, 2), "not 8 bits of red, green, blue"
            packed += body if kind == b"IDAT" else b""
            at += size + 12
        raw, stride = zlib.decompress(packed), 3 * self.width
        self.rows, before = [], bytearray(stride)
        for y in range(self.height):
            how, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
            for x in range(stride):
                left, up = row[x - 3] if x > 2 else 0, before[x]
                corner = before[x - 3] if x > 2 else 0
                nearest = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))
                row[x] = (row[x] + (0, left, up, (left + up) // 2, nearest[2])[how]) & 255
            self.rows.append(row)
            before = row

    def pixel(self, x, y):
        """At shares of the width and, from the top, of the height."""
        at = 3 * int(x * self.width)
        return tuple(self.rows[int(y * self.height)][at : at + 3])


@unittest.skipUnless(program.features()["vtk"], "needs VTK")
@unittest.skipUnless(shutil.which("Xvfb") or os.environ.get("DISPLAY"), "needs Xvfb or a display")
class Render(program.Case):
    def setUp(self):
        super().setUp()
        self.write("a.vtu", GRID)
        self.write("b.vtu", GRID.replace("0 2 2 0<", "2 0 0 2<"))
        self.write("flow.pvd", SERIES)

    def assert_near(self, found, expected):
        self.assertTrue(all(abs(a - b) < 30 for a, b in zip(found, expected)), f"{found} is not {expected}")

    def test_sheet_of_prediction_reference_and_error(self):
        self.cotan("render", "flow.pvd", "-o", "out")
        self.assertEqual(sorted(p.name for p in (self.folder / "out").iterdir()), ["k.png", "u.png", "v.png"])
        sheet = Png(self.folder / "out/u.png")  # wide: two times down the page, three kinds across
        for row, y in enumerate((0.28, 0.68)):
            left, right = (DARK, BRIGHT) if row == 0 else (BRIGHT, DARK)
            self.assert_near(sheet.pixel(0.015, y), left)
            self.assert_near(sheet.pixel(0.32, y), right)
            self.assert_near(sheet.pixel(0.5, y), MIDDLE)  # the reference, on the scale of both
            self.assert_near(sheet.pixel(0.68, y), BLUE)
            self.assert_near(sheet.pixel(0.83, y), WHITE)  # no error
            self.assert_near(sheet.pixel(0.985, y), RED)

    def test_cells_components_and_ranges(self):
        self.cotan("render", "a.vtu", "-o", "cells", "--fields", "k", "--range", "-3", "5")
        cells = Png(self.folder / "cells/k.png")
        self.assert_near(cells.pixel(0.6, 0.75), MIDDLE)  # 1 is in the middle of -3 and 5
        self.assert_near(cells.pixel(0.2, 0.35), BRIGHT)
        for component, value in (("length", 5), ("y", 4)):
            self.cotan("render", "a.vtu", "-o", component, "--fields", "v", "--component", component, "--range",
                       value - 1, value + 1)
            self.assert_near(Png(self.folder / component / "v.png").pixel(0.4, 0.5), MIDDLE)

    def test_values_that_are_not_finite_are_grey_and_said(self):
        self.write("a.vtk", "# vtk DataFile Version 3.0\n\nASCII\nDATASET UNSTRUCTURED_GRID\nPOINTS 4 double\n"
                            "0 0 0 2 0 0 2 1 0 0 1 0\nCELLS 2 8\n3 0 1 2 3 0 2 3\nCELL_TYPES 2\n5 5\n"
                            "CELL_DATA 2\nSCALARS k double\nLOOKUP_TABLE default\nnan 5\n")
        done = self.cotan("render", "a.vtk", "-o", "out", "--fields", "k")
        self.assertIn("k: 1 of 2 values are not finite", done.stderr)
        self.assert_near(Png(self.folder / "out/k.png").pixel(0.6, 0.75), GREY)

    def test_moved_points_stand_where_they_went(self):
        self.cotan("render", "a.vtu", "-o", "far", "--fields", "k", "--warp", "v", "--warp-scale", "1e6")
        self.cotan("render", "a.vtu", "-o", "near", "--fields", "k")
        far, near = Png(self.folder / "far/k.png"), Png(self.folder / "near/k.png")
        self.assert_near(far.pixel(0.6, 0.75), near.pixel(0.6, 0.75))  # all by the same: the view goes with them

    def test_cut_through_a_cube(self):
        self.write("cube.msh", CUBE)
        self.cotan("render", "cube.msh", "-o", "cut", "--slice", "x=0.5")
        cut = Png(self.folder / "cut/z.png")
        self.assert_near(cut.pixel(0.4, 0.95), DARK)
        self.assert_near(cut.pixel(0.4, 0.5), MIDDLE)
        self.assert_near(cut.pixel(0.4, 0.08), BRIGHT)
        self.write("bare.msh", CUBE[: CUBE.index("$NodeData")])
        self.assertIn("no field", self.cotan("render", "bare.msh", "-o", "bare", "--view", "x").stderr)
        self.assert_near(Png(self.folder / "bare/shape.png").pixel(0.4, 0.5), BRIGHT)  # a cube is regular
        self.refused("render", "cube.msh", "-o", "x", "--slice", "x=2", says="the mesh goes from 0 to 1")
        self.refused("render", "cube.msh", "-o", "x", "--slice", "w=2", says="expected an axis and a place")

    def test_every_time_and_a_video(self):
        self.cotan("render", "flow.pvd", "-o", "out", "--fields", "u", "--frames", "--video", "--arrows", "v")
        frames = sorted((self.folder / "out/u").iterdir())
        self.assertEqual([p.name for p in frames], ["0000.png", "0001.png"])
        self.assertNotEqual(frames[0].read_bytes(), frames[1].read_bytes())
        video = (self.folder / "out/u.ogv").read_bytes()
        self.assertTrue(video.startswith(b"OggS"))
        self.assertIn(b"theora", video[:200])
        self.refused("render", "flow.pvd", "-o", "out", says="--overwrite")
        self.cotan("render", "flow.pvd", "-o", "out", "--fields", "u", "--overwrite")

    def test_refuses_what_is_not_there(self):
        for arguments, says in ((("a.vtu", "--fields", "w"), "unknown field 'w'"),
                                (("a.vtu", "--component", "7"), "--component 7"),
                                (("a.vtu", "--view", "sideways"), "unknown view 'sideways'"),
                                (("a.vtu", "--warp", "u"), "expected a vector on points"),
                                (("a.vtu", "--slice", "x=1"), "not of solids"),
                                (("flow.pvd", "--trajectory", "1"), "--trajectory 1"),
                                (("a.vtu", "--range", "2", "1"), "the lower value first"),
                                (("none.vtu",), "none.vtu")):
            self.refused("render", *arguments, "-o", "out", says=says)

    def test_says_what_a_machine_without_displays_lacks(self):
        environment = {k: v for k, v in os.environ.items() if k != "DISPLAY"} | {"PATH": "/nowhere"}
        done = self.refused("render", "a.vtu", "-o", "out", env=environment, says=("xvfb", "DISPLAY is not set"))
        self.assertEqual(len(done.stderr.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
