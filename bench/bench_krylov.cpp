// Sequences of linear systems as data sets of steady problems make them: restarted GMRES, GCRO-DR with the draws
// sorted, and a sparse direct solver. One JSON line a run; the systems themselves go to a file for
// bench/peers/krylov.py, which runs PETSc's GMRES on them and makes the table. Usage: bench_krylov FAMILY CELLS COUNT
// PRECONDITIONER[,…] FILE
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>

#include "core/check.h"
#include "mesh/generate.h"
#include "physics/linear_solver.h"
#include "physics/problem.h"

namespace cotan {
namespace {

// Flow through a log-normal medium; a plate whose conductivity and cooling vary; one operator with other sources; waves
// below and above the first resonances.
const std::map<std::string, std::string> kFamilies = {
    {"darcy",
     "problem: poisson\noptions: {random: {g: {random_fourier: {modes: 8, decay: 2}}}, k: exp(g), f: 1}\n"
     "boundary:\n  left: {u: 0}\n  right: {u: 0}\n  top: {u: 0}\n  bottom: {u: 0}\n"},
    {"thermal",
     "problem: poisson\nparameters: {inner: {log_uniform: [0.1, 10]}, cooling: {uniform: [0.5, 5]}, r: {uniform: "
     "[0.15, 0.35]}}\n"
     "options: {k: 'if((x - 0.5)^2 + (y - 0.5)^2 < r^2, inner, 1)', f: 1}\n"
     "boundary:\n  left: {u: 1}\n  right: {robin_coefficient: cooling, robin_ambient: 0}\n"
     "  top: {robin_coefficient: cooling, robin_ambient: 0}\n"},
    {"poisson",
     "problem: poisson\noptions: {random: {g: {random_fourier: {modes: 8, decay: 1}}}, f: g}\n"
     "boundary:\n  left: {u: 0}\n  right: {u: 0}\n  top: {u: 0}\n  bottom: {u: 0}\n"},
    {"helmholtz",
     "problem: helmholtz\noptions: {random: {g: {random_fourier: {modes: 4, decay: 2}}}, kappa: '6*exp(0.1*g)', f: "
     "'exp(-50*((x - 0.3)^2 + (y - 0.4)^2))'}\n"
     "boundary:\n  left: {u: 0}\n  right: {u: 0}\n  top: {u: 0}\n  bottom: {u: 0}\n"}};

struct Sequence {
  std::vector<SparseMatrix> matrices;
  std::vector<std::vector<double>> right;
  std::vector<std::vector<double>> likeness;
};

Sequence make_sequence(const std::string& family, int cells, int count) {
  const auto mesh = std::make_shared<const Mesh>(rectangle(cells, cells));
  const Case spec = parse_case(Config::parse_text("mesh: none\n" + kFamilies.at(family), family));
  Sequence out;
  for (int draw = 0; draw < count; ++draw) {
    const auto number = static_cast<std::uint64_t>(draw);
    const ProblemSetup setup = set_up_problem({mesh, spec, draw_parameters(spec, 1, number), 1, number});
    setup.steady([&](const SparseMatrix& matrix, std::span<const double> b) {
      out.matrices.push_back(matrix);
      out.right.emplace_back(b.begin(), b.end());
      return std::vector<double>(b.size(), 0.0);
    });
    out.likeness.push_back(setup.likeness);
  }
  return out;
}

// Of the processor: one thread, whatever runs beside it.
double seconds_since(std::clock_t start) {
  return double(std::clock() - start) / CLOCKS_PER_SEC;
}

double residual(const SparseMatrix& a, const std::vector<double>& x, const std::vector<double>& b) {
  const auto image = multiply(a, x);
  double rest = 0, size = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    rest += (b[i] - image[i]) * (b[i] - image[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(rest / size);
}

void run(const std::string& family, const Sequence& systems, const LinearSolverOptions& options) {
  const auto counts = std::make_shared<LinearSolverCounts>();
  const std::clock_t start = std::clock();
  std::vector<std::size_t> order;  // sorting is part of the time
  if (options.method == "gcrodr") {
    order = chain_of_neighbours(systems.likeness);
  } else {
    for (std::size_t i = 0; i < systems.right.size(); ++i) order.push_back(i);
  }
  const LinearSolver solve = make_linear_solver(options, counts);
  std::vector<std::vector<double>> x(order.size());
  std::string failure;
  try {
    for (const std::size_t i : order) x[i] = solve(systems.matrices[i], systems.right[i]);
  } catch (const NumericsError& error) {
    failure = error.what();
  }
  const double time = seconds_since(start);
  double worst = 0;
  for (std::size_t i = 0; failure.empty() && i < x.size(); ++i)
    worst = std::max(worst, residual(systems.matrices[i], x[i], systems.right[i]));
  std::printf(
      R"({"family": "%s", "unknowns": %zu, "systems": %zu, "method": "%s", "preconditioner": "%s", "tolerance": %g, )"
      R"("products": %.1f, "seconds": %.5f, "residual": %.2e, "failed": %s})"
      "\n",
      family.c_str(), systems.right[0].size(), x.size(), options.method.c_str(), options.preconditioner.c_str(),
      options.tolerance, double(counts->products) / double(x.size()), time / double(x.size()), worst,
      failure.empty() ? "false" : "true");
  std::fflush(stdout);
}

template <class T>
void put(std::ofstream& out, const std::vector<T>& values) {
  const std::int64_t size = static_cast<std::int64_t>(values.size());
  out.write(reinterpret_cast<const char*>(&size), sizeof size);
  out.write(reinterpret_cast<const char*>(values.data()), size * static_cast<std::int64_t>(sizeof(T)));
}

void save(const Sequence& systems, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  for (std::size_t i = 0; i < systems.right.size(); ++i) {
    put(out, systems.matrices[i].offsets);
    put(out, std::vector<std::int64_t>(systems.matrices[i].columns.begin(), systems.matrices[i].columns.end()));
    put(out, systems.matrices[i].values);
    put(out, systems.right[i]);
  }
}

}  // namespace
}  // namespace cotan

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: bench_krylov FAMILY CELLS COUNT PRECONDITIONER[,...] FILE\n");
    return 2;
  }
  const auto systems = cotan::make_sequence(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
  cotan::save(systems, argv[5]);
  cotan::LinearSolverOptions options;
  cotan::run(argv[1], systems, options);
  std::istringstream preconditioners(argv[4]);
  while (std::getline(preconditioners, options.preconditioner, ',')) {
    for (const double tolerance : {1e-3, 1e-5, 1e-8}) {
      options.tolerance = tolerance;
      for (const char* method : {"gmres", "gcrodr"}) {
        options.method = method;
        cotan::run(argv[1], systems, options);
      }
    }
  }
}
