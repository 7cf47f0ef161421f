// Writes FILE for read_vtkhdf.py, which knows the formulas of its values.
#include <iostream>

#include "core/check.h"
#include "io/archive.h"
#include "mesh/generate.h"

int main(int argc, char** argv) {
  using namespace cotan;
  if (argc != 2) return 1;
  const Mesh mesh = mixed_rectangle(4, 2);
  const std::vector<FieldSpec> specs = {{"velocity", 2, On::points, "m/s"},
                                        {"stress", 3, On::cells, "Pa"},
                                        {"constant", 1, On::points, ""},
                                        {"drag", 2, On::whole, "N"}};
  const auto writer = write_trajectory(argv[1], mesh, specs, {});
  for (int k = 0; k < 5; ++k) {
    std::vector<HostField> fields;
    for (const auto& spec : specs) {
      const int rows = spec.on == On::points ? mesh.num_points() : spec.on == On::cells ? mesh.num_cells() : 1;
      HostField field{spec, {}};
      for (int i = 0; i < rows * spec.components; ++i) {
        field.values.push_back(0.25 * i + (spec.name == "constant" ? 0 : 100 * k));
      }
      fields.push_back(std::move(field));
    }
    writer->append(0.5 * k, fields);
  }
  writer->finish();
  std::cout << mesh.num_points() << " " << mesh.num_cells() << "\n";
}
