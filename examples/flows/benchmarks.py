#!/usr/bin/env python3
"""The DFG benchmarks and the lid-driven cavity by `cotan simulate`, beside the literature: prints the rows of README.md's tables.

Usage: benchmarks.py COTAN [2d1] [2d2] [cavity]     (needs h5py, numpy, and a cotan with Gmsh and HDF5)
"""
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy

HERE = pathlib.Path(__file__).parent
GHIA = {  # \cite ghia1982: y, u on the vertical line; x, v on the horizontal one
    100: ([(0.0547, -0.03717), (0.1016, -0.06434), (0.1719, -0.10150), (0.2813, -0.15662), (0.4531, -0.21090),
           (0.6172, -0.13641), (0.7344, 0.00332), (0.8516, 0.23151), (0.9531, 0.68717)],
          [(0.0625, 0.09233), (0.0938, 0.12317), (0.1563, 0.16077), (0.2344, 0.17527), (0.8047, -0.24533),
           (0.8594, -0.22445), (0.9063, -0.16914), (0.9453, -0.10313)]),
    1000: ([(0.0547, -0.18109), (0.1016, -0.29730), (0.1719, -0.38289), (0.2813, -0.27805), (0.4531, -0.10648),
            (0.6172, 0.05702), (0.7344, 0.18719), (0.8516, 0.33304), (0.9531, 0.46604)],
           [(0.0625, 0.27485), (0.0938, 0.32627), (0.1563, 0.37095), (0.2344, 0.32235), (0.8047, -0.31966),
            (0.8594, -0.42665), (0.9063, -0.51550), (0.9453, -0.39188)]),
}


def simulate(cotan, case, folder, *options):
    """Points, times, fields (times, rows, components) and the processor's seconds."""
    output = folder / "run"
    words = [cotan, "simulate", HERE / case, "-o", output, "--overwrite", "--quiet", "--threads", "1"]
    for option in options:
        words += ["--set", option]
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    subprocess.run(words, check=True)
    seconds = time.clock_gettime(time.CLOCK_MONOTONIC) - before
    with h5py.File(output / "00000.vtkhdf") as file:
        file = file["VTKHDF"]
        times, points = file["Steps/Values"][:], file["Points"][:]
        fields = {name: group[name][:].reshape(len(times), -1, group[name].shape[-1] if group[name].ndim > 1 else 1)
                  for group in (file["PointData"], file.get("FieldData", {})) for name in group
                  if name in ("velocity", "pressure", "force_cylinder")}
    return points, times, fields, seconds


def steady_cylinder(cotan, folder):
    print("| nodes | drag | lift | pressure difference | s |\n|---|---|---|---|---|")
    for size in (0.08, 0.04, 0.02, 0.01):
        points, _, fields, seconds = simulate(cotan, "dfg_2d1.yaml", folder, f"parameters.size={size}")
        force = 500 * fields["force_cylinder"][0, 0]
        front, back = (numpy.argmin(numpy.hypot(points[:, 0] - x, points[:, 1] - 0.2)) for x in (0.15, 0.25))
        pressure = fields["pressure"][0, :, 0]
        print(f"| {len(points)} | {force[0]:.6f} | {force[1]:.6f} | {pressure[front] - pressure[back]:.6f} | {seconds:.1f} |", flush=True)
    print("| literature | 5.579535 | 0.010619 | 0.117520 | |")


def shedding_cylinder(cotan, folder):
    print("| nodes | step [s] | highest drag | highest lift | Strouhal number | s |\n|---|---|---|---|---|---|")
    for size, step in ((0.05, 0.005), (0.05, 0.0025), (0.025, 0.005), (0.025, 0.0025)):
        points, times, fields, seconds = simulate(cotan, "dfg_2d2.yaml", folder, f"parameters.size={size}", f"time.step={step}",
                                                  "output.fields=[force_cylinder]")
        drag, lift = 20 * fields["force_cylinder"][:, 0].T
        late = times[1:] > times[-1] - 1.5
        up = numpy.flatnonzero((lift[:-1] < 0) & (lift[1:] >= 0) & late)
        crossed = times[up] - lift[up] * (times[up + 1] - times[up]) / (lift[up + 1] - lift[up])
        strouhal = 0.1 * (len(crossed) - 1) / (crossed[-1] - crossed[0])
        print(f"| {len(points)} | {step} | {drag[1:][late].max():.4f} | {lift[1:][late].max():.4f} | {strouhal:.4f} | {seconds:.0f} |",
              flush=True)
    print("| literature | | 3.22 to 3.24 | 0.98 to 1.02 | 0.295 to 0.305 | |")


def line(points, values, along):
    """Coordinate along and values of the nodes on the line through the centre, in order."""
    on = numpy.abs(points[:, 1 - along] - 0.5) < 1e-6
    order = numpy.argsort(points[on, along])
    return points[on, along][order], values[on][order]


def extremum(x, y, sign):
    top = 1 + numpy.argmax(sign * y[1:-1])
    bend, slope, _ = numpy.polyfit(x[top - 1:top + 2] - x[top], y[top - 1:top + 2], 2)
    return y[top] - slope**2 / (4 * bend)


def cavity(cotan, folder):
    print("| Re | nodes | lowest u | highest v | lowest v | largest distance from Ghia's points | s |\n|---|---|---|---|---|---|---|")
    literature = {100: (-0.2140424, 0.1795728, -0.2538030), 1000: (-0.3885698, 0.3769447, -0.5270771)}
    for reynolds, known in literature.items():
        for cells in (16, 32, 64):
            points, _, fields, seconds = simulate(cotan, "cavity.yaml", folder, f"parameters.viscosity={1 / reynolds}",
                                                  f"parameters.cells={cells}")
            velocity = fields["velocity"][0]
            (y, u), (x, v) = line(points, velocity[:, 0], 1), line(points, velocity[:, 1], 0)
            apart = max(abs(numpy.interp(at, where, values) - found) for (where, values), table in
                        zip(((y, u), (x, v)), GHIA[reynolds]) for at, found in table)
            print(f"| {reynolds} | {len(points)} | {extremum(y, u, -1):.6f} | {extremum(x, v, 1):.6f} | {extremum(x, v, -1):.6f} "
                  f"| {apart:.4f} | {seconds:.1f} |", flush=True)
        print(f"| {reynolds} | Botella and Peyret | " + " | ".join(f"{value:.6f}" for value in known) + " | | |")


def main():
    cotan, chosen = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        for name, run in (("2d1", steady_cylinder), ("2d2", shedding_cylinder), ("cavity", cavity)):
            if not chosen or name in chosen:
                run(cotan, pathlib.Path(folder))
                print()


if __name__ == "__main__":
    main()
