#pragma once
#include <filesystem>
#include <memory>

#include "io/array_file.h"
#include "io/byte_source.h"

namespace cotan {

/// The classic formats (CDF-1, -2 and -5) by ourselves, NetCDF-4 by HDF5.
/// \throw InputError naming the file: neither format, cut, corrupt, counts beyond the file; NetCDF-4 in a build without
/// HDF5
std::unique_ptr<ArrayFile> open_netcdf(const std::filesystem::path& path);
/// \pre it has 8 bytes
std::unique_ptr<ArrayFile> open_netcdf_classic(ByteSource file);

}  // namespace cotan
