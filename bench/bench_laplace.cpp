// The synthetic benchmark of the PhyMPGN paper for Laplace operators, at full size: 983 points, 10,000 functions.
// Usage: bench_laplace RECIPE BLOCK, both YAML: those of Recipe below, and a Laplace block's options.
// Trains where there is something to train, then prints errors on this mesh and on unseen ones, on constants and single
// modes, the spectrum where the block is linear, and times. One thread. Examples: examples/phympgn/laplace/README.md
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>

#include "bench/laplace/functions.h"
#include "bench/laplace/sheets.h"
#include "core/check.h"
#include "gnn/laplace_block.h"
#include "gnn/optimiser.h"
#include "gnn/soap.h"
#include "io/mesh_io.h"
#include "mesh/laplacian.h"

namespace cotan::laplace_bench {
namespace {

using at::Tensor;

struct Recipe {
  std::string optimiser = "soap";
  std::int64_t steps = 40000, batch = 8, functions = 10000;
  std::uint64_t seed = 0;
  double learning_rate = 5e-3, clip_norm = 0;
  double gaussian = 0;
  std::string mesh;
  template <class V>
  void visit(V&& v) {
    v("optimiser", optimiser, "of the training", OneOf{{"soap", "adamw"}});
    v("steps", steps, "of the optimiser; 0: as it starts", at_least(0));
    v("batch", batch, "functions a step", at_least(1));
    v("functions", functions, "7 of 10 to train, 2 to validate, 1 to test", at_least(10));
    v("seed", seed, "of the first weights and of the order of functions");
    v("learning_rate", learning_rate, "falls to a hundredth by a cosine", above(0.0));
    v("clip_norm", clip_norm, "largest gradient norm; 0: off", at_least(0.0));
    v("gaussian", gaussian, "above 0: the stencil's kernel is exp(-it r^2 / h^2), untrained", at_least(0.0));
    v("mesh", mesh, "a file with sides left, right, bottom, top: also tested on it");
  }
};

const HaloExchange kAlone;

/// A mesh with functions and their Laplacians at its points, in single precision.
struct Field {
  std::string name;
  Graph graph;
  Unknowns unknowns;
  Tensor rows = {}, of_point = {};  // points of the unknowns, unknowns of the points
  Tensor f = {}, truth = {};        // (points, functions)
  Graph exact = {};                 // the graph in double
};

Graph graph_of(const Sheet& sheet, int points) {
  const Graph graph = make_graph(sheet.mesh, {}, sheet.periodic);
  return with_edges(with_edges(graph, laplacian_edges(sheet.mesh, graph, sheet.periodic)),
                    stencil_edges(sheet.mesh, graph, sheet.periodic, {points, {}}));
}

Field field_of(std::string name, const Sheet& sheet, const Tensor& coefficients, int points) {
  Field out{std::move(name), graph_of(sheet, points), unknowns_of(sheet.mesh, sheet.periodic)};
  const auto longs = [](const std::vector<Index>& x) {
    return at::tensor(std::vector<std::int64_t>(x.begin(), x.end()), at::kLong);
  };
  out.rows = longs(out.unknowns.point);
  out.of_point = longs(out.unknowns.of_point);
  const Tensor at_points = waves(out.graph.position).to(at::kFloat);
  out.f = at::matmul(at_points, coefficients.to(at::kFloat));
  out.truth = at::matmul(at_points, (coefficients * symbols().unsqueeze(1)).to(at::kFloat));
  out.exact = out.graph;
  out.graph = to(out.graph, at::kFloat);
  return out;
}

Sheet sheet_from(const std::string& file) {
  const Mesh mesh = read_mesh(file);
  const auto pair = [&](const char* from, const char* to) {
    return matching_sides(mesh, from, mesh.points_of(from), to, mesh.points_of(to));
  };
  return {mesh, {pair("left", "right"), pair("bottom", "top")}};
}

double seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// A block and what it makes of functions.
class Operator {
 public:
  Operator(const LaplaceOptions& options, std::uint64_t seed) : options_(options), block_(make(options, seed)) {
    block_.append_to(parameters_, "laplace");
  }
  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  bool is_linear() const { return options_.laplace != "learned" && options_.laplace != "correction"; }
  /// Of one function, all that can be prepared being so.
  std::function<Tensor()> repeated(const Graph& graph, const Tensor& u) const {
    const at::NoGradGuard no_gradients;
    const auto prepared = block_.prepare(graph, kAlone);
    return [this, prepared, &graph, u] { return block_(prepared, graph, kAlone, u, graph.position); };
  }
  /// Of f (points, functions) on a graph; `many` is a batch of as many copies of it as there are functions.
  Tensor apply(const Graph& graph, const Graph& many, const Tensor& f) const {
    if (is_linear()) return block_(block_.prepare(graph, kAlone), graph, kAlone, f, {});
    const Tensor u = f.t().reshape({-1, 1});
    return block_(block_.prepare(many, kAlone), many, kAlone, u, many.position).reshape({f.size(1), -1}).t();
  }
  Tensor apply(const Field& field, const Tensor& f) const {
    const at::NoGradGuard no_gradients;
    if (is_linear()) return apply(field.graph, field.graph, f);
    std::vector<Tensor> parts;
    for (const Tensor& part : f.split(50, 1))
      parts.push_back(apply(field.graph, batch(std::vector(part.size(1), field.graph)), part));
    return at::cat(parts, 1);
  }

 private:
  static LaplaceBlock make(const LaplaceOptions& options, std::uint64_t seed) {
    std::uint64_t drawn = 0;
    return {options, 1, 2, Random(seed, purpose::weights), &drawn};
  }
  LaplaceOptions options_;
  LaplaceBlock block_;
  std::vector<NamedTensor> parameters_;
};

struct Error2 {
  double mse, rne;
};
Error2 error(const Field& field, const Tensor& found, const Tensor& truth) {
  const Tensor at_rows = (found - truth).index_select(0, field.rows), expected = truth.index_select(0, field.rows);
  const double mse = at_rows.square().mean(at::kDouble).item<double>();
  return {mse, std::sqrt(mse / expected.square().mean(at::kDouble).item<double>())};
}

Error2 error(const Operator& op, const Field& field, std::int64_t first, std::int64_t count) {
  return error(field, op.apply(field, field.f.narrow(1, first, count)), field.truth.narrow(1, first, count));
}

void train(Operator& op, const Field& field, const Recipe& recipe) {
  const std::int64_t train = recipe.functions * 7 / 10, validate = std::min<std::int64_t>(recipe.functions / 5, 400);
  std::map<std::string, Tensor> state;
  Soap soap(op.parameters(), 0, state);
  AdamW adam(op.parameters(), 0, state);
  std::vector<Tensor> leaves;
  for (const auto& p : op.parameters()) leaves.push_back(p.value);
  const Graph many = op.is_linear() ? field.graph : batch(std::vector(recipe.batch, field.graph));
  const double scale = field.truth.square().mean().item<double>();
  const Random random(recipe.seed, purpose::shuffle);
  double spent = 0;
  for (std::int64_t step = 0; step < recipe.steps; ++step) {
    const double start = seconds();
    std::vector<std::int64_t> chosen;
    for (std::int64_t k = 0; k < recipe.batch; ++k)
      chosen.push_back(static_cast<std::int64_t>(random.below(train, step * recipe.batch + k)));
    const Tensor columns = at::tensor(chosen, at::kLong);
    const Tensor found = op.apply(field.graph, many, field.f.index_select(1, columns));
    const Tensor wrong = (found - field.truth.index_select(1, columns)).index_select(0, field.rows);
    FlatGradients gradients = flatten(torch::autograd::grad({wrong.square().mean() / scale}, leaves), op.parameters());
    if (recipe.clip_norm > 0) {
      const double norm = gradients.flat.norm().item<double>();
      if (norm > recipe.clip_norm) gradients.flat.mul_(recipe.clip_norm / norm);
    }
    const double rate = learning_rate(step, recipe.steps, recipe.learning_rate, recipe.learning_rate / 100, "cosine");
    recipe.optimiser == "soap" ? soap.step(gradients.views, rate, step) : adam.step(gradients.views, rate, step);
    spent += seconds() - start;
    if ((step + 1) % std::max<std::int64_t>(1, recipe.steps / 20) == 0) {
      std::printf("step %lld, %.0f CPU s, validation MSE %.4g\n", static_cast<long long>(step + 1), spent,
                  error(op, field, train, validate).mse);
      std::fflush(stdout);
    }
  }
}

// Of a linear operator on the unknowns, in double.
Tensor matrix_of(const Operator& op, const Field& field) {
  const at::NoGradGuard no_gradients;
  const Tensor identity = at::eye(field.unknowns.size(), at::kDouble).index_select(0, field.of_point);
  return op.apply(field.exact, field.exact, identity).index_select(0, field.rows);
}

void print_spectrum(const Operator& op, const Field& field) {
  const std::int64_t n = field.unknowns.size();
  const Tensor matrix = matrix_of(op, field);
  const Tensor values = at::linalg_eigvals(matrix);
  std::printf("%s: eigenvalues from %.6g to %.3g, imaginary parts up to %.3g, entries a row %.1f\n", field.name.c_str(),
              at::real(values).min().item<double>(), at::real(values).max().item<double>(),
              at::imag(values).abs().max().item<double>(), (matrix != 0).sum().item<double>() / double(n));
}

// Constants and single modes of amplitude 0.5, beside their Laplacians.
void print_smooth(const Operator& op, const Field& field) {
  const Tensor constant = at::full({field.graph.num_nodes(), 1}, 0.5, at::kFloat);
  std::printf("%s: constant 0.5 gives %.3g", field.name.c_str(),
              op.apply(field, constant).index_select(0, field.rows).square().mean().sqrt().item<double>());
  for (const auto& [kx, ky] : {std::pair(1, 0), std::pair(2, 1), std::pair(4, 3), std::pair(6, 6)}) {
    const Tensor phase = 2 * M_PI * (kx * field.graph.position.select(1, 0) + ky * field.graph.position.select(1, 1));
    const Tensor f = 0.5 * at::stack({phase.sin(), phase.cos()}, 1);
    const double factor = -4 * M_PI * M_PI * (kx * kx + ky * ky);
    std::printf(", mode (%d,%d) %.4f", kx, ky, error(field, op.apply(field, f), factor * f).rne);
  }
  std::printf("\n");
}

double microseconds(const std::function<Tensor()>& call) {
  for (int k = 0; k < 20; ++k) call();
  constexpr int kCalls = 2000;
  const auto start = std::chrono::steady_clock::now();
  for (int k = 0; k < kCalls; ++k) call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() * 1e6 / kCalls;
}

// One application to one function beside LibTorch's sparse product of the same matrix.
void print_times(const Operator& op, const Field& field) {
  const at::NoGradGuard no_gradients;
  const Tensor u = field.f.narrow(1, 0, 1).contiguous();
  std::printf("%s: one application %.1f us", field.name.c_str(), microseconds(op.repeated(field.graph, u)));
  if (op.is_linear()) {
    const Tensor matrix = matrix_of(op, field).to(at::kFloat).to_sparse_csr(), x = u.index_select(0, field.rows);
    std::printf(", sparse product %.1f us", microseconds([&] { return at::matmul(matrix, x); }));
  }
  std::printf("\n");
}

// The stencil's kernel by equal amplitudes of these shapes, not as a fit has left it.
void set_kernel(const Operator& op, const std::vector<double>& shapes, double ridge) {
  COTAN_REQUIRE(op.parameters().size() == 3, "gaussian: is for {laplace: stencil}");
  const at::NoGradGuard no_gradients;
  op.parameters()[0].value.zero_();
  op.parameters()[1].value.copy_(at::tensor(shapes, at::kDouble).log());
  op.parameters()[2].value.fill_(std::log(ridge));
}

void print_kernel(const Operator& op) {
  for (const auto& p : op.parameters()) {
    const Tensor x = p.name.ends_with("amplitude") ? p.value.softmax(0) : p.value.exp();
    std::printf("%s", p.name.c_str());
    for (std::int64_t k = 0; k < x.numel(); ++k) std::printf(" %.4g", x.flatten()[k].item<double>());
    std::printf("\n");
  }
}

// The least error that any stencil of these points can have: each point's own, by least squares over the functions of
// the training, and its error on those of the test.
void print_bound(const Field& own, const Field& tested, const Recipe& recipe, const LaplaceOptions& options) {
  const std::int64_t train = recipe.functions * 7 / 10, n = own.unknowns.size();
  const auto of_unknowns = [&](const Tensor& x) { return x.index_select(0, own.rows).to(at::kDouble); };
  const Tensor f = of_unknowns(own.f.narrow(1, 0, train)), truth = of_unknowns(own.truth.narrow(1, 0, train));
  const Tensor products = at::matmul(f, f.t()), with_truth = at::matmul(truth, f.t());
  const Tensor test = of_unknowns(tested.f), expected = of_unknowns(tested.truth);
  const EdgeSet& edges = own.graph.edges(stencil_name(options.laplace_points));
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto row = own.unknowns.point[i];
    const auto first = edges.links.offsets[row].item<std::int64_t>();
    const Tensor senders = edges.sender().narrow(0, first, edges.links.offsets[row + 1].item<std::int64_t>() - first);
    const Tensor others = own.of_point.index_select(0, senders);
    const Tensor mine = products[i].index_select(0, others),
                 between = products.index_select(0, others).index_select(1, others);
    const Tensor matrix = between - mine.unsqueeze(0) - mine.unsqueeze(1) + products[i][i];
    const Tensor weights = at::linalg_solve(matrix, with_truth[i].index_select(0, others) - with_truth[i][i]);
    const Tensor found = at::matmul(weights, test.index_select(0, others) - test.select(0, i));
    sum += (found - expected.select(0, i)).square().mean().item<double>();
  }
  std::printf("bound, %d points (0: 19): each its own stencil by least squares: MSE %.4g\n", options.laplace_points,
              sum / double(n));
}

void run(const Recipe& recipe, const LaplaceOptions& options) {
  const Tensor all = functions(recipe.functions, 0);
  const std::int64_t tested = recipe.functions / 10;
  const Tensor last = all.narrow(1, recipe.functions - tested, tested);
  const Field own = field_of("L1", sheet_of(even_points(983, 40, kGrid, 1), 1), all, options.laplace_points);
  const auto made = [&](const char* name, int count, int evened, std::uint64_t seed) {
    return field_of(name, sheet_of(even_points(count, evened, kGrid, seed), seed), last, options.laplace_points);
  };
  std::vector<Field> fields = {made("L1", 983, 40, 1), made("L2", 983, 40, 2), made("J1 (rough)", 983, 3, 3),
                               made("C1 (coarse)", 492, 40, 4), made("F1 (fine)", 1966, 40, 5)};
  if (!recipe.mesh.empty())
    fields.push_back(field_of(recipe.mesh, sheet_from(recipe.mesh), last, options.laplace_points));
  Operator op(options, recipe.seed);
  std::int64_t count = 0;
  for (const auto& p : op.parameters()) count += p.value.numel();
  std::printf("%s: %lld parameters, seed %llu\n", options.laplace.c_str(), static_cast<long long>(count),
              static_cast<unsigned long long>(recipe.seed));
  if (recipe.gaussian > 0) {
    set_kernel(op, std::vector<double>(4, recipe.gaussian), 1e-10);
  } else if (count > 0 && recipe.steps > 0) {
    if (options.laplace == "stencil") set_kernel(op, {0.05, 0.1, 0.2, 0.4}, 1e-6);
    train(op, own, recipe);
  }
  if (options.laplace == "stencil") print_kernel(op);
  for (const Field& field : fields) {
    const Error2 e = error(op, field, 0, tested);
    std::printf("%s, %lld points, RMS %.1f: MSE %.4g, RNE %.4f\n", field.name.c_str(),
                static_cast<long long>(field.unknowns.size()),
                field.truth.index_select(0, field.rows).square().mean().sqrt().item<double>(), e.mse, e.rne);
  }
  if (options.laplace == "stencil") print_bound(own, fields.front(), recipe, options);
  for (const Field& field : fields) print_smooth(op, field);
  print_times(op, fields.front());
  if (!op.is_linear()) return;
  for (const Field& field : fields) print_spectrum(op, field);
}

int run_program(int argc, char** argv) try {
  at::set_num_threads(1);
  COTAN_REQUIRE(argc == 3, "usage: bench_laplace RECIPE BLOCK, both as YAML; a recipe has\n"
                               << describe_options<Recipe>() << "and a block\n"
                               << describe_options<LaplaceOptions>());
  run(read_options<Recipe>(Config::parse_text(argv[1])), read_options<LaplaceOptions>(Config::parse_text(argv[2])));
  return 0;
} catch (const Error& error) {
  std::cerr << error.what() << '\n';
  return 2;
}

}  // namespace
}  // namespace cotan::laplace_bench

int main(int argc, char** argv) {
  return cotan::laplace_bench::run_program(argc, argv);
}
