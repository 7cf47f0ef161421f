#include "io/tag_map.h"

#include <algorithm>

namespace cotan {

void TagMap::add(std::int64_t tag) {
  const bool goes_on = !runs_.empty() && runs_.back().tag + runs_.back().count == tag &&
                       runs_.back().first + runs_.back().count == size_;  // not so behind an alias
  if (!goes_on) runs_.push_back({tag, size_, 0});
  ++runs_.back().count;
  ++size_;
}

void TagMap::add_alias(std::int64_t tag) {
  runs_.push_back({tag, size_ - 1, 1});
}

std::int64_t TagMap::finish() {
  std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.tag < b.tag; });
  for (std::size_t r = 1; r < runs_.size(); ++r) {
    if (runs_[r].tag < runs_[r - 1].tag + runs_[r - 1].count) return runs_[r].tag;
  }
  if (runs_.size() < 2) return 0;
  const auto extent = std::uint64_t(runs_.back().tag) + runs_.back().count - std::uint64_t(runs_.front().tag);
  if (extent > 4 * std::uint64_t(size_) + 1024) return 0;  // sparse: find() searches the runs
  dense_.assign(extent, -1);
  for (const Run& run : runs_) {
    for (Index k = 0; k < run.count; ++k) dense_[std::size_t(run.tag - runs_.front().tag + k)] = run.first + k;
  }
  return 0;
}

Index TagMap::find(std::int64_t tag) const {
  if (runs_.empty() || tag < runs_.front().tag) return -1;
  if (!dense_.empty()) {
    const auto at = std::uint64_t(tag - runs_.front().tag);
    return at < dense_.size() ? dense_[at] : -1;
  }
  const Run* run = &runs_.front();
  if (runs_.size() > 1) {
    run = &*std::prev(
        std::upper_bound(runs_.begin(), runs_.end(), tag, [](std::int64_t t, const Run& r) { return t < r.tag; }));
  }
  return tag - run->tag < run->count ? run->first + Index(tag - run->tag) : -1;
}

}  // namespace cotan
