"""The study of regularised solvers: makes the data, trains each row of the table over three seeds, and prints the table.

Usage: run.py COTAN FOLDER [SYSTEM …]    (systems: burgers_a, fitzhugh_nagumo)
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DRAWS = {
    "burgers_a": ["mesh.parameters.h=0.025", "time.step=0.002", "time.end=1.6", "time.every=5", "output.mesh.parameters.h=0.1"],
    "fitzhugh_nagumo": ["mesh.parameters.length=40", "mesh.parameters.h=1.6", "time.step=0.01", "time.end=8", "time.every=5",
                        "output.mesh.parameters.length=40", "output.mesh.parameters.h=4"]}
TERMS = {"none": {}, "error, weight 1000": {"regularise": "error", "regularise_weight": 1000},
         "error, weight 100": {"regularise": "error", "regularise_weight": 100},
         "stiffness, weight 2e-4": {"regularise": "stiffness", "regularise_weight": 2e-4},
         "stiffness, weight 2e-5": {"regularise": "stiffness", "regularise_weight": 2e-5},
         "error of one step, weight 1000": {"regularise": "error", "regularise_weight": 1000, "regularise_steps": "one"}}


def sets(pairs):
    return [word for pair in pairs for word in ("--set", pair)]


def cotan(program, *arguments):
    return subprocess.run([program, *map(str, arguments), "--threads", "1", "--quiet"], check=True, text=True, stdout=subprocess.PIPE).stdout


def trained(program, folder, system, term, seed):
    """What a network reaches: relative L2 by field, evaluations and milliseconds a step, seconds of the processor to train it."""
    run = folder / f"{system}_{term.replace(', ', '_').replace(' ', '_')}_{seed}"
    before = os.times()
    if not (run / "seconds").exists():
        cotan(program, "train", HERE / f"{system}.yaml", "-o", run, "--overwrite",
              *sets([f"seed={seed}", f"archive={folder / 'data' / system}"] + [f"train.{key}={value}" for key, value in TERMS[term].items()]))
        after = os.times()
        (run / "seconds").write_text(str(after.children_user + after.children_system - before.children_user - before.children_system))
    reached = run / "evaluation.json"
    if not reached.exists():
        reached.write_text(cotan(program, "evaluate", run / "last.safetensors", "--json"))
    out = json.loads(reached.read_text())
    errors = [field["predictors"]["model"]["relative_l2"] for field in out["fields"].values()]
    return {"evaluations": out["evaluations_per_step"], "ms": out["ms_per_step"], "error": statistics.mean(errors),
            "seconds": float((run / "seconds").read_text())}


def main():
    program, folder, systems = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:] or list(DRAWS)
    for system in systems:
        data = folder / "data" / system
        if not data.exists():
            cotan(program, "simulate", HERE.parent / f"{system}.yaml", "-o", data, "--count", 14, "--seed", 0, *sets(DRAWS[system]))
    print("| system | term | evaluations a step | of those without | relative L2 | seconds of training |")
    print("|---|---|---|---|---|---|")
    for system in systems:
        rows = {term: [] for term in TERMS}
        for seed in range(3):
            for term in TERMS:
                rows[term].append(trained(program, folder, system, term, seed))
        plain = statistics.mean(row["evaluations"] for row in rows["none"])
        for term, runs in rows.items():
            texts = [", ".join(f"{run[key]:{form}}" for run in runs) for key, form in (("evaluations", ".1f"), ("error", ".3f"), ("seconds", ".0f"))]
            share = statistics.mean(run["evaluations"] for run in runs) / plain
            print(f"| {system} | {term} | {texts[0]} | {share:.2f} | {texts[1]} | {texts[2]} |", flush=True)


if __name__ == "__main__":
    main()
