#include "io/numbered.h"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>

#include "core/check.h"
#include "core/files.h"
#include "io/mesh_io.h"
#include "io/series.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

/// A name cut into texts and the numbers between them: out_10.vtu is {"out_", ".vtu"}, {"10"}.
struct NameParts {
  std::vector<std::string> texts{""}, digits;
};

NameParts parts_of(const fs::path& file) {
  NameParts parts;
  bool in_number = false;
  for (const char c : file.filename().string()) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !in_number) parts.digits.emplace_back();
    if (!digit && in_number) parts.texts.emplace_back();
    (digit ? parts.digits : parts.texts).back() += c;
    in_number = digit;
  }
  return parts;
}

double value_of(const std::string& digits) {
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// "out_#.vtu": what the files of one series have in common.
std::string common_name(const NameParts& parts) {
  std::string out = parts.texts.front();
  for (std::size_t i = 0; i < parts.digits.size(); ++i) {
    out += "*" + (i + 1 < parts.texts.size() ? parts.texts[i + 1] : "");
  }
  return out;
}

std::map<std::string, std::vector<fs::path>> series_in(const std::vector<fs::path>& files) {
  std::map<std::string, std::vector<fs::path>> out;
  for (const auto& file : files) {
    if (can_read_mesh(file)) out[common_name(parts_of(file))].push_back(file);
  }
  return out;
}

// Two files or more whose names differ by a number alone.
std::map<std::string, std::vector<fs::path>> numbered_in(const std::vector<fs::path>& files) {
  auto out = series_in(files);
  std::erase_if(out, [](const auto& entry) { return entry.second.size() < 2; });
  return out;
}

std::vector<fs::path> series_files(const fs::path& path) {
  const auto found = matching_files(path);
  const auto series = fs::is_directory(path) ? numbered_in(found) : series_in(found);
  COTAN_REQUIRE(!series.empty(), path.string() << ": no mesh file has such a name");
  std::vector<std::string> names;
  for (const auto& entry : series) names.push_back(entry.first);
  COTAN_REQUIRE(series.size() == 1, path.string() << ": holds " << series.size() << " series of files (" << join(names)
                                                  << "); give a pattern that matches one of them");
  return series.begin()->second;
}

Series numbered_series(const fs::path& path) {
  const NumberedFiles numbered = by_number(series_files(path), path.string());
  std::vector<double> times = numbered.numbers;
  const auto time_of = [&](std::size_t k) { return read_snapshot(numbered.files[k]).time; };
  // A file without a time says 0: where the first and the last do, so do all.
  if (time_of(0) != 0 || time_of(times.size() - 1) != 0) {
    for (std::size_t k = 0; k < times.size(); ++k) times[k] = time_of(k);
  }
  Series series{path.string(), {}, [](const fs::path& file) { return read_snapshot(file); }};
  for (std::size_t k = 0; k < times.size(); ++k) series.frames.push_back({times[k], numbered.files[k]});
  return series;
}

// can_2 before can_10.
bool natural_less(const fs::path& a, const fs::path& b) {
  const auto key = [](const fs::path& path) {
    std::string text;
    const std::string name = path.filename().string();
    for (std::size_t i = 0; i < name.size();) {
      std::size_t end = i;
      while (end < name.size() && std::isdigit(static_cast<unsigned char>(name[end]))) ++end;
      if (end == i) {
        text += name[i++];
      } else {
        const std::string digits = name.substr(i, end - i);
        text += std::string(digits.size() < 20 ? 20 - digits.size() : 0, '0') + digits;
        i = end;
      }
    }
    return text;
  };
  const std::string first = key(a), second = key(b);
  return first == second ? a < b : first < second;  // a1 and a01
}

}  // namespace

bool is_pattern(const fs::path& path) {
  std::error_code error;
  return path.filename().string().find_first_of("*?") != std::string::npos && !fs::exists(path, error);
}

std::vector<fs::path> matching_files(const fs::path& pattern) {
  std::error_code error;
  const bool all = fs::is_directory(pattern, error);
  const fs::path folder = all ? pattern : pattern.has_parent_path() ? pattern.parent_path() : fs::path(".");
  const std::string name = pattern.filename().string();
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string found = it->path().filename().string();
    if (!all && fnmatch(name.c_str(), found.c_str(), FNM_PERIOD) != 0) continue;
    std::error_code none;
    if (it->is_regular_file(none)) files.push_back(pattern.has_parent_path() || all ? it->path() : fs::path(found));
  }
  COTAN_REQUIRE(!error, folder.string() << ": cannot be listed: " << error.message());
  std::sort(files.begin(), files.end(), natural_less);
  return files;
}

NumberedFiles by_number(std::vector<fs::path> files, const std::string& name) {
  if (files.size() == 1) return {std::move(files), {0}};
  std::vector<NameParts> parts;
  for (const auto& file : files) {
    parts.push_back(parts_of(file));
    COTAN_REQUIRE(parts.back().texts == parts.front().texts,
                  name << ": " << files.front().filename().string() << " and " << file.filename().string()
                       << " differ in more than numbers; give a pattern that matches one series");
  }
  std::size_t which = 0;
  const auto same = [&](const NameParts& p) { return value_of(p.digits[which]) == value_of(parts[0].digits[which]); };
  while (which < parts[0].digits.size() && std::all_of(parts.begin(), parts.end(), same)) ++which;
  COTAN_REQUIRE(which < parts[0].digits.size(), name << ": the files' names have the same numbers");
  std::vector<std::size_t> order(files.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto number = [&](std::size_t i) { return value_of(parts[i].digits[which]); };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return number(a) < number(b); });
  NumberedFiles out;
  for (const std::size_t i : order) {
    COTAN_REQUIRE(out.numbers.empty() || number(i) > out.numbers.back(),
                  name << ": " << out.files.back().filename().string() << " and " << files[i].filename().string()
                       << " have the same number; give a pattern that matches one series");
    out.files.push_back(files[i]);
    out.numbers.push_back(number(i));
  }
  return out;
}

bool is_numbered_series(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    try {
      return !numbered_in(matching_files(path)).empty();
    } catch (const InputError&) {
      return false;
    }
  }
  return is_pattern(path);
}

std::unique_ptr<Archive> open_numbered_archive(const fs::path& path) {
  return single_trajectory([path] {
    std::vector<Series> series;
    series.push_back(numbered_series(path));
    return open_series(std::move(series));
  });
}

}  // namespace cotan
