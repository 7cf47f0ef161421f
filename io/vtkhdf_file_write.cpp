// Writing: new datasets with checksums, and attributes.
#include <hdf5.h>

#include <algorithm>

#include "io/vtkhdf_calls.h"

namespace cotan::h5 {
namespace {

// VTK wants the ASCII type where ASCII will do.
Id string_type(const std::string& text) {
  const bool ascii = std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 127; });
  Id type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), std::max<std::size_t>(text.size(), 1));
  H5Tset_cset(type.get(), ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  return type;
}

void make_parents(const File& file, const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash != std::string::npos) make_group(file, path.substr(0, slash));
}

// Chunks with a checksum each; the library wants them under 4 GB.
void checksum_chunks(const Id& plan, std::vector<hsize_t> chunk) {
  chunk[0] = std::min<hsize_t>(chunk[0], hsize_t{1} << 24);
  H5Pset_chunk(plan.get(), static_cast<int>(chunk.size()), chunk.data());
  H5Pset_fletcher32(plan.get());
}

void put_attribute(const File& file, const std::string& object, const std::string& name, hid_t type, const Id& space,
                   const void* data) {
  const std::string shown = object + "@" + name;
  const Id attribute = checked(H5Acreate_by_name(file.id.get(), object.c_str(), name.c_str(), type, space.get(),
                                                 H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                               file, shown, "cannot be made");
  check(H5Awrite(attribute.get(), type, data), file, shown, "cannot be written");
}

}  // namespace

void make_group(const File& file, const std::string& group) {
  if (has(file, group)) return;
  make_parents(file, group);  // not by the library, which would give them times
  const Id plan = without_times(H5P_GROUP_CREATE);
  checked(H5Gcreate2(file.id.get(), group.c_str(), H5P_DEFAULT, plan.get(), H5P_DEFAULT), file, group,
          "cannot be made");
}

void write(const File& file, const std::string& dataset, DType dtype, std::vector<std::int64_t> shape,
           const void* data) {
  make_parents(file, dataset);
  const Id space = simple_space(shape), plan = without_times(H5P_DATASET_CREATE);
  const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  if (!shape.empty() && !empty) checksum_chunks(plan, {shape.begin(), shape.end()});
  const Id id = checked(
      H5Dcreate2(file.id.get(), dataset.c_str(), native(dtype), space.get(), H5P_DEFAULT, plan.get(), H5P_DEFAULT),
      file, dataset, "cannot be made");
  if (empty) return;
  check(H5Dwrite(id.get(), native(dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT, data), file, dataset,
        "cannot be written: is the disk full?");
}

void write_string(const File& file, const std::string& dataset, const std::string& text) {
  make_parents(file, dataset);
  const Id space = simple_space({}), type = string_type(text), plan = without_times(H5P_DATASET_CREATE);
  const Id id =
      checked(H5Dcreate2(file.id.get(), dataset.c_str(), type.get(), space.get(), H5P_DEFAULT, plan.get(), H5P_DEFAULT),
              file, dataset, "cannot be made");
  check(H5Dwrite(id.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()), file, dataset,
        "cannot be written: is the disk full?");
}

void make_growing(const File& file, const std::string& dataset, DType dtype, std::vector<std::int64_t> row_shape,
                  std::int64_t chunk_rows) {
  std::vector<hsize_t> extents(row_shape.begin(), row_shape.end());
  extents.insert(extents.begin(), 0);
  std::vector<hsize_t> limits = extents, chunk = extents;
  limits[0] = H5S_UNLIMITED;
  chunk[0] = chunk_rows;
  make_parents(file, dataset);
  const Id plan = without_times(H5P_DATASET_CREATE);
  checksum_chunks(plan, std::move(chunk));
  const Id space(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), limits.data()));
  checked(H5Dcreate2(file.id.get(), dataset.c_str(), native(dtype), space.get(), H5P_DEFAULT, plan.get(), H5P_DEFAULT),
          file, dataset, "cannot be made");
}

void append_rows(const File& file, const std::string& dataset, DType dtype, std::int64_t count, const void* data) {
  const Id id = open_dataset(file, dataset);
  const std::vector<std::int64_t> shape = shape_of(id, file, dataset);
  std::vector<hsize_t> extents(shape.begin(), shape.end()), start(shape.size(), 0), block = extents;
  start[0] = extents[0];
  block[0] = count;
  extents[0] += count;
  check(H5Dset_extent(id.get(), extents.data()), file, dataset, "cannot grow");
  const Id space = checked(H5Dget_space(id.get()), file, dataset, "has no extents");
  H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr);
  const Id memory = simple_space({block.begin(), block.end()});
  check(H5Dwrite(id.get(), native(dtype), memory.get(), space.get(), H5P_DEFAULT, data), file, dataset,
        "cannot be written: is the disk full?");
}

void set_attribute(const File& file, const std::string& object, const std::string& name,
                   const std::vector<std::int64_t>& values) {
  const bool one = values.size() == 1;
  const Id space =
      simple_space(one ? std::vector<std::int64_t>{} : std::vector{static_cast<std::int64_t>(values.size())});
  put_attribute(file, object, name, H5T_NATIVE_INT64, space, values.data());
}

void set_attribute(const File& file, const std::string& object, const std::string& name, const std::string& text) {
  const Id type = string_type(text);
  put_attribute(file, object, name, type.get(), simple_space({}), text.c_str());
}

}  // namespace cotan::h5
