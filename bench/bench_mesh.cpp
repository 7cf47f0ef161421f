// Meshes of about a million tetrahedra: checking, ordering, neighbours, boundaries, location.
#include <benchmark/benchmark.h>

#include <cmath>
#include <map>
#include <numeric>

#include "core/random.h"
#include "mesh/generate.h"
#include "mesh/locate.h"
#include "mesh/ordering.h"
#include "mesh/quality.h"

namespace {

using namespace cotan;

// box(n, n, n) with shuffled points and cells, as a mesh generator might leave it.
const Mesh& shuffled_box(int n) {
  static std::map<int, Mesh> meshes;
  if (const auto found = meshes.find(n); found != meshes.end()) return found->second;
  const Mesh tidy = box(n, n, n);
  Order order(tidy.num_points());
  std::iota(order.begin(), order.end(), 0);
  const Random random(1, purpose::test);
  for (Index i = tidy.num_points() - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1, i)]);
  return meshes.emplace(n, reordered(tidy, order)).first->second;
}

// What fn(mesh) takes, per cell.
template <class Fn>
void over_mesh(benchmark::State& state, Fn fn) {
  const Mesh& mesh = shuffled_box(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(fn(mesh));
  state.SetItemsProcessed(state.iterations() * mesh.num_cells());
  state.counters["tetrahedra"] = mesh.num_cells();
}

void check(benchmark::State& state) {
  over_mesh(state, [](const Mesh& mesh) { return Mesh(mesh.data()).num_points(); });
}
void boundary(benchmark::State& state) {
  over_mesh(state, boundary_facets);
}
void neighbours_of_points(benchmark::State& state) {
  over_mesh(state, point_neighbours);
}
void neighbours_of_cells(benchmark::State& state) {
  over_mesh(state, cell_neighbours);
}
void order_hilbert(benchmark::State& state) {
  over_mesh(state, hilbert_order);
}
void order_rcm(benchmark::State& state) {
  const Mesh& mesh = shuffled_box(static_cast<int>(state.range(0)));
  const Adjacency graph = point_neighbours(mesh);
  over_mesh(state, [&](const Mesh&) { return rcm_order(graph); });
  state.counters["bandwidth"] = bandwidth(point_neighbours(reordered(mesh, rcm_order(graph))));
}
void reorder_along_hilbert(benchmark::State& state) {
  over_mesh(state, [](const Mesh& mesh) { return reordered(mesh, hilbert_order(mesh)).num_points(); });
}
void quality(benchmark::State& state) {
  over_mesh(state, [](const Mesh& mesh) { return mesh_quality(mesh).total_volume; });
}
void build_locator(benchmark::State& state) {
  over_mesh(state, [](const Mesh& mesh) { return Locator(mesh).nearest_point(mesh.point(0)); });
}

void locate(benchmark::State& state) {  // items: points
  const Locator locator(shuffled_box(static_cast<int>(state.range(0))));
  const Random random(2, purpose::test);
  std::uint64_t draw = 0;
  for (auto _ : state) {
    const std::array<double, 3> x{random.uniform(draw), random.uniform(draw + 1), random.uniform(draw + 2)};
    draw += 3;
    benchmark::DoNotOptimize(locator.find(x).cell);
  }
  state.SetItemsProcessed(state.iterations());
}

void near_pairs(benchmark::State& state) {  // items: points; about 4 partners each
  const auto n = static_cast<std::size_t>(state.range(0));
  const Random random(3, purpose::test);
  std::vector<double> points(3 * n);
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = random.uniform(i);
  const double radius = std::cbrt(1.0 / double(n));
  for (auto _ : state) benchmark::DoNotOptimize(pairs_within(points, 3, radius).size());
  state.SetItemsProcessed(state.iterations() * std::int64_t(n));
}

BENCHMARK(check)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(boundary)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(neighbours_of_points)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(neighbours_of_cells)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(order_hilbert)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(order_rcm)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(reorder_along_hilbert)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(quality)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(build_locator)->Arg(55)->Unit(benchmark::kMillisecond);
BENCHMARK(locate)->Arg(55)->Unit(benchmark::kMicrosecond);
BENCHMARK(near_pairs)->Arg(10000)->Arg(100000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
