"""MeshGraphNet as its users write it in PyTorch: concatenations, gathers, index_add. The layers have our names, so that
weights carry over. Run as a program it is one side of compare.py:

  mesh_graph_net.py FILE ROUNDS [--compile]     JSON: median seconds of a forward pass and of a training step, peak memory,
                                                largest relative difference of output and gradients from the file's
"""
import json
import re
import statistics
import struct
import sys
import time

import numpy
import torch
from torch import nn

DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64, "BOOL": numpy.bool_}


def read_safetensors(path):
    data = open(path, "rb").read()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    out = {}
    for name, entry in header.items():
        a, b = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + size + a : 8 + size + b], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        out[name] = torch.from_numpy(values.copy())
    return out, metadata


class Mlp(nn.Module):
    def __init__(self, inputs, width, outputs, norm=True, hidden=2):
        super().__init__()
        sizes = [inputs] + [width] * hidden + [outputs]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.norm = nn.LayerNorm(outputs) if norm else None

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(torch.relu(x) if i else x)
        return self.norm(x) if self.norm else x


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mesh = Mlp(3 * width, width, width)
        self.nodes = Mlp(2 * width, width, width)

    def forward(self, v, e, sender, receiver):
        change = self.mesh(torch.cat([v[sender], v[receiver], e], 1))
        sums = torch.zeros_like(v).index_add_(0, receiver, change)
        return v + self.nodes(torch.cat([v, sums], 1)), e + change


class MeshGraphNet(nn.Module):
    def __init__(self, node_inputs, edge_inputs, outputs, width=128, blocks=15):
        super().__init__()
        self.nodes = Mlp(node_inputs, width, width)
        self.mesh = Mlp(edge_inputs, width, width)
        self.block = nn.ModuleList(Block(width) for _ in range(blocks))
        self.decoder = Mlp(width, width, outputs, norm=False)

    def forward(self, node, edge, sender, receiver):
        v, e = self.nodes(node), self.mesh(edge)
        for block in self.block:
            v, e = block(v, e, sender, receiver)
        return self.decoder(v)


def our_name(name):
    name = re.sub(r"\.layers", "", name)
    return "encoder." + name if re.match(r"(nodes|mesh)\.", name) else name


def features(held):
    role = torch.nn.functional.one_hot(held["graph.role"], 9).float()
    node = torch.cat([held["state"], role], 1)
    edge = torch.cat([held["graph.offset"], held["graph.offset"].norm(dim=1, keepdim=True)], 1)

    def normal(x, name):
        mean, m2, count = (held[f"buffer.statistics.{name}.{key}"] for key in ("mean", "m2", "count"))
        deviation = (m2 / count).sqrt()
        deviation = torch.where(deviation > 1e-10 * mean.abs(), deviation, torch.ones_like(deviation))
        return ((x - mean) / deviation).float()

    return normal(node, "nodes"), normal(edge, "mesh")


def main():
    held, about = read_safetensors(sys.argv[1])
    rounds = int(sys.argv[2])
    node, edge = features(held)
    sender, receiver = held["graph.sender"], held["graph.receiver"]
    model = MeshGraphNet(node.shape[1], edge.shape[1], held["out"].shape[1], int(about["width"]), int(about["blocks"]))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(held["parameter." + our_name(name)])
    run = torch.compile(model) if "--compile" in sys.argv else model
    parameters = dict(model.named_parameters())

    def forward():
        with torch.no_grad():
            return run(node, edge, sender, receiver)

    def train():
        out = run(node, edge, sender, receiver)
        return torch.autograd.grad(out.square().sum(), list(parameters.values()), allow_unused=True)

    difference = lambda a, b: float((a.double() - b.double()).norm() / b.double().norm())
    largest = difference(forward(), held["out"])
    for name, gradient in zip(parameters, train()):
        if gradient is not None and "gradient." + our_name(name) in held:
            largest = max(largest, difference(gradient, held["gradient." + our_name(name)]))

    def seconds(work):
        work()
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    forward_seconds, train_seconds = seconds(forward), seconds(train)
    peak = int(re.search(r"VmHWM:\s*(\d+)", open("/proc/self/status").read())[1]) * 1024 / 1e9
    print(json.dumps(dict(forward=forward_seconds, train=train_seconds, peak_gb=peak, difference=largest)))


if __name__ == "__main__":
    main()
