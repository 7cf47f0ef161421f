#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor_file.h"

namespace cotan {

/// A feature as meta.json describes it.
struct TfrecordFeature {
  enum class Kind : std::uint8_t {
    fixed,    ///< "static": one array (rows, components) for all frames
    dynamic,  ///< (frames, rows, components)
    varlen,   ///< "dynamic_varlen": the rows of all frames one after another; "length_NAME" says how many in each
  };
  std::string name;
  Kind kind = Kind::fixed;
  DType dtype = DType::f32;  ///< f32, f64, i32 or i64
  std::int64_t rows = -1;    ///< of a frame; -1: by the number of bytes
  std::int64_t components = 1;
  bool operator==(const TfrecordFeature&) const = default;
  std::size_t row_bytes() const { return static_cast<std::size_t>(components) * size_of(dtype); }
};

/// meta.json beside the .tfrecord files of an archive in the layout of MeshGraphNets.
struct TfrecordMeta {
  double dt = 0;                          ///< [s] between frames; 0: frames have no times
  std::int64_t length = 1;                ///< frames of a trajectory
  std::vector<TfrecordFeature> features;  ///< in the order of "field_names" where it lists them
  bool operator==(const TfrecordMeta&) const = default;
};

/// \param source what messages call the text
/// \throw InputError naming the key: no JSON, absent, of the wrong type or out of range, unknown words
TfrecordMeta parse_tfrecord_meta(std::string_view text, const std::string& source);
/// The text of a meta.json that says this.
std::string tfrecord_meta_text(const TfrecordMeta& meta);

/// The feature that holds the number of rows in each frame of a feature of varying length.
std::string length_name(const std::string& feature);

}  // namespace cotan
