#pragma once
#include "core/config.h"

namespace cotan {

/// What copies of a Config share. Private to core/config*.cpp.
struct Config::Node {
  Kind kind = Kind::null;
  std::string scalar;
  std::vector<std::pair<std::string, Config>> entries;
  std::vector<Config> items;
  std::string key_path;        ///< "boundary.inlet", "fields.0"; empty for the root
  std::string source;          ///< what messages call the file
  std::filesystem::path file;  ///< empty for text
  std::int64_t line = 0;       ///< from 1; 0 where there is none
};

namespace detail {

/// Largest tree that a configuration may be, aliases counted as often as they are used.
inline constexpr std::size_t kMaxConfigNodes = 200000, kMaxConfigDepth = 64, kMaxConfigBytes = std::size_t{1} << 24;

std::string joined_path(std::string_view parent, std::string_view key);

}  // namespace detail
}  // namespace cotan
