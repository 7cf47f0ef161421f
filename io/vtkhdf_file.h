#pragma once
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/tensor_file.h"

/// The HDF5 C library behind values that close themselves and errors that name file and dataset. Its serial build is
/// not safe from several threads: every function here is called with hold() held.
namespace cotan::h5 {

/// The one lock on the library; also silences its own printing of errors.
std::unique_lock<std::mutex> hold();

/// An identifier of the library, given back at the end.
class Id {
 public:
  Id() = default;
  explicit Id(std::int64_t id) : id_(id) {}
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Id& operator=(Id&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Id();
  std::int64_t get() const { return id_; }
  std::int64_t release() { return std::exchange(id_, -1); }  ///< the caller's to give back
  bool valid() const { return id_ >= 0; }

 private:
  std::int64_t id_ = -1;
};

/// An open file and its name for messages. Destroy it under hold(), too.
struct File {
  Id id;
  std::filesystem::path path;
};
/// \throw InputError: missing, not HDF5, truncated
File open_file(const std::filesystem::path& path);
/// A new file in the library's newer layout, whose metadata carry checksums.
File create_file(const std::filesystem::path& path);
/// Flushes and closes. \throw InputError naming `shown` and the reason (disk full)
void close_file(File file, const std::filesystem::path& shown);

/// What a dataset is. `dtype` is nothing for strings and other types that are no numbers.
struct Info {
  std::optional<DType> dtype;
  std::vector<std::int64_t> shape;
  std::int64_t rows() const { return shape.empty() ? 1 : shape[0]; }
  /// Numbers a row; 2^62 where an empty dataset declares more.
  std::int64_t columns() const {
    constexpr std::int64_t most = std::int64_t{1} << 62;
    std::int64_t n = 1;
    for (std::size_t i = 1; i < shape.size(); ++i) n = shape[i] > 0 && n > most / shape[i] ? most : n * shape[i];
    return n;
  }
};

bool has(const File& file, const std::string& path);  ///< group or dataset; \throw InputError: corrupt
std::vector<std::string> children(const File& file, const std::string& group);  ///< names, sorted; none where absent
/// Extents, checked against what is stored. \throw InputError: absent, not a dataset, larger than its storage
Info info(const File& file, const std::string& dataset);
/// Before memory is asked for: that many rows are no more than packed data may become (io/unpacked.h), nor is a chunk.
/// \throw InputError
void check_window(const File& file, const std::string& dataset, std::int64_t rows, std::int64_t columns);
/// Rows [first, first + count) of a dataset of numbers with `columns` a row, as `dtype`, row-major.
/// \throw InputError: out of range, another number of columns, unreadable, checksum
void read_rows(const File& file, const std::string& dataset, std::int64_t first, std::int64_t count,
               std::int64_t columns, DType dtype, void* out);
std::vector<std::int64_t> read_integers(const File& file, const std::string& dataset);
std::vector<double> read_doubles(const File& file, const std::string& dataset);

/// A block of a dataset of numbers, `stride` apart along each dimension, as `dtype`, row-major.
struct Slab {
  std::vector<std::int64_t> start, stride, count;  ///< one for each dimension of the dataset
  bool operator==(const Slab&) const = default;
};
/// \throw InputError: another rank, beyond the extents, unreadable
void read_slab(const File& file, const std::string& dataset, const Slab& slab, DType dtype, void* out);
bool is_dataset(const File& file, const std::string& path);  ///< false where absent
bool has_text(const File& file, const std::string& dataset);
/// Texts of a dataset (n) of texts of one length, or (n, length) of single characters. \throw InputError
std::vector<std::string> read_texts(const File& file, const std::string& dataset);

/// Attributes of a group or dataset; nothing where absent.
std::optional<std::vector<std::int64_t>> integer_attribute(const File& file, const std::string& object,
                                                           const std::string& name);
std::optional<std::string> text_attribute(const File& file, const std::string& object, const std::string& name);

/// Writing; parents are made, and objects carry no times. \throw InputError naming the dataset and the reason
void make_group(const File& file, const std::string& group);  ///< where absent
void write(const File& file, const std::string& dataset, DType dtype, std::vector<std::int64_t> shape,
           const void* data);
void write_string(const File& file, const std::string& dataset, const std::string& text);
/// An empty dataset (0, shape…) that grows by rows, in chunks of `chunk_rows`, each with a checksum.
void make_growing(const File& file, const std::string& dataset, DType dtype, std::vector<std::int64_t> row_shape,
                  std::int64_t chunk_rows);
void append_rows(const File& file, const std::string& dataset, DType dtype, std::int64_t count, const void* data);
void set_attribute(const File& file, const std::string& object, const std::string& name,
                   const std::vector<std::int64_t>& values);  ///< one value: a scalar
void set_attribute(const File& file, const std::string& object, const std::string& name, const std::string& text);

}  // namespace cotan::h5
