"""MSH 4.1 binary, a million tetrahedra: our reader beside meshio and Gmsh, each reading in a process of its own.

Usage: bench_io.py build/dev/bin/bench_io [CELLS] [ROUNDS]; prints the medians of wall and processor time, the latter's
share of the fastest peer's (on a busy machine it says more), and the peak memory beyond what the process had before. Peers that Python cannot import are left out, and named.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

PEER = """
import json, re, sys, time
{setup}
memory = lambda key: int(re.search(key + r":\\s*(\\d+)", open("/proc/self/status").read())[1]) * 1024 / 1e6
before, start, cpu = memory("VmRSS"), time.perf_counter(), time.process_time()
{read}
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
print(json.dumps(dict(seconds=seconds, cpu=cpu, peak_mb=memory("VmHWM") - before)))
"""
PEERS = {
    "meshio": ("import meshio", "mesh = meshio.read(sys.argv[1])"),
    "gmsh": (
        "import gmsh; gmsh.initialize(['-'], False); gmsh.option.setNumber('General.Terminal', 0)",
        "gmsh.open(sys.argv[1])",
    ),
}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def main():
    program = sys.argv[1]
    cells = sys.argv[2] if len(sys.argv) > 2 else "1e6"
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    with tempfile.TemporaryDirectory() as folder:
        file = str(pathlib.Path(folder) / "box.msh")
        subprocess.run([program, "make", file, cells], check=True)
        commands = {f"cotan {verb}": [program, verb, file] for verb in ("read", "mesh")}
        for name, (setup, read) in PEERS.items():
            commands[name] = [sys.executable, "-c", PEER.format(setup=setup, read=read), file]
        found = {name: [] for name in commands}
        for _ in range(rounds):  # in turns, so that a busy machine is busy for all
            for name, command in commands.items():
                result = run(command)
                if result:
                    found[name].append(result)
    medians = {name: statistics.median(r["cpu"] for r in results) for name, results in found.items() if results}
    fastest = min((time for name, time in medians.items() if name in PEERS), default=None)
    for name, results in found.items():
        if not results:
            print(f"{name:12} not there")
            continue
        peak = statistics.median(r["peak_mb"] for r in results)
        wall = statistics.median(r["seconds"] for r in results)
        line = f"{name:12} wall {1000 * wall:7.1f} ms, cpu {1000 * medians[name]:7.1f} ms   peak {peak:6.1f} MB"
        if "result_mb" in results[0]:
            line += f" = {peak / results[0]['result_mb']:.2f} of the result's {results[0]['result_mb']:.1f} MB"
        print(line + (f"   {medians[name] / fastest:.2f} of the fastest peer" if fastest else ""))


if __name__ == "__main__":
    main()
