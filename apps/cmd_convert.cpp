#include <filesystem>
#include <memory>

#include "apps/cli.h"
#include "apps/onto_mesh.h"
#include "apps/outputs.h"
#include "apps/strict.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "io/archive.h"
#include "io/displacement.h"
#include "io/mesh_io.h"
#include "io/numbered_arrays.h"
#include "io/require.h"
#include "io/tfrecord_archive.h"
#include "io/vtk.h"
#include "io/xdmf.h"
#include "mesh/mending.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

struct ConvertArguments {
  std::string input, output, split, onto;
  bool plane = false, nearest = false, merge = false;
  std::size_t trajectory = 0;
  std::int64_t frame = -1;
  const CLI::Option* frame_option = nullptr;
};

std::vector<HostField> frame_of(const Trajectory& trajectory, std::size_t k) {
  std::vector<HostField> fields;
  for (const auto& field : trajectory.fields()) {
    fields.push_back({field.spec, as_doubles(trajectory.read(field.spec.name, k, k + 1))});
  }
  return fields;
}

// Frames are read while others are written: they may not be the same.
void require_other_frames(const fs::path& input, const fs::path& output) {
  if (input.extension() != ".pvd") return;
  const fs::path folder = fs::weakly_canonical(fs::path(output).replace_extension());
  for (const auto& entry : read_pvd(input)) {
    COTAN_REQUIRE(fs::weakly_canonical(entry.file).parent_path() != folder,
                  output.string() << ": its frames would stand in the place of those of " << input.string()
                                  << "; give another name");
  }
}

// One trajectory, frame by frame.
void write_series(const Trajectory& trajectory, const fs::path& input, const fs::path& output, bool overwrite) {
  COTAN_REQUIRE(trajectory.has_static_mesh(), trajectory.name()
                                                  << ": a mesh whose cells change cannot be written as a .pvd yet");
  require_other_frames(input, output);
  claim_series(output, overwrite);
  VtkSeries series(fs::path(output).replace_extension(), trajectory.mesh());
  for (std::size_t k = 0; k < trajectory.times().size(); ++k)
    series.write(trajectory.times()[k], frame_of(trajectory, k));
}

// What XDMF has no place for.
void warn_of_losses(const Trajectory& trajectory, const fs::path& output) {
  std::vector<std::string> lost;
  if (!trajectory.roles().empty()) lost.emplace_back("roles");
  if (!trajectory.parameters().empty()) lost.emplace_back("parameters");
  if (!trajectory.prescribed().empty()) lost.emplace_back("which values were given");
  for (const auto& field : trajectory.fields()) {
    if (!field.spec.unit.empty()) lost.push_back("the unit of " + field.spec.name);
  }
  if (!lost.empty()) log_warning(output.string() + ": left out, since XDMF cannot keep it: " + join(lost));
}

// One trajectory in one file (XDMF: and its HDF5 file beside it).
void write_one_file(const Trajectory& trajectory, const fs::path& output, const std::string& source, bool overwrite) {
  COTAN_REQUIRE(trajectory.has_static_mesh(), trajectory.name()
                                                  << ": a mesh whose cells change cannot be written as a series yet");
  std::vector<FieldSpec> specs;
  for (const auto& field : trajectory.fields()) specs.push_back(field.spec);
  make_parent(output);
  std::unique_ptr<TrajectoryWriter> writer;
  if (output.extension() == ".xdmf") {
    check_output(fs::path(output).replace_extension(".h5"), overwrite);
    warn_of_losses(trajectory, output);
    writer = write_xdmf_series(output, trajectory.mesh(), specs);
  } else {
    const TrajectoryMeta meta{trajectory.roles(), trajectory.parameters(), "convert: " + source,
                              trajectory.prescribed()};
    writer = write_trajectory(output, trajectory.mesh(), specs, meta);
  }
  for (std::size_t k = 0; k < trajectory.times().size(); ++k)
    writer->append(trajectory.times()[k], frame_of(trajectory, k));
  writer->finish();
}

bool is_one_file_series(const fs::path& output) {
  return output.extension() == ".xdmf" || output.extension() == ".vtkhdf";
}

void write_archive(const Archive& archive, const fs::path& folder, const std::string& source) {
  ArchiveIndex index;
  index.splits = archive.splits();
  index.made_by = "convert: " + source;
  for (std::size_t i = 0; i < archive.size(); ++i) {
    const auto trajectory = with_displacement(archive.open(i));
    for (const auto& note : trajectory->notes()) log_warning(note);
    COTAN_REQUIRE(trajectory->has_static_mesh(), trajectory->name()
                                                     << ": a mesh whose cells change cannot be written yet");
    index.fields.clear();
    for (const auto& field : trajectory->fields()) index.fields.push_back(field.spec);
    index.files.push_back(trajectory_file_name(i));
    const TrajectoryMeta meta{trajectory->roles(), trajectory->parameters(), index.made_by, trajectory->prescribed()};
    const auto writer = write_trajectory(folder / index.files.back(), trajectory->mesh(), index.fields, meta);
    for (std::size_t k = 0; k < trajectory->times().size(); ++k)
      writer->append(trajectory->times()[k], frame_of(*trajectory, k));
    writer->finish();
  }
  write_archive_index(folder, index);
}

void convert_archive(const ConvertArguments& arguments, const CommonArguments& common) {
  ArchiveOptions options;
  options.split = arguments.split;
  options.in_plane = arguments.plane;
  auto archive = open_archive(arguments.input, options);
  if (!arguments.onto.empty()) {
    archive = move_onto(read_onto_mesh(arguments.onto, arguments.nearest), std::move(archive));
  }
  const fs::path output = arguments.output;
  if (!output.has_extension()) {
    StagedFolder folder(output, common.overwrite, archive_folder());
    write_archive(*archive, folder.path(), arguments.input);
    return folder.commit();
  }
  if (output.extension() == ".tfrecord") {
    make_parent(output);
    for (const auto& note : write_tfrecord_archive(output, *archive, common.overwrite)) log_warning(note);
    return;
  }
  COTAN_REQUIRE(arguments.trajectory < archive->size(), "--trajectory " << arguments.trajectory << ": the archive has "
                                                                        << archive->size() << ", numbered from 0");
  auto trajectory = archive->open(arguments.trajectory);
  for (const auto& note : trajectory->notes()) log_warning(note);
  if (output.extension() == ".pvd") {
    trajectory = with_displacement(std::move(trajectory));
    return write_series(*trajectory, arguments.input, output, common.overwrite);
  }
  if (is_one_file_series(output) && arguments.frame_option->count() == 0) {
    trajectory = with_displacement(std::move(trajectory));
    return write_one_file(*trajectory, output, arguments.input, common.overwrite);
  }
  const auto frames = static_cast<std::int64_t>(trajectory->times().size());
  const std::int64_t frame = arguments.frame < 0 ? frames + arguments.frame : arguments.frame;
  COTAN_REQUIRE(frame >= 0 && frame < frames, "--frame " << arguments.frame << ": the trajectory has " << frames);
  const auto k = static_cast<std::size_t>(frame);
  make_parent(output);
  write_snapshot(output, {trajectory->mesh(k), frame_of(*trajectory, k), trajectory->times()[k]});
}

int run_convert(const ConvertArguments& arguments, const CommonArguments& common) {
  const fs::path output = arguments.output;
  const bool to_archive = !output.has_extension() || output.extension() == ".pvd" || output.extension() == ".tfrecord";
  if (!to_archive) require_mesh_output(output);
  require_input(arguments.input);
  COTAN_REQUIRE(!arguments.nearest || !arguments.onto.empty(), "--nearest goes with --onto MESH");
  if (!arguments.onto.empty()) require_readable(arguments.onto);
  // Arrays that are numbered stay what they are in a mesh file, unless one of their frames is asked for.
  const bool one_file = !to_archive && arguments.frame_option->count() == 0 && has_numbered_arrays(arguments.input);
  const bool archive = !one_file && is_archive(arguments.input);
  COTAN_REQUIRE(archive || !to_archive, arguments.output << ": a mesh has one time only; name a mesh file");
  if (!output.has_extension()) require_hdf5(output);
  check_output(output, common.overwrite);
  if (archive) {
    COTAN_REQUIRE(!arguments.merge && !common.strict,
                  "--merge and --strict are for meshes, and " << arguments.input << " is an archive");
    convert_archive(arguments, common);
  } else {
    std::vector<std::string> notes;
    Snapshot snapshot =
        arguments.plane ? read_in_plane(arguments.input, &notes) : read_snapshot(arguments.input, &notes);
    std::vector<std::string> asked_for;
    if (arguments.merge) snapshot = merge_points(snapshot, asked_for);
    if (common.strict) require_as_it_stands(arguments.input, snapshot.mesh, notes);
    notes.insert(notes.end(), asked_for.begin(), asked_for.end());
    if (!arguments.onto.empty()) snapshot = move_onto(read_onto_mesh(arguments.onto, arguments.nearest), snapshot);
    make_parent(output);
    write_snapshot(output, snapshot);
    for (const auto& note : notes) log_warning(note);
  }
  log_info("wrote " + arguments.output);
  return 0;
}

}  // namespace

std::function<int()> declare_convert(CLI::App& app, CommonArguments& common) {
  auto arguments = std::make_shared<ConvertArguments>();
  app.add_option("input", arguments->input, "any readable mesh or archive")->required();
  app.add_option(
         "output", arguments->output,
         "mesh file; for an archive also a folder (our archive), a .pvd, .xdmf or .vtkhdf series, or a .tfrecord")
      ->required();
  app.add_option("--split", arguments->split, "only the trajectories of this split of an archive");
  app.add_flag("--plane", arguments->plane, "lay an OpenFOAM case that is one cell thick into the plane");
  app.add_option("--trajectory", arguments->trajectory, "which one to write as a series or mesh, from 0")
      ->capture_default_str();
  app.add_option("--onto", arguments->onto, "mesh file: the fields are put onto this mesh, by linear interpolation");
  app.add_flag("--merge", arguments->merge, "points at the very same place become one, as do their values");
  declare_strict(app, common);
  app.add_flag("--nearest", arguments->nearest, "with --onto: values of the nearest point instead");
  arguments->frame_option =
      app.add_option("--frame", arguments->frame,
                     "which one to write as a mesh; -1: the last. Of .xdmf and .vtkhdf, one instead of all")
          ->capture_default_str();
  return [arguments, &common] { return run_convert(*arguments, common); };
}

}  // namespace cotan
