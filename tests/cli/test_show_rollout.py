"""scripts/show_rollout.py: the picture's colours where they are known."""
import subprocess
import sys
import unittest

import program

try:
    import vtk
except ImportError:
    vtk = None

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
</PointData></Piece></UnstructuredGrid></VTKFile>"""
SERIES = """<VTKFile type="Collection" version="1.0"><Collection>
<DataSet timestep="0" file="a.vtu"/><DataSet timestep="0.5" file="b.vtu"/></Collection></VTKFile>"""


@unittest.skipUnless(vtk, "needs the vtk wheel")
class ShowRollout(program.Case):
    def setUp(self):
        super().setUp()
        self.write("a.vtu", GRID)
        self.write("b.vtu", GRID.replace("0 2 2 0<", "2 0 0 2<"))
        self.write("flow.pvd", SERIES)

    def show(self, *arguments):
        return subprocess.run([sys.executable, program.SOURCE / "scripts/show_rollout.py", *arguments], cwd=self.folder,
                              capture_output=True, text=True)

    def pixel(self, picture, x, y):
        """Red, green, blue at shares of the width and, from the top, of the height."""
        reader = vtk.vtkPNGReader()
        reader.SetFileName(str(self.folder / picture))
        reader.Update()
        image = reader.GetOutput()
        width, height, _ = image.GetDimensions()
        at = (int(x * width), int((1 - y) * height), 0)
        return [image.GetScalarComponentAsDouble(*at, c) for c in range(3)]

    def assert_near(self, found, expected):
        for a, b in zip(found, expected):
            self.assertLess(abs(a - 255 * b), 30, f"{found} is not {expected}")

    def test_colours_by_value(self):
        done = self.show("flow.pvd", "u", "first.png", "--frame", "0")
        self.assertEqual(done.returncode, 0, done.stderr)
        dark, bright, middle = (0.27, 0, 0.33), (0.99, 0.91, 0.14), (0.13, 0.57, 0.55)
        left, right = 0.05, 0.86
        self.assert_near(self.pixel("first.png", left, 1 / 6), dark)
        self.assert_near(self.pixel("first.png", right, 1 / 6), bright)
        for x in (left, right):  # one scale for both
            self.assert_near(self.pixel("first.png", x, 3 / 6), middle)
        self.assert_near(self.pixel("first.png", left, 5 / 6), (0.02, 0.19, 0.38))  # two signs: blue to red
        self.assert_near(self.pixel("first.png", right, 5 / 6), (0.40, 0, 0.12))
        self.assertEqual(self.show("flow.pvd", "u", "last.png").returncode, 0)
        self.assert_near(self.pixel("last.png", left, 1 / 6), bright)
        self.assert_near(self.pixel("last.png", right, 1 / 6), dark)

    def test_refuses_what_is_not_there(self):
        for arguments, words in ((("flow.pvd", "v", "x.png"), "no field 'v'; there are u, u_reference, u_error"),
                                 (("flow.pvd", "u", "x.png", "--frame", "2"), "has 2 frames"),
                                 (("none.pvd", "u", "x.png"), "none.pvd: no collection")):
            done = self.show(*arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)
            self.assertFalse((self.folder / "x.png").exists())


if __name__ == "__main__":
    unittest.main()
