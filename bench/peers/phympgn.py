"""PhyMPGN, rollouts by Heun's method: cotan beside PyTorch, on the same graph and weights, states compared.

Usage: phympgn.py BUILD_DIR/bin/bench_phympgn [POINTS SYSTEM]… [--rounds 20] [--turns 5]
(needs torch, numpy; SYSTEM cylinder or burgers; 1598 cylinder and 503 burgers unless said)

Both sides run in processes of their own, in turns, with the same threads (OMP_NUM_THREADS, 2 unless set): medians over the
turns. PyTorch is eager, as its users write it (concatenations, gathers, index_add, the mesh Laplacian as a sparse CSR
product), without gradients, and with malloc keeping large blocks (`tuned`, as compare.py). Edge attributes that do not change are
made once on both sides.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
TUNED = {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "4294967296", "MALLOC_TOP_PAD_": "1073741824"}
STEP, STEPS, DIFFUSION = 0.01, 5, 0.005


def network(tensors, system):
    """The rate as a function of the state, (N, 2) -> (N, 2), from the file's tensors."""
    import torch
    from torch.nn.functional import elu, linear

    sender, receiver, position = (tensors["graph." + name] for name in ("sender", "receiver", "position"))
    measure = tensors["graph.measure"]
    nodes = position.shape[0]
    roles = 4 if system == "cylinder" else 2
    one_hot = torch.zeros(nodes, roles)
    one_hot[:, 0] = 1
    to = position[sender] - position[receiver]
    length = to.norm(dim=1, keepdim=True)
    attributes = torch.cat([length / length.max(), to / (2 * to.abs().max()) + 0.5], 1)
    degree = torch.zeros(nodes).index_add_(0, receiver, torch.ones(len(receiver))).unsqueeze(1)
    weight = tensors["graph.weight"] / measure[receiver]
    diagonal = -torch.zeros(nodes).index_add_(0, receiver, weight)
    every = torch.arange(nodes)
    laplacian = torch.sparse_coo_tensor(
        torch.stack([torch.cat([receiver, every]), torch.cat([sender, every])]), torch.cat([weight, diagonal]), (nodes, nodes)
    ).coalesce().to_sparse_csr()
    given = (position[:, :1] < 1e-6)

    def mlp(name, x):
        i = 0
        while f"parameter.{name}.{i}.weight" in tensors:
            x = linear(elu(x) if i else x, tensors[f"parameter.{name}.{i}.weight"], tensors[f"parameter.{name}.{i}.bias"])
            i += 1
        return x

    def mean(x):
        return torch.zeros(nodes, x.shape[1]).index_add_(0, receiver, x) / degree

    def layer(name, h, e):
        hi = h[receiver]
        return mlp(name + ".update", torch.cat([h, mean(mlp(name + ".message", torch.cat([hi, h[sender] - hi, e], 1)))], 1))

    def rate(u):
        start = mlp("encoder.nodes", torch.cat([u, position, one_hot], 1))
        e = mlp("encoder.edges", torch.cat([u[sender] - u[receiver], attributes], 1))
        h, layers = start, 5 if system == "cylinder" else 3
        for k in range(layers):
            change = layer(f"layer.{k}", h, e)
            h = torch.where(given, start, h + change) if k + 1 < layers else change
        z = mlp("laplace.alpha", torch.cat([u, position], 1))
        for k in range(3):
            z = z + layer(f"laplace.{k}", z, attributes)
        lap = laplacian @ u + mlp("laplace.beta", z) / measure.unsqueeze(1)
        return mlp("decoder", h) + DIFFUSION * lap

    return rate, given


def theirs(file, rounds):
    import torch

    sys.path.insert(0, str(HERE))
    from mesh_graph_net import read_safetensors

    torch.set_grad_enabled(False)
    tensors, about = read_safetensors(file)
    rate, given = network(tensors, about["system"])
    start = tensors["start"]

    def roll_out():
        u = start
        for _ in range(STEPS):
            a = rate(u)
            b = rate(torch.where(given, start, u + STEP * a))
            u = torch.where(given, start, u + STEP / 2 * (a + b))
        return u

    end = roll_out()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        roll_out()
        times.append((time.perf_counter() - begin) / STEPS)
    difference = (end - tensors["end"]).abs().max() / tensors["end"].abs().max()
    print(json.dumps({"step": statistics.median(times), "difference": float(difference)}))


def compare(options, points, system):
    with tempfile.TemporaryDirectory() as folder:
        file = str(pathlib.Path(folder) / "network.safetensors")
        subprocess.run([options.program, "write", file, str(points), system], check=True)
        sides = {
            "cotan": ([options.program, "time", file, str(options.rounds)], {}),
            "PyTorch, eager": ([sys.executable, __file__, "--theirs", file, "--rounds", str(options.rounds)], TUNED),
        }
        found = {name: [] for name in sides}
        for _ in range(options.turns):
            for name, (command, environment) in sides.items():
                done = subprocess.run(command, capture_output=True, text=True, check=True, env={"OMP_NUM_THREADS": "2", **os.environ, **environment})
                found[name].append(json.loads(done.stdout.splitlines()[-1]))
    ours, other = (statistics.median(result["step"] for result in found[name]) for name in sides)
    print(f"{system}, {points} points, {found['cotan'][0]['edges']} edges: {1000 * ours:.2f} ms a step, PyTorch {1000 * other:.2f} ms, "
          f"{other / ours:.2f} times; states after {STEPS} steps differ by {found['PyTorch, eager'][0]['difference']:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?")
    parser.add_argument("sizes", nargs="*")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--theirs", metavar="FILE")
    options = parser.parse_args()
    if options.theirs:
        return theirs(options.theirs, options.rounds)
    sizes = options.sizes or ["1598", "cylinder", "503", "burgers"]
    for i in range(0, len(sizes), 2):
        compare(options, int(sizes[i]), sizes[i + 1])


if __name__ == "__main__":
    main()
