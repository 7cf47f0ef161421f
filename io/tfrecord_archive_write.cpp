#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "core/check.h"
#include "core/files.h"
#include "io/tfrecord.h"
#include "io/tfrecord_archive.h"
#include "io/tfrecord_meta.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

using Kind = TfrecordFeature::Kind;
constexpr std::size_t kPiece = 8 << 20;  // bytes of a field held at a time

/// Whether frames have meshes of their own, so that rows are counted frame by frame.
Kind kind_of(const Trajectory& trajectory, On on, bool is_static) {
  if (is_static) return Kind::fixed;
  return trajectory.has_static_mesh() || on == On::whole ? Kind::dynamic : Kind::varlen;
}

/// What the format keeps a type as: single precision, whole numbers as they are.
DType kept_type(DType dtype) {
  switch (dtype) {
    case DType::i32:
    case DType::i16:
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return DType::i32;
    case DType::i64:
      return DType::i64;
    default:
      return DType::f32;
  }
}

template <class T>
std::vector<std::byte> bytes_as(const std::vector<double>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<T>(values[i]);
    std::copy_n(reinterpret_cast<const std::byte*>(&value), sizeof(T), &bytes[i * sizeof(T)]);
  }
  return bytes;
}

std::vector<std::byte> kept_bytes(HostTensor tensor) {
  const DType kept = kept_type(tensor.dtype);
  if (kept == tensor.dtype) return std::move(tensor.bytes);
  return kept == DType::i32 ? bytes_as<std::int32_t>(as_doubles(tensor)) : bytes_as<float>(as_doubles(tensor));
}

std::span<const std::byte> as_bytes(const auto& values) {
  return std::as_bytes(std::span(values));
}

double time_step(const Trajectory& trajectory) {
  const auto& times = trajectory.times();
  if (times.size() < 2) return 0;
  const double dt = times[1] - times[0];
  for (std::size_t k = 1; k < times.size(); ++k) {
    COTAN_REQUIRE(std::abs(times[k] - times[k - 1] - dt) <= 1e-6 * dt,
                  trajectory.name() << ": frames " << k - 1 << " and " << k << " are " << times[k] - times[k - 1]
                                    << " s apart, the first two " << dt << " s; TFRecord archives have even steps");
  }
  return dt;
}

/// Columns of `cells`: one type for all that the format can tell by their number.
std::int64_t cell_columns(const Mesh& mesh, const std::string& name) {
  const CellType type = mesh.type(0);
  const bool known = type == CellType::line || type == CellType::triangle ||
                     (type == CellType::tetra && mesh.dim() == 3) || (type == CellType::quad && mesh.dim() == 2);
  const bool one = std::all_of(mesh.types().begin(), mesh.types().end(), [&](CellType other) { return other == type; });
  COTAN_REQUIRE(known && one, name << ": " << (one ? "cells of type " : "cells of several types, ") << shape(type).name
                                   << "; TFRecord archives have lines, triangles, tetrahedra or, in the plane, quads");
  return shape(type).num_nodes;
}

TfrecordMeta meta_of(const Trajectory& trajectory) {
  TfrecordMeta meta;
  const Mesh mesh = trajectory.mesh();
  const Kind mesh_kind = kind_of(trajectory, On::points, trajectory.has_static_mesh());
  meta.dt = time_step(trajectory);
  meta.length = std::ssize(trajectory.times());
  meta.features = {{"cells", mesh_kind, DType::i32, -1, cell_columns(mesh, trajectory.name())},
                   {"mesh_pos", mesh_kind, DType::f32, -1, mesh.dim()}};
  if (mesh_kind == Kind::fixed && !trajectory.roles().empty()) {
    meta.features.push_back({"node_type", Kind::fixed, DType::i32, -1, 1});
  }
  for (const auto& field : trajectory.fields()) {
    const auto& [name, components, on, unit] = field.spec;
    COTAN_REQUIRE(on != On::dofs, trajectory.name() << ": field " << name << " is on degrees of freedom");
    const bool taken = std::any_of(meta.features.begin(), meta.features.end(),
                                   [&, n = &name](const auto& f) { return f.name == *n || length_name(f.name) == *n; });
    COTAN_REQUIRE(!taken, trajectory.name()
                              << ": a field named '" << name << "', as TFRecord archives name a feature of the mesh");
    meta.features.push_back(
        {name, kind_of(trajectory, on, field.is_static), kept_type(field.dtype), on == On::whole ? 1 : -1, components});
  }
  return meta;
}

/// Rows of points and cells in each frame; once where the mesh is static.
struct Rows {
  std::vector<std::int32_t> points, cells;
};

Rows count_rows(const Trajectory& trajectory) {
  Rows rows;
  const std::size_t meshes = trajectory.has_static_mesh() ? 1 : trajectory.times().size();
  for (std::size_t k = 0; k < meshes; ++k) {
    const Mesh mesh = trajectory.mesh(k);
    rows.points.push_back(mesh.num_points());
    rows.cells.push_back(mesh.num_cells());
  }
  return rows;
}

std::uint64_t sum_rows(const std::vector<std::int32_t>& rows) {
  std::uint64_t sum = 0;
  for (const std::int32_t count : rows) sum += std::uint64_t(count);
  return sum;
}

/// The trajectory's frames of a field, window by window; frame by frame where the mesh changes.
void stream_field(const Trajectory& trajectory, const ArchiveField& field, std::size_t frame_bytes,
                  const FeatureToWrite::Sink& sink) {
  const std::size_t frames = field.is_static ? 1 : trajectory.times().size();
  const std::size_t window = trajectory.has_static_mesh() ? std::max<std::size_t>(1, kPiece / frame_bytes) : 1;
  for (std::size_t k = 0; k < frames; k += window) {
    sink(kept_bytes(trajectory.read(field.spec.name, k, std::min(frames, k + window))));
  }
}

void stream_mesh(const Trajectory& trajectory, std::size_t meshes, bool cells, const FeatureToWrite::Sink& sink) {
  for (std::size_t k = 0; k < meshes; ++k) {
    const Mesh mesh = trajectory.mesh(k);
    const std::vector<double> points(mesh.points().begin(), mesh.points().end());
    sink(cells ? as_bytes(mesh.cells().links) : std::span<const std::byte>(bytes_as<float>(points)));
  }
}

void stream_roles(const Trajectory& trajectory, const FeatureToWrite::Sink& sink) {
  std::vector<std::int32_t> codes;
  for (const Role role : trajectory.roles()) codes.push_back(static_cast<std::int32_t>(role));
  sink(as_bytes(codes));
}

/// How a feature's bytes come from a trajectory.
std::function<void(const FeatureToWrite::Sink&)> stream_of(const Trajectory& trajectory, const TfrecordFeature& about,
                                                           const Rows& rows) {
  const auto& fields = trajectory.fields();
  const auto field =
      std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.spec.name == about.name; });
  if (field != fields.end()) {
    const std::size_t frame_bytes =
        about.row_bytes() * std::size_t(std::max(rows.points[0], rows.cells[0]));  // or less
    return [&, field, frame_bytes](const auto& sink) { stream_field(trajectory, *field, frame_bytes, sink); };
  }
  if (about.name == "node_type") return [&](const auto& sink) { stream_roles(trajectory, sink); };
  return [&, cells = about.name == "cells"](const auto& sink) {
    stream_mesh(trajectory, rows.points.size(), cells, sink);
  };
}

bool stands_on_cells(const Trajectory& trajectory, const std::string& feature) {
  const auto& fields = trajectory.fields();
  return feature == "cells" || std::any_of(fields.begin(), fields.end(), [&](const auto& f) {
           return f.spec.name == feature && f.spec.on == On::cells;
         });
}

/// The features of a trajectory, in the order of its meta.
std::vector<FeatureToWrite> features_of(const Trajectory& trajectory, const TfrecordMeta& meta, const Rows& rows) {
  std::vector<FeatureToWrite> out;
  for (const auto& about : meta.features) {
    const auto& counts = stands_on_cells(trajectory, about.name) ? rows.cells : rows.points;
    const std::uint64_t once = about.rows == 1 ? 1 : std::uint64_t(counts[0]);
    const std::uint64_t all = about.kind == Kind::varlen    ? sum_rows(counts)
                              : about.kind == Kind::dynamic ? once * std::uint64_t(meta.length)
                                                            : once;
    out.push_back({about.name, all * about.row_bytes(), stream_of(trajectory, about, rows)});
    if (about.kind != Kind::varlen) continue;
    out.push_back(
        {length_name(about.name), counts.size() * 4, [&counts](const auto& sink) { sink(as_bytes(counts)); }});
  }
  return out;
}

/// Time steps as near as sums of them are; all else the same.
bool agree(const TfrecordMeta& a, const TfrecordMeta& b) {
  return a.length == b.length && a.features == b.features && std::abs(a.dt - b.dt) <= 1e-6 * std::abs(a.dt);
}

/// One meta.json stands for all files beside it: whether that at `path` already says what is to be written.
bool meta_is_there(const fs::path& path, const fs::path& file, const TfrecordMeta& meta, bool replace) {
  if (!fs::exists(path)) return false;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const bool alone = std::none_of(fs::directory_iterator(folder), fs::directory_iterator(), [&](const auto& entry) {
    const fs::path name = entry.path().filename();
    return name.extension() == ".tfrecord" && name != file.filename() && !name.string().starts_with('.');
  });
  if (alone && replace) return false;
  COTAN_REQUIRE(agree(parse_tfrecord_meta(read_file(path), path.string()), meta),
                path.string() << ": exists and describes other features, steps or frames; write into another folder"
                              << (alone ? ", or --overwrite" : ""));
  return true;
}

void add_notes(const Trajectory& trajectory, std::set<std::string>& notes) {
  if (!trajectory.parameters().empty()) notes.insert("parameters are left out: TFRecord archives have none");
  if (trajectory.times().front() != 0) notes.insert("times begin at 0: TFRecord archives have a time step only");
  const Mesh whole = trajectory.mesh();
  const MeshData& mesh = whole.data();
  if (!mesh.facet_sets.empty() || !mesh.cell_sets.empty() || !mesh.point_sets.empty()) {
    notes.insert("sets of the mesh are left out: TFRecord archives have none");
  }
  const bool has_roles = !trajectory.roles().empty();
  if (!has_roles) notes.insert("no node_type is written: the archive has no roles");
  if (has_roles && !trajectory.has_static_mesh()) {
    notes.insert("roles of a mesh that changes are left out, but for a field node_type");
  }
}

}  // namespace

std::vector<std::string> write_tfrecord_archive(const fs::path& file, const Archive& archive, bool replace_meta) {
  StagedFile staged(file);
  std::ofstream stream(staged.path(), std::ios::binary);
  const fs::path meta_file = file.parent_path() / "meta.json";
  TfrecordMeta first;
  bool has_meta = false;
  std::set<std::string> notes;
  if (!archive.splits().empty()) notes.insert("splits are joined in one file; --split writes one of them");
  for (std::size_t i = 0; i < archive.size(); ++i) {
    const auto trajectory = archive.open(i);
    const TfrecordMeta meta = meta_of(*trajectory);
    if (i == 0) {
      first = meta;
      has_meta = meta_is_there(meta_file, file, meta, replace_meta);
    }
    COTAN_REQUIRE(agree(first, meta),
                  trajectory->name() << ": " << meta.length << " frames, " << meta.dt << " s apart, the first has "
                                     << first.length << ", " << first.dt
                                     << " s apart; TFRecord archives have the same number, step and features in all");
    const Rows rows = count_rows(*trajectory);
    write_record(stream, features_of(*trajectory, meta, rows));
    add_notes(*trajectory, notes);
  }
  stream.close();
  COTAN_REQUIRE(stream, file.string() << ": cannot be written whole (is the disk full?)");
  if (!has_meta) write_file(meta_file, tfrecord_meta_text(first));
  staged.commit();
  return {notes.begin(), notes.end()};
}

}  // namespace cotan
