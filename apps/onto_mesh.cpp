#include "apps/onto_mesh.h"

#include <fmt/format.h>

#include "core/check.h"
#include "core/log.h"
#include "io/mesh_io.h"
#include "io/onto.h"

namespace cotan {
namespace {

std::string numbers(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += fmt::format("{}{:.6g}", text.empty() ? "" : ", ", value);
  return text;
}

void say_outside(const Transfer& transfer, Index points) {
  if (transfer.num_outside() == 0) return;
  log_warning(
      fmt::format("{} of {} points lie outside of the mesh that the values come from, by {:.3g} m at most: they "
                  "have those of the nearest place in it",
                  transfer.num_outside(), points, transfer.farthest()));
}

void say_integrals(const Mesh& source, const HostField& before, const Mesh& target, const HostField& after) {
  if (before.spec.on == On::whole) return;
  log_info(fmt::format("{}: integral {} there, {} here", before.spec.name, numbers(integrals(source, before)),
                       numbers(integrals(target, after))));
}

}  // namespace

OntoMesh read_onto_mesh(const std::string& path, bool nearest) {
  std::vector<std::string> notes;
  OntoMesh target{std::make_shared<const Mesh>(read_mesh(path, &notes)),
                  nearest ? TransferBy::nearest : TransferBy::linear};
  for (const auto& note : notes) log_warning(note);
  return target;
}

Snapshot move_onto(const OntoMesh& target, const Snapshot& snapshot) {
  const Transfer transfer(snapshot.mesh, *target.mesh, target.by);
  say_outside(transfer, target.mesh->num_points());
  Snapshot out{*target.mesh, {}, snapshot.time};
  for (const auto& field : snapshot.fields) {
    out.fields.push_back(transfer(field));
    say_integrals(snapshot.mesh, field, out.mesh, out.fields.back());
  }
  return out;
}

std::unique_ptr<Archive> move_onto(const OntoMesh& target, std::unique_ptr<Archive> archive) {
  COTAN_REQUIRE(archive->size() > 0, "an archive without trajectories: nothing to put onto another mesh");
  const auto first = archive->open(0);
  Snapshot frame{first->mesh(0), {}, first->times().front()};
  for (const auto& field : first->fields())
    frame.fields.push_back({field.spec, as_doubles(first->read(field.spec.name, 0, 1))});
  move_onto(target, frame);
  if (!first->roles().empty() || !first->prescribed().empty())
    log_warning("roles and given values belong to the points of the other mesh: left out");
  return onto(std::move(archive), target.mesh, target.by);
}

}  // namespace cotan
