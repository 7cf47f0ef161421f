#include "io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>

#include "core/check.h"
#include "core/files.h"
#include "io/json.h"

namespace cotan {
namespace {

using Json = nlohmann::json;
constexpr std::uint64_t kMaxHeader = 100'000'000;  // the limit of the reference implementation

struct Entry {
  std::string name;
  HostTensor tensor;  // no bytes yet
  std::uint64_t begin = 0, end = 0;
};

struct Header {
  std::vector<Entry> entries;  // by their place in the file
  std::map<std::string, std::string> metadata;
};

std::vector<std::uint64_t> counts(const Json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  COTAN_REQUIRE(found != object.end() && found->is_array(), where << ": no list '" << key << "'");
  std::vector<std::uint64_t> values;
  for (const Json& value : *found) {
    COTAN_REQUIRE(value.is_number_unsigned(),
                  where << ": found " << shown(value) << " in '" << key << "', expected whole numbers, not negative");
    values.push_back(value.get<std::uint64_t>());
  }
  return values;
}

Entry read_entry(const std::string& name, const Json& object, std::uint64_t data_size, const std::string& source) {
  const std::string where = source + ": tensor '" + name + "'";
  COTAN_REQUIRE(object.is_object(), where << ": expected {dtype, shape, data_offsets}");
  const auto dtype = object.find("dtype");
  COTAN_REQUIRE(dtype != object.end() && dtype->is_string(), where << ": no 'dtype'");
  Entry entry{.name = name, .tensor = {}};
  try {
    entry.tensor.dtype = dtype_from(dtype->get_ref<const std::string&>());
  } catch (const InputError& error) {
    throw InputError(where + ": " + error.what());
  }
  std::uint64_t size = size_of(entry.tensor.dtype);
  for (const std::uint64_t extent : counts(object, "shape", where)) {
    COTAN_REQUIRE(extent <= std::uint64_t(std::numeric_limits<std::int64_t>::max()) &&
                      (extent == 0 || size <= std::numeric_limits<std::uint64_t>::max() / extent),
                  where << ": shape too large");
    size *= extent;
    entry.tensor.shape.push_back(std::int64_t(extent));
  }
  const auto offsets = counts(object, "data_offsets", where);
  COTAN_REQUIRE(offsets.size() == 2, where << ": " << offsets.size() << " data_offsets, expected begin and end");
  entry.begin = offsets[0], entry.end = offsets[1];
  COTAN_REQUIRE(entry.begin <= entry.end && entry.end <= data_size,
                where << ": bytes " << entry.begin << " to " << entry.end << ", but the file has 0 to " << data_size);
  COTAN_REQUIRE(entry.end - entry.begin == size,
                where << ": " << entry.end - entry.begin << " bytes, expected " << size << " by dtype and shape");
  return entry;
}

Header read_header(std::string_view text, std::uint64_t data_size, const std::string& source) {
  const Json json = parse_json(text, source, "header", 4);
  COTAN_REQUIRE(json.is_object(), source << ": the header is no JSON object");
  Header header;
  for (const auto& [name, value] : json.items()) {
    if (name != "__metadata__") {
      header.entries.push_back(read_entry(name, value, data_size, source));
      continue;
    }
    COTAN_REQUIRE(value.is_object(), source << ": __metadata__ is no JSON object");
    for (const auto& [key, text_value] : value.items()) {
      COTAN_REQUIRE(text_value.is_string(), source << ": __metadata__: '" << key << "' is no text");
      header.metadata.emplace(key, text_value.get<std::string>());
    }
  }
  std::sort(header.entries.begin(), header.entries.end(),
            [](const Entry& a, const Entry& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t end = 0;
  for (const Entry& entry : header.entries) {
    COTAN_REQUIRE(entry.begin == end, source << ": tensor '" << entry.name << "' begins at byte " << entry.begin
                                             << ", expected " << end << " (tensors overlap or leave a gap)");
    end = entry.end;
  }
  COTAN_REQUIRE(end == data_size, source << ": tensors take " << end << " bytes, the file has " << data_size);
  return header;
}

// The file's two parts by a function that copies the next bytes.
template <class Next>
TensorFile read_parts(std::uint64_t file_size, const std::string& source, Next next) {
  std::uint64_t length = 0;
  COTAN_REQUIRE(file_size >= sizeof length, source << ": " << file_size << " bytes: empty or no safetensors file");
  next(reinterpret_cast<char*>(&length), sizeof length);
  COTAN_REQUIRE(length <= file_size - sizeof length && length <= kMaxHeader,
                source << ": a header of " << length << " bytes, but the file has " << file_size
                       << ": cut, or no safetensors file");
  std::string text(length, '\0');
  next(text.data(), text.size());
  Header header = read_header(text, file_size - sizeof length - length, source);
  TensorFile file{.tensors = {}, .metadata = std::move(header.metadata)};
  for (Entry& entry : header.entries) {
    entry.tensor.bytes.resize(entry.end - entry.begin);
    next(reinterpret_cast<char*>(entry.tensor.bytes.data()), entry.tensor.bytes.size());
    file.tensors.emplace(std::move(entry.name), std::move(entry.tensor));
  }
  return file;
}

std::string header_of(const TensorFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t end = 0;
  for (const auto& [name, tensor] : file.tensors) {
    COTAN_REQUIRE(name != "__metadata__", "a tensor named __metadata__, which safetensors keeps for itself");
    std::uint64_t size = size_of(tensor.dtype);
    for (const auto extent : tensor.shape) size *= std::uint64_t(extent);
    if (size != tensor.bytes.size()) {
      throw Error("tensor '" + name + "' has " + std::to_string(tensor.bytes.size()) + " bytes, its shape " +
                  std::to_string(size));
    }
    header[name] = {{"dtype", to_string(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {end, end + size}}};
    end += size;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::exception&) {
    throw InputError("a tensor's name or a text for a safetensors file is not UTF-8");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');  // tensors start on a multiple of 8
  return text;
}

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& path) {
  std::error_code error;
  const std::string source = path.string();
  require_readable(path);
  COTAN_REQUIRE(std::filesystem::is_regular_file(path, error), source << ": not a file");
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  COTAN_REQUIRE(stream && !error, source << ": cannot be opened");
  return read_parts(size, source, [&](char* to, std::size_t count) {
    stream.read(to, std::streamsize(count));
    COTAN_REQUIRE(std::size_t(stream.gcount()) == count, source << ": shorter than it was when opened");
  });
}

TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& source) {
  return read_parts(bytes.size(), source, [&](char* to, std::size_t count) {
    if (count > 0) std::memcpy(to, bytes.data(), count);
    bytes = bytes.subspan(count);
  });
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  const std::string header = header_of(file);
  const std::uint64_t length = header.size();
  StagedFile staged(path);
  std::ofstream stream(staged.path(), std::ios::binary);
  stream.write(reinterpret_cast<const char*>(&length), sizeof length);
  stream.write(header.data(), std::streamsize(header.size()));
  for (const auto& [name, tensor] : file.tensors) {
    stream.write(reinterpret_cast<const char*>(tensor.bytes.data()), std::streamsize(tensor.bytes.size()));
  }
  stream.close();
  COTAN_REQUIRE(stream, path.string() << ": cannot be written whole (is the disk full?)");
  staged.commit();
}

}  // namespace cotan
