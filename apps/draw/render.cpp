#include "apps/draw/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "apps/draw/painter.h"
#include "apps/draw/source.h"
#include "apps/draw/view.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

/// What is drawn of one field, and how all its pictures look.
struct Plan {
  const RenderOptions& options;
  const RenderSource& source;
  const RenderedField& field;
  std::vector<ColourScale> scales;  // of the values, and of the error where there is one
  PictureLook look;
};

// `count` of the times, evenly spread, first and last among them; one alone: the last.
std::vector<std::size_t> spread(std::size_t times, std::size_t count) {
  count = std::min(times, count);
  if (count == 1) return {times - 1};
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back((i * (times - 1) + (count - 1) / 2) / (count - 1));
  return out;
}

// Least and largest of the finite values; errors of two signs are shown around zero.
std::vector<ColourScale> scales_of(const RenderOptions& options, const RenderSource& source, const RenderedField& field,
                                   const std::vector<std::size_t>& frames) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<ColourScale> scales(1, {infinity, -infinity, false, field.title(false)});
  if (field.kinds.back().is_error) scales.push_back({infinity, -infinity, false, field.title(true)});
  std::size_t bad = 0, all = 0;
  for (const auto& kind : field.kinds) {
    ColourScale& scale = scales[kind.is_error ? 1 : 0];
    for (const std::size_t k : frames) {
      for (const double value : shown_values(source, field, kind, k).values) {
        ++all;
        if (!std::isfinite(value)) ++bad;
        if (std::isfinite(value)) scale.low = std::min(scale.low, value), scale.high = std::max(scale.high, value);
      }
    }
  }
  if (bad > 0) log_warning(fmt::format("{}: {} of {} values are not finite: drawn grey", field.name, bad, all));
  if (options.low < options.high) scales[0].low = options.low, scales[0].high = options.high;
  if (scales.size() > 1 && scales[1].low < 0) {
    const double most = std::max(-scales[1].low, scales[1].high);
    scales[1] = {-most, most, true, scales[1].title};
  }
  if (source.is_bare()) scales[0].low = std::min(0.0, scales[0].low), scales[0].high = 1;
  for (auto& scale : scales) {
    if (!(scale.low <= scale.high)) scale.low = 0, scale.high = 1;  // nothing finite
    if (scale.low == scale.high) scale.high = scale.low + std::max(1e-12, 1e-6 * std::abs(scale.low));
  }
  return scales;
}

Panel panel_of(const Plan& plan, const RenderedField::Kind& kind, std::size_t k) {
  Panel panel{plan.source.mesh(k)};
  panel.points = warped_points(plan.options, plan.source, k);
  panel.values = shown_values(plan.source, plan.field, kind, k);
  if (!plan.options.arrows.empty()) panel.arrows = plan.source.values(plan.options.arrows, k);
  if (plan.source.times().size() > 1) panel.title = fmt::format("t = {:.4g} s", plan.source.times()[k]);
  if (!kind.label.empty()) panel.title = kind.label + (panel.title.empty() ? "" : ", " + panel.title);
  return panel;
}

/// Kinds and times as rows and columns.
Picture picture_of(const Plan& plan, const std::vector<std::size_t>& frames, bool kinds_are_rows) {
  Picture picture;
  const auto& kinds = plan.field.kinds;
  picture.rows = kinds_are_rows ? kinds.size() : frames.size();
  picture.columns = kinds_are_rows ? frames.size() : kinds.size();
  picture.scales_of_rows = kinds_are_rows;
  picture.scales = plan.scales;
  for (const auto& kind : kinds) picture.scale_of.push_back(kind.is_error ? 1 : 0);
  for (std::size_t i = 0; i < picture.rows * picture.columns; ++i) {
    const std::size_t row = i / picture.columns, column = i % picture.columns;
    picture.panels.push_back(
        panel_of(plan, kinds[kinds_are_rows ? row : column], frames[kinds_are_rows ? column : row]));
  }
  return picture;
}

constexpr double kWide = 0.6;  // height over width, below which views stand above each other

double aspect(const PictureLook& look) {
  const Sight sight = sight_of(look);
  return sight.width > 0 ? sight.height / sight.width : 1;
}

PictureLook with_width(PictureLook look, const RenderOptions& options, std::size_t columns) {
  constexpr int kSheet = 1440, kLeast = 240, kMost = 960;  // pixels
  look.width = options.width > 0 ? options.width : std::clamp(kSheet / int(columns), kLeast, kMost);
  return look;
}

void write_sheet(const Plan& plan, const fs::path& path) {
  const auto frames = spread(plan.source.times().size(), std::size_t(plan.options.times));
  // Wide views: times down the page; one time of them, or others: kinds down the page.
  const bool kinds_are_rows = aspect(plan.look) >= kWide || frames.size() == 1;
  const std::size_t columns = kinds_are_rows ? frames.size() : plan.field.kinds.size();
  Painter painter(with_width(plan.look, plan.options, columns));
  painter.draw(picture_of(plan, frames, kinds_are_rows));
  painter.write_png(path);
  log_info("wrote " + path.string());
}

void write_all_times(const Plan& plan, const fs::path& folder, const fs::path& video) {
  const bool kinds_are_rows = aspect(plan.look) < kWide;
  Painter painter(with_width(plan.look, plan.options, kinds_are_rows ? 1 : plan.field.kinds.size()));
  for (std::size_t k = 0; k < plan.source.times().size(); ++k) {
    painter.draw(picture_of(plan, {k}, kinds_are_rows));
    if (plan.options.frames) painter.write_png(folder / fmt::format("{:04}.png", k));
    if (plan.options.video) painter.add_to_video(video, plan.options.rate);
  }
  painter.finish_video();
  if (plan.options.frames)
    log_info(fmt::format("wrote {}/0000.png to {:04}.png", folder.string(), plan.source.times().size() - 1));
  if (plan.options.video) log_info("wrote " + video.string());
}

// Names of fields may hold what names of files may not.
std::string file_name(std::string name) {
  for (char& c : name) {
    if (c == '/' || c == '\0') c = '_';
  }
  return name;
}

}  // namespace

void render(const RenderOptions& options) {
  const RenderSource source(options);
  const auto fields = rendered_fields(source, options);
  const fs::path folder = options.output;
  const auto path = [&](const RenderedField& field, const char* ending) {
    return folder / (file_name(field.name) + ending);
  };
  for (const auto& field : fields) {
    check_output(path(field, ".png"), options.overwrite);
    if (options.video) check_output(path(field, ".ogv"), options.overwrite);
    if (options.frames) check_output(path(field, "") / "0000.png", options.overwrite);
  }
  const std::size_t drawn = options.frames || options.video ? source.times().size() : std::size_t(options.times);
  const auto frames = spread(source.times().size(), drawn);
  const PictureLook look = look_at(options, source, frames);
  for (const auto& field : fields) {
    const Plan plan{options, source, field, scales_of(options, source, field, frames), look};
    make_parent(path(field, ".png"));
    write_sheet(plan, path(field, ".png"));
    if (options.frames) make_parent(path(field, "") / "0000.png");
    if (options.frames || options.video) write_all_times(plan, path(field, ""), path(field, ".ogv"));
  }
}

}  // namespace cotan
