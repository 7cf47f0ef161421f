#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "io/byte_source.h"
#include "io/tfrecord.h"
#include "io/tfrecord_meta.h"

namespace cotan {

/// One feature of one record as frames of rows: where their bytes are.
class FeatureFrames {
 public:
  /// Deduces the rows of each frame from the number of bytes, or reads them where they vary.
  /// \param found the features of the record
  /// \throw InputError beginning with `name`, with found and expected: absent, of other numbers of frames or columns
  FeatureFrames(const ByteSource& file, const std::map<std::string, ExampleFeature>& found, TfrecordFeature about,
                std::int64_t length, const std::string& name);

  const TfrecordFeature& about() const { return about_; }
  bool is_fixed() const { return about_.kind == TfrecordFeature::Kind::fixed; }
  std::int64_t rows(std::size_t k) const;  ///< of frame k
  /// The same number of rows as another feature, in every frame.
  bool has_rows_of(const FeatureFrames& other) const;
  bool has_rows(std::int64_t rows) const;
  /// Bytes of frames [k0, k1), which stand one after another; of the one array there is where it is_fixed().
  ByteRange range(std::size_t k0, std::size_t k1) const;
  /// Whether all frames hold the same bytes. Reads up to the first that differs.
  bool is_constant(const ByteSource& file) const;

 private:
  void deduce_rows(const std::string& where);
  void read_lengths(const ByteSource& file, ByteRange lengths, const std::string& where);

  TfrecordFeature about_;
  ByteRange bytes_;
  std::int64_t length_, rows_ = 0;
  std::vector<std::uint64_t> begin_;  // (length + 1) row that each frame begins at, where they vary; else empty
};

}  // namespace cotan
