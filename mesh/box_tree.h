#pragma once
#include <algorithm>
#include <limits>
#include <vector>

#include "mesh/vector3.h"

namespace cotan {

/// An axis-aligned box; empty until it has included a point.
struct Box {
  Vec3 low, high;
  Box() {
    low.fill(std::numeric_limits<double>::infinity());
    high.fill(-std::numeric_limits<double>::infinity());
  }
  void include(const Vec3& x) {
    for (int k = 0; k < 3; ++k) low[k] = std::min(low[k], x[k]), high[k] = std::max(high[k], x[k]);
  }
  void include(const Box& other) {
    include(other.low);
    include(other.high);
  }
  double squared_distance(const Vec3& x) const {
    double sum = 0;
    for (int k = 0; k < 3; ++k) {
      const double outside = std::max({low[k] - x[k], 0.0, x[k] - high[k]});
      sum += outside * outside;
    }
    return sum;
  }
};

/// Items by their boxes in a balanced binary tree of boxes.
class BoxTree {
 public:
  BoxTree() = default;
  explicit BoxTree(const std::vector<Box>& boxes);

  /// Calls visit(item) -> squared distance of the item, nearest boxes first, and leaves out what is farther than the
  /// nearest item so far; all items at the least distance are visited.
  template <class Visit>
  void nearest(const Vec3& x, Visit visit) const {
    double best = std::numeric_limits<double>::infinity();
    if (!nodes_.empty()) descend(0, x, best, visit);
  }

 private:
  struct Node {
    Box box;
    Index begin, end;  // its items
    Index right;       // second child; the first is the next node; -1: a leaf
  };
  Index build(const std::vector<Box>& boxes, Index begin, Index end);

  template <class Visit>
  void descend(Index n, const Vec3& x, double& best, Visit& visit) const {
    const Node& node = nodes_[n];
    if (node.box.squared_distance(x) > best) return;
    if (node.right < 0) {
      for (Index i = node.begin; i < node.end; ++i) best = std::min(best, visit(items_[i]));
      return;
    }
    const bool right_first = nodes_[node.right].box.squared_distance(x) < nodes_[n + 1].box.squared_distance(x);
    descend(right_first ? node.right : n + 1, x, best, visit);
    descend(right_first ? n + 1 : node.right, x, best, visit);
  }

  std::vector<Node> nodes_;
  std::vector<Index> items_;
};

}  // namespace cotan
