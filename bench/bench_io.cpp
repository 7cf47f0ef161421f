// One reading or writing of a mesh file in a process of its own, so that its peak memory is known; bench_io.py runs it
// beside others.
//   bench_io make FILE CELLS     a box of about so many tetrahedra, as MSH
//   bench_io read FILE           MSH into raw mesh data       bench_io mesh FILE     into a checked Mesh
//   bench_io write FILE OUT      the mesh of FILE as OUT (.vtu)
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "core/check.h"
#include "io/mesh_io.h"
#include "io/msh.h"
#include "mesh/generate.h"

namespace {

using namespace cotan;

double bytes_of(const MeshData& data) {
  double sets = 0;
  for (const auto& [name, set] : data.facet_sets) sets += double(set.size() * sizeof(Facet));
  for (const auto& [name, set] : data.cell_sets) sets += double(set.size() * sizeof(Index));
  return double(data.points.size() * sizeof(double) + data.types.size() * sizeof(CellType) +
                data.cells.offsets.size() * sizeof(std::int64_t) + data.cells.links.size() * sizeof(Index)) +
         sets;
}

// VmHWM (peak) or VmRSS (now), bytes. Not getrusage: its peak outlives exec, and so is the parent's at first.
double memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == key + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

// What do() takes; it returns the data whose size the peak is compared with.
template <class Do>
void report(Do do_it) {
  const double before = memory("VmRSS");
  const auto start = std::chrono::steady_clock::now();
  const auto cpu = std::clock();
  const double result = do_it();
  const double cpu_time = double(std::clock() - cpu) / CLOCKS_PER_SEC;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  std::printf("{\"seconds\": %.4f, \"cpu\": %.4f, \"peak_mb\": %.1f, \"result_mb\": %.1f}\n", time.count(), cpu_time,
              (memory("VmHWM") - before) / 1e6, result / 1e6);
}

void make(const char* file, double cells) {
  const int n = std::max(1, int(std::lround(std::cbrt(cells / 6))));
  MeshData data = box(n, n, n).data();
  auto& all = data.cell_sets["volume"];  // meshio cannot read cells without a group beside sides with one
  for (Index c = 0; c < Index(data.types.size()); ++c) all.push_back(c);
  write_msh(file, {Mesh(std::move(data)), {}, 0});
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 2 ? argv[1] : "";
  try {
    if (verb == "make" && argc > 3) {
      make(argv[2], std::atof(argv[3]));
    } else if (verb == "read") {
      report([&] { return bytes_of(read_msh(argv[2]).mesh); });
    } else if (verb == "mesh") {
      report([&] { return bytes_of(read_mesh(argv[2]).data()); });
    } else if (verb == "write" && argc > 3) {
      // Cells and points alone, as the others write them.
      MeshData data = read_mesh(argv[2]).data();
      data.cell_sets.clear();
      data.facet_sets.clear();
      const Snapshot snapshot{Mesh(std::move(data)), {}, 0};
      report([&] { return write_snapshot(argv[3], snapshot), bytes_of(snapshot.mesh.data()); });
    } else {
      std::fprintf(stderr, "usage: bench_io make FILE CELLS | read FILE | mesh FILE | write FILE OUT\n");
      return 2;
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
