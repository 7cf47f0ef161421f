#include <algorithm>
#include <sstream>

#include "apps/facts.h"
#include "core/build.h"
#include "gnn/trainer.h"
#include "integrators/methods.h"
#include "io/mesh_io.h"
#include "physics/problem.h"

namespace cotan {
namespace {

Facts features() {
  Facts facts;
  for (const auto& feature : build_features()) facts[std::string(feature.name)] = feature.is_there;
  return facts;
}

// A table's rows as name -> about.
template <class Rows>
Facts rows(const Rows& table) {
  Facts facts = Facts::object();
  for (const auto& row : table) facts[std::string(row.name)] = row.about;
  return facts;
}

// "key: default  # meaning" lines as key -> the rest.
Facts lines(const std::string& text) {
  Facts facts = Facts::object();
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (const auto colon = line.find(": "); colon != line.npos) facts[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return facts;
}

// One line of text, indented under its parent.
void write(std::string& out, const std::string& key, const Facts& value, int depth) {
  const std::string indent(2 * depth, ' ');
  const auto scalar = [](const Facts& v) { return v.is_string() ? v.get<std::string>() : v.dump(); };
  if (!value.is_structured()) {
    out += indent + key + ": " + (value.is_null() ? "none" : scalar(value)) + "\n";
  } else if (value.empty()) {
    out += indent + key + ": none\n";
  } else if (value.is_array() &&
             std::none_of(value.begin(), value.end(), [](const auto& v) { return v.is_structured(); })) {
    out += indent + key + ":";
    for (const auto& item : value) out += " " + scalar(item);
    out += "\n";
  } else {
    out += indent + key + ":\n";
    for (const auto& [name, item] : value.items()) {
      const bool named = value.is_array() && item.contains("name");
      write(out, named ? item["name"].template get<std::string>() : name, item, depth + 1);
    }
  }
}

}  // namespace

Facts facts_of_build() {
  Facts facts = {{"version", COTAN_VERSION}};
  for (const auto& model : models()) {
    facts["models"][std::string(model.name)] = {{"about", model.about}, {"options", lines(model.describe())}};
  }
  facts["training"] = lines(describe_options<TrainOptions>());
  for (const auto& problem : problems()) {
    facts["problems"][std::string(problem.name)] = {
        {"about", problem.about}, {"parameters", problem.parameters}, {"sides", problem.conditions}};
  }
  facts["integrators"] = rows(methods());
  facts["mesh_formats"] = Facts::object();
  for (const auto& format : mesh_formats()) {
    if (!has_feature(format.needs)) continue;
    const char* ways = format.read && format.write ? "read, write" : format.read ? "read" : "write";
    facts["mesh_formats"][std::string(format.extension)] = std::string(format.about) + " (" + ways + ")";
  }
  facts["archive_formats"] = Facts::object();
  for (const auto& format : archive_formats()) {
    if (has_feature(format.needs)) facts["archive_formats"][std::string(format.name)] = format.about;
  }
  facts["features"] = features();
  facts["licence"] =
      has_feature("gpl")
          ? "cotan's source is MIT; this build has Gmsh, CGAL and UMFPACK and may be conveyed only under "
            "GPL-3.0-or-later, and not together with an MKL-based LibTorch"
          : "MIT";
  return facts;
}

std::string to_text(const Facts& facts) {
  std::string out;
  for (const auto& [key, value] : facts.items()) write(out, key, value, 0);
  return out;
}

}  // namespace cotan
