#pragma once
#include <cstdint>
#include <vector>

#include "core/types.h"

namespace cotan {

/// The file's numbers of nodes or elements -> ours, counted from 0 in the order of the file. Kept as runs of
/// consecutive numbers, since almost every file is one.
class TagMap {
 public:
  void add(std::int64_t tag);        ///< the next thing has this number \pre |tag| <= kMaxTag
  void add_alias(std::int64_t tag);  ///< the last thing has this number too
  /// Makes find() fast. Returns a number that stands twice, or 0 (numbers are positive).
  std::int64_t finish();
  Index find(std::int64_t tag) const;  ///< -1 where there is none. \pre finish() was called
  static constexpr std::int64_t kMaxTag = std::int64_t{1} << 60;
  Index size() const { return size_; }

 private:
  struct Run {
    std::int64_t tag;
    Index first, count;
  };
  std::vector<Run> runs_;     // sorted by tag after finish()
  std::vector<Index> dense_;  // tag - runs_.front().tag -> index, where the numbers lie close enough together
  Index size_ = 0;
};

}  // namespace cotan
