#include "io/xdmf.h"

#include <algorithm>
#include <mutex>

#include "core/check.h"
#include "core/files.h"
#include "io/field_number.h"
#include "io/series.h"
#include "io/with_name.h"
#include "io/xdmf_layout.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

using Layout = XdmfLayout;

class XdmfTrajectory : public Trajectory {
 public:
  explicit XdmfTrajectory(const fs::path& path) : layout_(read_xdmf_layout(path)), name_(path.string()) {
    for (const auto& frame : layout_.frames) times_.push_back(frame.time);
    set_dim();
    for (const auto& attribute : layout_.frames.front().attributes) {
      const HostTensor first = raw(0, attribute);
      fields_.push_back({{attribute.name, static_cast<int>(first.shape[2]), attribute.on, ""},
                         first.dtype,
                         is_static(attribute.name)});
    }
  }
  const std::string& name() const override { return name_; }
  const std::vector<double>& times() const override { return times_; }
  bool has_static_mesh() const override { return layout_.is_static(); }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  Mesh mesh(std::size_t k) const override {
    // only the first frame must be sound: a mesh that moves may tangle on its way
    return with_name(name_, [&] { return Mesh(rows_at(k)->data, MeshChecks{k == 0 || has_static_mesh()}); });
  }

  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override {
    field_number(*this, field, k0, k1);
    HostTensor out;
    for (std::size_t k = k0; k < k1; ++k) {
      const Layout::Attribute& attribute = find(field, k);
      HostTensor frame = in_mesh_rows(raw(k, attribute), *rows_at(k), attribute.on);
      if (k == k0) {
        out = std::move(frame);
        continue;
      }
      COTAN_REQUIRE(frame.dtype == out.dtype && frame.shape[1] == out.shape[1] && frame.shape[2] == out.shape[2],
                    layout_.frames[k].where << ": field " << field << " has another mesh, shape or type than in frame "
                                            << k0 << "; read such frames one by one");
      out.bytes.insert(out.bytes.end(), frame.bytes.begin(), frame.bytes.end());
    }
    out.shape[0] = static_cast<std::int64_t>(k1 - k0);
    return out;
  }

 private:
  // A sheet that starts flat and bends is three-dimensional: asks the first, second, middle and last frames.
  void set_dim() {
    if (has_static_mesh()) return;
    const std::size_t n = layout_.grids.size();
    for (const std::size_t g : {std::size_t{0}, std::size_t{1}, n / 2, n - 1}) {
      if (!is_flat(layout_.grids[g])) dim_ = 3;
    }
    if (!dim_) dim_ = 2;
  }

  const Layout::Attribute& find(const std::string& field, std::size_t k) const {
    std::vector<std::string> names;
    for (const auto& attribute : layout_.frames[k].attributes) {
      if (attribute.name == field) return attribute;
      names.push_back(attribute.name);
    }
    throw InputError(layout_.frames[k].where + ": " + unknown_name("field", field, names));
  }

  bool is_static(const std::string& field) const {
    const XdmfItem& first = find(field, 0).item;
    return layout_.frames.size() > 1 &&
           std::all_of(layout_.frames.begin(), layout_.frames.end(), [&](const auto& frame) {
             return std::any_of(frame.attributes.begin(), frame.attributes.end(),
                                [&](const auto& a) { return a.name == field && a.item.same_place(first); });
           });
  }

  HostTensor raw(std::size_t k, const Layout::Attribute& attribute) const {
    const auto rows = rows_at(k);
    const std::int64_t count = attribute.on == On::points  ? rows->file_points
                               : attribute.on == On::cells ? rows->file_cells
                                                           : 1;
    return read_xdmf_attribute(attribute, layout_, k, count);
  }

  // The grid of a frame; the first and the latest other one are kept.
  std::shared_ptr<const MeshRows> rows_at(std::size_t k) const {
    const std::size_t grid = layout_.frames.at(k).grid;
    const std::lock_guard lock(mutex_);
    auto& held = grid == 0 ? first_ : latest_;
    if (!held || (grid > 0 && latest_grid_ != grid)) {
      held = std::make_shared<const MeshRows>(read_xdmf_mesh(layout_, grid, dim_));
      if (grid > 0) latest_grid_ = grid;
    }
    return held;
  }

  Layout layout_;
  std::string name_;
  std::optional<int> dim_;
  std::vector<double> times_;
  std::vector<ArchiveField> fields_;
  mutable std::mutex mutex_;  // guards what follows
  mutable std::shared_ptr<const MeshRows> first_, latest_;
  mutable std::size_t latest_grid_ = 0;
};

}  // namespace

Snapshot read_xdmf(const fs::path& path, std::vector<std::string>* notes) {
  const Layout layout = read_xdmf_layout(path);
  MeshRows rows = read_xdmf_mesh(layout, layout.frames.front().grid);
  std::vector<HostField> fields;
  for (const auto& attribute : layout.frames.front().attributes) {
    const std::int64_t count = attribute.on == On::points  ? rows.file_points
                               : attribute.on == On::cells ? rows.file_cells
                                                           : 1;
    const HostTensor values = in_mesh_rows(read_xdmf_attribute(attribute, layout, 0, count), rows, attribute.on);
    fields.push_back({{attribute.name, static_cast<int>(values.shape[2]), attribute.on, ""}, as_doubles(values)});
  }
  if (layout.frames.size() > 1 && notes)
    notes->push_back(std::to_string(layout.frames.size()) + " times; fields are those of the first");
  if (!rows.all_points && notes)
    notes->push_back(std::to_string(rows.file_points - std::ssize(rows.points)) + " points that no cell uses left out");
  return {Mesh(std::move(rows.data)), std::move(fields), layout.frames.front().time};
}

bool is_xdmf_archive(const fs::path& path) {
  const std::string extension = lower_extension(path);
  if (extension != ".xdmf" && extension != ".xmf") return false;
  try {
    return read_xdmf_layout(path).temporal;
  } catch (const InputError&) {
    return false;  // what is wrong with it is said when it is read as a mesh
  }
}

std::unique_ptr<Archive> open_xdmf_archive(const fs::path& path) {
  return single_trajectory([path] { return std::make_unique<XdmfTrajectory>(path); });
}

}  // namespace cotan
