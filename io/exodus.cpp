#include "io/exodus.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "core/files.h"
#include "io/exodus_layout.h"
#include "io/field_number.h"
#include "io/netcdf.h"
#include "io/numbered.h"
#include "io/with_name.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 5> kExtensions = {".e", ".exo", ".ex2", ".exodus", ".g"};

bool has_extension(const fs::path& path) {
  return std::count(kExtensions.begin(), kExtensions.end(), lower_extension(path)) > 0;
}

class ExodusTrajectory : public Trajectory {
 public:
  explicit ExodusTrajectory(const fs::path& path)
      : layout_(read_exodus_layout(open_netcdf(path))), rows_(read_exodus_mesh(layout_)) {
    COTAN_REQUIRE(!layout_.times.empty(), name() << ": a mesh without time steps");
    for (const auto& field : layout_.fields) fields_.push_back(field.about);
  }
  const std::string& name() const override { return layout_.file->name(); }
  const std::vector<double>& times() const override { return layout_.times; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  Mesh mesh(std::size_t) const override {
    return with_name(name(), [&] { return Mesh(rows_.data); });
  }
  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override {
    const auto& one = layout_.fields[field_number(*this, field, k0, k1)];
    return in_mesh_rows(read_exodus_frames(layout_, one, k0, k1), rows_, one.about.spec.on);
  }

 private:
  ExodusLayout layout_;
  MeshRows rows_;
  std::vector<ArchiveField> fields_;
};

class ExodusArchive : public Archive {
 public:
  explicit ExodusArchive(std::vector<fs::path> files) : files_(std::move(files)) {}
  std::size_t size() const override { return files_.size(); }
  std::unique_ptr<Trajectory> open(std::size_t index) const override {
    return std::make_unique<ExodusTrajectory>(files_.at(index));
  }

 private:
  std::vector<fs::path> files_;
};

std::vector<fs::path> exodus_files(const fs::path& path) {
  if (!fs::is_directory(path) && !is_pattern(path)) return {path};
  std::vector<fs::path> files = matching_files(path);
  std::erase_if(files, [](const fs::path& file) { return !has_extension(file); });
  return files;
}

}  // namespace

Snapshot read_exodus(const fs::path& path, std::vector<std::string>* notes) {
  const ExodusLayout layout = read_exodus_layout(open_netcdf(path));
  MeshRows rows = read_exodus_mesh(layout);
  std::vector<HostField> fields;
  if (!layout.times.empty()) {
    for (const auto& field : layout.fields) {
      fields.push_back({field.about.spec,
                        as_doubles(in_mesh_rows(read_exodus_frames(layout, field, 0, 1), rows, field.about.spec.on))});
    }
  }
  if (layout.times.size() > 1 && notes)
    notes->push_back(std::to_string(layout.times.size()) + " time steps; fields are those of the first");
  if (!rows.all_points && notes)
    notes->push_back(std::to_string(layout.num_points - std::ssize(rows.points)) +
                     " points that no cell uses left out");
  return {Mesh(std::move(rows.data)), std::move(fields), layout.times.empty() ? 0 : layout.times.front()};
}

bool is_exodus_archive(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    const auto files = exodus_files(path);
    return !files.empty();
  }
  if (!has_extension(path)) return false;
  if (is_pattern(path)) return true;
  try {
    const auto file = open_netcdf(path);
    const auto* times = file->find("time_whole");
    return times && times->rows() > 0;
  } catch (const InputError&) {
    return false;  // what is wrong with it is said when it is read as a mesh
  }
}

std::unique_ptr<Archive> open_exodus_archive(const fs::path& path) {
  std::vector<fs::path> files = exodus_files(path);
  COTAN_REQUIRE(!files.empty(), path.string() << ": no Exodus file has such a name");
  return std::make_unique<ExodusArchive>(std::move(files));
}

}  // namespace cotan
