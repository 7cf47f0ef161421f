#include "core/check.h"
#include "io/require.h"
#include "io/vtk.h"

namespace cotan {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw InputError(path.string() + ": this build has no VTK; rebuild with -DCOTAN_VTK=ON");
}

}  // namespace

void require_vtk(const std::filesystem::path& path) {
  refuse(path);
}

struct VtkSeries::State {};

Snapshot read_vtu(const std::filesystem::path& path, std::vector<std::string>*) {
  refuse(path);
}
Snapshot read_vtp(const std::filesystem::path& path, std::vector<std::string>*) {
  refuse(path);
}
Snapshot read_pvtu(const std::filesystem::path& path, std::vector<std::string>*) {
  refuse(path);
}
Snapshot read_vtk_parts(std::span<const std::filesystem::path> files, std::vector<std::string>*) {
  refuse(files.front());
}
void write_vtu(const std::filesystem::path& path, const Snapshot&) {
  refuse(path);
}
std::vector<PvdEntry> read_pvd(const std::filesystem::path& path) {
  refuse(path);
}
VtkSeries::VtkSeries(std::filesystem::path stem, Mesh, Comm) {
  refuse(stem);
}
VtkSeries::~VtkSeries() = default;
VtkSeries::VtkSeries(VtkSeries&&) noexcept = default;
void VtkSeries::write(double, std::span<const HostField>) {}

}  // namespace cotan
