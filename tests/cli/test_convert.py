import unittest

import program

FEATURES = program.features()

VTU = """\
<VTKFile type="UnstructuredGrid" version="0.1" byte_order="LittleEndian"><UnstructuredGrid>
<Piece NumberOfPoints="4" NumberOfCells="2">
<PointData><DataArray type="Float64" Name="u" NumberOfComponents="1" format="ascii">{u}</DataArray></PointData>
<Points><DataArray type="Float64" NumberOfComponents="3" format="ascii">0 0 0 1 0 0 1 1 0 0 1 0</DataArray></Points>
<Cells><DataArray type="Int64" Name="connectivity" format="ascii">0 1 2 0 2 3</DataArray>
<DataArray type="Int64" Name="offsets" format="ascii">3 6</DataArray>
<DataArray type="UInt8" Name="types" format="ascii">5 5</DataArray></Cells>
</Piece></UnstructuredGrid></VTKFile>
"""


class Meshes(program.Case):
    def setUp(self):
        super().setUp()
        self.write("square.msh", program.SQUARE_MSH)

    def same(self, a, b):
        a, b = self.facts("info", a), self.facts("info", b)
        for key in ("dim", "points", "cells", "sets", "fields"):
            self.assertEqual(a[key], b[key], key)

    def test_msh_to_itself(self):
        self.cotan("convert", "square.msh", "b.msh")
        self.same("square.msh", "b.msh")

    @unittest.skipUnless(FEATURES["vtk"], "needs VTK")
    def test_there_and_back_by_vtu(self):
        self.cotan("convert", "square.msh", "b.vtu")
        self.cotan("convert", "b.vtu", "c.msh")
        for name in ("b.vtu", "c.msh"):
            facts = self.facts("info", name)
            self.assertEqual((facts["points"], facts["cells"]), (4, {"triangle": 2}))
            self.assertEqual({k: v["size"] for k, v in facts["sets"].items()}, {"left": 1, "all": 2})

    def test_bad_input(self):
        self.refused("convert", "absent.msh", "b.msh", says=["absent.msh", "no such file"])
        self.refused("convert", "square.msh", "b.xyz", says=[".xyz", ".msh"])
        self.refused("convert", "square.msh", "b", says="a mesh has one time only")
        self.refused("convert", "square.msh", "square.msh", says="--overwrite")
        self.assertEqual((self.folder / "square.msh").read_text(), program.SQUARE_MSH)
        self.refused("convert", "square.msh", "square.msh/b.msh", says="square.msh")
        self.refused("convert", "square.msh", "/proc/nowhere/b.msh", says="/proc/nowhere")
        self.write("empty.msh", "")
        self.refused("convert", "empty.msh", "b.msh", says="empty.msh")


@unittest.skipUnless(FEATURES["vtk"], "needs VTK")
class Onto(program.Case):
    """u = x on two triangles goes onto a mesh that reaches half as far again to the right."""

    def setUp(self):
        super().setUp()
        self.write("u.vtu", VTU.format(u="0 1 1 0"))
        self.write("wide.msh", program.SQUARE_MSH.replace("2 1 0 0", "2 1.5 0 0").replace("3 1 1 0", "3 1.5 1 0"))
        self.write("small.msh", program.SQUARE_MSH.replace("2 1 0 0", "2 0.5 0 0").replace("3 1 1 0", "3 0.5 1 0"))

    def test_a_mesh_file(self):
        done = self.cotan("convert", "u.vtu", "--onto", "small.msh", "half.vtu")
        self.assertIn("u: integral 0.5 there, 0.125 here", done.stderr)  # of x to 1, and to 1/2
        self.assertNotIn("outside", done.stderr)
        u = self.facts("info", "half.vtu")
        self.assertEqual((u["fields"][0]["min"], u["fields"][0]["max"], u["sets"]["left"]["size"]), (0, 0.5, 1))
        done = self.cotan("convert", "u.vtu", "--onto", "wide.msh", "wide.vtu")
        self.assertIn("2 of 4 points lie outside", done.stderr)
        self.assertIn("by 0.5 m at most", done.stderr)
        self.assertEqual(self.facts("info", "wide.vtu")["fields"][0]["max"], 1)

    def test_a_series(self):
        self.write("v.vtu", VTU.format(u="0 2 2 0"))
        self.write("all.pvd", '<VTKFile type="Collection"><Collection><DataSet timestep="0" file="u.vtu"/>'
                              '<DataSet timestep="1" file="v.vtu"/></Collection></VTKFile>')
        self.cotan("convert", "all.pvd", "--onto", "small.msh", "half.pvd")
        facts = self.facts("info", "half.pvd")
        self.assertEqual((facts["frames"], facts["fields"][0]["min"], facts["fields"][0]["max"]), (2, 0, 1))

    def test_bad_input(self):
        self.refused("convert", "u.vtu", "x.vtu", "--onto", "absent.msh", says="absent.msh")
        self.refused("convert", "u.vtu", "x.vtu", "--nearest", says="--onto")


@unittest.skipUnless(FEATURES["vtk"], "needs VTK")
class Archives(program.Case):
    def setUp(self):
        super().setUp()
        for k in range(3):
            self.write(f"u{k}.vtu", VTU.format(u=f"{k} {k} {k} {2 * k}"))
        entries = "".join(f'<DataSet timestep="{k / 2}" part="0" file="u{k}.vtu"/>' for k in range(3))
        self.write("u.pvd", f'<VTKFile type="Collection" version="0.1"><Collection>{entries}</Collection></VTKFile>\n')

    def check(self, name, kind="archive"):
        facts = self.facts("info", name)
        self.assertEqual((facts["kind"], facts["points"]), (kind, 4))
        (u,) = [f for f in facts["fields"] if f["name"] == "u"]
        if kind == "archive":
            self.assertEqual((facts["trajectories"], facts["steps"]), (1, 3))
            self.assertEqual(facts["times"], {"first": 0.0, "last": 1.0})
            self.assertEqual((u["min"], u["max"], u["non_finite"]), (0, 4, 0))
        return u

    def test_series_to_series(self):
        self.check("u.pvd")
        self.cotan("convert", "u.pvd", "copy.pvd")
        self.check("copy.pvd")

    @unittest.skipUnless(FEATURES["hdf5"], "needs HDF5")
    def test_series_to_our_archive_and_back(self):
        self.cotan("convert", "u.pvd", "archive")
        self.check("archive")
        self.cotan("convert", "archive", "back.pvd")
        self.check("back.pvd")
        self.refused("convert", "u.pvd", "archive", says="--overwrite")
        self.cotan("convert", "u.pvd", "archive", "--overwrite")
        self.assertEqual(sorted(p.name for p in (self.folder / "archive").iterdir()), ["00000.vtkhdf", "archive.yaml"])

    def test_a_frame_as_a_mesh(self):
        self.cotan("convert", "u.pvd", "last.vtu")
        self.assertEqual(self.check("last.vtu", "mesh")["max"], 4)
        self.cotan("convert", "u.pvd", "first.vtu", "--frame", "0")
        self.assertEqual(self.check("first.vtu", "mesh")["max"], 0)
        self.refused("convert", "u.pvd", "x.vtu", "--frame", "3", says=["--frame 3", "3"])
        self.refused("convert", "u.pvd", "x.vtu", "--trajectory", "1", says="--trajectory 1")

    def test_broken_series(self):
        (self.folder / "u1.vtu").unlink()
        self.refused("convert", "u.pvd", "archive", says="u1.vtu")
        self.write("u1.vtu", VTU.format(u="1 1"))
        self.refused("convert", "u.pvd", "archive", says="u1.vtu")
        self.write("u.pvd", "<VTKFile")
        self.refused("info", "u.pvd", says="u.pvd")
        text = VTU.format(u="1 2 3 4")
        for cut in range(0, len(text) - 40, 97):
            self.write("cut.vtu", text[:cut])
            self.refused("info", "cut.vtu", says="cut.vtu")


if __name__ == "__main__":
    unittest.main()
