#pragma once
#include <span>
#include <vector>

#include "core/types.h"

namespace cotan {

/// Rows of links in compressed form: row i is links[offsets[i], offsets[i + 1]).
struct Adjacency {
  std::vector<std::int64_t> offsets{0};  ///< (rows + 1)
  std::vector<Index> links;              ///< (offsets.back())
  Index size() const { return static_cast<Index>(offsets.size()) - 1; }
  std::span<const Index> operator[](Index i) const {
    return {links.data() + offsets[i], links.data() + offsets[i + 1]};
  }
  void push_row(std::span<const Index> row) {
    links.insert(links.end(), row.begin(), row.end());
    offsets.push_back(static_cast<std::int64_t>(links.size()));
  }
};

}  // namespace cotan
