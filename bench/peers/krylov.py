"""GCRO-DR over sequences of systems against PETSc's GMRES and the sparse direct solver a user would pick instead.

Usage: krylov.py BUILD/bin/bench_krylov [FAMILY:CELLS:COUNT:PRECONDITIONERS …]
Needs petsc4py (Debian: python3-petsc4py) in the interpreter that runs it. Prints a table of means over the systems, in
seconds of the processor: run it with OMP_NUM_THREADS=1.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import petsc4py

petsc4py.init(["-options_left", "0"])
from petsc4py import PETSc  # noqa: E402

RUNS = ["darcy:100:40:jacobi,ilu", "thermal:100:40:jacobi,ilu", "poisson:100:40:jacobi,ilu", "helmholtz:100:40:jacobi,ilu",
        "darcy:100:8:none", "thermal:100:8:none", "poisson:100:8:none", "helmholtz:100:8:none", "darcy:316:8:ilu"]
TOLERANCES = (1e-3, 1e-5, 1e-8)


def systems(path):
    """(offsets, columns, values, right side) of each system in a file."""
    with open(path, "rb") as file:
        def array(kind):
            size = numpy.frombuffer(file.read(8), "<i8")
            return numpy.frombuffer(file.read(8 * int(size[0])), kind) if len(size) else None

        while (offsets := array("<i8")) is not None:
            yield offsets.astype("i4"), array("<i8").astype("i4"), array("<f8"), array("<f8")


def petsc(path, preconditioner, tolerance):
    """Mean iterations and seconds of restarted GMRES, preconditioned from the right, factors included."""
    iterations, seconds, count = 0, 0.0, 0
    for offsets, columns, values, right in systems(path):
        matrix = PETSc.Mat().createAIJ(len(right), csr=(offsets, columns, values), comm=PETSc.COMM_SELF)
        b = PETSc.Vec().createWithArray(right.copy(), comm=PETSc.COMM_SELF)
        x = b.duplicate()
        start = time.process_time()
        solver = PETSc.KSP().create(PETSc.COMM_SELF)
        solver.setOperators(matrix)
        solver.setType("gmres")
        solver.setGMRESRestart(60)
        solver.setPCSide(PETSc.PC.Side.RIGHT)
        solver.getPC().setType(preconditioner)
        solver.setTolerances(rtol=tolerance, atol=0, max_it=20000)
        solver.solve(b, x)
        seconds += time.process_time() - start
        iterations += solver.getIterationNumber()
        count += 1
        if solver.getConvergedReason() < 0:
            return None
    return iterations / count, seconds / count


def table(program, run):
    family, cells, count, preconditioners = run.split(":")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "systems"
        lines = subprocess.run([program, family, cells, count, preconditioners, path], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        found = {(r["method"], r["preconditioner"], r["tolerance"]): r for r in map(json.loads, lines)}
        direct = next(r for key, r in found.items() if key[0] == "direct")
        for preconditioner in preconditioners.split(","):
            for tolerance in TOLERANCES:
                ours, plain = found["gcrodr", preconditioner, tolerance], found["gmres", preconditioner, tolerance]
                peer = petsc(path, preconditioner, tolerance)
                cell = lambda r: "fails" if r["failed"] else f"{r['products']:.0f}, {1e3 * r['seconds']:.1f} ms"
                other = "fails" if peer is None else f"{peer[0]:.0f}, {1e3 * peer[1]:.1f} ms"
                gain = "" if peer is None or ours["failed"] else (f"{peer[0] / ours['products']:.1f}, "
                                                                 f"{peer[1] / ours['seconds']:.1f}")
                print(f"| {family} | {direct['unknowns']} × {count} | {preconditioner} | {tolerance:g} | {other} | "
                      f"{cell(plain)} | {cell(ours)} | {gain} | {1e3 * direct['seconds']:.1f} ms |", flush=True)


if __name__ == "__main__":
    print("| systems | unknowns × number | preconditioner | tolerance | PETSc GMRES(60) | GMRES(60) | GCRO-DR(60, 20) | "
          "PETSc over GCRO-DR | direct |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for one in sys.argv[2:] or RUNS:
        table(sys.argv[1], one)
