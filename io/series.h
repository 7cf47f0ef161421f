#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/archive.h"

namespace cotan {

/// Files that are the frames of one trajectory: when each is, and how one is read.
struct Series {
  struct Frame {
    double time;  ///< [s]
    std::filesystem::path file;
    std::vector<std::filesystem::path> parts = {};  ///< further files, put together with it
    bool same_files(const Frame& other) const { return file == other.file && parts == other.parts; }
  };
  std::string name;  ///< for messages: the .pvd or the pattern that lists them
  std::vector<Frame> frames;
  std::function<Snapshot(const std::filesystem::path&)> read;
  /// Of frames with parts; null: there are none.
  std::function<Snapshot(std::span<const std::filesystem::path>)> read_parts = nullptr;
};

/// Series on the same meshes and times, joined side by side. A file is read when its frame is asked for, one at a time;
/// a file that stands several times on end is read once. The mesh is taken as static where the first, second, middle
/// and last frames have the same; another frame that differs is refused when it is read. \throw InputError naming the
/// file: times that do not increase or differ, another mesh, a field that stands twice
std::unique_ptr<Trajectory> open_series(std::vector<Series> side_by_side);

/// One trajectory that is opened anew each time it is asked for.
std::unique_ptr<Archive> single_trajectory(std::function<std::unique_ptr<Trajectory>()> open);

}  // namespace cotan
