#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "apps/cli.h"
#include "apps/facts.h"
#include "apps/mesh_spec.h"
#include "apps/outputs.h"
#include "apps/strict.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "io/gmsh.h"
#include "io/mesh_io.h"
#include "mesh/ordering.h"
#include "mesh/quality.h"
#include "mesh/volume.h"

namespace cotan {
namespace {

struct MeshArguments {
  std::string spec, output, order = "hilbert";
  double size = 0;
  int dim = 0, degree = 1;
  std::uint64_t draw = 0;
};

// A YAML file says all; of other inputs it is the flags that do.
Mesh by_specification(const MeshArguments& arguments, const CommonArguments& common, std::vector<std::string>& notes) {
  COTAN_REQUIRE(arguments.degree == 1,
                "--degree is for Gmsh's scripts and CAD files; in a YAML file it is a key of gmsh");
  Config config = load_config(arguments.spec, common);
  if (arguments.size > 0) config = config.with("size", fmt::format("{}", arguments.size));
  try {
    return make_mesh(config, {common.seed, arguments.draw, {}}, notes);
  } catch (const InputError& e) {  // names the loop
    const std::string what = e.what();
    throw InputError(what.starts_with(arguments.spec) ? what : arguments.spec + ": " + what);
  }
}

Mesh by_gmsh(const MeshArguments& arguments, const CommonArguments& common, std::vector<std::string>& notes) {
  GmshOptions options{arguments.size, arguments.dim, arguments.degree, {}};
  for (const auto& item : common.set) {
    const auto [name, value] = split_assignment(item);
    options.parameters.emplace_back(name, Config::parse_text(value, "--set " + item).number());
  }
  return mend_and_build(mesh_with_gmsh(arguments.spec, options, &notes), nullptr, &notes);
}

Mesh by_surface(const MeshArguments& arguments, std::vector<std::string>& notes) {
  COTAN_REQUIRE(arguments.size > 0, arguments.spec << ": say by --size how long the edges of the tetrahedra are [m]");
  VolumeOptions options;
  options.size = arguments.size;
  const Mesh surface = read_mesh(arguments.spec, &notes);
  try {
    return mesh_volume(surface, options);
  } catch (const InputError& e) {
    throw InputError(arguments.spec + ": " + e.what());
  }
}

Mesh made(const MeshArguments& arguments, const CommonArguments& common, std::vector<std::string>& notes) {
  const std::string extension = lower_extension(arguments.spec);
  constexpr std::array<std::string_view, 4> surfaces = {".stl", ".off", ".ply", ".obj"};
  if (extension == ".yaml" || extension == ".yml") return by_specification(arguments, common, notes);
  if (std::count(surfaces.begin(), surfaces.end(), extension)) return by_surface(arguments, notes);
  return by_gmsh(arguments, common, notes);
}

Mesh in_order(const Mesh& mesh, const std::string& order) {
  if (order == "none") return mesh;
  return reordered(mesh, order == "rcm" ? rcm_order(point_neighbours(mesh)) : hilbert_order(mesh));
}

int run_mesh(const MeshArguments& arguments, const CommonArguments& common) {
  require_mesh_output(arguments.output);
  require_readable(arguments.spec);
  check_output(arguments.output, common.overwrite);
  std::vector<std::string> notes;
  const Mesh as_made = made(arguments, common, notes);
  if (common.strict) require_as_it_stands(arguments.spec, as_made, notes);
  for (const auto& note : notes) log_warning(note);
  for (const auto& note : oddities(as_made)) log_warning(note);
  const Mesh mesh = in_order(as_made, arguments.order);
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
  app.add_option(
         "spec", arguments->spec,
         "Gmsh script (.geo), CAD file (.step, .brep, .iges), closed surface (.stl, .off, .ply, .obj), or how a "
         "mesh is made (.yaml)")
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
  app.add_option("--draw", arguments->draw, "of the numbers that are drawn by --seed")->capture_default_str();
  declare_strict(app, common);
  declare_set(app, common);
  declare_seed(app, common);
  return [arguments, &common] { return run_mesh(*arguments, common); };
}

}  // namespace cotan
