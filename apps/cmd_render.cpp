#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>

#include "apps/cli.h"
#include "apps/render_options.h"
#include "apps/virtual_display.h"
#include "core/check.h"
#include "io/archive.h"
#include "io/require.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

// Stands beside this program.
fs::path drawing_program() {
  const fs::path path = fs::read_symlink("/proc/self/exe").parent_path() / "cotan_draw";
  COTAN_REQUIRE(fs::exists(path), path.string() << ", which draws pictures, is not there: cotan is installed in part");
  return path;
}

// One of its own where there can be: it needs no rights, and pictures do not depend on the screen.
std::string choose_display(std::optional<VirtualDisplay>& own) {
  if (VirtualDisplay::is_installed()) return own.emplace().name();
  const char* display = std::getenv("DISPLAY");
  COTAN_REQUIRE(display && *display,
                "drawing needs a display: there is no Xvfb (Debian's package xvfb), and DISPLAY is not set");
  return display;
}

int run_render(RenderOptions options, const CommonArguments& common) {
  require_vtk(options.output);
  require_input(options.input);
  COTAN_REQUIRE(!fs::exists(options.output) || fs::is_directory(options.output),
                "-o " << options.output << ": not a folder");
  COTAN_REQUIRE(options.low <= options.high,
                "--range " << options.low << " " << options.high << ": expected the lower value first");
  options.overwrite = common.overwrite;
  options.quiet = common.quiet;
  const fs::path program = drawing_program();
  std::optional<VirtualDisplay> own;
  const std::string display = choose_display(own);
  const int status = run_on_display(program, echo_options(options), display);
  COTAN_REQUIRE(!WIFSIGNALED(status),
                "drawing on the display " << display << " failed (" << strsignal(WTERMSIG(status)) << ")");
  return WEXITSTATUS(status);
}

}  // namespace

std::function<int()> declare_render(CLI::App& app, CommonArguments& common) {
  auto options = std::make_shared<RenderOptions>();
  auto range = std::make_shared<std::vector<double>>();
  app.add_option("input", options->input, "mesh file with fields, or archive")->required();
  app.add_option("-o,--output", options->output, "folder: FIELD.png, a sheet of times, for each field")->required();
  app.add_option("--fields", options->fields, "names, with commas between; left out: all on points and cells");
  app.add_option("--times", options->times, "how many on the sheet, evenly spread")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_flag("--frames", options->frames, "also FIELD/0000.png, …: a picture of each time");
  app.add_flag("--video", options->video, "also FIELD.ogv: a video of all times");
  app.add_option("--rate", options->rate, "times a second of the video")
      ->check(CLI::Range(1, 60))
      ->capture_default_str();
  app.add_option("--component", options->component, "of vectors: x, y, z, a number from 0; left out: the length");
  app.add_option("--range", *range, "lowest and highest value of the colours; left out: by what is drawn")->expected(2);
  app.add_option("--warp", options->warp, "vector field by which points are moved");
  app.add_option("--warp-scale", options->warp_scale, "times that field")->capture_default_str();
  app.add_option("--arrows", options->arrows, "vector field, drawn as arrows");
  app.add_option("--arrow-scale", options->arrow_scale, "metres for a vector of length 1; 0: by the data")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--slice", options->slice, "cut of a 3-D mesh: axis and place, as x=0.5");
  app.add_option("--view", options->view, "from where: x, -x, y, -y, z, -z or corner; left out: as fits the mesh");
  app.add_flag("--edges", options->edges, "sides of cells as lines");
  app.add_option("--width", options->width, "of a panel [pixels]; 0: by their number")
      ->check(CLI::Range(0, 8192))
      ->capture_default_str();
  app.add_option("--split", options->split, "only the trajectories of this split of an archive");
  app.add_option("--trajectory", options->trajectory, "which one of an archive, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  return [options, range, &common] {
    if (range->size() == 2) options->low = range->front(), options->high = range->back();
    return run_render(*options, common);
  };
}

}  // namespace cotan
