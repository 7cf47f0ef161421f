#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/comm.h"
#include "core/config.h"

namespace cotan {

/// What verbs take: --threads, --quiet and --overwrite all of them, the rest who declares it.
struct CommonArguments {
  std::vector<std::string> set;  ///< key=value over the configuration file
  std::string device = "cpu";
  int threads = 0;  ///< 0: cores / ranks
  std::uint64_t seed = 0;
  bool quiet = false, json = false, overwrite = false, strict = false;
  Comm comm;
};

/// What a verb is: a name, a sentence, and a function that declares its arguments and returns what to run.
struct Verb {
  const char* name;
  const char* about;
  /// The returned function is run once when the verb was given; it returns the exit code.
  std::function<int()> (*declare)(CLI::App& app, CommonArguments& common);
  bool on_ranks = false;  ///< whether it runs under mpirun
};

void declare_strict(CLI::App& app, CommonArguments& common);  ///< --strict, of verbs that read meshes
void declare_set(CLI::App& app, CommonArguments& common);     ///< --set, of verbs that read a configuration
void declare_seed(CLI::App& app, CommonArguments& common);    ///< --seed, of verbs that draw
void declare_device(CLI::App& app, CommonArguments& common);  ///< --device, of verbs that run a network

/// "key=value" of a --set, taken apart. \throw InputError where there is no key before a '='
std::pair<std::string, std::string> split_assignment(const std::string& item);
/// The file's configuration with every --set put over it. \throw InputError for a --set without '='
Config load_config(const std::string& path, const CommonArguments& common);

// One function a verb, each in cmd_<verb>.cpp; the table is in main.cpp.
std::function<int()> declare_info(CLI::App& app, CommonArguments& common);
std::function<int()> declare_mesh(CLI::App& app, CommonArguments& common);
std::function<int()> declare_convert(CLI::App& app, CommonArguments& common);
std::function<int()> declare_partition(CLI::App& app, CommonArguments& common);
std::function<int()> declare_simulate(CLI::App& app, CommonArguments& common);
std::function<int()> declare_train(CLI::App& app, CommonArguments& common);
std::function<int()> declare_rollout(CLI::App& app, CommonArguments& common);
std::function<int()> declare_evaluate(CLI::App& app, CommonArguments& common);
std::function<int()> declare_render(CLI::App& app, CommonArguments& common);

}  // namespace cotan
