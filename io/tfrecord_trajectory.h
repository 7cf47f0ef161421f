#pragma once
#include <memory>
#include <string>

#include "io/archive.h"
#include "io/byte_source.h"
#include "io/tfrecord_meta.h"

namespace cotan {

/// A record of a TFRecord file, the range of its payload, as a trajectory (open_tfrecord_archive says how it is read).
/// Keeps places, not values: frames are read when they are asked for.
/// \throw InputError beginning with `name`: what disagrees with meta.json or is no mesh
std::unique_ptr<Trajectory> open_tfrecord_trajectory(const ByteSource& file, ByteRange record, const TfrecordMeta& meta,
                                                     const std::string& name);

}  // namespace cotan
