#include "io/grid_pieces.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <unordered_map>

#include "core/check.h"
#include "core/types.h"

namespace cotan {
namespace {

constexpr std::string_view kGhosts = "vtkGhostType", kLevels = "vtkGhostLevels", kSet = "set:", kFacets = "facets:";
constexpr unsigned kGhostCell = 1 | 8 | 32;  // duplicate, refined, hidden
constexpr unsigned kGhostPoint = 1 | 2;      // duplicate, hidden

const GridArray* find_array(const std::vector<GridArray>& arrays, std::string_view name) {
  const auto found = std::find_if(arrays.begin(), arrays.end(), [&](const auto& a) { return a.name == name; });
  return found == arrays.end() ? nullptr : &*found;
}

/// A place in space, and the how-manieth point of its piece it is there.
struct Place {
  std::array<double, 3> x;
  Index again;
  bool operator==(const Place&) const = default;
};
struct PlaceHash {
  std::size_t operator()(const Place& place) const {
    std::uint64_t hash = std::uint64_t(place.again);
    for (const double coordinate : place.x) {
      hash = (hash ^ std::bit_cast<std::uint64_t>(coordinate)) * 0x9e3779b97f4a7c15ull;
      hash ^= hash >> 29;
    }
    return hash;
  }
};

/// Gathers the pieces' points and cells, then their arrays by the rows that these got.
class Joiner {
 public:
  explicit Joiner(std::vector<GridContent> pieces) : pieces_(std::move(pieces)) {}

  GridContent join(std::vector<std::string>* notes) {
    out_.grid.offsets = {0};
    for (const GridContent& piece : pieces_) add(piece);
    gather(&GridContent::points, point_rows_, owned_rows_, out_.grid.points.size() / 3, out_.points);
    gather(&GridContent::cells, cell_rows_, cell_rows_, out_.grid.types.size(), out_.cells);
    gather_whole();
    if (notes) {
      const auto say = [&](std::size_t count, const char* what) {
        if (count > 0) notes->push_back(std::to_string(count) + what);
      };
      say(ghosts_, " ghost cells left out");
      say(merged_, " points at the seams of pieces merged with those of other pieces");
      if (!lacking_.empty()) notes->push_back("arrays that some pieces lack left out: " + cotan::join(lacking_));
    }
    return std::move(out_);
  }

 private:
  // Which rows of a piece are ghosts; levels are those of older files.
  static std::vector<char> flags(const std::vector<GridArray>& arrays, std::size_t rows, unsigned bits) {
    std::vector<char> out(rows, 0);
    const GridArray* types = find_array(arrays, kGhosts);
    const GridArray* levels = find_array(arrays, kLevels);
    for (const GridArray* array : {types, levels}) {
      if (!array) continue;
      COTAN_REQUIRE(array->components == 1 && array->values.size() == rows,
                    "array '" << array->name << "': expected one number a row");
      for (std::size_t i = 0; i < rows; ++i) {
        const double value = array->values[i];
        COTAN_REQUIRE(value >= 0 && value < 256, "array '" << array->name << "': found " << value);
        out[i] = out[i] || (array == types ? (unsigned(value) & bits) != 0 : value > 0);
      }
    }
    return out;
  }

  void add(const GridContent& piece) {
    const VtkGrid& grid = piece.grid;
    const std::size_t points = grid.points.size() / 3, cells = grid.types.size();
    COTAN_REQUIRE(grid.offsets.size() == cells + 1 && grid.offsets.front() == 0,
                  "offsets: " << grid.offsets.size() << " entries, expected " << cells + 1 << " from 0");
    const std::vector<char> ghost_cells = flags(piece.cells, cells, kGhostCell);
    const std::vector<char> ghost_points = flags(piece.points, points, kGhostPoint);
    std::vector<char> used(points, 1);
    if (std::count(ghost_cells.begin(), ghost_cells.end(), 1) > 0) used = used_points(grid, ghost_cells, points);
    add_points(grid, used, ghost_points);
    cell_rows_.emplace_back(cells, -1);
    for (std::size_t c = 0; c < cells; ++c) {
      if (ghost_cells[c]) {
        ++ghosts_;
        continue;
      }
      cell_rows_.back()[c] = Index(out_.grid.types.size());
      out_.grid.types.push_back(grid.types[c]);
      for (const std::int64_t p : cell_of(grid, c, points))
        out_.grid.connectivity.push_back(point_rows_.back()[std::size_t(p)]);
      out_.grid.offsets.push_back(std::ssize(out_.grid.connectivity));
    }
  }

  static std::span<const std::int64_t> cell_of(const VtkGrid& grid, std::size_t c, std::size_t points) {
    const std::int64_t begin = grid.offsets[c], end = grid.offsets[c + 1];
    COTAN_REQUIRE(begin <= end && begin >= 0 && end <= std::ssize(grid.connectivity),
                  "offsets: cell " << c << " goes from " << begin << " to " << end << " in a connectivity of "
                                   << grid.connectivity.size());
    const auto cell = std::span(grid.connectivity).subspan(std::size_t(begin), std::size_t(end - begin));
    for (const std::int64_t p : cell) {
      COTAN_REQUIRE(p >= 0 && p < std::int64_t(points),
                    "connectivity: cell " << c << " has point " << p << " of " << points);
    }
    return cell;
  }

  static std::vector<char> used_points(const VtkGrid& grid, const std::vector<char>& ghost_cells, std::size_t points) {
    std::vector<char> used(points, 0);
    for (std::size_t c = 0; c < ghost_cells.size(); ++c) {
      if (ghost_cells[c]) continue;
      for (const std::int64_t p : cell_of(grid, c, points)) used[std::size_t(p)] = 1;
    }
    return used;
  }

  void add_points(const VtkGrid& grid, const std::vector<char>& used, const std::vector<char>& ghosts) {
    point_rows_.emplace_back(used.size(), -1);
    owned_rows_.emplace_back(used.size(), -1);
    std::unordered_map<Place, Index, PlaceHash> here;  // how many points of this piece lie at a place
    for (std::size_t p = 0; p < used.size(); ++p) {
      if (!used[p]) continue;
      Place place{{grid.points[3 * p] + 0.0, grid.points[3 * p + 1] + 0.0, grid.points[3 * p + 2] + 0.0}, 0};
      place.again = here[place]++;
      const auto [found, is_new] = known_.try_emplace(place, Index(out_.grid.points.size() / 3));
      if (is_new) out_.grid.points.insert(out_.grid.points.end(), &grid.points[3 * p], &grid.points[3 * p] + 3);
      merged_ += !is_new;
      point_rows_.back()[p] = found->second;
      if (!ghosts[p]) owned_rows_.back()[p] = found->second;
    }
  }

  // Values by the rows of each piece, those of owners last, and so kept.
  void gather(std::vector<GridArray> GridContent::*arrays, const std::vector<std::vector<Index>>& rows,
              const std::vector<std::vector<Index>>& owned, std::size_t count, std::vector<GridArray>& out) {
    for (const GridArray& like : names_of(arrays)) {
      GridArray joined{like.name, like.components, std::vector<double>(count * std::size_t(like.components), 0.0)};
      for (const auto* pass : {&rows, &owned}) {
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
          const GridArray* from = find_array(pieces_[i].*arrays, like.name);
          if (from) put(*from, (*pass)[i], joined);
        }
      }
      out.push_back(std::move(joined));
    }
  }

  static void put(const GridArray& from, const std::vector<Index>& rows, GridArray& to) {
    const auto width = std::size_t(to.components);
    COTAN_REQUIRE(from.values.size() == rows.size() * width, "array '" << from.name << "': " << from.values.size()
                                                                       << " values, expected " << rows.size() << " x "
                                                                       << width);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] >= 0) std::copy_n(&from.values[i * width], width, &to.values[std::size_t(rows[i]) * width]);
    }
  }

  // Arrays that all pieces with rows have with as many components, and sets that any has.
  std::vector<GridArray> names_of(std::vector<GridArray> GridContent::*arrays) {
    std::vector<GridArray> out;
    for (const GridContent& piece : pieces_) {
      for (const GridArray& array : piece.*arrays) {
        if (find_array(out, array.name) || array.name == kGhosts || array.name == kLevels) continue;
        const bool everywhere = std::all_of(pieces_.begin(), pieces_.end(), [&](const GridContent& other) {
          const GridArray* found = find_array(other.*arrays, array.name);
          return other.grid.types.empty() || (found && found->components == array.components);
        });
        if (everywhere || array.name.starts_with(kSet)) {
          out.push_back({array.name, array.components, {}});
        } else if (std::count(lacking_.begin(), lacking_.end(), array.name) == 0) {
          lacking_.push_back(array.name);
        }
      }
    }
    return out;
  }

  // The first piece's; tables of sides, which count a piece's cells, one after the other.
  void gather_whole() {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      for (GridArray& array : pieces_[i].whole) {
        const bool table = array.name.starts_with(kFacets);
        if (!table && find_array(out_.whole, array.name)) continue;
        if (!find_array(out_.whole, array.name)) out_.whole.push_back({array.name, array.components, {}});
        auto& values = std::find_if(out_.whole.begin(), out_.whole.end(), [&](const auto& a) {
                         return a.name == array.name;
                       })->values;
        table ? add_sides(array, cell_rows_[i], values) : void(values = std::move(array.values));
      }
    }
  }

  static void add_sides(const GridArray& table, const std::vector<Index>& rows, std::vector<double>& values) {
    COTAN_REQUIRE(table.components == 2, "array '" << table.name << "': expected pairs (cell, side)");
    for (std::size_t i = 0; i + 1 < table.values.size(); i += 2) {
      const double cell = table.values[i];
      COTAN_REQUIRE(cell >= 0 && cell < double(rows.size()),
                    "array '" << table.name << "': cell " << cell << " of " << rows.size());
      if (rows[std::size_t(cell)] < 0) continue;  // of a ghost
      values.insert(values.end(), {double(rows[std::size_t(cell)]), table.values[i + 1]});
    }
  }

  std::vector<GridContent> pieces_;
  GridContent out_;
  std::vector<std::vector<Index>> point_rows_, owned_rows_, cell_rows_;  // of each piece: its rows in the whole
  std::unordered_map<Place, Index, PlaceHash> known_;
  std::vector<std::string> lacking_;
  std::size_t ghosts_ = 0, merged_ = 0;
};

}  // namespace

GridContent join_grids(std::vector<GridContent> pieces, std::vector<std::string>* notes) {
  return Joiner(std::move(pieces)).join(notes);
}

}  // namespace cotan
