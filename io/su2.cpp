#include "io/su2.h"

#include <array>
#include <cmath>

#include "core/check.h"
#include "io/rows.h"
#include "io/sides.h"

namespace cotan {
namespace {

// Keywords and their sections in the order of the file.
class Su2Reader {
 public:
  explicit Su2Reader(Source& source) : source_(source) {}

  MeshContent read() {
    while (next_line()) keyword();
    if (dim_ == 0) source_.fail("no NDIME=: not an SU2 mesh");
    if (!has_points_ || !has_cells_)
      source_.fail(std::string("the file ends without ") + (has_points_ ? "NELEM=" : "NPOIN="));
    if (markers_left_ > 0)
      source_.fail("the file ends here, " + std::to_string(markers_left_) + " more markers expected");
    check_nodes(content_.mesh.cells.links, "an element");
    for (const NamedSides& marker : markers_) check_nodes(marker.links, "marker '" + marker.name + "'");
    if (content_.mesh.types.empty() || content_.mesh.points.empty()) source_.fail("no points or no elements: no mesh");
    content_.mesh.dim = dim_;
    add_facet_sets(content_.mesh, markers_);
    return std::move(content_);
  }

 private:
  // The next line that says something, without its comment; false at the end.
  bool next_line() {
    while (!source_.at_end()) {
      const std::string_view text = source_.line_view();
      line_ = trimmed(text.substr(0, text.find('%')));
      if (!line_.empty()) return true;
    }
    return false;
  }

  Row next_row(std::string_view what) {
    if (!next_line()) source_.fail("the file ends here, expected " + std::string(what));
    if (line_.find('=') != line_.npos)
      source_.fail_in_line("found '" + printable(line_) + "', expected " + std::string(what));
    return Row(source_, line_, false);
  }

  void keyword() {
    const auto equals = line_.find('=');
    if (equals == line_.npos) {
      if (skipping_) return;  // rows of a section that is none of ours
      source_.fail_in_line("found '" + printable(line_) + "', expected a keyword (NDIME=, NELEM=, NPOIN=, …)");
    }
    const std::string name = upper(trimmed(line_.substr(0, equals)));
    Row value(source_, trimmed(line_.substr(equals + 1)), false);
    skipping_ = false;
    if (name == "NDIME") {
      once(dim_ > 0, name);
      dim_ = value.number<int>("2 or 3");
      if (dim_ != 2 && dim_ != 3) value.fail("NDIME= " + std::to_string(dim_) + ", expected 2 or 3");
    } else if (name == "NELEM") {
      once(has_cells_, name);
      has_cells_ = true;
      elements(count(value, "elements"), 0, dim_, content_.mesh.types, content_.mesh.cells.links,
               &content_.mesh.cells.offsets);
    } else if (name == "NPOIN") {
      once(has_points_, name);
      has_points_ = true;
      points(count(value, "points"));
    } else if (name == "NMARK") {
      markers_left_ = std::int64_t(count(value, "markers"));
    } else if (name == "MARKER_TAG") {
      marker(std::string(value.rest()));
    } else if (name == "NZONE") {
      if (value.number<std::int64_t>("zones") != 1) value.fail("several zones; meshes of one zone can be read");
    } else {
      skipping_ = true;
    }
  }

  void once(bool seen, const std::string& name) const {
    if (seen) source_.fail_in_line(name + "= stands twice");
  }

  std::size_t count(Row& value, std::string_view what) const {
    if (dim_ == 0) value.fail("stands before NDIME=");
    return source_.checked_count(value.number<std::uint64_t>(what), 4, what);  // "0 0" and the end of the line
  }

  void points(std::size_t count) {
    auto& points = content_.mesh.points;
    points.reserve(count * std::size_t(dim_));
    for (std::size_t i = 0; i < count; ++i) {
      Row row = next_row("a point");
      for (int k = 0; k < dim_; ++k) {
        points.push_back(row.number<double>("a coordinate"));
        if (!std::isfinite(points.back())) row.fail("a coordinate that is not finite");
      }  // a number of the point may follow
    }
  }

  // Rows of a type of VTK's and its nodes; a number of the element may follow.
  void elements(std::size_t count, int lowest_dim, int highest_dim, std::vector<CellType>& types,
                std::vector<Index>& links, std::vector<std::int64_t>* offsets) {
    types.reserve(types.size() + count);
    for (std::size_t e = 0; e < count; ++e) {
      Row row = next_row("an element");
      const int number = row.number<int>("the type of an element");
      const auto type = cell_type_from_vtk(number);
      if (!type || shape(*type).order != 1 || shape(*type).dim < lowest_dim || shape(*type).dim > highest_dim) {
        row.fail(
            "element type " + std::to_string(number) + (offsets ? " in a mesh of " : " in a marker of a mesh of ") +
            std::to_string(dim_) +
            " dimensions, expected VTK's number of a line, triangle, quad, tetrahedron, pyramid, wedge or hexahedron");
      }
      for (int k = 0; k < shape(*type).num_nodes; ++k) links.push_back(row.number<Index>("a node"));
      types.push_back(*type);
      if (offsets) offsets->push_back(std::int64_t(links.size()));
    }
  }

  void marker(std::string name) {
    if (name.empty()) source_.fail_in_line("MARKER_TAG= without a name");
    if (!next_line() || upper(line_.substr(0, 12)) != "MARKER_ELEMS" || line_.find('=') == line_.npos) {
      source_.fail_in_line("found '" + printable(line_) + "', expected MARKER_ELEMS= behind marker '" + name + "'");
    }
    Row value(source_, line_.substr(line_.find('=') + 1), false);
    const std::size_t size = count(value, "elements of a marker");
    NamedSides sides{std::move(name)};
    if (upper(sides.name) == "SEND_RECEIVE") {
      skipping_ = true;
    } else {
      elements(size, dim_ - 1, dim_ - 1, sides.types, sides.links, nullptr);
      markers_.push_back(std::move(sides));
    }
    if (markers_left_ > 0) --markers_left_;
  }

  void check_nodes(const std::vector<Index>& links, const std::string& what) const {
    const auto num_points = Index(content_.mesh.points.size() / std::size_t(dim_));
    for (const Index node : links) {
      if (node < 0 || node >= num_points) {
        source_.fail(what + " has node " + std::to_string(node) + ", there are " + std::to_string(num_points) +
                     ", counted from 0");
      }
    }
  }

  Source& source_;
  MeshContent content_;
  std::vector<NamedSides> markers_;
  std::string_view line_;
  int dim_ = 0;
  std::int64_t markers_left_ = 0;
  bool has_points_ = false, has_cells_ = false, skipping_ = false;
};

}  // namespace

MeshContent parse_su2(Source& source) {
  return Su2Reader(source).read();
}

}  // namespace cotan
