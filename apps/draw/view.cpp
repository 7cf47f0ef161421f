#include "apps/draw/view.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "core/check.h"

namespace cotan {
namespace {

struct View {
  std::string_view name;
  std::array<double, 3> from, up;
};
constexpr std::array<View, 7> kViews = {{{"x", {1, 0, 0}, {0, 0, 1}},
                                         {"-x", {-1, 0, 0}, {0, 0, 1}},
                                         {"y", {0, 1, 0}, {0, 0, 1}},
                                         {"-y", {0, -1, 0}, {0, 0, 1}},
                                         {"z", {0, 0, 1}, {0, 1, 0}},
                                         {"-z", {0, 0, -1}, {0, 1, 0}},
                                         {"corner", {-0.5, -0.8, 0.5}, {0, 0, 1}}}};

const View& find_view(const std::string& name) {
  std::vector<std::string> names;
  for (const View& view : kViews) names.emplace_back(view.name);
  const auto found = std::find_if(kViews.begin(), kViews.end(), [&](const View& view) { return view.name == name; });
  COTAN_REQUIRE(found != kViews.end(), "--" << unknown_name("view", name, names));
  return *found;
}

void check_vector(const HostField& field, const char* option, int dim) {
  COTAN_REQUIRE(field.spec.on == On::points && field.spec.components >= dim && field.spec.components <= 3,
                "--" << option << " " << field.spec.name << ": expected a vector on points, of " << dim
                     << (dim < 3 ? " or 3" : "") << " components; it has " << field.spec.components
                     << (field.spec.on == On::cells ? ", on cells" : ""));
}

Slice parse_slice(const std::string& text, const PictureLook& look) {
  const std::size_t equals = text.find('=');
  Slice slice;
  constexpr std::string_view axes = "xyz";
  char* end = nullptr;
  if (equals == 1) slice.at = std::strtod(text.c_str() + 2, &end);
  COTAN_REQUIRE(equals == 1 && axes.find(text[0]) != axes.npos && end != text.c_str() + 2 && *end == '\0' &&
                    std::isfinite(slice.at),
                "--slice " << text << ": expected an axis and a place, as x=0.5");
  slice.axis = int(axes.find(text[0]));
  COTAN_REQUIRE(slice.at > look.low[slice.axis] && slice.at < look.high[slice.axis],
                "--slice " << text << ": the mesh goes from " << look.low[slice.axis] << " to " << look.high[slice.axis]
                           << " there");
  return slice;
}

struct Bounds {
  std::array<double, 3> low, high;
  Bounds() {
    low.fill(std::numeric_limits<double>::infinity());
    high.fill(-std::numeric_limits<double>::infinity());
  }
  void add(std::span<const double> points, int dim) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!std::isfinite(points[i])) continue;
      low[i % dim] = std::min(low[i % dim], points[i]);
      high[i % dim] = std::max(high[i % dim], points[i]);
    }
    for (int k = dim; k < 3; ++k) low[k] = high[k] = 0;
  }
};

// An arrow for the longest vector is a fifteenth of the view.
double arrow_scale(const RenderOptions& options, const RenderSource& source, const std::vector<std::size_t>& frames,
                   const PictureLook& look) {
  double longest = 0, size = 0;
  for (const std::size_t k : frames) {
    const HostField field = source.values(options.arrows, k);
    check_vector(field, "arrows", source.mesh(k)->dim());
    for (std::size_t i = 0; i < field.values.size(); i += std::size_t(field.spec.components)) {
      double squares = 0;
      for (int c = 0; c < field.spec.components; ++c) squares += field.values[i + c] * field.values[i + c];
      if (std::isfinite(squares)) longest = std::max(longest, std::sqrt(squares));
    }
  }
  for (int k = 0; k < 3; ++k) size = std::max(size, look.high[k] - look.low[k]);
  return options.arrow_scale > 0 ? options.arrow_scale : longest > 0 ? size / 15 / longest : 1;
}

}  // namespace

std::vector<double> warped_points(const RenderOptions& options, const RenderSource& source, std::size_t k) {
  if (options.warp.empty()) return {};
  const auto mesh = source.mesh(k);
  const HostField field = source.values(options.warp, k);
  check_vector(field, "warp", mesh->dim());
  std::vector<double> points(mesh->points().begin(), mesh->points().end());
  const int dim = mesh->dim();
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i] += options.warp_scale * field.values[i / dim * field.spec.components + i % dim];
  return points;
}

PictureLook look_at(const RenderOptions& options, const RenderSource& source, const std::vector<std::size_t>& frames) {
  Bounds bounds;
  int dim = 2, cell_dim = 2;
  for (const std::size_t k : frames) {
    const auto mesh = source.mesh(k);
    dim = mesh->dim();
    cell_dim = mesh->cell_dim();
    const auto warped = warped_points(options, source, k);
    bounds.add(warped.empty() ? mesh->points() : std::span<const double>(warped), dim);
  }
  PictureLook look;
  look.low = bounds.low;
  look.high = bounds.high;
  look.edges = options.edges || source.is_bare();
  const bool is_deep = dim == 3 && look.high[2] > look.low[2];
  COTAN_REQUIRE(options.slice.empty() || cell_dim == 3, "--slice " << options.slice << ": the mesh is not of solids");
  if (!options.slice.empty()) {
    look.slice = parse_slice(options.slice, look);
    const auto axis = std::size_t(look.slice->axis);
    look.low[axis] = look.high[axis] = look.slice->at;
  }
  constexpr std::array<const char*, 3> kAlong = {"x", "-y", "z"};  // so that the next axis goes to the right
  const std::string straight = look.slice ? kAlong[std::size_t(look.slice->axis)] : is_deep ? "corner" : "z";
  const View& view = find_view(options.view.empty() ? straight : options.view);
  look.from = view.from;
  look.up = view.up;
  look.is_flat = !is_deep || look.slice.has_value();
  if (!options.arrows.empty()) look.arrow_scale = arrow_scale(options, source, frames, look);
  return look;
}

}  // namespace cotan
