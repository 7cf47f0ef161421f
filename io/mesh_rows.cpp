#include "io/mesh_rows.h"

#include "core/check.h"

namespace cotan {

MeshRows mended_rows(GridMesh grid, std::size_t num_cells) {
  MeshRows out{std::move(grid.data), {}, std::move(grid.cell_rows)};
  const std::size_t before = out.data.points.size() / static_cast<std::size_t>(out.data.dim);
  out.file_points = static_cast<std::int64_t>(before);
  out.file_cells = static_cast<std::int64_t>(num_cells);
  out.points = drop_unused_points(out.data);
  repair_orientation(out.data);
  out.all_points = out.points.size() == before;
  out.all_cells = out.cells.size() == num_cells;
  return out;
}

HostTensor in_mesh_rows(HostTensor frames, const MeshRows& mesh, On on) {
  if (on == On::whole || (on == On::points ? mesh.all_points : mesh.all_cells)) return frames;
  const auto& rows = on == On::points ? mesh.points : mesh.cells;
  const std::size_t row_bytes = static_cast<std::size_t>(frames.shape[2]) * size_of(frames.dtype);
  const std::size_t frame_bytes = static_cast<std::size_t>(frames.shape[1]) * row_bytes;
  HostTensor out{frames.dtype, {frames.shape[0], std::ssize(rows), frames.shape[2]}, {}};
  for (std::size_t at = 0; at < frames.bytes.size() && frame_bytes > 0; at += frame_bytes) {
    const auto part = pick_rows(std::span<const std::byte>(frames.bytes).subspan(at, frame_bytes), rows, row_bytes);
    out.bytes.insert(out.bytes.end(), part.begin(), part.end());
  }
  return out;
}

HostTensor empty_frames(DType dtype, std::size_t frames, std::int64_t rows, std::int64_t components) {
  HostTensor out{dtype, {static_cast<std::int64_t>(frames), rows, components}, {}};
  out.bytes.resize(frames * static_cast<std::size_t>(rows * components) * size_of(dtype));
  return out;
}

}  // namespace cotan
