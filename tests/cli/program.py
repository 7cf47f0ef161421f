"""Runs the program in a folder of its own, for the tests of this drawer."""
import json
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import unittest

PROGRAM = os.environ.get("COTAN", "cotan")
SOURCE = pathlib.Path(os.environ.get("COTAN_SOURCE_DIR", pathlib.Path(__file__).parents[2]))

OUTLINE = """\
outer: {rectangle: {low: [0, 0], high: [2, 1]}}
holes:
  - {circle: {centre: [0.5, 0.5], radius: 0.1, segments: 16, name: cylinder}}
size: 0.2
boundary_size: 0.05
"""

# Two triangles; the side x = 0 is the group `left`.
SQUARE_MSH = """\
$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
2
1 1 "left"
2 2 "all"
$EndPhysicalNames
$Nodes
4
1 0 0 0
2 1 0 0
3 1 1 0
4 0 1 0
$EndNodes
$Elements
3
1 1 2 1 1 4 1
2 2 2 2 1 1 2 3
3 2 2 2 1 1 3 4
$EndElements
"""

CASE = """\
mesh: square.msh
problem: advection_diffusion
time: {step: 0.1, end: 0.2}
boundary:
  left: {role: inflow}
"""


def run(*arguments, folder=None, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=folder, capture_output=True, text=True, errors="replace", timeout=240,
                          **options)


def features():
    return json.loads(run("info", "--json").stdout)["features"]


def read_vtk(path):
    """Points (x, y, z), cells, and fields by name (a list of rows) of a legacy VTK file of ours, by other means than ours."""
    data = path.read_bytes()

    def array(head, code, columns):
        """What stands behind a head whose last group is a count."""
        count, at = int(head.group(head.lastindex)), head.end()
        values = struct.unpack_from(f">{count * columns}{code}", data, at)
        return [values[i:i + columns] for i in range(0, len(values), columns)]

    points = array(re.search(rb"\nPOINTS (\d+) double\n", data), "d", 3)
    numbers = [n for n, in array(re.search(rb"\nCELLS \d+ (\d+)\n", data), "i", 1)]
    cells, at = [], 0
    while at < len(numbers):
        cells.append(numbers[at + 1:at + 1 + numbers[at]])
        at += 1 + numbers[at]
    fields = {head.group(1).decode(): array(head, "d", int(head.group(2))) for head in re.finditer(rb"\n(\S+) (\d+) (\d+) double\n", data)}
    return points, cells, fields


class Case(unittest.TestCase):
    """A test with a folder `self.folder`, and `self.cotan(...)` that runs there."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def names(self):
        return sorted(p.name for p in self.folder.iterdir())

    def cotan(self, *arguments, code=0, **options):
        done = run(*arguments, folder=self.folder, **options)
        self.assertEqual(done.returncode, code, f"cotan {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}")
        return done

    def facts(self, *arguments):
        return json.loads(self.cotan(*arguments, "--json").stdout)

    def refused(self, *arguments, says=(), **options):
        """The input is at fault: exit code 2, one message with these words, and no file that was not there."""
        before = self.names()
        done = self.cotan(*arguments, code=2, **options)
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, done.stderr)
        self.assertNotIn("internal error", done.stderr)
        self.assertEqual(self.names(), before, "something was left behind")
        return done
