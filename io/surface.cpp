#include "io/surface.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.h"
#include "io/rows.h"
#include "io/surface_build.h"

namespace cotan {
namespace {

std::array<double, 3> point_of(Row& row) {
  std::array<double, 3> x;
  for (double& coordinate : x) coordinate = row.number<double>("a coordinate");
  return x;
}

// The next line that says something, without its comment; false at the end.
bool next_line(Source& source, std::string_view& line) {
  while (!source.at_end()) {
    const std::string_view text = source.line_view();
    line = trimmed(text.substr(0, text.find('#')));
    if (!line.empty()) return true;
  }
  return false;
}

MeshContent parse_binary_stl(Source& source) {
  source.set_binary(true);
  for (int k = 0; k < 10; ++k) source.bytes<std::uint64_t>();  // a title
  const auto count = source.checked_count(source.bytes<std::uint32_t>(), 50, "triangles");
  SurfaceBuilder builder(source);
  for (std::size_t f = 0; f < count; ++f) {
    for (int k = 0; k < 3; ++k) source.bytes<float>();  // a normal
    std::vector<std::int64_t> corners;
    for (int corner = 0; corner < 3; ++corner) {
      std::array<double, 3> x;
      for (double& coordinate : x) coordinate = double(source.bytes<float>());
      corners.push_back(builder.joined_point(x));
    }
    builder.add_face(corners);
    source.bytes<std::uint16_t>();
  }
  return builder.build(3 * count);
}

MeshContent parse_text_stl(Source& source) {
  SurfaceBuilder builder(source);
  std::vector<std::int64_t> corners;
  std::vector<std::string> solids;
  std::size_t points = 0;
  bool open = false;
  for (std::string_view line; next_line(source, line);) {
    Row row(source, line, false);
    const std::string word = upper(row.word());
    if (word == "SOLID") {
      solids.emplace_back(row.rest());
      builder.set_group("solid", solids.back().empty() ? "solid_" + std::to_string(solids.size()) : solids.back());
      open = true;
    } else if (!open) {
      row.fail("found '" + printable(line) + "', expected solid");
    } else if (word == "VERTEX") {
      corners.push_back(builder.joined_point(point_of(row)));
      ++points;
    } else if (word == "ENDFACET") {
      builder.add_face(corners);
      corners.clear();
    } else if (word == "ENDSOLID") {
      open = false;
    } else if (word != "FACET" && word != "OUTER" && word != "ENDLOOP") {
      row.fail("found '" + printable(line) + "', expected facet, vertex, endsolid, …");
    }
  }
  if (open) source.fail("the file ends without endsolid");
  MeshContent content = builder.build(points);
  if (solids.size() == 1) content.mesh.cell_sets.clear();
  return content;
}

/// A property of a PLY file's element, or a list of them.
struct Property {
  std::string name;
  int type = 0, count_type = -1;  ///< rows of kPlyTypes; -1: no list
};
struct Element {
  std::string name;
  std::size_t count = 0;
  std::vector<Property> properties = {};
};

constexpr std::array<std::array<std::string_view, 2>, 8> kPlyTypes = {{{"char", "int8"},
                                                                       {"uchar", "uint8"},
                                                                       {"short", "int16"},
                                                                       {"ushort", "uint16"},
                                                                       {"int", "int32"},
                                                                       {"uint", "uint32"},
                                                                       {"float", "float32"},
                                                                       {"double", "float64"}}};

class PlyReader {
 public:
  explicit PlyReader(Source& source) : source_(source), builder_(source) {}

  MeshContent read() {
    header();
    source_.set_binary(binary_);
    for (const Element& element : elements_) {
      source_.checked_count(element.count, element.properties.empty() ? 1 : element.properties.size(), "elements");
      if (element.name == "vertex") {
        vertices(element);
      } else if (element.name == "face") {
        faces(element);
      } else if (!element.properties.empty()) {  // many elements of nothing would take their time
        for (std::size_t i = 0; i < element.count; ++i) {
          for (const Property& p : element.properties) p.count_type < 0 ? void(value(p.type)) : void(list(p));
        }
      }
    }
    return builder_.build();
  }

 private:
  void header() {
    if (source_.line() != "ply") source_.fail_in_line("expected 'ply': not a PLY file");
    for (;;) {
      if (source_.at_end()) source_.fail("the file ends inside its header");
      Row row(source_);
      const std::string word(row.word());
      if (word == "end_header") return;
      if (word == "format") {
        format(std::string(row.word()));
      } else if (word == "element") {
        Element element{std::string(row.word())};
        element.count = row.number<std::uint64_t>("a number of elements");
        const bool is_ours = element.name == "vertex" || element.name == "face";
        const auto same = [&](const Element& other) { return other.name == element.name; };
        if (is_ours && std::any_of(elements_.begin(), elements_.end(), same))
          row.fail("element " + element.name + " stands twice");
        elements_.push_back(element);
      } else if (word == "property") {
        property(row);
      } else if (word != "comment" && word != "obj_info" && !word.empty()) {
        row.fail("found '" + printable(word) + "', expected element, property, end_header, …");
      }
    }
  }

  void format(const std::string& name) {
    binary_ = name != "ascii";
    swapped_ = name == "binary_big_endian";
    if (binary_ && !swapped_ && name != "binary_little_endian")
      source_.fail_in_line("format '" + printable(name) + "'");
  }

  int type_of(Row& row) const {
    const auto name = row.word();
    for (std::size_t t = 0; t < kPlyTypes.size(); ++t) {
      if (name == kPlyTypes[t][0] || name == kPlyTypes[t][1]) return int(t);
    }
    row.fail("found '" + printable(name) + "', expected a type (float, int, …)");
  }

  void property(Row& row) {
    if (elements_.empty()) row.fail("a property before an element");
    Property p;
    if (row.rest().starts_with("list ")) {
      row.word();
      p.count_type = type_of(row);
      if (p.count_type > 5) row.fail("a list counted by a number that is not whole");
    }
    p.type = type_of(row);
    p.name = row.word();
    elements_.back().properties.push_back(p);
  }

  template <class T>
  double bytes() {
    auto raw = source_.bytes<std::array<char, sizeof(T)>>();
    if (swapped_) std::reverse(raw.begin(), raw.end());
    T found;
    std::memcpy(&found, raw.data(), sizeof found);
    return double(found);
  }

  double value(int type) {
    if (!binary_) return type == 6 ? double(float(source_.text<double>())) : source_.text<double>();
    switch (type) {
      case 0:
        return bytes<std::int8_t>();
      case 1:
        return bytes<std::uint8_t>();
      case 2:
        return bytes<std::int16_t>();
      case 3:
        return bytes<std::uint16_t>();
      case 4:
        return bytes<std::int32_t>();
      case 5:
        return bytes<std::uint32_t>();
      case 6:
        return bytes<float>();
      default:
        return bytes<double>();
    }
  }

  std::vector<std::int64_t> list(const Property& p) {
    const double count = value(p.count_type);
    if (!(count >= 0) || count != std::floor(count) || count > double(source_.remaining()) + 1)
      source_.fail("a list of an impossible length");
    std::vector<std::int64_t> found;
    for (std::size_t k = 0; k < std::size_t(count); ++k) {
      const double entry = value(p.type);
      found.push_back(std::abs(entry) < 1e15 ? std::int64_t(entry) : -1);
    }
    return found;
  }

  void vertices(const Element& element) {
    std::array<std::size_t, 3> axes{};
    for (std::size_t k = 0; k < 3; ++k) axes[k] = column(element, std::string(1, "xyz"[k]));
    std::vector<std::vector<double>> others(element.properties.size());
    for (std::size_t i = 0; i < element.count; ++i) {
      std::array<double, 3> x{};
      for (std::size_t p = 0; p < element.properties.size(); ++p) {
        if (element.properties[p].count_type >= 0) {
          list(element.properties[p]);
          continue;
        }
        const double v = value(element.properties[p].type);
        const auto axis = std::find(axes.begin(), axes.end(), p);
        axis == axes.end() ? others[p].push_back(v) : void(x[std::size_t(axis - axes.begin())] = v);
      }
      builder_.add_point(x);
    }
    add_fields(element, others, On::points);
  }

  std::size_t column(const Element& element, const std::string& name) const {
    for (std::size_t p = 0; p < element.properties.size(); ++p) {
      if (element.properties[p].name == name && element.properties[p].count_type < 0) return p;
    }
    source_.fail("element " + element.name + " without a property " + name);
  }

  void faces(const Element& element) {
    std::vector<std::vector<double>> others(element.properties.size());
    for (std::size_t f = 0; f < element.count; ++f) {
      bool has_corners = false;
      for (std::size_t p = 0; p < element.properties.size(); ++p) {
        const Property& property = element.properties[p];
        if (property.count_type < 0) {
          others[p].push_back(value(property.type));
        } else if (property.name == "vertex_indices" || property.name == "vertex_index") {
          if (has_corners) source_.fail("a face with two lists of corners");
          has_corners = true;
          builder_.add_face(list(property));
        } else {
          list(property);
        }
      }
      if (!has_corners) source_.fail("element face without a list vertex_indices");
    }
    add_fields(element, others, On::cells);
  }

  void add_fields(const Element& element, std::vector<std::vector<double>>& values, On on) {
    for (std::size_t p = 0; p < values.size(); ++p) {
      if (!values[p].empty()) builder_.add_field(element.properties[p].name, on).values = std::move(values[p]);
    }
  }

  Source& source_;
  SurfaceBuilder builder_;
  std::vector<Element> elements_;
  bool binary_ = false, swapped_ = false;
};

}  // namespace

MeshContent parse_stl(Source& source) {
  const std::string_view head = source.peek(84);
  std::uint32_t count = 0;
  if (head.size() == 84) std::memcpy(&count, head.data() + 80, sizeof count);
  const bool fits = head.size() == 84 && source.remaining() == 84 + 50 * std::uint64_t(count);
  const std::string start = upper(trimmed(head.substr(0, 40)));  // many a binary file begins with it too
  return fits || !start.starts_with("SOLID") ? parse_binary_stl(source) : parse_text_stl(source);
}

MeshContent parse_off(Source& source) {
  std::string_view line;
  if (!next_line(source, line)) source.fail("expected OFF: not an OFF file");
  Row head(source, line, false);
  const std::string kind = upper(head.word());
  if (kind != "OFF" && kind != "COFF" && kind != "NOFF" && kind != "CNOFF" && kind != "STOFF") {
    head.fail("found '" + printable(line) + "', expected OFF: not an OFF file that can be read");
  }
  if (head.done() && !next_line(source, line)) source.fail("the file ends here, expected its counts");
  Row counts = head.done() ? Row(source, line, false) : head;
  const auto points = source.checked_count(counts.number<std::uint64_t>("a number of points"), 6, "points");
  const auto faces = source.checked_count(counts.number<std::uint64_t>("a number of faces"), 8, "faces");
  SurfaceBuilder builder(source);
  for (std::size_t i = 0; i < points; ++i) {
    if (!next_line(source, line)) source.fail("the file ends here, expected a point");
    Row row(source, line, false);
    builder.add_point(point_of(row));
  }
  for (std::size_t f = 0; f < faces; ++f) {
    if (!next_line(source, line)) source.fail("the file ends here, expected a face");
    Row row(source, line, false);
    std::vector<std::int64_t> corners(std::min<std::size_t>(row.number<std::uint8_t>("a number of corners"), 255));
    for (auto& corner : corners) corner = row.number<std::int64_t>("a corner");
    builder.add_face(corners);
  }
  return builder.build();
}

MeshContent parse_ply(Source& source) {
  return PlyReader(source).read();
}

MeshContent parse_obj(Source& source) {
  SurfaceBuilder builder(source);
  std::size_t lines = 0;
  for (std::string_view line; next_line(source, line);) {
    Row row(source, line, false);
    const std::string word(row.word());
    if (word == "v") {
      builder.add_point(point_of(row));
    } else if (word == "f") {
      std::vector<std::int64_t> corners;
      while (!row.done()) {  // point/texture/normal; from 1, or from the last by negative numbers
        const std::string_view entry = row.word();
        std::int64_t corner = 0;
        if (!parse_number(entry.substr(0, entry.find('/')), corner) || corner == 0)
          row.fail("found '" + printable(entry) + "', expected a corner");
        corners.push_back(corner > 0 ? corner - 1 : builder.num_points() + corner);
      }
      builder.add_face(corners);
    } else if (word == "g" || word == "o" || word == "usemtl") {
      builder.set_group(word, std::string(row.rest()));
    } else if (word == "l") {
      ++lines;
    } else if (line.ends_with('\\')) {
      row.fail("a line that goes on behind a backslash cannot be read");
    }
  }
  MeshContent content = builder.build();
  if (lines > 0) content.notes.push_back(std::to_string(lines) + " lines left out");
  return content;
}

}  // namespace cotan
