// Reading: every extent is checked against what is stored.
#include <hdf5.h>

#include <algorithm>
#include <array>

#include "io/unpacked.h"
#include "io/vtkhdf_calls.h"

namespace cotan::h5 {
namespace {

// The smallest of our types that holds the file's; big-endian files are turned by the library.
std::optional<DType> dtype_of(hid_t type) {
  const std::size_t size = H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return size <= 4 ? DType::f32 : DType::f64;
    case H5T_INTEGER: {
      const bool is_signed = H5Tget_sign(type) != H5T_SGN_NONE;
      if (size == 1) return is_signed ? DType::i8 : DType::u8;
      if (size == 2) return is_signed ? DType::i16 : DType::i32;
      return size == 4 && is_signed ? DType::i32 : DType::i64;
    }
    default:
      return std::nullopt;
  }
}

// A lying extent reads as zeros where chunks are missing, or asks for all the memory: compare it with what is stored.
void check_storage(const Id& dataset, const Info& info, const File& file, const std::string& name) {
  const Id type = checked(H5Dget_type(dataset.get()), file, name, "has no type");
  double declared = static_cast<double>(H5Tget_size(type.get()));
  for (const auto extent : info.shape) declared *= static_cast<double>(extent);
  if (declared == 0) return;
  const auto stored = static_cast<double>(H5Dget_storage_size(dataset.get()));
  const Id plan = checked(H5Dget_create_plist(dataset.get()), file, name, "has no layout");
  const int filters = H5Pget_nfilters(plan.get());
  std::error_code error;
  const auto file_size = static_cast<double>(std::filesystem::file_size(file.path, error));
  const double most_packed = filters > 0 ? 1100 : 1;  // deflate packs 1032 to 1
  bool whole = stored > 0 && stored <= file_size && declared <= most_packed * stored;
  if (H5Pget_layout(plan.get()) == H5D_CHUNKED) {
    hsize_t chunk[4] = {}, have = 0;
    const int rank = H5Pget_chunk(plan.get(), 4, chunk);
    double needed = 1;
    for (int i = 0; i < rank && i < static_cast<int>(info.shape.size()); ++i) {
      needed *= static_cast<double>((info.shape[i] + chunk[i] - 1) / std::max<hsize_t>(chunk[i], 1));
    }
    const Id space = checked(H5Dget_space(dataset.get()), file, name, "has no extents");
    check(H5Dget_num_chunks(dataset.get(), space.get(), &have), file, name, "its chunks cannot be counted");
    whole = whole && static_cast<double>(have) >= needed;
  }
  if (!whole) {
    fail(file, name,
         "declares " + std::to_string(static_cast<std::int64_t>(declared)) + " bytes, but " +
             std::to_string(static_cast<std::int64_t>(stored)) + " are stored");
  }
}

template <class T>
std::vector<T> read_all(const File& file, const std::string& dataset, DType dtype) {
  const Info about = info(file, dataset);
  if (!about.dtype) fail(file, dataset, "no numbers");
  check_window(file, dataset, about.rows(), about.columns());
  std::vector<T> out(about.rows() * about.columns());
  read_rows(file, dataset, 0, about.rows(), about.columns(), dtype, out.data());
  return out;
}

// An attribute open for reading, or an invalid Id.
Id open_attribute(const File& file, const std::string& object, const std::string& name) {
  if (!has(file, object) || H5Aexists_by_name(file.id.get(), object.c_str(), name.c_str(), H5P_DEFAULT) <= 0) return {};
  return checked(H5Aopen_by_name(file.id.get(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), file,
                 object + "@" + name, "cannot be opened");
}

std::int64_t attribute_length(const Id& attribute, const File& file, const std::string& name) {
  const Id space = checked(H5Aget_space(attribute.get()), file, name, "has no extents");
  const hssize_t n = H5Sget_simple_extent_npoints(space.get());
  if (n < 1 || n > 65536) fail(file, name, "has " + std::to_string(n) + " values");
  return n;
}

// Packed data may be a bomb, by what is asked for or by a chunk, which the library unpacks whole.
void check_unpacked(const Id& dataset, const File& file, const std::string& name, std::vector<std::int64_t> extents) {
  const Id plan = checked(H5Dget_create_plist(dataset.get()), file, name, "has no layout");
  if (H5Pget_layout(plan.get()) != H5D_CHUNKED || H5Pget_nfilters(plan.get()) == 0) return;
  const Id type = checked(H5Dget_type(dataset.get()), file, name, "has no type");
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  const int rank = H5Pget_chunk(plan.get(), H5S_MAX_RANK, chunk.data());
  const auto size = static_cast<double>(H5Tget_size(type.get()));
  double asked = size, unit = size;
  for (const auto extent : extents) asked *= static_cast<double>(extent);
  for (int i = 0; i < rank; ++i) unit *= static_cast<double>(chunk[std::size_t(i)]);
  std::error_code error;
  const auto most = static_cast<double>(most_unpacked(std::filesystem::file_size(file.path, error)));
  if (std::max(asked, unit) > most) {
    fail(file, name,
         "unpacks to " + std::to_string(static_cast<std::int64_t>(std::max(asked, unit))) +
             " bytes at once, more than " + std::to_string(static_cast<std::int64_t>(most)) +
             " from a file of this size; h5repack -f NONE unpacks it, if it is sound");
  }
}

std::string read_text(const File& file, const std::string& name, const Id& type, const auto& read) {
  if (H5Tget_class(type.get()) != H5T_STRING) fail(file, name, "is no text");
  std::string text;
  if (H5Tis_variable_str(type.get()) > 0) {
    char* held = nullptr;
    check(read(type.get(), &held), file, name, "cannot be read");
    text = held ? held : "";
    H5free_memory(held);
  } else {
    const std::size_t size = H5Tget_size(type.get());
    std::error_code error;
    if (size > std::filesystem::file_size(file.path, error)) fail(file, name, "declares more text than the file holds");
    text.resize(size);
    check(read(type.get(), text.data()), file, name, "cannot be read");
    text.resize(std::min(text.find('\0'), text.size()));
  }
  return text;
}

}  // namespace

std::vector<std::string> children(const File& file, const std::string& group) {
  if (!has(file, group)) return {};
  const Id id =
      checked(H5Gopen2(file.id.get(), group.c_str(), H5P_DEFAULT), file, group, "cannot be opened as a group");
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  check(H5Literate(id.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names), file, group, "cannot be listed");
  return names;
}

Info info(const File& file, const std::string& dataset) {
  const Id id = open_dataset(file, dataset);
  const Id type = checked(H5Dget_type(id.get()), file, dataset, "has no type");
  Info out{dtype_of(type.get()), shape_of(id, file, dataset)};
  if (out.dtype) check_storage(id, out, file, dataset);
  return out;
}

void check_window(const File& file, const std::string& dataset, std::int64_t rows, std::int64_t columns) {
  check_unpacked(open_dataset(file, dataset), file, dataset, {rows, columns});
}

void read_rows(const File& file, const std::string& dataset, std::int64_t first, std::int64_t count,
               std::int64_t columns, DType dtype, void* out) {
  const Id id = open_dataset(file, dataset);
  const Info about{{}, shape_of(id, file, dataset)};
  const auto& shape = about.shape;
  if (first < 0 || count < 0 || first > about.rows() || count > about.rows() - first) {
    fail(file, dataset,
         std::to_string(count) + " rows from " + std::to_string(first) + " are asked for, but there are " +
             std::to_string(about.rows()));
  }
  if (about.columns() != columns) {
    fail(file, dataset, std::to_string(about.columns()) + " numbers a row, expected " + std::to_string(columns));
  }
  if (count == 0) return;
  check_unpacked(id, file, dataset, {count, columns});
  const Id space = checked(H5Dget_space(id.get()), file, dataset, "has no extents");
  std::vector<hsize_t> start(shape.size(), 0), extent(shape.begin(), shape.end());
  if (!shape.empty()) {
    start[0] = first;
    extent[0] = count;
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr), file,
          dataset, "rows cannot be selected");
  }
  const Id memory = simple_space({extent.begin(), extent.end()});
  check(H5Dread(id.get(), native(dtype), memory.get(), space.get(), H5P_DEFAULT, out), file, dataset,
        "cannot be read: cut or corrupt");
}

void read_slab(const File& file, const std::string& dataset, const Slab& slab, DType dtype, void* out) {
  const Id id = open_dataset(file, dataset);
  const auto shape = shape_of(id, file, dataset);
  const std::size_t rank = shape.size();
  if (slab.start.size() != rank || slab.stride.size() != rank || slab.count.size() != rank || rank == 0) {
    fail(file, dataset,
         "has " + std::to_string(rank) + " dimensions, but a block of " + std::to_string(slab.count.size()) +
             " is asked for");
  }
  std::vector<hsize_t> start, stride, count;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t first = slab.start[i], step = slab.stride[i], n = slab.count[i];
    if (first < 0 || step < 1 || n < 1 || first >= shape[i] || (n > 1 && step > shape[i]) || n > shape[i] ||
        (n - 1) * step > shape[i] - 1 - first) {
      fail(file, dataset,
           std::to_string(n) + " rows from " + std::to_string(first) + " by " + std::to_string(step) +
               " of dimension " + std::to_string(i) + ", but there are " + std::to_string(shape[i]));
    }
    start.push_back(first);
    stride.push_back(step);
    count.push_back(n);
  }
  check_unpacked(id, file, dataset, slab.count);
  const Id space = checked(H5Dget_space(id.get()), file, dataset, "has no extents");
  check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), stride.data(), count.data(), nullptr), file,
        dataset, "rows cannot be selected");
  const Id memory = simple_space({count.begin(), count.end()});
  check(H5Dread(id.get(), native(dtype), memory.get(), space.get(), H5P_DEFAULT, out), file, dataset,
        "cannot be read: cut or corrupt");
}

bool is_dataset(const File& file, const std::string& path) {
  if (!has(file, path)) return false;
  const Id object =
      checked(H5Oopen(file.id.get(), path.c_str(), H5P_DEFAULT), file, path, "cannot be opened: the file is corrupt");
  return H5Iget_type(object.get()) == H5I_DATASET;
}

bool has_text(const File& file, const std::string& dataset) {
  const Id id = open_dataset(file, dataset);
  const Id type = checked(H5Dget_type(id.get()), file, dataset, "has no type");
  return H5Tget_class(type.get()) == H5T_STRING && H5Tis_variable_str(type.get()) == 0;
}

std::vector<std::string> read_texts(const File& file, const std::string& dataset) {
  if (!has_text(file, dataset)) fail(file, dataset, "no texts of a fixed length");
  const Id id = open_dataset(file, dataset);
  const Info about{{}, shape_of(id, file, dataset)};
  check_storage(id, about, file, dataset);
  const Id type = checked(H5Dget_type(id.get()), file, dataset, "has no type");
  const std::size_t size = H5Tget_size(type.get());
  const std::size_t length = size * static_cast<std::size_t>(about.columns());
  const std::size_t bytes = length * static_cast<std::size_t>(about.rows());
  std::error_code error;
  if (std::max<std::size_t>(bytes, about.rows()) > 1100 * std::filesystem::file_size(file.path, error))
    fail(file, dataset, "declares more text than the file holds");
  check_unpacked(id, file, dataset, about.shape);
  std::string all(bytes, '\0');
  if (bytes > 0)
    check(H5Dread(id.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()), file, dataset,
          "cannot be read: cut or corrupt");
  std::vector<std::string> out;
  for (std::int64_t i = 0; i < about.rows(); ++i)
    out.push_back(all.substr(static_cast<std::size_t>(i) * length, length));
  return out;
}

std::vector<std::int64_t> read_integers(const File& file, const std::string& dataset) {
  return read_all<std::int64_t>(file, dataset, DType::i64);
}

std::vector<double> read_doubles(const File& file, const std::string& dataset) {
  return read_all<double>(file, dataset, DType::f64);
}

std::optional<std::vector<std::int64_t>> integer_attribute(const File& file, const std::string& object,
                                                           const std::string& name) {
  const Id id = open_attribute(file, object, name);
  if (!id.valid()) return std::nullopt;
  std::vector<std::int64_t> values(attribute_length(id, file, object + "@" + name));
  check(H5Aread(id.get(), H5T_NATIVE_INT64, values.data()), file, object + "@" + name, "is no integer");
  return values;
}

std::optional<std::string> text_attribute(const File& file, const std::string& object, const std::string& name) {
  const Id id = open_attribute(file, object, name);
  if (!id.valid()) return std::nullopt;
  const std::string shown = object + "@" + name;
  if (attribute_length(id, file, shown) != 1) fail(file, shown, "more than one text");
  const Id type = checked(H5Aget_type(id.get()), file, shown, "has no type");
  return read_text(file, shown, type, [&](hid_t t, void* out) { return H5Aread(id.get(), t, out); });
}

}  // namespace cotan::h5
