"""Builds without a feature: what needs it says which option brings it, before anything is computed or written."""
import os
import unittest

import program

FEATURES = program.features()
GRID = "<VTKFile type=\"UnstructuredGrid\"></VTKFile>\n"


def without(feature):
    return unittest.skipIf(FEATURES[feature], f"this build has {feature}")


class Absent(program.Case):
    def setUp(self):
        super().setUp()
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", program.CASE)

    @without("vtk")
    def test_vtk(self):
        says = "-DCOTAN_VTK=ON"
        self.write("a.vtu", GRID)
        self.write("a.pvd", GRID)
        self.refused("info", "a.vtu", says=["a.vtu", says])
        self.refused("info", "a.pvd", says=["a.pvd", says])
        self.refused("convert", "square.msh", "b.vtu", says=["b.vtu", says])
        self.refused("convert", "a.pvd", "new/b.pvd", says=says)
        self.refused("partition", "square.msh", "-n", "2", "--method", "block", "-o", "b.vtu", says=["b.vtu", says])
        self.refused("simulate", "case.yaml", "-o", "new/run.pvd", says=["run.pvd", says])
        self.refused("rollout", "absent.safetensors", "case.yaml", "-o", "new/run.pvd", says=["run.pvd", says])
        self.refused("render", "square.msh", "-o", "new", says=["new", says])

    @without("hdf5")
    def test_hdf5(self):
        says = "-DCOTAN_HDF5=ON"
        self.refused("simulate", "case.yaml", "-o", "data", says=["data", says])
        self.write("a.vtkhdf", "")
        self.refused("info", "a.vtkhdf", says=["a.vtkhdf", says])
        self.refused("convert", "a.vtkhdf", "data", says=says)
        self.write("a.pvd", GRID)
        self.refused("convert", "a.pvd", "data", says=["data", says])

    @without("gpl")
    def test_meshers(self):
        self.write("outline.yaml", program.OUTLINE)
        self.write("box.geo", "Point(1) = {0, 0, 0};\n")
        self.refused("mesh", "outline.yaml", "-o", "a.msh", says="-DCOTAN_GPL=ON")
        self.refused("mesh", "box.geo", "-o", "a.msh", says=["box.geo", "-DCOTAN_GPL=ON"])
        self.write("case.yaml", program.CASE.replace("mesh: square.msh", "mesh: {gmsh: box.geo}"))
        self.refused("info", "case.yaml", says=["box.geo", "-DCOTAN_GPL=ON"])

    @without("metis")
    def test_metis(self):
        self.refused("partition", "square.msh", "-n", "2", "-o", "a.msh", says="-DCOTAN_METIS=ON")

    @without("mpi")
    def test_mpi(self):
        for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE"):
            self.refused("info", "square.msh", says=["2 ranks", "-DCOTAN_MPI=ON"], env={**os.environ, name: "2"})
            self.cotan("info", "square.msh", env={**os.environ, name: "1"})


if __name__ == "__main__":
    unittest.main()
