import resource
import unittest

import program

FEATURES = program.features()
BOX_GEO = """\
DefineConstant[ width = 2 ];
Point(1) = {0, 0, 0}; Point(2) = {width, 0, 0}; Point(3) = {width, 1, 0}; Point(4) = {0, 1, 0};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 1};
Curve Loop(1) = {1, 2, 3, 4}; Plane Surface(1) = {1};
Physical Curve("left") = {4}; Physical Surface("all") = {1};
"""


@unittest.skipUnless(FEATURES["gpl"], "needs Gmsh and CGAL")
class Meshes(program.Case):
    def test_outline(self):
        self.write("outline.yaml", program.OUTLINE)
        made = self.facts("mesh", "outline.yaml", "-o", "out.msh")
        self.assertEqual(list(made["cells"]), ["triangle"])
        self.assertLessEqual({"left", "right", "top", "bottom", "cylinder"}, set(made["sets"]))
        read = self.facts("info", "out.msh")
        for key in ("dim", "points", "cells"):
            self.assertEqual(read[key], made[key])
        for name in ("left", "cylinder"):
            self.assertEqual(read["sets"][name]["size"], made["sets"][name]["size"])

    def test_outline_by_size_and_set(self):
        self.write("outline.yaml", program.OUTLINE)
        coarse = self.facts("mesh", "outline.yaml", "-o", "a.msh")
        fine = self.facts("mesh", "outline.yaml", "-o", "b.msh", "--size", "0.06")
        self.assertGreater(fine["points"], 2 * coarse["points"])
        other = self.facts("mesh", "--set", "holes.0.circle.segments=40", "outline.yaml", "-o", "c.msh")
        self.assertGreaterEqual(other["sets"]["cylinder"]["size"], 40)

    def test_script(self):
        self.write("box.geo", BOX_GEO)
        made = self.facts("mesh", "box.geo", "-o", "a.msh", "--size", "0.25")
        self.assertEqual(made["sets"]["left"]["on"], "side")
        self.assertGreaterEqual(made["sets"]["left"]["size"], 4)
        wide = self.facts("mesh", "box.geo", "-o", "b.msh", "--size", "0.25", "--set", "width=4")
        self.assertGreater(wide["points"], 1.5 * made["points"])
        second = self.facts("mesh", "box.geo", "-o", "c.msh", "--size", "0.25", "--degree", "2")
        self.assertEqual(list(second["cells"]), ["triangle6"])

    def test_orders_hold_the_same_mesh(self):
        self.write("outline.yaml", program.OUTLINE)
        made = [self.facts("mesh", "outline.yaml", "-o", f"{o}.msh", "--order", o) for o in ("hilbert", "rcm", "none")]
        self.assertEqual(made[0], made[1])
        self.assertEqual(made[0], made[2])

    def test_report_for_a_person(self):
        self.write("outline.yaml", program.OUTLINE)
        text = self.cotan("mesh", "outline.yaml", "-o", "a.msh").stdout
        for word in ("triangle", "cylinder", "angle"):
            self.assertIn(word, text)

    def test_bad_outlines(self):
        self.write("a.yaml", program.OUTLINE.replace("size: 0.2", "sise: 0.2"))
        self.refused("mesh", "a.yaml", "-o", "a.msh", says=["a.yaml:4", "sise", "did you mean 'size'"])
        self.write("a.yaml", program.OUTLINE + "size: 0.3\n")
        self.refused("mesh", "a.yaml", "-o", "a.msh", says=["a.yaml:6", "size"])
        self.write("a.yaml", program.OUTLINE.replace("0.5, 0.5", "1.95, 0.5"))
        self.refused("mesh", "a.yaml", "-o", "a.msh", says=["a.yaml", "hole 1 (cylinder)", "the outer loop"])
        self.write("a.yaml", "")
        self.refused("mesh", "a.yaml", "-o", "a.msh", says=["a.yaml", "size"])
        self.write("a.yaml", "outer: [1, 2\n")
        self.refused("mesh", "a.yaml", "-o", "a.msh", says="a.yaml:")

    def test_bad_scripts(self):
        self.write("a.geo", "Point(1) = {0, 0, 0;\n")
        self.refused("mesh", "a.geo", "-o", "a.msh", says="a.geo")
        self.refused("mesh", "absent.geo", "-o", "a.msh", says=["absent.geo", "no such file"])
        self.write("box.geo", BOX_GEO)
        self.refused("mesh", "box.geo", "-o", "a.msh", "--set", "width", says=["--set width", "key=value"])
        self.refused("mesh", "box.geo", "-o", "a.msh", "--set", "width=wide", says=["wide"])

    def test_bad_outputs(self):
        self.write("outline.yaml", program.OUTLINE)
        self.refused("mesh", "outline.yaml", "-o", "a.xyz", says=[".xyz", ".msh"])
        self.write("kept.msh", "precious")
        self.refused("mesh", "outline.yaml", "-o", "kept.msh", says=["kept.msh", "--overwrite"])
        self.assertEqual((self.folder / "kept.msh").read_text(), "precious")
        self.refused("mesh", "outline.yaml", "-o", "outline.yaml/a.msh", says="outline.yaml")
        self.cotan("mesh", "outline.yaml", "-o", "kept.msh", "--overwrite")
        self.assertEqual(self.facts("info", "kept.msh")["kind"], "mesh")

    def test_full_disk(self):
        self.write("outline.yaml", program.OUTLINE)

        def limit():  # SIGXFSZ is ignored, so that write() fails as on a full disk
            import signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        for name in ("a.msh", *(["a.vtu"] if FEATURES["vtk"] else [])):
            self.refused("mesh", "outline.yaml", "-o", name, says=name, preexec_fn=limit)


if __name__ == "__main__":
    unittest.main()
