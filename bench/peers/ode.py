"""Work and precision of cotan's adaptive integrations beside SciPy's: the table of bench/README.md.

Usage: ode.py BUILD/bin/bench_ode
Evaluations are all calls of the rate; those for Jacobians by differences are counted for SciPy where it makes them, and
both are given Jacobians by a formula. Errors are relative to the largest value of a reference at 1e-12.
"""
import json
import subprocess
import sys

import numpy
from scipy.integrate import solve_ivp

N = 100


def robertson(t, u):
    a, b = -0.04 * u[0] + 1e4 * u[1] * u[2], 3e7 * u[1] ** 2
    return numpy.array([a, -a - b, b])


def robertson_jacobian(t, u):
    a, b = numpy.array([-0.04, 1e4 * u[2], 1e4 * u[1]]), numpy.array([0, 6e7 * u[1], 0])
    return numpy.array([a, -a - b, b])


def van_der_pol(t, u):
    return numpy.array([u[1], 1000 * (1 - u[0] ** 2) * u[1] - u[0]])


def van_der_pol_jacobian(t, u):
    return numpy.array([[0, 1], [-2000 * u[0] * u[1] - 1, 1000 * (1 - u[0] ** 2)]])


def lorenz(t, u):
    return numpy.array([10 * (u[1] - u[0]), u[0] * (28 - u[2]) - u[1], u[0] * u[1] - 8 / 3 * u[2]])


def kepler(t, u):
    cube = numpy.hypot(u[0], u[1]) ** 3
    return numpy.array([u[2], u[3], -u[0] / cube, -u[1] / cube])


LAPLACIAN = numpy.diag(numpy.r_[-1, numpy.full(N - 2, -2), -1]) + numpy.diag(numpy.ones(N - 1), 1) + numpy.diag(numpy.ones(N - 1), -1)


def diffusion(t, u):
    d = numpy.diff(u)
    return 400 * (numpy.r_[d, 0] - numpy.r_[0, d]) + u * (1 - u)


def diffusion_jacobian(t, u):
    return 400 * LAPLACIAN + numpy.diag(1 - 2 * u)


PROBLEMS = {"lorenz": (lorenz, None, [1, 1, 1], 5), "kepler": (kepler, None, [0.4, 0, 0, 2], 20),
            "robertson": (robertson, robertson_jacobian, [1, 0, 0], 1e4),
            "van_der_pol": (van_der_pol, van_der_pol_jacobian, [2, 0], 2000),
            "graph_diffusion": (diffusion, diffusion_jacobian, numpy.exp(-0.01 * (numpy.arange(N) - 30.0) ** 2), 2)}
PEER = {"bogacki_shampine": "RK23", "dormand_prince": "RK45", "tsitouras": "RK45", "sdirk2": "Radau", "sdirk4": "Radau"}


def solved(name, method, relative, absolute):
    """Evaluations and the state at the end."""
    f, jacobian, start, end = PROBLEMS[name]
    calls = 0

    def counted(t, u):
        nonlocal calls
        calls += 1
        return f(t, u)

    more = {"jac": jacobian} if jacobian and method in ("Radau", "BDF") else {}
    out = solve_ivp(counted, (0, end), start, method=method, rtol=relative, atol=absolute, **more)
    return calls, out.y[:, -1]


def main():
    lines = subprocess.run([sys.argv[1]], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()
    references, peers = {}, {}
    print("| problem | tolerance | method | evaluations | error | SciPy | evaluations | error | evaluations, ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    for run in map(json.loads, lines):
        name, tolerance = run["problem"], run["tolerance"]
        stiff = PROBLEMS[name][1] is not None
        if name not in references:
            references[name] = solved(name, "Radau" if stiff else "DOP853", 1e-11, 1e-15)[1]
        truth = references[name]
        error = lambda u: numpy.abs(numpy.asarray(u) - truth).max() / numpy.abs(truth).max()
        method = PEER[run["method"]]
        key = name, method, tolerance
        if key not in peers:
            peers[key] = solved(name, method, tolerance, (1e-4 if stiff else 1) * tolerance)
        calls, end = peers[key]
        print(f"| {name} | {tolerance:g} | {run['method']} | {run['evaluations']} | {error(run['end']):.1e} | {method} | {calls} | "
              f"{error(end):.1e} | {run['evaluations'] / calls:.2f} |", flush=True)


if __name__ == "__main__":
    main()
