#include "io/vtkhdf_file.h"

#include <hdf5.h>

#include "core/check.h"
#include "core/files.h"
#include "io/vtkhdf_calls.h"

namespace cotan::h5 {

static_assert(sizeof(hid_t) == sizeof(std::int64_t));

// The most specific line of HDF5's error stack.
std::string reason() {
  std::string text;
  const auto keep_first = [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
    auto& kept = *static_cast<std::string*>(out);
    if (kept.empty() && error->desc) kept = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "HDF5 gives no reason" : text;
}

void fail(const File& file, const std::string& object, const std::string& problem) {
  throw InputError(file.path.string() + ": " + object + ": " + problem);
}

Id checked(std::int64_t id, const File& file, const std::string& object, const std::string& what) {
  if (id < 0) fail(file, object, what + " (" + reason() + ")");
  return Id(id);
}
void check(int status, const File& file, const std::string& object, const std::string& what) {
  if (status < 0) fail(file, object, what + " (" + reason() + ")");
}

std::int64_t native(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return H5T_NATIVE_DOUBLE;
    case DType::f32:
      return H5T_NATIVE_FLOAT;
    case DType::i64:
      return H5T_NATIVE_INT64;
    case DType::i32:
      return H5T_NATIVE_INT32;
    case DType::i16:
      return H5T_NATIVE_INT16;
    case DType::i8:
      return H5T_NATIVE_INT8;
    case DType::u8:
      return H5T_NATIVE_UINT8;
    default:
      throw Error("HDF5: no native type for " + std::string(to_string(dtype)));
  }
}

Id open_dataset(const File& file, const std::string& dataset) {
  if (!has(file, dataset)) fail(file, dataset, "no such dataset");
  return checked(H5Dopen2(file.id.get(), dataset.c_str(), H5P_DEFAULT), file, dataset, "cannot be opened as a dataset");
}

std::vector<std::int64_t> shape_of(const Id& dataset, const File& file, const std::string& name) {
  const Id space = checked(H5Dget_space(dataset.get()), file, name, "has no extents");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 0 || rank > 4) fail(file, name, "has " + std::to_string(rank) + " dimensions");
  hsize_t extents[4] = {};
  check(H5Sget_simple_extent_dims(space.get(), extents, nullptr), file, name, "has no extents");
  for (int i = 0; i < rank; ++i) {
    if (extents[i] > (std::uint64_t{1} << 46)) fail(file, name, "declares " + std::to_string(extents[i]) + " rows");
  }
  return {extents, extents + rank};
}

Id without_times(std::int64_t kind) {
  Id plan(H5Pcreate(kind));
  H5Pset_obj_track_times(plan.get(), false);
  return plan;
}

Id simple_space(const std::vector<std::int64_t>& shape) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return Id(extents.empty() ? H5Screate(H5S_SCALAR)
                            : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr));
}

std::unique_lock<std::mutex> hold() {
  static std::mutex mutex;
  std::unique_lock lock(mutex);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // for this thread: errors are ours to tell
  return lock;
}

Id::~Id() {
  if (id_ >= 0) H5Idec_ref(id_);
}

File open_file(const std::filesystem::path& path) {
  require_readable(path);
  COTAN_REQUIRE(std::filesystem::is_regular_file(path), path.string() << ": not a file");
  File file{Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)), path};
  if (!file.id.valid())
    throw InputError(path.string() + ": cannot be opened as HDF5: cut, corrupt or another format (" + reason() + ")");
  return file;
}

File create_file(const std::filesystem::path& path) {
  const Id access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  const Id plan = without_times(H5P_FILE_CREATE);  // of the root group
  File file{Id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, plan.get(), access.get())), path};
  if (!file.id.valid()) throw InputError(path.string() + ": cannot be made (" + reason() + ")");
  return file;
}

void close_file(File file, const std::filesystem::path& shown) {
  const bool flushed = H5Fflush(file.id.get(), H5F_SCOPE_GLOBAL) >= 0;
  const std::string why = flushed ? "" : reason();
  const bool closed = H5Fclose(file.id.release()) >= 0;  // writes, too
  COTAN_REQUIRE(flushed && closed, shown.string() << ": cannot be written: is the disk full? (" << why << ")");
}

bool has(const File& file, const std::string& path) {
  if (path == "/") return true;
  if (path.starts_with("/")) return has(file, path.substr(1));
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    const htri_t linked = H5Lexists(file.id.get(), part.c_str(), H5P_DEFAULT);
    if (linked == 0) return false;
    const htri_t there = linked > 0 ? H5Oexists_by_name(file.id.get(), part.c_str(), H5P_DEFAULT) : linked;
    check(there, file, part, "cannot be looked up: the file is corrupt");  // which is not the same as absent
    if (there == 0) return false;
    if (end == std::string::npos) return true;
  }
}

}  // namespace cotan::h5
