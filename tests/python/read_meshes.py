"""What meshio, the vtk wheel and Gmsh read of the meshes that `cotan convert` writes.

Usage: read_meshes.py PROGRAM; exits with 77 where meshio is not installed. The other two are asked where they are.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import meshio
    import numpy as np
except ImportError:
    print("skipped: meshio is not installed for " + sys.executable)
    sys.exit(77)

# corners of two hexahedra, a wedge and a pyramid side by side
POINTS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1, 2)] + [[3, 0, 0], [3, 0, 1], [0.5, 0.5, 2]],
                  dtype=float)
SOLID = [("hexahedron", [[0, 1, 4, 3, 6, 7, 10, 9], [1, 2, 5, 4, 7, 8, 11, 10]]),
         ("wedge", [[2, 12, 5, 8, 13, 11]]),
         ("pyramid", [[6, 7, 10, 9, 14]])]
PLANE = [("triangle", [[0, 1, 4], [0, 4, 3]]), ("quad", [[1, 2, 5, 4]])]


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"


def by_type(mesh):
    """Cells as sorted rows of their sorted points: what they are made of, in whatever order."""
    found = {}
    for block in mesh.cells:
        found.setdefault(block.type, []).extend(np.sort(block.data, axis=1).tolist())
    return {kind: sorted(rows) for kind, rows in found.items()}


def check_meshio(file, mesh, with_fields):
    found = meshio.read(file)
    points = found.points if found.points.shape[1] == 3 else np.c_[found.points, np.zeros(len(found.points))]
    assert np.array_equal(points, mesh.points), file
    expected, cells = by_type(mesh), by_type(found)
    assert all(cells.get(kind) == rows for kind, rows in expected.items()), f"{file}: {cells}, expected {expected}"
    if not with_fields:
        return
    for name, values in mesh.point_data.items():
        assert np.array_equal(np.squeeze(found.point_data[name]), values), f"{file}: {name}"
    for name, blocks in mesh.cell_data.items():
        values = np.concatenate([np.squeeze(b, axis=-1) if np.ndim(b) > 1 else b for b in found.cell_data[name]])
        assert np.array_equal(values, np.concatenate(blocks)), f"{file}: {name}"


def check_vtk(file, mesh):
    try:
        import vtk
        from vtk.util.numpy_support import vtk_to_numpy
    except ImportError:
        print("the vtk wheel is not installed: not asked")
        return
    reader = vtk.vtkUnstructuredGridReader()
    reader.SetFileName(str(file))
    reader.Update()
    grid = reader.GetOutput()
    assert np.array_equal(vtk_to_numpy(grid.GetPoints().GetData()), mesh.points), file
    assert grid.GetNumberOfCells() == sum(len(block.data) for block in mesh.cells), file
    for name, values in mesh.point_data.items():
        assert np.array_equal(vtk_to_numpy(grid.GetPointData().GetArray(name)), values), f"{file}: {name}"


def check_gmsh(file, mesh):
    try:
        import gmsh
    except (ImportError, OSError):
        print("Gmsh's package is not installed: not asked")
        return
    gmsh.initialize()
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.open(str(file))
    _, points, _ = gmsh.model.mesh.getNodes()
    assert len(points) == 3 * len(mesh.points), file
    gmsh.finalize()


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, cells, points in (("solid", SOLID, POINTS), ("plane", PLANE, POINTS[:6])):
            count = sum(len(rows) for _, rows in cells)
            mesh = meshio.Mesh(points, cells, point_data={"heat": points @ [1.0, 10.0, 100.0], "speed": points * 2},
                               cell_data={"load": np.split(np.arange(count) + 0.5, np.cumsum([len(r) for _, r in cells])[:-1])})
            source = folder / f"{name}.vtu"
            mesh.write(source)
            for extension in (".vtk", ".su2", ".msh"):
                target = folder / f"{name}{extension}"
                run(program, "convert", source, target)
                if extension == ".vtk":
                    check_vtk(target, mesh)
                if extension in (".vtk", ".su2"):
                    check_meshio(target, mesh, extension == ".vtk")
                if extension == ".msh":
                    check_gmsh(target, mesh)
    print("read back by meshio: .vtk, .su2; by the others where they are installed")


if __name__ == "__main__":
    main()
