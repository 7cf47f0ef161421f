"""Reads a trajectory of ours as ParaView does, by VTK 9.3 or newer: every step, time and value.

Usage: read_vtkhdf.py FILE POINTS CELLS; the values are the formulas of write_vtkhdf.cpp.
"""
import sys

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

STEPS = 5


def main():
    path, points, cells = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rows = {"velocity": (points, 2), "stress": (cells, 3), "constant": (points,), "drag": (1, 2)}
    reader = vtk.vtkHDFReader()
    reader.SetFileName(path)
    reader.UpdateInformation()
    times = reader.GetOutputInformation(0).Get(vtk.vtkStreamingDemandDrivenPipeline.TIME_STEPS())
    assert times == tuple(0.5 * k for k in range(STEPS)), times
    for k in list(range(STEPS)) + [2, 0]:  # back again, too
        reader.UpdateTimeStep(times[k])
        grid = reader.GetOutput()
        assert (grid.GetNumberOfPoints(), grid.GetNumberOfCells()) == (points, cells)
        types = {grid.GetCellType(c) for c in range(cells)}
        assert types == {vtk.VTK_TRIANGLE, vtk.VTK_QUAD}, types
        for name, shape in rows.items():
            holder = {"stress": grid.GetCellData(), "drag": grid.GetFieldData()}.get(name, grid.GetPointData())
            found = vtk_to_numpy(holder.GetArray(name))
            assert found.dtype == np.float32, (name, found.dtype)
            expected = 0.25 * np.arange(np.prod(shape)) + (0 if name == "constant" else 100 * k)
            # some versions give a one-row table of the whole as a column
            assert np.array_equal(found.ravel(), expected), (name, k, found.ravel()[:4], expected[:4])
    print("VTK", vtk.vtkVersion().GetVTKVersion(), "reads all steps, times and values")


if __name__ == "__main__":
    main()
