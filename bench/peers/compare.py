"""MeshGraphNet, forward and training step: cotan beside PyTorch, on the same graph and weights, outputs compared.

Usage: compare.py BUILD_DIR/bin/bench_peers [ROUNDS] [POINTS WIDTH BLOCKS]…     (needs torch, numpy; sizes of the goals unless said)

Every side runs in a process of its own, in turns, with the same threads (OMP_NUM_THREADS, 2 unless set). Printed are
medians over the turns, and how many times faster than tuned eager PyTorch a side is. `tuned`: malloc keeps large blocks.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
TURNS = 5
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


def compare(program, points, width, blocks, rounds):
    with tempfile.TemporaryDirectory() as folder:
        file = str(pathlib.Path(folder) / "network.safetensors")
        subprocess.run([program, "write", file, str(points), str(width), str(blocks)], check=True)
        found = {}
        for _ in range(TURNS):
            for name, (command, environment) in sides(program, file, rounds).items():
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
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    sizes = [int(word) for word in sys.argv[3:]] or [2000, 128, 15, 20000, 128, 15]
    for i in range(0, len(sizes), 3):
        compare(program, *sizes[i : i + 3], rounds)


if __name__ == "__main__":
    main()
