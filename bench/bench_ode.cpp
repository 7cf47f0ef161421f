// Work and precision of the adaptive integrations on known problems, for bench/peers/ode.py, which runs SciPy beside
// it: one JSON line a run, with the evaluations of the rate (those for products with a Jacobian by differences too),
// the products with the Jacobian where that is given, and the state at the end. As
//   bench_ode batch GRAPHS NODES TOLERANCE
// it times one integration of a batch of graph states, for bench/peers/ode_batch.py.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "core/check.h"
#include "integrators/solve.h"

namespace cotan {
namespace {

struct Known {
  const char* name;
  Rate rate;
  State start;
  double end;
  bool stiff;
};

State state(const at::Tensor& x) {
  return State({{"x", On::points, x}});
}

State column(std::vector<double> values) {
  return state(at::tensor(values, at::kDouble).unsqueeze(1));
}

// The rate of a few numbers by plain arithmetic, and its Jacobian row by row.
using Small = void (*)(const double* u, double* slope, double* jacobian);

Rate small_rate(Small f) {
  const auto of = [f](const State& u, at::Tensor* jacobian) {
    const at::Tensor x = u["x"].contiguous();
    const auto n = x.numel();
    at::Tensor slope = at::empty_like(x), j = at::zeros({n, n}, at::kDouble);
    f(x.data_ptr<double>(), slope.data_ptr<double>(), j.data_ptr<double>());
    if (jacobian) *jacobian = j;
    return slope;
  };
  Rate rate = [of](double, const State& u) { return u.with("x", of(u, nullptr)); };
  rate.whole.jacobian = [of](double, const State& u) -> StateMap {
    at::Tensor j;
    of(u, &j);
    return [j](const State& v) { return v.with("x", at::mm(j, v["x"])); };
  };
  return rate;
}

void robertson(const double* u, double* f, double* j) {
  f[0] = -0.04 * u[0] + 1e4 * u[1] * u[2];
  f[2] = 3e7 * u[1] * u[1];
  f[1] = -f[0] - f[2];
  j[0] = -0.04, j[1] = 1e4 * u[2], j[2] = 1e4 * u[1];
  j[7] = 6e7 * u[1];
  for (int k = 0; k < 3; ++k) j[3 + k] = -j[k] - j[6 + k];
}

void van_der_pol(const double* u, double* f, double* j) {
  f[0] = u[1];
  f[1] = 1000 * (1 - u[0] * u[0]) * u[1] - u[0];
  j[1] = 1;
  j[2] = -2000 * u[0] * u[1] - 1;
  j[3] = 1000 * (1 - u[0] * u[0]);
}

void lorenz(const double* u, double* f, double* j) {
  f[0] = 10 * (u[1] - u[0]);
  f[1] = u[0] * (28 - u[2]) - u[1];
  f[2] = u[0] * u[1] - 8.0 / 3 * u[2];
  j[0] = -10, j[1] = 10;
  j[3] = 28 - u[2], j[4] = -1, j[5] = -u[0];
  j[6] = u[1], j[7] = u[0], j[8] = -8.0 / 3;
}

void kepler(const double* u, double* f, double*) {
  const double cube = std::pow(std::hypot(u[0], u[1]), 3);
  f[0] = u[2], f[1] = u[3];
  f[2] = -u[0] / cube, f[3] = -u[1] / cube;
}

// u' = 400 L u + u (1 - u) on a path of 100 nodes: the fastest mode decays in 6e-4.
Rate diffusion() {
  const auto laplacian = [](const at::Tensor& x) {
    const at::Tensor d = at::diff(x, 1, 0), none = at::zeros({1, 1}, at::kDouble);
    return at::cat({d, none}) - at::cat({none, d});
  };
  Rate rate = [=](double, const State& u) {
    const at::Tensor& x = u["x"];
    return u.with("x", 400 * laplacian(x) + x * (1 - x));
  };
  rate.whole.jacobian = [=](double, const State& u) -> StateMap {
    return [=, x = u["x"]](const State& v) { return v.with("x", 400 * laplacian(v["x"]) + (1 - 2 * x) * v["x"]); };
  };
  return rate;
}

std::vector<Known> problems() {
  std::vector<double> bump;
  for (int i = 0; i < 100; ++i) bump.push_back(std::exp(-0.01 * (i - 30) * (i - 30)));
  return {{"lorenz", small_rate(lorenz), column({1, 1, 1}), 5, false},
          {"kepler", small_rate(kepler), column({0.4, 0, 0, 2}), 20, false},
          {"robertson", small_rate(robertson), column({1, 0, 0}), 1e4, true},
          {"van_der_pol", small_rate(van_der_pol), column({2, 0}), 2000, true},
          {"graph_diffusion", diffusion(), column(bump), 2, true},
          {"graph_diffusion_by_differences", diffusion().whole.f, column(bump), 2, true}};
}

// The same, counting products with the Jacobian.
Rate observed(Rate rate, std::int64_t& products) {
  if (!rate.whole.jacobian) return rate;
  rate.whole.jacobian = [&products, jacobian = rate.whole.jacobian](double t, const State& u) -> StateMap {
    return [&products, map = jacobian(t, u)](const State& v) { return ++products, map(v); };
  };
  return rate;
}

void measure(const Known& problem, const std::string& name, double tolerance) {
  SolveOptions options;
  options.relative = tolerance;
  options.absolute = problem.stiff ? 1e-4 * tolerance : tolerance;
  options.most_steps = 1000000;
  std::int64_t products = 0;
  const Rate rate = observed(problem.rate, products);
  const auto start = std::chrono::steady_clock::now();
  const Solution out = solve(*make_integrator(name), rate, problem.start, std::vector<double>{0, problem.end}, options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf(
      R"({"problem": "%s", "method": "%s", "tolerance": %g, "evaluations": %lld, "products": %lld, "steps": %lld, )"
      R"("seconds": %.4f, "end": [)",
      problem.name, name.c_str(), tolerance, static_cast<long long>(out.evaluations), static_cast<long long>(products),
      static_cast<long long>(out.accepted), seconds);
  const at::Tensor x = out.last["x"].contiguous();
  for (std::int64_t i = 0; i < x.numel(); ++i) std::printf("%s%.17g", i ? ", " : "", x.data_ptr<double>()[i]);
  std::printf("]}\n");
  std::fflush(stdout);
}

// u' = tanh(A u W) - u on a batch of rings, float32: a network's rate in size and kind.
void measure_batch(std::int64_t graphs, std::int64_t nodes, double tolerance) {
  const std::int64_t width = 16, n = graphs * nodes;
  const at::Tensor i = at::arange(n), ring = i - i % nodes;
  const at::Tensor left = ring + (i % nodes + nodes - 1) % nodes, right = ring + (i % nodes + 1) % nodes;
  const at::Tensor w = 0.5 * at::cos(0.1 * at::arange(width * width, at::kFloat).square()).reshape({width, width});
  const at::Tensor x = at::sin(at::arange(n * width, at::kFloat)).reshape({n, width});
  const Rhs f = [=](double, const State& u) {
    const at::Tensor& v = u["x"];
    return u.with("x", at::tanh(at::mm(v + v.index_select(0, left) + v.index_select(0, right), w)) - v);
  };
  SolveOptions options;
  options.relative = options.absolute = tolerance;
  for (int k = 0; k < 3; ++k) {               // the last of three is what counts: memory is warm
    const std::clock_t start = std::clock();  // of the processor: one thread, whatever runs beside it
    const Solution out = solve(*make_integrator("dormand_prince"), f, state(x), std::vector<double>{0, 20}, options);
    const double seconds = double(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf(R"({"steps": %lld, "rejected": %lld, "evaluations": %lld, "seconds": %.5f, "sum": %.7g})"
                "\n",
                static_cast<long long>(out.accepted), static_cast<long long>(out.rejected),
                static_cast<long long>(out.evaluations), seconds, out.last["x"].abs().sum().item<double>());
  }
}

}  // namespace
}  // namespace cotan

int main(int argc, char** argv) {
  const at::NoGradGuard none;
  if (argc == 5 && std::string(argv[1]) == "batch") {
    cotan::measure_batch(std::atoll(argv[2]), std::atoll(argv[3]), std::atof(argv[4]));
    return 0;
  }
  for (const auto& problem : cotan::problems()) {
    for (const double tolerance : {1e-3, 1e-5, 1e-7}) {
      for (const char* name : {"bogacki_shampine", "dormand_prince", "tsitouras"}) {
        if (!problem.stiff) cotan::measure(problem, name, tolerance);
      }
      for (const std::string name : {"sdirk2", "sdirk4", "radau5"}) {
        const double least = name == "sdirk2" ? 1e-4 : name == "sdirk4" ? 1e-6 : 0;  // their steps are too short below
        if (problem.stiff && tolerance > least) cotan::measure(problem, name, tolerance);
      }
    }
  }
}
