// Prints what an archive holds, for check_tfrecord.py: trajectory, name, bytes, CRC-32 of the float32 or int32 values.
#include <zlib.h>

#include <cstdio>

#include "io/archive.h"

namespace {

void print(std::size_t trajectory, const std::string& name, std::span<const std::byte> bytes) {
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  std::printf("%zu %s %zu %08lx\n", trajectory, name.c_str(), bytes.size(), crc);
}

template <class T, class Values>
void print_as(std::size_t trajectory, const std::string& name, const Values& values) {
  std::vector<T> out;
  for (const auto value : values) out.push_back(static_cast<T>(value));
  print(trajectory, name, std::as_bytes(std::span(out)));
}

/// Windows of seven frames, the last ones first.
std::vector<std::byte> all_frames(const cotan::Trajectory& trajectory, const std::string& field) {
  const std::size_t frames = trajectory.times().size();
  std::vector<std::byte> all;
  for (std::size_t end = frames; end > 0;) {
    const std::size_t begin = end < 7 ? 0 : end - 7;
    const auto window = trajectory.read(field, begin, end);
    all.insert(all.begin(), window.bytes.begin(), window.bytes.end());
    end = begin;
  }
  return all;
}

}  // namespace

int main(int, char** argv) {
  const auto archive = cotan::open_archive(argv[1]);
  for (std::size_t i = 0; i < archive->size(); ++i) {
    const auto trajectory = archive->open(i);
    const cotan::Mesh mesh = trajectory->mesh();
    print_as<std::int32_t>(i, "cells", mesh.cells().links);
    print_as<float>(i, "mesh_pos", mesh.points());
    print_as<std::int32_t>(i, "node_type", trajectory->roles());
    for (const auto& field : trajectory->fields()) {
      print(i, field.spec.name, all_frames(*trajectory, field.spec.name));
    }
  }
}
