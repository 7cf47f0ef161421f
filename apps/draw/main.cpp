// The drawing program, which `cotan render` starts: graphics libraries take their time to load, and end the process
// where a display fails, so that they stand apart.
#include <cstdio>
#include <exception>

#include "apps/draw/render.h"
#include "core/check.h"
#include "core/log.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("cotan_draw is started by `cotan render`\n", stderr);
    return 2;
  }
  try {
    const auto options = cotan::read_options<cotan::RenderOptions>(cotan::Config::parse_text(argv[1], "cotan render"));
    if (options.quiet) cotan::set_log_level(cotan::LogLevel::warnings);
    cotan::render(options);
    return 0;
  } catch (const cotan::InputError& e) {
    std::fprintf(stderr, "cotan: %s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "cotan: internal error: %s\n", e.what());
    return 1;
  }
}
