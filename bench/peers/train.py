"""PyTorch's side of examples/cylinder_flow: MeshGraphNet trained with the same data, size, noise, schedule and time.

Usage: train.py FOLDER OUT.pt [--width 64] [--blocks 10] [--steps N] [--minutes M] [--rate 1e-3] [--final 1e-4] [--noise 0.1]
                [--unroll 1] [--start FILE.pt] [--seed 0]

FOLDER holds meta.json, train.tfrecord and valid.tfrecord in the format of MeshGraphNets; --noise is in m/s. The network predicts the
velocity's change and the pressure; half of the samples are mirrored; the rate falls by a cosine; --start goes on from another
OUT.pt. At the end, and every --validate steps, the errors of the velocity in rollouts on the validation split are printed: RMSE at 1,
50 and all steps over all points and over free points, beside nothing changes and the mean over time. Written as a user of PyTorch
would: edges as an index, index_add.
"""
import argparse
import copy
import json
import math
import pathlib
import sys
import time

import torch

from mesh_graph_net import MeshGraphNet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "cylinder_flow"))
from similar_flows import read_trajectories  # noqa: E402: once its folder is known

FREE = (0, 5)  # node types that are predicted: interior, outflow


def trajectories(folder, split):
    meta = json.loads((folder / "meta.json").read_text())
    for raw in read_trajectories(folder / f"{split}.tfrecord", meta):
        yield {name: torch.from_numpy(values.copy()) for name, values in raw.items()}


class Trajectory:
    def __init__(self, raw):
        self.velocity, self.pressure = raw["velocity"], raw["pressure"]
        role = raw["node_type"][0, :, 0].long()
        self.one_hot = torch.nn.functional.one_hot(role, 9).float()
        self.free = sum((role == code for code in FREE), torch.zeros_like(role)).bool()
        cells, position = raw["cells"][0].long(), raw["mesh_pos"][0]
        pairs = torch.cat([cells[:, [0, 1]], cells[:, [1, 2]], cells[:, [2, 0]]])
        pairs = torch.unique(torch.sort(pairs, 1).values, dim=0)
        self.sender, self.receiver = torch.cat([pairs, pairs.flip(1)]).T.contiguous()
        offset = position[self.receiver] - position[self.sender]
        self.edge = torch.cat([offset, offset.norm(dim=1, keepdim=True)], 1)

    def mirrored(self):
        """As seen in a mirror along y."""
        out = copy.copy(self)
        out.velocity = self.velocity * torch.tensor([1.0, -1.0])
        out.edge = self.edge * torch.tensor([1.0, -1.0, 1.0])
        return out


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
        self.model = MeshGraphNet(11, 3, 3, options.width, options.blocks)
        if options.start:
            start = torch.load(options.start, weights_only=False)
            self.model.load_state_dict(start["model"])
            self.node, self.edge, self.target = start["statistics"]
            return
        nodes, edges, targets = [], [], []
        for i in torch.randint(len(data), (200,), generator=self.generator).tolist():
            t = self.drawn(data[i])
            k = torch.randint(len(t.velocity) - 1, (1,), generator=self.generator).item()
            velocity = t.velocity[k] + self.noise(t)
            nodes.append(torch.cat([velocity, t.one_hot], 1))
            edges.append(t.edge)
            targets.append(self.wanted(t, k, velocity))
        self.node, self.edge, self.target = (Normal(torch.cat(rows)) for rows in (nodes, edges, targets))

    def save(self, path):
        torch.save({"model": self.model.state_dict(), "statistics": (self.node, self.edge, self.target)}, path)

    def drawn(self, t):
        return t.mirrored() if torch.rand((), generator=self.generator) < 0.5 else t

    def noise(self, t):
        return torch.randn(t.velocity[0].shape, generator=self.generator) * self.options.noise * t.free[:, None]

    def wanted(self, t, k, velocity):
        return torch.cat([t.velocity[k + 1] - velocity, t.pressure[k + 1]], 1)

    def predict(self, t, velocity):
        node = self.node(torch.cat([velocity, t.one_hot], 1))
        return self.model(node, self.edge(t.edge), t.sender, t.receiver)

    def after(self, t, k, velocity, predicted):
        change = self.target.back(predicted)[:, :2]
        return torch.where(t.free[:, None], velocity + change, t.velocity[k + 1])

    def loss(self, t, k):
        t = self.drawn(t)
        velocity, total = t.velocity[k] + self.noise(t), 0
        for step in range(k, k + self.options.unroll):
            predicted = self.predict(t, velocity)
            error = predicted - self.target(self.wanted(t, step, velocity))
            squares = error[t.free][:, :2].square().sum() + error[:, 2].square().sum()
            total = total + squares / (2 * t.free.sum() + len(error))
            velocity = self.after(t, step, velocity, predicted)
        return total / self.options.unroll

    @torch.no_grad()
    def rollout(self, t):
        velocity, out = t.velocity[1], []
        for k in range(1, len(t.velocity) - 1):
            velocity = self.after(t, k, velocity, self.predict(t, velocity))
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
    for name, value in dict(width=64, blocks=10, steps=30000, unroll=1, seed=0, validate=3000).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, value in dict(minutes=0, rate=1e-3, final=1e-4, noise=0.1).items():
        parser.add_argument(f"--{name}", type=float, default=value)
    parser.add_argument("--start")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    data = [Trajectory(raw) for raw in trajectories(options.folder, "train")]
    valid = [Trajectory(raw) for raw in trajectories(options.folder, "valid")]
    learner = Learner(data, options)
    optimiser = torch.optim.Adam(learner.model.parameters(), lr=options.rate)
    windows = [(t, k) for t in data for k in range(len(t.velocity) - options.unroll)]
    order, start, step, late = [], time.time(), 0, False
    print("RMSE at 1, 50, all steps: all points, then free points")
    report("nothing changes", [(t.velocity[1].expand_as(t.velocity[2:]), t) for t in valid])
    report("mean over time", [(t.velocity[1:].mean(0).expand_as(t.velocity[2:]), t) for t in valid])
    while step < options.steps and not late:
        if not order:
            order = torch.randperm(len(windows), generator=learner.generator).tolist()
        optimiser.param_groups[0]["lr"] = options.final + (options.rate - options.final) * (
            1 + math.cos(math.pi * step / options.steps)) / 2
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
            learner.save(options.out)


if __name__ == "__main__":
    main()
