"""What cotan and PyTorch learn of examples/cylinder_flow in equal processor time, by the same recipe.

Usage: learn.py COTAN FOLDER OUT [--minutes 10] [--seeds 0 1 2]

Each side has one thread and --minutes of processor time a seed: six tenths for single steps, the rest for four steps in the loss.
A short run of each tells how many steps fit, and each side's learning rate falls over its own number of steps. Both run at once,
so what else the machine does meets both. OUT/table.md holds the velocity's RMSE on the validation split at 1, 50 and all steps
over all points, seed by seed, beside the time that was used; a run that is there is not made again.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "examples" / "cylinder_flow"
STAGES = {"single": (0.6, 1, 1e-3, 1e-4, 0.1), "unroll": (0.4, 4, 5e-4, 1e-6, 0.05)}  # share, steps in the loss, rates, noise


class Run:
    """A command in the background on one thread, and the processor time that it took."""

    def __init__(self, command, log):
        self.log, self.output = log, open(log, "w")
        self.process = subprocess.Popen([str(part) for part in command], stdout=self.output, stderr=subprocess.STDOUT,
                                        env=dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1"))

    def seconds(self):
        _, status, usage = os.wait4(self.process.pid, 0)
        self.output.close()
        if status:
            sys.exit(f"{self.log} ended with {os.waitstatus_to_exitcode(status)}")
        return usage.ru_utime + usage.ru_stime


def cotan_training(options, stage, steps, seed, out, start=None):
    command = [options.cotan, "train", EXAMPLE / ("train.yaml" if stage == "single" else "unroll.yaml"), "-o", out, "--threads", 1,
               "--overwrite", "--set", f"seed={seed}", "--set", f"archive={options.folder}", "--set", f"train.steps={steps}",
               "--set", f"train.validate_every={steps}", "--set", f"train.checkpoint_every={steps}"]
    if stage == "unroll":
        command += ["--set", f"start_from={start}"]
    return command


def torch_training(options, stage, steps, seed, out, start=None):
    _, unroll, rate, final, noise = STAGES[stage]
    command = [sys.executable, HERE / "train.py", options.folder, out, "--steps", steps, "--unroll", unroll, "--rate", rate, "--final",
               final, "--noise", noise, "--seed", seed, "--validate", steps]
    return command + (["--start", start] if start else [])


SIDES = {"cotan": (cotan_training, "last.safetensors"), "PyTorch": (torch_training, "")}


def at_once(commands, folder, name):
    """Processor time by side."""
    runs = {side: Run(command, folder / f"{name}_{side}.log") for side, command in commands.items()}
    return {side: run.seconds() for side, run in runs.items()}


def steps_that_fit(options, out, starts):
    """{stage: {side: steps}} by the time that 20 and 60 steps take."""
    fit = {}
    for stage, (share, *_) in STAGES.items():
        took = [at_once({side: make(options, stage, steps, 0, out / f"try_{stage}_{side}", starts.get(side))
                         for side, (make, _) in SIDES.items()}, out, f"try_{stage}") for steps in (20, 60)]
        for side in SIDES:
            a_step = (took[1][side] - took[0][side]) / 40
            rest = took[0][side] - 20 * a_step
            fit.setdefault(stage, {})[side] = int((60 * options.minutes * share - rest) / a_step)
        starts = {side: out / f"try_{stage}_{side}" / last for side, (_, last) in SIDES.items()}
    return fit


def errors(options, side, out, log):
    if side == "PyTorch":
        row = re.findall(r"PyTorch +(.*)", log.read_text())[-1].split()
        return [float(x) for x in row[:3]]
    said = subprocess.run([options.cotan, "evaluate", str(out), str(options.folder), "--part", "validation", "--json", "--threads", "1",
                           "--quiet"], check=True, capture_output=True, text=True)
    rmse = json.loads(said.stdout)["fields"]["velocity"]["predictors"]["model"]["rmse"]
    return [rmse["1"], rmse["50"], rmse["all"]]


def train_seed(options, out, seed, fit):
    folder = out / f"seed_{seed}"
    done = folder / "result.json"
    if done.exists():
        return json.loads(done.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    result, starts = {side: {"seconds": 0, "steps": []} for side in SIDES}, {}
    for stage in STAGES:
        outs = {side: folder / f"{stage}_{side}" for side in SIDES}
        took = at_once({side: make(options, stage, fit[stage][side], seed, outs[side], starts.get(side))
                        for side, (make, _) in SIDES.items()}, folder, stage)
        starts = {side: outs[side] / last for side, (_, last) in SIDES.items()}
        for side in SIDES:
            result[side]["seconds"] += took[side]
            result[side]["steps"].append(fit[stage][side])
            result[side][stage] = errors(options, side, starts[side], folder / f"{stage}_{side}.log")
    done.write_text(json.dumps(result, indent=1))
    return result


def table(results):
    lines = ["| seed | | steps | processor time [s] | 1 step | 50 steps | all |", "|---|---|---|---|---|---|---|"]
    for seed, result in results.items():
        for side, found in result.items():
            rmse = " | ".join(f"{x:.4g}" for x in found["unroll"])
            lines.append(f"| {seed} | {side} | {' + '.join(map(str, found['steps']))} | {found['seconds']:.0f} | {rmse} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cotan", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("folder", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("out", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    fits = options.out / "steps.json"
    if not fits.exists():
        fits.write_text(json.dumps(steps_that_fit(options, options.out, {})))
    fit, results, start = json.loads(fits.read_text()), {}, time.time()
    for seed in options.seeds:
        results[seed] = train_seed(options, options.out, seed, fit)
        (options.out / "table.md").write_text(table(results))
        print(f"{time.time() - start:.0f} s\n{table(results)}", flush=True)


if __name__ == "__main__":
    main()
