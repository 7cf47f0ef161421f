"""Reading a million cells in each format, ours beside meshio, VTK in Python and Gmsh, in turns in the same run.

Usage: bench_formats.py BUILD_DIR/bin/cotan BUILD_DIR/bin/bench_io [CELLS] [ROUNDS] [FORMAT …]

Files are made by `cotan convert` (surfaces and decks by this script). Ours is `bench_io mesh FILE`: the file to a checked mesh with its
fields. Each reader runs in a process of its own; printed are the medians of wall time, as a share of the fastest peer's, and the
peak memory beyond what the process had before the read, as a share of the result's. Peers that cannot read a format are left out.
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile

from bench_io import GMSH, PEER, run

VTK = """import vtk
reader = vtk.{reader}()
reader.SetFileName(file)"""
VTK_READERS = {".vtu": "vtkXMLUnstructuredGridReader", ".vtk": "vtkUnstructuredGridReader", ".vtp": "vtkXMLPolyDataReader",
               ".vtkhdf": "vtkHDFReader", ".stl": "vtkSTLReader", ".ply": "vtkPLYReader", ".obj": "vtkOBJReader"}
GMSH_READS = {".msh", ".stl", ".ply", ".off", ".inp", ".su2", ".vtk"}
SOLID = [".msh", ".vtu", ".vtk", ".vtkhdf", ".xdmf", ".su2", ".inp"]
SURFACE = [".vtp", ".stl", ".off", ".ply", ".obj"]


def peers_of(extension):
    peers = {"meshio": ("import meshio", "mesh = meshio.read(file)")}
    if VTK_READERS.get(extension):
        peers["vtk"] = (VTK.format(reader=VTK_READERS[extension]), "reader.Update(); assert reader.GetOutputDataObject(0).GetNumberOfCells() > 0")
    if extension in GMSH_READS:
        peers["gmsh"] = (GMSH, "gmsh.open(file)")
    return peers


def write_deck(su2, path):
    """An input deck from an SU2 file: both are text."""
    lines = iter(su2.read_text().splitlines())
    cells, points, section = [], [], None
    for line in lines:
        if "=" in line:
            section = line.split("=")[0].strip()
            continue
        words = line.split()
        if section == "NELEM" and words:
            cells.append(words[1:5])
        if section == "NPOIN" and words:
            points.append(words[:3])
    with path.open("w") as out:
        out.write("*NODE\n")
        out.writelines(f"{i + 1}, {x}, {y}, {z}\n" for i, (x, y, z) in enumerate(points))
        out.write("*ELEMENT, TYPE=C3D4, ELSET=all\n")
        out.writelines(f"{i + 1}, {', '.join(str(int(p) + 1) for p in cell)}\n" for i, cell in enumerate(cells))


def write_surfaces(folder, cells):
    """A bent sheet of that many triangles, in each format of surfaces."""
    import numpy
    n = int((cells / 2) ** 0.5)
    x, y = numpy.meshgrid(numpy.linspace(0, 1, n + 1), numpy.linspace(0, 1, n + 1), indexing="ij")
    points = numpy.stack([x, y, 0.1 * numpy.sin(6 * x) * numpy.cos(5 * y)], -1).reshape(-1, 3).astype("<f4")
    i, j = numpy.meshgrid(numpy.arange(n), numpy.arange(n), indexing="ij")
    a = (i * (n + 1) + j).reshape(-1)
    triangles = numpy.concatenate([numpy.stack([a, a + n + 1, a + n + 2], -1), numpy.stack([a, a + n + 2, a + 1], -1)])
    record = numpy.zeros(len(triangles), dtype=[("normal", "<f4", 3), ("points", "<f4", (3, 3)), ("attribute", "<u2")])
    record["points"] = points[triangles]
    with (folder / "sheet.stl").open("wb") as out:
        out.write(b"binary".ljust(80) + numpy.uint32(len(triangles)).tobytes() + record.tobytes())
    faces = numpy.zeros(len(triangles), dtype=[("count", "u1"), ("points", "<i4", 3)])
    faces["count"], faces["points"] = 3, triangles
    with (folder / "sheet.ply").open("wb") as out:
        out.write(("ply\nformat binary_little_endian 1.0\n" f"element vertex {len(points)}\nproperty float x\nproperty float y\nproperty float z\n"
                   f"element face {len(triangles)}\nproperty list uchar int vertex_indices\nend_header\n").encode())
        out.write(points.tobytes() + faces.tobytes())
    with (folder / "sheet.off").open("w") as out:
        out.write(f"OFF\n{len(points)} {len(triangles)} 0\n")
        numpy.savetxt(out, points, fmt="%.9g")
        numpy.savetxt(out, numpy.insert(triangles, 0, 3, 1), fmt="%d")
    with (folder / "sheet.obj").open("w") as out:
        numpy.savetxt(out, points, fmt="v %.9g %.9g %.9g")
        numpy.savetxt(out, triangles + 1, fmt="f %d %d %d")
    try:
        import vtk
        from vtk.util.numpy_support import numpy_to_vtk
    except ImportError:
        return
    data, polys, array = vtk.vtkPolyData(), vtk.vtkCellArray(), vtk.vtkPoints()
    polys.SetData(3, numpy_to_vtk(triangles.ravel().astype("int64"), deep=1, array_type=vtk.VTK_ID_TYPE))
    array.SetData(numpy_to_vtk(points, deep=1))
    data.SetPoints(array)
    data.SetPolys(polys)
    writer = vtk.vtkXMLPolyDataWriter()
    writer.SetFileName(str(folder / "sheet.vtp"))
    writer.SetInputData(data)
    writer.SetCompressorTypeToNone()
    writer.EncodeAppendedDataOff()
    writer.Write()


def compare(bench, file, rounds):
    commands = {"cotan": [bench, "mesh", str(file)]}
    for name, (setup, work) in peers_of(file.suffix).items():
        commands[name] = [sys.executable, "-c", PEER.format(setup=setup, work=work), str(file), ""]
    found = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            result = run(command)
            if result:
                found[name].append(result)
    median = lambda name, key: statistics.median(result[key] for result in found[name])
    peers = [name for name in commands if name != "cotan" and found[name]]
    if not found["cotan"]:
        return print(f"| {file.suffix} | refused |", flush=True)
    own, size = median("cotan", "seconds"), found["cotan"][0]["result_mb"]
    fastest = min(peers, key=lambda name: median(name, "seconds"), default=None)
    others = ", ".join(f"{name} {median(name, 'seconds'):.3f} s" for name in peers)
    share = f"{own / median(fastest, 'seconds'):.2f}" if fastest else "no peer"
    print(f"| `{file.suffix}` | {own:.3f} s | {others} | {share} | {median('cotan', 'peak_mb') / size:.2f} |", flush=True)


def main():
    program, bench = sys.argv[1:3]
    cells = float(sys.argv[3]) if len(sys.argv) > 3 else 1e6
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    wanted = sys.argv[5:] or SOLID + SURFACE
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([bench, "make", str(folder / "box.msh"), str(cells)], check=True)
        for extension in SOLID[1:-1]:
            if extension in wanted or (extension == ".su2" and ".inp" in wanted):
                subprocess.run([program, "convert", str(folder / "box.msh"), str(folder / f"box{extension}")], check=True, capture_output=True)
        if ".inp" in wanted:
            write_deck(folder / "box.su2", folder / "box.inp")
        if set(wanted) & set(SURFACE):
            write_surfaces(folder, cells)
        print("| format | ours | peers | share of the fastest | memory over the result's |\n|---|---|---|---|---|")
        for extension in wanted:
            file = folder / (("box" if extension in SOLID else "sheet") + extension)
            if file.exists():
                compare(bench, file, rounds)


if __name__ == "__main__":
    main()
