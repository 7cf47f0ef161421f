#include <cstdio>
#include <memory>

#include "apps/cli.h"
#include "apps/facts.h"

namespace cotan {

std::function<int()> declare_info(CLI::App& app, CommonArguments& common) {
  struct Arguments {
    std::string file, split;
    bool plane = false;
  };
  auto arguments = std::make_shared<Arguments>();
  app.add_option("file", arguments->file, "mesh, archive, case or checkpoint; without it: what this build has");
  app.add_option("--split", arguments->split, "only the trajectories of this split of an archive");
  app.add_flag("--plane", arguments->plane, "lay an OpenFOAM case that is one cell thick into the plane");
  app.add_flag("--json", common.json, "the same facts for programs");
  declare_strict(app, common);
  declare_set(app, common);
  declare_seed(app, common);
  return [arguments, &common] {
    ArchiveOptions options;
    options.split = arguments->split;
    options.in_plane = arguments->plane;
    const Facts facts = arguments->file.empty() ? facts_of_build() : facts_of_file(arguments->file, options, common);
    const std::string text = common.json ? facts.dump(2) + "\n" : to_text(facts);
    std::fputs(text.c_str(), stdout);
    return 0;
  };
}

}  // namespace cotan
