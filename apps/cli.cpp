#include "apps/cli.h"

#include "core/check.h"

namespace cotan {

void declare_set(CLI::App& app, CommonArguments& common) {
  app.add_option("--set", common.set, "key=value over the configuration file (dotted keys; may be repeated)")
      ->allow_extra_args(false);  // one value each: what follows is not swallowed
}

void declare_seed(CLI::App& app, CommonArguments& common) {
  app.add_option("--seed", common.seed, "seed of everything that is drawn")->capture_default_str();
}

void declare_strict(CLI::App& app, CommonArguments& common) {
  app.add_flag(
      "--strict", common.strict,
      "refuse meshes that would be mended (unused points, turned cells, …), that are in several pieces or have "
      "points at the same place");
}

void declare_device(CLI::App& app, CommonArguments& common) {
  app.add_option("--device", common.device, "cpu, or cuda[:i]")->capture_default_str();
}

std::pair<std::string, std::string> split_assignment(const std::string& item) {
  const auto equal = item.find('=');
  COTAN_REQUIRE(equal != std::string::npos && equal > 0, "--set " << item << ": expected key=value");
  return {item.substr(0, equal), item.substr(equal + 1)};
}

Config load_config(const std::string& path, const CommonArguments& common) {
  Config config = Config::parse_file(path);
  for (const auto& item : common.set) {
    const auto [key, value] = split_assignment(item);
    config = config.with(key, value);
  }
  return config;
}

}  // namespace cotan
