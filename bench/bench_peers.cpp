// Our side of bench/peers/compare.py: MeshGraphNet on a triangulated square, as published (sum, relu, layer
// normalisation).
//   bench_peers write FILE POINTS WIDTH BLOCKS     graph, weights, input, output and gradients as safetensors
//   bench_peers time  FILE ROUNDS [recompute]      JSON: median seconds of a forward pass and of a training step, peak
//   memory
// COTAN_KERNELS and OMP_NUM_THREADS say what it runs with.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "core/check.h"
#include "gnn/checkpoint.h"
#include "gnn/fused_mlp.h"
#include "io/safetensors.h"
#include "mesh/generate.h"
#include "mesh/ordering.h"

namespace {

using namespace cotan;

struct Setting {
  Graph graph;
  std::unique_ptr<Model> model;
  HaloExchange alone;
  at::Tensor state;
  ModelInput input() const {
    ModelInput in{graph, alone, 0.0, 0.01};
    in.state = state;
    return in;
  }
};

Setting setting(std::int64_t points, const std::string& width, const std::string& blocks, bool recompute) {
  const int n = static_cast<int>(std::lround(std::sqrt(double(points))));
  const Mesh rows = rectangle(n - 1, n - 1);
  Setting s;
  s.graph = to(make_graph(reordered(rows, hilbert_order(rows))), at::kFloat);
  s.model = make_model("mesh_graph_net",
                       Config::parse_text("prescribed: none\nwidth: " + width + "\nblocks: " + blocks +
                                          (recompute ? "\nrecompute: true" : "")),
                       {{{"velocity", 2}}, {}, {}, 2}, 1);
  const auto wave = [&](double a, double b) {
    return at::sin(s.graph.position.matmul(at::tensor({a, b}).to(at::kFloat)));
  };
  s.state = at::stack({wave(3, 5), wave(-7, 2)}, 1);
  s.model->accumulate(s.input(), 0.1 * at::stack({wave(4, 1), wave(2, 9)}, 1));
  return s;
}

std::vector<at::Tensor> gradients(const Setting& s, const at::Tensor& out) {
  std::vector<at::Tensor> leaves;
  for (const auto& p : s.model->parameters()) leaves.push_back(p.value);
  return torch::autograd::grad({out.square().sum()}, leaves, {}, {}, false, /*allow_unused=*/true);
}

void write(const std::string& file, std::int64_t points, const std::string& width, const std::string& blocks) {
  const Setting s = setting(points, width, blocks, false);
  const EdgeSet& edges = s.graph.edges();
  const at::Tensor out = s.model->forward(s.input());
  TensorFile held;
  held.metadata = {{"points", std::to_string(points)}, {"width", width}, {"blocks", blocks}};
  const auto put = [&](const std::string& name, const at::Tensor& t) { held.tensors[name] = to_host(t.detach()); };
  put("graph.sender", edges.sender());
  put("graph.receiver", edges.receiver);
  put("graph.offset", edges.offset);
  put("graph.role", s.graph.role);
  put("state", s.state);
  put("out", out);
  const auto grads = gradients(s, out);
  const auto parameters = s.model->parameters();
  for (std::size_t i = 0; i < grads.size(); ++i) {
    put("parameter." + parameters[i].name, parameters[i].value);
    if (grads[i].defined()) put("gradient." + parameters[i].name, grads[i]);
  }
  for (const auto& b : s.model->buffers()) put("buffer." + b.name, b.value);
  write_safetensors(file, held);
}

template <class Do>
double median_seconds(int rounds, const Do& once) {
  once();
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    once();
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

double peak_gigabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024 / 1e9;
  }
  return 0;
}

void time(const std::string& file, int rounds, bool recompute) {
  const auto about = read_safetensors(file).metadata;
  const Setting s = setting(std::stoll(about.at("points")), about.at("width"), about.at("blocks"), recompute);
  const double forward = median_seconds(rounds, [&] {
    const at::NoGradGuard quiet;
    s.model->forward(s.input());
  });
  const double train = median_seconds(rounds, [&] { gradients(s, s.model->forward(s.input())); });
  std::printf("{\"kernels\": \"%s\", \"forward\": %.6f, \"train\": %.6f, \"peak_gb\": %.2f}\n",
              std::string(row_kernels_name()).c_str(), forward, train, peak_gigabytes());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  try {
    if (verb == "write" && argc == 6) {
      write(argv[2], std::stoll(argv[3]), argv[4], argv[5]);
    } else if (verb == "time" && argc >= 4) {
      time(argv[2], std::stoi(argv[3]), argc > 4);
    } else {
      std::fprintf(stderr, "usage: bench_peers write FILE POINTS WIDTH BLOCKS | time FILE ROUNDS [recompute]\n");
      return 2;
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
