// Cuts and mutations of good files against every reader: only InputError may come out, within bounds of memory and
// time. A reader joins by a row in mesh_readers() or archive_readers().
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <map>

#include "build_config.h"
#include "core/check.h"
#include "core/random.h"
#include "io/abaqus.h"
#include "io/legacy_vtk.h"
#include "io/su2.h"
#include "io/surface.h"
#include "source_dir.h"
#include "tests/fuzz/foam_bundle.h"
#include "tests/fuzz/readers.h"

namespace cotan {
namespace {

using namespace testing_fuzz;

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
  std::vector<Reader> readers = mesh_readers();
  for (Reader& reader : archive_readers()) readers.push_back(std::move(reader));
  for (const Reader& reader : readers) {
    Report& report = *new (shared) Report{};
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) campaign(reader, report);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    const Inputs inputs{reader};
    EXPECT_GT(double(report.refused), reader.least_refused * double(inputs.size()))
        << reader.name << ": the changes do not reach the reader";
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
  std::map<std::string, std::function<std::string(const std::string&)>> parsers = {
      {"exodus", read_exodus_bytes},
      {"su2_solution", read_su2_solution_bytes},
      {"msh", read_msh_bytes},
      {"safetensors", read_safetensors_bytes},
      {"su2", read_parsed<parse_su2>},
      {"abaqus", read_parsed<parse_abaqus>},
      {"legacy_vtk", read_parsed<parse_legacy_vtk>},
      {"stl", read_parsed<parse_stl>},
      {"off", read_parsed<parse_off>},
      {"ply", read_parsed<parse_ply>},
      {"obj", read_parsed<parse_obj>},
      {"foam", read_parsed<parse_foam_bundle>}};
#if COTAN_HAS_HDF5
  parsers["npz"] = read_npz_bytes;
#endif
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
