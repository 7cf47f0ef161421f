#include "io/foam_case.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.h"
#include "core/files.h"
#include "io/rows.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool is_poly_mesh(const fs::path& path) {
  return !foam_path(path, "owner").empty() && !foam_path(path, "faces").empty();
}

// The case that a path names: itself, or the folder of a .foam file.
fs::path root_of(const fs::path& path) {
  if (is_folder(path)) return path;
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Names of folders, sorted.
std::vector<std::string> folders_in(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (is_folder(it->path())) names.push_back(it->path().filename().string());
  }
  COTAN_REQUIRE(!error, path.string() << ": cannot be listed: " << error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<FoamCase::Time> times_in(const fs::path& root) {
  std::vector<FoamCase::Time> times;
  for (const std::string& name : folders_in(root)) {
    double value = 0;
    if (parse_number(name, value) && std::isfinite(value)) times.push_back({value, root / name});
  }
  std::sort(times.begin(), times.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  for (std::size_t k = 1; k < times.size(); ++k) {
    COTAN_REQUIRE(times[k].value > times[k - 1].value,
                  root.string() << ": the folders " << times[k - 1].folder.filename().string() << " and "
                                << times[k].folder.filename().string() << " are the same time");
  }
  return times;
}

// Says what to do of a case without constant/polyMesh.
[[noreturn]] void refuse(const fs::path& path, const fs::path& root) {
  COTAN_REQUIRE(!is_folder(root / "processor0"), path.string() << ": a decomposed case, without constant/polyMesh; run "
                                                                  "reconstructPar first, or name one processor folder");
  std::vector<std::string> regions;
  if (is_folder(root / "constant")) regions = folders_in(root / "constant");
  std::erase_if(regions, [&](const auto& name) { return !is_poly_mesh(root / "constant" / name / "polyMesh"); });
  COTAN_REQUIRE(regions.empty(), path.string() << ": a case of several regions (" << join(regions)
                                               << "); name one of them: constant/" << regions.front() << "/polyMesh");
  throw InputError(path.string() + ": no constant/polyMesh with points, faces, owner, neighbour and boundary");
}

}  // namespace

bool is_foam_case(const fs::path& path) {
  const std::string extension = lower_extension(path);
  if (!is_folder(path)) return extension == ".foam" || extension == ".openfoam";
  return is_poly_mesh(path) || is_folder(path / "constant/polyMesh") ||
         is_folder(path / "processor0/constant/polyMesh");
}

FoamCase find_foam_case(const fs::path& path) {
  FoamCase out{path, {}, {}};
  const fs::path root = root_of(path);
  if (is_poly_mesh(root)) {
    out.constant = (root.has_filename() ? root : root.parent_path()).parent_path();
    COTAN_REQUIRE(is_poly_mesh(out.constant / "polyMesh"), path.string() << ": expected a folder named polyMesh");
    return out;
  }
  if (!is_poly_mesh(root / "constant/polyMesh")) refuse(path, root);
  out.constant = root / "constant";
  out.times = times_in(root);
  return out;
}

std::optional<FoamClass> foam_class(const std::string& name) {
  struct KindName {
    const char* name;
    FoamKind kind;
  };
  constexpr std::array kKinds = {
      KindName{"ScalarField", FoamKind::scalar}, KindName{"SphericalTensorField", FoamKind::scalar},
      KindName{"VectorField", FoamKind::vector}, KindName{"SymmTensorField", FoamKind::symmetric_tensor},
      KindName{"TensorField", FoamKind::tensor}};
  const std::string_view plain = std::string_view(name).substr(0, name.find("::Internal"));
  for (const auto& [prefix, on] : {std::pair("vol", On::cells), std::pair("point", On::points)}) {
    for (const KindName& row : kKinds) {
      if (plain == std::string(prefix) + row.name) return FoamClass{on, row.kind};
    }
  }
  return std::nullopt;
}

namespace {

// [0 1 -1 0 0 0 0] -> "m/s". The numbers are the powers of kg, m, s, K, mol, A and cd.
std::string read_unit(FoamFile& file) {
  constexpr std::array<const char*, 7> kUnits = {"kg", "m", "s", "K", "mol", "A", "cd"};
  std::string above, below;
  std::size_t divisors = 0;
  file.expect('[', "the begin of the dimensions");
  for (std::size_t k = 0; !file.take(']'); ++k) {
    const double power = file.scalar("a power of a unit");
    if (k >= kUnits.size()) file.fail("more than seven powers of units");
    if (power == 0) continue;
    std::string& side = power > 0 ? above : below;
    divisors += power < 0;
    std::string digits = std::to_string(std::abs(power));  // "2.000000"
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
    side += (side.empty() ? "" : " ") + std::string(kUnits[k]) + (digits == "1" ? "" : digits);
  }
  file.expect(';', "the end of the dimensions");
  if (below.empty()) return above;
  return (above.empty() ? "1" : above) + "/" + (divisors > 1 ? "(" + below + ")" : below);
}

std::vector<double> read_values(FoamFile& file, int components, Index rows) {
  const std::string how = file.word("uniform or nonuniform");
  if (how == "uniform") {
    const std::vector<double> one = file.value(components, "a value");
    std::vector<double> out;
    for (Index i = 0; i < rows; ++i) out.insert(out.end(), one.begin(), one.end());
    return out;
  }
  if (how != "nonuniform") file.fail("found '" + printable(how) + "', expected uniform or nonuniform");
  if (file.peek() == 'L') file.word("List<…>");
  return file.scalars(components, std::uint64_t(rows), "values");
}

}  // namespace

FoamField read_foam_field(FoamFile& file, FoamClass about, Index points, Index cells) {
  FoamField field{about, "", {}};
  bool directives = false;
  while (file.peek() != 0) {
    if (file.skip_directive()) {
      directives = true;
      continue;
    }
    if (file.peek() == '$') file.fail("a macro; macros are not followed");
    const std::string key = file.word("a key");
    if (key == "dimensions") {
      field.unit = read_unit(file);
    } else if (key == "internalField" || key == "value") {
      const bool on_points = about.on == On::points;
      field.values = read_values(file, foam_components(about.kind, false), on_points ? points : cells);
      file.expect(';', "the end of the inner field");
      return field;
    } else {
      file.skip_value();
    }
  }
  file.fail(std::string("the file ends without an internalField") +
            (directives ? "; #include and other directives are not followed" : ""));
}

std::vector<std::string> foam_field_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code none;
    if (!it->is_regular_file(none)) continue;
    const fs::path name = it->path().filename();
    const fs::path plain = lower_extension(name) == ".gz" ? name.stem() : name;
    const bool backup = lower_extension(plain) == ".orig" || lower_extension(plain) == ".bak" ||
                        plain.string().back() == '~' || plain.string().front() == '.';
    if (!backup) names.push_back(plain.string());
  }
  COTAN_REQUIRE(!error, folder.string() << ": cannot be listed: " << error.message());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace cotan
