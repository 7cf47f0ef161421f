#pragma once
// The readers that the campaign changes files for, and what their tables share.
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/files.h"
#include "io/mesh_content.h"
#include "io/mesh_io.h"
#include "io/source.h"

namespace cotan::testing_fuzz {

/// A reader and a good file for it. `read` says in short what was read, which a cut file must not change.
struct Reader {
  std::string name, seed;
  std::function<std::string(const std::string& bytes)> read;
  int mutations = 3000;
  double least_refused = 0.5;  ///< share of the inputs: fewer, and the changes do not reach the reader
  bool open_ended = false;     ///< the format does not say where it ends: a file cut between its parts is a good one
};

/// A path in the tests' folder, of this process.
std::filesystem::path scratch(const std::string& name);

/// The bytes that `write` puts into a file.
template <class Write>
std::string written(const std::string& name, Write write) {
  const auto path = scratch(name);
  write(path);
  const std::string bytes = read_file(path);
  std::filesystem::remove(path);
  return bytes;
}

/// A small mesh with sets and fields.
Snapshot seed_snapshot();

std::string read_msh_bytes(const std::string& bytes);
std::string read_safetensors_bytes(const std::string& bytes);
std::string read_exodus_bytes(const std::string& bytes);
std::string read_npz_bytes(const std::string& bytes);
/// A solution of SU2 on the unit square of four points.
std::string read_su2_solution_bytes(const std::string& bytes);

/// One of our own parsers of mesh files.
using Parser = MeshContent (*)(Source&);

template <Parser parse>
std::string read_parsed(const std::string& bytes) {
  Source source(std::as_bytes(std::span(bytes)), "seed");
  MeshContent content = parse(source);
  const Mesh mesh = mend_and_build(std::move(content.mesh), &content.fields, nullptr);
  return std::to_string(mesh.num_points()) + " points, " + std::to_string(mesh.num_cells()) + " cells, " +
         std::to_string(content.fields.size()) + " fields";
}

/// Readers of meshes and tensors from memory, and of VTU files.
std::vector<Reader> mesh_readers();
/// Readers of archives, of which one file is changed.
std::vector<Reader> archive_readers();

/// A reader of files, by `read(path)`.
template <class Write, class Read>
Reader file_reader(const std::string& name, Write write, Read read, int mutations) {
  const auto read_bytes = [name, read](const std::string& bytes) {
    const auto path = scratch(name);
    std::ofstream(path, std::ios::binary) << bytes;  // not write_file: no need to flush to the disk
    return read(path);
  };
  return {name, written(name, write), read_bytes, mutations};
}

}  // namespace cotan::testing_fuzz
