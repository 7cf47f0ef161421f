#include "mesh/mesh.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "core/check.h"
#include "mesh/mesh_checks.h"

namespace cotan {
namespace {

template <class Entry>
void sort_sets(std::map<std::string, std::vector<Entry>>& sets) {
  for (auto& [name, entries] : sets) {
    if (std::adjacent_find(entries.begin(), entries.end(), std::greater_equal<>()) == entries.end()) continue;
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  }
}

// 5 of "5" and of "physical_5"
std::optional<int> number_in(std::string_view name) {
  constexpr std::string_view prefix = "physical_";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

template <class Entry>
const std::vector<Entry>* find_set(const MeshData& data, const std::map<std::string, std::vector<Entry>>& sets,
                                   const std::string& written) {
  const auto found = sets.find(set_name(sets, data.numbers, written));
  return found == sets.end() ? nullptr : &found->second;
}

void sort_unique(std::vector<Index>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

template <class Entry>
void append_names(const std::map<std::string, std::vector<Entry>>& sets, std::vector<std::string>& names) {
  for (const auto& [name, entries] : sets) names.push_back(name);
}

}  // namespace

template <class Entry>
std::string set_name(const std::map<std::string, std::vector<Entry>>& sets, const std::map<std::string, int>& numbers,
                     std::string_view written) {
  std::string name(written);
  if (sets.contains(name)) return name;
  const std::optional<int> number = number_in(written);
  if (!number) return {};
  for (const auto& [other, entries] : sets) {
    const auto found = numbers.find(other);
    if (found != numbers.end() && found->second == *number) return other;
  }
  name = "physical_" + std::to_string(*number);
  return sets.contains(name) ? name : std::string();
}
template std::string set_name(const std::map<std::string, std::vector<Index>>&, const std::map<std::string, int>&,
                              std::string_view);
template std::string set_name(const std::map<std::string, std::vector<Facet>>&, const std::map<std::string, int>&,
                              std::string_view);

Mesh::Mesh(MeshData data, MeshChecks checks) : d_(std::move(data)) {
  check_layout(d_);
  check_points(d_);
  check_unique(d_);
  check_sets(d_);
  if (checks.geometry) check_geometry(d_);
  sort_sets(d_.point_sets);
  sort_sets(d_.facet_sets);
  sort_sets(d_.cell_sets);
  num_points_ = static_cast<Index>(d_.points.size() / d_.dim);
  cell_dim_ = d_.types.empty() ? d_.dim : shape(d_.types[0]).dim;
}

std::vector<Index> Mesh::points_of(const std::string& name) const {
  std::vector<Index> points;
  if (const auto* facets = find_set(d_, d_.facet_sets, name)) {
    for (const Facet& facet : *facets) {
      for (const int local : facet_nodes(type(facet.cell), facet.local)) points.push_back(cell(facet.cell)[local]);
    }
  } else if (const auto* set = find_set(d_, d_.point_sets, name)) {
    return *set;
  } else if (const auto* cells = find_set(d_, d_.cell_sets, name)) {
    for (const Index c : *cells) points.insert(points.end(), cell(c).begin(), cell(c).end());
  } else {
    throw InputError(unknown_name("set", name, set_names()));
  }
  sort_unique(points);
  return points;
}

std::vector<Facet> Mesh::facets_of(const std::string& name) const {
  if (const auto* facets = find_set(d_, d_.facet_sets, name)) return *facets;
  std::vector<std::string> names;
  append_names(d_.facet_sets, names);
  throw InputError(unknown_name("facet set", name, names));
}

std::vector<std::string> Mesh::set_names() const {
  std::vector<std::string> names;
  append_names(d_.point_sets, names);
  append_names(d_.facet_sets, names);
  append_names(d_.cell_sets, names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Mesh Mesh::with_points(std::vector<double> points, MeshChecks checks) const {
  const std::int64_t found = static_cast<std::int64_t>(points.size());
  check_shape({&found, 1}, {static_cast<std::int64_t>(d_.points.size())}, "points");
  Mesh moved(*this);  // what does not depend on coordinates has been checked
  moved.d_.points = std::move(points);
  check_points(moved.d_);
  if (checks.geometry) check_geometry(moved.d_);
  return moved;
}

}  // namespace cotan
