"""Work and precision of cotan's adaptive integrations beside SciPy's: the table of bench/README.md.

Usage: ode.py BUILD/bin/bench_ode
Evaluations are all calls of the rate, those for Jacobians by differences too. On stiff problems but the last both are given Jacobians
by a formula; how many each makes stands beside (cotan's products with a Jacobian over the number of unknowns). Errors are relative to the
largest value of a reference at 1e-12. The ratio is at equal errors: to a parabola through SciPy's runs at tolerances from 0.03 to 1e-9,
evaluations over error in logarithms.
"""
import functools
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
PROBLEMS["graph_diffusion_by_differences"] = (diffusion, None) + PROBLEMS["graph_diffusion"][2:]
PEER = {"bogacki_shampine": "RK23", "dormand_prince": "RK45", "tsitouras": "RK45", "sdirk2": "Radau", "sdirk4": "Radau", "radau5": "Radau"}


def is_stiff(name):
    return name not in ("lorenz", "kepler")


def solved(name, method, relative, absolute):
    """Evaluations, Jacobians and the state at the end."""
    f, jacobian, start, end = PROBLEMS[name]
    calls = 0

    def counted(t, u):
        nonlocal calls
        calls += 1
        return f(t, u)

    more = {"jac": jacobian} if jacobian and method == "Radau" else {}
    out = solve_ivp(counted, (0, end), start, method=method, rtol=relative, atol=absolute, **more)
    return calls, out.njev, out.y[:, -1]


@functools.cache
def truth(name):
    return solved(name, "Radau" if is_stiff(name) else "DOP853", 1e-12, 1e-16)[2]


def error(name, end):
    return numpy.abs(numpy.asarray(end) - truth(name)).max() / numpy.abs(truth(name)).max()


@functools.cache
def peer(name, method, tolerance):
    calls, jacobians, end = solved(name, method, tolerance, (1e-4 if is_stiff(name) else 1) * tolerance)
    return calls, jacobians, error(name, end)


@functools.cache
def curve(name, method):
    runs = [peer(name, method, 10.0**k) for k in numpy.arange(-1.5, -9.1, -0.5)]
    return numpy.polyfit(numpy.log([run[2] for run in runs]), numpy.log([run[0] for run in runs]), 2)


def main():
    lines = subprocess.run([sys.argv[1]], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()
    print("| problem | tolerance | method | evaluations | Jacobians | error | SciPy | evaluations | Jacobians | error | ratio at equal error |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for run in map(json.loads, lines):
        name, tolerance, method = run["problem"], run["tolerance"], PEER[run["method"]]
        calls, jacobians, other = peer(name, method, tolerance)
        own = error(name, run["end"])
        expected = numpy.exp(numpy.polyval(curve(name, method), numpy.log(own)))
        print(f"| {name} | {tolerance:g} | {run['method']} | {run['evaluations']} | {run['products'] / len(run['end']):.0f} | {own:.1e} | "
              f"{method} | {calls} | {jacobians} | {other:.1e} | {run['evaluations'] / expected:.2f} |", flush=True)


if __name__ == "__main__":
    main()
