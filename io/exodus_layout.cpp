#include "io/exodus_layout.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "core/check.h"
#include "io/with_name.h"

namespace cotan {
namespace {

using Layout = ExodusLayout;

constexpr std::size_t kMostPairs = 1'000'000;  // of a block and a field: each may be a variable

// A variable of that many dimensions; null where it is absent.
const ArrayFile::Variable* find_of_rank(const ArrayFile& file, const std::string& name, std::size_t rank) {
  const ArrayFile::Variable* found = file.find(name);
  COTAN_REQUIRE(!found || found->shape.size() == rank, file.name()
                                                           << ": variable " << name << ": " << found->shape.size()
                                                           << " dimensions, expected " << rank);
  return found;
}

void read_points_head(const ArrayFile& file, Layout& layout) {
  if (const auto* together = find_of_rank(file, "coord", 2)) {  // as older writers keep them
    layout.dim = together->shape[0];
    layout.num_points = together->shape[1];
  } else {
    for (const char* name : {"coordx", "coordy", "coordz"}) {
      const auto* one = find_of_rank(file, name, 1);
      if (!one) break;
      COTAN_REQUIRE(layout.dim == 0 || one->rows() == layout.num_points,
                    file.name() << ": variable " << name << ": " << one->rows() << " values, but coordx has "
                                << layout.num_points);
      layout.num_points = one->rows();
      ++layout.dim;
    }
  }
  COTAN_REQUIRE(layout.dim >= 1 && layout.dim <= 3 && layout.num_points > 0,
                file.name() << ": no coordinates (variables coordx, coordy, coordz): no Exodus II file");
  COTAN_REQUIRE(layout.num_points < std::numeric_limits<Index>::max(),
                file.name() << ": " << layout.num_points << " nodes; at most " << std::numeric_limits<Index>::max());
}

void read_blocks(const ArrayFile& file, Layout& layout) {
  const auto numbers = file.find("eb_prop1") ? file.read_integers("eb_prop1") : std::vector<std::int64_t>();
  const auto names = file.find("eb_names") ? file.read_texts("eb_names") : std::vector<std::string>();
  const std::size_t most = std::max(numbers.size(), file.variables().size());
  for (std::size_t b = 0; b < most; ++b) {
    const std::string variable = "connect" + std::to_string(b + 1);
    const auto* found = find_of_rank(file, variable, 2);
    if (!found && b >= numbers.size()) break;
    Layout::Block block{"",
                        b < numbers.size() ? numbers[b] : static_cast<std::int64_t>(b + 1),
                        layout.num_elements,
                        found ? found->rows() : 0,
                        variable,
                        {}};
    block.name = b < names.size() && !names[b].empty() ? names[b] : "physical_" + std::to_string(block.number);
    if (block.count > 0) {  // an empty block says nothing of its elements
      const std::string type = file.text_attribute(variable, "elem_type").value_or("");
      block.element = with_name(file.name() + ": block " + block.name,
                                [&] { return exodus_element(type, found->columns(), layout.dim); });
    }
    layout.num_elements += block.count;
    layout.blocks.push_back(std::move(block));
  }
  COTAN_REQUIRE(layout.num_elements > 0 && layout.num_elements < std::numeric_limits<Index>::max(),
                file.name() << ": " << layout.num_elements << " elements: no mesh that can be read");
}

void read_times(const ArrayFile& file, Layout& layout) {
  if (!find_of_rank(file, "time_whole", 1)) return;
  layout.times = file.read_doubles("time_whole");
  for (std::size_t k = 0; k < layout.times.size(); ++k) {
    COTAN_REQUIRE(
        std::isfinite(layout.times[k]) && (k == 0 || layout.times[k] > layout.times[k - 1]),
        file.name() << ": time " << layout.times[k] << " of step " << k << "; expected finite and increasing times");
  }
}

/// Gathers fields; a name that stands on several things gets what it is on behind it.
class FieldList {
 public:
  FieldList(const ArrayFile& file, Layout& layout) : file_(file), layout_(layout) {}

  void add(const std::string& name, On on, std::vector<std::string> variables, std::int64_t rows,
           std::int64_t column = 0, std::int64_t columns = 1) {
    Layout::Field field{{{name.empty() ? variables.front() : name, 1, on, ""}, DType::f64, false},
                        std::move(variables),
                        column,
                        columns};
    std::string& shown = field.about.spec.name;
    if (names_.count(shown)) shown += "_" + std::string(to_string(on));
    COTAN_REQUIRE(names_.insert(shown).second, file_.name() << ": two fields have the name " << shown);
    for (std::size_t b = 0; b < field.variables.size(); ++b) {
      const auto& variable = field.variables[b];
      if (variable.empty()) continue;
      const auto* found = file_.find(variable);
      const std::int64_t expected = on == On::cells ? layout_.blocks[b].count : rows * columns;
      COTAN_REQUIRE(found->dtype && found->rows() == std::ssize(layout_.times) && found->columns() == expected,
                    file_.name() << ": variable " << variable << ": " << found->rows() << " steps of "
                                 << found->columns() << " values, expected " << layout_.times.size() << " of "
                                 << expected);
      field.about.dtype = *found->dtype == DType::f32 ? DType::f32 : DType::f64;
    }
    layout_.fields.push_back(std::move(field));
  }

 private:
  const ArrayFile& file_;
  Layout& layout_;
  std::set<std::string> names_;
};

void read_fields(const ArrayFile& file, Layout& layout) {
  const auto texts = [&](const char* name) {
    return file.find(name) ? file.read_texts(name) : std::vector<std::string>();
  };
  FieldList list(file, layout);
  const auto nodal = texts("name_nod_var");
  for (std::size_t i = 0; i < nodal.size(); ++i) {
    const std::string own = "vals_nod_var" + std::to_string(i + 1);
    if (find_of_rank(file, own, 2)) {
      list.add(nodal[i], On::points, {own}, layout.num_points);
    } else if (find_of_rank(file, "vals_nod_var", 3)) {  // all in one, as older writers keep them
      list.add(nodal[i], On::points, {"vals_nod_var"}, layout.num_points, static_cast<std::int64_t>(i),
               std::ssize(nodal));
    }
  }
  const auto of_elements = texts("name_elem_var");
  COTAN_REQUIRE(of_elements.size() <= kMostPairs / layout.blocks.size(),
                file.name() << ": " << of_elements.size() << " names of fields in " << layout.blocks.size()
                            << " blocks: more than can be looked up");
  for (std::size_t i = 0; i < of_elements.size(); ++i) {
    std::vector<std::string> variables;
    for (std::size_t b = 0; b < layout.blocks.size(); ++b) {
      const std::string name = "vals_elem_var" + std::to_string(i + 1) + "eb" + std::to_string(b + 1);
      variables.push_back(find_of_rank(file, name, 2) ? name : "");
    }
    const bool any = std::any_of(variables.begin(), variables.end(), [](const auto& name) { return !name.empty(); });
    if (any) list.add(of_elements[i], On::cells, variables, 0);
  }
  const auto global = texts("name_glo_var");
  for (std::size_t i = 0; i < global.size() && find_of_rank(file, "vals_glo_var", 2); ++i)
    list.add(global[i], On::whole, {"vals_glo_var"}, 1, static_cast<std::int64_t>(i), std::ssize(global));
}

// Rows of one variable at steps [k0, k1), one column of them, put at row `first` of every frame.
void read_part(const Layout& layout, const Layout::Field& field, const std::string& variable, std::size_t k0,
               std::int64_t first, std::int64_t count, HostTensor& out) {
  const std::size_t size = size_of(out.dtype), frames = static_cast<std::size_t>(out.shape[0]);
  const auto rows = static_cast<std::size_t>(out.shape[1]);
  const auto taken = static_cast<std::size_t>(count), row = taken * static_cast<std::size_t>(field.columns);
  std::vector<std::byte> step(row * size);
  for (std::size_t k = 0; k < frames; ++k) {
    layout.file->read_rows(variable, static_cast<std::int64_t>(k0 + k), 1, out.dtype, step.data());
    std::memcpy(out.bytes.data() + (k * rows + static_cast<std::size_t>(first)) * size,
                step.data() + static_cast<std::size_t>(field.column) * taken * size, taken * size);
  }
}

void fill_nan(HostTensor& out) {
  const std::size_t count = out.bytes.size() / size_of(out.dtype);
  for (std::size_t i = 0; i < count; ++i) {
    const double wide = std::numeric_limits<double>::quiet_NaN();
    const float narrow = std::numeric_limits<float>::quiet_NaN();
    const bool is_narrow = out.dtype == DType::f32;
    std::memcpy(out.bytes.data() + i * size_of(out.dtype), is_narrow ? static_cast<const void*>(&narrow) : &wide,
                size_of(out.dtype));
  }
}

}  // namespace

ExodusLayout read_exodus_layout(std::shared_ptr<const ArrayFile> file) {
  Layout layout;
  layout.file = std::move(file);
  read_points_head(*layout.file, layout);
  read_blocks(*layout.file, layout);
  read_times(*layout.file, layout);
  if (!layout.times.empty()) read_fields(*layout.file, layout);
  return layout;
}

HostTensor read_exodus_frames(const ExodusLayout& layout, const ExodusLayout::Field& field, std::size_t k0,
                              std::size_t k1) {
  const On on = field.about.spec.on;
  const std::int64_t rows = on == On::points ? layout.num_points : on == On::cells ? layout.num_elements : 1;
  HostTensor out = empty_frames(field.about.dtype, k1 - k0, rows, 1);
  if (on != On::cells) {
    read_part(layout, field, field.variables.front(), k0, 0, rows, out);
    return out;
  }
  if (std::count(field.variables.begin(), field.variables.end(), "") > 0) fill_nan(out);
  for (std::size_t b = 0; b < layout.blocks.size(); ++b) {
    const auto& block = layout.blocks[b];
    if (!field.variables[b].empty() && block.count > 0)
      read_part(layout, field, field.variables[b], k0, block.first, block.count, out);
  }
  return out;
}

}  // namespace cotan
