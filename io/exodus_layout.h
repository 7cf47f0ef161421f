#pragma once
#include <memory>
#include <string>
#include <vector>

#include "io/archive.h"
#include "io/array_file.h"
#include "io/exodus_elements.h"
#include "io/mesh_rows.h"

namespace cotan {

/// What an Exodus II file holds, checked against its own counts when it is opened.
struct ExodusLayout {
  struct Block {
    std::string name;                   ///< of the cell set
    std::int64_t number, first, count;  ///< the file's number; elements [first, first + count)
    std::string variable;               ///< "connect1"
    ExodusElement element;
  };
  /// A frame of a field: column `column` of `columns` of the rows of a variable; of elements, a variable a block, ""
  /// for one that lacks it.
  struct Field {
    ArchiveField about;
    std::vector<std::string> variables;
    std::int64_t column = 0, columns = 1;
  };
  std::shared_ptr<const ArrayFile> file;
  std::int64_t dim = 0, num_points = 0, num_elements = 0;
  std::vector<Block> blocks;
  std::vector<double> times;  ///< [s]; none in a file that holds a mesh only
  std::vector<Field> fields;
};

/// \throw InputError naming file and variable
ExodusLayout read_exodus_layout(std::shared_ptr<const ArrayFile> file);
/// The mesh, with element blocks as cell sets, node sets, and side sets.
MeshRows read_exodus_mesh(const ExodusLayout& layout);
/// Frames [k0, k1) of a field in the file's rows; NaN in blocks that lack it.
HostTensor read_exodus_frames(const ExodusLayout& layout, const ExodusLayout::Field& field, std::size_t k0,
                              std::size_t k1);

}  // namespace cotan
