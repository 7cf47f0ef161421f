#include "io/tfrecord_archive.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>

#include "core/check.h"
#include "core/files.h"
#include "io/tfrecord.h"
#include "io/tfrecord_trajectory.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMetaName = "meta.json";
constexpr std::array<const char*, 3> kSplitOrder = {"train", "valid", "test"};

/// One .tfrecord file and where its records are.
struct RecordFile {
  ByteSource bytes;
  std::string split;
  std::vector<ByteRange> records;
  std::unique_ptr<std::atomic<bool>[]> checked;  // whose checksums were found to hold
};

class TfrecordArchive : public Archive {
 public:
  TfrecordArchive(TfrecordMeta meta, const std::vector<fs::path>& files, bool has_splits)
      : meta_(std::move(meta)), has_splits_(has_splits) {
    for (const auto& path : files) {
      const ByteSource bytes = ByteSource::file(path);
      std::vector<ByteRange> records = index_tfrecord(bytes);
      COTAN_REQUIRE(!records.empty(), path.string() << ": an empty file, without a record");
      auto checked = std::make_unique<std::atomic<bool>[]>(records.size());
      files_.push_back({bytes, path.stem().string(), std::move(records), std::move(checked)});
    }
  }

  std::size_t size() const override {
    return std::accumulate(files_.begin(), files_.end(), std::size_t{0},
                           [](std::size_t n, const auto& file) { return n + file.records.size(); });
  }

  std::unique_ptr<Trajectory> open(std::size_t index) const override {
    auto file = files_.begin();
    for (; index >= file->records.size(); ++file) index -= file->records.size();
    const ByteRange record = file->records[index];
    const std::string name = file->bytes.name() + ": record " + std::to_string(index);
    if (!file->checked[index]) {
      check_payload(file->bytes, record, name);
      file->checked[index] = true;
    }
    return open_tfrecord_trajectory(file->bytes, record, meta_, name);
  }

  std::map<std::string, std::vector<std::size_t>> splits() const override {
    std::map<std::string, std::vector<std::size_t>> out;
    std::size_t next = 0;
    for (const auto& file : files_) {
      if (!has_splits_) break;
      auto& numbers = out[file.split];
      numbers.resize(file.records.size());
      std::iota(numbers.begin(), numbers.end(), next);
      next += numbers.size();
    }
    return out;
  }

 private:
  TfrecordMeta meta_;
  bool has_splits_;
  std::vector<RecordFile> files_;
};

// Hidden ones are what a killed run left aside.
bool is_record_file(const fs::path& path) {
  return path.extension() == ".tfrecord" && !path.filename().string().starts_with('.');
}

/// The .tfrecord files of a folder in the order of splits.
std::vector<fs::path> record_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_record_file(entry.path()) && entry.is_regular_file()) files.push_back(entry.path());
  }
  const auto key = [](const fs::path& path) {
    const auto place = std::find(kSplitOrder.begin(), kSplitOrder.end(), path.stem().string());
    return std::pair(place - kSplitOrder.begin(), path);
  };
  std::sort(files.begin(), files.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return files;
}

fs::path file_of_split(const std::vector<fs::path>& files, const fs::path& folder, const std::string& split) {
  std::vector<std::string> splits;
  for (const auto& file : files) {
    splits.push_back(file.stem().string());
    if (splits.back() == split) return file;
  }
  throw InputError(folder.string() + ": " + unknown_name("split", split, splits));
}

}  // namespace

bool is_tfrecord_archive(const fs::path& path) {
  return fs::is_directory(path) ? !record_files(path).empty() : is_record_file(path);
}

std::unique_ptr<Archive> open_tfrecord_archive(const fs::path& path, const std::string& split) {
  const bool is_folder = fs::is_directory(path);
  std::vector<fs::path> files = is_folder ? record_files(path) : std::vector{path};
  const fs::path meta = (is_folder ? path : path.parent_path()) / kMetaName;
  COTAN_REQUIRE(is_folder || split.empty() || path.stem() == split,
                path.string() << ": is the split '" << path.stem().string() << "', not '" << split
                              << "'; name its folder to choose by split");
  if (!split.empty() && is_folder) files = {file_of_split(files, path, split)};
  COTAN_REQUIRE(fs::is_regular_file(meta), meta.string() << ": no such file; it says which features "
                                                         << files.front().filename().string() << " has");
  return std::make_unique<TfrecordArchive>(parse_tfrecord_meta(read_file(meta), meta.string()), files,
                                           is_folder && split.empty());
}

}  // namespace cotan
