"""MeshGraphNet, forward and training step: cotan beside PyTorch, on the same graph and weights, outputs compared.

Usage: compare.py BUILD_DIR/bin/bench_peers [ROUNDS] [POINTS WIDTH BLOCKS]… [--turns 5] [--sides "cotan; PyTorch, tuned"]
(needs torch, numpy; sizes of the goals and all sides unless said)

Every side runs in a process of its own, in turns, with the same threads (OMP_NUM_THREADS, 2 unless set). Printed are
medians over the turns, and how many times faster than tuned eager PyTorch a side is. `tuned`: malloc keeps large blocks.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
TUNED = {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "4294967296", "MALLOC_TOP_PAD_": "1073741824"}
PLAIN = {"COTAN_KERNELS": "plain"}


def sides(program, file, rounds):
    ours = [program, "time", file, str(rounds)]
    theirs = [sys.executable, str(HERE / "mesh_graph_net.py"), file, str(rounds)]
    return {
        "PyTorch, as installed": (theirs, {}),
        "PyTorch, tuned": (theirs, TUNED),
        "PyTorch, tuned, compile": ([*theirs, "--compile"], TUNED),
        "cotan, plain": (ours, PLAIN),
        "cotan": (ours, {}),
        "cotan, recompute": ([*ours, "recompute"], {}),
    }


def compare(options, points, width, blocks):
    program, rounds = options.program, options.rounds
    with tempfile.TemporaryDirectory() as folder:
        file = str(pathlib.Path(folder) / "network.safetensors")
        subprocess.run([program, "write", file, str(points), str(width), str(blocks)], check=True)
        found = {}
        chosen = {name: side for name, side in sides(program, file, rounds).items() if name in options.sides or not options.sides}
        for _ in range(options.turns):
            for name, (command, environment) in chosen.items():
                done = subprocess.run(command, capture_output=True, text=True, env={"OMP_NUM_THREADS": "2", **os.environ, **environment})
                if done.returncode == 0:
                    found.setdefault(name, []).append(json.loads(done.stdout.splitlines()[-1]))
                elif name not in found:
                    print(f"{name}: {done.stderr.strip().splitlines()[-1:]}")
    print(f"{points} points, width {width}, {blocks} blocks: forward ms, training step ms, peak GB, times faster than tuned PyTorch")
    median = lambda name, key: statistics.median(result[key] for result in found[name])
    base = "PyTorch, tuned"
    for name, results in found.items():
        forward, train = median(name, "forward"), median(name, "train")
        faster = f"{median(base, 'forward') / forward:6.2f} {median(base, 'train') / train:6.2f}" if base in found else ""
        note = f"differs by {results[0]['difference']:.1e}" if "difference" in results[0] else results[0]["kernels"]
        print(f"  {name:24} {1000 * forward:9.1f} {1000 * train:9.1f} {median(name, 'peak_gb'):7.2f} {faster}   {note}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("rounds", type=int, nargs="?", default=5)
    parser.add_argument("sizes", type=int, nargs="*")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--sides", type=lambda text: [name.strip() for name in text.split(";")], default=[])
    options = parser.parse_args()
    sizes = options.sizes or [2000, 128, 15, 20000, 128, 15]
    for i in range(0, len(sizes), 3):
        compare(options, *sizes[i : i + 3])


if __name__ == "__main__":
    main()
