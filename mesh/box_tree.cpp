#include "mesh/box_tree.h"

#include <numeric>

namespace cotan {

BoxTree::BoxTree(const std::vector<Box>& boxes) : items_(boxes.size()) {
  std::iota(items_.begin(), items_.end(), 0);
  nodes_.reserve(boxes.size());
  if (!boxes.empty()) build(boxes, 0, static_cast<Index>(boxes.size()));
}

Index BoxTree::build(const std::vector<Box>& boxes, Index begin, Index end) {
  constexpr Index leaf = 4;
  const auto here = static_cast<Index>(nodes_.size());
  nodes_.push_back({Box(), begin, end, -1});
  const auto twice_centre = [&](Index item, int k) { return boxes[item].low[k] + boxes[item].high[k]; };
  Box box, centres;
  for (Index i = begin; i < end; ++i) {
    box.include(boxes[items_[i]]);
    centres.include({twice_centre(items_[i], 0), twice_centre(items_[i], 1), twice_centre(items_[i], 2)});
  }
  nodes_[here].box = box;
  if (end - begin <= leaf) return here;
  const Vec3 extent = centres.high - centres.low;
  const int axis = static_cast<int>(std::max_element(extent.begin(), extent.end()) - extent.begin());
  const Index middle = begin + (end - begin) / 2;
  std::nth_element(items_.begin() + begin, items_.begin() + middle, items_.begin() + end,
                   [&](Index a, Index b) { return twice_centre(a, axis) < twice_centre(b, axis); });
  build(boxes, begin, middle);
  const Index right = build(boxes, middle, end);
  nodes_[here].right = right;
  return here;
}

}  // namespace cotan
