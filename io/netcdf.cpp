#include "io/netcdf.h"

#include <array>

#include "core/check.h"
#include "core/files.h"

namespace cotan {

std::unique_ptr<ArrayFile> open_netcdf(const std::filesystem::path& path) {
  require_readable(path);
  const ByteSource source = ByteSource::file(path);
  std::array<char, 4> magic{};
  COTAN_REQUIRE(source.size() > 0, path.string() << ": the file is empty");
  COTAN_REQUIRE(source.size() >= 8, path.string() << ": " << source.size() << " bytes: no NetCDF file");
  source.read(0, std::as_writable_bytes(std::span(magic)));
  if (magic[0] == 'C' && magic[1] == 'D' && magic[2] == 'F') return open_netcdf_classic(source);
  if (magic[1] == 'H' && magic[2] == 'D' && magic[3] == 'F') return open_hdf5_arrays(path);
  throw InputError(path.string() + ": begins neither as classic NetCDF nor as HDF5: another format, or corrupt");
}

}  // namespace cotan
