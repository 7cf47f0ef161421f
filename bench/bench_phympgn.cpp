// Our side of bench/peers/phympgn.py: a rollout of PhyMPGN by Heun's method on a triangulated square.
//   bench_phympgn write FILE POINTS SYSTEM    graph, weights, start and the state after five steps as safetensors
//   bench_phympgn time  FILE ROUNDS           JSON: median seconds of a step
// SYSTEM: cylinder (950,228 parameters) or burgers (157,308). OMP_NUM_THREADS says with how many threads.
#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "core/check.h"
#include "gnn/checkpoint.h"
#include "gnn/simulator.h"
#include "io/safetensors.h"
#include "mesh/edge_sets.h"
#include "mesh/generate.h"
#include "mesh/ordering.h"

namespace {

using namespace cotan;

constexpr double kStep = 0.01;
constexpr int kSteps = 5;

std::string options_of(const std::string& system) {
  const std::string scales =
      "coordinates: true\nedges: mesh_maximum\ndiffusion: 0.005\nstate_scale: 1\nrate_scale: 1\nlength_scale: 1\n";
  if (system == "cylinder") return scales + "width: 128\nlayers: 5\nencoder: \"32, 64\"\ndecoder: \"64, 32\"\n";
  const std::vector<std::string> names{"cylinder", "burgers"};
  COTAN_REQUIRE(system == names[1], unknown_name("system", system, names));
  return scales + "width: 64\nlayers: 3\nroles: \"interior, outflow\"\nlaplace_width: 20\n";
}

struct Setting {
  SimulatorInput input;
  std::shared_ptr<Model> model;
  Frame start;
  System system() const { return make_simulator(model, input, kStep, {make_integrator("heun")}); }
};

Setting setting(std::int64_t points, const std::string& system) {
  const int n = static_cast<int>(std::lround(std::sqrt(double(points))));
  const Mesh rows = rectangle(n - 1, n - 1);
  const Mesh mesh = reordered(rows, hilbert_order(rows));
  Setting s;
  const std::vector<std::string> sets{"laplacian"};
  s.input.graph = std::make_shared<Graph>(to(with_edge_sets(make_graph(mesh), mesh, {}, sets), at::kFloat));
  s.model = make_model("phympgn", Config::parse_text(options_of(system)), {{{"velocity", 2}}, {}, {}, 2}, 1);
  const auto wave = [&](double a, double b) {
    return at::sin(s.input.graph->position.matmul(at::tensor({a, b}).to(at::kFloat)));
  };
  const at::Tensor u = at::stack({wave(3, 5), wave(-7, 2)}, 1);
  const at::Tensor x = s.input.graph->position.select(1, 0);
  const at::Tensor left = (x < 1e-6).unsqueeze(1).expand_as(u);
  s.input.prescribed.add("velocity", left, [u](double) { return u; });
  s.start = {0, Fields({{"velocity", On::points, u}})};
  return s;
}

at::Tensor rolled_out(const Setting& s, const System& system) {
  const at::NoGradGuard quiet;
  State state = system.lift({&s.start, 1});
  for (int k = 0; k < kSteps; ++k) state = system.step(k * kStep, kStep, state);
  return system.view(state)["velocity"];
}

void write(const std::string& file, std::int64_t points, const std::string& name) {
  const Setting s = setting(points, name);
  TensorFile held;
  held.metadata = {{"points", std::to_string(points)}, {"system", name}};
  const auto put = [&](const std::string& key, const at::Tensor& t) { held.tensors[key] = to_host(t.detach()); };
  const EdgeSet& edges = s.input.graph->edges("laplacian");
  put("graph.sender", edges.sender());
  put("graph.receiver", edges.receiver);
  put("graph.position", s.input.graph->position);
  put("graph.weight", edges.weight);
  put("graph.measure", edges.measure);
  put("start", s.start.fields["velocity"]);
  put("end", rolled_out(s, s.system()));
  for (const auto& p : s.model->parameters()) put("parameter." + p.name, p.value);
  write_safetensors(file, held);
}

void time(const std::string& file, int rounds) {
  const auto about = read_safetensors(file).metadata;
  const Setting s = setting(std::stoll(about.at("points")), about.at("system"));
  const System system = s.system();
  rolled_out(s, system);
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    rolled_out(s, system);
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / kSteps);
  }
  std::sort(times.begin(), times.end());
  std::printf("{\"step\": %.6f, \"edges\": %lld}\n", times[times.size() / 2],
              static_cast<long long>(s.input.graph->edges().size()));
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 4 && words[0] == "write") return write(words[1], std::stoll(words[2]), words[3]), 0;
  if (words.size() == 3 && words[0] == "time") return time(words[1], std::stoi(words[2])), 0;
  std::fprintf(stderr, "usage: bench_phympgn write FILE POINTS SYSTEM | time FILE ROUNDS\n");
  return 2;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_phympgn: %s\n", e.what());
  return 2;
}
