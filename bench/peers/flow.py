#!/usr/bin/env python3
"""Unsteady flow beside FEniCSx, on one mesh with one discretisation: bench_flow's steps and the same ones there.

Usage: flow.py BUILD/bin/bench_flow N DT STEPS     (under a Python that has dolfinx 0.5, as Debian's /usr/bin/python3)

Taylor-Hood elements on 2 N^2 triangles, BDF2 with extrapolated convection, one linear system a step. FEniCSx solves it
by MUMPS, factorised in each step, and once more by GMRES over factors that are kept for ten steps, to the same
tolerance as cotan. Says the processor time of a step on one thread, and how far the results are apart.
"""
import os
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy  # noqa: E402
import ufl  # noqa: E402
from dolfinx import fem, mesh  # noqa: E402
from dolfinx.fem import petsc  # noqa: E402
from mpi4py import MPI  # noqa: E402
from petsc4py import PETSc  # noqa: E402

VISCOSITY = 1e-3
KEPT = 10  # steps for which factors serve


def solver_of(matrix, kept):
    ksp = PETSc.KSP().create(MPI.COMM_SELF)
    ksp.setOperators(matrix)
    ksp.setType("gmres" if kept else "preonly")
    ksp.getPC().setType("lu")
    ksp.getPC().setFactorSolverType("mumps")
    ksp.setTolerances(rtol=1e-10)
    ksp.setInitialGuessNonzero(kept)
    return ksp


class Flow:
    def __init__(self, points, cells):
        self.domain = mesh.create_mesh(MPI.COMM_SELF, cells, points,
                                       ufl.Mesh(ufl.VectorElement("Lagrange", "triangle", 1)))
        velocity, pressure = ufl.VectorElement("Lagrange", "triangle", 2), ufl.FiniteElement("Lagrange", "triangle", 1)
        self.space = fem.FunctionSpace(self.domain, ufl.MixedElement([velocity, pressure]))
        self.velocities, self.dofs = self.space.sub(0).collapse()
        self.now, self.before, self.wind, self.inflow, self.still = (fem.Function(self.velocities) for _ in range(5))
        self.whole = fem.Function(self.space)
        self.factors = [fem.Constant(self.domain, PETSc.ScalarType(0)) for _ in range(3)]
        (u, p), (v, q) = ufl.TrialFunctions(self.space), ufl.TestFunctions(self.space)
        a, b, c = self.factors
        form = (ufl.inner(a * u + ufl.dot(self.wind, ufl.nabla_grad(u)), v) + VISCOSITY * ufl.inner(ufl.grad(u), ufl.grad(v))
                - p * ufl.div(v) - q * ufl.div(u)) * ufl.dx
        self.a, self.l = fem.form(form), fem.form(-ufl.inner(b * self.now + c * self.before, v) * ufl.dx)
        facets = [mesh.locate_entities_boundary(self.domain, 1, at) for at in (
            lambda x: numpy.isclose(x[0], 0), lambda x: numpy.isclose(x[1], 0) | numpy.isclose(x[1], 1))]
        self.bcs = [fem.dirichletbc(value, fem.locate_dofs_topological((self.space.sub(0), self.velocities), 1, where),
                                    self.space.sub(0)) for value, where in zip((self.inflow, self.still), facets)]

    def run(self, dt, steps, kept):
        for f in (self.now, self.before, self.whole):
            f.x.array[:] = 0
        matrix, right = petsc.create_matrix(self.a), petsc.create_vector(self.l)
        ksp = solver_of(matrix, kept)
        for k in range(steps):
            if k == 1:
                start = time.process_time()
            self.step(k, dt, matrix, right, ksp, kept)
        return (time.process_time() - start) / (steps - 1)

    def step(self, k, dt, matrix, right, ksp, kept):
        rates = (1.5 / dt, -2 / dt, 0.5 / dt) if k else (1 / dt, -1 / dt, 0)
        for constant, rate in zip(self.factors, rates):
            constant.value = rate
        now, before = self.now.x.array, self.before.x.array
        self.wind.x.array[:] = 2 * now - before if k else now
        t = (k + 1) * dt
        self.inflow.interpolate(lambda x: (4 * x[1] * (1 - x[1]) * (1 + 0.5 * numpy.sin(10 * t)), 0 * x[0]))
        matrix.zeroEntries()
        petsc.assemble_matrix(matrix, self.a, bcs=self.bcs)
        matrix.assemble()
        with right.localForm() as local:
            local.set(0)
        petsc.assemble_vector(right, self.l)
        petsc.apply_lifting(right, [self.a], [self.bcs])
        petsc.set_bc(right, self.bcs)
        ksp.getPC().setReusePreconditioner(bool(kept and k > 1 and k % KEPT))
        if kept:
            self.whole.x.array[self.dofs] = self.wind.x.array
        ksp.solve(right, self.whole.vector)
        if ksp.getConvergedReason() < 0:
            raise RuntimeError("PETSc: no convergence")
        self.before.x.array[:] = now
        self.now.x.array[:] = self.whole.x.array[self.dofs]

    def velocity_at(self, points):
        """(points, 2), matched by position."""
        mine = self.velocities.tabulate_dof_coordinates()[:, :2]
        order = [numpy.lexsort(numpy.round(x, 9).T) for x in (mine, points)]
        values = numpy.empty((len(points), 2))
        values[order[1]] = self.now.x.array.reshape(-1, 2)[order[0]]
        assert numpy.abs(mine[order[0]] - points[order[1]]).max() < 1e-8
        return values


def main():
    program, n, dt, steps = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run([program, n, str(dt), str(steps), folder], check=True, capture_output=True, text=True).stdout
        points = numpy.fromfile(f"{folder}/points").reshape(-1, 2)
        cells = numpy.fromfile(f"{folder}/cells", dtype=numpy.int32).reshape(-1, 3).astype(numpy.int64)
        ours = numpy.fromfile(f"{folder}/solution")[:points.size].reshape(2, -1).T
    corners = cells.max() + 1
    print(f"cotan: {said}", end="")
    flow = Flow(points[:corners], cells)
    for kept in (False, True):
        seconds = flow.run(dt, steps, kept)
        theirs = flow.velocity_at(points)
        apart = numpy.linalg.norm(theirs - ours) / numpy.linalg.norm(ours)
        print(f"FEniCSx, {'GMRES over kept factors' if kept else 'MUMPS'}: step {seconds:.5f}, velocities apart by {apart:.1e}")


if __name__ == "__main__":
    main()
