#pragma once
// .npz files for tests, written by nothing of the library. Their checksums are 0: the reader goes by sizes and shapes.
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace cotan::testing_io {

inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? value >> 8 * i & 255 : 0);
  return out;
}

/// An array as NumPy writes it. \param type "<f8", "<i4", … \param shape "(3, 4)"
template <class T>
std::string npy_bytes(const std::string& type, const std::string& shape, const std::vector<T>& values,
                      const std::string& fortran = "False") {
  std::string head = "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  head.append((64 - (10 + head.size() + 1) % 64) % 64, ' ');
  head += '\n';
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return "\x93NUMPY" + std::string("\x01\x00", 2) + little_endian(head.size(), 2) + head + bytes;
}

/// Stored blocks in deflate's frame: what a packer makes of what it cannot pack.
inline std::string deflated(const std::string& bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 1000) {
    const std::string part = bytes.substr(at, 1000);
    out += static_cast<char>(at + 1000 >= bytes.size());
    out += little_endian(part.size(), 2) + little_endian(~part.size(), 2) + part;
  }
  return out;
}

/// A zip of arrays by name.
inline std::string npz_bytes(const std::vector<std::pair<std::string, std::string>>& arrays, bool pack) {
  std::string out, directory;
  for (const auto& [array, bytes] : arrays) {
    const std::string name = array + ".npy", data = pack ? deflated(bytes) : bytes;
    const std::string common = little_endian(20, 2) + little_endian(0, 2) + little_endian(pack ? 8 : 0, 2) +
                               little_endian(0, 4) + little_endian(0, 4) + little_endian(data.size(), 4) +
                               little_endian(bytes.size(), 4) + little_endian(name.size(), 2);
    directory += std::string("PK\x01\x02") + little_endian(20, 2) + common + little_endian(0, 2 + 2 + 2 + 2 + 4) +
                 little_endian(out.size(), 4) + name;
    out += std::string("PK\x03\x04") + common + little_endian(0, 2) + name + data;
  }
  const std::string count = little_endian(arrays.size(), 2);
  return out + directory + std::string("PK\x05\x06") + little_endian(0, 4) + count + count +
         little_endian(directory.size(), 4) + little_endian(out.size(), 4) + little_endian(0, 2);
}

/// Two triangles at three times: `u` (3, 4, 2) on points, `k` (3, 2) on cells, `g` (3), `depth` (4), `wall` (2).
inline std::string small_npz(bool pack) {
  std::vector<float> u;
  for (int i = 0; i < 24; ++i) u.push_back(static_cast<float>(i));
  return npz_bytes({{"points", npy_bytes<double>("<f8", "(4, 2)", {0, 0, 1, 0, 1, 1, 0, 1})},
                    {"tri", npy_bytes<std::uint32_t>("<u4", "(2, 3)", {0, 1, 2, 0, 2, 3})},
                    {"t", npy_bytes<double>("<f8", "(3,)", {0, 0.5, 1})},
                    {"u", npy_bytes<float>("<f4", "(3, 4, 2)", u)},
                    {"k", npy_bytes<std::int64_t>("<i8", "(3, 2)", {1, 2, 3, 4, 5, 6})},
                    {"g", npy_bytes<double>("<f8", "(3,)", {7, 8, 9})},
                    {"depth", npy_bytes<double>("<f8", "(4,)", {4, 3, 2, 1})},
                    {"wall", npy_bytes<std::uint8_t>("|b1", "(4,)", {1, 0, 0, 1})},
                    {"odd", npy_bytes<double>("<f8", "(5,)", {1, 2, 3, 4, 5})}},
                   pack);
}

inline const std::string kSmallMapping =
    "arrays: small.npz\npoints: points\ncells: tri\ntimes: t\npoint_sets: {wall: wall}\nfields:\n  velocity: {from: u, "
    "unit: m/s}\n  k: {}\n  g: {on: global}\n  depth: {}\n";

}  // namespace cotan::testing_io
