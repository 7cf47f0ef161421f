#include "io/xdmf_layout.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/check.h"
#include "core/files.h"

namespace cotan {
namespace {

using Layout = XdmfLayout;

std::optional<double> number_in(std::string text) {
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// Walks the grids of one file.
class LayoutReader {
 public:
  explicit LayoutReader(const std::filesystem::path& path) : document_(path) { layout_.path = path; }

  Layout read() {
    const auto domains = document_.children(document_.root(), "Domain");
    if (domains.size() != 1)
      document_.fail(document_.root(), std::to_string(domains.size()) + " <Domain>, expected one");
    std::vector<pugi::xml_node> uniform;
    for (const auto& grid : document_.children(domains.front(), "Grid")) {
      const std::string type = type_of(grid);
      if (type == "collection") {
        add_collection(grid);
      } else if (type == "uniform") {
        uniform.push_back(grid);
      } else {
        document_.fail(grid, "GridType '" + type + "' cannot be read; Uniform and Collection over time can");
      }
    }
    if (layout_.frames.empty()) {
      if (uniform.size() != 1)
        document_.fail(domains.front(), std::to_string(uniform.size()) +
                                            " grids and no collection over time; files of one grid can be read");
      layout_.frames.push_back(read_frame(uniform.front()));
    }
    check_times(domains.front());
    read_companion();
    return std::move(layout_);
  }

 private:
  static std::string type_of(const pugi::xml_node& grid) {
    const std::string type = xdmf_attribute(grid, {"GridType"});
    return type.empty() ? "uniform" : type;
  }

  void add_collection(const pugi::xml_node& collection) {
    const std::string kind = xdmf_attribute(collection, {"CollectionType"});
    if (kind != "temporal") document_.fail(collection, "CollectionType '" + kind + "' cannot be read; Temporal can");
    std::vector<Layout::Frame> frames;
    for (const auto& grid : document_.children(collection, "Grid")) {
      if (type_of(grid) != "uniform")
        document_.fail(grid, "GridType '" + type_of(grid) + "' in a collection over time; Uniform can be read");
      frames.push_back(read_frame(grid));
    }
    if (frames.empty()) document_.fail(collection, "holds no <Grid>");
    set_times(collection, frames);
    layout_.temporal = true;
    if (layout_.frames.empty()) {
      layout_.frames = std::move(frames);
    } else {
      join(collection, std::move(frames));
    }
  }

  // Another collection on the same meshes and times.
  void join(const pugi::xml_node& collection, std::vector<Layout::Frame> frames) {
    if (frames.size() != layout_.frames.size()) {
      document_.fail(collection, std::to_string(frames.size()) + " times, but the collection before has " +
                                     std::to_string(layout_.frames.size()));
    }
    for (std::size_t k = 0; k < frames.size(); ++k) {
      Layout::Frame& into = layout_.frames[k];
      if (frames[k].time != into.time || frames[k].grid != into.grid)
        document_.fail(collection, "its grid " + std::to_string(k) +
                                       " has another time or mesh than that of the collection before");
      for (auto& attribute : frames[k].attributes) add_attribute(std::move(attribute), into);
    }
  }

  // Of the collection: a list, or start, step and count.
  void set_times(const pugi::xml_node& collection, std::vector<Layout::Frame>& frames) {
    const auto times = document_.children(collection, "Time");
    if (times.empty()) return;
    const auto items = document_.children(times.front(), "DataItem");
    const std::string type = xdmf_attribute(times.front(), {"TimeType", "Type"});
    if (items.size() != 1) document_.fail(times.front(), "expected one <DataItem>");
    std::vector<double> values = read_xdmf_doubles(parse_xdmf_item(document_, items.front()));
    if (type == "hyperslab") {
      if (values.size() != 3 || values[2] != static_cast<double>(frames.size()))
        document_.fail(times.front(), "expected start, step and the number of grids");
      const double start = values[0], step = values[1];
      values.resize(frames.size());
      for (std::size_t k = 0; k < values.size(); ++k) values[k] = start + step * static_cast<double>(k);
    } else if (type != "list") {
      document_.fail(times.front(), "TimeType '" + type + "', expected List or HyperSlab");
    }
    if (values.size() != frames.size())
      document_.fail(times.front(),
                     std::to_string(values.size()) + " times of " + std::to_string(frames.size()) + " grids");
    for (std::size_t k = 0; k < frames.size(); ++k) frames[k].time = values[k];
  }

  Layout::Frame read_frame(const pugi::xml_node& node) {
    Layout::Frame frame;
    frame.where = document_.where(node);
    Layout::Grid grid;
    for (const auto& child : document_.children(node)) {
      const std::string_view name = child.name();
      if (name == "Topology") read_topology(child, grid);
      if (name == "Geometry") read_geometry(child, grid);
      if (name == "Attribute") read_attribute(child, frame);
      if (name == "Time") {
        const auto time = number_in(child.attribute("Value").value());
        if (!time)
          document_.fail(child, std::string("Value '") + child.attribute("Value").value() + "', expected a number");
        frame.time = *time;
      }
    }
    if (grid.topology.empty() || grid.geometry.empty()) document_.fail(node, "has no <Topology> or no <Geometry>");
    frame.grid = number_of(std::move(grid));
    return frame;
  }

  // Mostly that of the frame before.
  std::size_t number_of(Layout::Grid grid) {
    if (!layout_.grids.empty() && layout_.grids.back().same_place(grid)) return layout_.grids.size() - 1;
    if (!layout_.grids.empty() && layout_.grids.front().same_place(grid)) return 0;
    layout_.grids.push_back(std::move(grid));
    return layout_.grids.size() - 1;
  }

  void read_topology(const pugi::xml_node& node, Layout::Grid& grid) {
    grid.topology = xdmf_attribute(node, {"TopologyType", "Type"});
    grid.nodes = node.attribute("NodesPerElement").as_llong(0);
    const auto items = document_.children(node, "DataItem");
    if (grid.topology.empty() || items.size() != 1)
      document_.fail(node, "TopologyType '" + grid.topology + "' with " + std::to_string(items.size()) +
                               " items; unstructured cells in one <DataItem> can be read");
    grid.cells = parse_xdmf_item(document_, items.front());
  }

  void read_geometry(const pugi::xml_node& node, Layout::Grid& grid) {
    grid.geometry = xdmf_attribute(node, {"GeometryType", "Type"});
    if (grid.geometry.empty()) grid.geometry = "xyz";
    const std::size_t expected = grid.geometry == "x_y_z" ? 3 : grid.geometry == "x_y" ? 2 : 1;
    const auto items = document_.children(node, "DataItem");
    const bool known = expected > 1 || grid.geometry == "xyz" || grid.geometry == "xy";
    if (!known || items.size() != expected)
      document_.fail(node, "GeometryType '" + grid.geometry + "' with " + std::to_string(items.size()) +
                               " items cannot be read; XYZ, XY, X_Y_Z and X_Y can");
    for (const auto& item : items) grid.points.push_back(parse_xdmf_item(document_, item));
  }

  void read_attribute(const pugi::xml_node& node, Layout::Frame& frame) {
    const std::string centre = xdmf_attribute(node, {"Center"});
    if (centre == "face" || centre == "edge" || centre == "other") return;  // of what a mesh of ours has no rows for
    const auto items = document_.children(node, "DataItem");
    Layout::Attribute attribute{node.attribute("Name").value(), On::points, {}};
    if (attribute.name.empty() || items.size() != 1) document_.fail(node, "expected a Name and one <DataItem>");
    if (centre == "cell") attribute.on = On::cells;
    if (centre == "grid") attribute.on = On::whole;
    if (attribute.on == On::points && !centre.empty() && centre != "node")
      document_.fail(node, "Center '" + centre + "', expected Node, Cell or Grid");
    attribute.item = parse_xdmf_item(document_, items.front());
    add_attribute(std::move(attribute), frame);
  }

  static void add_attribute(Layout::Attribute attribute, Layout::Frame& frame) {
    const auto same = [&](const auto& other) { return other.name == attribute.name; };
    COTAN_REQUIRE(std::none_of(frame.attributes.begin(), frame.attributes.end(), same),
                  attribute.item.where << ": attribute '" << attribute.name << "' stands twice; rename one");
    frame.attributes.push_back(std::move(attribute));
  }

  void check_times(const pugi::xml_node& domain) const {
    for (std::size_t k = 0; k < layout_.frames.size(); ++k) {
      if (!std::isfinite(layout_.frames[k].time))
        document_.fail(domain, "the time of grid " + std::to_string(k) + " is not finite");
      if (k == 0 || layout_.frames[k].time > layout_.frames[k - 1].time) continue;
      std::ostringstream text;
      text << "time " << layout_.frames[k].time << " of grid " << k << " follows " << layout_.frames[k - 1].time
           << "; expected increasing times";
      document_.fail(domain, text.str());
    }
  }

  // Ours says no more than that in the XML, which readers of others would not take.
  void read_companion() {
    const XdmfItem& points = layout_.grids.front().points.front();
    if (points.kind != XdmfItem::Kind::hdf) return;
    const auto lock = h5::hold();
    if (h5::has(h5::open_file(points.file), "cotan")) layout_.companion = points.file;
  }

  XdmfDocument document_;
  Layout layout_;
};

}  // namespace

bool XdmfLayout::Grid::same_place(const Grid& other) const {
  return topology == other.topology && geometry == other.geometry && nodes == other.nodes &&
         cells.same_place(other.cells) &&
         std::equal(points.begin(), points.end(), other.points.begin(), other.points.end(),
                    [](const auto& a, const auto& b) { return a.same_place(b); });
}

XdmfLayout read_xdmf_layout(const std::filesystem::path& path) {
  return LayoutReader(path).read();
}

HostTensor read_xdmf_attribute(const XdmfLayout::Attribute& attribute, const XdmfLayout& layout, std::size_t frame,
                               std::int64_t rows) {
  HostTensor out = read_xdmf_item(attribute.item);
  const std::int64_t size = attribute.item.size();
  if (attribute.on == On::whole) rows = 1;
  COTAN_REQUIRE(size % rows == 0 && size / rows <= 1'000'000,
                attribute.item.where << ": attribute '" << attribute.name << "' of " << layout.frames[frame].where
                                     << ": " << size << " values for " << rows << " rows");
  out.shape = {1, rows, size / rows};
  return out;
}

}  // namespace cotan
