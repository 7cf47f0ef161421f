#include "io/vtkhdf_file.h"

#include <hdf5.h>

#include <algorithm>

#include "core/check.h"

namespace cotan::h5 {
namespace {

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

[[noreturn]] void fail(const File& file, const std::string& object, const std::string& problem) {
  throw InputError(file.path.string() + ": " + object + ": " + problem);
}

Id checked(std::int64_t id, const File& file, const std::string& object, const std::string& what) {
  if (id < 0) fail(file, object, what + " (" + reason() + ")");
  return Id(id);
}
void check(herr_t status, const File& file, const std::string& object, const std::string& what) {
  if (status < 0) fail(file, object, what + " (" + reason() + ")");
}

hid_t native(DType dtype) {
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

// VTK wants the ASCII type where ASCII will do.
Id string_type(const std::string& text) {
  const bool ascii = std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 127; });
  Id type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), std::max<std::size_t>(text.size(), 1));
  H5Tset_cset(type.get(), ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  return type;
}

Id links_with_parents() {
  Id links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links.get(), 1);
  return links;
}

Id simple_space(const std::vector<std::int64_t>& shape) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return Id(extents.empty() ? H5Screate(H5S_SCALAR)
                            : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr));
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
  COTAN_REQUIRE(std::filesystem::exists(path), path.string() << ": no such file");
  COTAN_REQUIRE(std::filesystem::is_regular_file(path), path.string() << ": not a file");
  File file{Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)), path};
  if (!file.id.valid())
    throw InputError(path.string() + ": cannot be opened as HDF5: cut, corrupt or another format (" + reason() + ")");
  return file;
}

File create_file(const std::filesystem::path& path) {
  const Id access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  File file{Id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get())), path};
  if (!file.id.valid()) throw InputError(path.string() + ": cannot be made (" + reason() + ")");
  return file;
}

void close_file(File file, const std::filesystem::path& shown) {
  const bool flushed = H5Fflush(file.id.get(), H5F_SCOPE_GLOBAL) >= 0;
  const std::string why = flushed ? "" : reason();
  COTAN_REQUIRE(flushed, shown.string() << ": cannot be written: is the disk full? (" << why << ")");
}

bool has(const File& file, const std::string& path) {
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

std::vector<std::int64_t> read_integers(const File& file, const std::string& dataset) {
  return read_all<std::int64_t>(file, dataset, DType::i64);
}

std::vector<double> read_doubles(const File& file, const std::string& dataset) {
  return read_all<double>(file, dataset, DType::f64);
}

std::string read_string(const File& file, const std::string& dataset) {
  const Id id = open_dataset(file, dataset);
  const Id type = checked(H5Dget_type(id.get()), file, dataset, "has no type");
  if (!shape_of(id, file, dataset).empty()) fail(file, dataset, "more than one text");
  return read_text(file, dataset, type,
                   [&](hid_t t, void* out) { return H5Dread(id.get(), t, H5S_ALL, H5S_ALL, H5P_DEFAULT, out); });
}

std::optional<std::vector<std::int64_t>> integer_attribute(const File& file, const std::string& object,
                                                           const std::string& name) {
  const Id id = open_attribute(file, object, name);
  if (!id.valid()) return std::nullopt;
  std::vector<std::int64_t> values(attribute_length(id, file, object + "@" + name));
  check(H5Aread(id.get(), H5T_NATIVE_INT64, values.data()), file, object + "@" + name, "is no integer");
  return values;
}

std::optional<double> number_attribute(const File& file, const std::string& object, const std::string& name) {
  const Id id = open_attribute(file, object, name);
  if (!id.valid()) return std::nullopt;
  double value = 0;
  if (attribute_length(id, file, object + "@" + name) != 1) fail(file, object + "@" + name, "more than one value");
  check(H5Aread(id.get(), H5T_NATIVE_DOUBLE, &value), file, object + "@" + name, "is no number");
  return value;
}

std::optional<std::string> text_attribute(const File& file, const std::string& object, const std::string& name) {
  const Id id = open_attribute(file, object, name);
  if (!id.valid()) return std::nullopt;
  const std::string shown = object + "@" + name;
  if (attribute_length(id, file, shown) != 1) fail(file, shown, "more than one text");
  const Id type = checked(H5Aget_type(id.get()), file, shown, "has no type");
  return read_text(file, shown, type, [&](hid_t t, void* out) { return H5Aread(id.get(), t, out); });
}

void make_group(const File& file, const std::string& group) {
  const Id links = links_with_parents();
  checked(H5Gcreate2(file.id.get(), group.c_str(), links.get(), H5P_DEFAULT, H5P_DEFAULT), file, group,
          "cannot be made");
}

void write(const File& file, const std::string& dataset, DType dtype, std::vector<std::int64_t> shape,
           const void* data) {
  const Id links = links_with_parents(), space = simple_space(shape), plan(H5Pcreate(H5P_DATASET_CREATE));
  const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  if (!shape.empty() && !empty) checksum_chunks(plan, {shape.begin(), shape.end()});
  const Id id = checked(
      H5Dcreate2(file.id.get(), dataset.c_str(), native(dtype), space.get(), links.get(), plan.get(), H5P_DEFAULT),
      file, dataset, "cannot be made");
  if (empty) return;
  check(H5Dwrite(id.get(), native(dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT, data), file, dataset,
        "cannot be written: is the disk full?");
}

void write_string(const File& file, const std::string& dataset, const std::string& text) {
  const Id links = links_with_parents(), space = simple_space({}), type = string_type(text);
  const Id id = checked(
      H5Dcreate2(file.id.get(), dataset.c_str(), type.get(), space.get(), links.get(), H5P_DEFAULT, H5P_DEFAULT), file,
      dataset, "cannot be made");
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
  const Id links = links_with_parents(), plan(H5Pcreate(H5P_DATASET_CREATE));
  checksum_chunks(plan, std::move(chunk));
  const Id space(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), limits.data()));
  checked(H5Dcreate2(file.id.get(), dataset.c_str(), native(dtype), space.get(), links.get(), plan.get(), H5P_DEFAULT),
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

void set_attribute(const File& file, const std::string& object, const std::string& name, double value) {
  put_attribute(file, object, name, H5T_NATIVE_DOUBLE, simple_space({}), &value);
}

void set_attribute(const File& file, const std::string& object, const std::string& name, const std::string& text) {
  const Id type = string_type(text);
  put_attribute(file, object, name, type.get(), simple_space({}), text.c_str());
}

}  // namespace cotan::h5
