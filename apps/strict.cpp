#include "apps/strict.h"

#include "core/check.h"
#include "mesh/mending.h"

namespace cotan {

std::vector<std::string> oddities(const Mesh& mesh) {
  std::vector<std::string> out;
  const auto pieces = piece_sizes(mesh);
  if (pieces.size() > 1) {
    std::string sizes;
    constexpr std::size_t kShown = 5;
    for (std::size_t i = 0; i < std::min(pieces.size(), kShown); ++i)
      sizes += (i ? ", " : "") + std::to_string(pieces[i]);
    out.push_back(std::to_string(pieces.size()) + " pieces that nothing joins, of " + sizes +
                  (pieces.size() > kShown ? ", …" : "") + " cells");
  }
  if (const Index count = num_coincident(mesh); count > 0)
    out.push_back(std::to_string(count) + " points at the very places of others (cotan convert --merge joins them)");
  return out;
}

void require_as_it_stands(const std::string& file, const Mesh& mesh, std::vector<std::string> notes) {
  const auto odd = oddities(mesh);
  notes.insert(notes.end(), odd.begin(), odd.end());
  COTAN_REQUIRE(notes.empty(), file << ": refused by --strict: " << join(notes, "; "));
}

}  // namespace cotan
