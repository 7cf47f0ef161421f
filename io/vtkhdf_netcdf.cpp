// NetCDF-4 by the HDF5 library: its variables are the datasets of the root group.
#include "core/check.h"
#include "io/netcdf.h"
#include "io/vtkhdf_file.h"

namespace cotan {
namespace {

class NetCdf4 : public NetCdf {
 public:
  explicit NetCdf4(const std::filesystem::path& path) : path_(path) {
    name_ = path.string();
    const auto lock = h5::hold();
    const h5::File file = h5::open_file(path_);
    for (const auto& child : h5::children(file, "/")) {
      if (!h5::is_dataset(file, child)) continue;
      const h5::Info about = h5::info(file, child);
      if (about.dtype || h5::has_text(file, child)) variables_[child] = {about.dtype, about.shape};
    }
  }

  void read_rows(const std::string& variable, std::int64_t first, std::int64_t count, DType dtype,
                 void* out) const override {
    const Variable& about = checked(variable, first, count, false);
    const auto lock = h5::hold();
    h5::read_rows(h5::open_file(path_), variable, first, count, about.columns(), dtype, out);
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
  std::filesystem::path path_;
};

}  // namespace

std::unique_ptr<NetCdf> open_netcdf4(const std::filesystem::path& path) {
  return std::make_unique<NetCdf4>(path);
}

}  // namespace cotan
