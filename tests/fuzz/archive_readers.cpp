#include <fstream>

#include "build_config.h"
#include "core/check.h"
#include "io/archive.h"
#include "io/crc32c.h"
#include "io/exodus_layout.h"
#include "io/netcdf.h"
#include "io/npz.h"
#include "io/su2_solution.h"
#include "io/tfrecord.h"
#include "io/vtk.h"
#include "io/xdmf.h"
#include "source_dir.h"
#include "tests/fuzz/readers.h"
#include "tests/io/netcdf_bytes.h"
#include "tests/io/npz_bytes.h"

namespace cotan::testing_fuzz {
namespace {

/// Every mesh and field of an archive, in short.
std::string archive_digest(const std::filesystem::path& path) {
  std::string digest;
  const auto archive = open_archive(path);
  for (std::size_t i = 0; i < archive->size(); ++i) {
    const auto trajectory = archive->open(i);
    digest += std::to_string(trajectory->mesh().num_points()) + " points, ";
    for (const auto& field : trajectory->fields()) {
      const HostTensor values = trajectory->read(field.spec.name, 0, trajectory->times().size());
      digest += std::to_string(values.bytes.size()) + ", ";
    }
  }
  return digest;
}

[[maybe_unused]] Reader pvd_reader() {
  return file_reader(
      "seed.pvd",
      [](const auto& path) {
        write_file(path,
                   "<VTKFile type=\"Collection\">\n<Collection>\n<DataSet timestep=\"0.5\" part=\"0\" "
                   "file=\"a.vtu\"/>\n<DataSet timestep=\"1\" file=\"b.vtu\"/>\n</Collection>\n</VTKFile>");
      },
      [](const auto& path) { return std::to_string(read_pvd(path).size()) + " entries"; }, 3000);
}

[[maybe_unused]] Reader vtkhdf_reader() {
  return file_reader(
      "seed.vtkhdf",
      [](const auto& path) {
        const Snapshot seed = seed_snapshot();
        const auto writer = write_trajectory(path, seed.mesh, {seed.fields[0].spec, seed.fields[1].spec}, {});
        for (int k = 0; k < 3; ++k) writer->append(k, seed.fields);
        writer->finish();
      },
      [](const auto& path) {
        const auto trajectory = open_archive(path)->open(0);
        const HostTensor u = trajectory->read("u", 0, trajectory->times().size());
        return std::to_string(trajectory->mesh().num_points()) + " points, " + std::to_string(u.bytes.size());
      },
      800);
}

/// A series as XDMF, of whose two files one is changed.
[[maybe_unused]] Reader xdmf_reader(const std::string& extension) {
  const auto folder = scratch("xdmf_" + extension);
  std::filesystem::create_directories(folder);
  const auto write = [folder] {
    const Snapshot seed = seed_snapshot();
    const auto writer = write_xdmf_series(folder / "seed.xdmf", seed.mesh, {seed.fields[0].spec, seed.fields[1].spec});
    for (int k = 0; k < 3; ++k) writer->append(k, seed.fields);
    writer->finish();
  };
  write();
  const std::string seed = read_file(folder / ("seed." + extension));
  return {"xdmf_" + extension, seed,
          [=](const std::string& bytes) {
            if (!std::filesystem::exists(folder)) {
              std::filesystem::create_directories(folder);
              write();
            }
            std::ofstream(folder / ("seed." + extension), std::ios::binary) << bytes;
            if (!is_archive(folder / "seed.xdmf"))
              return std::to_string(read_snapshot(folder / "seed.xdmf").mesh.num_points()) + " points";
            return archive_digest(folder / "seed.xdmf");
          },
          800};
}

[[maybe_unused]] Reader npz_reader(bool pack) {
  const std::string name = pack ? "npz_deflated" : "npz";
  return {name, testing_io::small_npz(pack), [=](const std::string& bytes) {
            const auto folder = scratch(name);
            std::filesystem::create_directories(folder);
            std::ofstream(folder / "small.npz", std::ios::binary) << bytes;
            std::ofstream(folder / "small.yaml", std::ios::binary) << testing_io::kSmallMapping;
            return archive_digest(folder / "small.yaml");
          }};
}

/// A small archive in the layout of MeshGraphNets, of which one part is what is changed.
Reader tfrecord_reader(const std::string& name, const std::string& seed, bool is_meta,
                       const std::function<std::string(const std::string&)>& file_of) {
  const auto data = std::filesystem::path(COTAN_SOURCE_DIR) / "tests/data/tfrecord";
  const std::string meta = read_file(data / "meta.json");
  return {name, seed, [=](const std::string& bytes) {
            const auto folder = scratch(name);
            std::filesystem::create_directories(folder);
            std::ofstream(folder / "meta.json", std::ios::binary) << (is_meta ? bytes : meta);
            std::ofstream(folder / "train.tfrecord", std::ios::binary) << file_of(bytes);
            return archive_digest(folder);
          }};
}

/// A record around bytes, with checksums that hold.
std::string framed(const std::string& payload) {
  const std::uint64_t length = payload.size();
  std::string out(reinterpret_cast<const char*>(&length), sizeof length);
  const auto add_checksum = [&out](const std::string& of) {
    const std::uint32_t crc = masked_crc(crc32c(std::as_bytes(std::span(of))));
    out.append(reinterpret_cast<const char*>(&crc), sizeof crc);
  };
  add_checksum(out);
  out += payload;
  add_checksum(payload);
  return out;
}

std::vector<Reader> tfrecord_readers() {
  const auto data = std::filesystem::path(COTAN_SOURCE_DIR) / "tests/data/tfrecord";
  const std::string file = read_file(data / "valid.tfrecord");
  const std::string payload = file.substr(12, file.size() - 16);
  return {tfrecord_reader("tfrecord", file, false, [](const auto& bytes) { return bytes; }),
          tfrecord_reader("tfrecord_payload", payload, false, framed),
          tfrecord_reader("tfrecord_meta", read_file(data / "meta.json"), true, [=](const auto&) { return file; })};
}

Reader exodus_reader(int version) {
  return file_reader(
      "seed" + std::to_string(version) + ".e",
      [=](const auto& path) { write_file(path, testing_io::small_exodus(version)); }, archive_digest, 3000);
}

}  // namespace

std::string read_exodus_bytes(const std::string& bytes) {
  const auto layout =
      read_exodus_layout(open_netcdf_classic(ByteSource::memory(std::as_bytes(std::span(bytes)), "seed.e")));
  return std::to_string(read_exodus_mesh(layout).points.size()) + " points, " + std::to_string(layout.fields.size());
}

std::string read_npz_bytes(const std::string& bytes) {
  std::string digest;
  const auto file = open_npz(ByteSource::memory(std::as_bytes(std::span(bytes)), "seed.npz"));
  for (const auto& entry : file->variables())
    digest += entry.first + " " + std::to_string(file->read_doubles(entry.first).size()) + ", ";
  return digest;
}

std::string read_su2_solution_bytes(const std::string& bytes) {
  MeshData mesh;
  mesh.dim = 2;
  mesh.points = {0, 0, 1, 0, 1, 1, 0, 1};
  Source source(std::as_bytes(std::span(bytes)), "seed.csv");
  return std::to_string(read_su2_solution(source, mesh).size()) + " fields";
}

std::vector<Reader> archive_readers() {
  std::vector<Reader> rows = tfrecord_readers();
  for (const int version : {1, 2, 5}) rows.push_back(exodus_reader(version));
#if COTAN_HAS_VTK
  rows.push_back(pvd_reader());
#endif
#if COTAN_HAS_HDF5
  rows.push_back(vtkhdf_reader());
  rows.push_back(xdmf_reader("xdmf"));
  rows.push_back(xdmf_reader("h5"));
  for (const bool pack : {false, true}) rows.push_back(npz_reader(pack));
#endif
  return rows;
}

}  // namespace cotan::testing_fuzz
