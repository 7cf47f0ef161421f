#include "core/check.h"
#include "io/array_file.h"
#include "io/require.h"
#include "io/vtkhdf.h"

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
std::unique_ptr<ArrayFile> open_hdf5_arrays(const std::filesystem::path& path) {
  refuse(path);
}
std::unique_ptr<Trajectory> open_vtkhdf(const std::filesystem::path& file) {
  refuse(file);
}
std::unique_ptr<Archive> open_vtkhdf_archive(const std::filesystem::path& path) {
  refuse(path);
}

}  // namespace cotan
