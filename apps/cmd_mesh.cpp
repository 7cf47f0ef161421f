#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "apps/cli.h"
#include "apps/facts.h"
#include "apps/outputs.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "io/gmsh.h"
#include "io/mesh_io.h"
#include "mesh/ordering.h"
#include "mesh/outline.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

struct MeshArguments {
  std::string spec, output, order = "hilbert";
  double size = 0;
  int dim = 0, degree = 1;
};

Mesh from_outline(const MeshArguments& arguments, const CommonArguments& common) {
  COTAN_REQUIRE(arguments.degree == 1,
                "--degree 2 is for Gmsh's scripts and CAD files; outlines make linear triangles");
  Config config = load_config(arguments.spec, common);
  if (arguments.size > 0) config = config.with("size", fmt::format("{}", arguments.size));
  const Outline outline = parse_outline(config);
  try {
    return mesh_outline(outline);
  } catch (const InputError& e) {  // names the loop
    throw InputError(arguments.spec + ": " + e.what());
  }
}

Mesh from_gmsh(const MeshArguments& arguments, const CommonArguments& common, std::vector<std::string>& notes) {
  GmshOptions options{arguments.size, arguments.dim, arguments.degree, {}};
  for (const auto& item : common.set) {
    const auto [name, value] = split_assignment(item);
    options.parameters.emplace_back(name, Config::parse_text(value, "--set " + item).number());
  }
  return mend_and_build(mesh_with_gmsh(arguments.spec, options, &notes), nullptr, &notes);
}

Mesh in_order(const Mesh& mesh, const std::string& order) {
  if (order == "none") return mesh;
  return reordered(mesh, order == "rcm" ? rcm_order(point_neighbours(mesh)) : hilbert_order(mesh));
}

int run_mesh(const MeshArguments& arguments, const CommonArguments& common) {
  require_mesh_output(arguments.output);
  require_readable(arguments.spec);
  check_output(arguments.output, common.overwrite);
  const std::string extension = lower_extension(arguments.spec);
  std::vector<std::string> notes;
  const bool outline = extension == ".yaml" || extension == ".yml";
  const Mesh made = outline ? from_outline(arguments, common) : from_gmsh(arguments, common, notes);
  for (const auto& note : notes) log_warning(note);
  const Mesh mesh = in_order(made, arguments.order);
  make_parent(arguments.output);
  write_snapshot(arguments.output, {mesh, {}, 0});
  const Facts facts = facts_of(mesh);
  const std::string text = common.json ? facts.dump(2) + "\n" : to_text(facts) + report(mesh_quality(mesh));
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

std::function<int()> declare_mesh(CLI::App& app, CommonArguments& common) {
  auto arguments = std::make_shared<MeshArguments>();
  app.add_option("spec", arguments->spec, "Gmsh script (.geo), CAD file (.step, .brep, .iges) or outline (.yaml)")
      ->required();
  app.add_option("-o,--output", arguments->output, "mesh file to write")->required();
  app.add_option("--size", arguments->size, "largest edge [m]; 0: as the script or outline says")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--order", arguments->order, "numbering of the points: hilbert, rcm or none (as made)")
      ->check(CLI::IsMember({"hilbert", "rcm", "none"}))
      ->capture_default_str();
  app.add_option("--degree", arguments->degree, "of the cells: 1 linear, 2 second order")
      ->check(CLI::Range(1, 2))
      ->capture_default_str();
  app.add_option("--dim", arguments->dim, "of the cells; 0: the highest that the model has")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
  app.add_flag("--json", common.json, "sizes and sets for programs");
  declare_set(app, common);
  return [arguments, &common] { return run_mesh(*arguments, common); };
}

}  // namespace cotan
