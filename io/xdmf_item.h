#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/tensor_file.h"
#include "io/vtkhdf_file.h"
#include "io/xdmf_document.h"

namespace cotan {

/// Where the values of a <DataItem> are: in the XML, in an HDF5 file (all of a dataset or a block of it), or in a file
/// of raw numbers.
struct XdmfItem {
  enum class Kind : std::uint8_t { text, hdf, binary };
  Kind kind = Kind::text;
  std::vector<std::int64_t> shape;  ///< Dimensions
  DType dtype = DType::f32;         ///< as declared; of an HDF5 file the dataset's own counts
  std::filesystem::path file;
  std::string dataset;
  std::optional<h5::Slab> slab;
  std::string text;  ///< the numbers, of Kind::text
  std::int64_t seek = 0;
  bool big_endian = false;
  std::string where;  ///< for messages
  std::int64_t size() const;
  bool same_place(const XdmfItem& other) const;  ///< the same values, by where they are
};

/// \throw InputError naming file and line: kinds that cannot be read, files outside the folder, dimensions that cannot
/// be
XdmfItem parse_xdmf_item(XdmfDocument& document, const pugi::xml_node& node);
/// The values, of shape `item.shape`. \throw InputError: other counts than declared, missing, cut
HostTensor read_xdmf_item(const XdmfItem& item);
std::vector<double> read_xdmf_doubles(const XdmfItem& item);
std::vector<std::int64_t> read_xdmf_integers(const XdmfItem& item);

}  // namespace cotan
