#include "io/pvd.h"

#include <algorithm>
#include <map>

#include "core/check.h"
#include "core/files.h"
#include "io/mesh_io.h"
#include "io/series.h"
#include "io/vtk.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

// Whether files of that kind can be put together with others.
bool can_be_part(const fs::path& file) {
  const std::string extension = lower_extension(file);
  return extension == ".vtu" || extension == ".vtp" || extension == ".pvtu";
}

// Entries of one time that are different parts become one frame; parts may stand in any order.
std::vector<Series::Frame> frames_of(const fs::path& path, const std::vector<PvdEntry>& entries) {
  std::vector<Series::Frame> frames;
  std::map<double, std::map<int, fs::path>> parts;  // of a time
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const PvdEntry& entry = entries[k];
    COTAN_REQUIRE(lower_extension(entry.file) != ".pvd" && can_read_mesh(entry.file),
                  path.string() << ": entry " << k << " names " << entry.file.string()
                                << "; mesh files that cotan reads can stand there");
    auto& here = parts[entry.time];
    const bool is_new = here.empty() || here.count(entry.part) > 0;  // a time that stands twice is refused later
    here.emplace(entry.part, entry.file);
    if (is_new) frames.push_back({entry.time, entry.file});
  }
  for (Series::Frame& frame : frames) {
    const auto& here = parts.at(frame.time);
    if (here.size() < 2) continue;
    frame.file = here.begin()->second;
    for (const auto& [part, file] : here) {
      COTAN_REQUIRE(can_be_part(file), path.string() << ": part " << part << " of time " << frame.time << " is "
                                                     << file.string() << "; parts can be .vtu, .vtp and .pvtu files");
      if (part != here.begin()->first) frame.parts.push_back(file);
    }
  }
  return frames;
}

Series series_of(const fs::path& path) {
  const auto entries = read_pvd(path);
  COTAN_REQUIRE(!entries.empty(), path.string() << ": the collection lists no file");
  return {path.string(), frames_of(path, entries), [](const fs::path& file) { return read_snapshot(file); },
          [](std::span<const fs::path> files) { return read_vtk_parts(files); }};
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
