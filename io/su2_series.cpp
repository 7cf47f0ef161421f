#include "io/su2_series.h"

#include <algorithm>

#include "core/check.h"
#include "core/files.h"
#include "io/mesh_content.h"
#include "io/mesh_io.h"
#include "io/numbered.h"
#include "io/series.h"
#include "io/su2.h"
#include "io/su2_solution.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

fs::path folder_of(const fs::path& path) {
  if (fs::is_directory(path)) return path;
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::vector<fs::path> files_with(const fs::path& path, std::string_view extension) {
  std::vector<fs::path> files = matching_files(path);
  std::erase_if(files, [&](const fs::path& file) { return lower_extension(file) != extension; });
  return files;
}

Series series_of(const fs::path& path) {
  const auto meshes = files_with(folder_of(path), ".su2");
  COTAN_REQUIRE(meshes.size() == 1, path.string()
                                        << ": " << meshes.size() << " .su2 files in the folder, expected one");
  const NumberedFiles numbered = by_number(files_with(path, ".csv"), path.string());
  Source source(meshes.front());
  const auto content = std::make_shared<const MeshData>(parse_su2(source).mesh);
  Series series{path.string(), {}, [content](const fs::path& file) {
                  Source solution(file);
                  std::vector<HostField> fields = read_su2_solution(solution, *content);
                  Mesh mesh = mend_and_build(*content, &fields, nullptr);
                  return Snapshot{std::move(mesh), std::move(fields), 0};
                }};
  for (std::size_t k = 0; k < numbered.files.size(); ++k)
    series.frames.push_back({numbered.numbers[k], numbered.files[k]});
  return series;
}

}  // namespace

bool is_su2_series(const fs::path& path) {
  try {
    std::error_code error;
    if (!fs::is_directory(path, error) && !is_pattern(path)) return false;
    return !files_with(path, ".csv").empty() && !files_with(folder_of(path), ".su2").empty();
  } catch (const InputError&) {
    return false;
  }
}

std::unique_ptr<Archive> open_su2_series(const fs::path& path) {
  return single_trajectory([path] {
    std::vector<Series> series;
    series.push_back(series_of(path));
    return open_series(std::move(series));
  });
}

}  // namespace cotan
