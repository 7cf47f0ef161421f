"""What README.md and docs/ show is what the program does: its command lines, cases, outlines, scripts."""
import re
import shutil
import subprocess
import unittest

import program

FEATURES = program.features()
PAGES = [program.SOURCE / "README.md", *sorted((program.SOURCE / "docs").glob("*.md"))]


# A square whose sides match.
SQUARE_GEO = """\
SetFactory("Built-in");
Point(1) = {0, 0, 0}; Point(2) = {1, 0, 0}; Point(3) = {1, 1, 0}; Point(4) = {0, 1, 0};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 1};
Curve Loop(1) = {1, 2, 3, 4}; Plane Surface(1) = {1};
Periodic Curve {2} = {4} Translate {1, 0, 0};
Periodic Curve {3} = {1} Translate {0, 1, 0};
Physical Curve("bottom") = {1}; Physical Curve("right") = {2}; Physical Curve("top") = {3}; Physical Curve("left") = {4};
Physical Surface("all") = {1};
Mesh.MeshSizeMax = 0.04;
"""


def blocks(page, language):
    """The fenced blocks of a page in this language ("" for none)."""
    return re.findall(rf"^```{language}\n(.*?)^```", (program.SOURCE / page).read_text(), re.M | re.S)


class CommandLines(program.Case):
    def shown(self):
        """Every command line of ours in a block or in `code`, as (page, verb, options)."""
        for page in PAGES:
            if page.name == "cli.md":  # made from the program's own help
                continue
            text = page.read_text()
            for line in re.findall(r"^(?:\$ )?cotan (\w.*)$", text, re.M) + re.findall(r"`cotan (\w[^`]*)`", text):
                words = line.split(" #")[0].split()
                yield page.name, words[0], [word.split("=")[0] for word in words if re.match(r"--\w", word)]

    def test_name_verbs_and_options_that_there_are(self):
        lines = list(self.shown())
        self.assertGreater(len(lines), 20)
        helps = {}
        for page, verb, options in lines:
            if verb not in helps:
                helps[verb] = self.cotan(verb, "--help").stdout
            for option in options:
                self.assertRegex(helps[verb], rf"{option}\b", f"{page}: cotan {verb} {option}")

    def test_name_files_that_there_are(self):
        for page in PAGES:
            for name in re.findall(r"\b(?:examples|scripts|docs|tests|bench|models)/[\w/.-]*\w\.\w+", page.read_text()):
                self.assertTrue((program.SOURCE / name).exists(), f"{page.name}: {name}")


class Files(program.Case):
    @unittest.skipUnless(FEATURES["gpl"] and FEATURES["vtk"], "needs Gmsh and VTK")
    def test_the_case_is_solved(self):
        shutil.copy(program.SOURCE / "examples/channel/channel.geo", self.folder)
        self.cotan("mesh", "channel.geo", "-o", "channel.msh")
        self.write("case.yaml", blocks("docs/case.md", "yaml")[0])
        self.cotan("info", "case.yaml")
        self.cotan("simulate", "case.yaml", "-o", "run.pvd", "--set", "time.end=0.08")
        self.assertEqual(len(list(self.folder.glob("run/*.vtu"))), 3)

    @unittest.skipUnless(FEATURES["gpl"] and FEATURES["hdf5"], "needs Gmsh and HDF5")
    def test_the_cases_of_the_problems_are_solved(self):
        self.write("square.geo", SQUARE_GEO)
        self.cotan("mesh", "square.geo", "-o", "square.msh")
        for page in sorted((program.SOURCE / "docs/problems").glob("*.md")):
            case = blocks(page, "yaml")[0]
            if "mesh: square.msh" not in case:
                continue
            with self.subTest(page.name):
                self.write("case.yaml", case)
                every = ["--set", "time.every=1"] if "\ntime:" in case else []  # a steady problem has no time
                self.cotan("simulate", "case.yaml", "-o", page.stem, *every)
                self.assertEqual({f["non_finite"] for f in self.facts("info", page.stem)["fields"]}, {0})

    @unittest.skipUnless(FEATURES["gpl"], "needs Gmsh and CGAL")
    def test_the_outline_is_meshed(self):
        self.write("outline.yaml", blocks("docs/mesh.md", "yaml")[0])
        self.cotan("mesh", "outline.yaml", "-o", "channel.msh")
        self.assertIn("cylinder", self.facts("info", "channel.msh")["sets"])

    @unittest.skipUnless(FEATURES["gpl"], "needs Gmsh and CGAL")
    def test_the_other_meshes_are_made(self):
        from test_mesh_kinds import PLATE_GEO, cube_stl
        self.write("plate.geo", PLATE_GEO)
        self.write("part.stl", "solid part\n" + cube_stl(0.2) + "endsolid part\n")
        for k, (text, cells) in enumerate(zip(blocks("docs/mesh.md", "yaml")[1:], ("triangle", "quad", "tetra", "quad"), strict=True)):
            self.write("made.yaml", text)
            self.assertIn(cells, self.facts("mesh", "made.yaml", "-o", f"{k}.msh")["cells"])

    def test_the_training_configuration_has_keys_that_there_are(self):
        self.write("train.yaml", blocks("docs/train.md", "yaml")[0])
        self.refused("train", "train.yaml", "-o", "run", says=["data", "no such file"])  # so it was parsed

    def test_the_training_options_and_their_defaults(self):
        shown = re.findall(r"^  (\w+): (\S+)", blocks("docs/train.md", "yaml")[1], re.M)
        there = self.facts("info")["training"]

        def value(word):
            return float(word) if re.match(r"[\d.]", word) else word.strip('",')

        self.assertEqual({key: value(word) for key, word in shown},
                         {key: value(line.split()[0]) for key, line in there.items()})

    @unittest.skipUnless(FEATURES["hdf5"], "needs HDF5")
    def test_the_archive_is_read_in_python(self):
        python = program.SOURCE / ".venv/bin/python"
        if not python.exists() or subprocess.run([python, "-c", "import h5py"], capture_output=True).returncode:
            self.skipTest("no h5py in .venv")
        self.write("square.msh", program.SQUARE_MSH)
        self.write("case.yaml", program.CASE + "parameters: {diffusivity: 1}\ninitial: {u: x * y}\n")
        self.cotan("simulate", "case.yaml", "--count", "1", "-o", "data")
        shown = blocks("docs/archive.md", "python")[0] + "\nassert len(u) == len(times) * len(points) == 12, u.shape\n"
        done = subprocess.run([python, "-c", shown], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
