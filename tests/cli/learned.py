"""What the tests of train, rollout and evaluate share: a tiny archive, a training on it, series of other programs."""
import array
import base64
import json
import pathlib
import re
import shutil
import struct
import tempfile

import program

CASE = """\
mesh: grid.msh
problem: advection_diffusion
parameters: {diffusivity: {uniform: [0.01, 0.1]}}
time: {step: 0.01, end: 0.1}
initial: {u: {random_blobs: {count: 2, width: [0.2, 0.4]}}}
boundary:
  left: {role: inflow, u: 0}
  rest: {role: wall}
"""
TRAIN = """\
archive: data
fields: {u: {}}
parameters: [diffusivity]
prescribed: {u: [inflow]}
split: {validation: 0.25, test: 0.25}
model: {name: mesh_graph_net, width: 8, blocks: 1}
train: {steps: 60, learning_rate: 5.0e-3, noise: 0.01, warmup: 10, validate_every: 7, checkpoint_every: 5}
"""


def grid_msh(n):
    """The unit square by n times n squares, each cut in two; sides `left` (x = 0) and `rest`."""
    node = lambda i, j: 1 + i + j * (n + 1)
    nodes = [f"{node(i, j)} {i / n} {j / n} 0" for j in range(n + 1) for i in range(n + 1)]
    cells = [f"1 2 1 1 {node(0, k)} {node(0, k + 1)}" for k in range(n)]
    for k in range(n):
        cells += [f"1 2 2 2 {a} {b}" for a, b in ((node(k, 0), node(k + 1, 0)), (node(k, n), node(k + 1, n)),
                                                   (node(n, k), node(n, k + 1)))]
    for j in range(n):
        for i in range(n):
            a, b, c, d = node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)
            cells += [f"2 2 3 3 {a} {b} {c}", f"2 2 3 3 {a} {c} {d}"]
    lines = ["$MeshFormat", "2.2 0 8", "$EndMeshFormat", "$PhysicalNames", "3", '1 1 "left"', '1 2 "rest"', '2 3 "all"',
             "$EndPhysicalNames", "$Nodes", len(nodes), *nodes, "$EndNodes", "$Elements", len(cells),
             *(f"{k} {cell}" for k, cell in enumerate(cells, 1)), "$EndElements", ""]
    return "\n".join(map(str, lines))


# One tetrahedron; its side x = 0 is `left`.
TETRAHEDRON_MSH = """\
$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
1
2 1 "left"
$EndPhysicalNames
$Nodes
4
1 0 0 0
2 1 0 0
3 0 1 0
4 0 0 1
$EndNodes
$Elements
2
1 2 2 1 1 1 3 4
2 4 2 2 2 1 2 3 4
$EndElements
"""


def _array(name, kind, values, components=1):
    code = {"Float64": "d", "Int64": "q", "UInt8": "B"}[kind]
    data = array.array(code, values).tobytes()
    text = base64.b64encode(struct.pack("<Q", len(data)) + data).decode()
    return (f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{components}" format="binary">{text}'
            "</DataArray>")


def write_series(folder, name, times, fields, n=2, cell_fields=()):
    """A .pvd of .vtu files as other programs write them, on the grid of n times n squares: no sets, no roles.
    fields: name -> function of (frame, x, y) with one value or a list of them."""
    points = [(i / n, j / n) for j in range(n + 1) for i in range(n + 1)]
    corners = []
    for j in range(n):
        for i in range(n):
            a = i + j * (n + 1)
            corners += [a, a + 1, a + n + 2, a, a + n + 2, a + n + 1]
    cells = len(corners) // 3
    entries = []
    for k, t in enumerate(times):
        arrays = []
        for field, value in fields.items():
            rows = [value(k, x, y) for x, y in points]
            rows = [row if isinstance(row, list) else [row] for row in rows]
            arrays.append(_array(field, "Float64", [v for row in rows for v in row], len(rows[0])))
        on_cells = "".join(_array(field, "Float64", [0.0] * cells) for field in cell_fields)
        (folder / f"{name}{k}.vtu").write_text(
            '<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian" header_type="UInt64">'
            f'<UnstructuredGrid><Piece NumberOfPoints="{len(points)}" NumberOfCells="{cells}">'
            f'<PointData>{"".join(arrays)}</PointData><CellData>{on_cells}</CellData>'
            f'<Points>{_array("Points", "Float64", [c for x, y in points for c in (x, y, 0)], 3)}</Points>'
            f'<Cells>{_array("connectivity", "Int64", corners)}{_array("offsets", "Int64", range(3, 3 * cells + 3, 3))}'
            f'{_array("types", "UInt8", [5] * cells)}</Cells></Piece></UnstructuredGrid></VTKFile>')
        entries.append(f'<DataSet timestep="{t}" part="0" file="{name}{k}.vtu"/>')
    (folder / f"{name}.pvd").write_text(
        f'<VTKFile type="Collection" version="0.1"><Collection>{"".join(entries)}</Collection></VTKFile>')


def read_safetensors(path):
    """The metadata, and name -> bytes of each tensor."""
    data = pathlib.Path(path).read_bytes()
    size, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__")
    return metadata, {name: data[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]]
                      for name, entry in header.items()}


class Learned(program.Case):
    """A folder with an archive `data` of four trajectories, `train.yaml`, and what it trains: `run`."""

    files = {"grid.msh": grid_msh(3), "case.yaml": CASE, "train.yaml": TRAIN}

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.template = pathlib.Path(holder.name) / "template"
        cls.template.mkdir()
        for name, text in cls.files.items():
            (cls.template / name).write_text(text)
        for arguments in (("simulate", "case.yaml", "-o", "data", "--count", "4"), ("train", "train.yaml", "-o", "run")):
            done = program.run(*arguments, folder=cls.template)
            assert done.returncode == 0, done.stderr

    def setUp(self):
        super().setUp()
        shutil.copytree(self.template, self.folder, dirs_exist_ok=True)

    def tree(self):
        """Every file's bytes: what must not change where something is refused."""
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}

    def refused(self, *arguments, says=(), **options):
        before = self.tree()
        done = super().refused(*arguments, says=says, **options)
        self.assertEqual(self.tree(), before, "a file was changed")
        self.assertEqual(len(re.findall(r"^cotan: ", done.stderr, re.M)), 1, "one message: " + done.stderr)
        return done
