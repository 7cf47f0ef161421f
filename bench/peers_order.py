"""Reverse Cuthill-McKee of cotan beside SciPy's, on the same graph, in the same run.

Usage: peers_order.py BUILD_DIR     (needs NumPy and SciPy; BUILD_DIR/bin/bench_mesh from -DCOTAN_BENCH=ON)

The graph is that of box(55, 55, 55), 998250 tetrahedra, with shuffled points. Times are processor seconds of one core.
"""
import json
import pathlib
import subprocess
import sys
import time

import numpy
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import reverse_cuthill_mckee

BRICKS = 55
STEPS = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)]  # edges of the six tetrahedra


def shuffled_graph():
    side = BRICKS + 1
    number = numpy.random.default_rng(1).permutation(side**3).reshape(side, side, side)
    pairs = []
    for step in STEPS:
        low = tuple(slice(0, side - s) for s in step)
        high = tuple(slice(s, side) for s in step)
        pairs.append((number[low].ravel(), number[high].ravel()))
    rows = numpy.concatenate([a for a, _ in pairs] + [b for _, b in pairs])
    columns = numpy.concatenate([b for _, b in pairs] + [a for a, _ in pairs])
    graph = coo_matrix((numpy.ones(len(rows), numpy.int8), (rows, columns)), shape=(side**3, side**3)).tocsr()
    graph.sort_indices()
    return graph


def scipy_seconds(graph, repeats=5):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        order = reverse_cuthill_mckee(graph, symmetric_mode=True)
        times.append(time.process_time() - start)
    place = numpy.argsort(order)
    links = graph.tocoo()
    return min(times), int(abs(place[links.row] - place[links.col]).max())


def cotan_seconds(build):
    program = pathlib.Path(build) / "bin" / "bench_mesh"
    command = [program, "--benchmark_filter=order_rcm", "--benchmark_format=json", "--benchmark_repetitions=5"]
    runs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["benchmarks"]
    runs = [run for run in runs if run["run_type"] == "iteration"]
    return min(run["cpu_time"] for run in runs) / 1000, int(runs[0]["bandwidth"])


def main():
    graph = shuffled_graph()
    print(f"{graph.shape[0]} points, {graph.nnz} directed edges")
    print("%-8s %12s %10s" % ("", "seconds", "bandwidth"))
    for name, (seconds, bandwidth) in (("cotan", cotan_seconds(sys.argv[1])), ("SciPy", scipy_seconds(graph))):
        print("%-8s %12.3f %10d" % (name, seconds, bandwidth))


if __name__ == "__main__":
    main()
