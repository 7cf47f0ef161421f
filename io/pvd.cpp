#include "io/pvd.h"

#include <algorithm>

#include "core/check.h"
#include "core/files.h"
#include "io/mesh_io.h"
#include "io/series.h"
#include "io/vtk.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

Series series_of(const fs::path& path) {
  Series series{path.string(), {}, [](const fs::path& file) { return read_snapshot(file); }};
  const auto entries = read_pvd(path);
  COTAN_REQUIRE(!entries.empty(), path.string() << ": the collection lists no file");
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const PvdEntry& entry = entries[k];
    COTAN_REQUIRE(entry.part == 0, path.string() << ": entry " << k << " is part " << entry.part
                                                 << "; collections of one part can be read");
    const std::string extension = lower_extension(entry.file);
    COTAN_REQUIRE(extension != ".pvd" && can_read_mesh(entry.file),
                  path.string() << ": entry " << k << " names " << entry.file.string()
                                << "; mesh files that cotan reads can stand there");
    series.frames.push_back({entry.time, entry.file});
  }
  return series;
}

}  // namespace

std::unique_ptr<Archive> open_pvd_archive(const fs::path& path, std::span<const fs::path> beside) {
  std::vector<fs::path> paths = {path};
  for (const auto& other : beside) {
    require_readable(other);
    paths.push_back(other);
  }
  return single_trajectory([paths] {
    std::vector<Series> all;
    for (const auto& each : paths) all.push_back(series_of(each));
    return open_series(std::move(all));
  });
}

}  // namespace cotan
