#include "io/vtk.h"

#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <sstream>

#include "core/check.h"
#include "core/files.h"
#include "core/growing_file.h"
#include "io/require.h"
#include "io/vtk_xml.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

std::string step_name(std::size_t step) {
  const std::string digits = std::to_string(step);
  return std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

// Says which arrays the ranks' files have.
std::string pvtu_text(const std::string& step, int ranks, std::span<const HostField> fields) {
  std::ostringstream out;
  out << "<?xml version=\"1.0\"?>\n<VTKFile type=\"PUnstructuredGrid\" version=\"1.0\" byte_order=\"LittleEndian\" "
         "header_type=\"UInt64\">\n  <PUnstructuredGrid GhostLevel=\"0\">\n";
  for (const auto& [on, tag] : {std::pair(On::points, "PPointData"), std::pair(On::cells, "PCellData")}) {
    out << "    <" << tag << ">\n";
    for (const auto& field : fields) {
      if (field.spec.on != on) continue;
      out << "      <PDataArray type=\"Float64\" Name=\"" << xml_escaped(field.spec.name) << "\" NumberOfComponents=\""
          << field.spec.components << "\"/>\n";
    }
    out << "    </" << tag << ">\n";
  }
  out << "    <PPoints>\n      <PDataArray type=\"Float64\" Name=\"Points\" NumberOfComponents=\"3\"/>\n    "
         "</PPoints>\n";
  for (int rank = 0; rank < ranks; ++rank) out << "    <Piece Source=\"" << step << "_" << rank << ".vtu\"/>\n";
  out << "  </PUnstructuredGrid>\n</VTKFile>\n";
  return out.str();
}

constexpr const char* kListHead =
    "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\" version=\"0.1\">\n  <Collection>\n";
constexpr const char* kListTail = "  </Collection>\n</VTKFile>\n";

std::string list_entry(double time, const fs::path& file) {
  std::ostringstream out;
  out.precision(17);
  out << "    <DataSet timestep=\"" << time << "\" part=\"0\" file=\"" << xml_escaped(file.string()) << "\"/>\n";
  return out.str();
}

// Set tables count a rank's own cells and points: they would mislead beside other ranks'.
Mesh without_sets(const Mesh& mesh) {
  MeshData data = mesh.data();
  data.point_sets.clear();
  data.facet_sets.clear();
  data.cell_sets.clear();
  data.numbers.clear();
  return Mesh(std::move(data), MeshChecks{false});
}

// As write_file, but not flushed to disk: there may be thousands.
void write_unflushed(const fs::path& path, const std::string& text) {
  StagedFile staged(path);
  {
    std::ofstream file(staged.path(), std::ios::binary);
    file << text << std::flush;
    COTAN_REQUIRE(file, "cannot write " << path.string() << ": " << std::strerror(errno));
  }
  staged.commit(/*flush_to_disk=*/false);
}

// Runs what a rank does of a collective call: all ranks agree before one throws, so that none waits for it.
template <class Action>
void together(const Comm& comm, const fs::path& file, Action act) {
  std::exception_ptr failure;
  try {
    act();
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  const bool failed = comm.max(failure ? 1 : 0) > 0;
  if (failure) std::rethrow_exception(failure);
  COTAN_REQUIRE(!failed, file.string() << ": another rank could not write its part");
}

}  // namespace

void require_vtk(const fs::path&) {}

struct VtkSeries::State {
  State(fs::path where, Mesh mesh, Comm ranks)
      : stem(std::move(where)),
        snapshot{ranks.size() > 1 ? without_sets(mesh) : std::move(mesh), {}, 0},
        comm(ranks),
        pvd(fs::path(stem) += ".pvd"),
        list(pvd, kListHead, kListTail) {}
  fs::path stem;
  Snapshot snapshot;
  Comm comm;
  fs::path pvd;
  GrowingFile list;  // of rank 0
  std::size_t steps = 0;
  bool parallel() const { return comm.size() > 1; }
};

VtkSeries::VtkSeries(fs::path stem, Mesh mesh, Comm comm)
    : state_(std::make_unique<State>(std::move(stem), std::move(mesh), comm)) {
  together(state_->comm, state_->stem, [&] {
    std::error_code error;
    fs::create_directories(state_->stem, error);
    COTAN_REQUIRE(!error, state_->stem.string() << ": the folder cannot be made: " << error.message());
  });
}
VtkSeries::~VtkSeries() = default;
VtkSeries::VtkSeries(VtkSeries&&) noexcept = default;

// A frame that could not be written, or not by all ranks, or not be listed, goes.
void VtkSeries::write(double t, std::span<const HostField> fields) {
  State& s = *state_;
  const std::string step = step_name(s.steps);
  s.snapshot.fields.assign(fields.begin(), fields.end());
  s.snapshot.time = t;
  const fs::path own = s.stem / (step + (s.parallel() ? "_" + std::to_string(s.comm.rank()) : "") + ".vtu");
  const fs::path listed = s.parallel() ? s.stem / (step + ".pvtu") : own;
  bool frame_is_new = false, listed_is_new = false;
  try {
    together(s.comm, own, [&] {
      write_vtu(own, s.snapshot);
      frame_is_new = true;
    });
    together(s.comm, s.pvd, [&] {
      if (s.comm.rank() != 0) return;
      if (s.parallel()) write_unflushed(listed, pvtu_text(step, s.comm.size(), fields));
      listed_is_new = s.parallel();
      s.list.append(list_entry(t, s.stem.filename() / listed.filename()));
    });
  } catch (const std::exception&) {
    std::error_code none;
    if (frame_is_new) fs::remove(own, none);
    if (listed_is_new) fs::remove(listed, none);
    throw;
  }
  ++s.steps;
}

}  // namespace cotan
