#include <ATen/Parallel.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "apps/cli.h"
#include "apps/progress.h"
#include "core/check.h"
#include "core/log.h"

namespace cotan {
namespace {

// One row a verb, in the order in which a newcomer meets them.
constexpr Verb kVerbs[] = {
    {"info", "what a mesh, archive, case or checkpoint holds; without a file: what this build has", declare_info},
    {"mesh", "a mesh from a Gmsh script, a CAD file or an outline, with a quality report", declare_mesh},
    {"convert", "any readable mesh or archive to any writable one", declare_convert},
    {"partition", "parts of a mesh, with edge cut, balance and halo sizes", declare_partition},
    {"simulate", "classical solver: one run as .pvd, or an archive of drawn trajectories", declare_simulate},
    {"train", "learn a simulator from an archive", declare_train, true},
    {"rollout", "run a learned simulator on a mesh file or from an archive", declare_rollout, true},
    {"evaluate", "errors of a learned simulator, beside trivial predictors", declare_evaluate, true},
    {"render", "pictures and videos of a mesh's fields, an archive or a result", declare_render},
};

void declare_common(CLI::App& app, CommonArguments& common) {
  app.add_option("--threads", common.threads, "threads; 0: cores / ranks")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--quiet", common.quiet, "warnings and errors only");
  app.add_flag("--overwrite", common.overwrite, "replace an output that exists");
}

// CLI11 says of a word that is no verb only that a verb is missing.
void require_verb(int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  COTAN_REQUIRE(std::find(names.begin(), names.end(), argv[1]) != names.end(), unknown_name("verb", argv[1], names));
}

// --help and --version are answered here. \throw InputError for arguments that are wrong
int answer(const CLI::App& app, const CLI::ParseError& e, const Comm& comm) {
  std::ostringstream out, error;
  if (app.exit(e, out, error) != 0) throw InputError(error.str().substr(0, error.str().find_last_not_of('\n') + 1));
  if (comm.rank() == 0) std::cout << out.str() << std::flush;
  return 0;
}

int run(int argc, char** argv) {
  require_verb(argc, argv);
  CommonArguments common;
  common.comm = Comm::world();
  set_log_rank(common.comm.rank());
  CLI::App app{"cotan: a graph neural simulator over unstructured meshes", "cotan"};
  app.set_version_flag("--version", COTAN_VERSION);
  app.require_subcommand(1);
  std::function<int()> chosen;
  for (const Verb& verb : kVerbs) {
    CLI::App* sub = app.add_subcommand(verb.name, verb.about);
    declare_common(*sub, common);
    sub->callback([&chosen, &common, &verb, action = verb.declare(*sub, common)] {
      COTAN_REQUIRE(verb.on_ranks || common.comm.size() == 1,
                    "cotan " << verb.name << " runs on one rank, without mpirun");
      chosen = action;
    });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return answer(app, e, common.comm);
  }
  set_log_level(common.quiet ? LogLevel::warnings : LogLevel::normal);
  at::set_num_threads(common.threads > 0 ? common.threads : std::max(1, at::get_num_threads() / common.comm.size()));
  watch_interrupts();
  const int code = chosen();
  // What was printed may still wait in a buffer: a full disk behind a redirection shows only here.
  COTAN_REQUIRE(std::cout.flush() && std::fflush(stdout) == 0 && !std::ferror(stdout),
                "cannot write standard output: " << std::strerror(errno));
  return code;
}

}  // namespace

}  // namespace cotan

namespace {

/// Says once what all ranks fail for. Where this one fails alone, the others may wait for it in a collective: they end
/// with it.
int fail(const std::optional<cotan::MpiSession>& mpi, const std::string& message, int code) {
  const cotan::Comm world = cotan::Comm::world();
  const auto messages = mpi ? mpi->failures(message) : std::vector{message};
  const bool alone = std::ssize(messages) < world.size();
  for (auto m = messages.begin(); m != messages.end() && (alone || world.rank() == 0); ++m) {
    if (std::find(messages.begin(), m, *m) == m) std::fprintf(stderr, "cotan: %s\n", m->c_str());
  }
  if (alone) world.abort(code);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<cotan::MpiSession> mpi;  // outlives the handlers: they may end the other ranks
  try {
    mpi.emplace(&argc, &argv);
    return cotan::run(argc, argv);
  } catch (const cotan::InputError& e) {
    return fail(mpi, e.what(), 2);
  } catch (const cotan::NumericsError& e) {
    return fail(mpi, e.what(), 3);
  } catch (const std::exception& e) {
    return fail(mpi, std::string("internal error: ") + e.what(), 1);
  }
}
