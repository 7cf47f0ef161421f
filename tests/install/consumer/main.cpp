// A stranger's program over an installed cotan: a diffusion step on a graph, and where torch's products go.
#include <ATen/ATen.h>
#include <cotan/integrators/integrator.h>
#include <cotan/integrators/rollout.h>
#include <cotan/mesh/generate.h>
#include <cotan/mesh/graph.h>
#include <cotan/mesh/operators.h>
#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

int main() {
  using namespace cotan;
  const Graph graph = make_graph(rectangle(8, 8));
  const CotanLaplacian laplacian = cotan_laplacian(graph);
  const Rhs diffusion = [&](double, const State& u) { return u.with("u", apply(laplacian, graph, u["u"])); };
  const System system = method_of_lines(make_integrator("rk4"), diffusion);
  const at::Tensor u = at::cos(graph.position.slice(1, 0, 1) * M_PI);
  const Frame first{0, Fields({{"u", On::points, u}})};
  std::vector<double> times;
  for (int k = 0; k <= 100; ++k) times.push_back(1e-4 * k);
  const RolloutResult result = rollout(system, {&first, 1}, times);
  const double decay = result.state["u"].abs().max().item<double>();
  // The first mode of the unit square decays by exp(-pi^2 t).
  if (std::abs(decay - std::exp(-M_PI * M_PI * 0.01)) > 2e-3) return std::printf("decay %g\n", decay), 1;

  void* product = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info{};
  if (product && dladdr(product, &info) && std::string(info.dli_fname).find("torch") == std::string::npos) {
    return std::printf("torch's sgemm_ binds to %s\n", info.dli_fname), 1;
  }
  std::puts("consumer ok");
}
