"""A million tetrahedra: reading binary MSH 4.1 and writing VTU, ours beside meshio, VTK and Gmsh.

Usage: bench_io.py BUILD_DIR/bin/bench_io [CELLS] [ROUNDS]

Each runs in a process of its own, in turns. Printed are the medians of wall and processor time, the wall time as a share
of the fastest peer's, and the peak memory beyond what the process had before, as a share of the mesh's own size. Peers that
Python cannot import are named as such. `default` settings are a library's own; `raw` is without compression.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

PEER = """
import json, re, sys, time
file, out = sys.argv[1:3]
{setup}
memory = lambda key: int(re.search(key + r":\\s*(\\d+)", open("/proc/self/status").read())[1]) * 1024 / 1e6
before, start, cpu = memory("VmRSS"), time.perf_counter(), time.process_time()
{work}
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
print(json.dumps(dict(seconds=seconds, cpu=cpu, peak_mb=memory("VmHWM") - before)))
"""
GMSH = "import gmsh; gmsh.initialize(['-'], False); gmsh.option.setNumber('General.Terminal', 0)"
MESHIO = """import meshio, numpy
mesh = meshio.read(file)
mesh = meshio.Mesh(mesh.points, [("tetra", numpy.vstack([c.data for c in mesh.cells if c.type == "tetra"]))])"""
VTK = """import meshio, numpy, vtk
from vtk.util.numpy_support import numpy_to_vtk
mesh = meshio.read(file)
cells = numpy.vstack([c.data for c in mesh.cells if c.type == "tetra"])
array = vtk.vtkCellArray()
array.SetData(4, numpy_to_vtk(cells.ravel().astype(numpy.int64), deep=1, array_type=vtk.VTK_ID_TYPE))
points = vtk.vtkPoints()
points.SetData(numpy_to_vtk(mesh.points, deep=1))
grid = vtk.vtkUnstructuredGrid()
grid.SetPoints(points)
grid.SetCells(vtk.VTK_TETRA, array)
writer = vtk.vtkXMLUnstructuredGridWriter()
writer.SetFileName(out)
writer.SetInputData(grid)"""
OPERATIONS = {  # name: (our verbs, {peer: (setup, work)})
    "read": (
        ["read", "mesh"],
        {
            "meshio": ("import meshio", "mesh = meshio.read(file)"),
            "gmsh": (GMSH, "gmsh.open(file)"),
        },
    ),
    "write": (
        ["write"],
        {
            "meshio, default": (MESHIO, "mesh.write(out)"),
            "meshio, raw": (MESHIO, "meshio.vtu.write(out, mesh, compression=None)"),
            "vtk, default": (VTK, "writer.Write()"),
            "vtk, raw": (VTK + "\nwriter.SetCompressorTypeToNone(); writer.EncodeAppendedDataOff()", "writer.Write()"),
            "gmsh, .vtk": (GMSH + "; gmsh.open(file); gmsh.option.setNumber('Mesh.Binary', 1)", "gmsh.write(out[:-1] + 'k')"),
        },
    ),
}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def compare(program, operation, file, out, rounds):
    verbs, peers = OPERATIONS[operation]
    commands = {f"cotan {verb}": [program, verb, file, out] for verb in verbs}
    for name, (setup, work) in peers.items():
        commands[name] = [sys.executable, "-c", PEER.format(setup=setup, work=work), file, out]
    found = {name: [] for name in commands}
    for _ in range(rounds):  # in turns, so that a busy machine is busy for all
        for name, command in commands.items():
            result = run(command)
            if result:
                found[name].append(result)
    median = lambda name, key: statistics.median(result[key] for result in found[name])
    fastest = min((median(name, "seconds") for name in peers if found[name]), default=None)
    print(f"{operation}: wall ms, processor ms, share of the fastest peer's wall time, peak MB (and share of the mesh's)")
    size = found[f"cotan {verbs[0]}"][0]["result_mb"]
    for name in commands:
        if not found[name]:
            print(f"  {name:16} not there")
            continue
        wall, cpu, peak = (median(name, key) for key in ("seconds", "cpu", "peak_mb"))
        share = f"{wall / fastest:6.2f}" if fastest else ""
        print(f"  {name:16} {1000 * wall:8.1f} {1000 * cpu:8.1f} {share} {peak:8.1f} ({peak / size:.2f})")


def main():
    program = sys.argv[1]
    cells = sys.argv[2] if len(sys.argv) > 2 else "1e6"
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    with tempfile.TemporaryDirectory() as folder:
        file, out = (str(pathlib.Path(folder) / name) for name in ("box.msh", "out.vtu"))
        subprocess.run([program, "make", file, cells], check=True)
        for operation in OPERATIONS:
            compare(program, operation, file, out, rounds)


if __name__ == "__main__":
    main()
