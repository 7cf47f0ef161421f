#include "io/vtk_xml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <pugixml.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/files.h"
#include "io/vtk.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMost = 1u << 31;  // points, cells and components: what Index counts
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::uint64_t kMostTexts = 1'000'000;
constexpr double kMostPacked = 1100;  // deflate packs 1032 to 1

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

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

void parse_xml(const fs::path& path, std::string_view text, pugi::xml_document& document) {
  const auto result = document.load_buffer(text.data(), text.size());
  COTAN_REQUIRE(result, path.string() << ":" << line_of(text, result.offset) << ": not whole XML ("
                                      << result.description() << "): cut, corrupt or another format");
}

pugi::xml_node root_of(const fs::path& path, const pugi::xml_document& document, std::string_view type) {
  const pugi::xml_node root = document.child("VTKFile");
  COTAN_REQUIRE(root, path.string() << ": no <VTKFile>: not a VTK XML file");
  const std::string found = root.attribute("type").value();
  COTAN_REQUIRE(found == type, path.string() << ": VTKFile type '" << found << "', expected '" << type << "'");
  return root;
}

/// What all arrays of a file have in common.
struct Encoding {
  std::size_t word = 4;  // bytes of a length
  bool little = true, compressed = false, base64 = false;
};

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

/// Checks the arrays of one file.
class ArrayChecker {
 public:
  ArrayChecker(const fs::path& path, Encoding encoding, std::optional<std::string_view> appended, bool appended_base64)
      : path_(path), encoding_(encoding), appended_(appended), appended_base64_(appended_base64) {}

  /// \param tuples that the array must have; nothing: any number
  void check(const pugi::xml_node& array, std::optional<std::uint64_t> tuples) const {
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
      check_binary(trimmed(array.child_value()), true, size, values);
    } else if (format == "appended") {
      const std::uint64_t offset = count(array, "offset", std::nullopt);
      if (!appended_) fail("format appended, but the file has no <AppendedData>");
      if (offset >= appended_->size()) {
        fail("offset " + std::to_string(offset) + " in appended data of " + std::to_string(appended_->size()) +
             " bytes");
      }
      check_binary(appended_->substr(offset), appended_base64_, size, values);
    } else {
      fail("format '" + format + "', expected ascii, binary or appended");
    }
  }

  std::uint64_t count(const pugi::xml_node& node, const char* attribute, std::optional<std::uint64_t> otherwise) const {
    const auto found = node.attribute(attribute);
    if (!found && otherwise) return *otherwise;
    const std::string_view text = trimmed(found.value());
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!found || error != std::errc{} || end != text.data() + text.size()) {
      fail(std::string(attribute) + " is '" + std::string(text) + "', expected a whole number");
    }
    return value;
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(path_.string() + ": " + (name_.empty() ? "" : "array '" + name_ + "': ") + problem);
  }

 private:
  // Bytes of a value; 0 for texts, whose length nobody declares.
  std::size_t value_size(const std::string& type) const {
    if (type == "String") return 0;
    for (const std::string_view kind : {"Int", "UInt", "Float"}) {
      for (const std::size_t bits : {8, 16, 32, 64}) {
        if (type == std::string(kind) + std::to_string(bits) && !(kind == "Float" && bits < 32)) return bits / 8;
      }
    }
    fail("type '" + type + "' cannot be read");
  }

  void check_text(const pugi::xml_node& array, const std::string& type, std::optional<std::uint64_t> values) const {
    std::uint64_t found = 0;
    for (std::string_view rest = trimmed(array.child_value()); !rest.empty(); rest = trimmed(rest)) {
      const std::string_view token = rest.substr(0, rest.find_first_of(kBlanks));
      if (type != "String" && !readable(token, type)) fail("'" + std::string(token.substr(0, 40)) + "' is no " + type);
      rest.remove_prefix(token.size());
      ++found;
    }
    if (values && found != *values) {
      fail(std::to_string(found) + " values, expected " + std::to_string(*values));
    }
  }

  std::uint64_t word_at(const std::string& header, std::size_t k) const {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < encoding_.word; ++i) {
      bytes[encoding_.little ? i : encoding_.word - 1 - i] = static_cast<std::uint8_t>(header[k * encoding_.word + i]);
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << 8 * i;
    return value;
  }

  std::string header(std::string_view data, bool base64, std::uint64_t words) const {
    const std::uint64_t bytes = words * encoding_.word;
    if (words > data.size()) fail("declares " + std::to_string(words) + " blocks, more than the file holds");
    std::string out = base64 ? decoded(data, bytes) : std::string(data.substr(0, bytes));
    if (out.size() < bytes) fail("is cut before its data");
    return out;
  }

  void check_binary(std::string_view data, bool base64, std::size_t size, std::optional<std::uint64_t> values) const {
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
    if (unpacked > kMostPacked * stored + 64) fail("declares " + text(unpacked) + " bytes packed into " + text(stored));
  }

  static std::string text(double number) {
    std::ostringstream out;
    out.precision(15);
    out << number;
    return out.str();
  }

  const fs::path& path_;
  Encoding encoding_;
  std::optional<std::string_view> appended_;
  bool appended_base64_;
  mutable std::string name_;  // of the array being checked, for messages
};

Encoding read_encoding(const fs::path& path, const pugi::xml_node& root) {
  Encoding out;
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

/// The XML without appended data, which need not be text, and that data.
struct Split {
  std::string head;
  std::optional<std::string_view> appended;
  bool base64 = false;
};

Split split_appended(const fs::path& path, std::string_view bytes) {
  const auto begin = bytes.find("<AppendedData");
  if (begin == bytes.npos) return {std::string(bytes), std::nullopt, false};
  const auto tag_end = bytes.find('>', begin);
  const auto underscore = tag_end == bytes.npos ? bytes.npos : bytes.find('_', tag_end);
  const auto end = bytes.rfind("</AppendedData>");
  COTAN_REQUIRE(underscore != bytes.npos && end != bytes.npos && end > underscore,
                path.string() << ": <AppendedData> does not end: the file is cut");
  Split out{std::string(bytes.substr(0, begin)), bytes.substr(underscore + 1, end - underscore - 1), false};
  const std::string_view tag = bytes.substr(begin, tag_end - begin);
  out.base64 = tag.find("encoding=\"base64\"") != tag.npos;
  COTAN_REQUIRE(out.base64 || tag.find("encoding=\"raw\"") != tag.npos,
                path.string() << ": <AppendedData> without encoding \"raw\" or \"base64\"");
  out.head += bytes.substr(end + std::strlen("</AppendedData>"));
  return out;
}

void check_piece(const ArrayChecker& checker, const pugi::xml_node& piece) {
  const std::uint64_t points = checker.count(piece, "NumberOfPoints", std::nullopt);
  const std::uint64_t cells = checker.count(piece, "NumberOfCells", std::nullopt);
  if (points >= kMost || cells >= kMost)
    checker.fail("the piece has " + std::to_string(std::max(points, cells)) + " points or cells");
  for (const auto& array : piece.child("PointData").children()) checker.check(array, points);
  for (const auto& array : piece.child("CellData").children()) checker.check(array, cells);
  const auto coordinates = piece.child("Points").child("DataArray");
  if (!coordinates || coordinates.attribute("NumberOfComponents").as_int() != 3) {
    checker.fail("<Points> has no array of 3 components");
  }
  checker.check(coordinates, points);
  for (const char* name : {"connectivity", "offsets", "types"}) {
    if (!piece.child("Cells").find_child_by_attribute("DataArray", "Name", name)) {
      checker.fail(std::string("<Cells> has no array '") + name + "'");
    }
  }
  for (const auto& array : piece.child("Cells").children()) {
    const std::string name = array.attribute("Name").value();
    if (checker.count(array, "NumberOfComponents", 1) != 1)
      checker.fail("<Cells> array '" + name + "' has several components");
    const bool per_cell = name == "offsets" || name == "types";
    checker.check(array, per_cell ? std::optional(cells) : std::nullopt);
  }
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void check_vtu(const fs::path& path) {
  const std::string bytes = read_file(path);
  COTAN_REQUIRE(!trimmed(bytes).empty(), path.string() << ": the file is empty");
  const Split split = split_appended(path, bytes);
  pugi::xml_document document;
  parse_xml(path, split.head, document);
  const pugi::xml_node root = root_of(path, document, "UnstructuredGrid");
  const pugi::xml_node grid = root.child("UnstructuredGrid");
  COTAN_REQUIRE(grid, path.string() << ": no <UnstructuredGrid>");
  const auto pieces = grid.children("Piece");
  const auto num_pieces = std::distance(pieces.begin(), pieces.end());
  COTAN_REQUIRE(num_pieces == 1, path.string() << ": " << num_pieces << " pieces; files of one piece can be read");
  const ArrayChecker checker(path, read_encoding(path, root), split.appended, split.base64);
  for (const auto& array : grid.child("FieldData").children()) {
    const std::uint64_t tuples = checker.count(array, "NumberOfTuples", 1);
    if (tuples >= kMost) checker.fail("FieldData has an array of " + std::to_string(tuples) + " tuples");
    checker.check(array, tuples);
  }
  check_piece(checker, grid.child("Piece"));
}

std::vector<PvdEntry> read_pvd(const fs::path& path) {
  const std::string text = read_file(path);
  COTAN_REQUIRE(!trimmed(text).empty(), path.string() << ": the file is empty");
  pugi::xml_document document;
  parse_xml(path, text, document);
  std::vector<PvdEntry> entries;
  std::ptrdiff_t counted = 0;  // bytes, of which the lines are known
  std::size_t line = 1;
  for (const auto& node : root_of(path, document, "Collection").child("Collection").children("DataSet")) {
    const std::ptrdiff_t place = std::clamp<std::ptrdiff_t>(node.offset_debug(), counted, std::ssize(text));
    line += std::size_t(std::count(text.begin() + counted, text.begin() + place, '\n'));
    counted = place;
    const std::string where = path.string() + ":" + std::to_string(line);
    const std::string_view time = trimmed(node.attribute("timestep").as_string("0"));
    const std::string file = node.attribute("file").value();
    COTAN_REQUIRE(!file.empty(), where << ": <DataSet> without a file");
    PvdEntry entry{0, node.attribute("part").as_int(0), file_inside(path.parent_path(), file, where)};
    const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), entry.time);
    COTAN_REQUIRE(error == std::errc{} && end == time.data() + time.size() && std::abs(entry.time) < 1e300,
                  where << ": timestep '" << time << "', expected a number");
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace cotan
