"""One adaptive integration of a batch of graph states by torchdiffeq (PyPI) and by cotan: time an accepted step.

Usage: ode_batch.py BUILD/bin/bench_ode [GRAPHS NODES TOLERANCE]
"""
import json
import subprocess
import sys
import time

import torch
from torchdiffeq import odeint

WIDTH = 16


def main():
    graphs, nodes, tolerance = sys.argv[2:] or ("8", "500", "1e-5")
    out = subprocess.run([sys.argv[1], "batch", graphs, nodes, tolerance], check=True, text=True, stdout=subprocess.PIPE).stdout
    ours = json.loads(out.splitlines()[-1])
    torch.set_num_threads(1)
    n, per = int(graphs) * int(nodes), int(nodes)
    i = torch.arange(n)
    ring = i - i % per
    left, right = ring + (i % per + per - 1) % per, ring + (i % per + 1) % per
    w = 0.5 * torch.cos(0.1 * torch.arange(WIDTH * WIDTH, dtype=torch.float32).square()).reshape(WIDTH, WIDTH)
    x = torch.sin(torch.arange(n * WIDTH, dtype=torch.float32)).reshape(n, WIDTH)

    class Rate(torch.nn.Module):
        calls, accepted, rejected = 0, 0, 0

        def forward(self, t, v):
            self.calls += 1
            return torch.tanh((v + v.index_select(0, left) + v.index_select(0, right)) @ w) - v

        def callback_accept_step(self, t0, y0, dt):
            self.accepted += 1

        def callback_reject_step(self, t0, y0, dt):
            self.rejected += 1

    with torch.no_grad():
        for _ in range(3):
            rate = Rate()
            start = time.process_time()
            end = odeint(rate, x, torch.tensor([0.0, 20.0]), method="dopri5", rtol=float(tolerance), atol=float(tolerance))[-1]
            seconds = time.process_time() - start
    print(f"cotan        {ours['steps']} steps, {ours['rejected']} rejected, {ours['evaluations']} evaluations, "
          f"{1e3 * ours['seconds'] / ours['steps']:.3f} ms a step, sum {ours['sum']:.6g}")
    print(f"torchdiffeq  {rate.accepted} steps, {rate.rejected} rejected, {rate.calls} evaluations, "
          f"{1e3 * seconds / rate.accepted:.3f} ms a step, sum {end.double().abs().sum().item():.6g}")
    print(f"ratio of the time a step: {ours['seconds'] / ours['steps'] / (seconds / rate.accepted):.2f}")


if __name__ == "__main__":
    main()
