#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "core/check.h"
#include "core/files.h"
#include "io/msh.h"
#include "io/msh_layers.h"
#include "io/sink.h"

namespace cotan {
namespace msh {
namespace {

std::array<double, 3> point3(const Mesh& mesh, Index i) {
  std::array<double, 3> x{};
  std::copy(mesh.point(i).begin(), mesh.point(i).end(), x.begin());
  return x;
}

void write_head(Sink& sink, MshVersion version, const Groups& groups) {
  sink.line("$MeshFormat");
  sink.line((version == MshVersion::v41 ? "4.1 " : "2.2 ") + std::string(sink.binary() ? "1 8" : "0 8"));
  if (sink.binary()) sink.bytes(std::int32_t{1});
  sink.end_section("$EndMeshFormat");
  std::vector<std::string> lines;
  for (const auto& [key, name] : groups.names()) {
    COTAN_REQUIRE(name.find('\n') == std::string::npos,
                  "set '" << name << "': a line break in a name, which MSH cannot keep");
    if (name == "physical_" + std::to_string(key.second)) continue;  // how a group without a name is read
    lines.push_back(std::to_string(key.first) + ' ' + std::to_string(key.second) + " \"" + name + '"');
  }
  if (lines.empty()) return;
  sink.line("$PhysicalNames");
  sink.line(std::to_string(lines.size()));
  for (const auto& line : lines) sink.line(line);
  sink.line("$EndPhysicalNames");
}

void write_entities(Sink& sink, const Mesh& mesh, const std::vector<Layer>& layers) {
  std::array<double, 3> low = point3(mesh, 0), high = low;
  for (Index i = 1; i < mesh.num_points(); ++i) {
    const auto x = point3(mesh, i);
    for (std::size_t k = 0; k < 3; ++k) low[k] = std::min(low[k], x[k]), high[k] = std::max(high[k], x[k]);
  }
  std::array<std::uint64_t, 4> counts{};
  for (const Layer& layer : layers) counts[std::size_t(layer.dim)] += layer.entities.size();
  sink.line("$Entities");
  for (const auto count : counts) sink.number(count);
  sink.end_row();
  for (const Layer& layer : layers) {  // in the order of their dimension
    for (std::size_t k = 0; k < layer.entities.size(); ++k) {
      sink.number(std::int32_t(layer.first_tag + int(k)));
      for (const double x : low) sink.number(x);
      for (const double x : high) {
        if (layer.dim > 0) sink.number(x);  // a point has a place and no box; any place will do
      }
      sink.number(std::uint64_t(layer.entities[k].size()));
      for (const int number : layer.entities[k]) sink.number(std::int32_t(number));
      if (layer.dim > 0) sink.number(std::uint64_t{0});  // bounding entities
      sink.end_row();
    }
  }
  sink.end_section("$EndEntities");
}

void write_nodes41(Sink& sink, const Mesh& mesh) {
  const auto count = std::uint64_t(mesh.num_points());
  sink.line("$Nodes");
  for (const std::uint64_t n : {std::uint64_t{1}, count, std::uint64_t{1}, count}) sink.number(n);
  sink.end_row();
  for (const std::int32_t n : {mesh.cell_dim(), 1, 0}) sink.number(n);  // all on the first entity of cells
  sink.number(count);
  sink.end_row();
  for (std::uint64_t tag = 1; tag <= count; ++tag) sink.number(tag), sink.end_row();
  for (Index i = 0; i < mesh.num_points(); ++i) {
    for (const double x : point3(mesh, i)) sink.number(x);
    sink.end_row();
  }
  sink.end_section("$EndNodes");
}

void write_nodes22(Sink& sink, const Mesh& mesh) {
  sink.line("$Nodes");
  sink.line(std::to_string(mesh.num_points()));
  for (Index i = 0; i < mesh.num_points(); ++i) {
    sink.number(std::int32_t(i + 1));
    for (const double x : point3(mesh, i)) sink.number(x);
    sink.end_row();
  }
  sink.end_section("$EndNodes");
}

void write_elements41(Sink& sink, const Mesh& mesh, const std::vector<Layer>& layers) {
  std::uint64_t blocks = 0, count = 0;
  for (const Layer& layer : layers) {
    for (std::size_t e = 0; e < layer.size(); e = run_end(layer, e, true)) ++blocks;
    count += layer.size();
  }
  sink.line("$Elements");
  for (const std::uint64_t n : {blocks, count, std::uint64_t{1}, count}) sink.number(n);
  sink.end_row();
  std::uint64_t tag = 0;
  for (const Layer& layer : layers) {
    Nodes nodes(mesh, layer);
    for (std::size_t e = 0; e < layer.size();) {
      const std::size_t end = run_end(layer, e, true);
      for (const std::int32_t n : {layer.dim, layer.first_tag + layer.entity[e], layer.gmsh_type[e]}) sink.number(n);
      sink.number(std::uint64_t(end - e));
      sink.end_row();
      for (; e < end; ++e) {
        sink.number(++tag);
        for (const Index node : nodes.next()) sink.number(std::uint64_t(node) + 1);
        sink.end_row();
      }
    }
  }
  sink.end_section("$EndElements");
}

// An element stands in a 2.2 file once for each of its groups, or once with group 0.
std::size_t rows(const Layer& layer, std::size_t first, std::size_t last) {
  std::size_t sum = 0;
  for (std::size_t e = first; e < last; ++e) sum += std::max<std::size_t>(1, layer.groups(e).size());
  return sum;
}

void write_rows22(Sink& sink, const Layer& layer, std::size_t e, std::span<const Index> nodes, std::int32_t& tag) {
  const Numbers& groups = layer.groups(e);
  for (std::size_t row = 0; row < rows(layer, e, e + 1); ++row) {
    sink.number(++tag);
    if (!sink.binary()) sink.number(std::int32_t(layer.gmsh_type[e])), sink.number(std::int32_t{2});
    sink.number(std::int32_t(groups.empty() ? 0 : groups[row]));
    sink.number(std::int32_t(layer.first_tag + layer.entity[e]));
    for (const Index node : nodes) sink.number(std::int32_t(node + 1));
    sink.end_row();
  }
}

// Returns the file's number of each cell, for its fields.
std::vector<Index> write_elements22(Sink& sink, const Mesh& mesh, const std::vector<Layer>& layers) {
  std::size_t count = 0;
  for (const Layer& layer : layers) count += rows(layer, 0, layer.size());
  COTAN_REQUIRE(count < std::size_t(std::numeric_limits<std::int32_t>::max()),
                count << " elements: too many for MSH 2.2");
  sink.line("$Elements");
  sink.line(std::to_string(count));
  std::int32_t tag = 0;
  std::vector<Index> cell_tags;
  for (const Layer& layer : layers) {
    Nodes nodes(mesh, layer);
    for (std::size_t e = 0; e < layer.size();) {
      const std::size_t end = run_end(layer, e, false);
      if (sink.binary()) {
        for (const std::int32_t n : {layer.gmsh_type[e], std::int32_t(rows(layer, e, end)), 2}) sink.number(n);
      }
      for (; e < end; ++e) {
        if (layer.is_cells) cell_tags.push_back(tag + 1);
        write_rows22(sink, layer, e, nodes.next(), tag);
      }
    }
  }
  sink.end_section("$EndElements");
  return cell_tags;
}

void write_field(Sink& sink, const HostField& field, double time, Index rows, const std::vector<Index>& tags) {
  const auto& [name, components, on, unit] = field.spec;
  COTAN_REQUIRE(name.find('\n') == std::string::npos,
                "field '" << name << "': a line break in a name, which MSH cannot keep");
  check_shape(std::array{std::int64_t(field.values.size())}, {std::int64_t(rows) * components}, name);
  const int padded = components > 9 || components < 2 ? components : components <= 3 ? 3 : 9;  // what Gmsh draws
  const std::string marker = on == On::points ? "NodeData" : "ElementData";
  sink.line("$" + marker);
  sink.line("1\n\"" + name + "\"\n1");
  sink.text(time);
  sink.end_line();
  sink.line(components == padded ? "3\n0" : "5\n0");
  sink.line(std::to_string(padded) + "\n" + std::to_string(rows));
  if (components != padded) sink.line("0\n" + std::to_string(components));
  for (Index i = 0; i < rows; ++i) {
    sink.number(std::int32_t(tags.empty() ? i + 1 : tags[std::size_t(i)]));
    for (int c = 0; c < padded; ++c) {
      sink.number(c < components ? field.values[std::size_t(i) * components + c] : 0.0);
    }
    sink.end_row();
  }
  sink.end_section("$End" + marker);
}

}  // namespace
}  // namespace msh

void write_msh(const std::filesystem::path& path, const Snapshot& snapshot, MshVersion version, bool binary) {
  using namespace msh;
  const Mesh& mesh = snapshot.mesh;
  COTAN_REQUIRE(mesh.cell_dim() >= 1 && mesh.num_cells() > 0,
                path.string() << ": no lines, triangles, tetrahedra, …: MSH needs cells");
  Groups groups(mesh.data());
  const auto layers = layers_of(mesh, groups);
  std::vector<Index> cell_tags;
  StagedFile staged(path);
  Sink sink(staged.path(), binary);
  write_head(sink, version, groups);
  if (version == MshVersion::v41) {
    write_entities(sink, mesh, layers);
    write_nodes41(sink, mesh);
    write_elements41(sink, mesh, layers);
    const auto before = layers[0].size() + layers[1].size();
    for (Index c = 0; c < mesh.num_cells(); ++c) cell_tags.push_back(Index(before) + c + 1);
  } else {
    write_nodes22(sink, mesh);
    cell_tags = write_elements22(sink, mesh, layers);
  }
  for (const HostField& field : snapshot.fields) {
    if (field.spec.on == On::points) write_field(sink, field, snapshot.time, mesh.num_points(), {});
    if (field.spec.on == On::cells) write_field(sink, field, snapshot.time, mesh.num_cells(), cell_tags);
  }
  COTAN_REQUIRE(sink.finish(), path.string() << ": cannot be written whole (is the disk full?)");
  staged.commit();
}

}  // namespace cotan
