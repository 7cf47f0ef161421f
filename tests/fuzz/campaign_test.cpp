// Cuts and mutations of good files against every reader: only InputError may come out, within bounds of memory and
// time. A reader joins by a row in readers().
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <functional>

#include "core/check.h"
#include "core/files.h"
#include "core/random.h"
#include "io/abaqus.h"
#include "io/archive.h"
#include "io/crc32c.h"
#include "io/legacy_vtk.h"
#include "io/mesh_io.h"
#include "io/msh.h"
#include "io/safetensors.h"
#include "io/su2.h"
#include "io/surface.h"
#include "io/tfrecord.h"
#include "io/vtk.h"
#include "io/xdmf.h"
#include "mesh/generate.h"
#include "tests/io/netcdf_bytes.h"
#include "tests/io/npz_bytes.h"

namespace cotan {
namespace {

/// A reader and a good file for it. `read` says in short what was read, which a cut file must not change.
struct Reader {
  std::string name, seed;
  std::function<std::string(const std::string& bytes)> read;
  int mutations = 3000;
  bool open_ended = false;  ///< the format does not say where it ends: a file cut between its parts is a good one
};

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / (std::to_string(getpid()) + name);
}

/// The bytes that `write` puts into a file.
template <class Write>
std::string written(const std::string& name, Write write) {
  const auto path = scratch(name);
  write(path);
  const std::string bytes = read_file(path);
  std::filesystem::remove(path);
  return bytes;
}

Snapshot seed_snapshot() {
  MeshData data = mixed_rectangle(4, 2).data();
  data.cell_sets = {{"all of it", {0, 1, 2, 3}}, {"part", {1}}};
  data.point_sets = {{"probe", {2}}};
  Mesh mesh(std::move(data));
  HostField u{{"u", 2, On::points, ""}, std::vector<double>(std::size_t(2 * mesh.num_points()), 0.5)};
  HostField k{{"k", 1, On::cells, ""}, std::vector<double>(std::size_t(mesh.num_cells()), 2)};
  return {std::move(mesh), {u, k}, 1};
}

std::string read_msh_bytes(const std::string& bytes) {
  MeshContent content = parse_msh(std::as_bytes(std::span(bytes)), "seed.msh");
  const Mesh mesh = mend_and_build(std::move(content.mesh), &content.fields, nullptr);
  return std::to_string(mesh.num_points()) + " points, " + std::to_string(mesh.num_cells()) + " cells";
}

std::string read_safetensors_bytes(const std::string& bytes) {
  std::string digest;
  const TensorFile file = parse_safetensors(std::as_bytes(std::span(bytes)), "seed.safetensors");
  for (const auto& [name, tensor] : file.tensors) digest += name + " " + std::to_string(tensor.bytes.size()) + ", ";
  return digest;
}

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

/// A parser and what `write` makes of the seed, or a text.
template <Parser parse>
Reader parser_reader(const std::string& name, const std::string& seed, bool open_ended = false) {
  return {name, seed, read_parsed<parse>, 3000, open_ended};
}

std::string corpus_file(const std::string& name) {
  return read_file(std::string(COTAN_SOURCE_DIR) + "/tests/fuzz/corpus/" + name);
}

Reader msh_reader(const std::string& name, MshVersion version, bool binary) {
  return {name, written(name, [&](const auto& path) { write_msh(path, seed_snapshot(), version, binary); }),
          read_msh_bytes};
}

Reader safetensors_reader() {
  TensorFile file;
  file.tensors["a"] = {DType::f32, {2, 3}, std::vector<std::byte>(24)};
  file.tensors["b"] = {DType::i64, {}, std::vector<std::byte>(8)};
  file.metadata["config"] = "dt: 0.1";
  return {"safetensors", written("safetensors", [&](const auto& path) { write_safetensors(path, file); }),
          read_safetensors_bytes};
}

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

[[maybe_unused]] Reader vtu_reader() {
  return file_reader(
      "seed.vtu", [](const auto& path) { write_vtu(path, seed_snapshot()); },
      [](const auto& path) {
        const Snapshot found = read_vtu(path);
        return std::to_string(found.mesh.num_points()) + " points, " + std::to_string(found.fields.size()) + " fields";
      },
      1500);
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
  const std::string data = std::string(COTAN_SOURCE_DIR) + "/tests/data/tfrecord/";
  const std::string meta = read_file(data + "meta.json");
  return {name, seed, [=](const std::string& bytes) {
            const auto folder = scratch(name);
            std::filesystem::create_directories(folder);
            std::ofstream(folder / "meta.json", std::ios::binary) << (is_meta ? bytes : meta);
            std::ofstream(folder / "train.tfrecord", std::ios::binary) << file_of(bytes);
            std::string digest;
            const auto archive = open_archive(folder);
            for (std::size_t i = 0; i < archive->size(); ++i) {
              const auto trajectory = archive->open(i);
              digest += std::to_string(trajectory->mesh().num_points()) + " points, ";
              for (const auto& field : trajectory->fields()) {
                digest +=
                    std::to_string(trajectory->read(field.spec.name, 0, trajectory->times().size()).bytes.size()) +
                    ", ";
              }
            }
            return digest;
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
  const std::string data = std::string(COTAN_SOURCE_DIR) + "/tests/data/tfrecord/";
  const std::string file = read_file(data + "valid.tfrecord");
  const std::string payload = file.substr(12, file.size() - 16);
  return {tfrecord_reader("tfrecord", file, false, [](const auto& bytes) { return bytes; }),
          tfrecord_reader("tfrecord_payload", payload, false, framed),
          tfrecord_reader("tfrecord_meta", read_file(data + "meta.json"), true, [=](const auto&) { return file; })};
}

Reader exodus_reader(int version) {
  return file_reader(
      "seed" + std::to_string(version) + ".e",
      [=](const auto& path) { write_file(path, testing_io::small_exodus(version)); }, archive_digest, 3000);
}

std::vector<Reader> readers() {
  std::vector<Reader> rows = {msh_reader("msh22_text", MshVersion::v22, false),
                              msh_reader("msh22_binary", MshVersion::v22, true),
                              msh_reader("msh41_text", MshVersion::v41, false),
                              msh_reader("msh41_binary", MshVersion::v41, true), safetensors_reader()};
  rows.push_back(
      parser_reader<parse_su2>("su2", written("seed.su2", [](const auto& path) { write_su2(path, seed_snapshot()); })));
  for (const char* deck : {"abaqus/solid.inp", "abaqus/assembly.inp"}) {
    rows.push_back(parser_reader<parse_abaqus>(deck, corpus_file(deck), true));
  }
  for (const char* file : {"legacy_vtk/text.vtk", "legacy_vtk/binary51.vtk"}) {
    rows.push_back(parser_reader<parse_legacy_vtk>(file, corpus_file(file), true));
  }
  rows.push_back(parser_reader<parse_stl>("stl_text", corpus_file("stl/text.stl")));
  rows.push_back(parser_reader<parse_stl>("stl_binary", corpus_file("stl/binary.stl")));
  rows.back().mutations = 500;  // most of its bytes are numbers, and a changed one makes another good file
  rows.push_back(parser_reader<parse_off>("off", corpus_file("off/plane.off"), true));  // colours may end a row
  rows.push_back(parser_reader<parse_ply>("ply_text", corpus_file("ply/text.ply")));
  rows.push_back(parser_reader<parse_ply>("ply_binary", corpus_file("ply/big.ply")));
  rows.push_back(parser_reader<parse_obj>("obj", corpus_file("obj/plane.obj"), true));
  for (Reader& reader : tfrecord_readers()) rows.push_back(std::move(reader));
  for (const int version : {1, 2, 5}) rows.push_back(exodus_reader(version));
#ifdef COTAN_VTK
  rows.push_back(vtu_reader());
  rows.push_back(pvd_reader());
#endif
#ifdef COTAN_HDF5
  rows.push_back(vtkhdf_reader());
  rows.push_back(xdmf_reader("xdmf"));
  rows.push_back(xdmf_reader("h5"));
  for (const bool pack : {false, true}) rows.push_back(npz_reader(pack));
#endif
  return rows;
}

/// One seeded change: a bit, a byte, a word of an extreme value, a range doubled or left out, a number of the text.
std::string mutated(std::string bytes, std::uint64_t key) {
  const Random random(11, purpose::test, key);
  static constexpr std::array<std::uint64_t, 8> kWords = {0,          1,          0x7fffffff, 0x80000000,
                                                          0xffffffff, 1ull << 40, 1ull << 62, ~0ull};
  static constexpr std::array<const char*, 8> kNumbers = {
      "0", "-1", "2147483647", "4294967296", "1e400", "nan", "18446744073709551615", "99999999999999999999999"};
  const int changes = 1 + int(random.below(3, 0));
  for (int k = 0; k < changes && !bytes.empty(); ++k) {
    const auto draw = [&](std::uint64_t n, int which) {
      return std::size_t(random.below(n, std::uint64_t(10 * k + which) + 1));
    };
    const std::size_t at = draw(bytes.size(), 1);
    const std::size_t length = std::min(bytes.size() - at, 1 + draw(64, 2));
    const std::uint64_t word = kWords[draw(kWords.size(), 3)];
    switch (draw(7, 4)) {
      case 0:
        bytes[at] = char(bytes[at] ^ (1 << draw(8, 5)));
        break;
      case 1:
        bytes[at] = char(draw(256, 5));
        break;
      case 2:
        std::memcpy(&bytes[at], &word, std::min<std::size_t>(bytes.size() - at, draw(2, 5) ? 8 : 4));
        break;
      case 3:
        bytes.erase(at, length);
        break;
      case 4:
        bytes.insert(at, bytes.substr(at, length));
        break;
      case 5:
        bytes.insert(at, bytes.substr(draw(bytes.size(), 5), length));
        break;
      default: {
        const auto digit = bytes.find_first_of("0123456789", at);
        if (digit == std::string::npos) break;
        bytes.replace(digit, bytes.find_first_not_of("0123456789.", digit) - digit, kNumbers[draw(kNumbers.size(), 5)]);
      }
    }
  }
  return bytes;
}

/// Input number `k`: the first ones are cuts, spread over the file, then come the mutations.
struct Inputs {
  const Reader& reader;
  std::size_t cuts() const { return std::min<std::size_t>(reader.seed.size(), 1500); }
  std::size_t size() const { return cuts() + std::size_t(reader.mutations); }
  std::string operator()(std::size_t k) const {
    if (k < cuts()) return reader.seed.substr(0, k * reader.seed.size() / cuts());
    return mutated(reader.seed, k);
  }
};

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kBoundMemory = false;  // the sanitizer's own address space is beyond any bound
#else
constexpr bool kBoundMemory = true;
#endif

/// No more than half a gigabyte beyond what the process has now.
void bound_memory() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = rlim_t(pages) * rlim_t(sysconf(_SC_PAGESIZE)) + (rlim_t{1} << 29);
  const rlimit bound{bytes, bytes};
  setrlimit(RLIMIT_AS, &bound);
}

// What the child says to the test, in memory that both have.
struct Report {
  std::size_t at, refused;
  char what[400];
};

void run_inputs(const Reader& reader, Report& report) {
  const Inputs inputs{reader};
  const std::string whole = reader.read(reader.seed);
  for (report.at = 0; report.at < inputs.size(); ++report.at) {
    alarm(10);  // its signal ends the child
    try {
      const std::string found = reader.read(inputs(report.at));
      const bool must_be_whole = report.at < inputs.cuts() && !reader.open_ended;
      if (must_be_whole && found != whole) throw Error("a cut file was read as '" + found + "'");
    } catch (const InputError&) {
      ++report.refused;
    }
  }
}

[[noreturn]] void campaign(const Reader& reader, Report& report) {
  if (kBoundMemory) bound_memory();
  try {
    run_inputs(reader, report);
  } catch (const std::exception& error) {
    std::strncpy(report.what, error.what(), sizeof report.what - 1);
    _exit(1);
  }
  _exit(0);
}

TEST(Fuzz, CutAndMutatedFilesAreReadOrRefused) {
  void* shared = mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  for (const Reader& reader : readers()) {
    Report& report = *new (shared) Report{};
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) campaign(reader, report);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    const Inputs inputs{reader};
    EXPECT_GT(report.refused, inputs.size() / 2) << reader.name << ": the changes do not reach the reader";
    if (status == 0) continue;
    const auto path = scratch("_" + reader.name + "_failed");
    write_file(path, inputs(report.at));
    ADD_FAILURE() << reader.name << ", input " << report.at << " of " << inputs.size() << ", kept as " << path << ": "
                  << (WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : report.what);
  }
  munmap(shared, sizeof(Report));
}

// What libFuzzer found once, and the good files it started from.
TEST(Fuzz, TheCorpusIsReadOrRefused) {
  const std::map<std::string, std::function<std::string(const std::string&)>> parsers = {
      {"msh", read_msh_bytes},
      {"safetensors", read_safetensors_bytes},
      {"su2", read_parsed<parse_su2>},
      {"abaqus", read_parsed<parse_abaqus>},
      {"legacy_vtk", read_parsed<parse_legacy_vtk>},
      {"stl", read_parsed<parse_stl>},
      {"off", read_parsed<parse_off>},
      {"ply", read_parsed<parse_ply>},
      {"obj", read_parsed<parse_obj>}};
  const auto corpus = std::filesystem::path(COTAN_SOURCE_DIR) / "tests/fuzz/corpus";
  for (const auto& [name, read] : parsers) {
    int read_whole = 0;
    for (const auto& entry : std::filesystem::directory_iterator(corpus / name)) {
      try {
        read(read_file(entry.path()));
        ++read_whole;
      } catch (const InputError&) {
      } catch (const std::exception& error) {
        ADD_FAILURE() << entry.path() << ": " << error.what();
      }
    }
    EXPECT_GT(read_whole, 0) << name;
  }
}

}  // namespace
}  // namespace cotan
