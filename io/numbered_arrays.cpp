#include "io/numbered_arrays.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/check.h"
#include "core/files.h"
#include "io/field_number.h"
#include "io/mesh_io.h"
#include "io/series.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLeast = 3;  // two alike names, as T0 and T1, are no series

/// Arrays of one name, kind and number of components, by their numbers.
using Family = std::map<std::int64_t, const HostField*>;

// "u_010" -> ("u", 10); nothing for a name that ends in no number, or is one.
std::optional<std::pair<std::string, std::int64_t>> numbered_name(const std::string& name) {
  const auto last = name.find_last_not_of("0123456789");
  if (last == std::string::npos || last + 1 == name.size()) return std::nullopt;
  std::int64_t number = 0;
  const char* end = name.data() + name.size();
  if (std::from_chars(name.data() + last + 1, end, number).ec != std::errc{}) return std::nullopt;
  const auto stem = name.find_last_not_of("_-. ", last);
  if (stem == std::string::npos) return std::nullopt;
  return std::pair(name.substr(0, stem + 1), number);
}

std::map<std::string, Family> families(const std::vector<HostField>& fields) {
  std::map<std::string, Family> out;
  for (const HostField& field : fields) {
    if (const auto name = numbered_name(field.spec.name)) out[name->first].emplace(name->second, &field);
  }
  std::erase_if(out, [](const auto& entry) {
    const Family& family = entry.second;
    const FieldSpec& first = family.begin()->second->spec;
    return family.size() < kLeast || family.rbegin()->first - family.begin()->first != std::ssize(family) - 1 ||
           std::any_of(family.begin(), family.end(), [&](const auto& member) {
             const FieldSpec& spec = member.second->spec;
             return spec.on != first.on || spec.components != first.components;
           });
  });
  return out;
}

// Whether XML has names that end in 1 at all: far faster than reading what they name.
bool names_numbered(std::string_view xml) {
  for (auto at = xml.find("Name=\""); at != xml.npos; at = xml.find("Name=\"", at + 6)) {
    const auto end = xml.find('"', at + 6);
    if (end != xml.npos && end > at + 7 && xml[end - 1] == '1') return true;
  }
  return false;
}

class NumberedArrays : public Trajectory {
 public:
  explicit NumberedArrays(const fs::path& path) : name_(path.string()), snapshot_(read_snapshot(path)) {
    const auto found = families(snapshot_.fields);
    COTAN_REQUIRE(!found.empty(),
                  name_ << ": no arrays that are numbered, as u0, u1, u2; there are: " << join(field_names()));
    for (const auto& [number, member] : found.begin()->second) times_.push_back(static_cast<double>(number));
    for (const auto& [stem, family] : found) add_family(stem, family, found.begin()->first);
    for (const HostField& field : snapshot_.fields) {
      const auto name = numbered_name(field.spec.name);
      if (name && found.count(name->first)) continue;
      add(field.spec, std::vector(times_.size(), &field), true);
    }
  }
  const std::string& name() const override { return name_; }
  const std::vector<double>& times() const override { return times_; }
  Mesh mesh(std::size_t) const override { return snapshot_.mesh; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }

  HostTensor read(const std::string& name, std::size_t k0, std::size_t k1) const override {
    field_number(*this, name, k0, k1);
    const auto& frames = frames_.at(name);
    const HostField& first = *frames[k0];
    const std::int64_t rows = std::ssize(first.values) / first.spec.components;
    HostTensor out{DType::f64, {static_cast<std::int64_t>(k1 - k0), rows, first.spec.components}, {}};
    for (std::size_t k = k0; k < k1; ++k) {
      const auto bytes = std::as_bytes(std::span(frames[k]->values));
      out.bytes.insert(out.bytes.end(), bytes.begin(), bytes.end());
    }
    return out;
  }

 private:
  std::vector<std::string> field_names() const {
    std::vector<std::string> names;
    for (const HostField& field : snapshot_.fields) names.push_back(field.spec.name);
    return names;
  }

  void add_family(const std::string& stem, const Family& family, const std::string& other) {
    std::vector<const HostField*> frames;
    for (const auto& member : family) frames.push_back(member.second);
    COTAN_REQUIRE(frames.size() == times_.size() && static_cast<double>(family.begin()->first) == times_.front(),
                  name_ << ": arrays " << family.begin()->second->spec.name << " to "
                        << family.rbegin()->second->spec.name << ", but those of " << other << " are numbered "
                        << times_.front() << " to " << times_.back() << "; expected the same numbers");
    FieldSpec spec = frames.front()->spec;
    spec.name = stem;
    add(spec, frames, false);
  }

  void add(const FieldSpec& spec, std::vector<const HostField*> frames, bool is_static) {
    COTAN_REQUIRE(frames_.emplace(spec.name, std::move(frames)).second,
                  name_ << ": field " << spec.name << " stands twice; rename one");
    fields_.push_back({spec, DType::f64, is_static});
  }

  std::string name_;
  Snapshot snapshot_;
  std::vector<double> times_;
  std::vector<ArchiveField> fields_;
  std::map<std::string, std::vector<const HostField*>> frames_;  // field -> its array at each time
};

}  // namespace

bool has_numbered_arrays(const fs::path& path) {
  const std::string extension = lower_extension(path);
  if ((extension != ".vtu" && extension != ".vtk") || !can_read_mesh(path)) return false;
  try {
    if (extension == ".vtu" && !names_numbered(read_file(path))) return false;
    return !families(read_snapshot(path).fields).empty();
  } catch (const InputError&) {
    return false;  // what is wrong with it is said when it is read as a mesh
  }
}

std::unique_ptr<Archive> open_numbered_arrays(const fs::path& path) {
  return single_trajectory([path] { return std::make_unique<NumberedArrays>(path); });
}

}  // namespace cotan
