#include "core/check.h"
#include "io/npz.h"
#include "io/require.h"
#include "io/vtkhdf.h"
#include "io/xdmf.h"

namespace cotan {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw InputError(path.string() + ": this build has no HDF5; rebuild with -DCOTAN_HDF5=ON");
}

}  // namespace

void require_hdf5(const std::filesystem::path& path) {
  refuse(path);
}
std::unique_ptr<TrajectoryWriter> write_trajectory(const std::filesystem::path& file, const Mesh&,
                                                   const std::vector<FieldSpec>&, const TrajectoryMeta&) {
  refuse(file);
}
Snapshot read_vtkhdf(const std::filesystem::path& path, std::vector<std::string>*) {
  refuse(path);
}
void write_vtkhdf(const std::filesystem::path& path, const Snapshot&) {
  refuse(path);
}
bool is_static_vtkhdf(const std::filesystem::path&) {
  return false;
}
Snapshot read_xdmf(const std::filesystem::path& path, std::vector<std::string>*) {
  refuse(path);
}
void write_xdmf(const std::filesystem::path& path, const Snapshot&) {
  refuse(path);
}
bool is_xdmf_archive(const std::filesystem::path&) {
  return false;
}
std::unique_ptr<Archive> open_xdmf_archive(const std::filesystem::path& path) {
  refuse(path);
}
std::unique_ptr<TrajectoryWriter> write_xdmf_series(const std::filesystem::path& file, const Mesh&,
                                                    const std::vector<FieldSpec>&) {
  refuse(file);
}
std::unique_ptr<ArrayFile> open_hdf5_arrays(const std::filesystem::path& path) {
  refuse(path);
}
std::unique_ptr<ArrayFile> open_npz(ByteSource file) {
  refuse(file.name());
}
std::unique_ptr<Trajectory> open_vtkhdf(const std::filesystem::path& file) {
  refuse(file);
}
std::unique_ptr<Archive> open_vtkhdf_archive(const std::filesystem::path& path) {
  refuse(path);
}

}  // namespace cotan
