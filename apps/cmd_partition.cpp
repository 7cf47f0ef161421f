#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>

#include "apps/cli.h"
#include "apps/facts.h"
#include "apps/outputs.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "io/mesh_io.h"
#include "mesh/partition.h"

namespace cotan {
namespace {

struct PartitionArguments {
  std::string mesh, output, method = "metis";
  int parts = 2;
  double imbalance = MetisOptions{}.imbalance;
};

// Fields `part` on points, and on cells by their first corner.
std::vector<HostField> part_fields(const Mesh& mesh, const std::vector<int>& owner) {
  HostField points{{"part", 1, On::points, ""}, {owner.begin(), owner.end()}};
  HostField cells{{"part", 1, On::cells, ""}, {}};
  for (Index c = 0; c < mesh.num_cells(); ++c) cells.values.push_back(owner[mesh.corners(c)[0]]);
  return {std::move(points), std::move(cells)};
}

Facts partition_facts(const PartitionReport& report) {
  Facts facts = {{"parts", report.parts}, {"edge_cut", report.edge_cut}, {"imbalance", report.imbalance}};
  for (int k = 0; k < report.parts; ++k) {
    facts["halo"].push_back(
        {{"name", "part " + std::to_string(k)}, {"owned", report.owned[k]}, {"ghosts", report.ghosts[k]}});
  }
  return facts;
}

int run_partition(const PartitionArguments& arguments, const CommonArguments& common) {
  require_mesh_output(arguments.output);
  require_readable(arguments.mesh);
  check_output(arguments.output, common.overwrite);
  std::vector<std::string> notes;
  Mesh mesh = read_mesh(arguments.mesh, &notes);
  for (const auto& note : notes) log_warning(note);
  const Mesh corners = linearised(mesh);
  if (corners.num_points() != mesh.num_points()) log_info("second-order nodes are dropped: parts are of corners");
  COTAN_REQUIRE(arguments.parts <= corners.num_points(),
                "-n " << arguments.parts << ": more parts than the mesh has points (" << corners.num_points() << ")");
  const MetisOptions options{arguments.imbalance, static_cast<int>(common.seed)};
  const Partitioner partition = arguments.method == "metis" ? metis_partitioner(options) : block_partitioner();
  const Adjacency graph = point_neighbours(corners);
  const auto owner = partition(graph, arguments.parts);
  make_parent(arguments.output);
  write_snapshot(arguments.output, {corners, part_fields(corners, owner), 0});
  const Facts facts = partition_facts(report(graph, owner, arguments.parts));
  const std::string text = common.json ? facts.dump(2) + "\n" : to_text(facts);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

std::function<int()> declare_partition(CLI::App& app, CommonArguments& common) {
  auto arguments = std::make_shared<PartitionArguments>();
  app.add_option("mesh", arguments->mesh, "any readable mesh")->required();
  app.add_option("-n,--parts", arguments->parts, "number of parts")->required()->check(CLI::Range(1, 1 << 20));
  app.add_option("-o,--output", arguments->output, "mesh file with the field 'part' on points and cells")->required();
  app.add_option("--method", arguments->method, "metis, or block: consecutive points")
      ->check(CLI::IsMember({"metis", "block"}))
      ->capture_default_str();
  app.add_option("--imbalance", arguments->imbalance, "largest part over average that METIS may leave")
      ->check(CLI::Range(1.001, 2.0))
      ->capture_default_str();
  app.add_flag("--json", common.json, "edge cut, balance and halo sizes for programs");
  declare_seed(app, common);
  return [arguments, &common] { return run_partition(*arguments, common); };
}

}  // namespace cotan
