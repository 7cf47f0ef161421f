"""OpenFOAM cases from outside: packed files, the plane, one network of a few steps, what is refused."""
import gzip
import shutil
import unittest
import zlib

import program

HEADER = "FoamFile\n{{\n    version 2.0;\n    format ascii;\n    class {kind};\n    object {name};\n}}\n\n"
TRAIN = """\
archive: cavity
archive_plane: true
fields: {velocity: {from: U}, pressure: {from: p}}
boundary: {lid: {role: wall}, walls: {role: wall}}
split: {by: time, validation: 0, test: 0}
model: {name: mesh_graph_net, width: 8, blocks: 1}
train: {steps: 2, warmup: 2}
"""


def listed(rows):
    return f"{len(rows)}\n(\n" + "\n".join(rows) + "\n)\n"


def cavity(folder, n=4, times=("0", "0.1", "0.2", "0.3")):
    """n x n bricks over the unit square, one thick, with U and p at some times."""
    mesh = folder / "constant" / "polyMesh"
    mesh.mkdir(parents=True)
    m = n + 1
    point = lambda i, j, k: i + m * j + m * m * k
    cell = lambda i, j: i + n * j
    inner, lid, walls, empty = [], [], [], []
    for j in range(n):
        for i in range(n):
            right = (point(i + 1, j, 0), point(i + 1, j + 1, 0), point(i + 1, j + 1, 1), point(i + 1, j, 1))
            top = (point(i, j + 1, 0), point(i, j + 1, 1), point(i + 1, j + 1, 1), point(i + 1, j + 1, 0))
            own = cell(i, j)
            (inner if i + 1 < n else walls).append((right, own, cell(i + 1, j)))
            (inner if j + 1 < n else lid).append((top, own, cell(i, j + 1)))
            if i == 0:
                walls.append(((point(0, j, 0), point(0, j, 1), point(0, j + 1, 1), point(0, j + 1, 0)), own, -1))
            if j == 0:
                walls.append(((point(i, 0, 0), point(i + 1, 0, 0), point(i + 1, 0, 1), point(i, 0, 1)), own, -1))
            empty.append(((point(i, j, 0), point(i, j + 1, 0), point(i + 1, j + 1, 0), point(i + 1, j, 0)), own, -1))
            empty.append(((point(i, j, 1), point(i + 1, j, 1), point(i + 1, j + 1, 1), point(i, j + 1, 1)), own, -1))
    faces = inner + lid + walls + empty
    points = [f"({i / n} {j / n} {0.1 * k})" for k in range(2) for j in range(m) for i in range(m)]
    patches, start = [], len(inner)
    for name, kind, members in [("lid", "wall", lid), ("walls", "wall", walls), ("frontAndBack", "empty", empty)]:
        patches.append(f"{name} {{ type {kind}; nFaces {len(members)}; startFace {start}; }}")
        start += len(members)
    text = {
        "points": ("vectorField", listed(points)),
        "faces": ("faceList", listed(["4(%d %d %d %d)" % face for face, _, _ in faces])),
        "owner": ("labelList", listed([str(own) for _, own, _ in faces])),
        "neighbour": ("labelList", listed([str(other) for _, _, other in inner])),
        "boundary": ("polyBoundaryMesh", listed(patches)),
    }
    for name, (kind, body) in text.items():
        (mesh / name).write_text(HEADER.format(kind=kind, name=name) + body)
    centres = [((i + 0.5) / n, (j + 0.5) / n) for j in range(n) for i in range(n)]
    for time in times:
        (folder / time).mkdir()
        t = float(time)
        p = "uniform 0" if t == 0 else "nonuniform List<scalar> " + listed([str(t * (x - y)) for x, y in centres])
        u = "nonuniform List<vector> " + listed([f"({x + t} {y * t} 0)" for x, y in centres])
        for name, kind, body in [("p", "volScalarField", p), ("U", "volVectorField", u)]:
            (folder / time / name).write_text(
                HEADER.format(kind=kind, name=name) + f"dimensions [0 2 -2 0 0 0 0];\ninternalField {body};\nboundaryField {{}}\n")


def pack(path):
    with gzip.open(str(path) + ".gz", "wb") as out:
        out.write(path.read_bytes())
    path.unlink()


@unittest.skipUnless(program.features()["vtk"], "a build without VTK")
class OpenFoam(program.Case):
    def setUp(self):
        super().setUp()
        self.case = self.folder / "cavity"
        cavity(self.case)

    def test_facts(self):
        facts = self.facts("info", "cavity")
        self.assertEqual((facts["kind"], facts["dim"], facts["points"], facts["cells"]), ("archive", 3, 50, {"hexa": 16}))
        self.assertEqual((facts["steps"], facts["times"]), (4, {"first": 0, "last": 0.3}))
        self.assertEqual({name: s["size"] for name, s in facts["sets"].items()}, {"lid": 4, "walls": 12, "frontAndBack": 32})
        self.assertEqual([(f["name"], f["components"], f["on"]) for f in facts["fields"]], [("U", 3, "cell"), ("p", 1, "cell")])
        self.assertEqual(facts["fields"][1]["unit"], "m2/s2")
        plane = self.facts("info", "cavity", "--plane")
        self.assertEqual((plane["dim"], plane["points"], plane["cells"]), (2, 25, {"quad": 16}))
        self.assertEqual([(f["name"], f["components"]) for f in plane["fields"]], [("U", 2), ("p", 1)])
        self.assertEqual(sorted(plane["sets"]), ["lid", "walls"])

    @unittest.skipUnless(program.features()["hdf5"], "a build without zlib")
    def test_packed_files_are_the_same(self):
        expected = self.facts("info", "cavity")
        for path in [p for p in self.case.rglob("*") if p.is_file()]:
            pack(path)
        self.assertEqual(self.facts("info", "cavity"), expected)
        points = self.case / "constant/polyMesh/points.gz"
        whole = points.read_bytes()
        points.write_bytes(whole[:-30])
        self.refused("info", "cavity", says=["points.gz", "packed data are cut or corrupt"])
        self.refused("convert", "cavity", "cavity.vtu", says=["points.gz", "packed data are cut or corrupt"])

    @unittest.skipUnless(program.features()["hdf5"], "a build without zlib")
    def test_a_bomb_is_refused(self):
        (self.case / "0.2/p").unlink()
        deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
        part = b"0 " * (1 << 19)
        with open(self.case / "0.2/p.gz", "wb") as out:
            head = HEADER.format(kind="volScalarField", name="p") + "internalField nonuniform List<scalar> 16("
            out.write(deflate.compress(head.encode()))
            for _ in range(290):
                out.write(deflate.compress(part))
            out.write(deflate.flush())
        self.refused("info", "cavity", says=["p.gz", "unpacks to more than"])

    def test_files_of_the_plane(self):
        for name in ("flow.vtu", "flow.msh"):
            self.cotan("convert", "cavity", name, "--plane")
            facts = self.facts("info", name)
            self.assertEqual((facts["dim"], facts["points"], facts["cells"]), (2, 25, {"quad": 16}))
            self.assertEqual({n: s["size"] for n, s in facts["sets"].items()}, {"lid": 4, "walls": 12})
            p = next(f for f in facts["fields"] if f["name"] == "p")
            self.assertAlmostEqual(p["max"], 0.3 * 0.75, delta=1e-12)
        self.cotan("convert", "cavity", "flow.pvd", "--plane")
        self.assertEqual(self.facts("info", "flow.pvd")["steps"], 4)
        self.cotan("convert", "cavity/constant/polyMesh", "mesh.vtu")
        self.assertEqual(self.facts("info", "mesh.vtu")["cells"], {"hexa": 16})
        self.refused("convert", "flow.vtu", "other.vtu", "--plane", says="only OpenFOAM cases are laid into the plane")
        self.refused("info", "flow.pvd", "--plane", says="only OpenFOAM cases are laid into the plane")

    def test_a_network_learns_and_rolls_out(self):
        self.write("train.yaml", TRAIN)
        said = self.cotan("train", "train.yaml", "-o", "run").stderr
        self.assertIn("is on cells: the network sees its means", said)
        (self.case / "cavity.foam").touch()
        self.cotan("rollout", "run/last.safetensors", "cavity/cavity.foam", "-o", "result.pvd", "--steps", "2")
        facts = self.facts("info", "result.pvd")
        self.assertEqual((facts["dim"], facts["points"]), (2, 25))
        self.assertTrue(all(f["non_finite"] == 0 for f in facts["fields"]))

    def test_what_is_refused(self):
        boundary = self.case / "constant/polyMesh/boundary"
        text = boundary.read_text()
        boundary.write_text(text.replace("nFaces 4;", '#include "../../../etc/passwd"\nnFaces 4;'))
        self.refused("info", "cavity", says=["boundary", "macros and directives are not followed"])
        boundary.write_text(text)
        (self.case / "0.2/U").write_text("")
        self.refused("info", "cavity", says=["0.2/U", "no FoamFile header"])
        (self.case / "processor0/constant/polyMesh").mkdir(parents=True)
        shutil.rmtree(self.case / "constant")
        self.refused("info", "cavity", says=["a decomposed case", "reconstructPar"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
