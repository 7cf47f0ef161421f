#pragma once
// Classic NetCDF files for tests, written by nothing of the library.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cotan::testing_io {

/// A variable: its name, its dimensions' numbers, its type (2 text, 4 int, 5 float, 6 double, 10 int64), its values a
/// row.
struct NcVariable {
  std::string name;
  std::vector<int> dimensions;
  int type;
  std::vector<double> values;
  std::string text = {};
  std::vector<std::pair<std::string, std::string>> attributes = {};
};

inline std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> 8 * i & 255);
  return out;
}

/// \param dimensions name and length, 0 for that of the records \param version 1, 2 or 5
inline std::string netcdf_bytes(const std::vector<std::pair<std::string, int>>& dimensions,
                                const std::vector<NcVariable>& variables, int records, int version) {
  const int count_bytes = version == 5 ? 8 : 4, place_bytes = version == 1 ? 4 : 8;
  const auto count = [&](std::uint64_t n) { return big_endian(n, count_bytes); };
  const auto padded = [](std::string text) { return text.append((4 - text.size() % 4) % 4, '\0'); };
  const auto name = [&](const std::string& text) { return count(text.size()) + padded(text); };
  const auto is_record = [&](const NcVariable& v) {
    return !v.dimensions.empty() && dimensions[v.dimensions[0]].second == 0;
  };
  const auto bytes_of = [&](const NcVariable& v) {
    if (v.type == 2) return v.text;
    std::string out;
    for (const double x : v.values) {
      if (v.type == 4) out += big_endian(static_cast<std::uint32_t>(static_cast<std::int32_t>(x)), 4);
      if (v.type == 5) out += big_endian(std::bit_cast<std::uint32_t>(static_cast<float>(x)), 4);
      if (v.type == 6) out += big_endian(std::bit_cast<std::uint64_t>(x), 8);
      if (v.type == 10) out += big_endian(static_cast<std::uint64_t>(static_cast<std::int64_t>(x)), 8);
    }
    return out;
  };
  // Twice: the header's length is known once it is written.
  std::string header;
  for (int pass = 0; pass < 2; ++pass) {
    std::uint64_t place = header.size();
    std::uint64_t record_place = place;
    for (const auto& v : variables) record_place += is_record(v) ? 0 : padded(bytes_of(v)).size();
    header = "CDF" + std::string(1, static_cast<char>(version)) + count(static_cast<std::uint64_t>(records));
    header += big_endian(10, 4) + count(dimensions.size());
    for (const auto& [text, length] : dimensions) header += name(text) + count(static_cast<std::uint64_t>(length));
    header += big_endian(0, 4) + count(0) + big_endian(11, 4) + count(variables.size());
    for (const auto& v : variables) {
      header += name(v.name) + count(v.dimensions.size());
      for (const int d : v.dimensions) header += count(static_cast<std::uint64_t>(d));
      header += big_endian(v.attributes.empty() ? 0 : 12, 4) + count(v.attributes.size());
      for (const auto& [key, text] : v.attributes) header += name(key) + big_endian(2, 4) + name(text);
      const std::string bytes = bytes_of(v);
      const std::uint64_t size = is_record(v)
                                     ? padded(bytes.substr(0, bytes.size() / std::size_t(std::max(records, 1)))).size()
                                     : padded(bytes).size();
      header += big_endian(static_cast<std::uint64_t>(v.type), 4) + count(size);
      header += big_endian(is_record(v) ? record_place : place, place_bytes);
      (is_record(v) ? record_place : place) += size;
    }
  }
  for (const auto& v : variables) {
    if (!is_record(v)) header += padded(bytes_of(v));
  }
  for (int r = 0; r < records; ++r) {
    for (const auto& v : variables) {
      if (!is_record(v)) continue;
      const std::string bytes = bytes_of(v);
      const std::size_t row = bytes.size() / std::size_t(records);
      header += padded(bytes.substr(std::size_t(r) * row, row));
    }
  }
  return header;
}

/// Two quads and a triangle in two blocks, with a node set, a side set, three times; `h` on nodes, `k` on the elements
/// of the first block, `g` on the whole.
inline std::string small_exodus(int version = 2) {
  // 4 - 5 - 6      nodes 1 to 7, numbered as in the file
  // |   |   | \ .
  // 1 - 2 - 3 - 7
  const std::vector<std::pair<std::string, int>> dimensions = {
      {"time_step", 0},      {"len_name", 8},    {"num_nodes", 7},  {"num_el_in_blk1", 2}, {"four", 4},
      {"num_el_in_blk2", 1}, {"three", 3},       {"num_el_blk", 2}, {"num_side_sets", 1},  {"num_side_ss1", 2},
      {"num_node_sets", 1},  {"num_nod_ns1", 2}, {"num_glo_var", 1}};
  const auto texts = [](std::initializer_list<std::string> words) {
    std::string out;
    for (std::string word : words) out += word.append(8 - word.size(), '\0');
    return out;
  };
  std::vector<double> h, k, times;
  for (int t = 0; t < 3; ++t) {
    times.push_back(0.5 * t);
    for (int i = 0; i < 7; ++i) h.push_back(10 * t + i);
    for (int i = 0; i < 2; ++i) k.push_back(100 * t + i);
  }
  return netcdf_bytes(dimensions,
                      {{"coordx", {2}, 6, {0, 1, 2, 0, 1, 2, 3}},
                       {"coordy", {2}, 6, {0, 0, 0, 1, 1, 1, 0}},
                       {"connect1", {3, 4}, 4, {1, 2, 5, 4, 2, 3, 6, 5}, "", {{"elem_type", "QUAD4"}}},
                       {"connect2", {5, 6}, 4, {3, 7, 6}, "", {{"elem_type", "TRI3"}}},
                       {"eb_prop1", {7}, 4, {10, 20}},
                       {"eb_names", {7, 1}, 2, {}, texts({"plate", ""})},
                       {"ss_prop1", {8}, 4, {3}},
                       {"ss_names", {8, 1}, 2, {}, texts({"floor"})},
                       {"elem_ss1", {9}, 4, {2, 3}},
                       {"side_ss1", {9}, 4, {1, 1}},
                       {"ns_prop1", {10}, 4, {4}},
                       {"node_ns1", {11}, 4, {7, 1}},
                       {"time_whole", {0}, 6, times},
                       {"name_nod_var", {10, 1}, 2, {}, texts({"h"})},
                       {"vals_nod_var1", {0, 2}, 6, h},
                       {"name_elem_var", {10, 1}, 2, {}, texts({"h"})},
                       {"vals_elem_var1eb1", {0, 3}, 5, k},
                       {"name_glo_var", {12, 1}, 2, {}, texts({"g"})},
                       {"vals_glo_var", {0, 12}, 6, {7, 8, 9}}},
                      3, version);
}

}  // namespace cotan::testing_io
