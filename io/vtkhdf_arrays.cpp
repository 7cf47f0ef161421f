// Datasets by their paths; NetCDF-4 is such a file.
#include "core/check.h"
#include "io/array_file.h"
#include "io/vtkhdf_file.h"

namespace cotan {
namespace {

class Hdf5Arrays : public ArrayFile {
 public:
  explicit Hdf5Arrays(const std::filesystem::path& path) : path_(path) {
    name_ = path.string();
    const auto lock = h5::hold();
    const h5::File file = h5::open_file(path_);
    add_group(file, "", 0);
  }

  void read_rows(const std::string& variable, std::int64_t first, std::int64_t count, DType dtype,
                 void* out) const override {
    const Variable& about = checked(variable, first, count, false);
    const auto lock = h5::hold();
    h5::read_rows(h5::open_file(path_), variable, first, count, about.columns(), dtype, out);
  }
  void check_window(const std::string& variable, std::int64_t rows) const override {
    const Variable& about = checked(variable, 0, rows, false);
    const auto lock = h5::hold();
    h5::check_window(h5::open_file(path_), variable, rows, about.columns());
  }
  std::vector<std::string> read_texts(const std::string& variable) const override {
    checked(variable, 0, 0, true);
    const auto lock = h5::hold();
    std::vector<std::string> out = h5::read_texts(h5::open_file(path_), variable);
    for (auto& text : out) text = trimmed_text(std::move(text));
    return out;
  }
  std::optional<std::string> text_attribute(const std::string& variable, const std::string& name) const override {
    const auto lock = h5::hold();
    const h5::File file = h5::open_file(path_);
    auto text = h5::text_attribute(file, variable.empty() ? "/" : variable, name);
    return text ? std::optional(trimmed_text(*text)) : std::nullopt;
  }

 private:
  // Groups may lead to themselves.
  void add_group(const h5::File& file, const std::string& group, int depth) {
    constexpr int kMostDepth = 8;
    constexpr std::size_t kMostArrays = 100'000, kMostGroups = 10'000;
    for (const auto& name : h5::children(file, group.empty() ? "/" : group)) {
      const std::string child = group.empty() ? name : group + "/" + name;
      COTAN_REQUIRE(variables_.size() < kMostArrays, name_ << ": more than " << kMostArrays << " datasets");
      if (!h5::has(file, child)) continue;  // a link to nowhere
      if (!h5::is_dataset(file, child)) {
        COTAN_REQUIRE(++groups_ <= kMostGroups, name_ << ": more than " << kMostGroups << " groups");
        if (depth < kMostDepth) add_group(file, child, depth + 1);
        continue;
      }
      const h5::Info about = h5::info(file, child);
      if (about.dtype || h5::has_text(file, child)) variables_[child] = {about.dtype, about.shape};
    }
  }

  std::filesystem::path path_;
  std::size_t groups_ = 0;  // each as often as it is met
};

}  // namespace

std::unique_ptr<ArrayFile> open_hdf5_arrays(const std::filesystem::path& path) {
  return std::make_unique<Hdf5Arrays>(path);
}

}  // namespace cotan
