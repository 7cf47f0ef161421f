"""PyTorch's side of examples/cylinder_flow: MeshGraphNet trained with the same data, size, noise, schedule and time.

Usage: train.py FOLDER OUT.pt [--width 64] [--blocks 8] [--steps N] [--minutes M] [--rate 1e-3] [--final 1e-5] [--noise 0.02] [--seed 0]

FOLDER holds meta.json, train.tfrecord and valid.tfrecord in the format of MeshGraphNets. Losses go to standard output; at the end,
and every --validate steps, the errors of rollouts on the validation split are printed: RMSE at 1, 50 and all steps over all points
and over free points, beside nothing changes and the mean over time. Written as a user of PyTorch would: edges as an index, index_add.
"""
import argparse
import json
import math
import pathlib
import struct
import time

import numpy
import torch

from mesh_graph_net import MeshGraphNet

FREE = (0, 5)  # node types that are predicted: interior, outflow


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        size, at = varint(data, at)
        yield key >> 3, data[at : at + size]
        at += size


def trajectories(folder, split):
    meta = json.loads((folder / "meta.json").read_text())
    data = memoryview((folder / f"{split}.tfrecord").read_bytes())
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        out = {}
        for _, features in fields(data[at + 12 : at + 12 + size]):
            for _, entry in fields(features):
                named = dict(fields(entry))
                name = bytes(named[1]).decode()
                about = meta["features"][name]
                raw = dict(fields(dict(fields(named[2]))[1]))[1]
                out[name] = torch.from_numpy(numpy.frombuffer(raw, about["dtype"]).reshape(about["shape"]).copy())
        yield out
        at += size + 16


class Trajectory:
    def __init__(self, raw):
        self.velocity = raw["velocity"]
        role = raw["node_type"][0, :, 0].long()
        self.one_hot = torch.nn.functional.one_hot(role, 9).float()
        self.free = sum((role == code for code in FREE), torch.zeros_like(role)).bool()
        cells, position = raw["cells"][0].long(), raw["mesh_pos"][0]
        pairs = torch.cat([cells[:, [0, 1]], cells[:, [1, 2]], cells[:, [2, 0]]])
        pairs = torch.unique(torch.sort(pairs, 1).values, dim=0)
        self.sender, self.receiver = torch.cat([pairs, pairs.flip(1)]).T.contiguous()
        offset = position[self.receiver] - position[self.sender]
        self.edge = torch.cat([offset, offset.norm(dim=1, keepdim=True)], 1)


class Normal:
    """Mean and deviation of all rows that were seen, in double."""

    def __init__(self, rows):
        rows = rows.double()
        self.mean, deviation = rows.mean(0), rows.std(0, unbiased=False)
        self.deviation = torch.where(deviation > 1e-10 * self.mean.abs(), deviation, torch.ones_like(deviation))

    def __call__(self, x):
        return ((x - self.mean) / self.deviation).float()

    def back(self, x):
        return (x * self.deviation + self.mean).float()


class Learner:
    def __init__(self, data, options):
        self.options = options
        self.generator = torch.Generator().manual_seed(options.seed)
        inputs = torch.cat([torch.cat([v, t.one_hot], 1) for t in data for v in t.velocity[::10]])
        self.node = Normal(inputs)
        self.edge = Normal(torch.cat([t.edge for t in data]))
        self.target = Normal(torch.cat([(t.velocity[1:] - t.velocity[:-1])[:, t.free].flatten(0, 1) for t in data]))
        self.noise = options.noise * torch.cat([t.velocity.flatten(0, 1) for t in data]).var(0).mean().sqrt()
        self.model = MeshGraphNet(11, 3, 2, options.width, options.blocks)

    def predict(self, t, velocity):
        node = self.node(torch.cat([velocity, t.one_hot], 1))
        return self.model(node, self.edge(t.edge), t.sender, t.receiver)

    def loss(self, t, k):
        noise = torch.randn(t.velocity[k].shape, generator=self.generator) * self.noise * t.free[:, None]
        velocity = t.velocity[k] + noise
        error = self.predict(t, velocity) - self.target(t.velocity[k + 1] - velocity)
        return error[t.free].square().mean()

    @torch.no_grad()
    def rollout(self, t):
        velocity, out = t.velocity[1], []
        for k in range(2, len(t.velocity)):
            change = self.target.back(self.predict(t, velocity))
            velocity = torch.where(t.free[:, None], velocity + change, t.velocity[k])
            out.append(velocity)
        return torch.stack(out)


def errors(pairs, free_only):
    """RMSE at 1, 50 and all steps over (prediction, trajectory) pairs, by the convention of MeshGraphNets."""
    found = []
    for horizon in (1, 50, 10**9):
        squares = []
        for out, t in pairs:
            truth = t.velocity[2:][:horizon]
            error = (out[:horizon] - truth)[:, t.free] if free_only else out[:horizon] - truth
            squares.append(error.double().square().mean())
        found.append(math.sqrt(sum(squares) / len(squares)))
    return found


def report(name, pairs):
    both = errors(pairs, False) + errors(pairs, True)
    print(f"  {name:16}" + "".join(f"{x:11.4g}" for x in both), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out")
    for name, value in dict(width=64, blocks=8, steps=8000, seed=0, validate=2000).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, value in dict(minutes=0, rate=1e-3, final=1e-5, noise=0.02).items():
        parser.add_argument(f"--{name}", type=float, default=value)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    data = [Trajectory(raw) for raw in trajectories(options.folder, "train")]
    valid = [Trajectory(raw) for raw in trajectories(options.folder, "valid")]
    learner = Learner(data, options)
    optimiser = torch.optim.Adam(learner.model.parameters(), lr=options.rate)
    windows = [(t, k) for t in data for k in range(len(t.velocity) - 1)]
    order, start, step, late = [], time.time(), 0, False
    print("RMSE at 1, 50, all steps: all points, then free points")
    report("nothing changes", [(t.velocity[1].expand_as(t.velocity[2:]), t) for t in valid])
    report("mean over time", [(t.velocity[1:].mean(0).expand_as(t.velocity[2:]), t) for t in valid])
    while step < options.steps and not late:
        if not order:
            order = torch.randperm(len(windows), generator=learner.generator).tolist()
        optimiser.param_groups[0]["lr"] = options.rate * (options.final / options.rate) ** (step / options.steps)
        optimiser.zero_grad()
        loss = learner.loss(*windows[order.pop()])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learner.model.parameters(), 1.0)
        optimiser.step()
        step += 1
        late = options.minutes > 0 and time.time() - start > 60 * options.minutes
        if step % options.validate == 0 or step == options.steps or late:
            print(f"step {step}, {time.time() - start:.0f} s, loss {loss.item():.4g}")
            report("PyTorch", [(learner.rollout(t), t) for t in valid])
            torch.save(learner.model.state_dict(), options.out)


if __name__ == "__main__":
    main()
