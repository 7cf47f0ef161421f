#include "core/check.h"
#include "io/msh_raw.h"
#include "io/rows.h"

namespace cotan {
namespace msh {
namespace {

/// $MeshFormat: version, text or binary, size of the numbers. Returns whether the version is 4.1.
bool read_format(Source& source) {
  const auto version = source.text<double>();
  const auto type = source.text<int>();
  const auto size = source.text<int>();
  const bool is41 = version >= 4.1 && version < 4.2;
  if (!is41 && !(version >= 2 && version < 3)) {
    std::ostringstream what;
    what << "MSH version " << version << ", expected 2.2 or 4.1 (Gmsh writes these with Mesh.MshFileVersion = 4.1)";
    source.fail(what.str());
  }
  if (type != 0 && type != 1) source.fail("file type " + std::to_string(type) + ", expected 0 (text) or 1 (binary)");
  if (size != 8) source.fail("numbers of " + std::to_string(size) + " bytes, expected 8");
  source.skip_line_end();
  if (type == 0) return is41;
  source.set_binary(true);
  const auto one = source.bytes<std::int32_t>();
  if (one == 0x01000000) {
    source.fail(
        "the bytes stand in big-endian order (written on another kind of machine), expected little-endian; "
        "save the mesh as text there");
  }
  if (one != 1) source.fail("found " + std::to_string(one) + " as a check of byte order, expected 1");
  return is41;
}

void read_names(RawMsh& raw, Source& source) {
  const auto count = source.checked_count(source.text<std::uint64_t>(), 4, "names");
  for (std::size_t k = 0; k < count; ++k) {
    const int dim = source.text<int>();
    const int number = group_number(source, source.text<std::int32_t>());
    const std::string rest = source.line();
    const auto first = rest.find('"'), last = rest.rfind('"');
    if (first == last) source.fail("found '" + printable(rest) + "', expected a name in quotes");
    if (dim < 0 || dim > 3) source.fail("a group of dimension " + std::to_string(dim) + ", expected 0 to 3");
    const std::string name = rest.substr(first + 1, last - first - 1);
    if (!name.empty()) raw.names.emplace(std::pair(dim, number), name);
  }
}

void expect_end(Source& source, const std::string& section) {
  const std::string found = source.next_line();
  if (found == "$End" + section) return;
  if (found.empty()) source.fail("the file ends here, $End" + section + " expected");
  source.fail("found '" + printable(found) + "', expected $End" + section);
}

/// The sections in the order of the file.
class Reader {
 public:
  explicit Reader(Source& source) : source_(source) {}
  MeshContent read() {
    for (std::string line; !(line = source_.next_line()).empty() || !source_.at_end();) {
      if (line[0] != '$') source_.fail("found '" + printable(line) + "', expected a section ($Nodes, …)");
      section(line.substr(1));
    }
    source_.set_section("");
    if (!has_format_) source_.fail("no $MeshFormat: not an MSH file");
    if (!has_nodes_ || !has_elements_) {
      source_.fail(std::string("the file ends without $") + (has_nodes_ ? "Elements" : "Nodes"));
    }
    return build(std::move(raw_), source_.name());
  }

 private:
  void section(const std::string& name) {
    if (name.size() > 64) source_.fail("found '" + printable("$" + name) + "', expected the name of a section");
    source_.set_section("$" + name);
    if (name == "MeshFormat") {
      once(has_format_);
      is41_ = read_format(source_);
    } else if (name == "Comments") {
      return source_.skip_past("$EndComments");
    } else if (!has_format_) {
      source_.fail("stands where $MeshFormat was expected: not an MSH file of version 2.2 or 4.1");
    } else if (!known(name)) {
      return source_.skip_past("$End" + name);
    }
    expect_end(source_, name);
    source_.set_section("");
  }

  bool known(const std::string& name) {
    if (name == "PhysicalNames") {
      read_names(raw_, source_);
    } else if (is41_ && (name == "Entities" || name == "PartitionedEntities")) {
      read_entities41(raw_, source_, entities_, name == "PartitionedEntities");
    } else if (name == "Nodes" || (!is41_ && name == "ParametricNodes")) {
      once(has_nodes_);
      is41_ ? read_nodes41(raw_, source_) : read_nodes22(raw_, source_, name == "ParametricNodes");
    } else if (name == "Elements") {
      elements();
    } else if (name == "Periodic") {
      is41_ ? read_periodic41(raw_, source_) : read_periodic22(raw_, source_);
    } else if (name == "NodeData" || name == "ElementData") {
      if (!has_elements_) source_.fail("stands before $Elements");
      read_data(raw_, source_, name == "NodeData" ? On::points : On::cells);
    } else {
      return false;
    }
    return true;
  }

  void elements() {
    if (!has_nodes_) source_.fail("stands before $Nodes");
    once(has_elements_);
    is41_ ? read_elements41(raw_, source_, entities_) : read_elements22(raw_, source_);
    for (auto& elements : raw_.elements) elements.tags.finish();  // numbers twice matter to fields alone
  }

  void once(bool& seen) {
    if (seen) source_.fail("stands twice");
    seen = true;
  }

  Source& source_;
  RawMsh raw_;
  Entities entities_;
  bool is41_ = false, has_format_ = false, has_nodes_ = false, has_elements_ = false;
};

}  // namespace
}  // namespace msh

MeshContent read_msh(const std::filesystem::path& path) {
  Source source(path);
  return msh::Reader(source).read();
}

MeshContent parse_msh(std::span<const std::byte> bytes, const std::string& name) {
  Source source(bytes, name);
  return msh::Reader(source).read();
}

}  // namespace cotan
