#include "io/vtk_xml_array.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sstream>

#include "core/check.h"
#include "core/files.h"
#include "io/unpacked.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMost = 1u << 31;  // points, cells and components: what Index counts
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::uint64_t kMostTexts = 1'000'000;

template <class T>
bool parses(std::string_view token) {
  T value{};
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  return error == std::errc{} && end == token.data() + token.size();
}

// Whether VTK gets a number from a token. At one that it does not get, it stops and then reads past what it has.
bool readable(std::string_view token, std::string_view type) {
  if (token.starts_with('+')) token.remove_prefix(1);
  if (token.find_first_of("nN") != token.npos) return false;  // nan, inf
  if (type == "Float32") return parses<float>(token);
  if (type == "Float64") return parses<double>(token);
  if (type == "UInt64") return parses<std::uint64_t>(token);
  if (type == "UInt32") return parses<std::uint32_t>(token);
  if (type == "UInt16") return parses<std::uint16_t>(token);
  if (type == "Int64") return parses<std::int64_t>(token);
  if (type == "Int32") return parses<std::int32_t>(token);
  return parses<std::int16_t>(token);  // bytes come by way of these
}

std::size_t line_of(std::string_view text, std::ptrdiff_t offset) {
  const auto end = text.begin() + std::clamp<std::ptrdiff_t>(offset, 0, std::ssize(text));
  return 1 + std::count(text.begin(), end, '\n');
}

std::array<std::uint8_t, 256> base64_table() {
  std::array<std::uint8_t, 256> table;
  table.fill(255);
  constexpr std::string_view signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < signs.size(); ++i)
    table[static_cast<std::uint8_t>(signs[i])] = static_cast<std::uint8_t>(i);
  return table;
}

// The first bytes of a base64 text, as many as asked for or as there are up to a wrong sign.
std::string decoded(std::string_view text, std::size_t bytes) {
  static const auto table = base64_table();
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::uint8_t value = table[static_cast<std::uint8_t>(c)];
    if (value == 255 || out.size() >= bytes) break;
    bits = bits << 6 | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 255);
    }
  }
  return out;
}

}  // namespace

std::string_view xml_trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

void VtkArrayChecker::check(const pugi::xml_node& array, std::optional<std::uint64_t> tuples) const {
  name_ = array.attribute("Name").value();
  const std::string type = array.attribute("type").value();
  const std::size_t size = value_size(type);
  const std::uint64_t components = count(array, "NumberOfComponents", 1);
  if (components < 1 || components > kMost) fail("NumberOfComponents is " + std::to_string(components));
  std::optional<std::uint64_t> values;
  if (tuples && size > 0) values = *tuples * components;
  if (tuples && size == 0 && *tuples * components > kMostTexts) fail("holds more texts than can be read");
  const std::string format = array.attribute("format").as_string("ascii");
  if (format == "ascii") {
    check_text(array, type, values);
  } else if (format == "binary") {
    check_binary(xml_trimmed(array.child_value()), true, size, values);
  } else if (format == "appended") {
    const std::uint64_t offset = count(array, "offset", std::nullopt);
    if (!appended_) fail("format appended, but the file has no <AppendedData>");
    if (offset >= appended_->size()) {
      fail("offset " + std::to_string(offset) + " in appended data of " + std::to_string(appended_->size()) + " bytes");
    }
    check_binary(appended_->substr(offset), appended_base64_, size, values);
  } else {
    fail("format '" + format + "', expected ascii, binary or appended");
  }
}

std::uint64_t VtkArrayChecker::count(const pugi::xml_node& node, const char* attribute,
                                     std::optional<std::uint64_t> otherwise) const {
  const auto found = node.attribute(attribute);
  if (!found && otherwise) return *otherwise;
  const std::string_view text = xml_trimmed(found.value());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!found || error != std::errc{} || end != text.data() + text.size()) {
    fail(std::string(attribute) + " is '" + std::string(text) + "', expected a whole number");
  }
  return value;
}

void VtkArrayChecker::fail(const std::string& problem) const {
  throw InputError(path_.string() + ": " + (name_.empty() ? "" : "array '" + name_ + "': ") + problem);
}

// Bytes of a value; 0 for texts, whose length nobody declares.
std::size_t VtkArrayChecker::value_size(const std::string& type) const {
  if (type == "String") return 0;
  for (const std::string_view kind : {"Int", "UInt", "Float"}) {
    for (const std::size_t bits : {8, 16, 32, 64}) {
      if (type == std::string(kind) + std::to_string(bits) && !(kind == "Float" && bits < 32)) return bits / 8;
    }
  }
  fail("type '" + type + "' cannot be read");
}

void VtkArrayChecker::check_text(const pugi::xml_node& array, const std::string& type,
                                 std::optional<std::uint64_t> values) const {
  std::uint64_t found = 0;
  for (std::string_view rest = xml_trimmed(array.child_value()); !rest.empty(); rest = xml_trimmed(rest)) {
    const std::string_view token = rest.substr(0, rest.find_first_of(kBlanks));
    if (type != "String" && !readable(token, type)) fail("'" + std::string(token.substr(0, 40)) + "' is no " + type);
    rest.remove_prefix(token.size());
    ++found;
  }
  if (values && found != *values) {
    fail(std::to_string(found) + " values, expected " + std::to_string(*values));
  }
}

std::uint64_t VtkArrayChecker::word_at(const std::string& header, std::size_t k) const {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < encoding_.word; ++i) {
    bytes[encoding_.little ? i : encoding_.word - 1 - i] = static_cast<std::uint8_t>(header[k * encoding_.word + i]);
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << 8 * i;
  return value;
}

std::string VtkArrayChecker::header(std::string_view data, bool base64, std::uint64_t words) const {
  const std::uint64_t bytes = words * encoding_.word;
  if (words > data.size()) fail("declares " + std::to_string(words) + " blocks, more than the file holds");
  std::string out = base64 ? decoded(data, bytes) : std::string(data.substr(0, bytes));
  if (out.size() < bytes) fail("is cut before its data");
  return out;
}

void VtkArrayChecker::check_binary(std::string_view data, bool base64, std::size_t size,
                                   std::optional<std::uint64_t> values) const {
  if (data.empty() && values && *values == 0) return;
  const std::uint64_t first = word_at(header(data, base64, 1), 0);
  double stored = static_cast<double>(first), unpacked = stored;
  std::size_t words = 1;
  if (encoding_.compressed) {
    words = first == 0 ? 1 : 3 + first;
    if (first > data.size()) fail("declares " + std::to_string(first) + " blocks, more than the file holds");
    const std::string all = header(data, base64, words);
    stored = unpacked = 0;
    if (first > 0) {
      const auto full = static_cast<double>(word_at(all, 1)), last = static_cast<double>(word_at(all, 2));
      unpacked = last > 0 ? static_cast<double>(first - 1) * full + last : static_cast<double>(first) * full;
      for (std::uint64_t k = 0; k < first; ++k) stored += static_cast<double>(word_at(all, 3 + k));
    }
  }
  const auto room = static_cast<double>(data.size()) * (base64 ? 0.75 : 1);
  const double needed = stored + static_cast<double>(words * encoding_.word);
  if (needed > room) {
    fail("declares " + text(needed) + " bytes of data, but " + text(room) + " are left in the file: cut or corrupt");
  }
  if (values && unpacked != static_cast<double>(*values) * static_cast<double>(size)) {
    fail("holds " + text(unpacked / static_cast<double>(size)) + " values, expected " + std::to_string(*values));
  }
  unpacked_ += encoding_.compressed ? unpacked : 0;  // of all arrays together
  const auto most = static_cast<double>(most_unpacked(file_size_));
  if (unpacked_ > most)
    fail("unpacks, with the arrays before it, to " + text(unpacked_) + " bytes, more than " + text(most) +
         " from a file of " + std::to_string(file_size_));
}

std::string VtkArrayChecker::text(double number) {
  std::ostringstream out;
  out.precision(15);
  out << number;
  return out.str();
}

namespace {

VtkEncoding read_encoding(const fs::path& path, const pugi::xml_node& root) {
  VtkEncoding out;
  const std::string order = root.attribute("byte_order").as_string("LittleEndian");
  COTAN_REQUIRE(order == "LittleEndian" || order == "BigEndian",
                path.string() << ": byte_order '" << order << "', expected LittleEndian or BigEndian");
  out.little = order == "LittleEndian";
  const std::string header = root.attribute("header_type").as_string("UInt32");
  COTAN_REQUIRE(header == "UInt32" || header == "UInt64",
                path.string() << ": header_type '" << header << "', expected UInt32 or UInt64");
  out.word = header == "UInt32" ? 4 : 8;
  const std::string compressor = root.attribute("compressor").value();
  constexpr std::array<std::string_view, 4> known = {"", "vtkZLibDataCompressor", "vtkLZ4DataCompressor",
                                                     "vtkLZMADataCompressor"};
  COTAN_REQUIRE(std::find(known.begin(), known.end(), compressor) != known.end(),
                path.string() << ": compressor '" << compressor << "' is unknown");
  out.compressed = !compressor.empty();
  return out;
}

}  // namespace

VtkXmlFile::VtkXmlFile(const fs::path& path, std::string_view type) : path_(path), bytes_(read_file(path)) {
  COTAN_REQUIRE(!xml_trimmed(bytes_).empty(), path.string() << ": the file is empty");
  split_appended();
  const auto result = document_.load_buffer(head_.data(), head_.size());
  COTAN_REQUIRE(result, path.string() << ":" << line_of(head_, result.offset) << ": not whole XML ("
                                      << result.description() << "): cut, corrupt or another format");
  root_ = document_.child("VTKFile");
  COTAN_REQUIRE(root_, path.string() << ": no <VTKFile>: not a VTK XML file");
  const std::string found = root_.attribute("type").value();
  COTAN_REQUIRE(found == type, path.string() << ": VTKFile type '" << found << "', expected '" << type << "'");
}

// Appended data need not be text.
void VtkXmlFile::split_appended() {
  const std::string_view bytes = bytes_;
  const auto begin = bytes.find("<AppendedData");
  head_ = bytes.substr(0, begin);
  if (begin == bytes.npos) return;
  const auto tag_end = bytes.find('>', begin);
  const auto underscore = tag_end == bytes.npos ? bytes.npos : bytes.find('_', tag_end);
  const auto end = bytes.rfind("</AppendedData>");
  COTAN_REQUIRE(underscore != bytes.npos && end != bytes.npos && end > underscore,
                path_.string() << ": <AppendedData> does not end: the file is cut");
  appended_ = bytes.substr(underscore + 1, end - underscore - 1);
  const std::string_view tag = bytes.substr(begin, tag_end - begin);
  base64_ = tag.find("encoding=\"base64\"") != tag.npos;
  COTAN_REQUIRE(base64_ || tag.find("encoding=\"raw\"") != tag.npos,
                path_.string() << ": <AppendedData> without encoding \"raw\" or \"base64\"");
  head_ += bytes.substr(end + std::strlen("</AppendedData>"));
}

VtkArrayChecker VtkXmlFile::checker() const {
  return {path_, read_encoding(path_, root_), appended_, base64_, bytes_.size()};
}

std::string VtkXmlFile::where(const pugi::xml_node& node) {
  const std::ptrdiff_t place = std::clamp<std::ptrdiff_t>(node.offset_debug(), counted_, std::ssize(head_));
  line_ += std::size_t(std::count(head_.begin() + counted_, head_.begin() + place, '\n'));
  counted_ = place;
  return path_.string() + ":" + std::to_string(line_);
}

}  // namespace cotan
