#include "apps/trained_on.h"

#include <ATen/ATen.h>

#include <charconv>
#include <span>
#include <sstream>

#include "apps/evaluation.h"
#include "apps/fields.h"
#include "core/check.h"
#include "core/fnv1a.h"

namespace cotan {
namespace {

using Counts = std::array<std::int64_t, kNumRoles>;

void add(Fnv1a& digest, const std::vector<double>& values) {
  digest.add(std::as_bytes(std::span(values)));
}

void add(Fnv1a& digest, const LearnedTrajectory& trajectory) {
  const TrajectorySource& source = trajectory.source;
  digest.add(std::as_bytes(std::span(trajectory.mesh->points())));
  add(digest, {static_cast<double>(trajectory.mesh->num_cells())});
  add(digest, source.times);
  add(digest, host_values(trajectory.fixed));
  if (source.parameters.defined()) add(digest, host_values(source.parameters));
  const auto [state, inputs] = source.read(0, 1);
  for (const at::Tensor& frame : {state, inputs}) {
    if (!frame.defined()) continue;
    const std::int64_t points = trajectory.mesh->num_points();
    add(digest, host_values(gather_rows(frame[0], *source.graph, points, source.halo.comm())));
  }
}

Counts count_roles(const std::vector<Role>& roles, std::size_t points) {
  Counts counts{};
  if (roles.empty()) counts[0] = static_cast<std::int64_t>(points);
  for (const Role role : roles) ++counts[static_cast<std::size_t>(role)];
  return counts;
}

Counts count_given(const std::vector<Role>& roles, const std::vector<char>& given) {
  Counts counts{};
  for (std::size_t p = 0; p < given.size(); ++p) {
    if (given[p]) ++counts[roles.empty() ? 0 : static_cast<std::size_t>(roles[p])];
  }
  return counts;
}

void add(Counts& to, const Counts& counts) {
  for (int r = 0; r < kNumRoles; ++r) to[r] += counts[r];
}

std::string as_yaml(const Counts& counts) {
  std::string text;
  for (int r = 0; r < kNumRoles; ++r) {
    if (counts[r] > 0)
      text += (text.empty() ? "" : ", ") + std::string(kRoleNames[r]) + ": " + std::to_string(counts[r]);
  }
  return "{" + text + "}";
}

Counts parse_counts(const Config& node) {
  Counts counts{};
  for (const auto& [name, count] : node.entries()) counts[static_cast<std::size_t>(role_from(name))] = count.integer();
  return counts;
}

}  // namespace

GivenPoints given_points(const LearnedTrajectory& trajectory, const LearnedConfig& config) {
  GivenPoints given;
  std::int64_t column = 0;
  for (const auto& field : config.state) {
    const at::Tensor rows = trajectory.fixed.narrow(1, column, field.spec.components).any(1);
    for (const double x : host_values(rows)) given[field.spec.name].push_back(x != 0);
    column += field.spec.components;
  }
  return given;
}

TrainedOn trained_on(const std::vector<LearnedTrajectory>& trajectories, const LearnedConfig& config) {
  TrainedOn seen;
  Fnv1a digest;
  for (const auto& trajectory : trajectories) {
    add(digest, trajectory);
    add(seen.points, count_roles(trajectory.roles, trajectory.mesh->num_points()));
    for (const auto& [field, given] : given_points(trajectory, config)) {
      add(seen.given_points[field], count_given(trajectory.roles, given));
    }
  }
  seen.digest = digest.value();
  return seen;
}

std::string to_yaml(const TrainedOn& seen) {
  std::ostringstream out;
  out << "digest: " << std::hex << "x" << seen.digest << "\npoints: " << as_yaml(seen.points) << "\ngiven:\n";
  for (const auto& [field, counts] : seen.given_points)
    out << "  " << yaml_word(field) << ": " << as_yaml(counts) << "\n";
  return out.str();
}

TrainedOn parse_trained_on(const std::string& text, const std::string& source) {
  const Config config = Config::parse_text(text, source + " (trained_on)");
  config.only_keys({"digest", "points", "given"});
  TrainedOn seen;
  const std::string digest = config.at("digest").text();
  const char* last = digest.data() + digest.size();
  const auto read = std::from_chars(digest.data() + !digest.empty(), last, seen.digest, 16);
  COTAN_REQUIRE(digest.starts_with('x') && read.ec == std::errc{} && read.ptr == last,
                config["digest"].where() << ": found '" << digest << "', expected x and hexadecimal digits");
  seen.points = parse_counts(config.at("points"));
  for (const auto& [field, counts] : config.at("given").entries()) seen.given_points[field] = parse_counts(counts);
  return seen;
}

void require_roles(const TrainedOn& seen, const LearnedConfig& config) {
  if (!config.prescribed) return;
  for (const auto& [field, roles] : *config.prescribed) {
    for (const Role role : roles) {
      COTAN_REQUIRE(seen.points[static_cast<std::size_t>(role)] > 0,
                    config.source["prescribed"][field].where()
                        << ": no point of the trajectories to train on has the role '" << to_string(role)
                        << "'; there are: " << as_yaml(seen.points));
    }
  }
}

std::vector<std::string> differences(const TrainedOn& seen, const std::vector<Role>& roles, const GivenPoints& given) {
  std::vector<std::string> found;
  const std::size_t points = roles.empty() && !given.empty() ? given.begin()->second.size() : roles.size();
  const Counts here = count_roles(roles, points);
  for (int r = 0; r < kNumRoles; ++r) {
    const std::string role = "of role '" + std::string(kRoleNames[r]) + "'";
    if (here[r] > 0 && seen.points[r] == 0)
      found.push_back(std::to_string(here[r]) + " points " + role + ", which the network has never seen");
    if (here[r] == 0 || seen.points[r] == 0) continue;
    for (const auto& [field, rows] : given) {
      const std::int64_t now = count_given(roles, rows)[r];
      const auto before = seen.given_points.find(field);
      if (before == seen.given_points.end()) continue;
      const std::string count = std::to_string(now) + " of " + std::to_string(here[r]) + " points " + role;
      if (now > 0 && before->second[r] == 0)
        found.push_back("'" + field + "' is given at " + count + "; in training it was free at all such points");
      if (now < here[r] && before->second[r] == seen.points[r])
        found.push_back("'" + field + "' is given at " + count + "; in training it was given at all such points");
    }
  }
  return found;
}

}  // namespace cotan
