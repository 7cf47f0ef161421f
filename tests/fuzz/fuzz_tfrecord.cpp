// libFuzzer: meta.json up to the first zero byte, behind it a TFRecord file or the payload of a record, read as an
// archive is: all meshes, roles and fields.
#include <algorithm>
#include <string_view>

#include "core/check.h"
#include "io/tfrecord.h"
#include "io/tfrecord_trajectory.h"

namespace {

void read_all(const cotan::ByteSource& file, cotan::ByteRange record, const cotan::TfrecordMeta& meta) {
  const auto trajectory = cotan::open_tfrecord_trajectory(file, record, meta, "record");
  const std::size_t frames = std::min<std::size_t>(trajectory->times().size(), 50);
  for (std::size_t k = 0; k < frames; ++k) {
    const auto points = std::size_t(trajectory->mesh(k).num_points());
    if (k == 0 && !trajectory->roles().empty() && trajectory->roles().size() != points) std::abort();
    for (const auto& field : trajectory->fields()) {
      const auto values = trajectory->read(field.spec.name, k, k + 1);
      if (field.spec.on == cotan::On::points && std::size_t(values.shape[1]) != points) std::abort();
    }
  }
}

template <class Read>
void read_or_refuse(Read read) {
  try {
    read();
  } catch (const cotan::InputError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view text = all.substr(0, all.find('\0'));
  const auto bytes = std::as_bytes(std::span(all.substr(std::min(size, text.size() + 1))));
  read_or_refuse([&] {
    const auto meta = cotan::parse_tfrecord_meta(text, "meta.json");
    const auto file = cotan::ByteSource::memory(bytes, "a.tfrecord");
    read_or_refuse([&] {
      for (const auto record : cotan::index_tfrecord(file)) {
        cotan::check_payload(file, record, "record");
        read_all(file, record, meta);
      }
    });
    read_all(file, {0, bytes.size()}, meta);
  });
  return 0;
}
