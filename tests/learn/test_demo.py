"""What scripts/demo.sh runs after the build, and the bound that its network must keep on the unseen mesh."""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "cli"))
import program

FEATURES = program.features()


def commands(out):
    """The script's own `run cotan …` lines, so that this is what it does."""
    script = (program.SOURCE / "scripts/demo.sh").read_text()
    case = re.search(r"^case=(\S+)$", script, re.M).group(1)
    lines = re.findall(r"^run cotan (.*)$", script, re.M)
    return [shlex.split(line.replace("$out", str(out)).replace("$case", case)) for line in lines]


@unittest.skipUnless(FEATURES["gpl"] and FEATURES["hdf5"] and FEATURES["vtk"], "meshes by Gmsh, writes archives and series")
class Demo(unittest.TestCase):
    def test_a_third_of_the_best_trivial_predictor_on_the_unseen_mesh(self):
        with tempfile.TemporaryDirectory() as out:
            lines = commands(out)
            self.assertEqual([line[0] for line in lines], ["mesh", "simulate", "train", "rollout", "evaluate"])
            said = {}
            for line in lines:
                done = subprocess.run([program.PROGRAM, *line], cwd=program.SOURCE, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                said[line[0]] = done.stdout + done.stderr
            self.assertTrue((pathlib.Path(out) / "unseen.pvd").exists())
        found = re.search(r"u: relative L2 on free points (\S+) \(nothing changes (\S+), last change goes on (\S+), "
                          r"mean over time (\S+)\)", said["rollout"])
        self.assertIsNotNone(found, said["rollout"])
        model, *trivial = map(float, found.groups())
        print(f"relative L2 on free points of the unseen mesh: {model}; best trivial predictor: {min(trivial)}")
        self.assertLessEqual(model, min(trivial) / 3)


if __name__ == "__main__":
    unittest.main()
