import unittest

import program

FEATURES = program.features()


def grid(n):
    """An n by n grid of squares as MSH 2.2."""
    number = lambda i, j: j * (n + 1) + i + 1
    points = [f"{number(i, j)} {i / n} {j / n} 0" for j in range(n + 1) for i in range(n + 1)]
    cells = [f"{j * n + i + 1} 3 2 1 1 {number(i, j)} {number(i + 1, j)} {number(i + 1, j + 1)} {number(i, j + 1)}"
             for j in range(n) for i in range(n)]
    return "\n".join(["$MeshFormat", "2.2 0 8", "$EndMeshFormat", "$Nodes", str(len(points)), *points, "$EndNodes",
                      "$Elements", str(len(cells)), *cells, "$EndElements", ""])


class Partitions(program.Case):
    def setUp(self):
        super().setUp()
        self.write("grid.msh", grid(15))

    def test_blocks_of_a_grid_are_cut_where_their_rows_meet(self):
        facts = self.facts("partition", "grid.msh", "-n", "2", "-o", "parts.msh", "--method", "block")
        self.assertEqual(facts["parts"], 2)
        self.assertEqual([p["owned"] for p in facts["halo"]], [128, 128])
        self.assertEqual(facts["edge_cut"], 16)  # 16 rows of 16 points: 8 rows each, joined by 16 links
        self.assertEqual([p["ghosts"] for p in facts["halo"]], [16, 16])
        self.assertEqual(facts["imbalance"], 1)

    def test_parts_are_fields(self):
        self.cotan("partition", "grid.msh", "-n", "4", "-o", "parts.msh", "--method", "block")
        fields = self.facts("info", "parts.msh")["fields"]
        self.assertEqual({(f["name"], f["on"], f["min"], f["max"]) for f in fields},
                         {("part", "point", 0, 3), ("part", "cell", 0, 3)})

    def test_one_part_has_no_halo(self):
        facts = self.facts("partition", "grid.msh", "-n", "1", "-o", "parts.msh", "--method", "block")
        self.assertEqual((facts["edge_cut"], facts["halo"][0]["ghosts"]), (0, 0))

    @unittest.skipUnless(FEATURES["metis"], "needs METIS")
    def test_metis_balances_and_cuts_less_than_blocks(self):
        metis = self.facts("partition", "grid.msh", "-n", "8", "-o", "a.msh")
        blocks = self.facts("partition", "grid.msh", "-n", "8", "-o", "b.msh", "--method", "block")
        self.assertEqual(sum(p["owned"] for p in metis["halo"]), 256)
        self.assertLess(metis["edge_cut"], blocks["edge_cut"])
        self.assertLess(metis["imbalance"], 1.1)

    def test_bad_input(self):
        self.refused("partition", "grid.msh", "-n", "1000", "-o", "a.msh", says=["-n 1000", "256"])
        self.refused("partition", "absent.msh", "-n", "2", "-o", "a.msh", says="absent.msh")
        self.refused("partition", "grid.msh", "-n", "2", "-o", "a.xyz", says=[".xyz", ".msh"])
        self.refused("partition", "grid.msh", "-n", "2", "-o", "grid.msh", says=["grid.msh", "--overwrite"])
        self.refused("partition", "grid.msh", "-n", "two", "-o", "a.msh", says="two")


if __name__ == "__main__":
    unittest.main()
