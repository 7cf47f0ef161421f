"""What VTK's own OpenFOAM reader finds in the cases of the shared data, against what `cotan convert` makes of them.

Usage: read_foam.py PROGRAM DATA; exits with 77 where the vtk wheel or the data are not there.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import vtk
    from vtk.util.numpy_support import vtk_to_numpy
except ImportError:
    print("skipped: numpy or the vtk wheel is not installed for " + sys.executable)
    sys.exit(77)


def by_reader(case, time):
    """Points, cells and fields at a time, by VTK; and the area of each patch."""
    foam = case / "case.foam"
    foam.touch()
    reader = vtk.vtkOpenFOAMReader()
    reader.SetFileName(str(foam))
    reader.CreateCellToPointOff()
    reader.UpdateInformation()
    times = vtk_to_numpy(reader.GetTimeValues()) if reader.GetTimeValues() else np.zeros(1)
    reader.EnableAllPatchArrays()
    reader.EnableAllCellArrays()
    if time is not None:
        reader.UpdateTimeStep(times[time])
    reader.Update()
    blocks = reader.GetOutput()
    patches = {}
    for i in range(blocks.GetNumberOfBlocks()):
        name = blocks.GetMetaData(i).Get(vtk.vtkCompositeDataSet.NAME())
        block = blocks.GetBlock(i)
        if name == "internalMesh":
            inner = block
            continue
        if block is None or not block.IsA("vtkMultiBlockDataSet"):
            continue
        for k in range(block.GetNumberOfBlocks()):
            patch = block.GetMetaData(k).Get(vtk.vtkCompositeDataSet.NAME())
            if block.GetBlock(k) is not None:
                patches[patch] = sizes(block.GetBlock(k), "Area").sum()
    return times, inner, patches


def sizes(grid, kind):
    measure = vtk.vtkCellSizeFilter()
    measure.SetInputData(grid)
    measure.Update()
    return vtk_to_numpy(measure.GetOutput().GetCellData().GetArray(kind))


def by_program(program, case, time, folder):
    out = folder / "out.vtu"
    subprocess.run([program, "convert", case, out, "--overwrite", "--quiet", *(["--frame", str(time)] if time is not None else [])],
                   check=True, capture_output=True)
    reader = vtk.vtkXMLUnstructuredGridReader()
    reader.SetFileName(str(out))
    reader.Update()
    return reader.GetOutput()


def centres(grid):
    filter = vtk.vtkCellCenters()
    filter.SetInputData(grid)
    filter.Update()
    return vtk_to_numpy(filter.GetOutput().GetPoints().GetData()).astype(float)


def same_cells(ours, theirs, case):
    """Which of their cells each of ours is, by its centre: VTK keeps points in single precision."""
    mine, other = centres(ours), centres(theirs)
    apart = np.linalg.norm(mine[:, None, :] - other[None, :, :], axis=2)
    nearest = apart.argmin(axis=1)
    assert np.array_equal(np.sort(nearest), np.arange(len(other))), f"{case}: cells are not the same"
    assert apart.min(axis=1).max() <= 1e-6 * np.ptp(other, axis=0).max(), f"{case}: centres"
    return nearest


def patch_areas(grid):
    """By the tables `facets:NAME` of (cell, side): the area of each side."""
    areas = {}
    fields = grid.GetFieldData()
    # corners of a hexahedron's sides in cotan's order
    sides = [(0, 4, 7, 3), (1, 2, 6, 5), (0, 1, 5, 4), (3, 7, 6, 2), (0, 3, 2, 1), (4, 5, 6, 7)]
    points = vtk_to_numpy(grid.GetPoints().GetData())
    for i in range(fields.GetNumberOfArrays()):
        array = fields.GetArray(i)
        if array is None or not array.GetName().startswith("facets:"):
            continue
        total = 0.0
        for cell, side in vtk_to_numpy(array).astype(int):
            ids = grid.GetCell(cell).GetPointIds()
            a, b, c, d = (points[ids.GetId(k)] for k in sides[side])
            total += 0.5 * np.linalg.norm(np.cross(c - a, d - b))
        areas[array.GetName()[len("facets:"):]] = total
    return areas


def inner_values(path, components):
    """The inner field of a text file, read plainly."""
    text = path.read_text().split("internalField", 1)[1].split("boundaryField", 1)[0]
    numbers = re.findall(r"[-+0-9.eE]+(?=[\s()])", text.split("(", 1)[1])
    return np.array(numbers, dtype=float).reshape(-1, components)


def check(program, case, time, folder, has_control):
    _, theirs, patches = by_reader(case, time)
    ours = by_program(program, case, time, folder)
    assert ours.GetNumberOfPoints() == theirs.GetNumberOfPoints(), case
    assert ours.GetNumberOfCells() == theirs.GetNumberOfCells(), case
    which = same_cells(ours, theirs, case)
    assert np.allclose(sizes(ours, "Volume"), sizes(theirs, "Volume")[which], rtol=1e-4), f"{case}: volumes"
    compared = 0
    for k in range(theirs.GetCellData().GetNumberOfArrays()):
        array = theirs.GetCellData().GetArray(k)
        found = ours.GetCellData().GetArray(array.GetName())
        if found is None or not has_control:  # without system/controlDict VTK gives zeros
            continue
        a, b = vtk_to_numpy(found), vtk_to_numpy(array)[which]
        assert np.allclose(a, b, rtol=1e-6, atol=1e-7 * max(1e-30, np.abs(b).max())), f"{case}: {array.GetName()} at frame {time}"
        compared += 1
    if not has_control:
        assert np.array_equal(vtk_to_numpy(ours.GetCellData().GetArray("U")), inner_values(case / "0/U", 3)), f"{case}: U"
    mine = patch_areas(ours)
    for name, area in patches.items():
        assert abs(mine[name] - area) <= 1e-5 * area, f"{case}: patch {name}: {mine[name]}, VTK has {area}"
    return compared, len(patches)


def main():
    program, data = sys.argv[1], pathlib.Path(sys.argv[2]) / "openfoam"
    if not data.is_dir():
        print(f"skipped: {data} is not there")
        return 77
    with tempfile.TemporaryDirectory() as holder:
        folder = pathlib.Path(holder)
        for name, frames, fields in [("cavity", 6, 2), ("binary_64bit", 1, 2), ("cylinder", 1, 0)]:
            case = folder / name
            shutil.copytree(data / name, case)
            case.chmod(0o755)
            for time in range(frames):
                found = check(program, case, time, folder, (case / "system/controlDict").exists())
                assert found[0] >= fields, f"{name}: {found[0]} fields compared"
            print(f"{name}: {frames} times, {found[0]} fields and {found[1]} patches are the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
